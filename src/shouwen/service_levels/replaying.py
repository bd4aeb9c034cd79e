"""Real tickets lived through once more under other rules: what would have been late, and who would have got it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Self
from uuid import UUID

from django.db.models import QuerySet

from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now, calendars_under, edition
from shouwen.handbook.calendars import Calendars
from shouwen.handbook.clock import ServiceClock, clocks
from shouwen.handbook.history import Happening, TicketState, replay
from shouwen.handbook.targets import TargetRule
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import histories_of

BATCH = 500


@dataclass
class Outcome:
    """What became of the tickets of a time under their own rules (`was`) and would have under others (`would`).

    `clocks` and `late` count by rule; `teams` counts by the work a team does; `changed` are the tickets that would have
    been late and were not, or the other way round.
    """

    tickets: int = 0
    clocks: tuple[Counter[str], Counter[str]] = field(default_factory=lambda: (Counter(), Counter()))
    late: tuple[Counter[str], Counter[str]] = field(default_factory=lambda: (Counter(), Counter()))
    teams: tuple[Counter[str], Counter[str]] = field(default_factory=lambda: (Counter(), Counter()))
    newly_late: list[str] = field(default_factory=list)
    no_longer_late: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Count in what another process has counted."""
        self.tickets += other.tickets
        for mine, theirs in ((self.clocks, other.clocks), (self.late, other.late), (self.teams, other.teams)):
            for side in (0, 1):
                mine[side].update(theirs[side])
        self.newly_late += other.newly_late
        self.no_longer_late += other.no_longer_late


def ids_received(start: datetime, end: datetime, size: int = BATCH) -> Iterator[list[UUID]]:
    """The tickets received from `start` until before `end`, in batches; what came in as history has no clocks."""
    found = Ticket.objects.filter(received_at__gte=start, received_at__lt=end, is_history=False)
    ids = found.order_by("received_at", "pk").values_list("pk", flat=True).iterator(chunk_size=size)
    while batch := list(islice(ids, size)):
        yield batch


def lived(ids: Sequence[UUID], rules: Edition, at: datetime) -> Outcome:
    """These tickets, lived through once more under `rules` and judged at `at` (aware UTC)."""
    outcome, calendars = Outcome(), (calendars_now(), calendars_under(rules))
    histories = histories_of(ids)
    pairs: dict[str, _Pair] = {}
    for ticket_id, number, its in _of(ids).values_list("pk", "number", "edition"):
        if its not in pairs:
            pairs[its] = _Pair.of(edition(its), rules, calendars)
        _count(outcome, number, histories[str(ticket_id)], pairs[its], at)
        outcome.tickets += 1
    return outcome


def _of(ids: Sequence[UUID]) -> QuerySet[Ticket]:
    return Ticket.objects.filter(pk__in=ids).order_by("received_at", "pk")


@dataclass(frozen=True, slots=True)
class _Pair:
    """The edition tickets have lived under and the one they are tried under, and what the two have in common."""

    was: Edition
    would: Edition
    shared: tuple[TargetRule, ...]
    rest: tuple[tuple[TargetRule, ...], tuple[TargetRule, ...]]
    calendars: tuple[Calendars, Calendars]

    @classmethod
    def of(cls, was: Edition, would: Edition, calendars: tuple[Calendars, Calendars]) -> Self:
        mine, theirs = (its.versions for its in calendars)
        kept = [rule for rule in was.rules if mine[rule.calendar] is theirs[rule.calendar]]
        shared = tuple(rule for rule in kept if would.rules_by_id.get(rule.id) == rule)
        ids = {rule.id for rule in shared}
        rest = [tuple(rule for rule in one.rules if rule.id not in ids) for one in (was, would)]
        return cls(was, would, shared, (rest[0], rest[1]), calendars)


def _count(outcome: Outcome, number: str, history: Sequence[Happening], pair: _Pair, at: datetime) -> None:
    state, lates = replay(history), []
    both = _both(history, pair, state)
    for side, (its, lived_by) in enumerate(zip((pair.was, pair.would), both, strict=True)):
        late = False
        for clock in lived_by:
            outcome.clocks[side][clock.rule.id] += 1
            if clock.breached(at):
                outcome.late[side][clock.rule.id] += 1
                late = late or clock.rule.leads
        lates.append(late)
        outcome.teams[side][_routed(state, its)] += 1
    if lates[1] and not lates[0]:
        outcome.newly_late.append(number)
    elif lates[0] and not lates[1]:
        outcome.no_longer_late.append(number)


def _both(
    history: Sequence[Happening], pair: _Pair, state: TicketState
) -> tuple[list[ServiceClock], list[ServiceClock]]:
    """The clocks under either edition; where the priority stays, a rule both have, by one calendar, is counted once."""
    ranked, (mine, theirs) = _ranked(state, pair), pair.calendars
    if ranked is not state:
        was = clocks(history, pair.was.rules, mine, state=state)
        return was, clocks(history, pair.would.rules, theirs, state=ranked)
    shared = clocks(history, pair.shared, mine, state=state)
    was, would = (
        clocks(history, rules, its, state=state) if rules else []
        for rules, its in zip(pair.rest, pair.calendars, strict=True)
    )
    return shared + was, shared + would


def _ranked(state: TicketState, pair: _Pair) -> TicketState:
    """The ticket with the priority the other rules would have given it; itself where both rank it alike.

    A priority that no table gave, such as one a merging raised, stays.
    """
    was, would = (_priority(state, rules) for rules in (pair.was, pair.would))
    if would is None or would in (was, state.priority):
        return state
    return replace(state, priority=would)


def _priority(state: TicketState, rules: Edition) -> str | None:
    """How these rules rank what is known of the ticket; None where they do not know its category."""
    if state.category not in rules.categories.nodes:
        return None
    ranking = rules.prioritise(
        severity=state.severity, reach=state.reach, customer_level=state.customer_level, category=state.category
    )
    return ranking.priority


def _routed(state: TicketState, rules: Edition) -> str:
    """The work the first route that fits sends it to."""
    return next((route.team for route in rules.routes if route.applies.fit(state)), "")
