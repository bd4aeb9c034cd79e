"""Counts for badges: capped, so that a long queue costs no more than a short one, and all in one query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Q, QuerySet

from shouwen.tickets.models import NARROWED_BY, Ticket

MOST = 100  # shown as 99+
WALKED = 5_000  # of a queue's first tickets those are counted that a view leaves: some two milliseconds


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


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A question that hardly any of a million tickets may answer: it is asked of the first of a queue alone."""

    rows: QuerySet[Ticket]
    condition: Q


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are, up to `MOST`; `at_least` where not all of them were looked at."""

    number: int = 0
    at_least: bool = False


def narrowed_counts(questions: Mapping[str, Narrowed]) -> dict[str, Counted]:
    """How many of the first `WALKED` rows each condition leaves: one query for all of them, in the index alone."""
    counts, parts, parameters = dict.fromkeys(questions, Counted()), {}, []
    for name, question in questions.items():
        try:
            parts[name], values = _among_the_first(question)
        except EmptyResultSet:
            continue
        parameters.extend(values)
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts.values())}", parameters)
            answers = zip(parts, cursor.fetchone(), strict=True)
        counts |= {name: Counted(min(found, MOST), walked >= WALKED) for name, (found, walked) in answers}
    return counts


def _among_the_first(question: Narrowed) -> tuple[str, list[Any]]:
    """The first by their due times, under the table's own name, so that the condition finds its columns."""
    first = question.rows.order_by("lead_due_at", "id").values("id", "lead_due_at", *NARROWED_BY)[:WALKED]
    sql, values = first.query.sql_with_params()
    left, further = _where(question.condition)
    counted = f'(SELECT ARRAY[count(*) FILTER (WHERE {left}), count(*)] FROM ({sql}) AS "ticket")'  # noqa: S608
    return counted, [*further, *values]


def _where(condition: Q) -> tuple[str, list[Any]]:
    """The condition as the database reads it."""
    query = Ticket.objects.filter(condition).query
    if not query.where:
        return "true", []
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    compiler.pre_sql_setup()
    sql, values = query.where.as_sql(compiler, connection)
    return sql, list(values)
