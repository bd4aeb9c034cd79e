"""Whether the clock rows are what their tickets' histories say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from shouwen.editions.edition import Edition
from shouwen.handbook.clock import ClockState
from shouwen.handbook.history import Happening
from shouwen.service_levels.deriving import clock_rows
from shouwen.service_levels.models import Clock
from shouwen.tickets.models import Ticket
from shouwen.tickets.proof import Flaw

LIVE = (ClockState.RUNNING, ClockState.PAUSED)
COMPARED = (
    "clause",
    "kind",
    "state",
    "started_at",
    "due_at",
    "stopped_at",
    "provisional",
    "extended",
    "taken",
    "look_at",
)


def unexplained_clocks(
    ticket: Ticket, history: Sequence[Happening], rows: Iterable[Clock], rules: Edition, calendars: Mapping[str, Any]
) -> Iterator[Flaw]:
    """Clock rows that differ from those derived anew. A ticket whose clocks await derivation is passed over."""
    rows = list(rows)
    if ticket.replayed_seq != ticket.last_seq or any(_to_settle(row, rules, calendars) for row in rows):
        return
    derived, lead_due_at = clock_rows(str(ticket.pk), history, rules.rules, calendars)
    expected = {(row["rule"], row["start_seq"]): row for row in derived}
    shown = {(row.rule, row.start_seq): row for row in rows}
    for key in sorted(expected.keys() | shown.keys()):
        name = f"clock {ticket.pk}/{key[0]}@{key[1]}"
        if key not in shown:
            yield Flaw(ticket.number, name, "It is missing.")
        elif key not in expected:
            yield Flaw(ticket.number, name, "The history knows of no such clock.")
        else:
            yield from _differences(ticket, name, expected[key], shown[key])
    if ticket.lead_due_at != lead_due_at:
        yield Flaw(ticket.number, f"ticket {ticket.pk}", f"lead_due_at should be {lead_due_at.isoformat()}.")


def _to_settle(row: Clock, rules: Edition, calendars: Mapping[str, Any]) -> bool:
    """True for one that is still counted by an earlier version of its calendar."""
    if row.state not in LIVE or not row.calendar_version:
        return False
    rule = next((rule for rule in rules.rules if rule.id == row.rule), None)
    newest = calendars.get(rule.calendar) if rule else None
    return newest is not None and newest.version != row.calendar_version


def _differences(ticket: Ticket, name: str, expected: Mapping[str, Any], shown: Clock) -> Iterator[Flaw]:
    for column in COMPARED:
        if getattr(shown, column) != expected[column]:
            yield Flaw(ticket.number, name, f"{column} should be {expected[column]}.")
