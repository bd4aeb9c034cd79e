"""The ratings below "satisfied": looked into by a supervisor, who says what is made of each and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from shouwen.desk.menu import OVERSEERS
from shouwen.desk.pages.door import DeskPage
from shouwen.desk.pages.living import living_list
from shouwen.desk.pages.places import places_in
from shouwen.desk.pages.satisfaction import MOST_IN_A_FILE, names_of
from shouwen.desk.paging import page_of
from shouwen.desk.wording import here
from shouwen.editions.queries import edition
from shouwen.handbook.history import What
from shouwen.handbook.refusals import Refusal
from shouwen.screens.tables import kind_asked
from shouwen.surveys.models import Review
from shouwen.surveys.queries import scores_of
from shouwen.surveys.reviewing import decide_review, may_be_reopened, reviews_for
from shouwen.tickets.models import Ticket, TicketEvent

OPEN_FIRST, DECIDED_FIRST = ("due_at", "id"), ("-decided_at", "-id")
QUESTIONS = {
    "overall": gettext_lazy("All in all"),
    "result": gettext_lazy("Result"),
    "handling": pgettext_lazy("aspect", "Handling"),
    "efficiency": gettext_lazy("Speed"),
}


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating below "satisfied", as the list shows it."""

    review: Review
    ticket: Ticket
    scores: tuple[tuple[str, str], ...]
    words: str
    reason: str
    by: str
    is_late: bool
    again_since: datetime | None  # when the ticket was taken up again after the rating
    may_reopen: bool = False


DECIDED = {
    Review.REOPEN: gettext_lazy("worked again"),
    Review.ACCEPT: gettext_lazy("left as it is"),
    Review.COACH: gettext_lazy("training ordered"),
    Review.WENT_ON: gettext_lazy("was being worked again already"),
}


class ReviewForm(forms.Form):
    """What is made of a rating, and why."""

    DECISIONS = (
        (Review.WENT_ON, gettext_lazy("It is being worked again already")),
        (Review.REOPEN, gettext_lazy("Work the ticket again")),
        (Review.ACCEPT, gettext_lazy("Leave it as it is")),
        (Review.COACH, gettext_lazy("Have whoever answered for it trained")),
    )
    decision = forms.ChoiceField(label=gettext_lazy("Decision"), choices=DECISIONS, widget=forms.RadioSelect)
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class ReviewsPage(DeskPage):
    """The ratings below "satisfied": those to look into, or those that were."""

    roles = OVERSEERS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        decided = request.GET.get("decided") == "1"
        reviews = reviews_for(self.actor)
        chosen = reviews.exclude(decision="") if decided else reviews.filter(decision="")
        if kind := kind_asked(request):
            return _reviews_file(chosen.order_by("-opened_at", "-id")[:MOST_IN_A_FILE], self, kind)
        page = page_of(chosen, DECIDED_FIRST if decided else OPEN_FIRST, **places_in(request))
        return living_list(
            self,
            "desk/reviews.html",
            page,
            [(str(one.pk), one.decision, one.due_at <= self.at) for one in page.rows],
            lambda: {"rows": _rated(page.rows, self.at), "decided": decided},
        )


class ReviewPage(DeskPage):
    """One rating, and what a supervisor makes of it."""

    roles = OVERSEERS

    def get(self, request: HttpRequest, review: UUID) -> HttpResponse:
        return self._show(get_object_or_404(reviews_for(self.actor), pk=review), ReviewForm())

    def post(self, request: HttpRequest, review: UUID) -> HttpResponse:
        found, form = get_object_or_404(reviews_for(self.actor), pk=review), ReviewForm(request.POST)
        if not form.is_valid():
            return self._show(found, form, status=422)
        said = form.cleaned_data
        try:
            decide_review(found.pk, said["decision"], reason=said["reason"], by=self.actor, at=self.at)
        except Refusal as refusal:
            return self._show(found, form, status=409, refusal=refusal)
        messages.success(request, _("Written down with the ticket."))
        return redirect("desk:reviews")

    def _show(
        self, review: Review, form: ReviewForm, *, status: int = 200, refusal: Refusal | None = None
    ) -> HttpResponse:
        [row] = _rated([review], self.at, whole=True)
        rules = edition(row.ticket.edition)
        moot = {Review.WENT_ON} if not row.again_since else {Review.REOPEN, Review.ACCEPT}
        if not row.may_reopen:
            moot.add(Review.REOPEN)
        choices = [one for one in ReviewForm.DECISIONS if one[0] not in moot]
        form.fields["decision"].choices = choices  # type: ignore[attr-defined]
        context = {
            "row": row,
            "form": form,
            "refusal": refusal,
            "marking": rules.telling.marking,
            "sources": [one for name in ("reviewing", "marking") if (one := rules.telling.sources.get(name))],
            "at": self.at,
        }
        return render(self.request, "desk/review.html", context, status=status)


def _rated(reviews: Sequence[Review], at: Any, *, whole: bool = False) -> list[Rated]:
    """The reviews with their ratings and reasons: three queries for all of them."""
    tickets = Ticket.objects.in_bulk([one.ticket_id for one in reviews])
    events, reopened = _events(reviews)
    names = names_of(one.decided_by for one in reviews)
    return [
        _row(one, tickets[one.ticket_id], events, names, at, again_since=_again_since(one, reopened), whole=whole)
        for one in reviews
    ]


def _row(
    review: Review,
    ticket: Ticket,
    events: dict[tuple[UUID, int], Any],
    names: dict[str, str],
    at: Any,
    *,
    again_since: datetime | None,
    whole: bool,
) -> Rated:
    rules, facts = edition(ticket.edition), events.get((ticket.pk, review.rated_seq), {})
    said = scores_of(facts)
    scores = [(str(QUESTIONS[name]), here(rules.label("scores", str(score)))) for name, score in said.items()]
    why = events.get((ticket.pk, review.decided_seq or 0), {})
    return Rated(
        review,
        ticket,
        tuple(scores),
        str(facts.get("words") or ""),
        str(why.get("reason") or why.get("text") or ""),
        names.get(review.decided_by, _("the system")),
        not review.decision and review.due_at <= at,
        again_since,
        whole and may_be_reopened(ticket, review),
    )


Reopened = list[tuple[UUID, int, datetime]]


def _events(reviews: Sequence[Review]) -> tuple[dict[tuple[UUID, int], Any], Reopened]:
    """The facts of the ratings and of the decisions, by ticket and event; and when tickets were taken up again."""
    seqs = {seq for one in reviews for seq in (one.rated_seq, one.decided_seq) if seq}
    rows = TicketEvent.objects.filter(Q(seq__in=seqs) | Q(what=What.REOPENED)).order_by("ticket_id", "seq")
    rows = rows.filter(ticket_id__in={one.ticket_id for one in reviews})
    facts, reopened = dict[tuple[UUID, int], Any](), Reopened()
    for pk, seq, what, happened_at, stated in rows.values_list("ticket_id", "seq", "what", "happened_at", "facts"):
        facts[pk, seq] = stated
        if what == What.REOPENED:
            reopened.append((pk, seq, happened_at))
    return facts, reopened


def _again_since(review: Review, reopened: Reopened) -> datetime | None:
    """When the ticket was taken up again after this rating."""
    return next((at for pk, seq, at in reopened if pk == review.ticket_id and seq > review.rated_seq), None)


def _reviews_file(reviews: Iterable[Review], page: DeskPage, kind: str) -> HttpResponseBase:
    """The ratings as a file: their words are left out, they may name somebody."""
    headings = [_("Ticket"), *map(str, QUESTIONS.values()), _("Worth"), _("Look into it by"), _("Decision"), _("Who")]
    rows = _rated(list(reviews), page.at)
    cells = [
        [
            row.ticket.number,
            *(dict(row.scores).get(str(label), "") for label in QUESTIONS.values()),
            row.review.marks,
            row.review.due_at,
            str(DECIDED.get(row.review.decision, "")),
            row.by if row.review.decision else "",
        ]
        for row in rows
    ]
    return page.file_of(kind, _("Ratings to look into"), headings, cells)
