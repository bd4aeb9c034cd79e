"""The ledger of a clock: every stretch of it, counted or not, and who spent how much of its time (design §6).

Each counted minute belongs to the party in whose hands the ticket was; those of a task, to the team asked. What passed
while the ticket waited for the customer is nobody's, even where the clock ran on; so is what had been spent before it
was moved in, and under the law's clocks, which nothing stops, all the time it stood still. A hold that does not stop
another clock clears nobody of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from shouwen.handbook.clock import ServiceClock, ledger
from shouwen.handbook.facts import instant
from shouwen.handbook.history import Happening, What
from shouwen.handbook.lives import turns_of
from shouwen.handbook.meter import ZERO, Interval
from shouwen.handbook.working_time import Calendar, Shift, WorkingCalendar

OFF_DUTY = "off_duty"  # why a stretch between shifts is not counted
CARRIED_OVER = "carried_over"


class Part(NamedTuple):
    """What one party spent of a clock's time.

    `because` says why it was nobody's: the reason for which the ticket stood still, or "carried_over"; else it is empty
    and the time is the team's (None: the desk's), by the people who held the ticket.
    """

    team: str | None
    because: str
    spent: timedelta
    by: tuple[tuple[str | None, timedelta], ...] = ()


class Idle(NamedTuple):
    """What did not count, for one reason ("off_duty", "receipt_day" or "paused:<reason>"), in natural time."""

    why: str
    elapsed: timedelta


class Standstill(NamedTuple):
    """A time for which the ticket stood still: why, until when it should, and when it went on (None: not yet)."""

    reason: str
    start: datetime
    end: datetime | None
    until: datetime | None


class Extension(NamedTuple):
    """A later due time the customer agreed to: of which rule, when, and until when (U7.1)."""

    rule: str
    agreed_at: datetime
    until: datetime


def stretches(clock: ServiceClock, until: datetime) -> Iterator[Interval]:
    """The ledger up to `until`, shift by shift: what was counted, and what was not because nobody was on duty."""
    for row in ledger(clock, until):
        yield from shifts_of(clock, row)


def shifts_of(clock: ServiceClock, row: Interval) -> Iterator[Interval]:
    """One row of the ledger, shift by shift."""
    if row.end is not None and _has_shifts(clock, row) and isinstance(clock.calendar, WorkingCalendar):
        yield from _by_shift(row, clock.calendar.assumed(), row.end)
    else:
        yield row


def split(rows: Iterable[Interval]) -> list[Part]:
    """Who spent how much, in the order in which each first had a share; the parts add up to what was spent."""
    spent: dict[tuple[str | None, str], dict[str | None, timedelta]] = {}
    for row in rows:
        if row.counted and row.worked:
            because = row.why.rpartition(":")[2] if row.nobodys else ""
            team, handler = (None, None) if because else row.by
            by = spent.setdefault((team, because), {})
            by[handler] = by.get(handler, ZERO) + row.worked
    return [
        Part(team, because, sum(by.values(), ZERO), () if because else tuple(by.items()))
        for (team, because), by in spent.items()
    ]


def idle(clock: ServiceClock, rows: Iterable[Interval]) -> list[Idle]:
    """What passed without being counted, by reason; with what was spent, all the time there was."""
    elapsed: dict[str, timedelta] = {}
    for row in rows:
        if row.end is None:
            continue
        if not row.counted:
            elapsed[row.why] = elapsed.get(row.why, ZERO) + (row.end - row.start)
        elif _has_shifts(clock, row):
            off_duty = row.end - row.start - (row.worked or ZERO)
            elapsed[OFF_DUTY] = elapsed.get(OFF_DUTY, ZERO) + off_duty
    return [Idle(why, span) for why, span in elapsed.items() if span]


def parties(history: Sequence[Happening]) -> list[str | None]:
    """The teams that have had the ticket or a task of it, in the order in which each first did (None: the desk)."""
    had: dict[str | None, None] = {}
    for turn in turns_of(history):
        had.setdefault(turn.holder.team)
        if turn.row.what is What.TASK_ASSIGNED and "to_team" in turn.row.facts:
            had.setdefault(str(turn.row.facts["to_team"]))
    return list(had)


def standstills(history: Sequence[Happening]) -> list[Standstill]:
    """Every time this ticket has stood still, in the order in which it happened."""
    found: list[Standstill] = []
    pause: str | None = None
    for turn in turns_of(history):
        if turn.pause == pause:
            continue
        at = turn.row.happened_at
        if pause is not None:
            found[-1] = found[-1]._replace(end=at)
        if turn.pause is not None:
            until = turn.row.facts.get("until")
            found.append(Standstill(turn.pause, at, None, instant(until) if until else None))
        pause = turn.pause
    return found


def extensions(history: Iterable[Happening]) -> list[Extension]:
    """Every later due time that was agreed, in the order in which it was recorded."""
    return [
        Extension(str(row.facts["rule"]), row.happened_at, instant(row.facts["until"]))
        for row in history
        if row.what is What.EXTENSION_AGREED
    ]


def working_day(calendar: Calendar) -> timedelta | None:
    """How long a day of this calendar is; None where every hour counts."""
    if not isinstance(calendar, WorkingCalendar):
        return None
    shifts = next((shifts for shifts in calendar.weekly.values() if shifts), ())
    return sum((_length(shift) for shift in shifts), ZERO)


def _has_shifts(clock: ServiceClock, row: Interval) -> bool:
    """True for counted time between whose shifts nobody was on duty."""
    return row.counted and row.why != CARRIED_OVER and isinstance(clock.calendar, WorkingCalendar)


def _length(shift: Shift) -> timedelta:
    minutes = (shift.closes.hour - shift.opens.hour) * 60 + shift.closes.minute - shift.opens.minute
    return timedelta(minutes=minutes if minutes > 0 else minutes + 24 * 60)


def _by_shift(row: Interval, calendar: WorkingCalendar, end: datetime) -> Iterator[Interval]:
    at = row.start
    for opens, closes in calendar.open_periods(row.start):
        if opens >= end:
            break
        if opens > at:
            yield row._replace(start=at, end=opens, counted=False, why=OFF_DUTY, worked=ZERO)
        closes = min(closes, end)
        yield row._replace(start=opens, end=closes, worked=closes - opens)
        at = closes
    if at < end:
        yield row._replace(start=at, end=end, counted=False, why=OFF_DUTY, worked=ZERO)
