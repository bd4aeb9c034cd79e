"""Whether the ladders and clocks of a pack can run: what starts, stops, pauses and answers for each."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from shouwen.editions.checks_words import Forms, Wrong, calendars_of, check_applies, check_cited, repeated, unknown
from shouwen.editions.reading import Place
from shouwen.handbook.history import What
from shouwen.handbook.lives import OWED
from shouwen.handbook.targets import NATURAL, Kind

POSITIONS = frozenset({"handler", "first_owner", "team_lead"})  # beside the roles, who can answer for a clock


def check_clocks(forms: Forms) -> Wrong:
    sheet = forms["clocks.yaml"]
    posts = POSITIONS | forms["roles.yaml"].roles.keys()
    for name, steps in sheet.ladders.items():
        for index, step in enumerate(steps):
            place: Place = ("ladders", name, index)
            yield from unknown("role", step.tells, posts, (*place, "tells"))
            if (step.share is None) == (step.after is None):
                yield place, _("a step has either a share or a time after")
        if [*steps] != sorted(steps, key=_rung):
            yield ("ladders", name), _("warnings first, then the steps after the due time, each in its order")
    yield from repeated("rule", [rule.id for rule in sheet.clocks], "clocks")
    for index, rule in enumerate(sheet.clocks):
        yield from _check_rule(forms, rule, ("clocks", index), posts)


def _check_rule(forms: Forms, rule: Any, place: Place, posts: Collection[str]) -> Wrong:
    calendars = calendars_of(forms)
    yield from unknown("calendar", rule.calendar, calendars, (*place, "calendar"))
    yield from unknown("pause", rule.pauses, forms["edition.yaml"].pauses, (*place, "pauses"))
    yield from unknown("role", rule.answerable, posts, (*place, "answerable"))
    yield from unknown("ladder", rule.ladder, forms["clocks.yaml"].ladders, (*place, "ladder"))
    yield from check_applies(forms, rule.applies, (*place, "applies"))
    yield from _check_events(forms, rule, place)
    yield from check_cited(forms, rule, place)
    if rule.ahead and not rule.for_promises:
        yield (*place, "ahead"), _("only what is due at a time that is named can be due ahead of it")
    if rule.wall and rule.kind is Kind.STATUTORY:
        yield (*place, "wall"), _("nothing extends what the law sets")
    if rule.for_promises:
        for index, event in enumerate(rule.start):
            if event.what not in OWED:
                says = _("“{event}” names no time by which something is owed; these do: {known}")
                yield (*place, "start", index), says.format(event=event.what, known=", ".join(OWED))
        if rule.duration is not None:
            yield (*place, "duration"), _("it is due when its start says; a duration would not be read")
        return
    if rule.duration is None:
        yield place, _("“duration” is missing")
    elif rule.duration.is_working == (rule.calendar == NATURAL):
        says = _("{duration} needs a working calendar") if rule.duration.is_working else _("{duration} is natural time")
        yield (*place, "calendar"), says.format(duration=rule.duration)
    if not rule.start:
        yield (*place, "start"), _("nothing starts it")
    if rule.pauses and rule.kind is Kind.STATUTORY:
        yield (*place, "pauses"), _("nothing pauses what the law sets")


def _check_events(forms: Forms, rule: Any, place: Place) -> Wrong:
    """The facts that events must state are those the edition has a vocabulary for."""
    edition = forms["edition.yaml"]
    heard: dict[What, Any] = {}
    for side in ("start", "stop"):
        for index, event in enumerate(getattr(rule, side)):
            where: Place = (*place, side, index)
            if heard.setdefault(event.what, event.stated) != event.stated:
                yield where, _("one event cannot be heard in two ways by the same rule")
            if event.stated and event.what is What.ACCEPTED:
                yield where, _("which tickets it is for is said under “applies”")
                continue
            for name, values in event.stated.items():
                if name in TRUTHS:
                    yield from unknown("value", values, ("true", "false"), where)
                elif name in STATED:
                    yield from unknown("value", values, getattr(edition, STATED[name]), where)
                else:
                    yield from unknown("fact", [name], STATED, where)


# The facts a rule may ask of an event, and the vocabulary each is taken from.
STATED = {
    "cause": "causes",
    "ground": "grounds",
    "identity": "identity_checks",
    "level": "major_levels",
    "mark": "marks",
    "opinion": "opinion_levels",
    "overdue_cause": "overdue_causes",
    "pause": "pauses",
    "reported_to": "bodies",
    "via": "feedback_channels",
}
TRUTHS = ("consistent", "satisfied", "urban")


def _rung(step: Any) -> tuple[bool, Any]:
    return (step.share is None, step.after if step.share is None else step.share)
