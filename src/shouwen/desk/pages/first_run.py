"""The first-run guide: what a branch does before its first real complaint."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from shouwen.desk.first_run import BY_HAND, left, steps, tick
from shouwen.desk.header import rules_for
from shouwen.desk.pages.people import StaffPage


class FirstRunPage(StaffPage):
    """The steps, and what is left of them."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = steps(rules_for(request, self.at), self.at)
        context = {"steps": found, "left": left(found), "done": len(found) - left(found), "all": len(found)}
        return render(request, "desk/first_run.html", context)


class FirstRunTick(StaffPage):
    """A step no program can see for itself is said to be done, or not after all."""

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        if code not in BY_HAND:
            raise Http404
        tick(code, request.POST.get("done") == "1", by=self.me, at=self.at)
        return redirect("desk:first_run")
