"""The appendix of time limits and indicators, in words (手册 8.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from shouwen.editions.appendix_words import Cited, cited, either, here, is_english, listed, post_words
from shouwen.editions.checks_clocks import STATED
from shouwen.editions.checks_clocks import TRUTHS as TRUTH_FACTS
from shouwen.editions.edition import Edition, Indicator
from shouwen.handbook.history import What
from shouwen.handbook.targets import NATURAL, Duration, Step, TargetRule, Unit
from shouwen.screens.templatetags.spoken import HAPPENINGS
from shouwen.screens.templatetags.times import spelled

KINDS = {
    "target": pgettext_lazy("clock kind", "target"),
    "limit": pgettext_lazy("clock kind", "limit"),
    "statutory": pgettext_lazy("clock kind", "by law"),
}
PERIODS = {
    "each": pgettext_lazy("period", "every single one"),
    "day": pgettext_lazy("period", "a day"),
    "month": pgettext_lazy("period", "a month"),
    "quarter": pgettext_lazy("period", "a quarter"),
    "year": pgettext_lazy("period", "a year"),
}
CONDITIONS = {
    "ticket_type": "ticket_types",
    "category": "categories",
    "priority": "priorities",
    "complexity": "complexities",
    "customer_level": "customer_levels",
    "channel": "channels",
    "mark": "marks",
}
TRUTHS = {
    ("consistent", "true"): gettext_lazy("fits what is on file"),
    ("consistent", "false"): gettext_lazy("does not fit what is on file"),
    ("satisfied", "true"): gettext_lazy("the customer is satisfied"),
    ("satisfied", "false"): gettext_lazy("the customer is not satisfied"),
    ("urban", "true"): gettext_lazy("in the urban area"),
    ("urban", "false"): gettext_lazy("outside the urban area"),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """A rule as people read it."""

    id: str
    name: str
    kind: str
    given: str
    counted: str  # calendar and convention
    starts: str
    stops: str
    pauses: str
    applies: str
    answerable: str
    ladder: tuple[str, ...]
    cited: Cited


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator as people read it."""

    id: str
    name: str
    measures: str
    goal: str
    period: str
    known_from: str
    cited: Cited


def goal_of(indicator: Indicator) -> str:
    """What an indicator should be: at most 30 s, at least 85 %, or only reported."""
    if indicator.at_most is not None:
        return gettext("at most %(mark)s") % {"mark": _in_units(indicator.at_most, indicator.unit)}
    if indicator.at_least is not None:
        return gettext("at least %(mark)s") % {"mark": _in_units(indicator.at_least, indicator.unit)}
    return gettext("reported, without a mark")


def period_of(indicator: Indicator) -> str:
    """What one figure of it is taken over."""
    if indicator.over in PERIODS:
        return str(PERIODS[indicator.over])
    return gettext("what was handled in the same %(span)s") % {"span": duration_words(Duration.parse(indicator.over))}


def duration_words(duration: Duration) -> str:
    """7 working days, 30 min."""
    match duration.unit:
        case Unit.WORKING_DAYS:
            says = ngettext("%(n)d working day", "%(n)d working days", duration.amount)
        case Unit.NATURAL_DAYS:
            says = ngettext("%(n)d day", "%(n)d days", duration.amount)
        case Unit.HOURS:
            says = pgettext("span", "%(n)d h")
        case Unit.MINUTES:
            says = pgettext("span", "%(n)d min")
        case Unit.WORKING_HOURS:
            says = pgettext("span", "%(n)d working h")
        case Unit.WORKING_MINUTES:
            says = pgettext("span", "%(n)d working min")
    return says % {"n": duration.amount}


def time_limits(edition: Edition) -> dict[str, Any]:
    return {
        "limits": [_limit(edition, rule) for rule in edition.rules],
        "indicators": [_measured(one) for one in edition.indicators],
    }


def _limit(edition: Edition, rule: TargetRule) -> Limit:
    return Limit(
        id=rule.id,
        name=here(rule.name),
        kind=str(KINDS[rule.kind]),
        given=_given(rule),
        counted="" if rule.for_promises else _counted(edition, rule),
        starts=either(_event(edition, rule, what) for what in HAPPENINGS if what in rule.start),
        stops=either(_event(edition, rule, what) for what in HAPPENINGS if what in rule.stop),
        pauses=listed(here(edition.label("pauses", code)) for code in edition.pauses if code in rule.pauses),
        applies=_applies(edition, rule.applies),
        answerable=post_words(edition, rule.answerable),
        ladder=tuple(_step(edition, step) for step in rule.ladder if step.tells),
        cited=cited(rule.clause, rule.source),
    )


def _given(rule: TargetRule) -> str:
    if rule.ahead:
        return _("%(span)s ahead of the time named") % {"span": spelled(rule.ahead)}
    given = _("as promised") if rule.for_promises else duration_words(rule.duration)
    if rule.wall is None:
        return given
    return _("%(span)s; with the customer's consent %(wall)s at most") % {"span": given, "wall": spelled(rule.wall)}


def _event(edition: Edition, rule: TargetRule, what: What) -> str:
    """What happens, with what it must state to count."""
    asked = listed(
        str(TRUTHS[name, code]) if name in TRUTH_FACTS else here(edition.label(STATED[name], code))
        for name, values in rule.stated.get(what, {}).items()
        for code in sorted(values)
    )
    happening = str(HAPPENINGS[what])
    return _("%(happening)s (%(stated)s)") % {"happening": happening, "stated": asked} if asked else happening


def _counted(edition: Edition, rule: TargetRule) -> str:
    spec = edition.calendars.get(rule.calendar)
    if rule.calendar == NATURAL or spec is None:
        return _("every hour counts")
    return here(spec.words) if spec.words else rule.calendar


def _applies(edition: Edition, applies: Any) -> str:
    named = (
        listed(here(edition.label(kind, code)) for code in sorted(getattr(applies, name)))
        for name, kind in CONDITIONS.items()
    )
    return "; ".join(filter(None, named)) if is_english() else "；".join(filter(None, named))


def _step(edition: Edition, step: Step) -> str:
    who = listed(post_words(edition, post) for post in step.tells)
    if step.share is not None:
        return _("at %(share)s: %(who)s hears of it") % {"share": f"{float(step.share * 100):g}%", "who": who}
    facts = {"who": who, "span": spelled(step.after) if step.after else ""}
    if step.after:
        escalated, told = _("%(span)s after: passed up to %(who)s"), _("%(span)s after: %(who)s hears of it")
    else:
        escalated, told = _("when due: passed up to %(who)s"), _("when due: %(who)s hears of it")
    return (escalated if step.escalates else told) % facts


def _measured(indicator: Indicator) -> Measured:
    events = (str(HAPPENINGS[what]) for what in indicator.events)
    return Measured(
        id=indicator.id,
        name=here(indicator.name),
        measures=here(indicator.measures),
        goal=goal_of(indicator),
        period=period_of(indicator),
        known_from=here(indicator.system) if indicator.system else listed(events),
        cited=cited(indicator.clause, indicator.source),
    )


def _in_units(mark: Any, unit: str) -> str:
    number = f"{float(mark):g}"
    return f"{number} {unit}" if unit not in {"%", "score"} else f"{number}%" if unit == "%" else number
