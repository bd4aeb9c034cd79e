"""Deriving the clocks of open tickets anew: a calendar has a new version, or an edition took effect that they follow.

Due times settle by themselves (X3); nothing is asked of anybody.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now, current_edition, edition, effective_since, outdated_calendars
from shouwen.handbook.history import What
from shouwen.service_levels.actions import CLOCKS, GONE
from shouwen.service_levels.deriving import clock_rows, kept_row
from shouwen.tickets.actions import EVENTS, event_row, write
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


# What the new rules have no word for could not be worked under them: it stays under its own.
FOLLOWING = """
    SELECT id::text, last_seq, edition FROM ticket
    WHERE is_open AND edition <> %s AND edition LIKE %s AND ticket_type = ANY(%s) AND category = ANY(%s)
    LIMIT %s
    FOR UPDATE SKIP LOCKED
"""

RULED = """
    UPDATE ticket SET edition = r.edition, last_seq = r.last_seq, changed_at = statement_timestamp()
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, edition text, last_seq integer)
    WHERE ticket.id = r.ticket_id
"""

ACCEPTED_LATE = timedelta(minutes=10)  # a ticket that was being taken in as the edition changed is there by then
_followed: set[str] = set()  # editions that no open ticket has to follow any more


def follow_rules(at: datetime, *, batch: int = 500) -> int:
    """Put open tickets under the edition in force, where it says so; returns how many. Closed ones never follow.

    The event names both editions: what had ended stays as the former one judged it (design §7).
    """
    rules = current_edition(at)
    if not rules.recalculates_open or rules.id in _followed:
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            known = [list(rules.ticket_types), list(rules.categories.nodes)]
            cursor.execute(FOLLOWING, [rules.id, f"{rules.pack}@%", *known, batch])
            found = cursor.fetchall()
        if found:
            _record_change(found, rules, at)
    if not found and at > effective_since(rules.id) + ACCEPTED_LATE:
        _followed.add(rules.id)
    return len(found)


def _record_change(found: list[tuple[str, int, str]], rules: Edition, at: datetime) -> None:
    events = [
        event_row(
            ticket_id, seq + 1, What.RULES_CHANGED, at, "system", "edition", {"edition": rules.id, "former": former}
        )
        for ticket_id, seq, former in found
    ]
    ruled = [{"ticket_id": ticket_id, "edition": rules.id, "last_seq": seq + 1} for ticket_id, seq, _ in found]
    write([(EVENTS, events), (RULED, ruled)])
    derive_anew({ticket_id: (seq + 1, rules.id) for ticket_id, seq, _ in found})


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
