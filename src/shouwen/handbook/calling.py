"""The call back by a person: who is called, how often, and what a follow-up without it would have to say (S4.2b)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from shouwen.handbook.history import TicketState
from shouwen.handbook.quiet import QuietHours, allowed_from
from shouwen.handbook.refusals import CallDue
from shouwen.handbook.targets import Conditions
from shouwen.handbook.words import Words


class Called(StrEnum):
    """How a call went."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    REFUSED = "refused"  # the customer does not want to be asked


@dataclass(frozen=True, slots=True)
class Script:
    """What is said in a call of one kind, line by line, with {blanks} the ticket fills."""

    id: str
    name: Words
    applies: Conditions
    lines: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Calls:
    """Who is called by a person, within what time, how often, how long between two calls; and what is said."""

    applies: tuple[Conditions, ...]  # any of them
    within: timedelta
    attempts: int
    apart: timedelta
    via: frozenset[str]  # the ways of feedback that are a talk with a person
    scripts: tuple[Script, ...] = ()

    def due_for(self, state: TicketState) -> bool:
        return any(one.fit(state) for one in self.applies)

    def script_for(self, state: TicketState) -> Script | None:
        """The first script that fits."""
        return next((script for script in self.scripts if script.applies.fit(state)), None)


def next_call(at: datetime, calls: Calls, *hours: QuietHours) -> datetime:
    """When somebody is called again who was not reached at `at`: never in hours in which they are left in peace."""
    return allowed_from(at + calls.apart, *hours)


def check_called(state: TicketState, facts: Mapping[str, Any], calls: Calls | None) -> None:
    """Raises CallDue for a follow-up that says of no talk, no refusal and not enough calls in vain (S4.2b)."""
    if calls is None or not calls.due_for(state):
        return
    called = facts.get("called") or (Called.REACHED if isinstance(facts.get("satisfied"), bool) else None)
    if called == Called.REACHED and facts.get("via") in calls.via:
        return
    if called == Called.REFUSED:
        return
    if called == Called.NOT_REACHED and int(facts.get("calls") or 0) >= calls.attempts:
        return
    raise CallDue(attempts=calls.attempts)
