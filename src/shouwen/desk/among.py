"""Tickets somebody may see, walked from the newest on with a bound on the work, whatever there is of them.

PostgreSQL cannot tell a common phrase from a rare one: the pairs of its characters come together, and it takes them for
chance. Left alone it fetches and sorts every ticket that has them. So the newest are looked at one by one first, which
for whatever is common ends soon; the index of terms is asked only for what is rarer than that, and for no longer than
`PATIENCE`. Who sees only what is in the hands of a team has so few tickets that all of them are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

from shouwen.tickets.models import Ticket
from shouwen.vault.patience import TookTooLong, for_at_most

ENOUGH = 20  # found among the newest: the index need not be asked
WALKED = 5_000  # tickets looked at one by one: some ten milliseconds
PATIENCE = "300ms"
_FROM = ' FROM "ticket"'
_NEWEST = "ORDER BY received_at DESC, id DESC LIMIT %s"

Row = tuple[datetime, UUID, str]  # received, id, title


class Place(NamedTuple):
    """When a ticket was received, and its id: where it stands among all."""

    received_at: datetime
    pk: UUID


class Terms(SearchQuery):
    """A query over the terms the application made: taken as written, whatever the database thinks a word is."""

    template = "%(expressions)s::tsquery"


@dataclass(frozen=True)
class Among:
    """The tickets that are looked through: those received before `until`, at most so many of each kind."""

    seen: QuerySet[Ticket]
    few: bool
    until: Place | None
    most: int

    @property
    def tickets(self) -> QuerySet[Ticket]:
        return self.seen.filter(_before(self.until)) if self.until else self.seen

    def saying(self, query: str) -> tuple[list[Row], Place | None]:
        """The newest that have these terms, and from where to look further (None at the end)."""
        if self.few:
            return self._cut(self._every_one(query))
        rows = self._walked(query)
        if len(rows) > min(ENOUGH, self.most):
            return self._cut(rows, is_all=len(rows) <= self.most and self._walk_ends() is None)
        try:
            return self._cut(self._indexed(query))
        except TookTooLong:  # too common to fetch, and too rare among what this person sees
            return rows, self._walk_ends()

    def of(self, customers: Sequence[UUID], query: str) -> tuple[list[Row], Place | None]:
        """The newest of these customers, of those that have these terms."""
        theirs = self.tickets.filter(customer__in=customers)
        return self._cut(self._newest_of(theirs.filter(terms=Terms(query)) if query else theirs))

    def all(self) -> tuple[list[Row], Place | None]:
        """The newest, where nothing is looked for but what filters leave."""
        if self.few:
            return self._cut(self._every_one())
        rows = self._walked()
        return self._cut(rows) if len(rows) > self.most else (rows, self._walk_ends())

    def _cut(self, rows: list[Row], *, is_all: bool = True) -> tuple[list[Row], Place | None]:
        shown = rows[: self.most]
        goes_on = len(rows) > self.most or not is_all
        return shown, Place(*shown[-1][:2]) if goes_on and shown else None

    def _walked(self, query: str = "") -> list[Row]:
        """Of the newest `WALKED` tickets, whoever's, those that are looked through and have the terms."""
        sql, given = _sql(self.seen.order_by())
        where, values = self._within_newest()
        newest = f' FROM (SELECT * FROM "ticket" {where}) AS "ticket"'  # noqa: S608 - our own words
        return self._rows(sql.replace(_FROM, newest, 1), [*values, *given], query) if sql else []

    def _every_one(self, query: str = "") -> list[Row]:
        """All that are looked through: the open and the finished apart, as their indexes are."""
        rows: list[Row] = []
        for is_open in (True, False):
            sql, given = _sql(self.tickets.filter(is_open=is_open).order_by())
            if sql:  # OFFSET keeps the terms from being asked before the hands
                rows += self._rows(f"{sql} OFFSET 0", given, query)
        return sorted(rows, key=lambda row: row[:2], reverse=True)[: self.most + 1]

    def _indexed(self, query: str) -> list[Row]:
        """Those that have the terms, by their index. Raises TookTooLong."""
        with for_at_most(PATIENCE):
            return self._newest_of(self.tickets.filter(terms=Terms(query)))

    def _newest_of(self, tickets: QuerySet[Ticket]) -> list[Row]:
        """The newest of these, all of which are fetched: told of the limit, PostgreSQL would walk all there are."""
        sql, given = _sql(tickets.order_by())
        return self._rows(f"{sql} OFFSET 0", given, "") if sql else []

    def _rows(self, sql: str, given: list[Any], query: str) -> list[Row]:
        condition, terms = ("WHERE terms @@ %s::tsquery", [query]) if query else ("", [])
        found = f"SELECT received_at, id, title FROM ({sql}) AS seen {condition} {_NEWEST}"  # noqa: S608 - Django's
        with connection.cursor() as cursor:
            cursor.execute(found, [*given, *terms, self.most + 1])
            return cursor.fetchall()

    def _walk_ends(self) -> Place | None:
        """The last ticket of the walk; None when there is none beyond it."""
        where, values = self._within_newest()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT received_at, id FROM ticket {where} OFFSET %s", [*values, WALKED - 1])  # noqa: S608
            row = cursor.fetchone()
        return Place(*row) if row else None

    def _within_newest(self) -> tuple[str, list[Any]]:
        if self.until is None:
            return _NEWEST, [WALKED]
        return f"WHERE (received_at, id) < (%s, %s) {_NEWEST}", [*self.until, WALKED]


def _sql(tickets: QuerySet[Ticket]) -> tuple[str, list[Any]]:
    """The question in SQL; "" where it can have no answer."""
    try:
        sql, values = tickets.select_related(None).only("pk", "terms", "received_at", "title").query.sql_with_params()
    except EmptyResultSet:
        return "", []
    return sql, list(values)


def _before(place: Place) -> Q:
    """Received before this place; the first bound stands alone as well, so that an index finds the start."""
    earlier = Q(received_at__lt=place.received_at) | Q(received_at=place.received_at, pk__lt=place.pk)
    return Q(received_at__lte=place.received_at) & earlier
