"""By which way a customer is told, as they choose it themselves.

Only whoever has opened a complaint with the code on their phone chooses: a slip is paper of one complaint, and all of a
customer's messages would go where its holder likes. That phone says nothing about an address: typed
wrong, it would bring news of a complaint to a stranger, and the customer would wait for letters that never come. So an
address counts once a code sent there has come back; until then text messages go on. The one that came with a complaint
is kept with it and used for nothing: nobody has proved anything when they send the form, and a stranger who complains
in somebody else's name must not lead their messages away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from shouwen.customers.access import MAILBOX_CODE_LIVES_FOR, check_mailbox_code, mailbox_code_sent, make_code
from shouwen.customers.mailboxes import confirm_mailbox, forget_mailbox, mailbox_of, wish_for_letters
from shouwen.editions.queries import edition
from shouwen.handbook.history import What
from shouwen.language.masking import mask
from shouwen.notices.actions import order_messages, order_row
from shouwen.notices.codes import sealed_code
from shouwen.notices.models import TO_MAILBOX
from shouwen.portal.actions import TEMPLATE
from shouwen.portal.queries import customer_of
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.queries import locked
from shouwen.vault.actions import keep
from shouwen.vault.queries import subject_keys, values_of
from shouwen.vault.sealing import Kind


@dataclass(frozen=True, slots=True)
class HowTold:
    """By which way a customer is told; phone and addresses are masked, "" where there is none."""

    by_letter: bool
    phone: str
    kept: str  # the address they are written to, or were
    named: str  # came with this complaint, and has not been confirmed
    awaited: str  # where a code was sent that has not come back

    @property
    def known(self) -> str:
        """The address that needs not be typed again."""
        return self.kept or self.named


def offers_letters() -> bool:
    """Whether customers may choose e-mail here: letters leave the house, or nothing does because it is a demo."""
    return "email" in settings.SHOUWEN_GATEWAYS or settings.DEMO


def how_told(ticket: Ticket, *, at: datetime) -> HowTold:
    """How the ticket's customer is told now, and what they have begun to change."""
    kept, sent = mailbox_of(ticket.customer_id) if ticket.customer_id else None, mailbox_code_sent(ticket.pk, at=at)
    tokens = {
        "phone": ticket.customer.phone_token if ticket.customer else "",
        "kept": kept.token if kept else "",
        "named": _named(ticket),
        "awaited": sent.token if sent else "",
    }
    values = values_of(token for token in tokens.values() if token)
    shown = {name: _masked(name, values.get(token)) for name, token in tokens.items()}
    if kept and values.get(tokens["named"]) == values.get(kept.token):
        shown["named"] = ""
    return HowTold(bool(kept and kept.is_wanted), **shown)


def named_address(ticket: Ticket) -> str:
    """The address that came with the complaint, in full: to send a code to, never to be shown."""
    token = _named(ticket)
    return (values_of([token]).get(token) or "") if token else ""


def tell_by_text(ticket: Ticket, *, at: datetime) -> None:
    """Text messages again; the address is kept."""
    wish_for_letters(ticket.customer_id, False, by=customer_of(ticket), at=at)


def tell_by_letter(ticket: Ticket, address: str, *, at: datetime) -> bool:
    """True if that is an address they are known to read; without an `address`, the one that is kept."""
    kept = mailbox_of(ticket.customer_id) if ticket.customer_id else None
    if kept is None or (address and values_of([kept.token]).get(kept.token) != address):
        return False
    wish_for_letters(ticket.customer_id, True, by=customer_of(ticket), at=at)
    return True


def forget_address(ticket: Ticket, *, at: datetime) -> None:
    """The customer does not want to be written to, nor their address to be kept for it."""
    forget_mailbox(ticket.customer_id, by=customer_of(ticket), at=at)


@transaction.atomic
def send_mailbox_code(ticket: Ticket, address: str, *, at: datetime) -> bool:
    """Send a code to an address; False where nothing was sent, because too many codes were asked for lately."""
    row = locked(ticket.pk)
    subject = subject_keys([row.customer_id]).get(row.customer_id) if row.customer_id else None
    if subject is None or row.customer_id is None:
        return False
    named = _named(row)
    token = named if address == named_address(row) else keep(row.customer_id, Kind.EMAIL, address).token
    code = make_code(row.pk, at=at, mailbox=token)
    if code is None:
        transaction.set_rollback(True)  # what was just kept is not kept
        return False
    cause = f"{row.pk}/code/{code.id}"
    order = order_row(
        cause=cause,
        ticket_id=str(row.pk),
        recipient=f"customer:{row.customer_id}",
        channel="email",
        template=TEMPLATE,
        edition=edition(row.edition).id,
        params={
            "number": row.number,
            "minutes": MAILBOX_CODE_LIVES_FOR.seconds // 60,
            "expires_at": code.expires_at.isoformat(),
            TO_MAILBOX: token,
        },
        secret=sealed_code(subject, cause, code.digits),
    )
    order_messages([order])
    return True


@transaction.atomic
def confirm_address(ticket: Ticket, digits: str, *, at: datetime) -> bool:
    """The code has come back: from now on letters go there. False for a wrong, late or worn out one."""
    token = check_mailbox_code(ticket.pk, digits, at=at)
    if token is None or ticket.customer_id is None:
        return False
    confirm_mailbox(ticket.customer_id, token, by=customer_of(ticket), at=at)
    return True


def _named(ticket: Ticket) -> str:
    """The token of the address that came with the complaint."""
    accepted = TicketEvent.objects.filter(ticket=ticket, what=What.ACCEPTED).values_list("facts", flat=True).first()
    return str(((accepted or {}).get("contact") or {}).get("email", ""))


def _masked(name: str, value: str | None) -> str:
    return mask(Kind.PHONE if name == "phone" else Kind.EMAIL, value) if value else ""
