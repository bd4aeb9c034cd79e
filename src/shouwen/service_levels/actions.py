"""The writing side of clocks: rows derived from a ticket's history. Only `handling` and the sweep may use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shouwen.editions.edition import Edition
from shouwen.handbook.clock import ClockState, ServiceClock, clocks
from shouwen.handbook.escalation import look_times
from shouwen.handbook.history import Happening, What
from shouwen.tickets.models import NEVER

CLOCKS = """
    INSERT INTO clock AS known (ticket_id, rule, start_seq, clause, kind, state, started_at, due_at, stopped_at,
        provisional, extended, looks, taken, look_at, calendar_version)
    SELECT r.ticket_id, r.rule, r.start_seq, r.clause, r.kind, r.state, r.started_at, r.due_at, r.stopped_at,
        r.provisional, r.extended, r.looks, r.taken, r.look_at, r.calendar_version
    FROM jsonb_to_recordset(%s::jsonb) AS r(ticket_id uuid, rule text, start_seq integer, clause text, kind text,
        state text, started_at timestamptz, due_at timestamptz, stopped_at timestamptz, provisional boolean,
        extended boolean, looks timestamptz[], taken smallint, look_at timestamptz, calendar_version text)
    ON CONFLICT (ticket_id, rule, start_seq) DO UPDATE SET (state, due_at, stopped_at, provisional, extended, looks,
        taken, look_at, calendar_version) = ROW(excluded.state, excluded.due_at, excluded.stopped_at,
        excluded.provisional, excluded.extended, excluded.looks, excluded.taken, excluded.look_at,
        excluded.calendar_version)
"""

# A rung of a ladder that has been taken leaves one of these, with its rule and the clock's first event.
RUNGS = frozenset({What.CLOCK_WARNED, What.CLOCK_BREACHED, What.ESCALATED})


def clock_rows(
    ticket_id: str, history: Sequence[Happening], rules: Edition, calendars: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], datetime]:
    """Every clock of a ticket as `CLOCKS` takes it, and when the strictest running one is due (NEVER without one)."""
    derived = clocks(history, rules.rules, calendars)
    taken = rungs_taken(history)
    rows = [clock_row(ticket_id, clock, taken.get((clock.rule.id, clock.start_seq), 0)) for clock in derived]
    due = [clock.due_at for clock in derived if clock.state is ClockState.RUNNING and clock.due_at]
    return rows, min(due, default=NEVER)


def clock_row(ticket_id: str, clock: ServiceClock, taken: int) -> dict[str, Any]:
    """One clock as a row, with the instants of its ladder."""
    runs = clock.state is ClockState.RUNNING
    looks = look_times(clock) if runs else ()
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
        "look_at": looks[taken] if taken < len(looks) else None,
        "calendar_version": clock.calendar.version,
    }


def rungs_taken(history: Sequence[Happening]) -> dict[tuple[str, int], int]:
    """How many rungs of each clock's ladder have been taken, by rule and the clock's first event."""
    taken: dict[tuple[str, int], int] = {}
    for row in history:
        if row.what in RUNGS:
            key = (str(row.facts["rule"]), int(row.facts["clock"]))
            taken[key] = max(taken.get(key, 0), int(row.facts["step"]) + 1)
    return taken
