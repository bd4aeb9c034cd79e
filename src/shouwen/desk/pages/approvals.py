"""Proposals waiting for a decision: approved or returned in place, one or several at a time."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shouwen.desk.approvals import DECISIONS, Outcome, decide_on, proposal_rows
from shouwen.desk.header import OVERSEERS
from shouwen.desk.pages.door import DeskPage
from shouwen.desk.pages.queues import BY_DUE, neighbours, places_in
from shouwen.desk.paging import page_of
from shouwen.handbook.history import Stage
from shouwen.handbook.moves import Move
from shouwen.tickets.queries import visible_to

AT_ONCE = 50  # a page of them


class ApprovalsPage(DeskPage):
    """What waits for approval in sight; POST decides on those that are ticked."""

    roles = OVERSEERS

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show({})

    def post(self, request: HttpRequest) -> HttpResponse:
        decision, one = self._asked()
        chosen = [one] if one else request.POST.getlist("chosen")[:AT_ONCE]
        move, words = DECISIONS.get(decision), request.POST.get("words", "").strip()
        if move is None or not chosen:
            return self.show({"nothing": True, "words": words}, status=422)
        if move is Move.RETURN and not words:
            return self.show({"reason_missing": True, "chosen": chosen}, status=422)
        outcomes = decide_on(chosen, move, words, by=self.actor, at=self.at)
        self._tell(outcomes, move)
        if all(outcome.done for outcome in outcomes):
            return redirect("desk:approvals")
        left = [choice for choice in chosen if not _is_done(choice, outcomes)]
        return self.show({"outcomes": outcomes, "words": words, "chosen": left}, status=409)

    def show(self, said: dict[str, Any], status: int = 200) -> HttpResponse:
        waiting = visible_to(self.actor).filter(stage=Stage.PROPOSED, is_open=True)
        page = page_of(waiting, BY_DUE, **places_in(self.request))
        rows = proposal_rows(page.rows, self.actor, self.at)
        kept = {choice.rpartition("@")[0] for choice in said.get("chosen", ())}
        context = {
            **said,
            "rows": rows,
            "ticked": kept,
            "failed": [outcome for outcome in said.get("outcomes", ()) if not outcome.done],
            "at": self.at,
            **neighbours(self.request, page),
        }
        return render(self.request, "desk/approvals.html", context, status=status)

    def _asked(self) -> tuple[str, str]:
        """Which decision, and on which one alone if one row's own button was pressed."""
        for decision in DECISIONS:
            if one := self.request.POST.get(f"{decision}_one"):
                return decision, one
        return self.request.POST.get("decision", ""), ""

    def _tell(self, outcomes: list[Outcome], move: Move) -> None:
        done = sum(outcome.done for outcome in outcomes)
        if done and move is Move.APPROVE:
            said = ngettext("%(n)d proposal approved", "%(n)d proposals approved", done)
        elif done:
            said = ngettext("%(n)d proposal returned", "%(n)d proposals returned", done)
        else:
            messages.error(self.request, _("Nothing was decided: see why below."))
            return
        messages.success(self.request, said % {"n": done})


def _is_done(choice: str, outcomes: list[Outcome]) -> bool:
    number = choice.rpartition("@")[0]
    return any(outcome.done and outcome.number == number for outcome in outcomes)
