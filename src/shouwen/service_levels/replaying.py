"""Real tickets lived through once more under other rules: what would have been late, and who would have got it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from uuid import UUID

from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now, edition
from shouwen.handbook.calendars import Calendars
from shouwen.handbook.clock import clocks
from shouwen.handbook.history import Happening, TicketState, replay
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
    outcome, calendars = Outcome(), calendars_now()
    histories = histories_of(ids)
    for ticket in Ticket.objects.filter(pk__in=ids).only("number", "edition").order_by("received_at", "pk"):
        _count(outcome, ticket, histories[str(ticket.pk)], rules, calendars, at)
        outcome.tickets += 1
    return outcome


def _count(
    outcome: Outcome,
    ticket: Ticket,
    history: Sequence[Happening],
    rules: Edition,
    calendars: Calendars,
    at: datetime,
) -> None:
    state, lates = replay(history), []
    for side, its in enumerate((edition(ticket.edition), rules)):
        late = False
        for clock in clocks(history, its.rules, calendars, state=_ranked(state, its) if side else state):
            outcome.clocks[side][clock.rule.id] += 1
            if clock.breached(at):
                outcome.late[side][clock.rule.id] += 1
                late = late or clock.rule.leads
        lates.append(late)
        outcome.teams[side][_routed(state, its)] += 1
    if lates[1] and not lates[0]:
        outcome.newly_late.append(ticket.number)
    elif lates[0] and not lates[1]:
        outcome.no_longer_late.append(ticket.number)


def _ranked(state: TicketState, rules: Edition) -> TicketState:
    """The ticket with the priority these rules would have given it."""
    if state.category not in rules.categories.nodes:
        return state
    ranking = rules.prioritise(
        severity=state.severity, reach=state.reach, customer_level=state.customer_level, category=state.category
    )
    return replace(state, priority=ranking.priority)


def _routed(state: TicketState, rules: Edition) -> str:
    """The work the first route that fits sends it to."""
    return next((route.team for route in rules.routes if route.applies.fit(state)), "")
