"""What the desk shows of customers: masked, always; in full only to who says why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from shouwen.customers.models import Customer
from shouwen.language.masking import mask
from shouwen.vault.queries import items_named, items_of, kept_under, opened


@dataclass(frozen=True, slots=True)
class Masked:
    """One kept value: its token, its kind and as much of it as a screen may show ("" once the person is erased)."""

    token: str
    kind: str
    shown: str


@dataclass(frozen=True, slots=True)
class MaskedCustomer:
    """A customer as lists show them."""

    phone: Masked | None
    name: Masked | None


def masked_values(tokens: Iterable[str], *, of: UUID | None = None) -> dict[str, Masked]:
    """Kept values by token, masked: one query. Only those `of` a customer, where one is named."""
    wanted = {token for token in tokens if token}
    if not wanted:
        return {}
    items = list(items_of(of, wanted) if of else items_named(wanted))
    values = opened(items, wanted)
    return {item.token: Masked(item.token, item.kind, _masked(item.kind, values.get(item.token))) for item in items}


def masked_by_tokens(tokens: Iterable[str]) -> dict[str, str]:
    """What a list may show of kept values, by token: one query, and no rows of the ORM."""
    values = kept_under({token for token in tokens if token})
    return {token: _masked(kind, value) for token, (kind, value) in values.items()}


def masked_customers(customers: Iterable[Customer | None]) -> dict[UUID, MaskedCustomer]:
    """Customers by id, masked: one query for all of them."""
    known = {customer.pk: customer for customer in customers if customer}
    values = masked_values(token for one in known.values() for token in (one.phone_token, one.name_token))
    return {
        pk: MaskedCustomer(values.get(customer.phone_token), values.get(customer.name_token))
        for pk, customer in known.items()
    }


def _masked(kind: str, value: str | None) -> str:
    return mask(kind, value) if value else ""
