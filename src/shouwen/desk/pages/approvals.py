"""Proposals waiting for a decision: approved or returned in place, one or several at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from shouwen.desk.approvals import DECISIONS, Outcome, ProposalRow, decide_on, proposal_rows
from shouwen.desk.menu import OVERSEERS
from shouwen.desk.pages.door import DeskPage
from shouwen.desk.pages.living import known_tickets, living_list
from shouwen.desk.pages.places import places_in
from shouwen.desk.pages.queues import BY_DUE
from shouwen.desk.paging import in_batches, page_of
from shouwen.desk.wording import plain_words
from shouwen.handbook.history import Stage
from shouwen.handbook.moves import Move
from shouwen.screens.tables import ROWS_AT_MOST, kind_asked
from shouwen.tickets.models import NEVER, Ticket
from shouwen.tickets.queries import visible_to

AT_ONCE = 50  # a page of them


class ApprovalsPage(DeskPage):
    """What waits for approval in sight; POST decides on those that are ticked."""

    roles = OVERSEERS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if kind := kind_asked(request):
            return self.file_of(kind, _("Approvals"), _headings(), self._cells())
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
        page = page_of(self._waiting(), BY_DUE, **places_in(self.request))
        kept = {choice.rpartition("@")[0] for choice in said.get("chosen", ())}
        return living_list(
            self,
            "desk/approvals.html",
            page,
            known_tickets(page),
            lambda: {
                **said,
                "rows": proposal_rows(page.rows, self.actor, self.at),
                "ticked": kept,
                "failed": [outcome for outcome in said.get("outcomes", ()) if not outcome.done],
            },
            status=status,
        )

    def _waiting(self) -> QuerySet[Ticket]:
        return visible_to(self.actor).filter(stage=Stage.PROPOSED, is_open=True)

    def _cells(self) -> Iterator[list[Any]]:
        """The rows of the file, asked for in batches."""
        for batch in in_batches(self._waiting().order_by(*BY_DUE)[: ROWS_AT_MOST + 1]):
            for ticket, row in zip(batch, proposal_rows(batch, self.actor, self.at), strict=True):
                yield [*_row(row), ticket.lead_due_at if ticket.lead_due_at < NEVER else ""]

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


def _headings() -> list[str]:
    return [
        _("Ticket"),
        pgettext("of a ticket", "Title"),
        _("Category"),
        _("Proposal"),
        _("Based on"),
        _("Cause"),
        _("Compensation"),
        _("Evidence"),
        _("Missing evidence"),
        _("Proposed by"),
        _("Proposed at"),
        _("Due"),
    ]


def _row(row: ProposalRow) -> list[Any]:
    return [
        row.number,
        plain_words(row.title),
        row.category,
        plain_words(row.solution),
        plain_words(row.grounds),
        row.cause,
        row.amount,
        row.have,
        _(", ").join(row.lacking),
        row.proposer,
        row.proposed_at,
    ]


def _is_done(choice: str, outcomes: list[Outcome]) -> bool:
    number = choice.rpartition("@")[0]
    return any(outcome.done and outcome.number == number for outcome in outcomes)
