"""Leaving the demo: wished here with a typed word and one's own password or code, carried out by the next start."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.desk.demo_left import (
    administrators_who_stay,
    invented_people,
    people_who_stay,
    take_wish_back,
    teams_that_go,
    wish,
    wish_to_leave,
)
from shouwen.desk.pages.people import StaffPage
from shouwen.tickets.models import Ticket

WORDS = ("退出演示", "leave the demo")


class LeaveForm(forms.Form):
    """The words typed, so that nobody does it by a slip."""

    words = forms.CharField(
        label=gettext_lazy("Type “leave the demo” or “退出演示”"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )

    def clean_words(self) -> str:
        words: str = " ".join(self.cleaned_data["words"].lower().split())
        if words not in WORDS:
            raise forms.ValidationError(_("These are not the words."))
        return words


class LeavingDemoPage(StaffPage):
    """What goes, what stays, and the wish: only where the data is a demo."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEMO:
            return redirect("desk:first_run")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(LeaveForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        return self._wish(request)

    @method_decorator(reauthentication_required)
    def _wish(self, request: HttpRequest) -> HttpResponse:
        """Only for who has lately given their password or code: else they are asked for it, and come back."""
        form = LeaveForm(request.POST)
        if self.me not in administrators_who_stay():
            return self._show(form, status=403)
        if not form.is_valid():
            return self._show(form, status=422)
        wish_to_leave(by=self.me, at=self.at)
        messages.success(request, _("Written down. The next start leaves the demo."))
        return redirect("desk:leaving_demo")

    def _show(self, form: LeaveForm, *, status: int = 200) -> HttpResponse:
        stay = administrators_who_stay()
        context = {
            "form": form,
            "wish": wish(),
            "tickets": Ticket.objects.count(),
            "people": invented_people().count(),
            "teams": teams_that_go().count(),
            "stay": stay,
            "others": people_who_stay().count() - len(stay),
            "mine": self.me in stay,
        }
        return render(self.request, "desk/leaving_demo.html", context, status=status)


class WishTakenBack(StaffPage):
    """It stays a demo after all."""

    def post(self, request: HttpRequest) -> HttpResponse:
        take_wish_back(by=self.me, at=self.at)
        messages.success(request, _("It stays a demo."))
        return redirect("desk:leaving_demo")
