"""How satisfied customers are: trainings, the figures by month and team, and improvements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.desk.header import rules_for
from shouwen.desk.menu import OVERSEERS
from shouwen.desk.pages.door import DeskPage
from shouwen.desk.pages.places import neighbours, places_in
from shouwen.desk.paging import page_of
from shouwen.desk.satisfaction import Sheet, month_asked, names_of_teams, sheet_of, tables
from shouwen.handbook.refusals import Refusal
from shouwen.people.models import Person
from shouwen.screens.days import DayField
from shouwen.screens.tables import kind_asked
from shouwen.screens.templatetags.spoken import refusal_text
from shouwen.surveys.improving import finish_improvement, improvements_for, plan_improvement
from shouwen.surveys.models import Improvement, Training
from shouwen.surveys.training import confirm_training, trainings_for

NEWEST_TRAINING = ("-opened_at", "-id")
IMPROVEMENTS = 24
MOST_IN_A_FILE = 5_000


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
            "names": names_of(row.done_by for row in page.rows),
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
        sheet = sheet_of(self.actor, month, rules, at=self.at)
        if kind := kind_asked(request):
            name = _("satisfaction") + f"-{month:%Y-%m}"
            return self.files_of(kind, name, sheet.leaves())
        return self._show(sheet, month)

    def _show(self, sheet: Sheet, month: date, *, status: int = 200) -> HttpResponse:
        improvements = list(improvements_for(self.actor)[:IMPROVEMENTS])
        teams = sheet.teams | names_of_teams({one.team for one in improvements} - set(sheet.teams))
        telling = rules_for(self.request, self.at).telling
        context = {
            "sheet": sheet,
            "tables": tables(),
            "month": month,
            "marking": telling.marking,
            "sources": [one for name in ("marking", "reviewing") if (one := telling.sources.get(name))],
            "improvements": [(one, teams[one.team]) for one in improvements],
            "names": names_of(ref for one in improvements for ref in (one.planned_by, one.done_by)),
            "measured": {Improvement.MONTH: _("ratings of the month"), Improvement.COHORT: _("handled in the month")},
            "at": self.at,
        }
        return render(self.request, "desk/satisfaction.html", context, status=status)


class PlanForm(forms.Form):
    """What will be done, and by when."""

    measure = forms.CharField(max_length=400)
    due_on = DayField()


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


def names_of(refs: Iterable[str]) -> dict[str, str]:
    """The names behind references to people: one query."""
    ids = {ref.removeprefix("person:") for ref in refs if ref.startswith("person:")}
    return {f"person:{one.pk}": str(one) for one in Person.objects.filter(pk__in=ids)} if ids else {}


def _trainings_file(trainings: Iterable[Training], page: DeskPage, kind: str) -> HttpResponseBase:
    headings = [_("Who"), _("Tickets"), _("Due"), pgettext("training", "Done"), _("What shows it")]
    cells = [[str(one.person), ", ".join(one.tickets), one.due_at, one.done_at, one.proof] for one in trainings]
    return page.file_of(kind, _("Trainings"), headings, cells)
