"""An event and its tickets as the desk shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from shouwen.handbook.authority import Actor
from shouwen.handbook.history import Happening, Stage
from shouwen.handling.events import children_of, news_of
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import visible_to

MOST_SUGGESTED = 50


@dataclass(frozen=True, slots=True)
class EventShown:
    """What a ticket's page says of events: the one it comes of (None out of sight), or how many come of it."""

    parent: str
    event: Ticket | None
    children: int
    news: Sequence[Happening]


def event_shown(ticket: Ticket, history: Sequence[Happening], actor: Actor) -> EventShown | None:
    """None for a ticket that has nothing to do with any; one question for one that is linked."""
    if not ticket.parent and not ticket.children:
        return None
    event = visible_to(actor).filter(number=ticket.parent).first() if ticket.parent else None
    return EventShown(ticket.parent, event, ticket.children, news_of(history))


def events_going_on(actor: Actor) -> QuerySet[Ticket]:
    """The open events an actor may see, the latest first."""
    going_on = visible_to(actor).filter(is_open=True, children__gt=0)
    return going_on.only("number", "title", "stage", "received_at", "children").order_by("-received_at")[
        :MOST_SUGGESTED
    ]


def children_seen(number: str, actor: Actor) -> QuerySet[Ticket]:
    """Those of an event's tickets that the actor may see."""
    return visible_to(actor).filter(parent=number).exclude(parent="")


def stages_of(number: str) -> list[tuple[str, int]]:
    """How far the tickets of an event are, in the order of the way."""
    counted = dict(children_of(number).values_list("stage").annotate(Count("id")).order_by())
    return [(stage.value, counted[stage.value]) for stage in Stage if stage.value in counted]
