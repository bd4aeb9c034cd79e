"""Finding tickets: by number, by phone, by what was said."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from shouwen.customers.models import Customer
from shouwen.handbook.numbers import normalise_number
from shouwen.language.bigrams import search_query
from shouwen.tickets.models import Ticket
from shouwen.vault.queries import subjects_with
from shouwen.vault.sealing import Kind
from shouwen.vault.spelling import one_spelling

SHORTEST_PHONE = 7
CALLERS_AT_MOST = 20
WALKED = 5_000  # tickets looked at one by one before the index of terms is asked: some ten milliseconds
NEWEST_FIRST = ("-received_at", "-id")


class Terms(SearchQuery):
    """A query over the terms the application made: taken as written, whatever the database thinks a word is."""

    template = "%(expressions)s::tsquery"


def number_in(text: str) -> str | None:
    """The ticket number somebody typed, if it is one."""
    return normalise_number(text)


def phone_in(text: str) -> str | None:
    """The phone number somebody typed, if it looks like one: digits, and at most what people put between them."""
    spelled = one_spelling(Kind.PHONE, text)
    bare = text.strip().lstrip("+")
    only_digits = all(character.isdigit() or character in " -()（）\u3000" for character in bare)
    return spelled if only_digits and len(spelled.lstrip("+")) >= SHORTEST_PHONE else None


def callers_of(phone: str) -> list[str]:
    """Ids of the customers this number was kept for, found by its blind index."""
    customers = Customer.objects.filter(pk__in=subjects_with(Kind.PHONE, phone))
    return [str(pk) for pk in customers.order_by("pk").values_list("pk", flat=True)[:CALLERS_AT_MOST]]


def those_saying(words: str, tickets: QuerySet[Ticket], count: int) -> list[Ticket]:
    """The first `count` of these tickets, newest first or last as they are ordered, whose text has all of the words.

    The pairs of a phrase come together, so PostgreSQL takes common phrases for rare ones and would fetch and sort
    every ticket that has them. So the newest are walked in their order first, which for whatever is common ends
    soon; only what is rarer than that is left to the index of terms.
    """
    query = search_query(words)
    if not query:
        return []
    found = _walked(query, tickets, count)
    if len(found) < count:
        found = list(tickets.filter(terms=Terms(query)).values_list("pk", flat=True)[:count])
    return list(tickets.filter(pk__in=found))


def _walked(query: str, tickets: QuerySet[Ticket], count: int) -> list[Any]:
    """Ids of those that say it among the first `WALKED`. A limit inside keeps the condition from being asked first."""
    walked = tickets.select_related(None).only("pk", "terms", "received_at")[:WALKED]
    try:
        sql, values = walked.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        found = f"SELECT id FROM ({sql}) AS walked WHERE terms @@ %s::tsquery LIMIT %s"  # noqa: S608 - Django wrote it
        cursor.execute(found, [*values, query, count])
        return [pk for (pk,) in cursor.fetchall()]
