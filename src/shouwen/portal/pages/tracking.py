"""Coming back to a complaint: with its number and a code, sent to the phone or handed out by an agent."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from shouwen.customers.access import CODE_LIVES_FOR, check_code, check_slip
from shouwen.people.addresses import network_of
from shouwen.portal.actions import order_code
from shouwen.portal.door import ASKED, PortalPage, leave, open_door
from shouwen.portal.forms import CodeForm, SlipForm, TrackForm
from shouwen.portal.limits import count
from shouwen.portal.queries import ticket_numbered
from shouwen.tickets.models import Ticket


class TrackPage(PortalPage):
    """Which complaint? The answer is the same whether or not there is one, and whosever it is."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(number=request.GET.get("number", "")[:40])

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TrackForm(request.POST)
        if not form.is_valid():
            return self._show(form, status=422)
        count("ask", network_of(request), at=self.at)
        number, phone = form.cleaned_data["number"], form.cleaned_data["phone"]
        name = order_code(number, phone, at=self.at)
        request.session[ASKED] = {"name": str(name), "until": (self.at + CODE_LIVES_FOR).isoformat()}
        return redirect("portal:code")

    def _show(self, form: TrackForm | None = None, *, number: str = "", status: int = 200) -> HttpResponse:
        initial = {"number": number}
        context = {
            "form": form or TrackForm(initial=initial),
            "slip_form": SlipForm(initial=initial, auto_id="slip_%s"),
        }
        return render(self.request, "portal/track.html", context, status=status)


class CodePage(PortalPage):
    """The code from the text message."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self._asked():
            return redirect("portal:track")
        return self._show(CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        asked, form = self._asked(), CodeForm(request.POST)
        if not asked:
            return redirect("portal:track")
        if not form.is_valid():
            return self._show(form, status=422)
        count("try", network_of(request), at=self.at)
        ticket_id = check_code(UUID(asked["name"]), form.cleaned_data["code"], at=self.at)
        if ticket_id is None:
            form.add_error("code", _("This code is wrong or has run out. Try again, or ask for another one."))
            return self._show(form, status=422)
        del request.session[ASKED]
        return enter(request, Ticket.objects.get(pk=ticket_id), self.at, by_phone=True)

    def _asked(self) -> dict[str, Any]:
        asked: dict[str, Any] = self.request.session.get(ASKED) or {}
        return asked if asked and datetime.fromisoformat(asked["until"]) > self.at else {}

    def _show(self, form: CodeForm, *, status: int = 200) -> HttpResponse:
        context = {"form": form, "minutes": CODE_LIVES_FOR.seconds // 60}
        return render(self.request, "portal/code.html", context, status=status)


class SlipPage(PortalPage):
    """A code an agent handed out: it opens its complaint once."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("portal:track")

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SlipForm(request.POST, auto_id="slip_%s")
        if form.is_valid():
            count("try", network_of(request), at=self.at)
            ticket = ticket_numbered(form.cleaned_data["number"])
            if ticket and check_slip(ticket.pk, form.cleaned_data["slip"], at=self.at):
                return enter(request, ticket, self.at, by_phone=False)
            form.add_error("slip", _("Number and code do not belong together, or the code has been used or run out."))
        context = {"form": TrackForm(initial={"number": request.POST.get("number", "")[:40]}), "slip_form": form}
        return render(request, "portal/track.html", context, status=422)


class LeavePage(PortalPage):
    """Done: the next person at this computer sees nothing."""

    def post(self, request: HttpRequest) -> HttpResponse:
        leave(request)
        return redirect("portal:home")


def enter(request: HttpRequest, ticket: Ticket, at: datetime, *, by_phone: bool) -> HttpResponse:
    open_door(request, ticket, at, by_phone=by_phone)
    return redirect("portal:ticket", number=ticket.number)
