"""Putting one term of a ticket right where it stands: its class, severity or reach, with a reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from shouwen.desk.asking import KEPT, Asking, MoveForm
from shouwen.desk.pages.door import WORKERS, DeskPage
from shouwen.desk.pages.moves import MovePage, why_not
from shouwen.desk.telling import Told
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.editions.queries import edition
from shouwen.handbook.moves import Move
from shouwen.handbook.refusals import Refusal
from shouwen.tickets.queries import ticket_for

TERMS = ("category", "severity", "reach", "customer_level", "complexity")
RANKED = ("severity", "reach", "customer_level", "category")


class TermPage(MovePage):
    """One term in a form of two fields; it is the move "reclassify", with everything else as it is."""

    move = Move.RECLASSIFY
    name = ""

    def get(self, request: HttpRequest, number: str, name: str = "") -> HttpResponse:
        self.name = _known(name)
        asking = self.asking(number)
        form = MoveForm(asking)
        refusal = why_not(asking)
        return self.show(asking, form, refusal=refusal) if refusal else self._form(asking, form)

    def post(self, request: HttpRequest, number: str, name: str = "") -> HttpResponse:
        self.name = _known(name)
        state = self.asking(number).state
        data = request.POST.copy()
        data.update({term: getattr(state, term) for term in KEPT if term != self.name})
        request.POST = data  # type: ignore[assignment]
        return super().post(request, number)

    def show(
        self,
        asking: Asking,
        form: MoveForm,
        *,
        refusal: Refusal | None = None,
        since: Sequence[Told] = (),
        status: int = 200,
    ) -> HttpResponse:
        """What stands in the way, beside the two fields that were filled in."""
        wrong = [" ".join(map(str, errors)) for errors in form.errors.values()]
        changed = _("Somebody changed the ticket meanwhile. Look at it again.") if since else ""
        context = {"refusal": refusal, "wrong": [*wrong, changed] if changed else wrong}
        return render(self.request, "desk/_term_wrong.html", context, status=409 if refusal or since else status)

    def _form(self, asking: Asking, form: MoveForm) -> HttpResponse:
        for name in (self.name, "reason"):  # two fields, and both are what it is about
            form.fields[name].required = True
        form.fields["reason"].widget.attrs["rows"] = 2
        context = {"ticket": asking.ticket, "bound": form[self.name], "form": form, "name": self.name}
        return render(self.request, "desk/_term.html", context)


class PriorityPreview(DeskPage):
    """Which priority the ticket would have with other terms, and why."""

    roles = WORKERS

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        ticket = ticket_for(self.actor, number)
        rules = edition(ticket.edition)
        terms = {name: _stated(request, rules, name) or getattr(ticket, name) for name in RANKED}
        ranking = rules.prioritise(**terms)
        context = {
            "priority": here(rules.label("priorities", ranking.priority)),
            "why": here(ranking.why),
            "same": ranking.priority == ticket.priority,
        }
        return render(request, "desk/_priority.html", context)


def _stated(request: HttpRequest, rules: Edition, name: str) -> str:
    """A term as it is asked about, if the rules know it."""
    known: dict[str, Collection[str]] = {
        "severity": rules.severities,
        "reach": rules.reaches,
        "customer_level": rules.customer_levels,
        "category": rules.categories.nodes,
    }
    stated = request.GET.get(name, "")
    return stated if stated in known[name] else ""


def _known(name: str) -> str:
    if name not in TERMS:
        raise Http404
    return name
