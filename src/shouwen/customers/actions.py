"""What is done with customers: their rows are part of the statement that takes in a complaint; and erasing one."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from django.db import transaction

from shouwen.customers.models import Customer, Mailbox, Wish
from shouwen.handbook.authority import Actor
from shouwen.vault.actions import erase_subject

CUSTOMERS = """
    INSERT INTO customer (id, identity_index, phone_token, name_token, level, region, recorded_at)
    SELECT r.id, decode(r.identity_index, 'hex'), r.phone_token, r.name_token, r.level, r.region, statement_timestamp()
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, id uuid, identity_index text, phone_token text,
        name_token text, level text, region text)
"""

# Whoever gave no name at first is called by the first one they give. Always finds its customer.
NAMED = """
    INSERT INTO customer (id, name_token, phone_token, level, region, recorded_at)
    SELECT DISTINCT ON (r.id) r.id, r.name_token, '', '', '', statement_timestamp()
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, id uuid, name_token text)
    ON CONFLICT (id) DO UPDATE SET name_token = excluded.name_token WHERE customer.name_token = ''
"""


@transaction.atomic
def erase_customer(customer_id: UUID, *, not_before: datetime, by: str, reason: str, at: datetime) -> None:
    """Destroy the key of a customer's data, and what they could be found by; safe to repeat.

    Whoever complains from their number later is somebody nobody has met. Raises ErasureTooEarly, ErasureNeedsReason.
    """
    erase_subject(customer_id, not_before=not_before, by=by, reason=reason, at=at)
    Customer.objects.filter(pk=customer_id).update(identity_index=None)
    Wish.objects.filter(pk=customer_id).delete()
    Mailbox.objects.filter(customer_id=customer_id).delete()


def wish_for_peace(customer_id: UUID, hours: tuple[time, time] | None, *, by: Actor, at: datetime) -> None:
    """Write down when a customer wants to be left in peace; None: like everybody else."""
    if hours is None:
        Wish.objects.filter(pk=customer_id).delete()
        return
    begins, ends = hours
    stated = {"begins": begins, "ends": ends, "recorded_at": at, "recorded_by": by.ref}
    Wish.objects.update_or_create(customer_id=customer_id, defaults=stated)
