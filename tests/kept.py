"""What many tests start from is written once; every later test gets the same rows from memory.

A carrier with its rules and people takes long to set up and never comes out differently. The first test that asks for
it has it made; what that added to the database is copied out, table by table, and copied in for everybody else.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection, transaction

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
Made = TypeVar("Made")
Rows = dict[str, list[bytes]]  # table → its rows, as COPY writes them


class NotOnlyAdded(Exception):
    """Whoever made it changed rows that were there before, so it cannot be had by adding rows."""


@dataclass(frozen=True)
class Kept:
    """What was made, the rows that came with it, and how far the numbers had been counted."""

    made: Any
    rows: Rows
    counted: dict[str, int]  # sequence → its last number


_kept: dict[Hashable, Kept] = {}


def once(name: Hashable, make: Callable[[], Made]) -> Made:
    """What `make` makes, with its rows in the database; made the first time only."""
    if name in _kept:
        _write(_kept[name])
    else:
        rows, counted = _all_rows(), _counted()
        made = make()
        further = dict(_counted().items() - counted.items())
        _kept[name] = Kept(made, _added(rows, _all_rows()), further)
    return copy.deepcopy(_kept[name].made)


def _all_rows() -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        return {table: _rows_of(table, cursor) for (table,) in cursor.fetchall()}


def _rows_of(table: str, cursor: Any) -> list[bytes]:
    with cursor.copy(f'COPY "{table}" TO STDOUT') as out:
        return b"".join(map(bytes, out)).splitlines(keepends=True)


def _added(before: Rows, after: Rows) -> Rows:
    added = {}
    for table, rows in after.items():
        there = Counter(before.get(table, ()))
        if there - Counter(rows):
            raise NotOnlyAdded(table)
        if new := Counter(rows) - there:
            added[table] = list(new.elements())
    return added


def _counted() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(SEQUENCES)
        return dict(cursor.fetchall())


def _write(kept: Kept) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in kept.rows.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN') as into:
                into.write(b"".join(rows))
        for sequence, last in kept.counted.items():
            cursor.execute(f"""SELECT setval('"{sequence}"', greatest(last_value, %s)) FROM "{sequence}" """, [last])
