"""A ticket's clocks, replayed from its history: never stored, always explained (X2, X3).

What happened is taken in the order in which it happened. A clock is met when it stops at its due time or before; how it
is counted, `meter` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from shouwen.handbook.calendars import Calendars
from shouwen.handbook.history import Happening, TicketState, What, replay
from shouwen.handbook.lives import VOID, Holder, Life, Turn, begun_by, counted, lives, turns_of
from shouwen.handbook.meter import Interval, Meter, add
from shouwen.handbook.targets import NATURAL, TargetRule
from shouwen.handbook.working_time import Calendar, NaturalTime

__all__ = ["ClockState", "Holder", "Interval", "ServiceClock", "clocks", "ledger"]
ZERO = timedelta(0)
NATURAL_TIME = NaturalTime()


class ClockState(StrEnum):
    """What has become of a clock."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    VOID = "void"  # it no longer measures anything: replaced, withdrawn, done before the ticket was moved in


class ServiceClock(NamedTuple):
    """One commitment on one ticket, and how its history has used it.

    `due_at` is None while paused, unless it had passed before the pause; a clock that has stopped keeps what it had.
    """

    rule: TargetRule
    start_seq: int
    started_at: datetime
    intervals: tuple[Interval, ...]
    state: ClockState
    due_at: datetime | None
    stopped_at: datetime | None
    provisional: bool
    extended: bool
    previous: int | None
    budget: timedelta
    ended_by: str = ""
    calendar: Calendar = NATURAL_TIME
    counts_from: datetime | None = None  # where time begins to spend the budget later than at the start

    @property
    def id(self) -> str:
        return f"{self.rule.id}@{self.start_seq}"

    @property
    def wall(self) -> datetime | None:
        """Until when it may be extended at the latest, even with the customer's consent (U5.1)."""
        return self.started_at + self.rule.wall if self.rule.wall else None

    def may_be_extended(self, at: datetime) -> bool:
        """False for what does not go on, what the law sets, what has run out, and what stands at its wall (U7.1)."""
        going = self.state in (ClockState.RUNNING, ClockState.PAUSED)
        at_wall = self.wall is not None and self.due_at is not None and self.due_at >= self.wall
        return going and self.rule.can_pause and not self.breached(at) and not at_wall

    def breached(self, at: datetime) -> bool:
        """True when, at `at`, the due time had come and the work was not done."""
        if self.due_at is None:
            return False
        if self.stopped_at is not None and at >= self.stopped_at:
            return self.stopped_at > self.due_at
        return at >= self.due_at

    def used(self, at: datetime) -> timedelta:
        """What had been spent of the budget at `at`."""
        return sum((row.worked or ZERO for row in ledger(self, at)), ZERO)

    def left(self, at: datetime) -> timedelta:
        """What was left of the budget at `at`; negative once overrun."""
        return self.budget - self.used(at)

    def share(self, at: datetime) -> float:
        """The part of the budget that had been spent at `at`; above 1 once overrun."""
        return self.used(at) / self.budget if self.budget else 1.0

    def party(self, at: datetime) -> Holder:
        """Who held the ticket at `at`."""
        held = [row.by for row in self.intervals if row.start <= at]
        return held[-1] if held else self.intervals[0].by if self.intervals else Holder(None, None)

    def due_from(self, at: datetime) -> datetime:
        """When it is due; of a paused clock, when it would be due if it went on at `at`."""
        return self.due_at or add(self.calendar, max(at, self.counts_from or at), self.left(at))[0]

    def instant_of(self, spent: timedelta) -> datetime | None:
        """When `spent` of the budget was, or will be, spent; None when a pause or the end comes before it."""
        for row in self.intervals:
            if not row.counted:
                continue
            worked = _worked(row, self.calendar, row.end) if row.end is not None else None
            if worked is None:
                return add(self.calendar, row.start, spent)[0]
            if spent <= worked:
                return row.end if row.worked is not None else add(self.calendar, row.start, spent)[0]
            spent -= worked
        return None


def clocks(
    history: Sequence[Happening],
    rules: Iterable[TargetRule],
    calendars: Mapping[str, Calendar],
    *,
    state: TicketState | None = None,
    former: Callable[[str], Iterable[TargetRule]] | None = None,
) -> list[ServiceClock]:
    """The clocks of a ticket, by rule and start. A ticket taken in as history has none before it is worked again.

    Which rules apply is decided by what the ticket is now (`state`, where the caller has it already): after a change of
    priority other rules apply, from the original start. Where the ticket has followed a new edition, `former` finds the
    rules of the one before by its id: what had ended stays as it was judged, and what runs is counted by `rules`.
    """
    changes = [place for place, row in enumerate(history) if row.what is What.RULES_CHANGED] if former else []
    if former is None or not changes:
        return _clocks(history, rules, calendars, state)
    before, change = history[: changes[-1]], history[changes[-1]]
    rules, earlier = list(rules), list(former(str(change.facts["former"])))
    judged = _ended(clocks(before, earlier, calendars, former=former), _clocks(history, earlier, calendars, state))
    now = _clocks(history, rules, calendars, state)
    over = judged.keys() | _ended(_clocks(before, rules, calendars, state), now).keys()
    return [*judged.values(), *(clock for clock in now if clock.id not in over)]


def _ended(then: Iterable[ServiceClock], now: Iterable[ServiceClock]) -> dict[str, ServiceClock]:
    """The clocks that had ended then, and whose ending has not been undone since."""
    still = {clock.id: clock.stopped_at for clock in now}
    ended = (clock for clock in then if clock.stopped_at is not None)
    return {clock.id: clock for clock in ended if still.get(clock.id, clock.stopped_at) == clock.stopped_at}


def _clocks(
    history: Sequence[Happening],
    rules: Iterable[TargetRule],
    calendars: Mapping[str, Calendar],
    state: TicketState | None,
) -> list[ServiceClock]:
    turns = counted(turns_of(history))
    now = state or replay(history)
    whats = {turn.row.what for turn in turns}
    return [
        _replayed(rule, _calendar(rule, calendars, turns, life), turns, life)
        for rule in rules
        if begun_by(rule, whats) and rule.applies.fit(now)
        for life in lives(rule, turns)
    ]


def ledger(clock: ServiceClock, at: datetime) -> list[Interval]:
    """Every interval up to `at`, with what was spent of the budget in each."""
    return [
        row._replace(end=end, worked=_worked(row, clock.calendar, end) if row.counted else ZERO)
        for row in clock.intervals
        if row.start < at
        for end in [at if row.end is None else min(row.end, at)]
    ]


def _worked(row: Interval, calendar: Calendar, until: datetime) -> timedelta:
    return calendar.between(row.start, until) if row.worked is None else row.worked


def _calendar(rule: TargetRule, calendars: Mapping[str, Calendar], turns: Sequence[Turn], life: Life) -> Calendar:
    """What the clock is counted by: as long as it lives, the newest version; then the one it was judged by."""
    if rule.calendar == NATURAL:
        return NATURAL_TIME
    ended_at = None if life.last is None else turns[life.last].row.recorded_at
    if ended_at is None or not isinstance(calendars, Calendars):
        return calendars[rule.calendar]
    return calendars.known_at(rule.calendar, ended_at)


def _replayed(rule: TargetRule, calendar: Calendar, turns: Sequence[Turn], life: Life) -> ServiceClock:
    """The clock of this life, counted through."""
    meter = Meter(rule, calendar, turns[life.first])
    for turn in turns[life.first + 1 : len(turns) if life.last is None else life.last + 1]:
        if turn.changes:
            meter.take(turn)
    ended = None if life.last is None else turns[life.last].row
    if ended is not None:
        meter.end(ended.happened_at)
    return ServiceClock(
        rule=rule,
        start_seq=turns[life.first].row.seq,
        started_at=meter.started_at,
        intervals=tuple(meter.intervals) if ended else (*meter.intervals, *meter.intervals_until(None)),
        state=_state(meter, life, ended),
        due_at=meter.due_at,
        stopped_at=ended.happened_at if ended else None,
        provisional=meter.provisional,
        extended=meter.extended,
        previous=life.previous,
        budget=meter.budget,
        ended_by=ended.what if ended else "",
        calendar=calendar,
        counts_from=meter.counts_from,
    )


def _state(meter: Meter, life: Life, ended: Happening | None) -> ClockState:
    if ended is None:
        return ClockState.PAUSED if meter.paused else ClockState.RUNNING
    if life.how == VOID:
        return ClockState.VOID
    return ClockState.MISSED if meter.due_at and ended.happened_at > meter.due_at else ClockState.MET
