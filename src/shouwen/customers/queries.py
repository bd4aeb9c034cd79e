"""Finding customers without reading anybody's number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from shouwen.customers.models import Customer, Mailbox, Wish
from shouwen.vault.queries import keyring, values_of
from shouwen.vault.sealing import Kind, SubjectKey, blind_index


def identity_index(*, phone: str = "", account: str = "") -> bytes | None:
    """The blind index a customer is found by: their phone number or else their account; None without either."""
    if phone:
        return blind_index(keyring().index_key, Kind.PHONE, phone)
    return blind_index(keyring().index_key, Kind.ACCOUNT, account) if account else None


def customer_with(phone: str) -> Customer | None:
    """The customer who calls from this number."""
    return Customer.objects.filter(identity_index=identity_index(phone=phone)).first()


@dataclass(frozen=True, slots=True)
class Known:
    """A customer who has complained before: their level, whether they said a name, and the key of what is kept."""

    level: str
    nameless: bool
    key: SubjectKey


def known_customers(indexes: Iterable[bytes]) -> dict[bytes, Known]:
    """Customers by blind index, with one query; one who has been erased is missing."""
    asked = list({index for index in indexes if index})
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [asked])
        rows = cursor.fetchall()
    ring = keyring()
    return {
        bytes(index): Known(level, not name_token, ring.open_subject(customer_id, bytes(wrapped)))
        for customer_id, index, level, name_token, wrapped in rows
    }


KNOWN = """
    SELECT c.id, c.identity_index, c.level, c.name_token, s.wrapped_key
    FROM customer c JOIN data_subject s ON s.id = c.id
    WHERE c.identity_index = ANY(%s::bytea[]) AND s.wrapped_key IS NOT NULL
"""


def phone_of(customer_id: str) -> str | None:
    """The number a customer is reached at, to send a message to; None without one, or once they have been erased."""
    token = Customer.objects.filter(pk=customer_id).values_list("phone_token", flat=True).first()
    return values_of([token]).get(token) if token else None


def in_reach(customer_ids: Iterable[UUID | None]) -> set[UUID]:
    """Those of the customers who have left a phone number, or want to be told by e-mail."""
    asked = [one for one in customer_ids if one]
    written = Mailbox.objects.filter(customer_id=OuterRef("pk"), ended_at=None, is_wanted=True)
    reached = Customer.objects.filter(~Q(phone_token="") | Exists(written), pk__in=asked)
    return set(reached.values_list("pk", flat=True))


def wishes_of(customer_ids: Iterable[str]) -> dict[str, tuple[time, time]]:
    """The hours in which these customers want to be left in peace, by customer; most have no wish. One query."""
    rows = Wish.objects.filter(pk__in=list(customer_ids)).values_list("pk", "begins", "ends")
    return {str(pk): (begins, ends) for pk, begins, ends in rows}
