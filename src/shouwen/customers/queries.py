"""Finding customers without reading anybody's number."""

from __future__ import annotations

from collections.abc import Iterable

from shouwen.customers.models import Customer
from shouwen.vault.queries import keyring, values_of
from shouwen.vault.sealing import Kind, blind_index


def identity_index(*, phone: str = "", account: str = "") -> bytes | None:
    """The blind index a customer is found by: their phone number or else their account; None without either."""
    if phone:
        return blind_index(keyring().index_key, Kind.PHONE, phone)
    return blind_index(keyring().index_key, Kind.ACCOUNT, account) if account else None


def customer_with(phone: str) -> Customer | None:
    """The customer who calls from this number."""
    return Customer.objects.filter(identity_index=identity_index(phone=phone)).first()


def customers_by_index(indexes: Iterable[bytes]) -> dict[bytes, Customer]:
    """Known customers by blind index: one query."""
    return {bytes(row.identity_index): row for row in Customer.objects.filter(identity_index__in=list(indexes))}


def phone_of(customer_id: str) -> str | None:
    """The number a customer is reached at, to send a message to; None without one, or once they have been erased."""
    token = Customer.objects.filter(pk=customer_id).values_list("phone_token", flat=True).first()
    return values_of([token]).get(token) if token else None
