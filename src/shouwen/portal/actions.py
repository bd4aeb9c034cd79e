"""What customers do about their complaint, each deed once however often its button was pressed."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from uuid_utils.compat import uuid7

from shouwen.customers.access import CODE_LIVES_FOR, make_code
from shouwen.editions.queries import edition
from shouwen.handbook.authority import SYSTEM
from shouwen.handbook.guides import Guide, Walk
from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.refusals import Refusal
from shouwen.handling.actions import move_locked
from shouwen.notices.actions import order_messages, order_row
from shouwen.notices.codes import sealed_code
from shouwen.portal.guides import tried_lines
from shouwen.portal.queries import customer_of, ticket_of
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.queries import history_of, locked
from shouwen.vault.queries import subject_keys

TEMPLATE = "phone_code"


@transaction.atomic
def order_code(number: str, phone: str, *, at: datetime) -> UUID:
    """Text a code to this phone if the complaint is its owner's; the name under which it can be checked, in any case.

    Whoever asks learns nothing from the answer: not whether there is such a complaint, nor whose it is.
    """
    found = ticket_of(number, phone)
    ticket = locked(found.pk) if found else None
    subject = subject_keys([ticket.customer_id]).get(ticket.customer_id) if ticket else None
    code = make_code(ticket.pk, at=at) if ticket and subject else None
    if ticket is None or subject is None or code is None:
        return UUID(int=uuid7().int)
    cause = f"{ticket.pk}/code/{code.id}"
    order = order_row(
        cause=cause,
        ticket_id=str(ticket.pk),
        recipient=f"customer:{ticket.customer_id}",
        channel=edition(ticket.edition).templates[TEMPLATE].channel,
        template=TEMPLATE,
        edition=ticket.edition,
        params={
            "number": ticket.number,
            "minutes": CODE_LIVES_FOR.seconds // 60,
            "expires_at": code.expires_at.isoformat(),
        },
        secret=sealed_code(subject, cause, code.digits),
    )
    order_messages([order])
    return code.id


def add(ticket: Ticket, text: str, *, form: str, at: datetime) -> None:
    """Add the customer's words to their complaint. Raises a `Refusal`."""
    _move_once(ticket, Move.ADD, {"text": text}, form=form, at=at)


def reopen(ticket: Ticket, reason: str, *, form: str, at: datetime) -> None:
    """The customer is not satisfied: another round. Raises a `Refusal`."""
    _move_once(ticket, Move.REOPEN, {"reason": reason}, form=form, at=at)


@transaction.atomic
def mark_tried(ticket_id: UUID, guide: Guide, walk: Walk, *, at: datetime) -> None:
    """自助排障无效: the ticket is marked, with what its customer tried and saw (S2.1b); once, as everything."""
    row = locked(ticket_id)
    if any(event.facts.get("mark") == guide.mark for event in history_of(row.pk) if event.what is What.MARKED):
        return
    tried = "\n".join(f"{asked} {answered}" for asked, answered in tried_lines(walk))
    facts = {"mark": guide.mark, "reason": guide.words.spoken(settings.LANGUAGE_CODE), "evidence": tried}
    facts |= {"guide": guide.id, "said": ".".join(walk.said)}
    with suppress(Refusal):  # sent again after the ticket came to its end: the complaint was taken in all the same
        move_locked(row, Move.MARK, by=SYSTEM, happened_at=at, now=at, facts=facts, source="portal")


@transaction.atomic
def _move_once(ticket: Ticket, move: Move, facts: dict[str, Any], *, form: str, at: datetime) -> None:
    """`form` names the form that was filled in: sent twice, it counts once."""
    row = locked(ticket.pk)
    if TicketEvent.objects.filter(ticket=row, facts__form=form).exists():
        return
    moved = facts | {"form": form}
    move_locked(row, move, by=customer_of(row), happened_at=at, now=at, facts=moved, source="portal")
