"""When something is due, asked without a ticket: a rule, a start and pauses (X2, X3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from shouwen.handbook.clock import NATURAL_TIME, ServiceClock, clocks
from shouwen.handbook.history import Happening, Standing, What
from shouwen.handbook.refusals import Refusal, gettext_noop
from shouwen.handbook.targets import NATURAL, Conditions, TargetRule
from shouwen.handbook.working_time import Calendar


class PauseBackwards(Refusal):
    clause = "X2"
    says = gettext_noop("A pause ends after it starts; this one starts at {start} and ends at {end}.")


class PauseForbidden(Refusal):
    clause = "X2"
    says = gettext_noop("Nothing pauses “{rule}”.")


class StatutoryPause(PauseForbidden):
    says = gettext_noop("The law sets “{rule}”, and nothing pauses what the law sets.")


class DueWhenPromised(Refusal):
    clause = "T4.5"
    says = gettext_noop("“{rule}” is due when the promise says; there is nothing to reckon.")


class Pause(NamedTuple):
    """A time for which a clock stands still: from when to when."""

    start: datetime
    end: datetime


def reckon(rule: TargetRule, calendar: Calendar, start: datetime, pauses: Iterable[Pause] = ()) -> ServiceClock:
    """The clock of this rule, begun at `start` (aware), with nothing but these pauses since. Raises Refusal."""
    stops = _checked(rule, pauses)
    if rule.for_promises:
        raise DueWhenPromised(rule=rule.id)
    reason = min(rule.pauses, default="")
    history = [Happening(1, What.ACCEPTED, start, {})]
    for pause in _apart(stops, start):
        standing_still = {"standing": Standing.WAITING, "pause": reason}
        history.append(Happening(len(history) + 1, What.WAITING_STARTED, pause.start, standing_still))
        history.append(Happening(len(history) + 1, What.RESUMED, pause.end, {"standing": Standing.RUNNING}))
    alone = replace(rule, start=frozenset({What.ACCEPTED}), stop=frozenset(), applies=Conditions())
    [clock] = clocks(history, [alone], {calendar.name: calendar, NATURAL: NATURAL_TIME})
    return clock


def _checked(rule: TargetRule, pauses: Iterable[Pause]) -> list[Pause]:
    stops = sorted(pauses)
    for pause in stops:
        if pause.end <= pause.start:
            raise PauseBackwards(start=pause.start.isoformat(), end=pause.end.isoformat())
    if stops and not rule.can_pause:
        raise StatutoryPause(rule=rule.id)
    if stops and not rule.pauses:
        raise PauseForbidden(rule=rule.id)
    return stops


def _apart(stops: Sequence[Pause], start: datetime) -> list[Pause]:
    """The pauses from the start on, those that touch made one."""
    apart: list[Pause] = []
    for pause in stops:
        if pause.end <= start:
            continue
        if apart and pause.start <= apart[-1].end:
            apart[-1] = Pause(apart[-1].start, max(apart[-1].end, pause.end))
        else:
            apart.append(Pause(max(pause.start, start), pause.end))
    return apart
