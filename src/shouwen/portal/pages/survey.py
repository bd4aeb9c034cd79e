"""The survey whose link came by text message: a door of its own, to one answer and nothing else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from shouwen.editions.queries import edition
from shouwen.handbook.refusals import Refusal
from shouwen.people.addresses import network_of
from shouwen.portal.door import PortalPage
from shouwen.portal.forms import RatingForm
from shouwen.portal.limits import count
from shouwen.portal.queries import customer_of
from shouwen.surveys.actions import take_rating
from shouwen.surveys.models import Survey
from shouwen.surveys.queries import NoSuchSurvey, SurveyExpired, answered, survey_with
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of


class SurveyPage(PortalPage):
    """A short form, once."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            survey, ticket = self._find(token)
        except NoSuchSurvey as error:
            return self._over(_why_not(error), status=404)
        if why := _past(survey, ticket):
            return self._over(why)
        return self._show(ticket, self._form(ticket))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            survey, ticket = self._find(token)
        except NoSuchSurvey as error:
            return self._over(_why_not(error), status=404)
        form = self._form(ticket, request.POST)
        if not form.is_valid():
            return self._show(ticket, form, status=422)
        return self._answer(survey, ticket, form)

    def _answer(self, survey: Survey, ticket: Ticket, form: RatingForm) -> HttpResponse:
        rating = form.rating()
        try:
            take_rating(
                ticket.pk,
                rating,
                by=customer_of(ticket),
                at=self.at,
                source="survey",
                survey=survey,
                form=form.cleaned_data["form"],
            )
        except Refusal:
            ticket.refresh_from_db()
            return self._over(_past(survey, ticket) or ANSWERED, status=409, words=rating.words)
        return render(self.request, "portal/survey_done.html", {"again": rating.again})

    def _find(self, token: str) -> tuple[Survey, Ticket]:
        count("try", network_of(self.request), at=self.at)
        survey = survey_with(token, at=self.at)
        return survey, Ticket.objects.get(pk=survey.ticket_id)

    def _form(self, ticket: Ticket, data: object = None) -> RatingForm:
        return RatingForm(edition(ticket.edition), get_language() or "", data)

    def _show(self, ticket: Ticket, form: RatingForm, *, status: int = 200) -> HttpResponse:
        return render(self.request, "portal/survey.html", {"form": form, "number": ticket.number}, status=status)

    def _over(self, why: str, *, status: int = 200, words: str = "") -> HttpResponse:
        return render(self.request, "portal/survey_over.html", {"why": why, "words": words}, status=status)


ANSWERED, EXPIRED, ANOTHER_ROUND, UNKNOWN = "answered", "expired", "another_round", "unknown"


def _why_not(error: NoSuchSurvey) -> str:
    return EXPIRED if isinstance(error, SurveyExpired) else UNKNOWN


def _past(survey: Survey, ticket: Ticket) -> str:
    """Why a link that has not run out takes no answer any more; "" while it does."""
    if survey.round != ticket.round:
        return ANOTHER_ROUND
    return ANSWERED if answered(history_of(ticket.pk)) else ""
