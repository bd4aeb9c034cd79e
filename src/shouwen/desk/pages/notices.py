"""The inbox of notices, and the outbox of messages to customers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shouwen.customers.models import Customer
from shouwen.desk.actions import mark_read
from shouwen.desk.customers import masked_customers
from shouwen.desk.pages.door import DeskPage
from shouwen.desk.pages.queues import neighbours, places_in
from shouwen.desk.paging import page_of
from shouwen.desk.wording import language
from shouwen.handbook.authority import Actor
from shouwen.notices.delivery import send_again
from shouwen.notices.models import MessageOrder
from shouwen.notices.queries import inbox_of, message_text, outbox
from shouwen.tickets.queries import visible_to

NEWEST = ("-ordered_at", "-id")
STATES = {
    MessageOrder.ORDERED: _("waiting to be sent"),
    MessageOrder.SENDING: _("being sent"),
    MessageOrder.DELIVERED: pgettext_lazy("message", "sent"),
    MessageOrder.NO_GATEWAY: _("not sent: no gateway is set"),
    MessageOrder.FAILED: pgettext_lazy("message", "failed"),
    MessageOrder.UNKNOWN: _("may have arrived: look into it"),
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


class NoticesPage(DeskPage):
    """What the desk has to tell the actor and their teams."""

    def get(self, request: HttpRequest) -> HttpResponse:
        page = page_of(inbox_of(self.actor, self.at), NEWEST, **places_in(request))
        context = {"rows": messages_in(page.rows), "at": self.at, **neighbours(request, page)}
        return render(request, "desk/notices.html", context)


class NoticePage(DeskPage):
    """A notice is opened: it is read, and what it is about comes up."""

    def get(self, request: HttpRequest, notice: UUID) -> HttpResponse:
        order = get_object_or_404(inbox_of(self.actor, self.at), pk=notice)
        mark_read(self.actor, at=self.at, notice=notice)
        if number := order.params.get("number"):
            return redirect("desk:ticket", number)
        if name := order.params.get("calendar"):
            return redirect("desk:calendar", name)
        if draft := order.params.get("draft_id"):
            return redirect("desk:draft", draft)
        return redirect("desk:notices")


class Reading(DeskPage):
    """A notice is read, or all of them are."""

    def post(self, request: HttpRequest, notice: UUID | None = None) -> HttpResponse:
        mark_read(self.actor, at=self.at, notice=notice)
        return redirect("desk:notices")


class OutboxPage(DeskPage):
    """Messages to customers, and what became of each. A supervisor sees those about tickets they may see."""

    roles = frozenset({"supervisor", "administrator"})

    def get(self, request: HttpRequest) -> HttpResponse:
        state = request.GET.get("state", "")
        page = page_of(orders_for(self.actor, state if state in STATES else ""), NEWEST, **places_in(request))
        context = {
            "rows": messages_in(page.rows),
            "states": STATES.items(),
            "state": state,
            "opens_tickets": "supervisor" in self.actor.roles,
            "at": self.at,
            **neighbours(request, page),
        }
        return render(request, "desk/outbox.html", context)


class Sending(DeskPage):
    """A message that got stuck is ordered anew; where it may have arrived already, somebody has looked into it."""

    roles = OutboxPage.roles

    def post(self, request: HttpRequest, order: UUID) -> HttpResponse:
        stuck = get_object_or_404(orders_for(self.actor), pk=order)
        if stuck.may_go_again(self.at) and send_again(order):
            messages.success(request, _("It will be sent again."))
        else:
            messages.error(request, _("It cannot be sent again: it is on its way, has arrived or has expired."))
        return redirect("desk:outbox")


def orders_for(actor: Actor, state: str = "") -> QuerySet[MessageOrder]:
    """The messages to customers an actor may see: all of them, or those about tickets they may see."""
    orders = outbox(state=state)
    if "administrator" in actor.roles:
        return orders
    return orders.filter(ticket_id__in=visible_to(actor).values("pk"))


def messages_in(orders: Iterable[MessageOrder]) -> list[Message]:
    """The messages with their texts, in the reader's language."""
    orders = list(orders)
    numbers = _masked_numbers(orders)
    return [
        Message(
            order,
            message_text(order, language()),
            str(order.params.get("number", "")),
            str(CHANNELS.get(order.channel, order.channel)),
            numbers.get(order.recipient, ""),
            str(STATES.get(order.state, order.state)),
            TONES.get(order.state, ""),
            order.may_go_again(now()),
        )
        for order in orders
    ]


def _masked_numbers(orders: Iterable[MessageOrder]) -> dict[str, str]:
    """The phone numbers of the customers among the recipients, masked, by recipient."""
    ids = {order.recipient.partition(":")[2] for order in orders if order.recipient.startswith("customer:")}
    customers = masked_customers(Customer.objects.filter(pk__in=ids)) if ids else {}
    return {f"customer:{pk}": customer.phone.shown for pk, customer in customers.items() if customer.phone}
