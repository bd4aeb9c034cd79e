"""Where a customer is written to instead of being texted: their e-mail address, sealed under their own key (T4.3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from shouwen.customers.models import Customer, Mailbox
from shouwen.handbook.authority import Actor
from shouwen.handbook.refusals import Refusal, gettext_noop
from shouwen.vault.actions import keep
from shouwen.vault.queries import values_of
from shouwen.vault.sealing import Kind


class NoMailbox(Refusal):
    clause = "T4.3"
    says = gettext_noop("Write down their e-mail address first.")


@transaction.atomic
def wish_for_letters(customer_id: UUID, wanted: bool, *, address: str = "", by: Actor, at: datetime) -> None:
    """Write down whether a customer is to be told by e-mail, and where; without an `address` the one kept stays.

    Raises NoMailbox, SubjectErased.
    """
    Customer.objects.select_for_update().get(pk=customer_id)
    kept = mailbox_of(customer_id)
    if address and kept and values_of([kept.token]).get(kept.token) == address:
        address = ""
    if not address and (kept is None or kept.is_wanted == wanted):
        if wanted and kept is None:
            raise NoMailbox
        return
    token = keep(customer_id, Kind.EMAIL, address).token if address else str(kept and kept.token)
    _write_down(customer_id, token, wanted, by=by, at=at)


@transaction.atomic
def confirm_mailbox(customer_id: UUID, token: str, *, by: Actor, at: datetime) -> None:
    """Whoever reads letters to the address with this token is this customer: they are told there from now on."""
    Customer.objects.select_for_update().get(pk=customer_id)
    _write_down(customer_id, token, True, by=by, at=at)


@transaction.atomic
def forget_mailbox(customer_id: UUID, *, by: Actor, at: datetime) -> None:
    """A customer is no longer written to; that they were stays written down until they are erased."""
    Customer.objects.select_for_update().get(pk=customer_id)
    _end(customer_id, by=by, at=at)


def mailbox_of(customer_id: UUID) -> Mailbox | None:
    """Where a customer is written to now."""
    return _live().filter(customer_id=customer_id).first()


def mailboxes_of(customer_ids: Iterable[UUID]) -> QuerySet[Mailbox]:
    """All that these customers have, or had: the latest first."""
    return Mailbox.objects.filter(customer_id__in=list(customer_ids)).order_by("-recorded_at", "-id")


def written_to(customer_ids: Iterable[str]) -> set[str]:
    """Those of these customers who want e-mail instead of text messages: one query."""
    wanted = _live().filter(customer_id__in=list(customer_ids), is_wanted=True)
    return {str(pk) for pk in wanted.values_list("customer_id", flat=True)}


def is_written_to(customer_id: UUID | None, token: str) -> bool:
    """Whether the value with this token is the address that is kept of this customer now."""
    return _live().filter(customer_id=customer_id, token=token).exists()


def email_of(customer_id: str) -> str | None:
    """The address a customer is written to, to send a message to; None without one, or once they have been erased."""
    token = _live().filter(customer_id=customer_id).values_list("token", flat=True).first()
    return values_of([token]).get(token) if token else None


def _live() -> QuerySet[Mailbox]:
    return Mailbox.objects.filter(ended_at=None)


def _write_down(customer_id: UUID, token: str, wanted: bool, *, by: Actor, at: datetime) -> None:
    _end(customer_id, by=by, at=at)
    Mailbox.objects.create(customer_id=customer_id, token=token, is_wanted=wanted, recorded_at=at, recorded_by=by.ref)


def _end(customer_id: UUID, *, by: Actor, at: datetime) -> None:
    _live().filter(customer_id=customer_id).update(ended_at=at, ended_by=by.ref)
