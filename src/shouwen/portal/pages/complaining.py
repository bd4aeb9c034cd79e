"""Making a complaint: the form, its questions as they come up, and the number at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shouwen.editions.edition import Edition
from shouwen.editions.queries import current_edition, edition
from shouwen.handling.actions import Accepted, accept
from shouwen.intake.checking import DraftRefused, check
from shouwen.people.addresses import network_of
from shouwen.portal.actions import mark_tried
from shouwen.portal.door import PortalPage, received_here, remember_received
from shouwen.portal.files import files_sent
from shouwen.portal.forms import ASKED, ComplaintForm, new_form_name
from shouwen.portal.guides import LONGEST, tried_in
from shouwen.portal.limits import TooOften, count
from shouwen.portal.queries import opens_again_at, promised_times, rights_under, ticket_numbered
from shouwen.portal.telling import named_address
from shouwen.tickets.queries import history_of
from shouwen.vault.spelling import one_spelling


class ComplaintPage(PortalPage):
    """The form. What it asks for follows from what the complaint is about (S1.2a)."""

    @cached_property
    def rules(self) -> Edition:
        return current_edition(self.at)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(self._form(initial=self._known_already()))

    def post(self, request: HttpRequest) -> HttpResponse:
        if "pick" in request.POST:  # by POST, because what has been typed so far belongs in no address
            return self._pick()
        form = self._form(request.POST)
        if not form.is_valid():
            self._check_the_rest(form)
            return self._show(form, status=422)
        if form.cleaned_data["website"]:  # nobody sees this field; programs fill it in, and now and then a browser
            says = _("Your browser filled in a hidden field. Please send the form once more.")
            return self._once_more(form, says, {"website": ""})
        try:
            self._count(form)
            return self._accept(form)
        except DraftRefused as refused:
            form.show_refused(refused.errors)
        except TooOften:
            form.add_error(None, _("Too many complaints came from here within the hour. Please wait, or call us."))
            return self._show(form, status=429)
        return self._show(form, status=422)

    def _check_the_rest(self, form: ComplaintForm) -> None:
        """What else is wrong is said at once, beside what is missing."""
        try:
            check(form.draft(at=self.at), self.rules, now=self.at)
        except DraftRefused as refused:
            form.show_refused(refused.errors)

    def _accept(self, form: ComplaintForm) -> HttpResponse:
        draft = form.draft(at=self.at)
        check(draft, self.rules, now=self.at)
        [answer] = accept([draft], now=self.at)
        if isinstance(answer, Accepted) and form.tried:
            mark_tried(UUID(answer.ticket_id), *form.tried, at=self.at)
        if not isinstance(answer, Accepted):
            says = _("This form was sent before with other words. Send it again if this is a further complaint.")
            return self._once_more(form, says, {"form": new_form_name()})
        remember_received(self.request, answer.number, self.at)
        return redirect("portal:received")

    def _count(self, form: ComplaintForm) -> None:
        count("submit", network_of(self.request), at=self.at)
        count("phone", one_spelling("phone", form.cleaned_data["phone"]), at=self.at)

    def _pick(self) -> HttpResponse:
        typed = self.request.POST.dict()
        form = self._form(initial=typed | {"category": typed["pick"]})
        template = "portal/_about.html" if self.request.htmx else "portal/complaint.html"  # type: ignore[attr-defined]
        answer = render(self.request, template, self._context(form) | {"picked": True})
        answer["HX-Replace-Url"] = self._here(form)  # reloaded, or read in another language, it asks the same
        return answer

    def _known_already(self) -> dict[str, str]:
        """What the address tells: what it is about, or what a guide found out."""
        asked = {name: self.request.GET.get(name, "")[:LONGEST] for name in ("category", "guide", "said")}
        tried = tried_in(self.rules, asked["guide"], asked["said"])
        if tried is None:
            return asked
        guide, walk = tried
        language = get_language() or ""
        seen = {ASKED + name: words.spoken(language) for name, words in walk.fills.items()}
        return asked | seen | {"category": asked["category"] or walk.category or guide.categories[0]}

    def _once_more(self, form: ComplaintForm, says: str, changes: dict[str, str]) -> HttpResponse:
        """The same form with something changed in it that only the page knows of."""
        anew = self._form(form.data.dict() | changes)
        anew.is_valid()
        anew.add_error(None, says)
        return self._show(anew, status=409)

    def _show(self, form: ComplaintForm, *, status: int = 200) -> HttpResponse:
        return render(self.request, "portal/complaint.html", self._context(form), status=status)

    def _form(self, data: Any = None, **options: Any) -> ComplaintForm:
        return ComplaintForm(self.rules, get_language() or "", data, **options)

    def _here(self, form: ComplaintForm) -> str:
        """The address that asks the same; what has been typed is in no address."""
        known = {"category": form.about} | (
            {name: form[name].value() for name in ("guide", "said")} if form.tried else {}
        )
        query = urlencode({name: value for name, value in known.items() if value})
        return reverse("portal:submit") + (f"?{query}" if query else "")

    def _context(self, form: ComplaintForm) -> dict[str, Any]:
        return {
            "form": form,
            "here": self._here(form),
            "years": self.rules.retention.years,
            "opens_at": opens_again_at(self.rules, self.at),
        }


class ReceivedPage(PortalPage):
    """The number, and what happens next. Kept for whoever sent the form, and nobody else."""

    def get(self, request: HttpRequest) -> HttpResponse:
        ticket = ticket_numbered(received_here(request, self.at))
        if ticket is None:
            return redirect("portal:submit")
        rules = edition(ticket.edition)
        history = history_of(ticket.pk)
        context = {
            "number": ticket.number,
            "named_address": bool(named_address(ticket)),
            "promises": promised_times(history, rules, self.at),
            "files": files_sent(ticket, history, reverse("portal:received_files")),
            "rights": rights_under(rules, ticket.received_at),
            "opens_at": opens_again_at(rules, self.at),
        }
        return render(request, "portal/received.html", context)
