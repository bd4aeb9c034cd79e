"""A ticket's history as people read it: what happened, who, when, and every fact in words of the trade."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from shouwen.desk.wording import here, region_of
from shouwen.editions.edition import Edition
from shouwen.handbook.calling import Called
from shouwen.handbook.history import STATE_FIELDS, Happening, What
from shouwen.handbook.words import Words
from shouwen.people.names import Names
from shouwen.screens.templatetags.spoken import MEDIA_NAMES, STAGES, STANDINGS, TICKET_TYPES
from shouwen.screens.templatetags.times import calendar_day, moment

Line = tuple[str, str]
NONE: Mapping[int, tuple[str, bool]] = {}


@dataclass(frozen=True, slots=True)
class Told:
    """One row of the history in words (`what` chooses its heading and icon)."""

    seq: int
    what: str
    happened_at: datetime
    recorded_at: datetime | None
    by: str
    lines: tuple[Line, ...]
    text: str
    again: bool = False  # not the first of its kind in the round
    leaf: str = ""  # the beginning of the hash that proves it
    sound: bool = True  # False when the row is not what was written down

    @property
    def is_late(self) -> bool:
        """True when it was written down well after it happened."""
        return self.recorded_at is not None and (self.recorded_at - self.happened_at).total_seconds() > 300


@dataclass(frozen=True, slots=True)
class Teller:
    """Knows the names behind the codes and ids of one ticket's history."""

    rules: Edition
    names: Names

    def tell(
        self, history: Sequence[Happening], proofs: Mapping[int, tuple[str, bool]] = NONE, *, last: int | None = None
    ) -> list[Told]:
        """The history, oldest first; only its `last` rows, where so many are enough. A fact that changes nothing is
        not told again."""
        since = len(history) - last if last is not None else 0
        told, before, done = [], dict[str, Any](), set[What]()
        for place, row in enumerate(history):
            done = set() if row.what is What.REOPENED else done
            if place >= since:
                told.append(self._row(row, before, proofs.get(row.seq, ("", True)), again=row.what in done))
            done.add(row.what)
            before |= {name: value for name, value in row.facts.items() if name in STATE_FIELDS}
        return told

    def _row(self, row: Happening, before: Mapping[str, Any], proof: tuple[str, bool], *, again: bool) -> Told:
        body = next((name for name in BODIES if row.facts.get(name)), "")
        lines = tuple(
            (str(label), self._change(name, row.facts[name], before, speak))
            for name, (label, speak) in FACTS.items()
            if name != body and _worth_telling(name, row, before)
        )
        return Told(
            row.seq,
            str(row.what),
            row.happened_at,
            row.recorded_at,
            self.names.of(row.by),
            lines,
            str(row.facts.get(body, "")),
            again,
            *proof,
        )

    def _change(self, name: str, value: Any, before: Mapping[str, Any], speak: Speak) -> str:
        """The value; where it replaces another one, both."""
        now, old = speak(self, value), before.get(name)
        return f"{speak(self, old)} → {now}" if name in COMPARED and old not in (None, "", value) else now

    def details(self, details: Mapping[str, Any]) -> Iterable[Line]:
        """The answers to the questions of the category."""
        for code, value in details.items():
            field = self.rules.fields.get(code)
            if field is None:
                yield code, str(value)
                continue
            chosen = next((term.words for term in field.choices if term.code == value), None)
            yield here(field.words), here(chosen) if chosen else _YES_NO.get(str(value), str(value))


Speak = Callable[[Teller, Any], str]
_YES_NO = {
    "true": gettext_lazy("yes"),
    "false": gettext_lazy("no"),
    "yes": gettext_lazy("yes"),
    "no": gettext_lazy("no"),
}

# What a reader wants to see as the row's own text; the first that was stated.
BODIES = ("text", "finding", "asked", "said", "work", "outcome", "words", "reason")
COMPARED = frozenset(
    {
        "category",
        "priority",
        "severity",
        "reach",
        "customer_level",
        "complexity",
        "team",
        "handler",
        "first_owner",
        "ticket_type",
    }
)
CARRIED = frozenset({"stage", "standing"})  # told of what was moved in; of every other row the heading tells them
# Told at the beginning only if they say something.
ORDINARY = {"reach": "single", "customer_level": "ordinary", "complexity": "general", "transfers": 0, "round": 1}


def _worth_telling(name: str, row: Happening, before: Mapping[str, Any]) -> bool:
    """A field of the ticket is told when it changes; any other fact when it says something."""
    if name not in row.facts:
        return False
    value = row.facts[name]
    if name in CARRIED:
        return row.what is What.CARRIED_OVER
    if name == "edition":
        return row.what is What.RULES_CHANGED
    if name in STATE_FIELDS and name != "mark":
        return (value or None) != (before.get(name, ORDINARY.get(name)) or None)
    return value not in (None, "", [], {}) and (name != "compensation" or str(value) not in ("0", "0.00"))


def _as_is(teller: Teller, value: Any) -> str:
    return str(value)


def _term(kind: str) -> Speak:
    def speak(teller: Teller, value: Any) -> str:
        return here(teller.rules.label(kind, str(value)))

    return speak


def _region(teller: Teller, value: Any) -> str:
    return region_of(teller.rules, str(value))


def _ticket_type(teller: Teller, value: Any) -> str:
    return str(TICKET_TYPES.get(str(value), value))


def _person(teller: Teller, value: Any) -> str:
    return teller.names.of(f"person:{value}") if value else _("nobody yet")


def _team(teller: Teller, value: Any) -> str:
    return teller.names.team(str(value)) if value else _("at the desk")


def _time(teller: Teller, value: Any) -> str:
    try:
        return moment(datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _date(teller: Teller, value: Any) -> str:
    try:
        return calendar_day(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _overrun(teller: Teller, value: Any) -> str:
    return here(teller.rules.label("rules", str(value).rpartition("@")[0]))


def _yes_no(teller: Teller, value: Any) -> str:
    return _("yes") if value in (True, "true") else _("no")


def _media(teller: Teller, value: Any) -> str:
    return str(MEDIA_NAMES.get(str(value), value))


def _size(teller: Teller, value: Any) -> str:
    return filesizeformat(int(value))


def _digest(teller: Teller, value: Any) -> str:
    return f"SHA-256 {str(value)[:DIGEST_SHOWN]}…"


DIGEST_SHOWN = 16


def _both(teller: Teller, value: Any) -> str:
    """A phrase the handbook gave in both languages, or several."""
    phrases = value if isinstance(value, list) else [value]
    return _("; ").join(here(Words(one["zh"], one["en"])) for one in phrases)


def _item(teller: Teller, value: Any) -> str:
    items = (item for checklist in teller.rules.checklists.values() for item in checklist.items)
    return next((here(item.words) for item in items if item.code == value), _("something else"))


def _amount(teller: Teller, value: Any) -> str:
    return f"{value} {here(teller.rules.currency)}"


def _those(teller: Teller, value: Any) -> str:
    return _(", ").join(teller.names.of(str(ref)) for ref in value)


def _from_duty(teller: Teller, value: Any) -> str:
    return _("; ").join(f"{teller.names.of(str(ref))} {_time(teller, begins)}" for ref, begins in value.items())


def _stage(teller: Teller, value: Any) -> str:
    return str(STAGES.get(value, value))


def _standing(teller: Teller, value: Any) -> str:
    return str(STANDINGS.get(value, value))


CALLED = {
    Called.REACHED: gettext_lazy("reached"),
    Called.NOT_REACHED: gettext_lazy("not reached"),
    Called.REFUSED: gettext_lazy("does not want to be asked"),
}


def _called(teller: Teller, value: Any) -> str:
    return str(CALLED.get(value, value))


# Every fact a reader may want, in the order of reading: how it is called, and how its value is said.
FACTS: dict[str, tuple[Any, Speak]] = {
    "ticket_type": (gettext_lazy("Type"), _ticket_type),
    "channel": (gettext_lazy("Channel"), _term("channels")),
    "category": (gettext_lazy("Category"), _term("categories")),
    "severity": (gettext_lazy("Severity"), _term("severities")),
    "reach": (gettext_lazy("How many are affected"), _term("reaches")),
    "customer_level": (gettext_lazy("Customer level"), _term("customer_levels")),
    "complexity": (gettext_lazy("Complexity"), _term("complexities")),
    "priority": (gettext_lazy("Priority"), _term("priorities")),
    "priority_why": (gettext_lazy("Priority because"), _both),
    "region": (gettext_lazy("Region"), _region),
    "first_owner": (gettext_lazy("First owner"), _person),
    "to_team": (gettext_lazy("Team asked"), _team),
    "team": (gettext_lazy("Team"), _team),
    "handler": (gettext_lazy("Handler"), _person),
    "why": (gettext_lazy("Because"), _both),
    "transfers": (gettext_lazy("Transfers so far"), _as_is),
    "round": (gettext_lazy("Round"), _as_is),
    "via": (gettext_lazy("How"), _term("feedback_channels")),
    "identity": (gettext_lazy("Identity shown by"), _term("identity_checks")),
    "consistent": (gettext_lazy("Fits what is on file"), _yes_no),
    "urban": (gettext_lazy("In the urban area"), _yes_no),
    "level": (gettext_lazy("Level"), _term("major_levels")),
    "opinion": (gettext_lazy("Level of public opinion"), _term("opinion_levels")),
    "reported_to": (gettext_lazy("Reported to"), _term("bodies")),
    "item": (gettext_lazy("Item of the checklist"), _item),
    "cause": (gettext_lazy("Cause"), _term("causes")),
    "overrun": (gettext_lazy("Overrun"), _overrun),
    "overdue_cause": (gettext_lazy("Came from"), _term("overdue_causes")),
    "measure": (gettext_lazy("Measure"), _as_is),
    "measure_owner": (gettext_lazy("Who sees to it"), _person),
    "measure_due": (gettext_lazy("Done by"), _date),
    "measure_done": (gettext_lazy("Measure done"), _yes_no),
    "corrects": (gettext_lazy("In place of entry"), _as_is),
    "responsible": (gettext_lazy("Responsible department"), _as_is),
    "compensation": (gettext_lazy("Compensation"), _amount),
    "mark": (gettext_lazy("Mark"), _term("marks")),
    "ground": (gettext_lazy("Ground"), _term("grounds")),
    "media": (gettext_lazy("Kind of file"), _media),
    "size": (gettext_lazy("Size"), _size),
    "digest": (gettext_lazy("Fingerprint as kept"), _digest),
    "pause": (gettext_lazy("Waiting because"), _term("pauses")),
    "rule": (gettext_lazy("Clock"), _term("rules")),
    "former": (gettext_lazy("Rules until then"), _as_is),
    "edition": (gettext_lazy("Rules from now on"), _as_is),
    "due_at": (gettext_lazy("Due"), _time),
    "until": (gettext_lazy("Until"), _time),
    "expected_at": (gettext_lazy("Answer expected by"), _time),
    "satisfied": (gettext_lazy("Satisfied"), _yes_no),
    "overall": (gettext_lazy("All in all"), _term("scores")),
    "solved": (gettext_lazy("Settled"), _yes_no),
    "result": (gettext_lazy("Result"), _term("scores")),
    "handling": (pgettext_lazy("aspect", "Handling"), _term("scores")),
    "efficiency": (gettext_lazy("Speed"), _term("scores")),
    "nps": (gettext_lazy("Would recommend us (0 to 10)"), _as_is),
    "again": (gettext_lazy("Asks for another round"), _yes_no),
    "called": (pgettext_lazy("noun", "Call"), _called),
    "calls": (gettext_lazy("Calls made"), _as_is),
    "concerned": (gettext_lazy("Person complained about"), _person),
    "informed": (gettext_lazy("Told tariff, start and how to cancel"), _yes_no),
    "has_informant": (gettext_lazy("Reported by somebody else"), _yes_no),
    "into": (gettext_lazy("Goes on as"), _as_is),
    "merged": (gettext_lazy("Ticket merged"), _as_is),
    "parent": (gettext_lazy("Event"), _as_is),
    "former_event": (gettext_lazy("Event until then"), _as_is),
    "child": (gettext_lazy("Ticket"), _as_is),
    "broadcast": (gettext_lazy("Told to all as"), _as_is),
    "concludes": (gettext_lazy("Concludes the event"), _yes_no),
    "split_off": (gettext_lazy("New ticket"), _as_is),
    "split_from": (gettext_lazy("Split off from"), _as_is),
    "other_category": (gettext_lazy("Its category"), _term("categories")),
    "origin": (gettext_lazy("Number in the system it comes from"), _as_is),
    "is_history": (gettext_lazy("Taken in as history"), _yes_no),
    "told": (gettext_lazy("Told"), _those),
    "held": (gettext_lazy("From the beginning of their duty"), _from_duty),
    "mentioned": (gettext_lazy("Mentioned"), _those),
    "macro": (gettext_lazy("Macro"), _as_is),
    "handed_over": (gettext_lazy("Link handed over in person"), _yes_no),
    "stage": (gettext_lazy("Stage there"), _stage),
    "standing": (gettext_lazy("Standing there"), _standing),
    "text": (gettext_lazy("Said"), _as_is),
    "finding": (gettext_lazy("Finding"), _as_is),
    "outcome": (pgettext_lazy("of a ticket", "Outcome"), _as_is),
    "words": (gettext_lazy("In their words"), _as_is),
    "reason": (gettext_lazy("Reason"), _as_is),
    "evidence": (gettext_lazy("Evidence"), _as_is),
    "proof": (gettext_lazy("Proof"), _as_is),
}
