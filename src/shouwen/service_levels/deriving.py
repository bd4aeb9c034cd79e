"""Clock rows derived from a ticket's history: what `actions.CLOCKS` writes, and what `shouwen verify` compares."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shouwen.editions.queries import rules_of
from shouwen.handbook.clock import ClockState, ServiceClock, clocks
from shouwen.handbook.escalation import look_after, look_times
from shouwen.handbook.history import Happening, What
from shouwen.handbook.lives import RUNGS
from shouwen.handbook.targets import TargetRule
from shouwen.tickets.models import NEVER


def clock_rows(
    ticket_id: str, history: Sequence[Happening], rules: Sequence[TargetRule], calendars: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], datetime]:
    """Every clock of these rules as `CLOCKS` takes it, and when the strictest running one is due, or NEVER."""
    derived = clocks(history, rules, calendars, former=rules_of)
    rungs, moved_in = rungs_of(history), moved_in_at(history)
    rows = [clock_row(ticket_id, clock, rungs.get((clock.rule.id, clock.start_seq), ()), moved_in) for clock in derived]
    running = (clock for clock in derived if clock.state is ClockState.RUNNING and clock.rule.leads)
    due = [clock.due_at for clock in running if clock.due_at]
    return rows, min(due, default=NEVER)


def kept_row(ticket_id: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The clocks a ticket has, as `GONE` takes them: it removes every other."""
    return {"ticket_id": ticket_id, "kept": [f"{row['rule']}@{row['start_seq']}" for row in rows]}


def clock_row(
    ticket_id: str, clock: ServiceClock, rungs: Sequence[tuple[int, datetime]], moved_in: datetime | None = None
) -> dict[str, Any]:
    """One clock as a row, with the instants of its ladder and how many of its rungs have been taken."""
    looks = look_times(clock)
    taken = max(taken_of(looks, rungs), bisect_right(looks, moved_in) if moved_in else 0)
    return {
        "ticket_id": ticket_id,
        "rule": clock.rule.id,
        "start_seq": clock.start_seq,
        "clause": clock.rule.clause,
        "kind": clock.rule.kind,
        "state": clock.state,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "stopped_at": clock.stopped_at,
        "provisional": clock.provisional,
        "extended": clock.extended,
        "looks": looks,
        "taken": taken,
        "look_at": look_after(looks, taken),
        "calendar_version": clock.calendar.version,
    }


def rungs_of(history: Sequence[Happening]) -> dict[tuple[str, int], list[tuple[int, datetime]]]:
    """The rungs taken of each clock's ladder and when, by rule and the clock's first event."""
    rungs: dict[tuple[str, int], list[tuple[int, datetime]]] = {}
    for row in history:
        if row.what in RUNGS:
            key = (str(row.facts["rule"]), int(row.facts["clock"]))
            rungs.setdefault(key, []).append((int(row.facts["step"]), row.happened_at))
    return rungs


def moved_in_at(history: Sequence[Happening]) -> datetime | None:
    """When a ticket was moved in from another system; rungs reached before were that system's to tell."""
    return next((row.happened_at for row in history if row.what is What.CARRIED_OVER), None)


def taken_of(looks: Sequence[datetime], rungs: Sequence[tuple[int, datetime]]) -> int:
    """How many rungs count as taken: one that a later due time has moved past its event will be taken anew."""
    return max((step + 1 for step, at in rungs if step < len(looks) and looks[step] <= at), default=0)
