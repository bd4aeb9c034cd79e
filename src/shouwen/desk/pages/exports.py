"""Taking lists of tickets or customers away: who, for what, and what was in them is written down first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import islice
from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.desk.asked import asked_for
from shouwen.desk.board import tickets_of
from shouwen.desk.events import children_seen
from shouwen.desk.exporting import ENDING, MOST_ROWS, columns, exported, first_of
from shouwen.desk.finding import window_of
from shouwen.desk.handovers import Line, by_section
from shouwen.desk.header import rules_for
from shouwen.desk.loads import teams_under
from shouwen.desk.looking import Looking
from shouwen.desk.pages.board import BoardPage
from shouwen.desk.pages.callbacks import SOONEST, CallbacksPage, call_rows
from shouwen.desk.pages.door import DeskPage, is_fragment
from shouwen.desk.pages.events import BY_RECEIPT, EventPage
from shouwen.desk.pages.handovers import HandoverPage
from shouwen.desk.pages.notices import NEWEST, Message, messages_in
from shouwen.desk.pages.outbox import OutboxPage, TicketMessages, messages_of
from shouwen.desk.pages.places import PLACES
from shouwen.desk.pages.queues import ListPage
from shouwen.desk.pages.search import SearchPage
from shouwen.desk.pages.wall import WallList, WallPerson, WallRegion, WallTeam
from shouwen.desk.paging import in_batches
from shouwen.desk.sealed_words import opened
from shouwen.desk.templatetags.desk import in_words
from shouwen.handbook.refusals import Refusal
from shouwen.people.models import Handover
from shouwen.people.names import team_words
from shouwen.screens.tables import KINDS, Leaf, tables_response, which_asked
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import sees_hands_only, ticket_for, visible_to
from shouwen.vault.actions import record_handing_out

LONGEST_REASON = 200
FOUND_AT_MOST, A_WINDOW = 2_000, 500  # of a search: what is looked for is looked at window by window


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken away: its name, what the log calls it, its tables, its filters in words."""

    name: str
    about: str
    leaves: Sequence[Leaf]
    narrowed: Sequence[str] = ()
    of: UUID | None = None  # the one customer it is about


class HandingOut(DeskPage):
    """A list with customers in it leaves: GET asks what it is for, POST writes that down and hands it over.

    It stands before the page of the list among its parents, so that both have one door. A table in which nobody's
    customers are asks nothing: its page answers `?as=xlsx` itself.
    """

    asks_what_for = True
    most: ClassVar[int] = MOST_ROWS

    def taken(self, **where: Any) -> Taken:
        """The list of this address. Raises Http404, or NoSuchTicket."""
        raise NotImplementedError

    def get(self, request: HttpRequest, **where: Any) -> HttpResponseBase:
        return self.ask(self.taken(**where))

    def post(self, request: HttpRequest, **where: Any) -> HttpResponseBase:
        taken, kind = self.taken(**where), request.POST.get("kind", "")
        if kind not in KINDS:
            raise Http404
        reason = request.POST.get("reason", "")[:LONGEST_REASON]
        try:
            record_handing_out(taken.about, subject_id=taken.of, by=self.actor.id, reason=reason, at=self.at)
        except Refusal as refusal:
            return self.ask(taken, refusal=refusal, status=409)
        taking = self.taking(taken.about, narrowed=taken.narrowed, purpose=reason)
        which = which_asked(request)
        return tables_response(taken.name, taken.leaves, taking, kind=kind, which=which, limit=self.most)

    def ask(self, taken: Taken, *, refusal: Refusal | None = None, status: int = 200) -> HttpResponse:
        context = {"taken": taken, "back": self.address, "refusal": refusal, "most": self.most}
        template = "desk/_export.html" if is_fragment(self.request) else "desk/export.html"
        return render(self.request, template, context, status=status)

    @property
    def address(self) -> str:
        """Where the list itself is."""
        query = self.request.GET.copy()
        for place in PLACES:
            query.pop(place, None)
        return f"{self.request.path.removesuffix(ENDING)}?{query.urlencode()}".removesuffix("?")

    def tickets(
        self, name: str, ids: Callable[[], Sequence[UUID]], about: str = "", narrowed: Sequence[str] = ()
    ) -> Taken:
        """A list of tickets, which are looked for once the file is written: asking what it is for costs nothing."""
        return self.table(name, columns(), self._tickets(ids), about, narrowed)

    def table(
        self,
        name: str,
        headings: Sequence[str],
        rows: Iterable[Sequence[Any]],
        about: str = "",
        narrowed: Sequence[str] = (),
    ) -> Taken:
        """A list of anything, which the log calls by its address."""
        return Taken(name, about or self.address, [Leaf(name, headings, rows)], narrowed)

    def _tickets(self, ids: Callable[[], Sequence[UUID]]) -> Iterator[list[Any]]:
        yield from exported(ids(), self.actor, self.at)


class QueueExport(HandingOut, ListPage):
    """A queue, or what somebody has narrowed it to."""

    def taken(self, **where: Any) -> Taken:
        listing = self.listing(self.request.GET, where["code"])
        about = f"{listing.path}?{listing.query}".removesuffix("?")
        return self.tickets(
            str(listing.queue.name), lambda: first_of(listing.ordered()), about, listing.filters.names()
        )


class WallListExport(HandingOut, WallList):
    """The tickets one number of the wall counts."""

    def taken(self, **where: Any) -> Taken:
        behind = self.behind(**where)
        return self.tickets(behind.name, lambda: first_of(behind.tickets.order_by(*behind.order)))


class WallPersonExport(WallListExport, WallPerson):
    """What one person has in hand."""


class WallTeamExport(WallListExport, WallTeam):
    """What one team has in hand."""


class WallRegionExport(WallListExport, WallRegion):
    """What is open in a region."""


class EventExport(HandingOut, EventPage):
    """The tickets of an event."""

    def taken(self, **where: Any) -> Taken:
        event = ticket_for(self.actor, where["number"])
        children = children_seen(event.number, self.actor).order_by(*BY_RECEIPT)
        name = _("Tickets of event %(number)s") % {"number": event.number}
        return self.tickets(name, lambda: first_of(children))


class SearchExport(HandingOut, SearchPage):
    """What a search found, the newest first; the log says what was looked for as the screen shows it."""

    most = FOUND_AT_MOST

    def taken(self, **where: Any) -> Taken:
        looking = self.looking()
        narrowed = [
            words for words in (looking.asked.shown, *(label for label, _p in looking.filters.named())) if words
        ]
        said = " ".join(narrowed)
        about = f"{self.request.path.removesuffix(ENDING)}: {said}"
        return self.tickets(
            _("Search results"), lambda: list(islice(self.found(looking), self.most + 1)), about, narrowed
        )

    def looking(self) -> Looking:
        """The search of this address."""
        given = self.request.GET
        typed = opened(given.get("s", ""), self.actor.id) or given.get("q", "")
        rules = rules_for(self.request, self.at)
        return Looking(asked_for(typed, by=self.actor), given, rules, self.actor, self.at)

    def found(self, looking: Looking) -> Iterator[UUID]:
        """The tickets found, window by window, each of them once."""
        tickets, until, known = visible_to(self.actor).filter(looking.filters.condition()), None, set()
        few = sees_hands_only(self.actor)
        while looking.is_asked:
            window = window_of(looking.asked, tickets, few=few, until=until, most=A_WINDOW)
            fresh = [hit.place.pk for hit in window.hits if hit.place.pk not in known]
            known.update(fresh)
            yield from fresh
            if (until := window.end) is None:
                return


class CallbacksExport(HandingOut, CallbacksPage):
    """The calls to make."""

    def taken(self, **where: Any) -> Taken:
        headings = [_("Ticket"), _("Customer"), _("Phone"), _("What to say"), _("Call from"), _("Call by")]
        headings += [_("Tried"), _("Who calls")]
        return self.table(_("Calls to make"), headings, self._rows())

    def _rows(self) -> Iterator[list[Any]]:
        for batch in in_batches(self.calls().order_by(*SOONEST)[: self.most + 1]):
            for row in call_rows(batch, self.at):
                name, phone = row.name.shown if row.name else "", row.phone.shown if row.phone else ""
                call, tried = row.callback, f"{row.callback.attempts}/{row.attempts}"
                whose = str(call.agent or "")
                yield [row.ticket.number, name, phone, row.script, call.next_at, call.due_at, tried, whose]


class TicketMessagesExport(HandingOut, TicketMessages):
    """The messages about one ticket."""

    def taken(self, **where: Any) -> Taken:
        ticket = ticket_for(self.actor, where["number"])
        headings = [_("Message"), _("By what way"), _("Number or address"), _("What became of it"), _("When")]
        name = pgettext("of a ticket", "Messages")
        return self.table(f"{name}-{ticket.number}", headings, self._rows(ticket))

    def _rows(self, ticket: Ticket) -> Iterator[list[Any]]:
        for batch in in_batches(messages_of(ticket).order_by(*NEWEST)[: self.most + 1]):
            for row in messages_in(batch, personal=self.sees_personal):
                yield _message(row)[1:]


class BoardExport(HandingOut, BoardPage):
    """The tickets of a team as the load board has them, all of them."""

    def taken(self, **where: Any) -> Taken:
        team = self.team_of(teams_under(self.actor))
        if team is None:
            raise Http404
        name = _("Load board")
        return self.tickets(f"{name}-{team_words(team)}", lambda: first_of(tickets_of(team, self.actor)))


class HandoverExport(HandingOut, HandoverPage):
    """What one shift left to the next."""

    def get(self, request: HttpRequest, handover: UUID) -> HttpResponseBase:  # type: ignore[override]
        return self.ask(self.taken(handover=handover))

    def taken(self, **where: Any) -> Taken:
        handover = self.one(where["handover"])
        headings = [pgettext("handover", "Why"), _("Ticket"), pgettext("of a ticket", "Title"), _("Due")]
        headings += [_("In whose hands"), _("To know"), _("Handed over"), _("By whom")]
        headings += [pgettext("shift", "Taken over"), _("By whom it was taken"), _("Remark")]
        name = _("Shift handover list")
        return self.table(f"{name}-{team_words(handover.team)}", headings, _left(handover))


class OutboxExport(HandingOut, OutboxPage):
    """The messages to customers; what only their recipient may read stays hidden."""

    def taken(self, **where: Any) -> Taken:
        headings = [
            _("Ticket"),
            _("Message"),
            _("By what way"),
            _("Number or address"),
            _("What became of it"),
            _("When"),
        ]
        return self.table(_("Outbox"), headings, self._rows())

    def _rows(self) -> Iterator[list[Any]]:
        for batch in in_batches(self.orders().order_by(*NEWEST)[: self.most + 1]):
            yield from map(_message, messages_in(batch, personal=self.sees_personal))


def _left(handover: Handover) -> Iterator[list[Any]]:
    """What was left, section by section; last what is to be known besides. Each row says who left it, and to whom."""
    between = [handover.made_at, str(handover.made_by), handover.confirmed_at, str(handover.confirmed_by or "")]
    between.append(handover.remark)
    for words, lines in by_section(Line.read(kept) for kept in handover.content):
        for line in lines:
            title = unescape(strip_tags(in_words(line.title)))
            yield [words, line.number, title, line.due_at, line.handler, line.note, *between]
    if handover.notes:
        yield [_("Otherwise to know"), "", "", None, "", handover.notes, *between]


def _message(row: Message) -> list[Any]:
    return [row.number, row.text, row.channel, row.to, row.state, row.order.ordered_at]
