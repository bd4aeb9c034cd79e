"""The appendices of the handbook, written from an edition (手册 8.2–8.4): process, time limits, scoring, duties.

Everything here is in the language that is active; nothing needs a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.template import Context, Engine
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext, override, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from shouwen.editions.checks import STATED
from shouwen.editions.checks import TRUTHS as TRUTH_FACTS
from shouwen.editions.diagram import Diagram, diagram
from shouwen.editions.edition import Edition, Indicator
from shouwen.handbook.authority import ApprovalLimit, Role, RulesRight, Sight
from shouwen.handbook.history import Stage, What
from shouwen.handbook.lifecycle import PATHS
from shouwen.handbook.moves import Move
from shouwen.handbook.scorecard import Check, Dimension
from shouwen.handbook.targets import NATURAL, Duration, Step, TargetRule, Unit
from shouwen.handbook.words import Source, Words
from shouwen.screens.templatetags.spoken import HAPPENINGS, MOVES, STAGES, spoken
from shouwen.screens.templatetags.times import spelled

TITLES = {
    "process": gettext_lazy("Process diagram"),
    "time-limits": gettext_lazy("Time limits and indicators"),
    "scoring": gettext_lazy("Scoring rules"),
    "duties": gettext_lazy("List of duties"),
}
POSTS = {
    "handler": pgettext_lazy("post", "handler"),
    "first_owner": pgettext_lazy("post", "first-contact owner"),
    "team_lead": pgettext_lazy("post", "team lead"),
}
KINDS = {
    "target": pgettext_lazy("clock kind", "target"),
    "limit": pgettext_lazy("clock kind", "limit"),
    "statutory": pgettext_lazy("clock kind", "by law"),
}
RULES_RIGHTS = {
    RulesRight.DRAFT: gettext_lazy("write drafts"),
    RulesRight.APPROVE: gettext_lazy("approve and publish the drafts of others"),
}
SIGHTS = {
    Sight.TEAMS: gettext_lazy("tickets of their teams"),
    Sight.REGIONS: gettext_lazy("tickets of their regions"),
    Sight.FINISHED: gettext_lazy("finished tickets of their regions"),
    Sight.CUSTOMER_LEVELS: gettext_lazy("tickets of these customers in their regions: %(levels)s"),
    Sight.PERSONAL: gettext_lazy("masked personal data in full, with a reason"),
    Sight.ACCESS_LOG: gettext_lazy("who saw personal data, and who changed what about people"),
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
PAGE = "editions/appendix.html"
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Cited:
    """Where something comes from, and what it demands."""

    document: str
    place: str
    says: str
    clause: str


@dataclass(frozen=True, slots=True)
class Transition:
    """A move from some stages to one, and who may make it."""

    move: str
    sources: str
    target: str
    roles: str


@dataclass(frozen=True, slots=True)
class Process:
    """The way of one kind of ticket: for which types, as a picture and as a table."""

    path: str
    ticket_types: str
    picture: Diagram
    transitions: tuple[Transition, ...]


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


@dataclass(frozen=True, slots=True)
class Asked:
    """A check of the scoring rules."""

    question: str
    points: int
    applies: str
    cited: Cited


@dataclass(frozen=True, slots=True)
class Side:
    """A dimension of the scoring rules with its checks."""

    name: str
    looks_at: str
    points: int
    checks: tuple[Asked, ...]
    cited: Cited


@dataclass(frozen=True, slots=True)
class Duty:
    """A role: what it is for, what it may do, approve and see, and what it may do with the rules."""

    name: str
    duties: str
    moves: tuple[str, ...]
    approves: str
    rules: tuple[str, ...]
    sees: tuple[str, ...]


def appendix(edition: Edition, name: str) -> dict[str, Any]:
    """What the template of an appendix shows. Raises KeyError for a name that is none of `TITLES`."""
    return {"edition": edition, "name": name, "title": str(TITLES[name]), **_CONTENTS[name](edition)}


def standing_alone(edition: Edition, name: str, language: str) -> str:
    """An appendix as an HTML page that needs nothing beside it. `language` is a Django language code."""
    with override(language):
        engine = Engine(dirs=[TEMPLATES], libraries={"i18n": "django.templatetags.i18n"}, autoescape=True)
        context = Context({**appendix(edition, name), "language": language, "edition_title": _here(edition.title)})
        return engine.get_template(PAGE).render(context)


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


def _process(edition: Edition) -> dict[str, Any]:
    ways: dict[str, list[str]] = {}
    for ticket_type, path in edition.paths.items():
        ways.setdefault(path, []).append(_here(edition.ticket_types[ticket_type].words))
    return {
        "processes": [
            Process(path, _list(types), diagram(path), tuple(_transitions(edition, path)))
            for path, types in ways.items()
        ]
    }


def _transitions(edition: Edition, path: str) -> Iterator[Transition]:
    grouped: dict[tuple[Move, Stage], list[Stage]] = {}
    for (source, move), target in PATHS[path].items():
        grouped.setdefault((move, target), []).append(source)
    for (move, target), sources in grouped.items():
        roles = [_here(role.words) for role in edition.roles.values() if move in role.moves]
        yield Transition(
            str(MOVES[move]),
            _list(str(STAGES[source]) for source in Stage if source in sources),
            str(STAGES[target]),
            _list(roles),
        )


def _time_limits(edition: Edition) -> dict[str, Any]:
    return {
        "limits": [_limit(edition, rule) for rule in edition.rules],
        "indicators": [_measured(one) for one in edition.indicators],
    }


def _limit(edition: Edition, rule: TargetRule) -> Limit:
    return Limit(
        id=rule.id,
        name=_here(rule.name),
        kind=str(KINDS[rule.kind]),
        given=_given(rule),
        counted="" if rule.for_promises else _counted(edition, rule),
        starts=_either(_event(edition, rule, what) for what in HAPPENINGS if what in rule.start),
        stops=_either(_event(edition, rule, what) for what in HAPPENINGS if what in rule.stop),
        pauses=_list(_here(edition.label("pauses", code)) for code in edition.pauses if code in rule.pauses),
        applies=_applies(edition, rule.applies),
        answerable=_post(edition, rule.answerable),
        ladder=tuple(_step(edition, step) for step in rule.ladder if step.tells),
        cited=_cited(rule.clause, rule.source),
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
    asked = _list(
        str(TRUTHS[name, code]) if name in TRUTH_FACTS else _here(edition.label(STATED[name], code))
        for name, values in rule.stated.get(what, {}).items()
        for code in sorted(values)
    )
    happening = str(HAPPENINGS[what])
    return _("%(happening)s (%(stated)s)") % {"happening": happening, "stated": asked} if asked else happening


def _counted(edition: Edition, rule: TargetRule) -> str:
    spec = edition.calendars.get(rule.calendar)
    if rule.calendar == NATURAL or spec is None:
        return _("every hour counts")
    return _here(spec.words) if spec.words else rule.calendar


def _applies(edition: Edition, applies: Any) -> str:
    named = (
        _list(_here(edition.label(kind, code)) for code in sorted(getattr(applies, name)))
        for name, kind in CONDITIONS.items()
    )
    return "; ".join(filter(None, named)) if _english() else "；".join(filter(None, named))


def _step(edition: Edition, step: Step) -> str:
    who = _list(_post(edition, post) for post in step.tells)
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
        name=_here(indicator.name),
        measures=_here(indicator.measures),
        goal=goal_of(indicator),
        period=period_of(indicator),
        known_from=_here(indicator.system) if indicator.system else _list(events),
        cited=_cited(indicator.clause, indicator.source),
    )


def _scoring(edition: Edition) -> dict[str, Any]:
    return {"sides": [_side(edition, dimension) for dimension in edition.scorecard.dimensions]}


def _side(edition: Edition, dimension: Dimension) -> Side:
    card = edition.scorecard
    return Side(
        name=_here(dimension.words),
        looks_at=_here(dimension.looks_at),
        points=card.points(dimension.code),
        checks=tuple(_asked(edition, check) for check in card.checks if check.dimension == dimension.code),
        cited=_cited(dimension.clause, dimension.source),
    )


def _asked(edition: Edition, check: Check) -> Asked:
    types = _list(_here(edition.label("ticket_types", code)) for code in edition.ticket_types if check.asked_of(code))
    applies = types if check.ticket_types else ""
    return Asked(_here(check.words), check.points, applies, _cited(check.clause, check.source))


def _duties(edition: Edition) -> dict[str, Any]:
    limits = {limit.role: limit for limit in edition.approval_limits}
    return {"duties": [_duty(edition, role, limits) for role in edition.roles.values()]}


def _duty(edition: Edition, role: Role, limits: Mapping[str, ApprovalLimit]) -> Duty:
    return Duty(
        name=_here(role.words),
        duties=_here(role.duties) if role.duties else "",
        moves=tuple(str(name) for move, name in MOVES.items() if move in role.moves),
        approves=_approves(edition, limits[role.code]) if role.code in limits else "",
        rules=tuple(str(RULES_RIGHTS[right]) for right in RulesRight if right in role.rules),
        sees=tuple(_sees(edition, role)),
    )


def _sees(edition: Edition, role: Role) -> Iterator[str]:
    for sight in Sight:
        if sight in role.sees:
            levels = _list(_here(edition.label("customer_levels", code)) for code in sorted(role.customer_levels))
            yield str(SIGHTS[sight]) % {"levels": levels}


def _approves(edition: Edition, limit: ApprovalLimit) -> str:
    if limit.up_to is None:
        return _("proposals with any compensation")
    amount = f"{limit.up_to:f} {_here(edition.currency)}"
    return _("proposals with a compensation of up to %(amount)s") % {"amount": amount}


_CONTENTS = {"process": _process, "time-limits": _time_limits, "scoring": _scoring, "duties": _duties}


def _post(edition: Edition, post: str) -> str:
    return str(POSTS[post]) if post in POSTS else _here(edition.label("roles", post))


def _cited(clause: str, source: Source) -> Cited:
    return Cited(_here(source.document), source.place, _here(source.says), clause)


def _in_units(mark: Any, unit: str) -> str:
    number = f"{float(mark):g}"
    return f"{number} {unit}" if unit not in {"%", "score"} else f"{number}%" if unit == "%" else number


def _either(names: Iterable[str]) -> str:
    return _(" or ").join(names)


def _list(names: Iterable[str]) -> str:
    return _(", ").join(names)


def _here(words: Words) -> str:
    return spoken(words)


def _english() -> bool:
    return (get_language() or "").startswith("en")
