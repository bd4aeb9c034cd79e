"""The calendars, rules and histories that the tests of working time and of clocks share."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import shouwen.editions
from shouwen.handbook.clock import ServiceClock, clocks
from shouwen.handbook.history import Happening, What
from shouwen.handbook.targets import NATURAL, Conditions, Duration, Kind, Step, TargetRule
from shouwen.handbook.words import Source, Words
from shouwen.handbook.working_time import (
    Calendar,
    NaturalTime,
    Shift,
    WorkingCalendar,
    exceptions_from,
    published_until,
)
from tests.examples import code, codes, examples

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKDAYS = {"cn": range(5), "mon-fri": range(5), "all": range(7)}
NOTHING = Words("无", "nothing")
WARN_THEN_BREACH = (
    Step(share=Fraction(3, 4), tells=("handler",)),
    Step(after=timedelta(0), tells=("supervisor",), escalates=True),
    Step(after=timedelta(hours=4), tells=("manager",), escalates=True),
)


def on(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """A local time, as the aware UTC everything inside is made of."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def state_council() -> list[dict[str, str]]:
    """The shipped table of holidays and make-up days."""
    table = Path(shouwen.editions.__file__).parent / "calendars" / "cn.csv"
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def calendar(name: str, zone: str, days: str, shifts: Sequence[str]) -> WorkingCalendar:
    rows = state_council() if days == "cn" else []
    worked = tuple(Shift.parse(shift) for shift in shifts)
    return WorkingCalendar(
        name=name,
        zone=ZoneInfo(zone),
        weekly=dict.fromkeys(WEEKDAYS[days], worked),
        published_until=published_until(rows) if rows else date.max,
        exceptions=exceptions_from(rows, worked),
        version=f"{name}@1",
    )


CALENDARS: dict[str, WorkingCalendar] = {
    code(row["calendar"]): calendar(code(row["calendar"]), code(row["zone"]), code(row["days"]), codes(row["shifts"]))
    for row in examples("examples/working-time.md", "calendars")
}
OFFICE = CALENDARS["office"]
ALL_CALENDARS: dict[str, Calendar] = {**CALENDARS, NATURAL: NaturalTime()}


def rule(
    name: str,
    duration: str,
    *,
    calendar: str = "office",
    kind: Kind = Kind.LIMIT,
    start: Sequence[What] = (What.ACCEPTED, What.REOPENED),
    stop: Sequence[What] = (What.CUSTOMER_TOLD,),
    pauses: Sequence[str] = ("customer", "appointment"),
    applies: Conditions | None = None,
    ladder: tuple[Step, ...] = WARN_THEN_BREACH,
    for_promises: bool = False,
) -> TargetRule:
    length = Duration.parse(duration)
    return TargetRule(
        id=name,
        clause="X3",
        source=Source(NOTHING, "", NOTHING),
        name=NOTHING,
        kind=kind,
        duration=length,
        calendar=calendar if length.is_working else NATURAL,
        start=frozenset(start),
        stop=frozenset(stop),
        pauses=frozenset(pauses),
        applies=applies or Conditions(),
        ladder=ladder,
        for_promises=for_promises,
    )


def story(*happenings: tuple[str, What, dict[str, Any]] | tuple[str, What]) -> list[Happening]:
    """A history from local times, events and facts, in the order in which they were recorded."""
    return [
        Happening(seq, what, on(at), facts[0] if facts else {})
        for seq, (at, what, *facts) in enumerate(happenings, start=1)
    ]


def only_clock(rule: TargetRule, history: Sequence[Happening]) -> ServiceClock:
    """The one clock of this rule on this ticket."""
    [clock] = clocks(history, [rule], ALL_CALENDARS)
    return clock
