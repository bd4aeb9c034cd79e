"""Deriving the clocks of open tickets anew: a calendar has a new version, or an edition took effect that they follow.

Due times settle by themselves (X3); nothing is asked of anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now, current_edition, edition, effective_since, outdated_calendars
from shouwen.handbook.history import Happening, What
from shouwen.service_levels.actions import CLOCKS, GONE
from shouwen.service_levels.deriving import clock_rows, kept_row
from shouwen.tickets.actions import EVENTS, event_row, write
from shouwen.tickets.models import NEVER
from shouwen.tickets.queries import histories_of

# A ticket somebody is working on is settled by their move, or the next time.
CLAIM = """
    SELECT id::text, last_seq, edition, replayed_seq = last_seq FROM ticket
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
        AND (ticket.replayed_seq, ticket.lead_due_at) IS DISTINCT FROM (r.last_seq, r.lead_due_at)
"""

# Of the clocks that are not counted anew, the due time that may lead the ticket.
LEADING = """
    SELECT ticket_id::text, min(due_at) FROM clock
    WHERE ticket_id = ANY(%s::uuid[]) AND state = 'running' AND rule = ANY(%s)
    GROUP BY ticket_id
"""

Claimed = dict[str, tuple[int, str]]  # ticket id → (last event, edition)


def settle(at: datetime, *, batch: int = 500) -> int:
    """Count what still runs by the newest calendars; returns how many tickets. Any number may settle, late or twice."""
    outdated = outdated_calendars()
    if not outdated:
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, [outdated, batch])
            found = cursor.fetchall()
        if found:
            _count_anew(found, frozenset(version.rpartition("@")[0] for version in outdated))
    return len(found)


def _count_anew(found: list[tuple[str, int, str, bool]], names: frozenset[str]) -> None:
    """What these calendars count; of a ticket that is behind its history, or has followed other rules, all of it."""
    histories = histories_of([ticket_id for ticket_id, *_ in found])
    whole: Claimed = {}
    by_edition: dict[str, Claimed] = {}
    for ticket_id, last_seq, edition_id, trusted in found:
        if trusted and all(row.what is not What.RULES_CHANGED for row in histories[ticket_id]):
            by_edition.setdefault(edition_id, {})[ticket_id] = (last_seq, edition_id)
        else:
            whole[ticket_id] = (last_seq, edition_id)
    if whole:
        _derive(whole, histories)
    for edition_id, tickets in by_edition.items():
        _recount(tickets, histories, edition(edition_id), names)


def _recount(
    tickets: Claimed, histories: Mapping[str, Sequence[Happening]], rules: Edition, names: frozenset[str]
) -> None:
    """Only the clocks these calendars count: a calendar begins no clock, ends none, and moves no other's due time."""
    counted = tuple(rule for rule in rules.rules if rule.calendar in names)
    others = [rule.id for rule in rules.rules if rule.leads and rule.calendar not in names]
    with connection.cursor() as cursor:
        cursor.execute(LEADING, [list(tickets), others])
        leading = dict(cursor.fetchall())
    calendars, clocks, ticket_rows = calendars_now(), [], []
    for ticket_id, (last_seq, _edition) in tickets.items():
        rows, due = clock_rows(ticket_id, histories[ticket_id], counted, calendars)
        clocks.extend(rows)
        lead_due_at = min(due, leading.get(ticket_id, NEVER))
        ticket_rows.append({"ticket_id": ticket_id, "last_seq": last_seq, "lead_due_at": lead_due_at})
    write([(CLOCKS, clocks), (REPLAYED, ticket_rows)])


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


def derive_anew(tickets: Claimed) -> None:
    """Derive the clocks of these (locked) tickets from their histories."""
    _derive(tickets, histories_of(list(tickets)))


def _derive(tickets: Claimed, histories: Mapping[str, Sequence[Happening]]) -> None:
    calendars = calendars_now()
    clocks, kept, ticket_rows = [], [], []
    for ticket_id, (last_seq, edition_id) in tickets.items():
        rows, lead_due_at = clock_rows(ticket_id, histories[ticket_id], edition(edition_id).rules, calendars)
        clocks.extend(rows)
        kept.append(kept_row(ticket_id, rows))
        ticket_rows.append({"ticket_id": ticket_id, "last_seq": last_seq, "lead_due_at": lead_due_at})
    write([(CLOCKS, clocks), (GONE, kept), (REPLAYED, ticket_rows)])
