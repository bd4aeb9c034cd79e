"""Finding tickets: by number, by phone, by what was said."""

from __future__ import annotations

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from shouwen.handbook.authority import Actor
from shouwen.handbook.numbers import normalise_number
from shouwen.language.bigrams import search_query
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import visible_to
from shouwen.vault.queries import subjects_with
from shouwen.vault.sealing import Kind
from shouwen.vault.spelling import one_spelling

SHORTEST_PHONE = 7
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


def tickets_of_phone(actor: Actor, phone: str) -> QuerySet[Ticket]:
    """Tickets of whoever this number was kept for, found by its blind index, among those the actor may see."""
    return visible_to(actor).filter(customer__in=subjects_with(Kind.PHONE, phone))


def tickets_saying(actor: Actor, words: str) -> QuerySet[Ticket]:
    """Tickets whose text has all of these words, among those the actor may see; none when nothing can be looked for."""
    query = search_query(words)
    if not query:
        return Ticket.objects.none()
    return visible_to(actor).filter(terms=Terms(query))
