"""Deriving the clocks of open tickets anew: when a calendar has a new version, due times settle by themselves (X3)."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from shouwen.editions.queries import calendars_now, edition, outdated_calendars
from shouwen.service_levels.actions import CLOCKS, GONE
from shouwen.service_levels.deriving import clock_rows, kept_row
from shouwen.tickets.actions import write
from shouwen.tickets.queries import histories_of

# A ticket somebody is working on is settled by their move, or the next time.
CLAIM = """
    SELECT id::text, last_seq, edition FROM ticket
    WHERE id IN (
        SELECT ticket_id FROM clock
        WHERE state IN ('running', 'paused') AND calendar_version <> '' AND calendar_version = ANY(%s)
        LIMIT %s
    )
    FOR UPDATE SKIP LOCKED
"""

REPLAYED = """
    UPDATE ticket SET replayed_seq = r.last_seq, lead_due_at = r.lead_due_at
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, last_seq integer, lead_due_at timestamptz)
    WHERE ticket.id = r.ticket_id
"""


def settle(at: datetime, *, batch: int = 500) -> int:
    """Count what still runs by the newest calendars; returns how many tickets. Any number may settle, late or twice."""
    outdated = outdated_calendars()
    if not outdated:
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, [outdated, batch])
            tickets = {ticket_id: (last_seq, edition_id) for ticket_id, last_seq, edition_id in cursor.fetchall()}
        if tickets:
            derive_anew(tickets)
    return len(tickets)


def derive_anew(tickets: dict[str, tuple[int, str]]) -> None:
    """Derive the clocks of these (locked) tickets from their histories: ticket id → (last event, edition)."""
    histories, calendars = histories_of(list(tickets)), calendars_now()
    clocks, kept, ticket_rows = [], [], []
    for ticket_id, (last_seq, edition_id) in tickets.items():
        rows, lead_due_at = clock_rows(ticket_id, histories[ticket_id], edition(edition_id), calendars)
        clocks.extend(rows)
        kept.append(kept_row(ticket_id, rows))
        ticket_rows.append({"ticket_id": ticket_id, "last_seq": last_seq, "lead_due_at": lead_due_at})
    write([(CLOCKS, clocks), (GONE, kept), (REPLAYED, ticket_rows)])
