"""An oracle that counts minute by minute, and knows nothing of how the handbook reckons (requirements X3).

`python -m tests.handbook.test_oracle 100000` tries as many cases as one likes; the suite tries some of them.
"""

from __future__ import annotations

import random
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import pytest

from shouwen.handbook.reckoning import Pause, reckon
from shouwen.handbook.working_time import NaturalTime, Shift, WorkingCalendar
from tests.handbook.times import rule, state_council

SOME, SEED = 4_000, 20_260_302
MINUTE = timedelta(minutes=1)
LONG = 430  # days counted through


@dataclass
class Team:
    """A team as a person would describe it: where, on which days, in which hours, and the days that are different."""

    zone: str
    weekdays: frozenset[int]
    hours: tuple[tuple[str, str], ...]
    from_day: date
    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()

    def works_on(self, day: date) -> bool:
        return day in self.on or (day.weekday() in self.weekdays and day not in self.off)

    def calendar(self) -> WorkingCalendar:
        shifts = tuple(Shift.parse(f"{opens}-{closes}") for opens, closes in self.hours)
        exceptions = dict.fromkeys(self.off, ()) | dict.fromkeys(self.on, shifts)
        return WorkingCalendar("team", ZoneInfo(self.zone), dict.fromkeys(self.weekdays, shifts), date.max, exceptions)


def _chinese(year: int, kind: str) -> frozenset[date]:
    return frozenset(
        date.fromisoformat(row["date"])
        for row in state_council()
        if row["kind"] == kind and row["date"].startswith(str(year))
    )


MON_FRI = frozenset(range(5))
TEAMS = [
    Team(
        "Asia/Shanghai",
        MON_FRI,
        (("08:30", "12:00"), ("14:00", "17:30")),
        date(2025, 1, 1),
        _chinese(2025, "off"),
        _chinese(2025, "on"),
    ),
    Team(
        "Asia/Shanghai", MON_FRI, (("09:00", "18:00"),), date(2024, 1, 1), _chinese(2024, "off"), _chinese(2024, "on")
    ),
    Team("Asia/Shanghai", frozenset(range(7)), (("08:00", "20:00"),), date(2026, 1, 1)),
    Team("Europe/London", MON_FRI, (("09:00", "17:00"),), date(2025, 1, 1), frozenset({date(2025, 4, 18)})),
    Team("Europe/London", frozenset(range(7)), (("22:00", "06:00"),), date(2025, 1, 1)),
    Team("America/New_York", frozenset({0, 2, 4}), (("07:00", "11:30"), ("12:15", "19:45")), date(2024, 1, 1)),
    Team("Asia/Kathmandu", frozenset({6, 0, 1, 2, 3}), (("10:00", "17:00"),), date(2024, 1, 1)),
]


class Oracle:
    """Every minute of a stretch of time, and how many of them were worked before it."""

    def __init__(self, team: Team) -> None:
        self.team, self.zone = team, ZoneInfo(team.zone)
        self.begins = datetime.combine(team.from_day, time(), UTC)
        self._known: dict[tuple[date, int], bool] = {}
        self.worked = array("l", [0])
        for quarter in range(LONG * 96):  # no zone changes its clocks within a quarter of an hour
            here = (self.begins + 15 * quarter * MINUTE).astimezone(self.zone)
            for minute in range(15):
                self.worked.append(
                    self.worked[-1] + self._is_worked(here.date(), here.hour * 60 + here.minute + minute)
                )

    def _is_worked(self, day: date, minute: int) -> bool:
        return any(opens <= minute < closes and self._works_on(day, late) for opens, closes, late in self._spans)

    @cached_property
    def _spans(self) -> list[tuple[int, int, int]]:
        """From which minute of a day to which, and how many days before the shift had opened."""
        spans: list[tuple[int, int, int]] = []
        for opens, closes in (map(_minute_of_day, hours) for hours in self.team.hours):
            spans += [(opens, closes, 0)] if opens < closes else [(opens, 1440, 0), (0, closes, 1)]
        return spans

    def _works_on(self, day: date, late: int) -> bool:
        if (day, late) not in self._known:
            self._known[day, late] = self.team.works_on(day - timedelta(days=late))
        return self._known[day, late]

    def due(self, start: int, working: int, pauses: list[tuple[int, int]]) -> int:
        """The first minute by which so many have been worked that were not paused."""
        at, left = start, working
        for stands, goes in pauses:
            if self.worked[stands] - self.worked[at] >= left:
                break
            left -= max(0, self.worked[stands] - self.worked[at])
            at = goes
        return bisect_left(self.worked, self.worked[at] + left, lo=at)

    def close_of_day(self, start: int, n: int) -> int:
        """The last worked minute of the n-th working day after the day of `start`."""
        day = (self.begins + start * MINUTE).astimezone(self.zone).date()
        while n:
            day += timedelta(days=1)
            n -= self.team.works_on(day)
        close = max(self.team.hours)[1]
        last = day if max(self.team.hours)[0] < close else day + timedelta(days=1)
        hour, minute = map(int, close.split(":"))
        local = datetime.combine(last, time(hour, minute), self.zone)
        return int((local.astimezone(UTC) - self.begins) / MINUTE)

    def end_of_day(self, start: int) -> int:
        """The first minute after the day of `start` and after every shift that opened on it."""
        day, minute = (self.begins + start * MINUTE).astimezone(self.zone).date(), start
        while (self.begins + minute * MINUTE).astimezone(self.zone).date() == day:
            minute += 1
        while self._still_that_shift(minute, day):
            minute += 1
        return minute

    def _still_that_shift(self, minute: int, day: date) -> bool:
        here = (self.begins + minute * MINUTE).astimezone(self.zone)
        at = here.hour * 60 + here.minute
        late = any(opens <= at < closes for opens, closes, late in self._spans if late)
        return late and here.date() == day + timedelta(days=1) and self.team.works_on(day)

    def at(self, minute: int) -> datetime:
        return self.begins + minute * MINUTE


def _minute_of_day(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def disagreements(cases: int, seed: int) -> Iterator[str]:
    """Where the handbook and the oracle answer differently, case by case."""
    dice = random.Random(seed)
    for number, team in enumerate(TEAMS):
        oracle, calendar = Oracle(team), team.calendar()
        for _ in range(cases // len(TEAMS) + (number < cases % len(TEAMS))):
            yield from _tried(oracle, calendar, dice)


def _tried(oracle: Oracle, calendar: WorkingCalendar, dice: random.Random) -> Iterator[str]:
    start = dice.randrange(2 * 1440, 300 * 1440)
    marks = sorted(
        dice.randrange(start, start + dice.choice([600, 8_000, 40_000])) for _ in range(2 * dice.randrange(4))
    )
    pauses = [(a, b) for a, b in zip(marks[::2], marks[1::2], strict=True) if a < b]
    duration, expected = _asked(oracle, dice, start, pauses)
    natural = not duration.endswith(("wd", "wh", "wmin"))
    asked = rule("any", duration, calendar="natural" if natural else "team")
    stated = [Pause(oracle.at(a), oracle.at(b)) for a, b in pauses]
    clock = reckon(asked, NaturalTime() if natural else calendar, oracle.at(start), stated)
    if clock.due_at != oracle.at(expected):
        yield f"{oracle.team.zone} {oracle.at(start)} {duration} {stated}: {clock.due_at}, not {oracle.at(expected)}"


def _asked(oracle: Oracle, dice: random.Random, start: int, pauses: list[tuple[int, int]]) -> tuple[str, int]:
    """A duration of some kind, and the minute in which it is over."""
    kind = dice.choice(["wd", "wmin", "wh", "h", "d"])
    amount = dice.randint(1, {"wd": 20, "wmin": 3000, "wh": 60, "h": 200, "d": 20}[kind])
    if kind == "wd":
        worked, first = oracle.worked, oracle.end_of_day(start)
        budget = worked[oracle.close_of_day(start, amount)] - worked[first]
        later = [(max(a, first), b) for a, b in pauses if b > first]
        # without a pause it is the close itself; the first minute by which all is worked may be the same
        return f"{amount}wd", oracle.due(first, budget, later) if later else oracle.close_of_day(start, amount)
    if kind in {"wmin", "wh"}:
        return f"{amount}{kind}", oracle.due(start, amount * (60 if kind == "wh" else 1), pauses)
    left, at = amount * (60 if kind == "h" else 1440), start
    for stands, goes in pauses:
        if stands - at >= left:
            break
        left, at = left - (stands - at), goes
    return f"{amount}{kind}", at + left


@pytest.mark.clause("X3", "X2")
def test_the_handbook_agrees_with_whoever_counts_minute_by_minute() -> None:
    assert list(disagreements(SOME, SEED)) == []


if __name__ == "__main__":
    found = list(disagreements(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else SEED))
    sys.stdout.write("\n".join([*found[:10], f"{len(found)} of {sys.argv[1]} cases differ\n"]))
    sys.exit(bool(found))
