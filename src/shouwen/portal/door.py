"""Who may see which complaint: whoever has opened its door with a code, for half an hour after their last visit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.timezone import now
from django.views import View

from shouwen.handbook.authority import Actor
from shouwen.handbook.numbers import normalise_number
from shouwen.portal.limits import TooOften
from shouwen.portal.queries import customer_of, leading_of, went_on_as
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import NoSuchTicket, ticket_for

OPEN_FOR = timedelta(minutes=30)
_KEY = "portal_door"
ASKED = "portal_asked"  # for which complaint a code was sent
_RECEIVED = "portal_received"  # the complaint that was sent from here


class DoorShut(Exception):
    """This visitor has not opened this complaint, or it was too long ago."""


def open_door(request: HttpRequest, ticket: Ticket, at: datetime, *, by_phone: bool) -> None:
    """The visitor has proved to be the ticket's customer. Opens this ticket and shuts any other."""
    request.session.cycle_key()  # a session somebody planted beforehand opens nothing
    door = {"ticket": str(ticket.pk), "customer": str(ticket.customer_id), "until": _until(at)}
    request.session[_KEY] = door | {"by_phone": by_phone}


def opened_by_slip(request: HttpRequest) -> bool:
    """Whoever came so holds one complaint's paper; that they hold the customer's phone nothing has shown."""
    door = request.session.get(_KEY)
    return bool(door) and not door.get("by_phone")


def shut_door(request: HttpRequest) -> None:
    request.session.pop(_KEY, None)


def leave(request: HttpRequest) -> None:
    """The next person at this computer finds nothing of the one before."""
    for kept in (_KEY, ASKED, _RECEIVED):
        request.session.pop(kept, None)


def remember_received(request: HttpRequest, number: str, at: datetime) -> None:
    """Whoever sent a complaint sees its number, and adds files to it, as long as a door stands open."""
    request.session[_RECEIVED] = {"number": number, "until": _until(at)}


def received_here(request: HttpRequest, at: datetime) -> str:
    """The number of the complaint this visitor sent, until half an hour after their last visit; then ""."""
    kept = request.session.get(_RECEIVED)
    if not isinstance(kept, dict) or datetime.fromisoformat(kept["until"]) <= at:
        request.session.pop(_RECEIVED, None)
        return ""
    remember_received(request, kept["number"], at)
    return str(kept["number"])


def entered(request: HttpRequest, number: str, at: datetime) -> Ticket:
    """The ticket of this number, if this visitor's door to it, or to one merged into it, is open. Raises DoorShut."""
    door: dict[str, Any] = request.session.get(_KEY) or {}
    if not door or datetime.fromisoformat(door["until"]) <= at:
        shut_door(request)
        raise DoorShut
    try:
        ticket = ticket_for(Actor("customer", door["customer"]), number)
    except NoSuchTicket:
        raise DoorShut from None
    if ticket.pk != UUID(door["ticket"]) and ticket.number not in went_on_as(UUID(door["ticket"])):
        raise DoorShut
    request.session[_KEY] = door | {"until": _until(at)}
    return ticket


def _until(at: datetime) -> str:
    return (at + OPEN_FOR).isoformat()


class PortalPage(View):
    """A public page and its moment. Nobody else's copy of it is kept anywhere."""

    at: datetime

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.at = now()
        try:
            response = super().dispatch(request, *args, **kwargs)
        except TooOften:
            response = self.too_often(request)
        response.setdefault("Cache-Control", "no-store")
        return response

    def too_often(self, request: HttpRequest) -> HttpResponse:
        return render(request, "portal/too_often.html", status=429)


class CustomerPage(PortalPage):
    """A page of one complaint, behind its door."""

    shut_at: ClassVar[str] = "portal:track"
    ticket: Ticket
    customer: Actor

    @cached_property
    def leading(self) -> Ticket:
        """The ticket that is worked, and to which whatever is added goes, under whichever number."""
        return leading_of(self.ticket)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        number = kwargs.pop("number")
        try:
            self.ticket = entered(request, number, now())
        except DoorShut:
            known = normalise_number(number)
            query = f"?{urlencode({'number': known})}" if known else ""
            return redirect(f"{reverse(self.shut_at)}{query}")
        self.customer = customer_of(self.ticket)
        return super().dispatch(request, *args, **kwargs)
