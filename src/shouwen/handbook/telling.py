"""What customers hear without asking, and who else hears of an outcome (T4.3, U3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from shouwen.handbook.calling import Calls
from shouwen.handbook.clock import ClockState, ServiceClock
from shouwen.handbook.history import TicketState, What
from shouwen.handbook.quiet import QuietHours
from shouwen.handbook.satisfaction import Coaching, Marking, Reviewing
from shouwen.handbook.targets import Conditions, Kind, TargetRule
from shouwen.handbook.words import Source

OUTCOMES = frozenset({What.CUSTOMER_TOLD, What.CLOSED})  # the customer is owed word of these (H5.1.3)


@dataclass(frozen=True, slots=True)
class Progress:
    """At which event a customer hears how far it is, and until which the next step may take."""

    what: What
    template: str  # names the time of the next step
    otherwise: str  # where none is known
    next: frozenset[What]
    applies: Conditions = field(default_factory=Conditions)


@dataclass(frozen=True, slots=True)
class Delay:
    """Which clocks a customer is warned of before they run out, from which share of their time on."""

    rules: frozenset[str]
    share: Fraction
    template: str

    def warns(self, rule: TargetRule, step: int) -> bool:
        """True for a rung of one of its clocks that has come so far."""
        share = rule.ladder[step].share if step < len(rule.ladder) else None
        return rule.id in self.rules and share is not None and share >= self.share


@dataclass(frozen=True, slots=True)
class Copy:
    """Who in the house is told of an outcome: a role, or `concerned`, the person complained about (U3.3)."""

    to: str
    template: str
    applies: Conditions = field(default_factory=Conditions)


@dataclass(frozen=True, slots=True)
class Telling:
    """Everything an edition says about telling and asking. A pack that says nothing has an empty one."""

    quiet: QuietHours | None = None
    progress: tuple[Progress, ...] = ()
    delays: tuple[Delay, ...] = ()
    copies: tuple[Copy, ...] = ()
    calls: Calls | None = None
    marking: Marking | None = None
    reviewing: Reviewing | None = None
    coaching: Coaching | None = None
    sources: Mapping[str, Source] = field(default_factory=dict)  # by the name of the part

    @property
    def progress_templates(self) -> frozenset[str]:
        """What says how far a ticket is, or how it came out."""
        return frozenset(template for step in self.progress for template in (step.template, step.otherwise))

    @property
    def passing_templates(self) -> frozenset[str]:
        """Those of them that only say how far it is: nobody needs one that is sent together with a later one."""
        outcomes = {name for step in self.progress if step.what in OUTCOMES for name in (step.template, step.otherwise)}
        return self.progress_templates - outcomes

    def progress_at(self, what: What, state: TicketState) -> Progress | None:
        """What a customer hears at this event."""
        return next((one for one in self.progress if one.what is what and one.applies.fit(state)), None)


def expected_by(clocks: Iterable[ServiceClock], next_events: frozenset[What], at: datetime) -> datetime | None:
    """By when the next of these events may be expected: the soonest limit that ends with one. None if none runs.

    What is only a target is nobody else's business, and a time that has passed is no promise any more.
    """
    due = [
        clock.due_at
        for clock in clocks
        if clock.state is ClockState.RUNNING and clock.rule.kind is not Kind.TARGET and clock.rule.stop & next_events
        if clock.due_at is not None and clock.due_at > at
    ]
    return min(due, default=None)
