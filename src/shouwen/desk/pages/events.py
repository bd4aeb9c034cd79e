"""Events that many tickets come of: which are going on, and the page from which their tickets are gathered and told."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from shouwen.desk.events import children_seen, events_going_on, stages_of
from shouwen.desk.pages.door import WORKERS, DeskPage
from shouwen.desk.pages.living import living_list
from shouwen.desk.pages.places import neighbours, places_in
from shouwen.desk.paging import Page, page_of
from shouwen.desk.rows import for_rows, rows_of
from shouwen.desk.wording import plain_words
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Sight, may
from shouwen.handbook.events import broadcasts_of
from shouwen.handbook.lifecycle import OPEN, Move
from shouwen.handbook.numbers import normalise_number
from shouwen.handbook.refusals import Refusal
from shouwen.handling.events import MOST_AT_ONCE, broadcast, link_tickets
from shouwen.people.names import names_in
from shouwen.screens.tables import kind_asked
from shouwen.screens.templatetags.spoken import refusal_text, stage_name
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of, ticket_for

BY_RECEIPT = ("-received_at", "-id")
LONGEST_NEWS = 2000
SHOWN_REFUSED = 10
_BETWEEN_NUMBERS = re.compile(r"[\s,;，；、]+")


class EventsPage(DeskPage):
    """The events that are going on."""

    roles = WORKERS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        events = list(events_going_on(self.actor))
        if kind := kind_asked(request):
            headings = [_("Event"), pgettext("of a ticket", "Title"), _("Tickets"), _("Stage"), _("Received")]
            return self.file_of(kind, _("Events"), headings, map(_cells, events))
        known = [(event.number, event.stage, event.children) for event in events]
        return living_list(self, "desk/events.html", Page(events, "", ""), known, lambda: {"events": events})


def _cells(event: Ticket) -> list[Any]:
    return [event.number, plain_words(event.title), event.children, stage_name(event.stage), event.received_at]


class EventPage(DeskPage):
    """One event: how far its tickets are, what was told to all, and the tickets themselves."""

    roles = WORKERS

    def get(self, request: HttpRequest, **where: Any) -> HttpResponseBase:
        return self.show(ticket_for(self.actor, where["number"]))

    def show(self, ticket: Ticket, **more: Any) -> HttpResponse:
        history, rules = history_of(ticket.pk), edition(ticket.edition)
        page = page_of(for_rows(children_seen(ticket.number, self.actor)), BY_RECEIPT, **places_in(self.request))
        goes_on = ticket.stage in OPEN and not ticket.parent
        context = {
            "ticket": ticket,
            "stages": stages_of(ticket.number),
            "broadcasts": [(one, names_in(history).of(one.by)) for one in broadcasts_of(history)],
            "rows": rows_of(page.rows, self.at, personal=Sight.PERSONAL in self.actor.sights),
            "may_link": goes_on and may(rules.roles, self.actor, Move.LINK),
            "may_tell": goes_on and bool(ticket.children) and may(rules.roles, self.actor, Move.BROADCAST),
            "form": uuid4().hex,
            "at": self.at,
            "most": MOST_AT_ONCE,
            **neighbours(self.request, page),
            **more,
        }
        return render(self.request, "desk/event.html", context, status=more.get("status", 200))


class Linking(EventPage):
    """Linking tickets by their numbers, as many as are pasted."""

    def get(self, request: HttpRequest, **where: Any) -> HttpResponseBase:
        return redirect("desk:event", where["number"])

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        typed = request.POST.get("numbers", "")[:10_000]
        numbers = [normalise_number(one) or one[:40] for one in _BETWEEN_NUMBERS.split(typed) if one]
        done = link_tickets(number, numbers, by=self.actor, at=self.at)
        if done.linked:
            said = ngettext("%(count)s ticket linked.", "%(count)s tickets linked.", done.linked)
            messages.success(request, said % {"count": done.linked})
        for one, refusal in done.refused[:SHOWN_REFUSED]:
            messages.error(request, f"{one}: {refusal_text(refusal)}")
        if done.unknown:
            those = ", ".join(done.unknown[:SHOWN_REFUSED])
            messages.error(request, _("Not found, or not yours to see: %(numbers)s") % {"numbers": those})
        event = ticket_for(self.actor, number)
        left = [*(one for one, _refusal in done.refused), *done.unknown, *done.left]
        if not left:
            return redirect("desk:event", event.number)
        if done.left:
            says = _("No more than %(most)s at a time: the others stand in the box.")
            messages.warning(request, says % {"most": MOST_AT_ONCE})
        return self.show(event, numbers="\n".join(left), status=409)


class Telling(EventPage):
    """Telling the customers of all open tickets of the event, once."""

    def get(self, request: HttpRequest, **where: Any) -> HttpResponseBase:
        return redirect("desk:event", where["number"])

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        text, form = request.POST.get("text", "").strip()[:LONGEST_NEWS], request.POST.get("form", "")[:64]
        try:
            told = broadcast(
                number, text, concludes=bool(request.POST.get("concludes")), by=self.actor, at=self.at, form=form
            )
        except Refusal as refusal:
            return self.show(ticket_for(self.actor, number), refusal=refusal, text=text, status=409)
        messages.success(request, _("It is on its way to the customers of all open tickets of this event."))
        return redirect("desk:event", told.number)
