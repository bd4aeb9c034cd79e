"""Ctrl+K and the box on top of a page: one answer with everything that goes by these words, in groups."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shouwen.desk.asked import as_typed
from shouwen.desk.pages.door import DeskPage, no_store
from shouwen.desk.palette import RECENT_AT_MOST, Asking, groups_for
from shouwen.tickets.queries import sees_tickets

PALETTE, QUICK = "palette", "quick"  # whose lines they are: both may stand in one page, so their ids differ


class PalettePage(DeskPage):
    """What is typed is posted, because it may be somebody's number; so are the numbers of tickets opened lately."""

    def post(self, request: HttpRequest) -> HttpResponse:
        words = as_typed(request.POST.get("q", ""))
        recent = request.POST.getlist("recent")[:RECENT_AT_MOST]
        groups = groups_for(Asking(request, words, recent, self.at))
        context = {
            "place": QUICK if request.htmx.target == f"{QUICK}-found" else PALETTE,  # type: ignore[attr-defined]
            "groups": groups,
            "count": sum(len(group.items) for group in groups),
            "may_search": bool(words) and sees_tickets(self.actor),
        }
        return no_store(render(request, "desk/_palette.html", context))
