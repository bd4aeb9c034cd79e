"""How satisfied customers are: ratings to look into, trainings, the figures by month and team, and improvements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from shouwen.desk.header import rules_for
from shouwen.desk.pages.door import DeskPage
from shouwen.desk.pages.queues import neighbours, places_in
from shouwen.desk.paging import page_of
from shouwen.desk.satisfaction import Sheet, month_asked, sheet_of
from shouwen.desk.wording import here
from shouwen.editions.queries import edition
from shouwen.handbook.refusals import Refusal
from shouwen.people.models import Person
from shouwen.screens.tables import kind_asked, table_response
from shouwen.screens.templatetags.spoken import refusal_text
from shouwen.surveys.improving import finish_improvement, improvements_for, plan_improvement
from shouwen.surveys.models import Improvement, Review, Training
from shouwen.surveys.queries import scores_of
from shouwen.surveys.reviewing import decide_review, may_be_reopened, reviews_for
from shouwen.surveys.training import confirm_training, trainings_for
from shouwen.tickets.models import Ticket, TicketEvent

OVERSEERS = frozenset({"supervisor", "manager"})
QUESTIONS = {
    "overall": gettext_lazy("All in all"),
    "result": gettext_lazy("Result"),
    "handling": pgettext_lazy("aspect", "Handling"),
    "efficiency": gettext_lazy("Speed"),
}
OPEN_FIRST, DECIDED_FIRST = ("due_at", "id"), ("-decided_at", "-id")
NEWEST_TRAINING = ("-opened_at", "-id")
IMPROVEMENTS = 24
MOST_IN_A_FILE = 5_000


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
    may_reopen: bool = False


DECIDED = {
    Review.REOPEN: gettext_lazy("worked again"),
    Review.ACCEPT: gettext_lazy("left as it is"),
    Review.COACH: gettext_lazy("training ordered"),
    Review.WENT_ON: gettext_lazy("the customer had asked for another round"),
}


class ReviewForm(forms.Form):
    """What is made of a rating, and why."""

    DECISIONS = (
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
        context = {"rows": _rated(page.rows, self.at), "decided": decided, "at": self.at, **neighbours(request, page)}
        return render(request, "desk/reviews.html", context)


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
        if not row.may_reopen:
            choices = [one for one in ReviewForm.DECISIONS if one[0] != Review.REOPEN]
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


class TrainingsPage(DeskPage):
    """Who is to be trained, because of which tickets, by when; done with proof. Everybody sees their own."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if kind := kind_asked(request):
            return _trainings_file(trainings_for(self.actor)[:MOST_IN_A_FILE], self, kind)
        page = page_of(trainings_for(self.actor), NEWEST_TRAINING, **places_in(request))
        context = {
            "rows": page.rows,
            "confirms": bool(self.actor.roles & OVERSEERS),
            "source": rules_for(request, self.at).telling.sources.get("coaching"),
            "names": _names(row.done_by for row in page.rows),
            "me": self.actor.id,
            "causes": {
                Training.IN_A_ROW: _("ratings in a row below “satisfied”"),
                Training.COACHING: _("a rating looked into"),
            },
            "at": self.at,
            **neighbours(request, page),
        }
        return render(request, "desk/trainings.html", context)


class TrainingDone(DeskPage):
    """A training is done: what shows it."""

    roles = OVERSEERS

    def post(self, request: HttpRequest, training: UUID) -> HttpResponse:
        found = get_object_or_404(trainings_for(self.actor), pk=training)
        proof = request.POST.get("proof", "").strip()[:200]
        if not proof:
            messages.error(request, _("Say what shows that it was done: a sheet, a test, who was there."))
            return redirect("desk:trainings")
        try:
            confirm_training(found.pk, proof=proof, by=self.actor, at=self.at)
        except Refusal as refusal:
            messages.error(request, refusal_text(refusal))
        else:
            messages.success(request, _("The training is written down as done."))
        return redirect("desk:trainings")


class SatisfactionPage(DeskPage):
    """The figures of a month by team, how they went over the last months, and what is done where they are too low."""

    roles = OVERSEERS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        rules = rules_for(request, self.at)
        month = month_asked(request.GET.get("month", ""), self.at)
        sheet = sheet_of(self.actor, month, rules)
        if kind := kind_asked(request):
            name = _("satisfaction") + f"-{month:%Y-%m}"
            return table_response(name, sheet.headings, sheet.cells, at=self.at, kind=kind, by=self.actor.name)
        return self._show(sheet, month)

    def _show(self, sheet: Sheet, month: date, *, status: int = 200) -> HttpResponse:
        improvements = list(improvements_for(self.actor)[:IMPROVEMENTS])
        telling = rules_for(self.request, self.at).telling
        context = {
            "sheet": sheet,
            "month": month,
            "marking": telling.marking,
            "sources": [one for name in ("marking", "reviewing") if (one := telling.sources.get(name))],
            "improvements": improvements,
            "teams": sheet.teams,
            "names": _names(ref for one in improvements for ref in (one.planned_by, one.done_by)),
            "measured": {Improvement.MONTH: _("ratings of the month"), Improvement.COHORT: _("handled in the month")},
            "at": self.at,
        }
        return render(self.request, "desk/satisfaction.html", context, status=status)


class PlanForm(forms.Form):
    """What will be done, and by when."""

    measure = forms.CharField(max_length=400)
    due_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))


class ImprovementPage(DeskPage):
    """What is done about a month below the mark: the measure first, later what it did."""

    roles = OVERSEERS

    def post(self, request: HttpRequest, improvement: UUID) -> HttpResponse:
        found = get_object_or_404(improvements_for(self.actor), pk=improvement)
        effect = request.POST.get("effect", "").strip()[:400]
        form = PlanForm(request.POST)
        if found.measure and effect:
            finish_improvement(found.pk, effect=effect, by=self.actor, at=self.at)
            messages.success(request, _("Written down as done."))
        elif form.is_valid():
            said = form.cleaned_data
            plan_improvement(found.pk, measure=said["measure"], due_on=said["due_on"], by=self.actor)
            messages.success(request, _("The measure is written down."))
        else:
            messages.error(request, _("Say what will be done and by which day, or what it did."))
        return redirect("desk:satisfaction")


def _rated(reviews: Sequence[Review], at: Any, *, whole: bool = False) -> list[Rated]:
    """The reviews with their ratings and reasons: three queries for all of them."""
    tickets = Ticket.objects.in_bulk([one.ticket_id for one in reviews])
    events = _events(reviews)
    names = _names(one.decided_by for one in reviews)
    return [_row(one, tickets[one.ticket_id], events, names, at, whole=whole) for one in reviews]


def _row(
    review: Review, ticket: Ticket, events: dict[tuple[UUID, int], Any], names: dict[str, str], at: Any, *, whole: bool
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
        whole and may_be_reopened(ticket, review),
    )


def _events(reviews: Sequence[Review]) -> dict[tuple[UUID, int], Any]:
    """The facts of the ratings and of the decisions, by ticket and event."""
    wanted = {(one.ticket_id, seq) for one in reviews for seq in (one.rated_seq, one.decided_seq) if seq}
    rows = TicketEvent.objects.filter(ticket_id__in={pk for pk, _ in wanted}, seq__in={seq for _, seq in wanted})
    return {(pk, seq): facts for pk, seq, facts in rows.values_list("ticket_id", "seq", "facts")}


def _names(refs: Iterable[str]) -> dict[str, str]:
    """The names behind references to people: one query."""
    ids = {ref.removeprefix("person:") for ref in refs if ref.startswith("person:")}
    return {f"person:{one.pk}": str(one) for one in Person.objects.filter(pk__in=ids)} if ids else {}


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
    return table_response(_("Ratings to look into"), headings, cells, at=page.at, kind=kind, by=page.actor.name)


def _trainings_file(trainings: Iterable[Training], page: DeskPage, kind: str) -> HttpResponseBase:
    headings = [_("Who"), _("Tickets"), _("Due"), pgettext("training", "Done"), _("What shows it")]
    cells = [[str(one.person), ", ".join(one.tickets), one.due_at, one.done_at, one.proof] for one in trainings]
    return table_response(_("Trainings"), headings, cells, at=page.at, kind=kind, by=page.actor.name)
