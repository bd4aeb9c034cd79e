"""The ladder of a clock: when its rungs are reached, and which of them are due (S3.3, T5.2).

The sweep decides from a clock's row alone: the instants of the rungs in ladder order (`look_times`), and how many of
them have been taken. Late is safe: every rung whose instant has passed is due, once.

A rung is taken when its time has come, whoever is on duty: the clock never waits. What it has to say to somebody waits
for their hours, unless it is urgent.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shouwen.handbook.clock import ClockState, ServiceClock
from shouwen.handbook.targets import NATURAL, Step, TargetRule
from shouwen.handbook.working_time import Calendar, NaturalTime


@dataclass(frozen=True, slots=True)
class DutyHours:
    """By which calendars people are on duty: by the work their teams do and by their roles, else by `otherwise`."""

    otherwise: str = NATURAL
    teams: Mapping[str, str] = field(default_factory=dict)  # work → calendar
    roles: Mapping[str, str] = field(default_factory=dict)

    def calendars_of(self, teams: Iterable[str], roles: Iterable[str] = ()) -> frozenset[str]:
        """The calendars of somebody in these teams (by code) with these roles: on duty by any is on duty."""
        works = {code.partition("-")[0] for code in teams}
        by_team = {self.teams.get(work, self.otherwise) for work in works}
        by_role = {self.roles[role] for role in roles if role in self.roles}
        return frozenset(by_team | by_role) or frozenset({self.otherwise})


def told_from(at: datetime, duty: Iterable[Calendar]) -> datetime:
    """From when on whoever works by any of these calendars is told what has come up at `at` (aware UTC).

    At once in their duty hours, else as soon as the next begin; past the horizon by the weekly pattern.
    """
    return min(_on_duty_from(at, calendar) for calendar in duty)


def is_urgent(rule: TargetRule, step: Step) -> bool:
    """True for what people are told at any hour."""
    return rule.around_the_clock or step.around_the_clock


def look_times(clock: ServiceClock) -> tuple[datetime, ...]:
    """The instant of each rung, in ladder order, as far as it is known.

    Nobody looks at a clock that has stopped. Of a paused one only the rungs reached before the pause are known.
    """
    if clock.stopped_at is not None:
        return ()
    until = _paused_since(clock)
    looks: list[datetime] = []
    for step in clock.rule.ladder:
        at = _instant_of(clock, step)
        if at is None or (until is not None and at > until):
            break
        looks.append(at)
    return tuple(looks)


def look_after(looks: Sequence[datetime], taken: int) -> datetime | None:
    """When the sweep must look again, from the row alone."""
    return looks[taken] if taken < len(looks) else None


def steps_due(rule: TargetRule, looks: Sequence[datetime], taken: int, at: datetime) -> list[Step]:
    """The rungs that have been reached by `at` and not been taken, in order."""
    return list(rule.ladder[taken : bisect_right(looks, at)])


def _on_duty_from(at: datetime, calendar: Calendar) -> datetime:
    if isinstance(calendar, NaturalTime):
        return at
    return next(iter(calendar.assumed().open_periods(at))).opens


def _instant_of(clock: ServiceClock, step: Step) -> datetime | None:
    if step.share is not None:
        at = clock.instant_of(clock.budget * step.share.numerator / step.share.denominator)
        return at if at is None or clock.due_at is None else min(at, clock.due_at)
    if clock.due_at is None or step.after is None:
        return None
    return clock.due_at + step.after


def _paused_since(clock: ServiceClock) -> datetime | None:
    """When the pause began in which the clock stands now."""
    if clock.state is not ClockState.PAUSED:
        return None
    since = clock.intervals[-1].start
    for row in reversed(clock.intervals):
        if not row.why.startswith("paused:"):
            break
        since = row.start
    return since
