"""One complaint, as its customer sees it, and what they do about it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shouwen.editions.queries import edition
from shouwen.handbook.gates import customer_reopens_until
from shouwen.handbook.history import Happening
from shouwen.handbook.lifecycle import Move, moves_from
from shouwen.handbook.merging import merged_into
from shouwen.handbook.refusals import AlreadyAnswered, Refusal
from shouwen.portal import queries
from shouwen.portal.actions import add, reopen
from shouwen.portal.door import CustomerPage
from shouwen.portal.files import files_sent
from shouwen.portal.forms import AdditionForm, RatingForm, ReopenForm, new_form_name
from shouwen.portal.limits import TooOften, count
from shouwen.portal.telling import how_told, offers_letters
from shouwen.portal.wording import STAGES
from shouwen.surveys.actions import take_rating
from shouwen.surveys.queries import answered
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of, state_of


class TicketPage(CustomerPage):
    """Where it stands, what is promised, what happened; and the forms for what may be done now."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show()

    def show(self, *, status: int = 200, **changed: Any) -> HttpResponse:
        return render(self.request, "portal/ticket.html", self._context() | changed, status=status)

    def _context(self) -> dict[str, Any]:
        """What was said is told of this number; where it stands, of the ticket its matter goes on as."""
        ticket, leading = self.ticket, self.leading
        rules, history = edition(leading.edition), history_of(ticket.pk)
        present, since = history, list[Happening]()
        if leading.pk != ticket.pk:
            present = history_of(leading.pk)
            since = queries.since_joined(present, ticket)
        promises = queries.promised_times(present, rules, self.at)
        again_until = customer_reopens_until(present, rules.needs)
        return {
            "ticket": ticket,
            "leading": leading,
            "stages": queries.stages_of_round(present),
            "stage": STAGES[state_of(leading).stage],
            "promises": promises,
            "next": queries.next_told(leading, present, promises),
            "sent": queries.messages_told(ticket, get_language() or ""),
            "history": [
                *queries.history_told(since, rules),
                *queries.history_told(history, edition(ticket.edition)),
            ],
            "goes_on_as": merged_into(history) and leading.number,
            "asked": queries.asked_of_customer(leading, present),
            "taken_up": queries.to_be_worked_again(present),
            "result": queries.result_told(present),
            "category": edition(ticket.edition).label("categories", ticket.category),
            "owner": queries.first_owner_number(leading),
            "rights": queries.rights_under(rules, leading.received_at, again_until=again_until),
            "opens_at": queries.opens_again_at(rules, self.at),
            "told": how_told(ticket, at=self.at) if offers_letters() else None,
            **self._forms(leading, present),
        }

    def _forms(self, leading: Ticket, history: list[Happening]) -> dict[str, Any]:
        """A form for each move the handbook allows its customer now; each is sent to the number they came with."""
        rules, state = edition(leading.edition), state_of(leading)
        may = rules.roles["customer"].moves.intersection(moves_from(state, rules.path(state.ticket_type)))
        until = customer_reopens_until(history, rules.needs)
        if until is not None and self.at > until:
            may -= {Move.REOPEN, Move.RATE}  # H7.2.4
        if merged_into(history):
            may -= {Move.REOPEN, Move.RATE}
        if queries.to_be_worked_again(history):
            may -= {Move.REOPEN}  # asked for already
        rates = Move.RATE in may and not answered(history)
        shown = queries.history_in_sight(history, leading, self.ticket)
        return {
            "addition": AdditionForm(auto_id="add_%s") if Move.ADD in may else None,
            "files": files_sent(leading, shown, reverse("portal:files", args=[self.ticket.number]))
            if Move.ATTACH in may
            else None,
            "reopening": ReopenForm(auto_id="reopen_%s") if Move.REOPEN in may else None,
            "rating": RatingForm(rules, get_language() or "", auto_id="rate_%s") if rates else None,
        }


class _Deed(TicketPage):
    """A form sent from the page of a complaint: done, or the page again with what was typed and why not."""

    shown_as: str

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("portal:ticket", number=self.ticket.number)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(status=422, **{self.shown_as: form})
        try:
            count("write", str(self.leading.pk), at=self.at)
            self.do(form)
        except Refusal as refusal:
            return self.refused(refusal, form)
        except TooOften:
            form.add_error(None, _("That was very often within the hour. Please wait, or call us."))
            return self.show(status=429, **{self.shown_as: form})
        messages.success(request, self.thanks())
        return self.get(request)

    def refused(self, refusal: Refusal, form: forms.Form) -> HttpResponse:
        return self.show(status=409, refusal=refusal, **{self.shown_as: form})

    def thanks(self) -> str:
        raise NotImplementedError

    def form(self, data: Any) -> forms.Form:
        raise NotImplementedError

    def do(self, form: forms.Form) -> None:
        raise NotImplementedError


class AdditionPage(_Deed):
    """Something the customer adds."""

    shown_as = "addition"

    def thanks(self) -> str:
        return _("Added. Whoever deals with your complaint has been told.")

    def form(self, data: Any) -> AdditionForm:
        return AdditionForm(data, auto_id="add_%s")

    def do(self, form: forms.Form) -> None:
        add(self.leading, form.cleaned_data["text"], form=form.cleaned_data["form"], at=self.at)


class ReopeningPage(_Deed):
    """不满意，重新处理: another round, asked for by the customer."""

    shown_as = "reopening"

    def thanks(self) -> str:
        return _("Your complaint has been taken up again.")

    def form(self, data: Any) -> ReopenForm:
        return ReopenForm(data, auto_id="reopen_%s")

    def do(self, form: forms.Form) -> None:
        reopen(self.leading, form.cleaned_data["reason"], form=form.cleaned_data["form"], at=self.at)


class RatingPage(_Deed):
    """How satisfied the customer is."""

    shown_as = "rating"

    def thanks(self) -> str:
        if queries.to_be_worked_again(history_of(self.leading.pk)):
            return _("Thank you for telling us. Your complaint will be worked again.")
        return _("Thank you for telling us.")

    def form(self, data: Any) -> RatingForm:
        return RatingForm(edition(self.leading.edition), get_language() or "", data, auto_id="rate_%s")

    def do(self, form: forms.Form) -> None:
        sent = form.cleaned_data["form"]
        take_rating(self.leading.pk, form.rating(), by=self.customer, at=self.at, source="portal", form=sent)

    def refused(self, refusal: Refusal, form: forms.Form) -> HttpResponse:
        """Rated meanwhile in another way: the words that came too late can still be added."""
        words = form.cleaned_data["words"]
        if not isinstance(refusal, AlreadyAnswered) or not words or self._context()["addition"] is None:
            return super().refused(refusal, form)
        addition = AdditionForm({"form": new_form_name(), "text": words}, auto_id="add_%s")
        addition.add_error("text", _("This came after your rating and was not recorded. Add it, if it should count."))
        return self.show(status=409, refusal=refusal, addition=addition)
