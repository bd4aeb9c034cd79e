"""The writing side of tickets: rows in, one statement out. Only `handling` and the sweep may use it (import-linter).

A *part* is one data-modifying query over a JSON array of rows; `write` joins parts into one statement, so that a
ticket, its events, its clocks and its message orders are written together or not at all, in one round trip, whatever
the number of tickets. A part that needs more than one array names them in the order of its placeholders. The arrays are
`json`, which PostgreSQL reads into rows twice as fast as `jsonb`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from hashlib import sha256
from typing import Any

import psycopg
from django.db import connection

from shouwen.handbook.history import TicketState
from shouwen.handbook.leaf import canonical

Row = Mapping[str, Any] | str
Part = tuple[Any, ...]  # the query, reading its rows from `r`, and those rows; then the rows of its further arrays

_COLUMN_TYPES = {"customer": "uuid", "first_owner": "uuid", "handler": "uuid", "has_informant": "boolean"} | {
    "is_history": "boolean",
    "round": "smallint",
    "transfers": "smallint",
    "children": "integer",
}
_STATE = [field.name for field in fields(TicketState)]
_STATE_TYPED = ", ".join(f"{name} {_COLUMN_TYPES.get(name, 'text')}" for name in _STATE)

TICKETS = f"""
    INSERT INTO ticket (id, {", ".join(_STATE)}, is_open, received_at, recorded_at, changed_at, last_seq,
        replayed_seq, lead_due_at, terms)
    SELECT r.ticket_id, {", ".join(f"r.{name}" for name in _STATE)}, r.is_open, r.received_at,
           statement_timestamp(), statement_timestamp(), r.last_seq, r.last_seq, r.lead_due_at,
           array_to_tsvector(string_to_array(r.terms, ' '))
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, {_STATE_TYPED}, is_open boolean, received_at timestamptz,
        last_seq integer, lead_due_at timestamptz, terms text)
"""  # noqa: S608 -- only names of our own columns are put in

EVENTS = """
    INSERT INTO ticket_event (ticket_id, seq, what, happened_at, recorded_at, actor, source, facts, leaf, txid)
    SELECT r.ticket_id, r.seq, r.what, r.happened_at, statement_timestamp(), r.actor, r.source, r.facts,
           sha256('\\x00'::bytea || decode(r.digest, 'hex')
                  || int8send((extract(epoch FROM statement_timestamp()) * 1000000)::bigint)),
           pg_current_xact_id()::text::bigint
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, seq integer, what text, happened_at timestamptz, actor text,
        source text, facts jsonb, digest text)
"""

# Every column is written: the new state is the fold of the whole history, whichever facts changed it.
CHANGES = f"""
    UPDATE ticket SET ({", ".join(_STATE)}, is_open, changed_at, last_seq, replayed_seq, lead_due_at, terms)
      = ROW({", ".join(f"r.{name}" for name in _STATE)}, r.is_open, statement_timestamp(), r.last_seq, r.last_seq,
            r.lead_due_at, ticket.terms || array_to_tsvector(string_to_array(coalesce(r.words, ''), ' ')))
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, {_STATE_TYPED}, is_open boolean, last_seq integer,
        lead_due_at timestamptz, words text)
    WHERE ticket.id = r.ticket_id
"""  # noqa: S608

# An event that changes neither state nor clocks (a warning, a breach) moves only the ticket's last event.
ADVANCES = """
    UPDATE ticket SET last_seq = r.last_seq, replayed_seq = r.last_seq, changed_at = statement_timestamp()
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, last_seq integer)
    WHERE ticket.id = r.ticket_id
"""

# As ADVANCES, written by whoever has not looked at the clocks: what was derived stays so, what was behind stays behind.
TOLD_BESIDE = """
    UPDATE ticket SET last_seq = r.last_seq, changed_at = statement_timestamp(),
        replayed_seq = CASE WHEN replayed_seq = ticket.last_seq THEN r.last_seq ELSE replayed_seq END
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, last_seq integer)
    WHERE ticket.id = r.ticket_id
"""

TASKS = """
    INSERT INTO ticket_task (ticket_id, task, team, assigned_at, due_at, answered_at)
    SELECT r.ticket_id, r.task, r.team, r.assigned_at, r.due_at, r.answered_at
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, task text, team text, assigned_at timestamptz,
        due_at timestamptz, answered_at timestamptz)
    ON CONFLICT (ticket_id, task) DO UPDATE SET answered_at = excluded.answered_at
"""

KEYS = """
    INSERT INTO intake_key AS known (scope, key, ticket_id, number, digest, repeats, recorded_at)
    SELECT r.scope, r.key, r.ticket_id, r.number, decode(r.digest, 'hex'), 0, statement_timestamp()
    FROM json_to_recordset(%s::json) AS r(scope text, key text, ticket_id uuid, number text, digest text)
    ORDER BY r.scope, r.key
    ON CONFLICT (scope, key) DO UPDATE SET repeats = known.repeats + 1
    RETURNING scope, key, ticket_id, number, digest, repeats, recorded_at
"""


def event_row(
    ticket_id: str, seq: int, what: str, happened_at: datetime, actor: str, source: str, facts: Mapping[str, Any]
) -> str:
    """An event as `EVENTS` takes it: its content in the spelling that is proved, and the digest for its leaf."""
    row = {
        "ticket_id": ticket_id,
        "seq": seq,
        "what": str(what),
        "happened_at": happened_at,
        "actor": actor,
        "source": source,
        "facts": facts,
    }
    spelled = canonical(row)
    return f'{spelled[:-1].decode()},"digest":"{sha256(spelled).hexdigest()}"}}'


def state_row(state: TicketState) -> dict[str, Any]:
    """The columns of a ticket that are its state."""
    return {name: getattr(state, name) for name in _STATE}


def write(parts: Iterable[Part]) -> None:
    """Write the parts in one statement. Raises what PostgreSQL raises."""
    queries, arrays = _filled(parts)
    with_parts = ", ".join(f"p{n} AS ({query} RETURNING 1)" for n, query in enumerate(queries))
    _execute(f"WITH {with_parts} SELECT 1", arrays)


def write_fresh(keys: Sequence[Row], parts: Iterable[Part]) -> list[tuple[Any, ...]]:
    """Write the parts for those keys that nobody has used before, in one statement.

    Every row of a part names the `ticket_id` it belongs to. Returns one row a key, `(scope, key, ticket_id, number,
    digest, repeats, recorded_at)`: the first answer for a key that had been used. A repeated key writes too (its
    count), so that a synchronous standby confirms the answer.
    """
    queries, arrays = _filled(parts)
    with_parts = "".join(f", p{n} AS ({_for_fresh(query)} RETURNING 1)" for n, query in enumerate(queries))
    fresh = "fresh AS (SELECT ticket_id FROM keys WHERE repeats = 0)"
    return _execute(
        f"WITH keys AS ({KEYS}), {fresh}{with_parts} SELECT * FROM keys",  # noqa: S608 -- our own parts
        [dump(keys), *arrays],
    )


def _filled(parts: Iterable[Part]) -> tuple[list[str], list[str]]:
    """The queries of the parts that have rows, and their arrays."""
    filled = [part for part in parts if part[1]]
    return [query for query, *_ in filled], [dump(rows) for _, *arrays in filled for rows in arrays]


def _for_fresh(query: str) -> str:
    head, conflict, tail = query.partition("ON CONFLICT")
    return f"{head} WHERE r.ticket_id IN (SELECT ticket_id FROM fresh) {conflict}{tail}"  # noqa: S608


def dump(rows: Sequence[Row]) -> str:
    """The rows as JSON; those that are text are JSON already."""
    if rows and isinstance(rows[0], str):
        return f"[{','.join(rows)}]"
    return json.dumps(rows, ensure_ascii=False, default=_as_json, separators=(",", ":"))


def _as_json(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _execute(statement: str, parameters: Sequence[str]) -> list[tuple[Any, ...]]:
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, parameters, prepare=True)  # planning takes as long as writing one ticket
        return cursor.fetchall()
