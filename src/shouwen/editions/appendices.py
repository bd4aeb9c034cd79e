"""The appendices of the handbook, written from an edition (手册 8.2–8.4): process, time limits, scoring, duties.

Everything here is in the language that is active; nothing needs a database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.template import Context, Engine
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from shouwen.editions.appendix_limits import time_limits
from shouwen.editions.appendix_words import Cited, cited, here, listed
from shouwen.editions.diagram import Diagram, diagram
from shouwen.editions.edition import Edition
from shouwen.handbook.authority import ApprovalLimit, Role, RulesRight, Sight
from shouwen.handbook.history import Stage
from shouwen.handbook.lifecycle import PATHS
from shouwen.handbook.moves import Move
from shouwen.handbook.scorecard import Check, Dimension
from shouwen.screens.templatetags.spoken import MOVES, STAGES

TITLES = {
    "process": gettext_lazy("Process diagram"),
    "time-limits": gettext_lazy("Time limits and indicators"),
    "scoring": gettext_lazy("Scoring rules"),
    "duties": gettext_lazy("List of duties"),
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
PAGE = "editions/appendix.html"
TEMPLATES = Path(__file__).parent / "templates"


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
        context = Context({**appendix(edition, name), "language": language, "edition_title": here(edition.title)})
        return engine.get_template(PAGE).render(context)


def _process(edition: Edition) -> dict[str, Any]:
    ways: dict[str, list[str]] = {}
    for ticket_type, path in edition.paths.items():
        ways.setdefault(path, []).append(here(edition.ticket_types[ticket_type].words))
    return {
        "processes": [
            Process(path, listed(types), diagram(path), tuple(_transitions(edition, path)))
            for path, types in ways.items()
        ]
    }


def _transitions(edition: Edition, path: str) -> Iterator[Transition]:
    grouped: dict[tuple[Move, Stage], list[Stage]] = {}
    for (source, move), target in PATHS[path].items():
        grouped.setdefault((move, target), []).append(source)
    for (move, target), sources in grouped.items():
        roles = [here(role.words) for role in edition.roles.values() if move in role.moves]
        yield Transition(
            str(MOVES[move]),
            listed(str(STAGES[source]) for source in Stage if source in sources),
            str(STAGES[target]),
            listed(roles),
        )


def _scoring(edition: Edition) -> dict[str, Any]:
    return {"sides": [_side(edition, dimension) for dimension in edition.scorecard.dimensions]}


def _side(edition: Edition, dimension: Dimension) -> Side:
    card = edition.scorecard
    return Side(
        name=here(dimension.words),
        looks_at=here(dimension.looks_at),
        points=card.points(dimension.code),
        checks=tuple(_asked(edition, check) for check in card.checks if check.dimension == dimension.code),
        cited=cited(dimension.clause, dimension.source),
    )


def _asked(edition: Edition, check: Check) -> Asked:
    types = listed(here(edition.label("ticket_types", code)) for code in edition.ticket_types if check.asked_of(code))
    applies = types if check.ticket_types else ""
    return Asked(here(check.words), check.points, applies, cited(check.clause, check.source))


def _duties(edition: Edition) -> dict[str, Any]:
    limits = {limit.role: limit for limit in edition.approval_limits}
    return {"duties": [_duty(edition, role, limits) for role in edition.roles.values()]}


def _duty(edition: Edition, role: Role, limits: Mapping[str, ApprovalLimit]) -> Duty:
    return Duty(
        name=here(role.words),
        duties=here(role.duties) if role.duties else "",
        moves=tuple(str(name) for move, name in MOVES.items() if move in role.moves),
        approves=_approves(edition, limits[role.code]) if role.code in limits else "",
        rules=tuple(str(RULES_RIGHTS[right]) for right in RulesRight if right in role.rules),
        sees=tuple(_sees(edition, role)),
    )


def _sees(edition: Edition, role: Role) -> Iterator[str]:
    for sight in Sight:
        if sight in role.sees:
            levels = listed(here(edition.label("customer_levels", code)) for code in sorted(role.customer_levels))
            yield str(SIGHTS[sight]) % {"levels": levels}


def _approves(edition: Edition, limit: ApprovalLimit) -> str:
    if limit.up_to is None:
        return _("proposals with any compensation")
    amount = f"{limit.up_to:f} {here(edition.currency)}"
    return _("proposals with a compensation of up to %(amount)s") % {"amount": amount}


_CONTENTS = {"process": _process, "time-limits": time_limits, "scoring": _scoring, "duties": _duties}
