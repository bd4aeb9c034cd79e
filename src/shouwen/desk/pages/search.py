"""Search: one box for a number, a phone and words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from shouwen.desk.finding import NEWEST_FIRST, number_in, phone_in, tickets_of_phone, tickets_saying
from shouwen.desk.pages.door import WORKERS, DeskPage
from shouwen.desk.pages.queues import neighbours, places_in
from shouwen.desk.paging import page_of
from shouwen.desk.rows import for_rows, rows_of
from shouwen.tickets.queries import visible_to

LONGEST = 100


class SearchPage(DeskPage):
    """A number goes straight to its ticket; a phone and words list what is found, newest first."""

    roles = WORKERS

    def get(self, request: HttpRequest) -> HttpResponse:
        query = request.GET.get("q", "").strip()[:LONGEST]
        number = number_in(query)
        if number and visible_to(self.actor).filter(number=number).exists():
            return redirect("desk:ticket", number)
        phone = phone_in(query)
        tickets = tickets_of_phone(self.actor, phone) if phone else tickets_saying(self.actor, query)
        page = page_of(for_rows(tickets), NEWEST_FIRST, **places_in(request))
        context = {
            "query": "" if phone else query,  # a number is not written into the page again
            "asked": bool(query),
            "looked_for": _looked_for(number, phone),
            "rows": rows_of(page.rows, self.at),
            "at": self.at,
            **neighbours(request, page),
        }
        return render(request, "desk/search.html", context)


def _looked_for(number: str | None, phone: str | None) -> str:
    if number:
        return _("no ticket with this number that you may see")
    return _("tickets of whoever has this number") if phone else _("tickets whose text has all of these words")
