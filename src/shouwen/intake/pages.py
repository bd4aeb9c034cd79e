"""Taking in at the desk: the form, and what it fetches while somebody is on the telephone.

Whatever a caller says is sent in the body of a request: an address ends up in logs, a body does not.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View

from shouwen.editions.edition import Edition
from shouwen.editions.queries import current_edition
from shouwen.handbook.authority import Actor, seeing
from shouwen.handling.actions import Accepted, Draft, KeyReused, accept
from shouwen.intake.callers import caller_with
from shouwen.intake.checking import LONGEST_TEXT, DraftRefused, check
from shouwen.intake.finding import categories_called
from shouwen.intake.forms import TakingInForm, new_key
from shouwen.intake.similar import similar_tickets
from shouwen.people.queries import actor_for
from shouwen.tickets.models import IntakeKey

TAKES_IN = frozenset({"agent", "supervisor"})
LONGEST_SEARCH = 60


class IntakePage(LoginRequiredMixin, View):
    """A page for whoever takes complaints in, with its actor, its moment and the rules of that moment."""

    actor: Actor
    at: datetime
    rules: Edition
    language: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.at = now()
        self.rules, self.language = current_edition(self.at), get_language() or ""
        self.actor = seeing(actor_for(request.user, self.at), self.rules.roles)
        if not self.actor.roles & TAKES_IN:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def form(self, **given: Any) -> TakingInForm:
        return TakingInForm(self.rules, self.language, self.request.POST.dict(), **given)


class NewPage(IntakePage):
    """The form. Sent twice it counts once; what is wrong with it is said all at once, and nothing typed is lost."""

    def get(self, request: HttpRequest) -> HttpResponse:
        form = TakingInForm(self.rules, self.language, {"region": self._own_region()})
        return self._show(form)

    def post(self, request: HttpRequest) -> HttpResponse:
        if "picked" in request.POST or "more" in request.POST:  # without scripts: the questions of a category
            return self._show(self.form(category=_picked(request, self.rules)))
        form = self.form(sent=True)
        if not form.is_valid():
            return self._show(form, status=422)
        draft = form.draft(by=self.actor, at=self.at)
        try:
            check(draft, self.rules, now=self.at)
        except DraftRefused as refused:
            form.show_refused(refused.errors)
            return self._show(form, status=422)
        [answer] = accept([draft], now=self.at)
        if isinstance(answer, KeyReused):
            return self._show_reused(form, draft)
        messages.success(request, _said(answer))
        return redirect("desk:ticket", answer.number)

    def _show_reused(self, form: TakingInForm, draft: Draft) -> HttpResponse:
        """A form brought back after a crash, and changed since: whoever typed it decides whether it is another one."""
        scope, key = draft.key
        form.key = new_key()
        return self._show(form, status=409, taken_in_as=IntakeKey.objects.get(scope=scope, key=key).number)

    def _show(self, form: TakingInForm, *, status: int = 200, **context: Any) -> HttpResponse:
        return render(self.request, "intake/new.html", {"form": form.ready_to_show(), **context}, status=status)

    def _own_region(self) -> str:
        """Where this agent takes complaints in, if that is one place."""
        own = sorted(self.actor.regions & self.rules.regions.keys())
        return own[0] if len(own) == 1 else ""


class AboutPart(IntakePage):
    """What it is about, and what has to be asked about that."""

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(category=_picked(request, self.rules))
        return render(request, "intake/_about.html", {"form": form.ready_to_show()})


class FoundPart(IntakePage):
    """Categories by what people call them."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.htmx:  # type: ignore[attr-defined]
            return redirect("intake_new")
        words = request.GET.get("words", "")[:LONGEST_SEARCH]
        found = categories_called(words, self.rules, self.language)
        return render(request, "intake/_found.html", {"found": found, "asked": bool(words.strip())})


class CallerPart(IntakePage):
    """Who is calling, and what of theirs is open."""

    def post(self, request: HttpRequest) -> HttpResponse:
        phone = request.POST.get("phone", "").replace("\x00", "").strip()[:40]
        caller = caller_with(phone, seen_by=self.actor)
        context = {"asked": bool(phone), "caller": caller}
        if caller:
            context["level"] = self.rules.label("customer_levels", caller.level)
        return render(request, "intake/_caller.html", context)


class SimilarPart(IntakePage):
    """Whether this has been said before."""

    def post(self, request: HttpRequest) -> HttpResponse:
        tickets = similar_tickets(
            request.POST.get("text", "").replace("\x00", "")[:LONGEST_TEXT],
            category=self.form().category,
            region="".join(filter(str.isdigit, request.POST.get("region", "")))[:12],
            seen_by=self.actor,
            at=self.at,
        )
        return render(request, "intake/_similar.html", {"tickets": tickets})


def _picked(request: HttpRequest, rules: Edition) -> str | None:
    """The category taken from a list, or brought back from a kept draft; None where the levels count."""
    restored = request.htmx.trigger_name == "category"  # type: ignore[attr-defined]
    picked = request.POST.get("picked") or (request.POST.get("category") if restored else "")
    return picked if picked in {node.code for node in rules.categories.at_intake()} else None


def _said(answer: Accepted) -> str:
    if answer.repeated:
        return _("{number} had been taken in already.").format(number=answer.number)
    return _(
        "{number} is taken in. Tell the customer this number; it also goes out by text message. "
        "For whoever gets no messages, make a slip."
    ).format(number=answer.number)
