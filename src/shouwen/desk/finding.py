"""Finding tickets: by number, by what the vault keeps of a customer, by what was said.

Guarantees: nothing is found but among the tickets handed in; at most `WINDOW` of each kind are looked at, whatever
there is; the surest come first (a number, a customer's own value, words in the title, words in the text), the newest
first among equals. What lies beyond a window is found by going on from its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

from shouwen.desk.asked import Asked
from shouwen.language.bigrams import says, search_query
from shouwen.tickets.models import Ticket

WINDOW = 100
NUMBERS_AT_MOST = 10
ENOUGH = 20  # found among the newest: the index need not be asked
WALKED = 5_000  # tickets looked at one by one before the index of terms is asked: some ten milliseconds
NEWEST_FIRST = ("-received_at", "-id")


class Rank(IntEnum):
    """How sure it is that this is the ticket somebody means."""

    NUMBER, BEGINNING, VALUE, TITLE, TEXT = range(5)


class Place(NamedTuple):
    """When a ticket was received, and its id: where it stands among all."""

    received_at: datetime
    pk: UUID


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket that was found, and how."""

    rank: Rank
    place: Place

    @property
    def order(self) -> tuple[int, float, int]:
        return self.rank, -self.place.received_at.timestamp(), -self.place.pk.int


@dataclass(frozen=True, slots=True)
class Window:
    """What was found, in order, and the place from which to look further (None at the end)."""

    hits: Sequence[Hit] = ()
    end: Place | None = None


class Terms(SearchQuery):
    """A query over the terms the application made: taken as written, whatever the database thinks a word is."""

    template = "%(expressions)s::tsquery"


def window_of(asked: Asked, tickets: QuerySet[Ticket], *, until: Place | None = None, most: int = WINDOW) -> Window:
    """What was asked for among these tickets, received before `until`."""
    before = tickets.filter(_before(until)) if until else tickets
    hits = [] if until else _by_number(asked, tickets)
    ends = []
    for found, end in (_by_value(asked, before, most), _by_words(asked, before, most)):
        hits += found
        ends += [end] if end else []
    end = max(ends, default=None)
    best: dict[UUID, Hit] = {}
    for hit in hits:
        known = best.get(hit.place.pk)
        if (known is None or hit.rank < known.rank) and (end is None or hit.rank <= Rank.BEGINNING or hit.place >= end):
            best[hit.place.pk] = hit
    return Window(sorted(best.values(), key=lambda hit: hit.order), end)


def everything(tickets: QuerySet[Ticket], *, until: Place | None = None, most: int = WINDOW) -> Window:
    """The newest of these tickets, where only filters were set."""
    before = tickets.filter(_before(until)) if until else tickets
    rows = before.order_by(*NEWEST_FIRST).values_list("received_at", "pk")[: most + 1]
    hits = [Hit(Rank.TEXT, Place(*row)) for row in rows]
    return Window(hits[:most], hits[most - 1].place if len(hits) > most else None)


Found = tuple[list[Hit], Place | None]


def _by_number(asked: Asked, tickets: QuerySet[Ticket]) -> list[Hit]:
    """The ticket of a number, those whose number begins so, and those it may have been meant for."""
    exact = [asked.number] if asked.number else list(asked.near)
    hits = []
    if exact:
        rows = tickets.filter(number__in=exact).values_list("received_at", "pk", "number")
        hits += [Hit(Rank.NUMBER if number == asked.number else Rank.BEGINNING, Place(*row)) for *row, number in rows]
    if asked.beginning:
        rows = tickets.filter(number__range=asked.beginning).order_by("number").values_list("received_at", "pk")
        hits += [Hit(Rank.BEGINNING, Place(*row)) for row in rows[:NUMBERS_AT_MOST]]
    return hits


def _by_value(asked: Asked, tickets: QuerySet[Ticket], most: int) -> Found:
    """The tickets of the customers whose value was typed, of those that say the words beside it."""
    if not asked.of:
        return [], None
    theirs = tickets.filter(customer__in=asked.of)
    if query := search_query(asked.words):
        theirs = theirs.filter(terms=Terms(query))
    rows = list(theirs.order_by(*NEWEST_FIRST).values_list("received_at", "pk")[: most + 1])
    hits = [Hit(Rank.VALUE, Place(*row)) for row in rows]
    return hits[:most], hits[most - 1].place if len(hits) > most else None


def _by_words(asked: Asked, tickets: QuerySet[Ticket], most: int) -> Found:
    """The newest tickets whose text has all of the words.

    The pairs of a phrase come together, so PostgreSQL takes common phrases for rare ones and would fetch and sort
    every ticket that has them. So the newest are walked in their order first, which for whatever is common ends
    soon; only what is rarer than that is left to the index of terms.
    """
    query = "" if asked.is_phone or asked.number else search_query(asked.typed)
    if not query:
        return [], None
    rows = _walked(query, tickets, most)
    goes_on = len(rows) > ENOUGH
    if not goes_on:
        said = tickets.filter(terms=Terms(query)).order_by(*NEWEST_FIRST)
        rows = list(said.values_list("received_at", "pk", "title")[:most])
        goes_on = len(rows) == most
    hits = [Hit(Rank.TITLE if says(title, asked.typed) else Rank.TEXT, Place(*row)) for *row, title in rows]
    return hits, hits[-1].place if goes_on else None


def _walked(query: str, tickets: QuerySet[Ticket], most: int) -> list[tuple[datetime, UUID, str]]:
    """Those that say it among the first `WALKED`. A limit inside keeps the condition from being asked first."""
    newest = tickets.select_related(None).order_by(*NEWEST_FIRST).only("pk", "terms", "received_at", "title")[:WALKED]
    try:
        sql, values = newest.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT received_at, id, title FROM ({sql}) AS walked WHERE terms @@ %s::tsquery LIMIT %s",  # noqa: S608 - Django wrote it
            [*values, query, most],
        )
        return cursor.fetchall()


def _before(place: Place) -> Q:
    """Received before this place; the first bound stands alone as well, so that an index finds the start."""
    earlier = Q(received_at__lt=place.received_at) | Q(received_at=place.received_at, pk__lt=place.pk)
    return Q(received_at__lte=place.received_at) & earlier
