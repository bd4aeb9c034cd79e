"""Many tickets at once: which moves they have in common, one form for all, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.urls.resolvers import URLPattern

from shouwen.desk.asking import Asking, MoveForm, asks_of
from shouwen.desk.asks import NOUNS
from shouwen.desk.bulk import IN_BULK, NotTheirRun, Picked, Run, carry_out, fitting, move_deed, moves_for, picked_in
from shouwen.desk.macros import macros_for
from shouwen.desk.offers import ICONS
from shouwen.desk.pages.door import WORKERS, DeskPage, is_fragment
from shouwen.handbook.moves import Move

MOST_MACROS = 30


class BulkPage(DeskPage):
    """Which moves can be made on the ticked tickets, and on how many of them."""

    roles = WORKERS

    def get(self, request: HttpRequest) -> HttpResponse:
        picked = picked_in(request.GET.getlist("ticket"))
        counts = moves_for(picked, self.actor, self.at)
        offers = [(move, NOUNS[move], ICONS.get(move, ""), count) for move, count in counts.items()]
        context = {
            "picked": picked,
            "common": [offer for offer in offers if offer[3] == len(picked)],
            "some": [offer for offer in offers if offer[3] < len(picked)],
            "values": _values(picked),
            "macros": macros_for(self.actor)[:MOST_MACROS],
        }
        return render(request, "desk/_bulk_moves.html" if is_fragment(request) else "desk/bulk_moves.html", context)


class BulkMove(DeskPage):
    """One move on many tickets: GET asks once what it needs, POST makes it on the next few and says how far it is."""

    roles = WORKERS
    move = Move.NOTE  # each address names its own

    def get(self, request: HttpRequest) -> HttpResponse:
        picked = picked_in(request.GET.getlist("ticket"))
        fit = fitting(self.move, picked, self.actor, self.at)
        form = MoveForm(most_asked(fit)) if fit else None
        return self.ask(picked, fit, form, run=uuid4())

    def post(self, request: HttpRequest) -> HttpResponse:
        picked, run = picked_in(request.POST.getlist("ticket")), run_in(request.POST)
        started = request.POST.get("started") == "1"
        if not started and (fit := fitting(self.move, picked, self.actor, self.at)):
            form = MoveForm(most_asked(fit), {**request.POST.dict(), "seen": ""})
            if not form.is_valid():
                return self.ask(picked, fit, form, run=run, status=422)
        deed = move_deed(self.move, request.POST, by=self.actor, at=self.at)
        try:
            return self.show(request, carry_out(run, picked, deed, by=self.actor, at=self.at))
        except NotTheirRun:
            raise Http404 from None

    def ask(
        self, picked: Sequence[Picked], fit: Sequence[Asking], form: MoveForm | None, *, run: UUID, status: int = 200
    ) -> HttpResponse:
        fits = {one.ticket.number for one in fit}
        context = {
            "move": self.move,
            "action": self._address(),
            "draft": f"bulk/{NOUNS[self.move]}",
            "form": form,
            "run": run,
            "picked": [one for one in picked if one.number in fits],
            "left_out": [one.number for one in picked if one.number not in fits],
        }
        template = "desk/_bulk.html" if is_fragment(self.request) else "desk/bulk.html"
        return render(self.request, template, context, status=status)

    def show(self, request: HttpRequest, run: Run) -> HttpResponse:
        context: dict[str, Any] = {"run": run, "move": self.move, "action": self._address()}
        if not is_fragment(request):
            context["sent"] = [(name, value) for name, values in request.POST.lists() for value in values]
            return render(request, "desk/bulk_run.html", context)
        return render(request, "desk/_bulk_run.html", context)

    def _address(self) -> str:
        return reverse(f"desk:bulk_{self.move}")


def bulk_paths() -> list[URLPattern]:
    """An address for every move that can be made on many tickets."""
    return [
        path("bulk", BulkPage.as_view(), name="bulk"),
        *(path(f"bulk/{NOUNS[move]}", BulkMove.as_view(move=move), name=f"bulk_{move}") for move in IN_BULK),
    ]


def most_asked(fit: Sequence[Asking]) -> Asking:
    """The ticket that asks most: its form asks everything the others do."""
    return max(fit, key=lambda asking: len(asks_of(asking)))


def run_in(data: QueryDict) -> UUID:
    """The run a form belongs to. Raises Http404 for a form that has none."""
    try:
        return UUID(data.get("run", ""))
    except ValueError:
        raise Http404 from None


def _values(picked: Sequence[Picked]) -> list[str]:
    return [one.value for one in picked]
