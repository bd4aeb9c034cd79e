"""How a customer wants to be told: chosen where their complaint stands, an address confirmed by a code sent there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from shouwen.customers.access import MAILBOX_CODE_LIVES_FOR
from shouwen.people.addresses import network_of
from shouwen.portal.door import CustomerPage, opened_by_slip
from shouwen.portal.forms import MailboxCodeForm, TellingForm
from shouwen.portal.limits import TooOften, count
from shouwen.portal.telling import (
    confirm_address,
    forget_address,
    how_told,
    named_address,
    offers_letters,
    send_mailbox_code,
    tell_by_letter,
    tell_by_text,
)


class TellingPage(CustomerPage):
    """By text message or by e-mail."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not offers_letters():
            return redirect("portal:ticket", number=kwargs["number"])
        if opened_by_slip(request):
            says = _(
                "To change how we tell you, open your complaint with the code that comes to your phone, or call us."
            )
            messages.error(request, says)
            return redirect("portal:ticket", number=kwargs["number"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show()

    def post(self, request: HttpRequest) -> HttpResponse:
        if "forget" in request.POST:
            forget_address(self.ticket, at=self.at)
            return self.done(_("Your e-mail address is no longer kept for messages."))
        form = TellingForm(how_told(self.ticket, at=self.at), request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        if form.cleaned_data["way"] == "sms":
            tell_by_text(self.ticket, at=self.at)
            return self.done(_("From now on we tell you by text message."))
        return self._write_to(form)

    def _write_to(self, form: TellingForm) -> HttpResponse:
        typed = form.cleaned_data["email"]
        if tell_by_letter(self.ticket, typed, at=self.at):
            return self.done(_("From now on we tell you by e-mail."))
        address = typed or named_address(self.ticket)
        try:
            count("ask", network_of(self.request), at=self.at)
            count("mailbox", address.casefold(), at=self.at)
            sent = send_mailbox_code(self.ticket, address, at=self.at)
        except TooOften:
            sent = False
        if not sent:
            form.add_error("email", _("Too many codes were asked for. Wait an hour, or call us."))
            return self.show(form, status=429)
        return redirect("portal:telling", number=self.ticket.number)

    def done(self, says: str) -> HttpResponse:
        messages.success(self.request, says)
        return redirect("portal:ticket", number=self.ticket.number)

    def show(
        self, form: TellingForm | None = None, *, code: MailboxCodeForm | None = None, status: int = 200
    ) -> HttpResponse:
        told = how_told(self.ticket, at=self.at)
        context = {
            "ticket": self.ticket,
            "told": told,
            "form": form or TellingForm(told),
            "code_form": (code or MailboxCodeForm(auto_id="code_%s")) if told.awaited else None,
            "minutes": MAILBOX_CODE_LIVES_FOR.seconds // 60,
        }
        return render(self.request, "portal/telling.html", context, status=status)


class MailboxCodePage(TellingPage):
    """The code from the letter."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("portal:telling", number=self.ticket.number)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = MailboxCodeForm(request.POST, auto_id="code_%s")
        if not form.is_valid():
            return self.show(code=form, status=422)
        count("try", network_of(request), at=self.at)
        if confirm_address(self.ticket, form.cleaned_data["code"], at=self.at):
            return self.done(_("Confirmed. From now on we tell you by e-mail."))
        says = _("This code is wrong or has run out. Try again, or have another one sent.")
        if not how_told(self.ticket, at=self.at).awaited:
            messages.error(request, says)
            return self.get(request)
        form.add_error("code", says)
        return self.show(code=form, status=422)
