"""The forms of a call back: how it went and what the customer said; and when and how they want to be told."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from shouwen.customers.actions import wish_for_peace
from shouwen.customers.mailboxes import forget_mailbox, mailbox_of, wish_for_letters
from shouwen.customers.models import Mailbox
from shouwen.customers.queries import wishes_of
from shouwen.desk.customers import Masked, masked_values
from shouwen.editions.edition import Edition
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.calling import Called
from shouwen.handbook.quiet import QuietHours, leaves
from shouwen.surveys.calling import Call
from shouwen.surveys.questions import YES_NO, check_rating, rating_fields, rating_of
from shouwen.tickets.models import Ticket

FREE_FOR = timedelta(hours=2)  # of every day a customer may be told something
MAY_WISH = frozenset({"agent", "supervisor"})


class CallForm(forms.Form):
    """How a call went. What the customer said of the result is asked unless they have rated it already."""

    WENT = (
        (Called.REACHED, _("Reached")),
        (Called.NOT_REACHED, _("Not reached: no answer, busy or switched off")),
        (Called.REFUSED, _("Reached, but does not want to be asked")),
    )
    went = forms.ChoiceField(
        label=_("How did the call go?"),
        choices=[(str(one.value), label) for one, label in WENT],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say how the call went.")},
    )

    def __init__(self, rules: Edition, language: str, *, rated: bool, data: Any = None) -> None:
        super().__init__(data)
        self.rated = rated
        questions = rating_fields(rules, language)
        questions["overall"].required = False
        questions["overall"].either = _("once reached")  # type: ignore[attr-defined]
        questions["words"].label = _("What the customer said")
        questions["again"].label = _("The customer asks for another round")
        if rated:
            questions = {name: questions[name] for name in ("words",)}
            del questions["words"].needed_with  # type: ignore[attr-defined]
            self.fields["satisfied"] = forms.ChoiceField(
                label=_("Is the customer satisfied?"), choices=YES_NO, widget=forms.RadioSelect, required=False
            )
        self.fields |= questions

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("went") != Called.REACHED:
            return said
        if self.rated and not said.get("satisfied"):
            self.add_error("satisfied", _("Say whether the customer is satisfied."))
        elif not self.rated and not said.get("overall"):
            self.add_error("overall", _("Say how satisfied the customer is."))
        elif not self.rated:
            check_rating(self, said)
        return said

    def call(self) -> Call:
        said = self.cleaned_data
        went = Called(said["went"])
        if went is not Called.REACHED:
            return Call(went, said["words"])
        if self.rated:
            return Call(went, said["words"], satisfied=said["satisfied"] == "yes")
        return Call(went, said["words"], rating_of(said))


class WishForm(forms.Form):
    """Hours of every day in which a customer wants to hear nothing; left empty, they have no wish of their own."""

    begins = forms.TimeField(
        label=_("Not from"), required=False, widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    ends = forms.TimeField(
        label=_("until"), required=False, widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )

    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=120,
        error_messages={"invalid": _("This is no e-mail address: write it like name@example.com.")},
    )
    by_email = forms.BooleanField(label=_("Tell them by e-mail instead of by text message"), required=False)
    forget_email = forms.BooleanField(label=_("No longer write there"), required=False)

    def __init__(self, ticket: Ticket, data: Any = None, *, personal: bool, **options: Any) -> None:
        """For the customer of `ticket`; who may see what is `personal` sees the address that is kept, masked."""
        super().__init__(data, **options)
        self.quiet = edition(ticket.edition).telling.quiet
        self.kept = mailbox_of(ticket.customer_id) if ticket.customer_id else None
        self.address = address_of(self.kept) if personal else None
        self.reveal_url = f"{reverse('desk:ticket', args=[ticket.number])}/values/" if self.address else ""
        if self.kept is None:
            del self.fields["forget_email"]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        begins, ends = said.get("begins"), said.get("ends")
        if said.get("by_email") and not said.get("email") and not self.kept and "email" not in self.errors:
            self.add_error("email", _("Write down their e-mail address first."))
        if said.get("email") and said.get("forget_email"):
            self.add_error("email", _("Write down a new address or give up the old one, not both."))
        if not {"begins", "ends"} & set(self.errors):
            self._check_hours(begins, ends)
        return said

    def _check_hours(self, begins: time | None, ends: time | None) -> None:
        if bool(begins) != bool(ends):
            self.add_error("ends" if begins else "begins", _("Name both hours, or neither."))
        if not begins or not ends:
            return
        zone = self.quiet.zone if self.quiet else ZoneInfo(settings.TIME_ZONE)
        hours = [QuietHours(begins, ends, zone), *([self.quiet] if self.quiet else [])]
        if begins == ends or not leaves(FREE_FOR, *hours):
            says = _("That leaves no two hours a day in which they may be told something: name fewer hours.")
            self.add_error("ends", says)

    def hours(self) -> tuple[time, time] | None:
        begins, ends = self.cleaned_data["begins"], self.cleaned_data["ends"]
        return (begins, ends) if begins and ends else None


def write_wishes(form: WishForm, customer_id: UUID, *, by: Actor, at: datetime) -> None:
    """Write down when a customer is left in peace, and by which way they are told. Raises SubjectErased."""
    said = form.cleaned_data
    with transaction.atomic():
        if said.get("forget_email"):
            forget_mailbox(customer_id, by=by, at=at)
        else:
            wish_for_letters(customer_id, said["by_email"], address=said["email"], by=by, at=at)
        wish_for_peace(customer_id, form.hours(), by=by, at=at)


def wish_form(ticket: Ticket, *, personal: bool) -> WishForm:
    """The form, with what the ticket's customer has wished for so far."""
    wish = wishes_of([str(ticket.customer_id)]).get(str(ticket.customer_id))
    hours = {"begins": wish[0], "ends": wish[1]} if wish else {}
    form = WishForm(ticket, personal=personal)
    form.initial = hours | {"by_email": bool(form.kept and form.kept.is_wanted)}
    return form


def may_wish(actor: Actor) -> bool:
    """True for who speaks with customers: they write down what a customer wishes."""
    return bool(actor.roles & MAY_WISH)


def address_of(kept: Mailbox | None) -> Masked | None:
    """The e-mail address a customer is written to, masked."""
    return masked_values([kept.token]).get(kept.token) if kept else None
