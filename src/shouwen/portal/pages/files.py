"""Sending files with a complaint: one after another with their progress, or in one form where there are no scripts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _

from shouwen.portal.door import CustomerPage, PortalPage, received_here
from shouwen.portal.files import files_sent, take_files
from shouwen.portal.limits import TooOften
from shouwen.portal.queries import history_in_sight, ticket_numbered
from shouwen.screens.templatetags.spoken import refusal_text
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of


class _Files:
    """Takes files for a ticket and shows those that are there."""

    request: HttpRequest
    ticket: Ticket
    at: Any

    def get(self, request: HttpRequest) -> HttpResponse:
        shown = history_in_sight(history_of(self.taker.pk), self.taker, self.ticket)
        files = files_sent(self.taker, shown, request.path)
        return render(request, "portal/_files_list.html", {"files": files})

    def post(self, request: HttpRequest) -> HttpResponse:
        brought = request.FILES.getlist("file")
        try:
            refused = take_files(self.taker, brought, form=request.POST.get("form", "")[:40], at=self.at)
        except TooOften:
            return self._answer([_("That was very often within the hour. Please wait, or call us.")], 0)
        says = [
            refusal_text(refusal) if self._is_fragment else f"{name}: {refusal_text(refusal)}"
            for name, refusal in refused
        ]
        return self._answer(says, len(brought) - len(refused))

    def _answer(self, says: list[str], taken: int) -> HttpResponse:
        if self._is_fragment:
            return render(self.request, "portal/_refused.html", {"says": says}, status=409 if says else 201)
        for sentence in says:
            messages.error(self.request, sentence)
        if taken:
            messages.success(self.request, _("We have your files. Whoever deals with your complaint sees them."))
        elif not says:
            messages.error(self.request, _("Choose a file first."))
        return self.back()

    def back(self) -> HttpResponse:
        raise NotImplementedError

    @property
    def taker(self) -> Ticket:
        """The ticket that gets them."""
        return self.ticket

    @property
    def _is_fragment(self) -> bool:
        return bool(self.request.htmx)  # type: ignore[attr-defined]


class FilesPage(_Files, CustomerPage):
    """The files of the complaint whose door is open, or of the one its matter goes on as."""

    @property
    def taker(self) -> Ticket:
        return self.leading

    def back(self) -> HttpResponse:
        return redirect("portal:ticket", number=self.ticket.number)


class ReceivedFilesPage(_Files, PortalPage):
    """Files for the complaint that was just sent from here. It shows nothing but what the same visitor has sent."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        ticket = ticket_numbered(received_here(request, now()))
        if ticket is None:
            return redirect("portal:submit")
        self.ticket = ticket
        return super().dispatch(request, *args, **kwargs)

    def back(self) -> HttpResponse:
        return redirect("portal:received")
