"""Search: one box for a number, a phone and words."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwen.desk.finding import NEWEST_FIRST, callers_of, number_in, phone_in, those_saying
from shouwen.desk.pages.door import WORKERS, DeskPage
from shouwen.desk.pages.queues import neighbours, places_in
from shouwen.desk.paging import Page, page_of
from shouwen.desk.rows import for_rows, rows_of
from shouwen.handbook.authority import Sight
from shouwen.tickets.queries import visible_to

LONGEST = 100
NOBODY = "nobody"


class SearchPage(DeskPage):
    """A number goes straight to its ticket; a phone and words list what is found, newest first.

    What is typed is posted, so that no phone number stands in an address, a history or a log: the list of a caller's
    tickets has the customer's id in its address.
    """

    roles = WORKERS

    def post(self, request: HttpRequest) -> HttpResponse:
        typed = request.POST.get("q", "").strip()[:LONGEST]
        return self._straight_to(typed) or redirect(_address(q=typed))

    def get(self, request: HttpRequest) -> HttpResponse:
        words, callers = request.GET.get("q", "").strip()[:LONGEST], request.GET.getlist("of")
        if answer := self._straight_to(words):
            return answer
        page = self._page(request, words, callers)
        context = {
            "query": words,
            "asked": bool(words or callers),
            "looked_for": _looked_for(words, callers),
            "rows": rows_of(page.rows, self.at, personal=Sight.PERSONAL in self.actor.sights),
            "at": self.at,
            **neighbours(request, page),
        }
        return render(request, "desk/search.html", context)

    def _straight_to(self, typed: str) -> HttpResponse | None:
        """The ticket of a number, or the list of a caller; None where words are looked for."""
        may_ask = Sight.PERSONAL in self.actor.sights  # whose number it is tells something of a person
        number, phone = number_in(typed), phone_in(typed) if may_ask else None
        if number and visible_to(self.actor).filter(number=number).exists():
            return redirect("desk:ticket", number)
        return redirect(_address(of=callers_of(phone) or NOBODY)) if phone else None

    def _page(self, request: HttpRequest, words: str, callers: list[str]) -> Page:
        tickets, places = for_rows(visible_to(self.actor)), places_in(request)
        if callers:
            return page_of(tickets.filter(customer__in=_ids(callers)), NEWEST_FIRST, **places)
        return page_of(tickets, NEWEST_FIRST, take=partial(those_saying, words), **places)


def _address(**asked: str | list[str]) -> str:
    return f"{reverse('desk:search')}?{urlencode(asked, doseq=True)}"


def _ids(callers: list[str]) -> list[UUID]:
    """The customers named in an address; whatever is no id names nobody."""
    ids = []
    for caller in callers:
        try:
            ids.append(UUID(caller))
        except ValueError:
            continue
    return ids


def _looked_for(words: str, callers: list[str]) -> str:
    if callers:
        return _("tickets of whoever has this number")
    if number_in(words):
        return _("no ticket with this number that you may see")
    return _("tickets whose text has all of these words")
