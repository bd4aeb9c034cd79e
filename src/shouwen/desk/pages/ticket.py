"""The page of one ticket, and what it fetches by itself: a clock's ledger, a value in full, a slip for the customer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect, push_url

from shouwen.customers.access import SLIP_LIVES_FOR, make_slip
from shouwen.customers.mailboxes import is_written_to
from shouwen.desk.mentions import colleagues
from shouwen.desk.pages.door import WORKERS, DeskPage, is_fragment, no_store
from shouwen.desk.panes import PANES, cookie_of
from shouwen.desk.sheet import Sheet, sheet_of, values_on
from shouwen.desk.shown_tables import ledger_leaves, ledger_tables
from shouwen.handbook.authority import Actor, Sight
from shouwen.handbook.refusals import Refusal
from shouwen.screens.tables import kind_asked
from shouwen.service_levels.explaining import ledger_of
from shouwen.service_levels.ledgers import in_words, reader_of
from shouwen.service_levels.statement import statement_name
from shouwen.service_levels.statement_pdf import statement_pdf
from shouwen.tickets.queries import NoSuchTicket, history_of, ticket_for
from shouwen.vault.actions import record_handing_out, reveal

LONGEST_NAME = 40


class TicketPage(DeskPage):
    """Where a ticket is worked."""

    roles = WORKERS

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        whole = request.GET.get("history") == "whole"
        sheet = sheet_of(self.actor, number, self.at, wanted=wanted_pane(request, self.actor), whole=whole)
        if not is_fragment(request):
            return render(request, "desk/ticket.html", {"sheet": sheet})
        walked = render(request, "desk/_walked.html", {"sheet": sheet})
        return walked if _is_on(request, sheet.url) else push_url(walked, sheet.url)


class PanePage(DeskPage):
    """A pane beside the conversation, fetched when its tab is opened; without a script, the page with that tab."""

    roles = WORKERS

    def get(self, request: HttpRequest, number: str, code: str) -> HttpResponse:
        if code not in PANES:
            raise Http404
        sheet = sheet_of(self.actor, number, self.at, wanted=code)
        if not is_fragment(request):
            return redirect(f"{sheet.url}?pane={code}")
        return render(request, PANES[code].template, _parts(sheet))


class PastClocks(DeskPage):
    """The clocks that no longer run: many, and asked for rarely."""

    roles = WORKERS

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        sheet = sheet_of(self.actor, number, self.at)
        if not is_fragment(request):
            return redirect("desk:ledger", number)
        return render(request, "desk/_past_clocks.html", _parts(sheet))


class HistoryRows(DeskPage):
    """The whole history, for a page that began with its newest rows."""

    roles = WORKERS

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        sheet = sheet_of(self.actor, number, self.at, whole=True)
        if not is_fragment(request):
            return redirect(f"{sheet.url}?history=whole")
        return render(request, "desk/_history_rows.html", _parts(sheet))


class Colleagues(DeskPage):
    """Whom a note may mention, while a name is being typed; who may not see the ticket is shown as such."""

    roles = WORKERS

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        ticket = ticket_for(self.actor, number)
        found = colleagues(request.POST.get("q", "")[:LONGEST_NAME], ticket, by=self.actor, at=self.at)
        return no_store(JsonResponse({"found": [asdict(one) for one in found]}))


def ticket_again(page: DeskPage, number: str, **more: Any) -> HttpResponse:
    """Back to a ticket after something was done; home, if that took it out of the actor's hands and sight."""
    request = page.request
    if not is_fragment(request):
        return redirect("desk:ticket", number)
    try:
        sheet = sheet_of(page.actor, number, page.at, wanted=wanted_pane(request, page.actor))
    except NoSuchTicket:
        return HttpResponseClientRedirect(reverse("desk:home"))
    return render(request, "desk/_ticket.html", {"sheet": sheet, "swapped": True, **more})


def wanted_pane(request: HttpRequest, actor: Actor) -> str:
    """The pane asked for, or else the one this person had open last in this browser."""
    return request.GET.get("pane") or request.COOKIES.get(cookie_of(actor), "")


def _is_on(request: HttpRequest, url: str) -> bool:
    """True when the browser shows this address already."""
    shown: str | None = request.htmx.current_url_abs_path  # type: ignore[attr-defined]
    return (shown or "").partition("?")[0] == url


def _parts(sheet: Sheet) -> dict[str, Any]:
    """What a part of the page needs beside the sheet when it is fetched alone."""
    return {"sheet": sheet, "ticket": sheet.ticket, "offers": sheet.offers, "reveal": sheet.reveal_url}


class Why(DeskPage):
    """Why a clock is due when it is: its ledger."""

    roles = WORKERS

    def get(self, request: HttpRequest, number: str, rule: str, start_seq: int) -> HttpResponse:
        ledger = ledger_of(ticket_for(self.actor, number), self.at)
        for one in ledger.clocks:
            if (one.clock.rule.id, one.clock.start_seq) == (rule, start_seq):
                said = in_words(one, reader_of(ledger))
                if is_fragment(request):
                    return render(request, "desk/_ledger.html", {"ledger": said})
                context = {"ledger": ledger, "clocks": [(one, said)], "may_reveal": Sight.PERSONAL in self.actor.sights}
                return render(request, "desk/ledger.html", context)
        raise Http404


class Value(DeskPage):
    """One masked value in full, to somebody who says why; it is written down."""

    roles, shows = WORKERS, Sight.PERSONAL

    def post(self, request: HttpRequest, number: str, token: str) -> HttpResponse:
        ticket = ticket_for(self.actor, number)
        if token not in values_on(ticket, history_of(ticket.pk)) and not is_written_to(ticket.customer_id, token):
            raise Http404
        reason = request.POST.get("reason", "")[:200]
        try:
            value = reveal([token], by=self.actor.id, reason=reason, at=self.at, about=ticket.number).get(token)
        except Refusal as refusal:
            return render(request, "shared/refusal.html", {"refusal": refusal}, status=409)
        return no_store(HttpResponse(value or _("erased"), content_type="text/plain; charset=utf-8"))


class Slip(DeskPage):
    """A code for a customer without a phone that takes messages: shown once, for an agent to hand over."""

    roles = frozenset({"agent", "supervisor"})

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        return self._show(request, {"ticket": ticket_for(self.actor, number)})

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        ticket = ticket_for(self.actor, number)
        code = make_slip(ticket.pk, by=self.actor, at=self.at)
        context = {"ticket": ticket, "code": code, "until": self.at + SLIP_LIVES_FOR}
        return no_store(self._show(request, context))

    def _show(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        return render(request, "desk/_slip.html" if is_fragment(request) else "desk/slip.html", context)


class LedgerPage(DeskPage):
    """Every clock of a ticket with every interval."""

    roles = WORKERS

    def get(self, request: HttpRequest, number: str) -> HttpResponseBase:
        ledger = ledger_of(ticket_for(self.actor, number), self.at)
        reader = reader_of(ledger)
        clocks = [(one, in_words(one, reader)) for one in ledger.clocks]
        if kind := kind_asked(request):
            name = _("Ledger of the clocks")
            return self.files_of(
                kind, f"{name}-{ledger.ticket.number}", ledger_leaves([said for _clock, said in clocks])
            )
        may_reveal = Sight.PERSONAL in self.actor.sights
        context = {"ledger": ledger, "clocks": clocks, "may_reveal": may_reveal, "tables": ledger_tables()}
        return render(request, "desk/ledger.html", context)


class Statement(DeskPage):
    """The one page of a ticket's times that leaves the house: for whom is asked, and written down."""

    roles, shows = WORKERS, Sight.PERSONAL

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        return self._ask(request, {"ticket": ticket_for(self.actor, number)})

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        ticket = ticket_for(self.actor, number)
        language = request.POST.get("language", "")
        if language not in dict(settings.LANGUAGES):
            raise Http404
        try:
            record_handing_out(
                ticket.number,
                subject_id=ticket.customer_id,
                by=self.actor.id,
                reason=request.POST.get("reason", "")[:200],
                at=self.at,
            )
        except Refusal as refusal:
            return self._ask(request, {"ticket": ticket, "refusal": refusal}, status=409)
        page = statement_pdf(ledger_of(ticket, self.at), language=language)
        response = HttpResponse(page, content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{statement_name(ticket, self.at)}"'
        return no_store(response)

    def _ask(self, request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
        template = "desk/_statement.html" if is_fragment(request) else "desk/statement.html"
        return render(request, template, context, status=status)
