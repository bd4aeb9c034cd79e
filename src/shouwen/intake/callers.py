"""Who is calling: what an agent may know of them before a word is typed, masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shouwen.customers.queries import customer_with
from shouwen.handbook.authority import Actor
from shouwen.intake.checking import plausible_phone
from shouwen.language.masking import mask
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import visible_to
from shouwen.vault.queries import values_of
from shouwen.vault.sealing import Kind

AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Caller:
    """A known customer: masked, with the tickets of theirs that are open, the nearest deadline first.

    `elsewhere` counts those this agent may not open: the customer will speak of them all the same.
    """

    phone: str
    name: str
    level: str
    region: str
    open_tickets: Sequence[Ticket]
    elsewhere: int


def caller_with(phone: str, *, seen_by: Actor) -> Caller | None:
    """The customer who has called from this number before, if any."""
    customer = customer_with(phone) if phone and plausible_phone(phone) else None
    if customer is None:
        return None
    theirs = Ticket.objects.filter(customer=customer, is_open=True)
    seen = visible_to(seen_by).filter(customer=customer, is_open=True)
    name = values_of([customer.name_token]).get(customer.name_token) if customer.name_token else None
    return Caller(
        phone=mask(Kind.PHONE, phone),
        name=mask(Kind.NAME, name) if name else "",
        level=customer.level,
        region=customer.region,
        open_tickets=seen.order_by("lead_due_at", "id")[:AT_MOST],
        elsewhere=theirs.exclude(pk__in=seen.values("pk")).count(),
    )
