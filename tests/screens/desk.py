"""Ways of working at the desk in a test: signed in as one of the cast, with the forms the pages give."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from shouwen.desk.asks import NOUNS
from shouwen.handbook.history import Stage
from shouwen.handbook.moves import Move
from shouwen.handling.actions import CarriedOver
from shouwen.people.models import Person
from shouwen.tickets.models import Ticket
from tests.cast import WHOLE_WAY, Cast, make, take_in

HTMX = {"HX-Request": "true"}


class Desk(Client):
    """A client signed in at the desk."""

    def __init__(self, person: Person, *, language: str = "en") -> None:
        super().__init__()
        self.force_login(person)
        self.cookies["django_language"] = language

    def open(self, ticket: Ticket | str, *, pane: str = "") -> HttpResponse:
        """The page of a ticket, with one of the panes beside the conversation open."""
        return self.get(address(ticket), {"pane": pane})

    def ask(self, ticket: Ticket, move: Move, **given: str) -> HttpResponse:
        """The dialog of a move."""
        return self.get(address(ticket, move), given, headers=HTMX)

    def make(self, ticket: Ticket, move: Move, *, seen: int | None = None, **facts: Any) -> HttpResponse:
        """A move, as its dialog sends it."""
        last = Ticket.objects.get(pk=ticket.pk).last_seq if seen is None else seen
        return self.post(address(ticket, move), {"seen": last, **facts}, headers=HTMX)


def address(ticket: Ticket | str, move: Move | None = None) -> str:
    """Where a ticket is, or one of its moves."""
    number = ticket if isinstance(ticket, str) else ticket.number
    return f"/tickets/{number}/{NOUNS[move]}" if move else f"/tickets/{number}"


def offered(page: HttpResponse) -> set[Move]:
    """The moves a ticket's page has buttons for."""
    body = page.content.decode().partition('class="moves"')[2].partition("</section>")[0]
    nouns = set(re.findall(r'href="/tickets/[^/"]+/([a-z-]+)"', body.partition('<div class="panes">')[0]))
    return {move for move, noun in NOUNS.items() if noun in nouns}


def text_of(page: HttpResponse) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", strip_tags(page.content.decode()))


def taken_in(cast: Cast, **changes: Any) -> Ticket:
    """A complaint of yesterday: pages take their time from the clock on the wall, so the ticket does too."""
    now = timezone.now()
    return take_in(cast, **{"received_at": now - timedelta(days=1), "now": now, **changes})


# How far a ticket is when it is moved in, and what is left to do before the move named.
STARTS: dict[Move, tuple[Stage, tuple[Move, ...]]] = {
    Move.ASSESS: (Stage.ASSESSED, ()),
    Move.DISPATCH: (Stage.DISPATCHED, ()),
    Move.INVESTIGATE: (Stage.INVESTIGATING, ()),
    Move.PROPOSE: (Stage.INVESTIGATING, (Move.PROPOSE,)),
    Move.APPROVE: (Stage.INVESTIGATING, (Move.PROPOSE, Move.APPROVE)),
    Move.CARRY_OUT: (Stage.CARRIED_OUT, ()),
    Move.TELL_CUSTOMER: (Stage.TOLD, ()),
    Move.FOLLOW_UP: (Stage.FOLLOWED_UP, ()),
    Move.CLOSE: (Stage.FOLLOWED_UP, (Move.CLOSE,)),
    Move.ARCHIVE: (Stage.FOLLOWED_UP, (Move.CLOSE, Move.ARCHIVE)),
}


def brought_to(cast: Cast, until: Move | None, **changes: Any) -> Ticket:
    """A complaint taken along its way up to and including a move: moved in at a stage, quicker than walking."""
    if until is None:
        return taken_in(cast, **changes)
    stage, left = STARTS[until]
    at_work = {} if stage is Stage.ASSESSED else {"team": "network-3401", "handler": str(cast.handler.pk)}
    ticket = taken_in(cast, carried=CarriedOver(str(stage), **at_work), **changes)
    for move in left:
        ticket = make(cast, ticket, next(step for step in WHOLE_WAY if step[0] is move), timezone.now())
    return ticket


def ahead(hours: float) -> str:
    """A time to come, as a form's field takes it."""
    return timezone.localtime(timezone.now() + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")
