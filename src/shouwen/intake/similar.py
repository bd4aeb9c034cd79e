"""Whether somebody has said this before: tickets that may be the same matter, while it is being typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery
from django.db.models import F, Func, IntegerField, QuerySet, TextField, Value

from shouwen.handbook.authority import Actor
from shouwen.language.bigrams import search_terms
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import visible_to

LOOKS_BACK = timedelta(days=30)
AT_MOST = 5
COMPARED = 200
MOST_TERMS = 60
FEWEST_SHARED = 4
SHARE = 0.3  # of the terms typed so far that another text must have too


class _AnyOf(SearchQuery):
    """A query the application has written, taken as it is."""

    template = "%(expressions)s::tsquery"


class _Shared(Func):
    """How many of the terms a text is found by are among those asked for."""

    template = "cardinality(ARRAY(SELECT unnest(tsvector_to_array(%(expressions)s))))"
    arg_joiner = ")) INTERSECT SELECT unnest(("
    output_field = IntegerField()


def similar_tickets(text: str, *, category: str, region: str, seen_by: Actor, at: datetime) -> Sequence[Ticket]:
    """Open tickets of the same place and branch that say much the same, the most alike first."""
    terms = telling_terms(text)
    if len(terms) < FEWEST_SHARED:
        return []
    wanted = max(FEWEST_SHARED, round(len(terms) * SHARE))
    near = _near(category, region, seen_by, at)
    newest = near.filter(terms=_AnyOf(" | ".join(f"'{term}'" for term in terms))).order_by("-received_at", "-id")
    # Compared one by one, so not all of an outage's thousands: the newest are as alike as any.
    alike = Ticket.objects.filter(pk__in=newest.values("pk")[:COMPARED])
    return alike.annotate(shared=shared_with(terms)).filter(shared__gte=wanted).order_by("-shared", "-id")[:AT_MOST]


def telling_terms(text: str) -> list[str]:
    """The terms a text is compared by: a character alone says nothing."""
    return [term for term in dict.fromkeys(search_terms(text)) if len(term) > 1][:MOST_TERMS]


def shared_with(terms: Sequence[str]) -> Any:
    """How many of these terms a ticket's text has."""
    return _Shared(F("terms"), Value(list(terms), output_field=ArrayField(TextField())))


def _near(category: str, region: str, seen_by: Actor, at: datetime) -> QuerySet[Ticket]:
    near = visible_to(seen_by).filter(is_open=True, received_at__gte=at - LOOKS_BACK)
    if category:
        near = near.filter(category__startswith=".".join(category.split(".")[:2]))
    return near.filter(region__startswith=region[:4]) if region else near
