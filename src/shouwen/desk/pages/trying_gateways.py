"""A test message to oneself: whether a gateway is set up right is seen by a message that arrives."""

from __future__ import annotations

from typing import Any

import uuid_utils.compat as uuids
from django import forms
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.desk.first_run import TRIED, WAYS
from shouwen.desk.pages.people import StaffPage
from shouwen.intake.checking import plausible_phone
from shouwen.notices.gateways import Gateway, Message, NotNow, OutcomeUnknown, Undeliverable, gateways
from shouwen.people.changes import record
from shouwen.people.models import Change

FAILED = "trial_failed"


class TrialForm(forms.Form):
    """By which way, and to whom."""

    way = forms.ChoiceField(label=gettext_lazy("Sent as"))
    to = forms.CharField(
        label=gettext_lazy("Your own number or address"),
        max_length=120,
        help_text=gettext_lazy("It is used for this message and not kept."),
    )

    def __init__(self, ways: Any, data: Any = None) -> None:
        super().__init__(data)
        self.fields["way"].choices = [(way, WAYS.get(way, way)) for way in sorted(ways)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        way, to = cleaned.get("way"), cleaned.get("to", "")
        if way == "email" and to:
            try:
                validate_email(to)
            except forms.ValidationError as error:
                self.add_error("to", error)
        elif way and to and not plausible_phone(to):
            self.add_error("to", _("This is not a telephone number."))
        return cleaned


class GatewayTrial(StaffPage):
    """Sent at once, by the web process itself: what comes of it is told here, and nowhere else."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(TrialForm(gateways()))

    def post(self, request: HttpRequest) -> HttpResponse:
        ways = gateways()
        form = TrialForm(ways, request.POST)
        if not form.is_valid():
            return self._show(form, status=422)
        way = form.cleaned_data["way"]
        wrong = _try(ways[way], form.cleaned_data["to"])
        record(Change.SETUP, "gateways", way, FAILED if wrong else TRIED, by=self.me, at=self.at)
        if wrong:
            return self._show(form, status=422, wrong=wrong)
        return self._show(form, sent=True)

    def _show(self, form: TrialForm, *, status: int = 200, **more: Any) -> HttpResponse:
        context = {"form": form, "connected": bool(gateways()), **more}
        return render(self.request, "desk/gateway_trial.html", context, status=status)


def _try(gateway: Gateway, to: str) -> str:
    """What is wrong, in a sentence; "" once the other side has taken it over."""
    says = _("A test message of Shouwen: this way out works.")
    try:
        gateway.send(Message(uuids.uuid7(), to, says, subject=_("Test message")))
    except NotNow as error:
        return _("The other side does not answer or takes nothing now (%(said)s).") % {"said": error}
    except Undeliverable as error:
        return _("The other side refuses it (%(said)s).") % {"said": error}
    except OutcomeUnknown as error:
        return _("The connection broke while it was handed over (%(said)s): it may have arrived.") % {"said": error}
    return ""
