"""What holds for every clock, whatever its history: laws, and a slow oracle that counts minute by minute."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwen.handbook.clock import ClockState, ServiceClock, clocks, ledger
from shouwen.handbook.escalation import look_times
from shouwen.handbook.history import Happening, What
from shouwen.handbook.targets import TargetRule
from shouwen.handbook.working_time import Shift, WorkingCalendar, exceptions_from
from tests.handbook.times import ALL_CALENDARS, on, only_clock, rule, state_council

pytestmark = pytest.mark.clause("X2")
MINUTE = timedelta(minutes=1)
ZERO = timedelta(0)
START = on("2026-01-05 00:00")
laws = settings(deadline=None, max_examples=60)

RULES = st.sampled_from(
    [
        rule("days", "7wd"),
        rule("hours", "16wh"),
        rule("minutes", "90wmin"),
        rule("natural", "72h"),
        rule("night", "3wd", calendar="night"),
        rule("hotline", "30wh", calendar="hotline"),
    ]
)
MOMENTS = st.lists(st.integers(1, 60 * 24 * 120), min_size=1, max_size=8, unique=True).map(sorted)


def paused_history(minutes: Sequence[int]) -> list[Happening]:
    """Accepted at `START`, then waiting and going on by turns at these minutes after it."""
    waits = {"standing": "waiting", "pause": "customer"}
    turns = [(What.WAITING_STARTED, waits), (What.RESUMED, {"standing": "running"})]
    rest = [Happening(n + 2, *turn_at(turns[n % 2], minute)) for n, minute in enumerate(minutes)]
    return [Happening(1, What.ACCEPTED, START, {"team": "desk"}), *rest]


def turn_at(turn, minute):
    what, facts = turn
    return what, START + minute * MINUTE, facts


def stands(clock: ServiceClock) -> tuple[object, ...]:
    return clock.state, clock.due_at, clock.budget, clock.provisional, clock.used(on("2026-12-01 00:00"))


@laws
@given(RULES, MOMENTS)
def test_a_pause_never_shortens(target, moments):
    without = only_clock(target, paused_history([]))
    paused = only_clock(target, paused_history(moments))

    assert paused.due_at is None or paused.due_at >= without.due_at
    assert paused.used(on("2026-08-01 00:00")) <= without.used(on("2026-08-01 00:00"))


@laws
@given(RULES, MOMENTS)
def test_the_budget_is_spent_at_the_due_time_and_not_before(target, moments):
    clock = only_clock(target, paused_history(moments))

    if clock.due_at is not None:
        assert clock.used(clock.due_at) == clock.budget
        assert clock.used(clock.due_at - timedelta(microseconds=1)) < clock.budget


@laws
@given(RULES, MOMENTS, MOMENTS)
def test_events_that_concern_no_clock_change_none(target, moments, between):
    history = paused_history(moments)
    teams = ["network", "billing", "desk"]
    others = [
        Happening(100 + n, What.NOTED, START + minute * MINUTE, {"team": teams[n % 3]})
        for n, minute in enumerate(between)
    ]

    plain, split = only_clock(target, history), only_clock(target, [*history, *others])

    assert stands(plain) == stands(split)
    assert look_times(plain) == look_times(split)


@laws
@given(RULES, MOMENTS, st.integers(0, 60 * 24 * 120), st.integers(0, 60 * 24), st.randoms(use_true_random=False))
def test_a_merging_that_was_taken_back_changes_no_clock(target, moments, merged_at, after, random):
    history = paused_history(moments)
    merged = Happening(100, What.MERGED, START + merged_at * MINUTE, {"stage": "merged", "standing": "running"})
    back = Happening(101, What.UNMERGED, merged.happened_at + after * MINUTE, {"standing": "waiting"})
    with_it = random.sample([*history, merged, back], len(history) + 2)

    plain, unmerged = only_clock(target, history), only_clock(target, with_it)

    assert stands(plain) == stands(unmerged)
    assert (look_times(plain), plain.intervals) == (look_times(unmerged), unmerged.intervals)


@laws
@given(RULES, MOMENTS, st.randoms(use_true_random=False))
def test_the_order_of_recording_changes_no_clock(target, moments, random):
    history = paused_history(moments)
    shuffled = random.sample(history, len(history))

    assert clocks(history, [target], ALL_CALENDARS) == clocks(shuffled, [target], ALL_CALENDARS)


@laws
@given(RULES, MOMENTS, MOMENTS, st.integers(0, 60 * 24 * 150))
def test_a_ledger_has_no_hole_and_adds_up(target, moments, between, asked):
    teams = ["network", "billing", "desk"]
    others = [
        Happening(100 + n, What.TRANSFERRED, START + minute * MINUTE, {"team": teams[n % 3]})
        for n, minute in enumerate(between)
    ]
    clock, at = only_clock(target, [*paused_history(moments), *others]), START + asked * MINUTE
    shown = ledger(clock, at)

    edges = [edge for row in shown for edge in (row.start, row.end)]
    assert edges == sorted(edges)
    assert edges[1:-1:2] == edges[2::2]
    assert sum((row.worked for row in shown), ZERO) == clock.used(at)


@laws
@given(RULES, MOMENTS)
def test_a_ladder_is_climbed_upwards_and_ends_past_the_due_time(target, moments):
    clock = only_clock(target, paused_history(moments))
    looks = look_times(clock)

    assert list(looks) == sorted(looks)
    if clock.state is ClockState.RUNNING:
        assert looks[1:] == (clock.due_at, clock.due_at + timedelta(hours=4))
        assert looks[0] < clock.due_at


class Team(NamedTuple):
    """A team as the oracle sees it: wall-clock minutes, and nothing of the code under test."""

    zone: ZoneInfo
    shifts: tuple[tuple[int, int], ...]  # minutes of the day; the second may lie past midnight
    weekdays: frozenset[int]
    off: frozenset[date]
    on: frozenset[date]

    def works_on(self, day: date) -> bool:
        return day in self.on or (day.weekday() in self.weekdays and day not in self.off)

    def works_at(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        if self.works_on(local.date()) and any(opens <= minute < closes for opens, closes in self.shifts):
            return True
        yesterday = local.date() - timedelta(days=1)
        return self.works_on(yesterday) and any(minute + 1440 < closes for _, closes in self.shifts)

    def calendar(self) -> WorkingCalendar:
        shifts = tuple(Shift(clock_time(opens), clock_time(closes)) for opens, closes in self.shifts)
        exceptions = dict.fromkeys(self.off, ()) | dict.fromkeys(self.on, shifts)
        return WorkingCalendar("team", self.zone, dict.fromkeys(self.weekdays, shifts), date.max, exceptions)


def clock_time(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def due_by_the_minute(
    team: Team, duration: str, start: datetime, pauses: Sequence[tuple[datetime, datetime]]
) -> datetime:
    """When the budget is spent, found by walking from minute to minute."""
    budget, at = int(duration.rstrip("wdmin")), start
    if duration.endswith("wd"):
        at = end_of_day(team, start)
        budget = worked_minutes(team, at, close_of_working_day(team, start, budget))
    edges = [edge for pause in pauses for edge in pause]
    while budget:
        if bisect_right(edges, at) % 2 == 0 and team.works_at(at):
            budget -= 1
        at += MINUTE
    return at


def worked_minutes(team: Team, start: datetime, end: datetime) -> int:
    return sum(team.works_at(start + n * MINUTE) for n in range((end - start) // MINUTE))


def end_of_day(team: Team, start: datetime) -> datetime:
    """The first minute that is neither of the day of `start` nor of a shift that opened on it."""
    day, at = start.astimezone(team.zone).date(), start
    while at.astimezone(team.zone).date() == day:
        at += MINUTE
    lasts = max(closes for _, closes in team.shifts) - 1440
    while team.works_on(day) and (local := at.astimezone(team.zone)).hour * 60 + local.minute < lasts:
        at += MINUTE
    return at


def close_of_working_day(team: Team, start: datetime, n: int) -> datetime:
    day = start.astimezone(team.zone).date()
    while n:
        day += timedelta(days=1)
        n -= team.works_on(day)
    last = max(closes for _, closes in team.shifts)
    local = datetime.combine(day + timedelta(days=last // 1440), clock_time(last), team.zone)
    return local.astimezone(UTC)


HOLIDAYS = exceptions_from(state_council(), (Shift(time(9), time(17)),))
TEAMS = {
    "office": Team(
        ZoneInfo("Asia/Shanghai"),
        ((510, 720), (840, 1050)),
        frozenset(range(5)),
        frozenset(day for day, shifts in HOLIDAYS.items() if not shifts),
        frozenset(day for day, shifts in HOLIDAYS.items() if shifts),
    ),
    "hotline": Team(ZoneInfo("Asia/Shanghai"), ((0, 1440),), frozenset(range(7)), frozenset(), frozenset()),
    "night": Team(ZoneInfo("Asia/Shanghai"), ((1320, 1800),), frozenset(range(5)), frozenset(), frozenset()),
    "london": Team(
        ZoneInfo("Europe/London"), ((540, 1020),), frozenset(range(5)), frozenset({date(2026, 4, 3)}), frozenset()
    ),
    "new york": Team(
        ZoneInfo("America/New_York"),
        ((480, 840), (1320, 1800)),
        frozenset({0, 2, 4, 5, 6}),
        frozenset(),
        frozenset({date(2026, 3, 10)}),
    ),
}
# Two weeks that matter in each zone: holidays, clocks going forward and back, a leap day, a new year.
AROUND = ["2026-02-12", "2026-03-07", "2026-03-27", "2026-09-24", "2026-10-24", "2024-02-27", "2025-12-29"]
DURATIONS = ["1wd", "3wd", "45wmin", "120wmin", "480wmin"]


def random_case(random: Random) -> tuple[str, str, datetime, list[tuple[datetime, datetime]]]:
    start = on(f"{random.choice(AROUND)} 00:00") + random.randrange(6 * 1440) * MINUTE
    edges = sorted(random.sample(range(1, 3 * 1440), 2 * random.randrange(3)))
    pauses = [(start + a * MINUTE, start + b * MINUTE) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return random.choice(list(TEAMS)), random.choice(DURATIONS), start, pauses


def paused(start: datetime, pauses: Sequence[tuple[datetime, datetime]]) -> list[Happening]:
    history = [Happening(1, What.ACCEPTED, start)]
    for begins, ends in pauses:
        history.append(Happening(len(history) + 1, What.HELD, begins, {"standing": "held", "pause": "customer"}))
        history.append(Happening(len(history) + 1, What.RESUMED, ends, {"standing": "running"}))
    return history


RANDOM_CASES = 40


@pytest.mark.parametrize("seed", range(5))
def test_an_oracle_that_counts_every_minute_agrees(seed):
    random = Random(seed)
    calendars = {name: team.calendar() for name, team in TEAMS.items()}
    targets: dict[str, TargetRule] = {length: rule("any", length, calendar="team") for length in DURATIONS}

    for _ in range(RANDOM_CASES):
        team, length, start, pauses = random_case(random)
        [clock] = clocks(paused(start, pauses), [targets[length]], {"team": calendars[team]})
        expected = due_by_the_minute(TEAMS[team], length, start, pauses)
        assert clock.due_at == expected, (team, length, start, pauses)
