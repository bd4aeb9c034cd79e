"""The calls back: whom to call and what to say, how it went, and when to try again (S4.2b)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwen.desk.calling import CallForm, WishForm, wish_form, write_wishes
from shouwen.desk.customers import Masked, masked_customers
from shouwen.desk.pages.door import DeskPage
from shouwen.desk.pages.living import living_list
from shouwen.desk.pages.places import places_in
from shouwen.desk.paging import page_of
from shouwen.desk.wording import here, language
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.quiet import allowed_from
from shouwen.handbook.refusals import Refusal
from shouwen.people.models import Person
from shouwen.screens.templatetags.spoken import refusal_text
from shouwen.screens.templatetags.times import moment
from shouwen.surveys.calling import calls_themselves, hours_for, make_call, planned_for, rated_in_round, take_over
from shouwen.surveys.models import Callback
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of, state_of, visible_to

SOONEST = ("next_at", "id")
MINE, EVERYBODYS, LATER = "mine", "all", "later"
TELLS = ("customer_told", "answered_at_contact")


@dataclass(frozen=True, slots=True)
class Row:
    """A call to make, as the list shows it."""

    callback: Callback
    ticket: Ticket
    script: str
    phone: Masked | None
    name: Masked | None
    attempts: int  # at most
    is_due: bool
    is_late: bool
    stand: str  # changes with whatever the row shows of the call


class CallbacksPage(DeskPage):
    """The calls to make: an agent's own, or everybody's; those to make now, or the later ones too."""

    roles = frozenset({"agent", "supervisor"})

    def get(self, request: HttpRequest, **where: Any) -> HttpResponseBase:
        page = page_of(self.calls(), SOONEST, **places_in(request))
        return living_list(
            self,
            "desk/callbacks.html",
            page,
            [(str(call.pk), stand_of(call, self.at)) for call in page.rows],
            lambda: {"rows": call_rows(page.rows, self.at), "mine": self.mine, "later": self.later},
        )

    @property
    def mine(self) -> bool:
        asked = self.request.GET.get("whose", "")
        return asked == MINE if asked in (MINE, EVERYBODYS) else calls_themselves(self.actor)

    @property
    def later(self) -> bool:
        return self.request.GET.get("when") == LATER

    def calls(self) -> QuerySet[Callback]:
        """Those the address asks for: without filters what the badge in the bar counts."""
        calls = planned_for(self.actor, mine=self.mine)
        return calls if self.later else calls.filter(next_at__lte=self.at)


class CallbackPage(DeskPage):
    """One call: the number behind its mask, the words for this kind of ticket, and how it went."""

    roles = CallbacksPage.roles

    def get(self, request: HttpRequest, callback: UUID) -> HttpResponse:
        found, ticket = self._find(callback)
        if found.state != Callback.PLANNED:
            return redirect("desk:ticket", ticket.number)
        return self._show(found, ticket, self._form(ticket))

    def post(self, request: HttpRequest, callback: UUID) -> HttpResponse:
        found, ticket = self._find(callback)
        form = self._form(ticket, request.POST)
        if not form.is_valid():
            return self._show(found, ticket, form, status=422)
        try:
            left = make_call(found.pk, form.call(), by=self.actor, at=self.at)
        except Refusal as refusal:
            return self._show(found, ticket, form, status=409, refusal=refusal)
        self._say(found, left)
        return redirect("desk:callbacks")

    def _say(self, callback: Callback, left: Refusal | None) -> None:
        callback.refresh_from_db()
        if left:
            said = _("The call is written down. The ticket is not followed up yet: {why}")
            messages.warning(self.request, said.format(why=refusal_text(left)))
        elif callback.state == Callback.PLANNED:
            said = _("Not reached: try again from {at} on.")
            messages.info(self.request, said.format(at=moment(callback.next_at)))
        else:
            messages.success(self.request, _("The call is written down, and the ticket is followed up."))

    def _find(self, callback: UUID) -> tuple[Callback, Ticket]:
        found = get_object_or_404(Callback.objects.select_related("agent"), pk=callback)
        tickets = visible_to(self.actor).select_related("customer", "team", "handler")
        return found, get_object_or_404(tickets, pk=found.ticket_id)

    def _form(self, ticket: Ticket, data: Any = None) -> CallForm:
        rated = rated_in_round(ticket) is not None
        return CallForm(edition(ticket.edition), language(), rated=rated, data=data)

    def _show(
        self,
        callback: Callback,
        ticket: Ticket,
        form: CallForm,
        *,
        status: int = 200,
        refusal: Refusal | None = None,
        wish: WishForm | None = None,
    ) -> HttpResponse:
        rules, hours = edition(ticket.edition), hours_for(ticket)
        allowed = allowed_from(self.at, *hours)
        context = {
            **vars_of(call_rows([callback], self.at)[0]),
            **_reveal_urls(ticket),
            "lines": _lines(ticket, rules, self.actor.id),
            "source": rules.telling.sources.get("calls"),
            "told": _told(ticket),
            "calls": callback.calls.order_by("called_at"),
            "went": {str(one.value): label for one, label in CallForm.WENT},
            "form": form,
            "wish_form": wish or wish_form(ticket, personal=self.sees_personal),
            "allowed_at": allowed if allowed > self.at else None,
            "refusal": refusal,
            "is_mine": str(callback.agent_id) == self.actor.id,
            "at": self.at,
        }
        return render(self.request, "desk/callback.html", context, status=status)


class TakingOver(CallbackPage):
    """The call becomes the actor's."""

    def get(self, request: HttpRequest, callback: UUID) -> HttpResponse:
        return redirect("desk:callback", callback)

    def post(self, request: HttpRequest, callback: UUID) -> HttpResponse:
        found, _ticket = self._find(callback)
        take_over(found.pk, by=self.actor)
        messages.success(request, _("The call is yours."))
        return redirect("desk:callback", callback)


class Wishing(CallbackPage):
    """When and how the customer of a call wants to be told, as they say it in the call."""

    def get(self, request: HttpRequest, callback: UUID) -> HttpResponse:
        return redirect("desk:callback", callback)

    def post(self, request: HttpRequest, callback: UUID) -> HttpResponse:
        found, ticket = self._find(callback)
        wish = WishForm(ticket, request.POST, personal=self.sees_personal)
        if not wish.is_valid():
            return self._show(found, ticket, self._form(ticket), status=422, wish=wish)
        write_down(request, wish, ticket, by=self.actor, at=self.at)
        return redirect("desk:callback", found.pk)


def write_down(request: HttpRequest, wish: WishForm, ticket: Ticket, *, by: Actor, at: datetime) -> None:
    """Write down what the ticket's customer wishes, and say so on the next page."""
    if ticket.customer_id is None:
        return
    try:
        write_wishes(wish, ticket.customer_id, by=by, at=at)
    except Refusal as refusal:  # their data has been erased meanwhile
        messages.error(request, refusal_text(refusal))
        return
    messages.success(request, _("Written down when and how they want to be told: messages and calls keep to it."))


def vars_of(row: Row) -> dict[str, Any]:
    """The parts of a row, by name."""
    return {name: getattr(row, name) for name in Row.__slots__}


def call_rows(callbacks: Sequence[Callback], at: datetime) -> list[Row]:
    """The calls with their tickets and customers: two queries for all of them."""
    tickets = Ticket.objects.select_related("customer").in_bulk([one.ticket_id for one in callbacks])
    customers = masked_customers(ticket.customer for ticket in tickets.values())
    rows = []
    for callback in callbacks:
        ticket = tickets[callback.ticket_id]
        calls, customer = edition(ticket.edition).telling.calls, customers.get(ticket.customer_id)
        script = calls.script_for(state_of(ticket)) if calls else None
        rows.append(
            Row(
                callback,
                ticket,
                here(script.name) if script else "",
                customer.phone if customer else None,
                customer.name if customer else None,
                calls.attempts if calls else 0,
                callback.next_at <= at,
                callback.due_at <= at,
                stand_of(callback, at),
            )
        )
    return rows


def stand_of(call: Callback, at: datetime) -> str:
    """How a call stands, as far as its row shows it."""
    return f"{call.next_at.timestamp():.0f}-{call.attempts}-{call.agent_id}-{call.next_at <= at}-{call.due_at <= at}"


def _reveal_urls(ticket: Ticket) -> dict[str, str]:
    """Where name and number are shown in full to who says why."""
    tokens = (
        {"phone_url": ticket.customer.phone_token, "name_url": ticket.customer.name_token} if ticket.customer else {}
    )
    return {name: reverse("desk:value", args=[ticket.number, token]) for name, token in tokens.items() if token}


def _lines(ticket: Ticket, rules: Any, person: str) -> list[str]:
    """What to say, with the ticket's number and the caller's own."""
    calls = rules.telling.calls
    script = calls.script_for(state_of(ticket)) if calls else None
    caller = Person.objects.get(pk=person)
    staff_no = caller.staff_no or "____"  # a name is no number: whoever has none sees the gap
    return [here(line).format(number=ticket.number, staff_no=staff_no) for line in script.lines] if script else []


def _told(ticket: Ticket) -> str:
    """What the customer was told of the result."""
    told = [str(row.facts.get("text") or "") for row in history_of(ticket.pk) if row.what in TELLS]
    return told[-1] if told else ""
