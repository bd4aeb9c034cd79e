"""Why a clock is due when it is: the ledger of every clock of a ticket, in words and as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now, edition
from shouwen.handbook.clock import Interval, ServiceClock, clocks, ledger
from shouwen.handbook.history import Happening
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of


@dataclass(frozen=True, slots=True)
class Explanation:
    """One clock, what it has used at `at`, and the ledger that shows it."""

    clock: ServiceClock
    at: datetime
    used: timedelta
    left: timedelta
    share: float
    breached: bool
    ledger: list[Interval]


def explain_ticket(ticket: Ticket, at: datetime) -> list[Explanation]:
    """Every clock of a ticket at `at`, replayed from its history: running first, then by due time."""
    return explain(history_of(ticket.pk), edition(ticket.edition), at)


def explain(history: Sequence[Happening], rules: Edition, at: datetime) -> list[Explanation]:
    """Every clock this history tells of, explained at `at` (aware UTC)."""
    derived = clocks(history, rules.rules, calendars_now())
    return sorted((explain_clock(clock, at) for clock in derived), key=_order)


def explain_clock(clock: ServiceClock, at: datetime) -> Explanation:
    """One clock explained."""
    return Explanation(
        clock, at, clock.used(at), clock.left(at), clock.share(at), clock.breached(at), ledger(clock, at)
    )


def _order(explanation: Explanation) -> tuple[bool, bool, float, str]:
    clock = explanation.clock
    due = clock.due_at.timestamp() if clock.due_at else 0.0
    return clock.state not in ("running", "paused"), clock.due_at is None, due, clock.id
