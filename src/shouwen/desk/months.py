"""A month of a calendar as a wall calendar shows it: each day worked or off, why, and whether anybody knows yet."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from shouwen.handbook.words import Words
from shouwen.handbook.working_time import Shift, WorkingCalendar

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 1)


@dataclass(frozen=True, slots=True)
class Day:
    """One day: worked or not, whether that is other than its weekday's pattern, and what it belongs to."""

    on: date
    works: bool
    is_exception: bool
    name: Words | None
    shifts: str  # said where they are other than the week's
    known: bool  # False past what is published
    is_today: bool

    @property
    def tone(self) -> str:
        return "off" if not self.works else "make-up" if self.is_exception else "worked"


@dataclass(frozen=True, slots=True)
class Month:
    """A month in weeks of seven, Monday first; None where a day is another month's."""

    first: date
    weeks: tuple[tuple[Day | None, ...], ...]
    worked: int
    shifts: tuple[str, ...]  # of an ordinary working day
    before: date | None
    after: date | None

    @property
    def is_guessed(self) -> bool:
        """True when some of its days are not published yet."""
        return any(day and not day.known for week in self.weeks for day in week)


def month_of(working: WorkingCalendar, names: Mapping[date, Words], first: date, today: date) -> Month:
    """The month beginning at `first`; `names` are the holidays of its table, `today` is the calendar's own."""
    pattern = sorted({_said(shifts) for shifts in working.weekly.values() if shifts})
    weeks = tuple(
        tuple(_day(working, names, on, today, pattern) if on.month == first.month else None for on in week)
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    )
    worked = sum(day.works for week in weeks for day in week if day)
    before, after = (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=31)).replace(day=1)
    return Month(
        first,
        weeks,
        worked,
        tuple(pattern),
        before if before >= EARLIEST else None,
        after if after <= LATEST else None,
    )


def _day(working: WorkingCalendar, names: Mapping[date, Words], on: date, today: date, pattern: list[str]) -> Day:
    shifts = working.shifts_on(on)
    is_exception = bool(shifts) != bool(working.weekly.get(on.weekday()))
    said = _said(shifts)
    return Day(
        on=on,
        works=bool(shifts),
        is_exception=is_exception,
        name=names.get(on),
        shifts=said if said and said not in pattern else "",
        known=on <= working.published_until,
        is_today=on == today,
    )


def _said(shifts: Iterable[Shift]) -> str:
    return " ".join(map(str, shifts))
