"""The inbox of notices, and how messages are shown in any list."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.timezone import now
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from shouwen.customers.mailboxes import mailboxes_of
from shouwen.customers.models import Customer, Mailbox
from shouwen.desk.actions import mark_read, mark_read_until
from shouwen.desk.customers import masked_customers, masked_values
from shouwen.desk.pages.door import DeskPage
from shouwen.desk.pages.living import living_list
from shouwen.desk.pages.places import places_in
from shouwen.desk.paging import in_batches, one_of_each, page_of
from shouwen.desk.wording import language
from shouwen.notices.models import TO_MAILBOX, MessageOrder
from shouwen.notices.queries import inbox_of, message_text, newest_about
from shouwen.screens.tables import ROWS_AT_MOST, kind_asked

NEWEST = ("-ordered_at", "-id")
MOST_UNREAD = 100  # counted to see whether any was read
EARLIER = 10  # notices about a ticket that its row opens to
STATES = {
    MessageOrder.ORDERED: _("waiting to be sent"),
    MessageOrder.SENDING: _("being sent"),
    MessageOrder.DELIVERED: pgettext_lazy("message", "sent"),
    MessageOrder.NO_GATEWAY: _("not sent: no gateway is set"),
    MessageOrder.FAILED: pgettext_lazy("message", "failed"),
    MessageOrder.UNKNOWN: _("may have arrived: look into it"),
    MessageOrder.OVERTAKEN: _("not sent: a later message says more"),
}
CHANNELS = {"sms": _("text message"), "email": _("e-mail")}
TONES = {
    MessageOrder.DELIVERED: "term-calm",
    MessageOrder.NO_GATEWAY: "term-heed",
    MessageOrder.FAILED: "term-late",
    MessageOrder.UNKNOWN: "term-press",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a list shows it."""

    order: MessageOrder
    text: str
    number: str  # of its ticket
    channel: str
    to: str  # whose it is, masked
    state: str
    tone: str
    may_go_again: bool = False
    waits_until: datetime | None = None  # its customer is left in peace until then
    next_try_at: datetime | None = None
    advice: str = ""  # what to do about it
    stand: str = ""  # changes with whatever is shown of it


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of one ticket: the newest notice, some of those before it, how many in all and how many unread."""

    newest: Message
    earlier: list[Message]
    count: int
    unread: int

    alone: bool = False

    @property
    def name(self) -> str:
        """What a row is of, however much more is told."""
        order = self.newest.order
        return str(order.pk if self.alone or not order.ticket_id else order.ticket_id)

    @property
    def stand(self) -> str:
        """Changes with whatever the row shows."""
        return f"{self.newest.order.pk}-{self.count}-{self.unread}"

    @property
    def earlier_unread(self) -> int:
        return self.unread - int(self.newest.order.read_at is None)

    @property
    def hidden(self) -> int:
        """How many of them are on a page of their own alone."""
        return self.count - 1 - len(self.earlier)


class NoticesPage(DeskPage):
    """What the desk has to tell the actor and their teams: a row a ticket, or every notice about one of them."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        inbox, ticket = inbox_of(self.actor, self.at), _ticket_in(request)
        if kind := kind_asked(request):
            told = inbox.filter(ticket_id=ticket) if ticket else inbox
            headings = [_("Ticket"), _("Notice"), _("When"), pgettext_lazy("notice", "Read at")]
            return self.file_of(kind, gettext("Notices"), headings, _cells(told))
        if ticket:
            page = page_of(inbox.filter(ticket_id=ticket), NEWEST, **places_in(request))
        else:
            page = page_of(inbox, NEWEST, **places_in(request), take=one_of_each(inbox, NEWEST, "ticket_id"))

        def shown() -> dict[str, Any]:
            rows = list(map(_alone, messages_in(page.rows))) if ticket else told_by_ticket(page.rows, inbox)
            return {"rows": rows, "of_one": ticket is not None}

        unread = inbox.filter(read_at=None)[:MOST_UNREAD].count()
        known = [unread, [(str(one.pk), one.read_at is None) for one in page.rows]]
        return living_list(self, "desk/notices.html", page, known, shown)


class NoticePage(DeskPage):
    """A notice is opened: it is read, and what it is about comes up."""

    def get(self, request: HttpRequest, notice: UUID) -> HttpResponse:
        order = get_object_or_404(inbox_of(self.actor, self.at), pk=notice)
        mark_read(self.actor, at=self.at, notice=notice)
        if callback := order.params.get("callback"):
            return redirect("desk:callback", callback)
        if order.params.get("training"):
            return redirect("desk:trainings")
        if order.params.get("improvement"):
            return redirect("desk:satisfaction")
        if number := order.params.get("number"):
            return redirect("desk:ticket", number)
        if name := order.params.get("calendar"):
            return redirect("desk:calendar", name)
        if draft := order.params.get("draft_id"):
            return redirect("desk:draft", draft)
        return redirect("desk:notices")


class Reading(DeskPage):
    """A notice is read, or it and all before it about its ticket, or all there are."""

    def post(self, request: HttpRequest, notice: UUID | None = None) -> HttpResponse:
        if notice and "earlier" in request.POST:
            mark_read_until(self.actor, notice, at=self.at)
        else:
            mark_read(self.actor, at=self.at, notice=notice)
        return redirect("desk:notices")


def _cells(inbox: QuerySet[MessageOrder]) -> Iterator[list[Any]]:
    """Every notice for the rows of a file, asked for in batches."""
    for batch in in_batches(inbox.order_by(*NEWEST)[: ROWS_AT_MOST + 1]):
        for one in messages_in(batch):
            yield [one.number, one.text, one.order.ordered_at, one.order.read_at]


def told_by_ticket(newest: Sequence[MessageOrder], inbox: QuerySet[MessageOrder]) -> list[Told]:
    """The newest notice of each ticket with those before it: one query for all; what is of no ticket stands alone."""
    orders = list(newest_about(inbox, {one.ticket_id for one in newest if one.ticket_id}, 1 + EARLIER))
    by_ticket: dict[UUID | None, list[tuple[MessageOrder, Message]]] = defaultdict(list)
    for order, message in zip(orders, messages_in(orders), strict=True):
        by_ticket[order.ticket_id].append((order, message))
    rows = []
    for order, message in zip(newest, messages_in(newest), strict=True):
        told = by_ticket.get(order.ticket_id) or []
        earlier = [one for other, one in told if other.pk != order.pk]
        rows.append(Told(message, earlier, told[0][0].told, told[0][0].unread) if told else _alone(message))
    return rows


def _alone(message: Message) -> Told:
    return Told(message, [], 1, int(message.order.read_at is None), alone=True)


def _ticket_in(request: HttpRequest) -> UUID | None:
    """The one ticket whose notices are asked for."""
    try:
        return UUID(request.GET.get("ticket", ""))
    except ValueError:
        return None


def messages_in(orders: Iterable[MessageOrder], *, personal: bool = False, opened: bool = False) -> list[Message]:
    """The messages with their texts, in the reader's language; in a demo `opened` shows their codes.

    Only for who sees what is `personal` they say to which number or address.
    """
    orders, at = list(orders), now()
    numbers = _masked_numbers(orders) if personal else {}
    numbers |= _masked_mailboxes(orders) if personal else {}
    return [_message(order, numbers.get(_place(order), ""), at, opened) for order in orders]


def _message(order: MessageOrder, to: str, at: datetime, opened: bool) -> Message:
    waits = order.state == MessageOrder.ORDERED and order.not_before is not None and order.not_before > at
    tried = order.state == MessageOrder.ORDERED and order.try_at is not None and order.try_at > at
    return Message(
        order,
        message_text(order, language(), opened=opened),
        str(order.params.get("number", "")),
        str(CHANNELS.get(order.channel, order.channel)),
        to,
        str(_("waits: hours of peace") if waits else STATES.get(order.state, order.state)),
        "term-heed" if waits else TONES.get(order.state, ""),
        order.may_go_again(at),
        order.not_before if waits else None,
        order.try_at if tried else None,
        str(advice_on(order)),
        stand_of(order, at),
    )


def stand_of(order: MessageOrder, at: datetime) -> str:
    """What tells whether a message is shown as it was: how it stands, what it waits for, whether it may go again."""
    waits = [moment is not None and moment > at and moment.isoformat() for moment in (order.not_before, order.try_at)]
    return json.dumps([order.state, order.error, *waits, order.may_go_again(at)])


def advice_on(order: MessageOrder) -> Any:
    """What to do about a message that did not get through; "" where there is nothing to do."""
    if order.state == MessageOrder.FAILED:
        known = (advice for error, advice in ADVICE.items() if order.error.startswith(error))
        return next(known, GIVEN_UP)
    return NOT_SURE if order.state == MessageOrder.UNKNOWN else ""


ADVICE = {
    "expired": _("The code in it has run out: the customer asks for a new one, nothing is to be sent."),
    "no address": _("There is nothing to send it to: call the customer, and write their number down with the ticket."),
    "no text": _("The wording has a blank nobody filled: tell whoever looks after the rules, and call the customer."),
    "SMTP 5": _("The mail server refuses this address or letter: check the address, then send it again."),
}
GIVEN_UP = _("It was tried seven times in a day: see to the gateway, then send it again. Call whoever cannot wait.")
NOT_SURE = _("It may have arrived: ask the provider or the customer before you send it again.")


def _masked_numbers(orders: Iterable[MessageOrder]) -> dict[str, str]:
    """The phone numbers of the customers among the recipients, masked, by recipient."""
    ids = {order.recipient.partition(":")[2] for order in orders if order.recipient.startswith("customer:")}
    customers = masked_customers(Customer.objects.filter(pk__in=ids)) if ids else {}
    return {f"customer:{pk}": customer.phone.shown for pk, customer in customers.items() if customer.phone}


def _place(order: MessageOrder) -> str:
    """What an address of this order's recipient is found by: by e-mail it is another one than by text message."""
    return f"{order.recipient} {order.pk}" if order.channel == "email" else order.recipient


def _masked_mailboxes(orders: Iterable[MessageOrder]) -> dict[str, str]:
    """The address each letter went to, or is to go to, masked: two queries for all of them."""
    letters = {one: UUID(one.recipient.partition(":")[2]) for one in orders if _is_letter(one)}
    if not letters:
        return {}
    boxes = list(mailboxes_of(set(letters.values())))
    tokens = {
        order: order.params.get(TO_MAILBOX) or _box_of(order, customer, boxes) for order, customer in letters.items()
    }
    shown = masked_values(tokens.values())
    return {_place(order): shown[token].shown if token in shown else "" for order, token in tokens.items()}


def _box_of(order: MessageOrder, customer: UUID, boxes: Sequence[Mailbox]) -> str:
    """The token of where this customer was written to when the letter went, or is written to now."""
    then = order.delivered_at or now()
    return next((one.token for one in boxes if one.customer_id == customer and one.recorded_at <= then), "")


def _is_letter(order: MessageOrder) -> bool:
    return order.channel == "email" and order.recipient.startswith("customer:")
