"""When a team works: shifts, holidays, make-up days (调休), and how far ahead anybody can know.

Everything goes in and comes out as aware UTC; only here does a zone have a say.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Self
from zoneinfo import ZoneInfo

from shouwen.handbook.almanac import DAY, ZERO, Almanac, Period, Shift
from shouwen.handbook.refusals import Refusal, gettext_noop

__all__ = [
    "Calendar",
    "CalendarEmpty",
    "CalendarNotPublished",
    "CalendarRowUnreadable",
    "NaturalTime",
    "Shift",
    "ShiftsOverlap",
    "WorkingCalendar",
    "exceptions_from",
    "published_until",
]
WEEK = timedelta(days=7)


class CalendarNotPublished(Refusal):
    clause = "X3"
    says = gettext_noop(
        "The calendar “{calendar}” is published until {published_until}; nobody knows the days after it."
    )


class CalendarEmpty(Refusal):
    clause = "X3"
    says = gettext_noop("The calendar “{calendar}” has no shift in a week.")


class ShiftsOverlap(Refusal):
    clause = "X3"
    says = gettext_noop("In the calendar “{calendar}” the shifts {one} and {other} overlap.")


class CalendarRowUnreadable(Refusal):
    clause = "X3"
    says = gettext_noop("“{row}” is not a day of a calendar. Write a date, then “off” or “on”.")


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When a team is open.

    An exception beats the weekly pattern: an empty tuple is a day off, a non-empty one a make-up working day (调休),
    even on a Sunday. A shift belongs to the day it opens on. An edge the clocks pass twice is the first one.
    """

    name: str
    zone: ZoneInfo
    weekly: Mapping[int, tuple[Shift, ...]]  # 0 is Monday
    published_until: date
    exceptions: Mapping[date, tuple[Shift, ...]] = field(default_factory=dict)
    version: str = ""
    _almanac: Almanac = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check_shifts(self)
        object.__setattr__(self, "_almanac", Almanac(self.zone, self.weekly, self.exceptions))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """What is worked from `start` to `end`; past `published_until` by the weekly pattern."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if end <= start:
            return ZERO
        years = self._almanac.years
        worked = years(end.year).worked_until(end) - years(start.year).worked_until(start)
        for year in range(start.year, end.year):
            worked += years(year).total
        return worked

    def add(self, start: datetime, working: timedelta) -> datetime:
        """The first instant by which `working` has been worked since `start`. Raises CalendarNotPublished."""
        start = start.astimezone(UTC)
        if working <= ZERO:
            return start
        year = self._almanac.years(start.year)
        left = year.worked_until(start) + working
        while left > year.total:
            left -= year.total
            self._check_published(year.ends - DAY)  # the last night shift that is known may end in the next year
            year = self._almanac.years(year.number + 1)
        opens, at = year.instant_of(left)
        self._check_published(opens)
        return at

    def nth_day_close(self, start: datetime, n: int, *, counting_receipt: bool = False) -> datetime:
        """The close of the last shift of the n-th working day after the day of `start`. Raises CalendarNotPublished.

        `counting_receipt`: that day is the first one, if it is a working day and `start` comes before its close.
        """
        received = start.astimezone(self.zone).date()
        days = self._almanac.days(received.year)
        after = bisect_right(days.dates, received)
        is_first = (
            counting_receipt and after > 0 and days.dates[after - 1] == received and start < days.closes[after - 1]
        )
        index = after + n - (2 if is_first else 1)
        while index >= len(days.dates):
            index -= len(days.dates)
            self._check_published(days.ends)
            days = self._almanac.days(days.number + 1)
        self._check_published(self._almanac.midnight(days.dates[index]))
        return days.closes[index]

    def end_of_day(self, at: datetime) -> datetime:
        """When the local day of `at` is over, with the last shift that opens on it."""
        day = at.astimezone(self.zone).date()
        midnight, days = self._almanac.midnight(day + DAY), self._almanac.days(day.year)
        place = bisect_right(days.dates, day) - 1
        is_worked = place >= 0 and days.dates[place] == day
        return max(midnight, days.closes[place]) if is_worked else midnight

    def open_periods(self, start: datetime) -> Iterator[Period]:
        """The open stretches from `start` until `published_until`; one that passes the UTC new year comes in two."""
        start = start.astimezone(UTC)
        year = self._almanac.years(start.year)
        index = bisect_right(year.closes, start)
        while True:
            for place in range(index, len(year.opens)):
                if self.beyond(year.opened[place]):
                    return
                yield Period(max(start, year.opens[place]), year.closes[place])
            if self.beyond(year.ends - DAY):
                return
            year, index = self._almanac.years(year.number + 1), 0

    def shifts_on(self, day: date) -> tuple[Shift, ...]:
        """The shifts that open on `day`."""
        return self._almanac.shifts_on(day)

    def is_working_day(self, day: date) -> bool:
        return bool(self.shifts_on(day))

    def beyond(self, at: datetime) -> bool:
        """True when `at` lies past what has been published, so that whatever is said about it is provisional."""
        return self.published_until < date.max and at >= self._almanac.midnight(self.published_until + DAY)

    def assumed(self) -> Self:
        """The same calendar, carried on by its weekly pattern past `published_until`: for provisional due times."""
        carried_on = copy(self)
        object.__setattr__(carried_on, "published_until", date.max)
        return carried_on

    def _check_published(self, at: datetime) -> None:
        if self.beyond(at):
            raise CalendarNotPublished(calendar=self.name, published_until=self.published_until)


@dataclass(frozen=True, slots=True)
class NaturalTime:
    """The calendar in which every minute counts."""

    name: str = "natural"
    version: str = ""

    def between(self, start: datetime, end: datetime) -> timedelta:
        return max(end - start, ZERO)

    def add(self, start: datetime, working: timedelta) -> datetime:
        return start + max(working, ZERO)

    def beyond(self, at: datetime) -> bool:
        return False

    def assumed(self) -> Self:
        return self


Calendar = WorkingCalendar | NaturalTime


def exceptions_from(rows: Iterable[Mapping[str, str]], shifts: tuple[Shift, ...]) -> dict[date, tuple[Shift, ...]]:
    """The exceptions a table of days (`date`, `kind` off or on) makes for a team with these shifts on a working day.

    Raises CalendarRowUnreadable.
    """
    kinds = {"off": (), "on": shifts}
    exceptions: dict[date, tuple[Shift, ...]] = {}
    for row in rows:
        try:
            exceptions[date.fromisoformat(row["date"])] = kinds[row["kind"]]
        except (KeyError, ValueError):
            raise CalendarRowUnreadable(row=",".join(map(str, row.values()))) from None
    return exceptions


def published_until(rows: Iterable[Mapping[str, str]]) -> date:
    """How far a table of holidays reaches: to the end of the last `year` it has a notice for."""
    return date(max(int(row["year"]) for row in rows), 12, 31)


def _check_shifts(calendar: WorkingCalendar) -> None:
    week = [(weekday, shift) for weekday, shifts in sorted(calendar.weekly.items()) for shift in shifts]
    if not week:
        raise CalendarEmpty(calendar=calendar.name)
    _check_apart(calendar.name, week, around=WEEK)
    for shifts in calendar.exceptions.values():
        _check_apart(calendar.name, [(0, shift) for shift in shifts])


def _check_apart(name: str, shifts: list[tuple[int, Shift]], around: timedelta | None = None) -> None:
    """Raises ShiftsOverlap when two shifts of a day, or of the week that goes `around`, share a minute."""
    spans = sorted((*_span(weekday, shift), str(shift)) for weekday, shift in shifts)
    if around is not None:
        opens, closes, shift = spans[0]
        spans.append((opens + around, closes + around, shift))
    for (_, closes, one), (opens, _, other) in pairwise(spans):
        if opens < closes:
            raise ShiftsOverlap(calendar=name, one=one, other=other)


def _span(weekday: int, shift: Shift) -> tuple[timedelta, timedelta]:
    midnight = datetime.combine(date.min, time())
    opens = weekday * DAY + (datetime.combine(date.min, shift.opens) - midnight)
    closes = weekday * DAY + (datetime.combine(date.min, shift.closes) - midnight)
    return opens, closes if closes > opens else closes + DAY
