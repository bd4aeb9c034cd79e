"""How one clock is counted: what each turn of a history spends of the budget, and what that makes of the due time.

Paused time does not spend the budget. A budget of working days is what is worked on those days: where the receipt day
is not counted, nothing in it spends the budget or moves the due time, a pause neither. Nothing pauses or extends a
statutory clock. An extension counts when it was agreed before the due time had passed; a pause that begins after the
agreement moves the agreed time as it moves any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from shouwen.handbook.facts import instant
from shouwen.handbook.history import Happening, What
from shouwen.handbook.lives import Holder, Turn, carried, due_by
from shouwen.handbook.targets import CalendarNeeded, Convention, TargetRule
from shouwen.handbook.working_time import Calendar, CalendarNotPublished, NaturalTime

ZERO = timedelta(0)
RECEIPT_DAY = "receipt_day"  # why a stretch is not counted where working days begin with the next one


class Interval(NamedTuple):
    """A stretch of a clock's life: counted or not, why, in whose hands, under which version of the calendar.

    `why` is "running", "paused:<reason>", "running:<reason>" (a pause that does not stop this clock), "receipt_day" or
    "carried_over".
    `nobodys`: counted, and yet nobody is answerable for it.
    """

    start: datetime
    end: datetime | None
    counted: bool
    why: str
    worked: timedelta | None
    by: Holder
    calendar_version: str
    nobodys: bool = False


class Given(NamedTuple):
    """What a rule gives at its start: a budget, when it is due without a pause, and from when on time spends it."""

    budget: timedelta
    due_at: datetime
    provisional: bool
    counts_from: datetime


class Meter:
    """Counts one clock while the turns of its ticket pass by."""

    def __init__(self, rule: TargetRule, calendar: Calendar, turn: Turn) -> None:
        self.rule, self.calendar = rule, calendar
        self.started_at = self.mark = turn.row.happened_at  # `mark`: where the interval in progress began
        self.spent, self.since = ZERO, self.started_at  # what was spent by `since`, and from when it is spent again
        self.intervals: list[Interval] = []
        self.asked = _asked(turn.row)
        self.extended = False
        self.agreed: datetime | None = None  # a due time that was set while paused
        self.due_at: datetime | None
        self.budget, self.due_at, self.provisional, self.counts_from = self._given(turn.row)
        self._hold(turn)
        if self.paused:
            self.due_at, self.provisional = None, False
        self._carry_over(turn.row)

    def take(self, turn: Turn) -> None:
        """Go on to the next event."""
        row, was_paused = turn.row, self.paused
        if row.what is What.EXTENSION_AGREED:
            self._extend(row)
        elif row.what is What.CARRIED_OVER:
            self._carry_over(row)
        if (self.asked or turn.holder) == self.holder and turn.pause == self.pause:
            return
        self._cut(row.happened_at)
        self._hold(turn)
        if self.paused and not was_paused:
            self._stand_still(row.happened_at)
        elif was_paused and not self.paused:
            self._go_on(row.happened_at)

    def end(self, at: datetime) -> None:
        """Stop for good; a clock that stops in a pause gets the due time it would have had by going on."""
        if self.due_at is None:
            self._go_on(at)
        self._cut(at)

    def intervals_until(self, end: datetime | None) -> Iterator[Interval]:
        """The interval in progress; in two, where a day that is not counted ends in it."""
        counted = not self.paused
        if counted and self.mark < self.counts_from:
            until = self.counts_from if end is None else min(self.counts_from, end)
            yield Interval(self.mark, until, False, RECEIPT_DAY, None, self.holder, self.calendar.version)
            if until == end:
                return
        start = max(self.mark, self.counts_from) if counted else self.mark
        why = "running"
        if self.pause is not None:
            why = f"{'paused' if self.paused else 'running'}:{self.pause}"
        nobodys = counted and self.excused
        yield Interval(start, end, counted, why, None, self.holder, self.calendar.version, nobodys)

    def _given(self, row: Happening) -> Given:
        if self.rule.for_promises:
            promised = instant(due_by(row)) - self.rule.ahead
            return Given(self.calendar.between(self.started_at, promised), promised, False, self.started_at)
        return given(self.rule, self.calendar, self.started_at)

    def _worked(self, until: datetime) -> timedelta:
        """What has been spent since it was last reckoned."""
        return self.calendar.between(max(self.since, self.counts_from), until)

    def _hold(self, turn: Turn) -> None:
        self.holder, self.pause = self.asked or turn.holder, turn.pause
        self.paused = turn.pause in self.rule.pauses and self.rule.can_pause
        # What could have been made to stop and was not is meant to be kept over a hold; nobody can hurry a customer.
        self.excused = turn.pause is not None and (turn.waits or not self.rule.can_pause)

    def _cut(self, at: datetime) -> None:
        if at > self.mark:
            self.intervals.extend(self.intervals_until(at))
            self.mark = at

    def _stand_still(self, at: datetime) -> None:
        self.spent += self._worked(at)
        self.agreed = None
        if self.due_at is not None and self.due_at > at:
            self.due_at, self.provisional = None, False

    def _go_on(self, at: datetime) -> None:
        self.since = at
        if self.due_at is not None:
            return
        if self.agreed is not None:
            self.due_at = max(self.agreed, at)
            self.budget = self.spent + self._worked(self.due_at)
        else:
            self.due_at, self.provisional = self._due_from(at)

    def _extend(self, row: Happening) -> None:
        overrun = self.due_at is not None and row.happened_at > self.due_at
        if row.facts.get("rule") == self.rule.id and self.rule.can_pause and not overrun:
            self._set_due(row.happened_at, instant(row.facts["until"]))
            self.extended = True

    def _carry_over(self, row: Happening) -> None:
        entry, at = carried(self.rule, row), row.happened_at
        if entry is None:
            return
        if "due_at" in entry:
            self._set_due(at, instant(entry["due_at"]))
            return
        self.spent, self.since, self.mark = timedelta(minutes=entry["spent_minutes"]), at, at
        self.intervals = [
            Interval(self.started_at, at, True, "carried_over", self.spent, self.holder, self.calendar.version, True)
        ]
        if not self.paused:
            self.due_at, self.provisional = self._due_from(at)

    def _due_from(self, at: datetime) -> tuple[datetime, bool]:
        return add(self.calendar, max(at, self.counts_from), self.budget - self.spent)

    def _set_due(self, at: datetime, due: datetime) -> None:
        if not self.paused:
            self.spent, self.since = self.spent + self._worked(at), at
        left = self.calendar.between(max(at, self.counts_from), due) - self.calendar.between(due, at)
        self.budget = max(self.spent + left, ZERO)
        if self.paused and due > at:
            self.agreed, self.due_at = due, None
        else:
            self.due_at, self.provisional = due, False


def _asked(row: Happening) -> Holder | None:
    """Whose time it is when a team was asked for a task (协办): its own, whoever has the ticket meanwhile."""
    team = row.facts.get("to_team") if row.what is What.TASK_ASSIGNED else None
    return Holder(str(team), None) if team else None


def given(rule: TargetRule, calendar: Calendar, start: datetime) -> Given:
    """What a rule gives at this start. Raises CalendarNeeded."""
    duration = rule.duration
    if (span := duration.span) is not None:
        return Given(span, *add(calendar, start, span), start)
    if isinstance(calendar, NaturalTime):
        raise CalendarNeeded(rule=rule.id, duration=duration)
    counting_receipt = rule.convention is Convention.RECEIPT_DAY_COUNTED
    try:
        due, provisional = calendar.nth_day_close(start, duration.amount, counting_receipt=counting_receipt), False
    except CalendarNotPublished:
        assumed = calendar.assumed()
        due, provisional = assumed.nth_day_close(start, duration.amount, counting_receipt=counting_receipt), True
    counts_from = start if counting_receipt else calendar.end_of_day(start)
    return Given(calendar.between(counts_from, due), due, provisional, counts_from)


def add(calendar: Calendar, start: datetime, working: timedelta) -> tuple[datetime, bool]:
    """When so much has been worked, and whether that is provisional because the calendar is not published so far."""
    try:
        return calendar.add(start, working), False
    except CalendarNotPublished:
        return calendar.assumed().add(start, working), True
