"""The days and open stretches of a shift pattern, worked out a year at a time."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from operator import attrgetter
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from shouwen.handbook.refusals import Refusal, gettext_noop

ZERO = timedelta(0)
DAY = timedelta(days=1)


class ShiftUnreadable(Refusal):
    clause = "X3"
    says = gettext_noop("“{text}” is not a shift. Write 08:30-12:00; 22:00-06:00 ends on the next day.")


class ShiftWithoutLength(Refusal):
    clause = "X3"
    says = gettext_noop("“{text}” begins and ends at the same time. The whole day is 00:00-24:00.")


_SHIFT = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Shift:
    """One stretch of work in local time; a shift that closes no later than it opens closes on the next day."""

    opens: time
    closes: time

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ShiftUnreadable, ShiftWithoutLength."""
        written = _SHIFT.fullmatch(text.strip())
        if written is None or (written[3] == "24" and written[4] != "00"):
            raise ShiftUnreadable(text=text)
        opens, closes = time(int(written[1]), int(written[2])), time(int(written[3]) % 24, int(written[4]))
        if opens == closes and written[3] != "24":
            raise ShiftWithoutLength(text=text)
        return cls(opens, closes)

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{'24:00' if self.closes == time() else f'{self.closes:%H:%M}'}"

    def on(self, day: date, zone: ZoneInfo) -> Period:
        """The shift that opens on `day`, as it passes in UTC; DST makes it longer or shorter."""
        last = day + DAY if self.closes <= self.opens else day
        opens, closes = datetime.combine(day, self.opens, zone), datetime.combine(last, self.closes, zone)
        return Period(opens.astimezone(UTC), closes.astimezone(UTC))


class Period(NamedTuple):
    """An open stretch in UTC."""

    opens: datetime
    closes: datetime


class WorkedYear(NamedTuple):
    """A UTC year of a calendar: its open stretches, when the shift of each opened, and what was worked by its end."""

    number: int
    opens: list[datetime]
    closes: list[datetime]
    opened: list[datetime]  # differs from `opens` for a shift over the UTC new year
    worked: list[timedelta]

    @property
    def total(self) -> timedelta:
        return self.worked[-1] if self.worked else ZERO

    @property
    def ends(self) -> datetime:
        return datetime(self.number + 1, 1, 1, tzinfo=UTC)

    def worked_until(self, at: datetime) -> timedelta:
        """What is worked from the start of the year to `at`."""
        index = bisect_right(self.opens, at) - 1
        if index < 0:
            return ZERO
        return self.worked[index] - max(self.closes[index] - at, ZERO)

    def instant_of(self, worked: timedelta) -> Period:
        """The opening of the shift in which so much has been worked, and the first instant by which it has."""
        index = bisect_left(self.worked, worked)
        return Period(self.opened[index], self.closes[index] - (self.worked[index] - worked))


class WorkingDays(NamedTuple):
    """The working days of a local year, and when the last shift of each closes."""

    number: int
    dates: list[date]
    closes: list[datetime]
    ends: datetime


class Almanac:
    """The days and open stretches of a pattern, worked out a year at a time, when first asked for, and kept."""

    def __init__(
        self, zone: ZoneInfo, weekly: Mapping[int, tuple[Shift, ...]], exceptions: Mapping[date, tuple[Shift, ...]]
    ) -> None:
        self._zone, self._weekly, self._exceptions = zone, weekly, exceptions
        self._years: dict[int, WorkedYear] = {}
        self._days: dict[int, WorkingDays] = {}
        self._midnights: dict[date, datetime] = {}

    def shifts_on(self, day: date) -> tuple[Shift, ...]:
        exception = self._exceptions.get(day)
        return self._weekly.get(day.weekday(), ()) if exception is None else exception

    def years(self, number: int) -> WorkedYear:
        if number not in self._years:
            self._years[number] = self._work_out_year(number)
        return self._years[number]

    def days(self, number: int) -> WorkingDays:
        if number not in self._days:
            self._days[number] = self._work_out_days(number)
        return self._days[number]

    def midnight(self, day: date) -> datetime:
        """When the local `day` begins."""
        if day not in self._midnights:
            self._midnights[day] = datetime.combine(day, time(), self._zone).astimezone(UTC)
        return self._midnights[day]

    def _work_out_year(self, number: int) -> WorkedYear:
        if number >= MAXYEAR:
            raise OverflowError(number)
        begins, ends = datetime(number, 1, 1, tzinfo=UTC), datetime(number + 1, 1, 1, tzinfo=UTC)
        year = WorkedYear(number, [], [], [], [])
        # local days that touch a UTC year begin up to two days before it: zones reach a day, a night shift another
        for day in _days_from(date(number, 1, 1) - 2 * DAY, date(number + 1, 1, 1) + DAY):
            for shift in sorted(self.shifts_on(day), key=attrgetter("opens")):
                opened, closed = shift.on(day, self._zone)
                opens, closes = max(opened, year.closes[-1] if year.closes else begins), min(closed, ends)
                if opens < closes:
                    year.opens.append(opens)
                    year.closes.append(closes)
                    year.opened.append(opened)
                    year.worked.append(year.total + (closes - opens))
        return year

    def _work_out_days(self, number: int) -> WorkingDays:
        if number >= MAXYEAR:
            raise OverflowError(number)
        working = {day: self.shifts_on(day) for day in _days_from(date(number, 1, 1), date(number, 12, 31))}
        closes = {
            day: max(shift.on(day, self._zone).closes for shift in shifts) for day, shifts in working.items() if shifts
        }
        ends = datetime(number + 1, 1, 1, tzinfo=self._zone).astimezone(UTC)
        return WorkingDays(number, list(closes), list(closes.values()), ends)


def _days_from(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
