"""Clocks as badges and panels show them: what is left, in the time they are counted in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now, edition, rules_of
from shouwen.handbook.clock import ClockState, clocks
from shouwen.handbook.history import Happening
from shouwen.handbook.ledgers import working_day
from shouwen.handbook.targets import NATURAL, TargetRule
from shouwen.handbook.words import Words
from shouwen.handbook.working_time import Calendar, WorkingCalendar
from shouwen.screens.templatetags.spoken import spoken
from shouwen.service_levels.explaining import Explanation, explain
from shouwen.service_levels.ledgers import Bar, kind_of
from shouwen.tickets.queries import histories_of

ZERO = timedelta(0)
LIVE = (ClockState.RUNNING, ClockState.PAUSED)


@dataclass(frozen=True, slots=True)
class ShownClock:
    """One commitment as a screen shows it (`badges.clock_badge`)."""

    name: Words
    kind: str
    state: str
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    provisional: bool
    extended: bool
    left: timedelta | None
    target: timedelta | None
    working_day: timedelta | None
    counts: tuple[datetime, datetime] | None
    paused_because: Words | None = None
    rule: str = ""
    start_seq: int = 0
    leads: bool = True
    clause: str = ""
    says: str = ""
    bar: Bar | None = None  # who spent its time, where that is shown

    @property
    def urgency(self) -> tuple[bool, bool, datetime]:
        """Sorts what leads the screen first: running before paused, the nearest due time before the rest."""
        return self.state != ClockState.RUNNING, self.due_at is None, self.due_at or self.started_at


class ClockRow(NamedTuple):
    """What is shown of the row of a clock."""

    ticket_id: UUID
    rule: str
    start_seq: int
    state: str
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    provisional: bool
    extended: bool


def lead_clocks(tickets: Sequence[Any], at: datetime) -> dict[str, ShownClock]:
    """The clock that leads each ticket, by ticket id: one query for the clocks, one for the calendars.

    A row is trusted only while it was derived from the whole history; a ticket whose rows were not is replayed.
    """
    calendars = calendars_now()
    rules = {str(ticket.pk): edition(ticket.edition) for ticket in tickets}
    stale = [ticket for ticket in tickets if ticket.replayed_seq != ticket.last_seq]
    measured = frozenset().union(*(known.measured for known in rules.values()))
    leading = _leading_rows([ticket.pk for ticket in tickets], sorted(measured))
    shown = {str(row.ticket_id): [_from_row(row, rules[str(row.ticket_id)], calendars, at)] for row in leading}
    for ticket_id, history in (histories_of([ticket.pk for ticket in stale]) if stale else {}).items():
        shown[ticket_id] = [from_explanation(one, at) for one in explain(history, rules[ticket_id], at)]
    return {ticket_id: lead for ticket_id, found in shown.items() if (lead := _lead(found))}


def _leading_rows(ids: list[UUID], measured: list[str]) -> list[ClockRow]:
    """The row that leads each ticket: running before paused, the nearest due time before the rest."""
    with connection.cursor() as cursor:
        cursor.execute(LEADING, [ids, list(LIVE), measured])
        return [ClockRow(*row) for row in cursor.fetchall()]


LEADING = f"""
    SELECT DISTINCT ON (ticket_id) {", ".join(ClockRow._fields)} FROM clock
    WHERE ticket_id = ANY(%s) AND state = ANY(%s) AND rule <> ALL(%s) ORDER BY ticket_id, state DESC, due_at
"""  # noqa: S608 - our own names


def extensible_rules(history: Sequence[Happening], rules: Edition, at: datetime) -> list[TargetRule]:
    """The rules of the clocks that have not run out, each once; never those the law sets (U7.1)."""
    found = clocks(history, rules.rules, calendars_now(), former=rules_of)
    return list({clock.rule.id: clock.rule for clock in found if clock.may_be_extended(at)}.values())


def from_explanation(explanation: Explanation, at: datetime, pause: Words | None = None) -> ShownClock:
    """A clock as its ledger tells it; `pause` is why it stands still, if it does."""
    clock = explanation.clock
    return ShownClock(
        name=clock.rule.name,
        kind=kind_of(clock.rule),
        state=clock.state,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        provisional=clock.provisional,
        extended=clock.extended,
        left=None if clock.state is ClockState.VOID else explanation.left,
        target=clock.budget,
        working_day=working_day(clock.calendar),
        counts=_next_open(clock.calendar, at) if clock.state is ClockState.RUNNING else None,
        paused_because=pause if clock.state is ClockState.PAUSED else None,
        rule=clock.rule.id,
        start_seq=clock.start_seq,
        leads=clock.rule.leads,
        clause=clock.rule.clause,
        says=spoken(clock.rule.source.says),
    )


def _from_row(row: ClockRow, rules: Edition, calendars: Mapping[str, Calendar], at: datetime) -> ShownClock:
    rule = rules.rule(row.rule)
    calendar = calendars[rule.calendar]
    return ShownClock(
        name=rule.name,
        kind=kind_of(rule),
        state=row.state,
        started_at=row.started_at,
        due_at=row.due_at,
        stopped_at=row.stopped_at,
        provisional=row.provisional,
        extended=row.extended,
        left=_left(calendar, at, row.due_at),
        target=calendar.between(row.started_at, row.due_at) if row.due_at else None,
        working_day=working_day(calendar),
        counts=_next_open(calendar, at),
        rule=row.rule,
        start_seq=row.start_seq,
    )


def _lead(found: Iterable[ShownClock]) -> ShownClock | None:
    live = [clock for clock in found if clock.state in LIVE and clock.leads]
    return min(live, key=lambda clock: clock.urgency, default=None)


def _left(calendar: Calendar, at: datetime, due_at: datetime | None) -> timedelta | None:
    """What is left in the calendar's time; once overdue, less than nothing."""
    if due_at is None:
        return None
    return calendar.between(at, due_at) if at < due_at else -calendar.between(due_at, at)


def _next_open(calendar: Calendar, at: datetime) -> tuple[datetime, datetime] | None:
    """The stretch in which it counts next: the page goes on counting only inside it."""
    if not isinstance(calendar, WorkingCalendar) or calendar.name == NATURAL:
        return None
    period = next(calendar.assumed().open_periods(at), None)
    return (period.opens, period.closes) if period else None
