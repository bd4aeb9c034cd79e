"""What is known of a customer beside their complaints: services, devices, bills, care; each with source and date.

The words are sealed under the customer's key and go with it; numbers and names in them are masked before, because
nobody needs them here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from shouwen.customers.models import CustomerFact
from shouwen.handbook.refusals import Refusal, gettext_noop
from shouwen.language.masking import mask
from shouwen.language.redaction import find_identifiers
from shouwen.vault.actions import keep_many
from shouwen.vault.queries import kept_under, values_of
from shouwen.vault.sealing import Kind

LONGEST = 300
LONGEST_SOURCE = 60
MOST_SHOWN = 200

# How somebody is to be treated, as codes; everything else is told in words.
CARES = ("vip", "elder", "do_not_disturb", "hearing", "dialect", "legal")


class FactRefused(Refusal):
    clause = "S2.1a"


class NothingSaid(FactRefused):
    says = gettext_noop("Say what is known.")


class TooMuchSaid(FactRefused):
    says = gettext_noop("Say it in at most {most} characters.")


class NoSuchCare(FactRefused):
    says = gettext_noop("Choose how this customer is to be treated.")


class NoSource(FactRefused):
    says = gettext_noop("Say where this is known from.")


class KnownAhead(FactRefused):
    says = gettext_noop("Nothing is known as of a day to come.")


@dataclass(frozen=True, slots=True)
class NewFact:
    """One thing to be kept: what kind, in which words (for care: its code), where from, as of which day."""

    kind: str
    text: str
    source: str
    as_of: date


@dataclass(frozen=True, slots=True)
class KnownFact:
    """One thing that is known, as it may be shown."""

    id: UUID
    kind: str
    text: str
    source: str
    as_of: date
    recorded_at: datetime
    recorded_by: str


def keep_facts(customer_id: UUID, facts: Sequence[NewFact], *, by: str, today: date, at: datetime) -> int:
    """Keep these facts of a customer; how many. Raises SubjectErased or a FactRefused."""
    return keep_facts_of_many([(customer_id, fact) for fact in facts], by=by, today=today, at=at)


@transaction.atomic
def keep_facts_of_many(facts: Sequence[tuple[UUID, NewFact]], *, by: str, today: date, at: datetime) -> int:
    """Keep facts of any customers, in two statements however many; how many. Raises SubjectErased or a FactRefused."""
    for _customer, fact in facts:
        check_fact(fact, today)
    if not facts:
        return 0
    items = keep_many([(customer_id, Kind.TEXT, masked(fact.text)) for customer_id, fact in facts])
    CustomerFact.objects.bulk_create(
        CustomerFact(
            customer_id=customer_id,
            kind=fact.kind,
            token=item.token,
            source=masked(" ".join(fact.source.split()))[:LONGEST_SOURCE],
            as_of=fact.as_of,
            recorded_at=at,
            recorded_by=by,
        )
        for (customer_id, fact), item in zip(facts, items, strict=True)
    )
    return len(facts)


def facts_known_of(
    customer_ids: Iterable[UUID], *, opened: dict[str, str]
) -> dict[tuple[UUID, str, str], tuple[UUID, date]]:
    """What is known of these customers, by customer, kind and words: which row says so, as of when. Two queries.

    `opened` has words by token that were read before, and takes what is read now: what a token names never changes.
    """
    live = CustomerFact.objects.filter(customer__in=list(customer_ids), ended_at=None).order_by("as_of", "id")
    rows = list(live.values_list("customer_id", "kind", "token", "pk", "as_of"))
    sealed = {token for _customer, _kind, token, _pk, _as_of in rows} - opened.keys()
    opened |= {token: text or "" for token, (_kind, text) in kept_under(sealed).items()}
    return {(customer, kind, opened.get(token, "")): (pk, as_of) for customer, kind, token, pk, as_of in rows}


def end_facts(fact_ids: Iterable[UUID], *, by: str, at: datetime) -> int:
    """Facts that were written down anew, in one statement; how many of them still stood."""
    return CustomerFact.objects.filter(pk__in=list(fact_ids), ended_at=None).update(ended_at=at, ended_by=by)


def end_fact(customer_id: UUID, fact_id: UUID, *, by: str, at: datetime) -> bool:
    """A fact that is no longer so, or never was; it stays written down. False where there is none."""
    live = CustomerFact.objects.filter(pk=fact_id, customer_id=customer_id, ended_at=None)
    return bool(live.update(ended_at=at, ended_by=by))


def just_ended(customer_id: UUID, fact_id: UUID, *, by: str, since: datetime) -> QuerySet[CustomerFact]:
    """The fact, if it was this person who ended it, and since then."""
    return CustomerFact.objects.filter(pk=fact_id, customer_id=customer_id, ended_by=by, ended_at__gt=since)


def restore_fact(customer_id: UUID, fact_id: UUID, *, by: str, since: datetime) -> bool:
    """Take back that a fact was ended; False if it is too late, or was somebody else's doing."""
    return bool(just_ended(customer_id, fact_id, by=by, since=since).update(ended_at=None, ended_by=""))


def facts_of(customer_id: UUID) -> list[KnownFact]:
    """What is known of a customer, the latest first: two questions; nothing once they have been erased."""
    rows = list(
        CustomerFact.objects.filter(customer_id=customer_id, ended_at=None).order_by("-as_of", "-id")[:MOST_SHOWN]
    )
    values = values_of([row.token for row in rows]) if rows else {}
    return [
        KnownFact(row.pk, row.kind, text, row.source, row.as_of, row.recorded_at, row.recorded_by)
        for row in rows
        if (text := values.get(row.token))
    ]


def masked(text: str) -> str:
    """The words with every number and name in them as a screen may show it."""
    parts, end = [], 0
    for found in find_identifiers(text):
        parts += text[end : found.start], mask(found.kind, found.value)
        end = found.end
    return "".join(parts) + text[end:]


def check_fact(fact: NewFact, today: date) -> None:
    """Raises a FactRefused where something is missing or cannot be."""
    if fact.kind == CustomerFact.CARE and fact.text not in CARES:
        raise NoSuchCare()
    if not fact.text.strip():
        raise NothingSaid()
    if len(fact.text) > LONGEST:
        raise TooMuchSaid(most=LONGEST)
    if not fact.source.strip():
        raise NoSource()
    if fact.as_of > today:
        raise KnownAhead()
