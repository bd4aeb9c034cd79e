"""What must be done by when: the rules an edition states, and which tickets they are for (requirements §4, X3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any, Self

from shouwen.handbook.history import TicketState, What
from shouwen.handbook.refusals import Refusal, gettext_noop
from shouwen.handbook.words import Source, Words

NATURAL = "natural"  # the name of the calendar in which every minute counts
ZERO = timedelta(0)


class DurationUnreadable(Refusal):
    clause = "X3"
    says = gettext_noop("“{text}” is not a duration. Write 7wd, 15d, 72h, 30min, 8wh or 30wmin.")


class RuleContradictory(Refusal):
    clause = "X3"
    says = gettext_noop("A rule contradicts itself.")


class StepUnclear(RuleContradictory):
    says = gettext_noop(
        "A step is a share of the time between 0 and 1, or a time after it has run out: one of the two."
    )


class LadderOutOfOrder(RuleContradictory):
    says = gettext_noop("The steps of “{rule}” are not in the order in which they are reached.")


class CalendarNeeded(RuleContradictory):
    says = gettext_noop("“{rule}” counts {duration} in working time and needs a working calendar.")


class CalendarNotNeeded(RuleContradictory):
    says = gettext_noop("“{rule}” counts {duration} in natural time; the calendar “{calendar}” has no say in it.")


class StartMissing(RuleContradictory):
    says = gettext_noop("Nothing starts “{rule}”.")


class Unit(StrEnum):
    """How a duration is counted."""

    WORKING_DAYS = "wd"  # the day of receipt is not counted; due at the close of the last shift of the n-th
    NATURAL_DAYS = "d"
    HOURS = "h"
    MINUTES = "min"
    WORKING_HOURS = "wh"
    WORKING_MINUTES = "wmin"


WORKING = frozenset({Unit.WORKING_DAYS, Unit.WORKING_HOURS, Unit.WORKING_MINUTES})
_ONE = {
    Unit.NATURAL_DAYS: timedelta(days=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.MINUTES: timedelta(minutes=1),
    Unit.WORKING_HOURS: timedelta(hours=1),
    Unit.WORKING_MINUTES: timedelta(minutes=1),
}
_WRITTEN = re.compile(r"([1-9][0-9]{0,4})\s*(wd|d|h|min|wh|wmin)")


@dataclass(frozen=True, slots=True)
class Duration:
    """So many of a unit, as an edition writes it: 7wd, 15d, 72h, 30min, 8wh, 30wmin."""

    amount: int
    unit: Unit
    span: timedelta | None = field(init=False, repr=False, compare=False)  # None for working days: the calendar knows

    def __post_init__(self) -> None:
        one = _ONE.get(self.unit)
        object.__setattr__(self, "span", None if one is None else self.amount * one)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises DurationUnreadable."""
        written = _WRITTEN.fullmatch(text.strip())
        if written is None:
            raise DurationUnreadable(text=text)
        return cls(int(written[1]), Unit(written[2]))

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

    @property
    def is_working(self) -> bool:
        """True when only working time counts, so that a working calendar is needed."""
        return self.unit in WORKING


class Convention(StrEnum):
    """How a duration is counted from its start; an edition may choose another for working days by name."""

    RECEIPT_DAY_NOT_COUNTED = "receipt-day-not-counted"
    RECEIPT_DAY_COUNTED = "receipt-day-counted"
    ELAPSED = "elapsed"
    WORKED = "worked"


CONVENTIONS: dict[Convention, Words] = {
    Convention.RECEIPT_DAY_NOT_COUNTED: Words(
        "受理当日不计；第 n 个工作日最后一个班次结束时到期；受理次日起，暂停按其间的工作时间顺延",
        "the day of receipt is not counted; due at the close of the last shift of the n-th working day; "
        "a pause after that day moves it by the working time in it",
    ),
    Convention.RECEIPT_DAY_COUNTED: Words(
        "受理当日在下班前收到的计为第一个工作日；第 n 个工作日最后一个班次结束时到期",
        "a working day on which it comes in before the close is the first; due at the close of the n-th working day",
    ),
    Convention.ELAPSED: Words("自然时间连续计算，到点即止", "natural time, exactly as it passes"),
    Convention.WORKED: Words(
        "只计上班的时间，最后一分钟做完即到期", "worked time alone, due at the end of its last minute"
    ),
}
FOR_WORKING_DAYS = (Convention.RECEIPT_DAY_NOT_COUNTED, Convention.RECEIPT_DAY_COUNTED)


class Kind(StrEnum):
    """How binding a rule is."""

    TARGET = "target"  # internal
    LIMIT = "limit"  # must not be exceeded
    STATUTORY = "statutory"  # the law's; nothing pauses it


@dataclass(frozen=True, slots=True)
class Conditions:
    """Which tickets a rule is for: every set that is not empty must contain the ticket's value."""

    ticket_type: frozenset[str] = frozenset()
    category: frozenset[str] = frozenset()  # a code and everything below it: "network" holds "network.coverage.weak"
    priority: frozenset[str] = frozenset()
    complexity: frozenset[str] = frozenset()
    customer_level: frozenset[str] = frozenset()
    channel: frozenset[str] = frozenset()
    mark: frozenset[str] = frozenset()
    _asked: tuple[tuple[str, frozenset[str]], ...] = field(init=False, repr=False, compare=False)
    _branches: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        named = {field.name: getattr(self, field.name) for field in fields(self) if field.init}
        asked = tuple((name, values) for name, values in named.items() if values and name != "category")
        object.__setattr__(self, "_asked", asked)
        object.__setattr__(self, "_branches", tuple(f"{code}." for code in self.category))

    def stated(self) -> dict[str, frozenset[str]]:
        """The sets that are not empty, by the name of the ticket's field."""
        return {one.name: values for one in fields(self) if one.init and (values := getattr(self, one.name))}

    def fit(self, state: TicketState) -> bool:
        """True when the rule is for a ticket in this state."""
        for name, values in self._asked:
            if getattr(state, name) not in values:
                return False
        return not self._branches or f"{state.category}.".startswith(self._branches)


@dataclass(frozen=True, slots=True)
class Step:
    """A rung of a rule's ladder: when it is reached, whom it tells, and whether it escalates.

    `share` of the budget spent (3/4: a warning), or `after` so much natural time past the due time (0: at it).
    `around_the_clock`: people hear of it at once, on duty or not.
    """

    share: Fraction | None = None
    after: timedelta | None = None
    tells: tuple[str, ...] = ()
    escalates: bool = False
    around_the_clock: bool = False

    def __post_init__(self) -> None:
        warns = self.share is not None and 0 < self.share < 1 and self.after is None
        follows = self.share is None and self.after is not None and self.after >= ZERO
        if not warns and not follows:
            raise StepUnclear()

    @property
    def place(self) -> tuple[bool, Fraction | timedelta]:
        """Where it stands on the ladder: warnings first, then past the due time."""
        if self.after is not None:
            return (True, self.after)
        return (False, self.share or Fraction(0))


@dataclass(frozen=True, slots=True)
class TargetRule:
    """One commitment of the edition. Each of its start events on a ticket begins a clock; the first stop event ends it.

    A rule `for_promises` starts at each of its events that names a time (`lives.OWED`: a promise, a task of a
    collaborating team, an answer expected, the end of a pause), and is due then, or `ahead` of it; its duration is not
    read. `stated`: of a start or stop event, the facts it must state to be one, with their values; a truth is “true” or
    “false”. `wall`: how long after its start even an extension the customer agreed to may last (U5.1).
    """

    id: str
    clause: str
    source: Source
    name: Words
    kind: Kind
    duration: Duration
    calendar: str = NATURAL
    start: frozenset[What] = frozenset({What.ACCEPTED})
    stop: frozenset[What] = frozenset()
    pauses: frozenset[str] = frozenset()  # the pause reasons that stop this clock
    applies: Conditions = field(default_factory=Conditions)
    answerable: str = "handler"
    ladder: tuple[Step, ...] = ()
    for_promises: bool = False
    working_days: Convention = Convention.RECEIPT_DAY_NOT_COUNTED
    stated: Mapping[What, Mapping[str, frozenset[str]]] = field(default_factory=dict, hash=False)
    ahead: timedelta = ZERO
    wall: timedelta | None = None
    around_the_clock: bool = False  # every rung of it

    def __post_init__(self) -> None:
        places = [step.place for step in self.ladder]
        if places != sorted(places):
            raise LadderOutOfOrder(rule=self.id)
        if self.for_promises:
            return
        if self.duration.is_working and self.calendar == NATURAL:
            raise CalendarNeeded(rule=self.id, duration=self.duration)
        if not self.duration.is_working and self.calendar != NATURAL:
            raise CalendarNotNeeded(rule=self.id, duration=self.duration, calendar=self.calendar)
        if not self.start:
            raise StartMissing(rule=self.id)

    def hears(self, what: What, facts: Mapping[str, Any]) -> bool:
        """Whether an event among its start or stop events states what this rule asks of it."""
        asked = self.stated.get(what)
        return not asked or all(as_code(facts.get(name)) in values for name, values in asked.items())

    @property
    def leads(self) -> bool:
        """False for what is only measured: it tells nobody, so no list is sorted by it and no screen led by it."""
        return any(step.tells for step in self.ladder)

    @property
    def convention(self) -> Convention:
        """How its duration is counted."""
        if self.duration.unit is Unit.WORKING_DAYS:
            return self.working_days
        return Convention.WORKED if self.duration.is_working else Convention.ELAPSED

    @property
    def can_pause(self) -> bool:
        """Nothing pauses what the law sets (X2)."""
        return self.kind is not Kind.STATUTORY


def as_code(value: Any) -> str:
    """A fact's value as a rule names it: a truth as “true” or “false”."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def written(span: timedelta) -> str:
    """Natural time as an edition writes it, in whole minutes: 1d, 4h, 30min; nothing is 0."""
    minutes = span // timedelta(minutes=1)
    for size, unit in ((1440, Unit.NATURAL_DAYS), (60, Unit.HOURS)):
        if minutes and minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}{Unit.MINUTES}" if minutes else "0"
