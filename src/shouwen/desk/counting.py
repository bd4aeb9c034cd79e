"""Counts for badges: capped, so that a long queue costs no more than a short one, and all in one query."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Q, QuerySet

from shouwen.tickets.models import NARROWED_BY, Ticket

MOST = 100  # shown as 99+
MOST_KEPT = 2_000  # people whose questions are kept composed
SOME_MOMENT = datetime(1990, 1, 1, tzinfo=UTC)  # stands in a composed question for the moment it is asked at
A_YEAR = timedelta(days=365)  # further from it no question looks
WALKED = 5_000  # of a queue's first tickets those are counted that a view leaves: some two milliseconds


def capped_counts(questions: Mapping[str, QuerySet[Any]], *, most: int = MOST) -> dict[str, int]:
    """How many rows each question has, up to `most`: one query for all of them."""
    return _asked(_composed(questions, most))


def capped_counts_at(
    at: datetime, key: Hashable, compose: Callable[[datetime], Mapping[str, QuerySet[Any]]]
) -> dict[str, int]:
    """The same for questions that are asked again and again and differ by their moment alone: composed once for a key.

    `compose` makes them for a moment; all they may do with it is to add a span.
    """
    kept = _kept.get(key)
    if kept is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        kept = _kept[key] = _composed(compose(SOME_MOMENT), MOST)
    return _asked(kept, later=at - SOME_MOMENT)


class Composed(NamedTuple):
    """Questions as the database is asked them; `names` are all of them, `asked` those that may have an answer."""

    names: tuple[str, ...]
    asked: tuple[str, ...]
    sql: str
    values: tuple[Any, ...]


_kept: dict[Hashable, Composed] = {}


def _composed(questions: Mapping[str, QuerySet[Any]], most: int) -> Composed:
    parts, values = {}, []
    for name, rows in questions.items():
        try:
            sql, own = rows.order_by().values("pk")[:most].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts[name] = f"(SELECT count(*) FROM ({sql}) AS counted)"  # noqa: S608 - Django wrote it
        values.extend(own)
    return Composed(tuple(questions), tuple(parts), f"SELECT {', '.join(parts.values())}", tuple(values))


def _asked(questions: Composed, *, later: timedelta = timedelta(0)) -> dict[str, int]:
    counts = dict.fromkeys(questions.names, 0)
    if questions.asked:
        values = [value + later if _is_of_the_moment(value) else value for value in questions.values]
        with connection.cursor() as cursor:
            cursor.execute(questions.sql, values)
            counts |= dict(zip(questions.asked, cursor.fetchone(), strict=True))
    return counts


def _is_of_the_moment(value: Any) -> bool:
    return isinstance(value, datetime) and abs(value - SOME_MOMENT) < A_YEAR


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
