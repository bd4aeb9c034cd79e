"""Search: one box for a number, a phone, a name and words; the list follows while somebody types."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from shouwen.desk.asked import Asked, as_typed, asked_for
from shouwen.desk.header import rules_for
from shouwen.desk.looking import Looking
from shouwen.desk.pages.door import WORKERS, DeskPage, is_fragment, no_store
from shouwen.desk.sealed_words import opened
from shouwen.tickets.queries import visible_to


class SearchPage(DeskPage):
    """What is typed is posted and stands in no address, history or log: an address has it sealed, for its typist only.

    A whole number sent off leads straight to its ticket. While somebody types (`typing`) the list alone is answered.
    """

    roles = WORKERS

    def post(self, request: HttpRequest) -> HttpResponse:
        typed = as_typed(request.POST.get("q", ""))
        asked = asked_for(typed or opened(request.POST.get("s", ""), self.actor.id), by=self.actor)
        if request.POST.get("typing") and is_fragment(request):
            return self._typed(request, asked)
        if asked.number and visible_to(self.actor).filter(number=asked.number).exists():
            return redirect("desk:ticket", asked.number)
        return redirect(self._looking(request, asked).address())

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = asked_for(opened(request.GET.get("s", ""), self.actor.id), by=self.actor)
        if plain := as_typed(request.GET.get("q", "")):
            asked = asked_for(plain, by=self.actor)
            if asked.number and visible_to(self.actor).filter(number=asked.number).exists():
                return redirect("desk:ticket", asked.number)
            if asked.is_personal:
                return redirect(self._looking(request, asked).address())
        return no_store(render(request, "desk/search.html", self._context(request, asked)))

    def _typed(self, request: HttpRequest, asked: Asked) -> HttpResponse:
        """The list alone, and the address under which it is found again."""
        answer = render(request, "desk/_found.html", self._context(request, asked) | {"typing": True})
        answer["HX-Replace-Url"] = self._looking(request, asked).address()
        return no_store(answer)

    def _looking(self, request: HttpRequest, asked: Asked) -> Looking:
        given = request.POST if request.method == "POST" else request.GET
        return Looking(asked, given, rules_for(request, self.at), self.actor, self.at)

    def _context(self, request: HttpRequest, asked: Asked) -> dict[str, Any]:
        looking = self._looking(request, asked)
        return {"looking": looking, "filters": looking.filters, "searches": False, "at": self.at}


class SearchHelp(DeskPage):
    """What can be typed into the box, with an example of each."""

    roles = WORKERS

    def get(self, request: HttpRequest) -> HttpResponse:
        template = "desk/_search_help.html" if is_fragment(request) else "desk/search_help.html"
        return render(request, template)
