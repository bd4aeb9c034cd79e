"""What a clock says at its very beginning, when nothing but its start has happened.

The same as `clock` and `escalation` say of a history of one event (a test compares them), without the way there: every
ticket that is taken in begins with a dozen clocks.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from shouwen.handbook.history import TicketState, What
from shouwen.handbook.meter import add, given
from shouwen.handbook.targets import TargetRule
from shouwen.handbook.working_time import Calendar


class Beginning(NamedTuple):
    """When a clock that starts now is due, whether that is provisional, and when each rung of its ladder is reached."""

    due_at: datetime
    provisional: bool
    looks: tuple[datetime, ...]


def begins(rule: TargetRule, state: TicketState) -> bool:
    """True when accepting a ticket in this state starts a clock of the rule."""
    return What.ACCEPTED in rule.start and not rule.for_promises and rule.applies.fit(state)


def beginning(rule: TargetRule, calendar: Calendar, start: datetime) -> Beginning:
    """The clock of this rule, started at this moment."""
    budget, due_at, provisional, counts_from = given(rule, calendar, start)
    looks: list[datetime] = []
    for step in rule.ladder:
        if step.share is not None:
            spent = budget * step.share.numerator / step.share.denominator
            looks.append(min(add(calendar, counts_from, spent)[0], due_at))
        elif step.after is not None:
            looks.append(due_at + step.after)
    return Beginning(due_at, provisional, tuple(looks))
