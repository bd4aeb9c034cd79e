"""Counts for badges: capped, so that a long queue costs no more than a short one, and all in one query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

MOST = 100  # shown as 99+


def capped_counts(questions: Mapping[str, QuerySet[Any]], *, most: int = MOST) -> dict[str, int]:
    """How many rows each question has, up to `most`: one query for all of them."""
    counts, parts, parameters = dict.fromkeys(questions, 0), {}, []
    for name, rows in questions.items():
        try:
            sql, values = rows.order_by().values("pk")[:most].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts[name] = f"(SELECT count(*) FROM ({sql}) AS counted)"  # noqa: S608 - Django wrote it
        parameters.extend(values)
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts.values())}", parameters)
            counts |= dict(zip(parts, cursor.fetchone(), strict=True))
    return counts
