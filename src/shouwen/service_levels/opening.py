"""The clocks a ticket begins with, as the rows of a batch.

In natural time a clock is the same for every ticket of a kind, moved to its start. So its due time and the instants of
its ladder are worked out once for the kind, as spans from the start, and PostgreSQL adds them: most of the fourteen
clocks of an ordinary complaint cost neither a replay nor a row on the wire. Working time is worked out for each ticket.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from shouwen.editions.edition import Edition
from shouwen.handbook.beginning import beginning, begins
from shouwen.handbook.history import TicketState
from shouwen.handbook.targets import NATURAL, TargetRule
from shouwen.handbook.working_time import Calendar, NaturalTime
from shouwen.tickets.models import NEVER

SOME_DAY = datetime(2000, 1, 3, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NATURAL_TIME = NaturalTime()
MOST_KINDS = 10_000

Kind = tuple[str, ...]  # everything about a ticket that the conditions of a rule ask for


@dataclass(frozen=True, slots=True)
class Opening:
    """What a kind of ticket begins with: rows of spans, the shortest span to a due time, and the rules left over."""

    rows: tuple[dict[str, Any], ...]
    soonest: timedelta | None
    worked: tuple[TargetRule, ...]


@dataclass(slots=True)
class OpeningRows:
    """The clocks a batch begins with: `actions.OPENED` takes `tickets` and `openings`, `actions.WORKED` the rest."""

    tickets: list[dict[str, Any]] = field(default_factory=list)
    openings: list[dict[str, Any]] = field(default_factory=list)
    worked: list[dict[str, Any]] = field(default_factory=list)
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    _places: dict[Kind, int] = field(default_factory=dict)

    def add(
        self, ticket_id: str, state: TicketState, start: datetime, rules: Edition, calendars: Mapping[str, Calendar]
    ) -> datetime:
        """Begin the clocks of a ticket just accepted; when the strictest of them is due (NEVER without one)."""
        kind, started_at = _kind(state), start.isoformat()
        opening = _opening(rules, kind, state)
        place = self._places.get(kind)
        if place is None:
            place = self._places[kind] = len(self._places)
            self.openings.extend({"opening": place, **row} for row in opening.rows)
        self.tickets.append({"ticket_id": ticket_id, "started_at": started_at, "opening": place})
        due = [start + opening.soonest] if opening.soonest is not None else []
        for rule in opening.worked:
            begun = beginning(rule, calendars[rule.calendar], start)
            if rule.leads:
                due.append(begun.due_at)
            self.rules.setdefault(rule.id, {**_named(rule), "calendar_version": calendars[rule.calendar].version})
            self.worked.append(
                {
                    "ticket_id": ticket_id,
                    "rule": rule.id,
                    "started_at": started_at,
                    "due_at": begun.due_at.isoformat(),
                    "provisional": begun.provisional,
                    "looks": [look.isoformat() for look in begun.looks],
                }
            )
        return min(due, default=NEVER)


_openings: dict[str, tuple[Edition, dict[Kind, Opening]]] = {}  # by the edition's id


def _opening(rules: Edition, kind: Kind, state: TicketState) -> Opening:
    known = _openings.get(rules.id)
    if known is None or known[0] is not rules or len(known[1]) > MOST_KINDS:
        known = _openings[rules.id] = (rules, {})
    if kind not in known[1]:
        known[1][kind] = _worked_out(rules, state)
    return known[1][kind]


def _worked_out(rules: Edition, state: TicketState) -> Opening:
    fitting = [rule for rule in rules.rules if begins(rule, state)]
    natural = [rule for rule in fitting if rule.calendar == NATURAL]
    begun = [beginning(rule, NATURAL_TIME, SOME_DAY) for rule in natural]
    return Opening(
        rows=tuple(
            {**_named(rule), "due_in": _span(one.due_at), "looks_in": [_span(look) for look in one.looks]}
            for rule, one in zip(natural, begun, strict=True)
        ),
        soonest=min(
            (one.due_at - SOME_DAY for rule, one in zip(natural, begun, strict=True) if rule.leads), default=None
        ),
        worked=tuple(rule for rule in fitting if rule.calendar != NATURAL),
    )


def _named(rule: TargetRule) -> dict[str, Any]:
    return {"rule": rule.id, "clause": rule.clause, "kind": rule.kind}


def _span(at: datetime) -> str:
    return f"{(at - SOME_DAY) // MICROSECOND} us"


def _kind(state: TicketState) -> Kind:
    return (
        state.ticket_type,
        state.category,
        state.priority,
        state.complexity,
        state.customer_level,
        state.channel,
    )
