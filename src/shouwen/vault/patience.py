"""Questions to the database that are given up rather than waited for, while somebody types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled


class TookTooLong(Exception):
    """The question would have taken longer than it was given."""


@contextmanager
def for_at_most(span: str) -> Iterator[None]:
    """What is asked within is given up after so long ("300ms"). Raises TookTooLong."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{span}'")
            yield
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as slow:
        if isinstance(slow.__cause__, QueryCanceled):
            raise TookTooLong from slow
        raise
