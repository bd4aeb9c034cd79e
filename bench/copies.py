"""Many tickets from a few: set-based copies of what the product has taken in, as `shouwen verify` would have them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from uuid import UUID

import psycopg
from django.conf import settings
from uuid_utils import uuid7

from bench.ground import Ground
from shouwen.handbook.numbers import make_number

ID, NUMBER = "{id}", "{number}"  # stand in a spelled event for what differs from copy to copy
AT_ONCE = 50_000  # copies a transaction

SPELLED = """
    INSERT INTO ticket_event (ticket_id, seq, what, happened_at, recorded_at, actor, source, facts, leaf, txid)
    SELECT c.id, e.seq, e.what, e.happened_at, e.recorded_at, e.actor, e.source, s.new::jsonb -> 'facts',
        sha256('\\x00'::bytea || sha256(convert_to(s.new, 'UTF8'))
               || int8send((extract(epoch FROM e.recorded_at) * 1000000)::bigint)),
        pg_current_xact_id()::text::bigint
    FROM copy c JOIN spelled e ON e.ticket_id = c.old,
        LATERAL (SELECT replace(replace(e.spelled, %s, c.id::text), %s, c.number) AS new) s
    ORDER BY c.id, e.seq
"""


def copy_tickets(ground: Ground, ids: Sequence[UUID | str], times: int) -> None:
    """So many copies of each of these tickets, with history, tasks and clocks, under ids and numbers of their own."""
    with psycopg.connect(ground.cluster.url) as database:
        database.execute("SET synchronous_commit = off")
        database.execute("CREATE TEMP TABLE copy (old uuid, id uuid, number text)")
        _spell(database, ids)
        statements = [_copied(database, *table) for table in TABLES]
        most = max(1, AT_ONCE // len(ids))
        for first in range(0, times, most):
            _draw(database, ids, min(most, times - first))
            for statement in statements:
                database.execute(statement)
            database.execute(SPELLED, [ID, NUMBER])
            database.commit()


TABLES = [
    ("ticket", "id", {"id": "c.id", "number": "c.number"}),
    ("ticket_task", "ticket_id", {"ticket_id": "c.id"}),
    ("clock", "ticket_id", {"ticket_id": "c.id"}),
]


def _draw(database: psycopg.Connection, ids: Sequence[UUID | str], times: int) -> None:
    """New ids and numbers, as many times for each ticket."""
    database.execute("TRUNCATE copy")
    with database.cursor() as cursor, cursor.copy("COPY copy FROM STDIN") as rows:
        for _ in range(times):
            for old in ids:
                rows.write_row((str(old), str(uuid7()), make_number(settings.SHOUWEN_CELL, secrets.token_bytes(8))))
    database.execute("ANALYZE copy")


def _copied(database: psycopg.Connection, table: str, key: str, instead: dict[str, str]) -> str:
    """The statement that copies the rows of a table, with these expressions instead of what stands in them."""
    columns = database.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped", [table]
    ).fetchall()
    names = [name for (name,) in columns]
    values = ", ".join(instead.get(name, f"t.{name}") for name in names)
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM copy c JOIN {table} t ON t.{key} = c.old"


def _spell(database: psycopg.Connection, ids: Sequence[UUID | str]) -> None:
    """The events of these tickets in the spelling that is proved."""
    from shouwen.handbook.leaf import canonical
    from shouwen.tickets.models import TicketEvent
    from shouwen.tickets.proof import content_of

    database.execute("CREATE TEMP TABLE spelled AS SELECT *, ''::text AS spelled FROM ticket_event WHERE false")
    events = TicketEvent.objects.filter(ticket_id__in=ids).select_related("ticket")
    for event in events:
        text = canonical(content_of(event)).decode()
        text = text.replace(str(event.ticket_id), ID).replace(event.ticket.number, NUMBER)
        database.execute(
            "INSERT INTO spelled SELECT *, %s FROM ticket_event WHERE ticket_id = %s AND seq = %s",
            [text, event.ticket_id, event.seq],
        )
    database.execute("ANALYZE spelled")
