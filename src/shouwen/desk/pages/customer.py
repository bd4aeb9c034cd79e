"""The page of a customer, for who may see one of their tickets and personal data; and what is written down of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.customers.facts import (
    CARES,
    LONGEST,
    LONGEST_SOURCE,
    NewFact,
    end_fact,
    just_ended,
    keep_facts,
    restore_fact,
)
from shouwen.customers.models import CustomerFact
from shouwen.desk.afterwards import Undo
from shouwen.desk.calling import WishForm, may_wish, wish_form
from shouwen.desk.header import rules_for
from shouwen.desk.pages.callbacks import write_down
from shouwen.desk.pages.door import WORKERS, DeskPage, is_fragment, no_store
from shouwen.desk.pages.places import neighbours, places_in
from shouwen.desk.templatetags.customers import CARE_NAMES, KIND_NAMES
from shouwen.desk.whole import IN_A_PANE, whole_of
from shouwen.handbook.authority import Sight, may
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.refusals import Refusal
from shouwen.people.actions import UNDO_WITHIN
from shouwen.screens.days import DayField


class FactForm(forms.Form):
    """One thing to write down: chosen for care, in words for the rest."""

    kind = forms.ChoiceField(label=gettext_lazy("What is it?"), choices=list(KIND_NAMES.items()))
    care = forms.ChoiceField(
        label=gettext_lazy("How to treat them"),
        choices=[("", "—"), *((code, CARE_NAMES[code]) for code in CARES)],
        required=False,
        help_text=gettext_lazy("Only for “Care”."),
    )
    text = forms.CharField(
        label=gettext_lazy("In words"),
        max_length=LONGEST,
        required=False,
        help_text=gettext_lazy(
            "A package, a device, a bill. Numbers in it, and names that are recognised, are masked before it is kept."
        ),
    )
    source = forms.CharField(label=gettext_lazy("Where it is known from"), max_length=LONGEST_SOURCE)
    as_of = DayField(label=gettext_lazy("As of"))

    def fact(self) -> NewFact:
        said = self.cleaned_data
        text = said["care"] if said["kind"] == CustomerFact.CARE else said["text"]
        return NewFact(said["kind"], text, said["source"], said["as_of"])


class CustomerPage(DeskPage):
    """A customer as a whole; as a fragment, what fits beside a ticket."""

    roles, shows = WORKERS, Sight.PERSONAL

    def get(self, request: HttpRequest, customer: UUID) -> HttpResponse:
        return self.show(customer)

    def post(self, request: HttpRequest, customer: UUID) -> HttpResponse:
        whole_of(self.actor, customer, self.at)
        if not self.may_write():
            raise Http404
        form = FactForm(request.POST)
        if not form.is_valid():
            return self.show(customer, form=form, status=422)
        try:
            today = timezone.localdate(self.at)
            keep_facts(customer, [form.fact()], by=self.actor.ref, today=today, at=self.at)
        except Refusal as refusal:
            return self.show(customer, form=form, refusal=refusal, status=409)
        messages.success(request, _("Written down."))
        return redirect("desk:customer", customer)

    def may_write(self) -> bool:
        """Whoever adds to tickets may add to what is known of their customers."""
        return may(rules_for(self.request, self.at).roles, self.actor, Move.ADD)

    def show(self, customer: UUID, *, status: int = 200, **more: Any) -> HttpResponse:
        whole = whole_of(self.actor, customer, self.at, **places_in(self.request))
        context = {
            "whole": whole,
            "at": self.at,
            "may_write": self.may_write(),
            "undo": self._undo(customer),
            "in_a_pane": IN_A_PANE,
            "form": FactForm(initial={"as_of": timezone.localdate(self.at)}),
            "wish_form": wish_form(whole.ticket, personal=self.sees_personal) if may_wish(self.actor) else None,
            **neighbours(self.request, whole.page),
            **more,
        }
        template = "desk/_whole.html" if is_fragment(self.request) and status == 200 else "desk/customer.html"
        return no_store(render(self.request, template, context, status=status))

    def _undo(self, customer: UUID) -> Undo | None:
        """The fact whose end was written down a moment ago."""
        try:
            fact = UUID(self.request.GET.get("ended", ""))
        except ValueError:
            return None
        if not just_ended(customer, fact, by=self.actor.ref, since=self.at - UNDO_WITHIN).exists():
            return None
        says = _("It is no longer shown. That it was known, and until when, stays written down.")
        return Undo(reverse("desk:customer_fact_restoration", args=[customer, fact]), says)


class CustomerWish(CustomerPage):
    """When and how the customer wants to be told, written down by who speaks with customers."""

    def get(self, request: HttpRequest, customer: UUID) -> HttpResponse:
        return redirect("desk:customer", customer)

    def post(self, request: HttpRequest, customer: UUID) -> HttpResponse:
        if not may_wish(self.actor):
            raise Http404
        ticket = whole_of(self.actor, customer, self.at).ticket
        wish = WishForm(ticket, request.POST, personal=self.sees_personal)
        if not wish.is_valid():
            return self.show(customer, status=422, wish_form=wish)
        write_down(request, wish, ticket, by=self.actor, at=self.at)
        return redirect("desk:customer", customer)


class FactEnding(CustomerPage):
    """A fact that is no longer so."""

    def get(self, request: HttpRequest, customer: UUID, fact: UUID) -> HttpResponse:
        raise Http404

    def post(self, request: HttpRequest, customer: UUID, fact: UUID) -> HttpResponse:
        whole_of(self.actor, customer, self.at)
        if not self.may_write() or not end_fact(customer, fact, by=self.actor.ref, at=self.at):
            raise Http404
        return redirect(f"{reverse('desk:customer', args=[customer])}?ended={fact}")


class FactRestoration(FactEnding):
    """The end of a fact, taken back."""

    def post(self, request: HttpRequest, customer: UUID, fact: UUID) -> HttpResponse:
        whole_of(self.actor, customer, self.at)
        if not self.may_write():
            raise Http404
        if restore_fact(customer, fact, by=self.actor.ref, since=self.at - UNDO_WITHIN):
            messages.success(request, _("It is shown again."))
        else:
            messages.error(request, _("It is too late to undo this: write it down anew."))
        return redirect("desk:customer", customer)
