"""The outbox: messages that leave the desk, what became of each, and what to do about those that got stuck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shouwen.desk.calling import WishForm, may_wish, wish_form
from shouwen.desk.header import rules_for
from shouwen.desk.pages.callbacks import write_down
from shouwen.desk.pages.door import WORKERS, DeskPage
from shouwen.desk.pages.living import living_list
from shouwen.desk.pages.notices import CHANNELS, NEWEST, STATES, messages_in, stand_of
from shouwen.desk.pages.places import neighbours, places_in
from shouwen.desk.paging import page_of
from shouwen.desk.replies import name_of
from shouwen.editions.edition import Edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.numbers import normalise_number
from shouwen.notices.delivery import send_again, send_all_again
from shouwen.notices.models import MessageOrder
from shouwen.notices.queries import messages_about, outbox
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import ticket_for, visible_to

NOWHERE = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the outbox is narrowed to; what makes no sense narrows nothing, an unknown number finds nothing."""

    state: str = ""
    channel: str = ""
    template: str = ""
    number: str = ""

    @classmethod
    def read(cls, request: HttpRequest, rules: Edition) -> Wanted:
        known = {"state": STATES, "channel": CHANNELS, "template": rules.templates}
        given = {name: request.GET.get(name, "") for name in known}
        kept = {name: value if value in known[name] else "" for name, value in given.items()}
        return cls(**kept, number=request.GET.get("number", "").strip()[:40])

    @property
    def ticket_id(self) -> UUID | None:
        if not self.number:
            return None
        found = Ticket.objects.filter(number=normalise_number(self.number) or "").values_list("pk", flat=True).first()
        return found or NOWHERE

    @property
    def query(self) -> str:
        asked = {name: getattr(self, name) for name in ("state", "channel", "template", "number")}
        return urlencode({name: value for name, value in asked.items() if value})


class OutboxPage(DeskPage):
    """Messages to customers, and what became of each. A supervisor sees those about tickets they may see."""

    roles = frozenset({"supervisor", "administrator"})

    def get(self, request: HttpRequest, **where: Any) -> HttpResponseBase:
        page = page_of(self.orders(), NEWEST, **places_in(request))
        known = [(str(order.pk), stand_of(order, self.at)) for order in page.rows]
        return living_list(self, "desk/outbox.html", page, known, lambda: self.shown(page.rows))

    def shown(self, orders: Sequence[MessageOrder]) -> dict[str, Any]:
        rows = messages_in(orders, personal=self.sees_personal, opened=True)
        return {
            "rows": rows,
            "states": STATES.items(),
            "channels": CHANNELS.items(),
            "kinds": _kinds(rules_for(self.request, self.at)),
            "wanted": self.wanted,
            "no_way": {row.channel for row in rows if row.order.state == MessageOrder.NO_GATEWAY},
            "stuck": sum(row.may_go_again for row in rows),
            "opens_tickets": "supervisor" in self.actor.roles,
        }

    @property
    def wanted(self) -> Wanted:
        return Wanted.read(self.request, rules_for(self.request, self.at))

    def orders(self) -> QuerySet[MessageOrder]:
        """Those the address asks for."""
        return orders_for(self.actor, self.wanted)


class Sending(DeskPage):
    """A message that got stuck is ordered anew; where it may have arrived already, somebody has looked into it."""

    roles = OutboxPage.roles

    def post(self, request: HttpRequest, order: UUID) -> HttpResponse:
        stuck = get_object_or_404(orders_for(self.actor), pk=order)
        if stuck.may_go_again(self.at) and send_again(order):
            messages.success(request, _("It will be sent again."))
        else:
            messages.error(request, _("It cannot be sent again: it is on its way, has arrived or has expired."))
        return _back(request)


class SendingMany(DeskPage):
    """Those that were ticked are ordered anew; what may not go again is left alone, and said."""

    roles = OutboxPage.roles

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = [one for one in map(_uuid, request.POST.getlist("order")) if one]
        found = list(orders_for(self.actor).filter(pk__in=chosen))
        going = send_all_again([order.pk for order in found if order.may_go_again(self.at)])
        if going:
            said = ngettext("{count} message will be sent again.", "{count} messages will be sent again.", going)
            messages.success(request, said.format(count=going))
        if left := len(chosen) - going:
            said = ngettext(
                "{count} message cannot be sent again: it is on its way, has arrived or has expired.",
                "{count} messages cannot be sent again: they are on their way, have arrived or have expired.",
                left,
            )
            messages.warning(request, said.format(count=left))
        if not chosen:
            messages.warning(request, _("Tick the messages first that are to be sent again."))
        return _back(request)


class TicketMessages(DeskPage):
    """Every message about one ticket, what still waits, and when and how its customer wants to be told."""

    roles = WORKERS

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        return self._show(ticket_for(self.actor, number))

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        ticket = ticket_for(self.actor, number)
        if not may_wish(self.actor) or ticket.customer_id is None:
            raise PermissionDenied
        form = WishForm(ticket, request.POST, personal=self.sees_personal)
        if not form.is_valid():
            return self._show(ticket, form, status=422)
        write_down(request, form, ticket, by=self.actor, at=self.at)
        return redirect("desk:ticket_messages", ticket.number)

    def _show(self, ticket: Ticket, form: WishForm | None = None, *, status: int = 200) -> HttpResponse:
        page = page_of(messages_of(ticket), NEWEST, **places_in(self.request))
        writes = may_wish(self.actor) and ticket.customer_id is not None
        context = {
            "ticket": ticket,
            "rows": messages_in(page.rows, personal=self.sees_personal),
            "wish_form": (form or wish_form(ticket, personal=self.sees_personal)) if writes else None,
            "at": self.at,
            **neighbours(self.request, page),
        }
        return render(self.request, "desk/ticket_messages.html", context, status=status)


def messages_of(ticket: Ticket) -> QuerySet[MessageOrder]:
    """What was sent about a ticket, or waits to be."""
    return messages_about(ticket.pk).exclude(channel="desk")


def orders_for(actor: Actor, wanted: Wanted | None = None) -> QuerySet[MessageOrder]:
    """The messages to customers an actor may see: all of them, or those about tickets they may see."""
    wanted = wanted or Wanted()
    orders = outbox(state=wanted.state, channel=wanted.channel, template=wanted.template, ticket_id=wanted.ticket_id)
    if "administrator" in actor.roles:
        return orders
    return orders.filter(ticket_id__in=visible_to(actor).values("pk"))


def _kinds(rules: Edition) -> list[tuple[str, str]]:
    """The kinds of messages by their names."""
    return [(code, name_of(one)) for code, one in rules.templates.items() if one.kind == "message"]


def _back(request: HttpRequest) -> Any:
    """To the list as it was narrowed."""
    query = request.POST.get("back", "")
    target = redirect("desk:outbox")
    if query:
        target["Location"] = f"{target['Location']}?{query[:400]}"
    return target


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
