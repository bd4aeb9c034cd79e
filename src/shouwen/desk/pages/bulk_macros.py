"""A macro on many tickets: asked once, run on each by itself, with a word on each of them."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from shouwen.desk.bulk import Deed, NotTheirRun, Picked, Unfit, carry_out, picked_in
from shouwen.desk.macros import macros_for, preview_of, run_macro, stopped_words
from shouwen.desk.models import Macro
from shouwen.desk.pages.bulk import run_in
from shouwen.desk.pages.door import WORKERS, DeskPage, is_fragment


class BulkMacro(DeskPage):
    """One macro on many tickets: GET says what it does to how many, POST runs it on the next few."""

    roles = WORKERS

    def get(self, request: HttpRequest, macro: UUID) -> HttpResponse:
        known = get_object_or_404(macros_for(self.actor), pk=macro)
        picked = picked_in(request.GET.getlist("ticket"))
        context = {"macro": known, "does": preview_of(known), "picked": picked, "run": uuid4(), "action": request.path}
        template = "desk/_bulk_macro.html" if is_fragment(request) else "desk/bulk_macro.html"
        return render(request, template, context)

    def post(self, request: HttpRequest, macro: UUID) -> HttpResponse:
        known = get_object_or_404(macros_for(self.actor), pk=macro)
        picked, run = picked_in(request.POST.getlist("ticket")), run_in(request.POST)
        try:
            gone_on = carry_out(run, picked, self._deed(known), by=self.actor, at=self.at)
        except NotTheirRun:
            raise Http404 from None
        context = {"run": gone_on, "macro": known, "action": reverse("desk:bulk_macro", args=[known.pk])}
        if is_fragment(request):
            return render(request, "desk/_bulk_run.html", context)
        context["sent"] = [(name, value) for name, values in request.POST.lists() for value in values]
        return render(request, "desk/bulk_macro_run.html", context)

    def _deed(self, macro: Macro) -> Deed:
        """The macro on one ticket; where not one step could be made, it does not fit that ticket."""

        def deed(one: Picked) -> str:
            ran = run_macro(macro, one.number, by=self.actor, at=self.at, seen=one.seen)
            if not ran.done:
                raise Unfit(stopped_words(ran))
            return ran.done_words if ran.whole else f"{ran.done_words} · {stopped_words(ran)}"

        return deed
