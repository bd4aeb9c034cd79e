"""Being somewhere, and seeing who else is: what open pages tell and ask by themselves."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse

from shouwen.desk.pages.door import WORKERS, DeskPage, no_store, unchanged_or
from shouwen.desk.presence import be_present, leave, marks_of, noticed, present_in, seen_tickets
from shouwen.desk.since import news_for


class PresencePage(DeskPage):
    """POST says that somebody is in a ticket (or has left it) and answers who else is, and what is new in it.

    GET asks for a whole list.
    """

    roles = WORKERS

    def get(self, request: HttpRequest) -> HttpResponse:
        tickets = seen_tickets(self.actor, request.GET.getlist("number"))
        there = present_in(tickets, at=self.at, beside=self.actor)
        marks = {tickets[ticket_id].number: str(marks_of(present)) for ticket_id, present in there.items()}
        return unchanged_or(request, json.dumps(marks, sort_keys=True), "application/json")

    def post(self, request: HttpRequest) -> HttpResponse:
        tickets = seen_tickets(self.actor, request.POST.getlist("number"))
        if "leaving" in request.POST:
            leave(self.actor, tickets)
            return HttpResponse(status=204)
        be_present(self.actor, tickets, at=self.at, typing=request.POST.get("typing") == "1")
        there = present_in(tickets, at=self.at, beside=self.actor)
        said = "".join(noticed(present) for present in there.values())
        return no_store(HttpResponse(said + news_for(self.actor, tickets, request.POST.get("seen", ""), at=self.at)))
