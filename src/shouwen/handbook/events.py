"""One event that many tickets come of: a fault that cuts off a street, a mistake on a thousand bills (H2.1.1b, T4.3).

Each ticket keeps its customer, its clocks and its own answer; what is the same for all is found out and told once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shouwen.handbook.history import Happening, TicketState, What
from shouwen.handbook.lifecycle import OPEN
from shouwen.handbook.refusals import Refusal, gettext_noop


class EventRefused(Refusal):
    clause = "T4.3"


class NoSuchEvent(EventRefused):
    says = gettext_noop("There is no ticket {event} that you may see.")


class EventOfItself(EventRefused):
    says = gettext_noop("A ticket is not linked to itself.")


class LinkedAlready(EventRefused):
    says = gettext_noop("This ticket belongs to event {event} already: unlink it first.")


class EventBelongsToEvent(EventRefused):
    says = gettext_noop("{event} belongs to event {other} itself: link this ticket to that one.")


class IsAnEventItself(EventRefused):
    says = gettext_noop("Other tickets are linked to this one: unlink them first, or link the other way round.")


class EventIsOver(EventRefused):
    says = gettext_noop("Event {event} is finished: have it taken up again first.")


class NotLinked(EventRefused):
    says = gettext_noop("This ticket belongs to no event.")


class NobodyToTell(EventRefused):
    says = gettext_noop("No open ticket is linked to this event: link those it concerns first.")


def check_link(child: TicketState, event: TicketState) -> None:
    """Raises an EventRefused unless `child` may be linked to `event`."""
    if child.number == event.number:
        raise EventOfItself()
    if child.parent:
        raise LinkedAlready(event=child.parent)
    if event.parent:
        raise EventBelongsToEvent(event=event.number, other=event.parent)
    if child.children:
        raise IsAnEventItself()
    if event.stage not in OPEN:
        raise EventIsOver(event=event.number)


def check_unlink(child: TicketState) -> None:
    """Raises NotLinked for a ticket of its own."""
    if not child.parent:
        raise NotLinked()


@dataclass(frozen=True, slots=True)
class Broadcast:
    """What all customers of an event were told at once."""

    seq: int
    at: datetime
    by: str
    text: str
    concludes: bool


def broadcasts_of(history: Iterable[Happening]) -> list[Broadcast]:
    """What was told to all, the latest first."""
    found = [
        Broadcast(row.seq, row.happened_at, row.by, str(row.facts.get("text", "")), bool(row.facts.get("concludes")))
        for row in history
        if row.what is What.BROADCAST
    ]
    return found[::-1]
