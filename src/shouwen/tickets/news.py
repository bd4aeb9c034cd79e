"""News travels by the history itself: followers read events in batches behind a cursor (design §4).

Events are read in the order of their transactions, and only those older than the oldest transaction still running, so
that none is ever passed over. A batch and its cursor are committed together; a follower is told again what it did not
finish, so it is idempotent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from shouwen.handbook.history import What
from shouwen.tickets.models import Cursor

READ = """
    SELECT txid, ticket_id::text, seq, what, happened_at, recorded_at, actor, facts
    FROM ticket_event
    WHERE (txid, ticket_id, seq) > (%s, %s, %s) AND txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    ORDER BY txid, ticket_id, seq
    LIMIT %s
"""
NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class News:
    """One event, as a follower hears of it."""

    ticket_id: str
    seq: int
    what: What
    happened_at: datetime
    recorded_at: datetime
    actor: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody who acts on certain events. `take` gets them oldest first, inside the transaction of the cursor.

    Where it returns True it has not finished: what it did is committed, and it is told the same again.
    """

    name: str
    wants: frozenset[What]
    take: Callable[[Sequence[News], datetime], bool | None]


def follow(follower: Follower, at: datetime, *, batch: int = 500) -> int:
    """Tell a follower the next batch; returns how many events were read. One worker at a time reads for it."""
    Cursor.objects.get_or_create(follower=follower.name)
    with transaction.atomic():
        cursor = Cursor.objects.select_for_update(skip_locked=True).filter(pk=follower.name).first()
        if cursor is None:
            return 0
        if _is_of_another_cluster(cursor):
            cursor.txid, cursor.ticket_id, cursor.seq = 0, None, 0
        rows = _read(cursor, batch)
        if not rows:
            return 0
        news = [_news(row) for row in rows if row[3] in follower.wants]
        unfinished = follower.take(news, at) if news else False
        if not unfinished:
            cursor.txid, cursor.ticket_id, cursor.seq = rows[-1][:3]
            cursor.save()
    return len(rows)


def _is_of_another_cluster(cursor: Cursor) -> bool:
    """True for a place no transaction here has come to: the database was restored into a new cluster.

    Its events keep the numbers they had, so all of them are read once more, and followers are idempotent.
    """
    with connection.cursor() as reading:
        reading.execute("SELECT %s > pg_current_xact_id()::text::bigint", [cursor.txid])
        return bool(reading.fetchone()[0])


def _read(cursor: Cursor, batch: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as reading:
        reading.execute(READ, [cursor.txid, cursor.ticket_id or NOBODY, cursor.seq, batch])
        return reading.fetchall()


def _news(row: tuple[Any, ...]) -> News:
    _, ticket_id, seq, what, happened_at, recorded_at, actor, facts = row
    return News(ticket_id, seq, What(what), happened_at, recorded_at, actor, json.loads(facts))
