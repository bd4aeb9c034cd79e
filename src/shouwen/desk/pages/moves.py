"""Making a move: its form, what was refused, what somebody else had done meanwhile. No typed text is ever lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from shouwen.desk.afterwards import MAY_BE_FOLLOWED, Afterwards, afterwards
from shouwen.desk.asking import OWN, Asking, MoveForm, asking_for
from shouwen.desk.asks import ELSEWHERE, NOUNS
from shouwen.desk.basis import as_stated_before, basis_of, quoted, returned_because, tasks_left_open
from shouwen.desk.making import make_move
from shouwen.desk.offers import legal_moves, made_before
from shouwen.desk.pages.door import WORKERS, DeskPage, is_fragment
from shouwen.desk.pages.ticket import ticket_again
from shouwen.desk.phrases import wording_for
from shouwen.desk.presence import present_in, said_of
from shouwen.desk.sheet import values_on
from shouwen.desk.sources import in_terms, source_of
from shouwen.desk.telling import Teller, Told
from shouwen.desk.wording import here
from shouwen.handbook.authority import check_may
from shouwen.handbook.facts import in_words
from shouwen.handbook.history import Happening
from shouwen.handbook.moves import RECORDED_AS, Move
from shouwen.handbook.refusals import MoveNotAllowed, Refusal, RoleNotAllowed
from shouwen.handling.actions import TicketChanged
from shouwen.handling.hands import propose_assignment
from shouwen.people.names import names_in
from shouwen.screens.templatetags.spoken import happening_name
from shouwen.surveys.queries import surveyed_at
from shouwen.tickets.queries import NoSuchTicket


class MovePage(DeskPage):
    """One move on one ticket: GET asks what it needs, POST makes it."""

    roles = WORKERS
    move = Move.NOTE  # each address names its own

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        asking = self.asking(number)
        form = MoveForm(
            asking,
            given={
                **as_stated_before(asking, request.GET.get("overrun", "")),
                **quoted(asking, request.GET),
                **request.GET.dict(),
            },
        )
        return self.show(asking, form, refusal=why_not(asking))

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        try:
            asking = self.asking(number)
            form = MoveForm(asking, request.POST)
            if not form.is_valid():
                return self.show(asking, form, status=422)
            handed_on = make_move(asking, form)
        except NoSuchTicket:
            return self.gone(number)
        except TicketChanged as changed:
            return self.conflict(number, changed.since)
        except Refusal as refusal:
            return self.show(asking, form, refusal=refusal)
        return self.after(asking, _done(asking, handed_on))

    def asking(self, number: str) -> Asking:
        """The move as it would be made now. Raises NoSuchTicket."""
        return asking_for(self.actor, number, self.move, self.at)

    def show(
        self,
        asking: Asking,
        form: MoveForm,
        *,
        refusal: Refusal | None = None,
        since: Sequence[Told] = (),
        status: int = 200,
    ) -> HttpResponse:
        """The form: in a dialog where only that is asked for, else as a page of its own."""
        number = asking.ticket.number
        context = {
            "ticket": asking.ticket,
            "move": self.move,
            "again": made_before(self.move, asking.history),
            "form": form,
            "basis": basis_of(asking),
            "beside": self._beside(asking),
            "wording": wording_for(asking),
            "returned_because": returned_because(asking),
            "tasks_left": tasks_left_open(asking),
            "values": values_on(asking.ticket, asking.history) if self.sees_personal else {},
            "is_over": isinstance(refusal, MoveNotAllowed | RoleNotAllowed),
            "refusal": in_terms(refusal, asking.rules) if refusal else None,
            "source": source_of(refusal.clause, asking.rules) if refusal else "",
            "since": since,
            "action": reverse(f"desk:{self.move}", args=[number]),
            "draft": f"{number}/{NOUNS[self.move]}",
            "routed": _routed(asking),
            "surveyed_at": surveyed_at(asking.history) if self.move is Move.SEND_SURVEY else None,
            "target": "" if self.is_on_its_page(number) else "#dialog",
        }
        template = "desk/_move.html" if is_fragment(self.request) else "desk/move.html"
        return render(self.request, template, context, status=409 if refusal or since else status)

    def _beside(self, asking: Asking) -> str:
        """Who else is writing on the ticket at this moment, for whoever begins to."""
        if self.request.method != "GET":
            return ""
        there = present_in([asking.ticket.pk], at=self.at, beside=self.actor).get(asking.ticket.pk, [])
        return said_of([one for one in there if one.typing])

    def conflict(self, number: str, since: Sequence[Happening]) -> HttpResponse:
        """Somebody was quicker: what they did, and the form with everything that was typed, ready to be sent again."""
        asking = self.asking(number)
        data = self.request.POST.copy()
        data["seen"] = str(asking.ticket.last_seq)
        form = MoveForm(asking, data)
        told = Teller(asking.rules, names_in(asking.history)).tell(asking.history)
        new = {row.seq for row in since}
        return self.show(asking, form, refusal=why_not(asking), since=[row for row in told if row.seq in new])

    def gone(self, number: str) -> HttpResponse:
        """The ticket has left the actor's sight while they were writing: they get their words back."""
        words = [value for name, value in self.request.POST.items() if _is_answer(name) and value.strip()]
        template = "desk/_gone.html" if is_fragment(self.request) else "desk/gone.html"
        return render(self.request, template, {"words": words, "move": self.move}, status=404)

    def is_on_its_page(self, number: str) -> bool:
        """False where a list asks for the move: then the list is shown again, and not the ticket."""
        shown = self.request.htmx.current_url_abs_path if self.request.htmx else None  # type: ignore[attr-defined]
        return shown is None or shown.partition("?")[0].startswith(reverse("desk:ticket", args=[number]))

    def after(self, made: Asking, says: str) -> HttpResponse:
        """Back to the ticket, with the word that it is done and, for a moment, what can be done about it."""
        number, fragment = made.ticket.number, is_fragment(self.request)
        if fragment and not self.is_on_its_page(number):
            messages.success(self.request, says)
            return HttpResponseClientRefresh()
        then = self._then(made) if fragment else None
        if then is None:
            messages.success(self.request, says)
        return ticket_again(self, number, afterwards=then, afterwards_says=says)

    def _then(self, made: Asking) -> Afterwards | None:
        if made.move not in MAY_BE_FOLLOWED:
            return None
        try:
            now = self.asking(made.ticket.number)
        except NoSuchTicket:
            return None
        return afterwards(made, now.state, now.history)


def move_paths() -> list[URLPattern]:
    """An address for every move."""
    return [
        path(f"tickets/<str:number>/{noun}", MovePage.as_view(move=move), name=str(move))
        for move, noun in NOUNS.items()
        if move not in ELSEWHERE
    ]


def _is_answer(name: str) -> bool:
    return in_words(name) and name not in OWN | {"csrfmiddlewaretoken"}


def why_not(asking: Asking) -> Refusal | None:
    """What stands in the way of the move, before anybody fills in its form."""
    try:
        check_may(asking.rules.roles, asking.actor, asking.move)
    except Refusal as refusal:
        return refusal
    if asking.move in legal_moves(asking.state, asking.history, asking.rules, asking.actor):
        return None
    return MoveNotAllowed(stage=asking.state.stage, move=asking.move)


def _routed(asking: Asking) -> dict[str, Any] | None:
    """Where the routes would send the ticket, to show beside the form that may say otherwise."""
    if asking.move is not Move.DISPATCH:
        return None
    assignment = propose_assignment(asking.state, asking.rules, asking.at)
    proposed = {"team": assignment.team, "handler": assignment.handler}
    names = names_in([Happening(0, RECORDED_AS[asking.move], asking.at, proposed)])
    return {
        "handler": names.of(f"person:{assignment.handler}") if assignment.handler else "",
        "team": names.team(assignment.team) if assignment.team else "",
        "why": " · ".join(here(words) for words in assignment.why),
    }


def _done(asking: Asking, handed_on: str) -> str:
    done = happening_name(RECORDED_AS[asking.move], made_before(asking.move, asking.history))
    if handed_on:
        return _("%(done)s. Link to hand over: %(link)s") % {"done": done, "link": handed_on}
    return _("Recorded: %(done)s") % {"done": done}
