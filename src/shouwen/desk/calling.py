"""The forms of a call back: how it went and what the customer said; and when they want to be left in peace."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from shouwen.customers.queries import wishes_of
from shouwen.editions.edition import Edition
from shouwen.editions.queries import edition
from shouwen.handbook.calling import Called
from shouwen.handbook.quiet import QuietHours, leaves
from shouwen.surveys.calling import Call
from shouwen.surveys.questions import YES_NO, check_rating, rating_fields, rating_of
from shouwen.tickets.models import Ticket

FREE_FOR = timedelta(hours=2)  # of every day a customer may be told something


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

    def __init__(self, rules: Edition, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.quiet = rules.telling.quiet

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        begins, ends = said.get("begins"), said.get("ends")
        if bool(begins) != bool(ends):
            raise forms.ValidationError(_("Name both hours, or neither."))
        if begins and ends:
            zone = self.quiet.zone if self.quiet else ZoneInfo(settings.TIME_ZONE)
            hours = [QuietHours(begins, ends, zone), *([self.quiet] if self.quiet else [])]
            if begins == ends or not leaves(FREE_FOR, *hours):
                raise forms.ValidationError(
                    _("That leaves no two hours a day in which they may be told something: name fewer hours.")
                )
        return said

    def hours(self) -> tuple[time, time] | None:
        begins, ends = self.cleaned_data["begins"], self.cleaned_data["ends"]
        return (begins, ends) if begins and ends else None


def wish_form(ticket: Ticket) -> WishForm:
    """The form, with what the ticket's customer has wished for so far."""
    wish = wishes_of([str(ticket.customer_id)]).get(str(ticket.customer_id))
    initial = {"begins": wish[0], "ends": wish[1]} if wish else None
    return WishForm(edition(ticket.edition), initial=initial)
