"""An event and the tickets that come of it: linking, and telling all their customers at once.

What is told to all is one event on the parent. A follower carries it to the children in batches, each committed before
the next so that nobody waits for all of them: for each child one row of history and one message order under a cause of
its own, written in one statement; read again, it finds who has it already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from shouwen.editions.queries import edition
from shouwen.handbook.authority import SYSTEM, Actor
from shouwen.handbook.events import NobodyToTell
from shouwen.handbook.history import Happening, What
from shouwen.handbook.lifecycle import Move, moves_from
from shouwen.handbook.refusals import Refusal
from shouwen.handling.actions import move_locked, move_ticket
from shouwen.handling.orders import in_a_message
from shouwen.notices.actions import ORDERS, order_row
from shouwen.tickets.actions import EVENTS, TOLD_BESIDE, event_row, write
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.news import Follower, News
from shouwen.tickets.queries import NoSuchTicket, history_of, state_of, ticket_for

TEMPLATE = "event_news"
BATCH, CONCLUDED = 500, 50  # children at once; those that are concluded take a move each
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Linked:
    """What became of linking many: how many are linked now, and why the others are not."""

    linked: int
    refused: Sequence[tuple[str, Refusal]]
    unknown: Sequence[str]
    left: Sequence[str]  # beyond what is linked at once


def link_tickets(event: str, numbers: Sequence[str], *, by: Actor, at: datetime) -> Linked:
    """Link each of these tickets to the event, or say why not. Raises NoSuchTicket for the event."""
    event = ticket_for(by, event).number
    linked, refused, unknown = 0, list[tuple[str, Refusal]](), list[str]()
    asked = list(dict.fromkeys(numbers))
    for number in asked[:MOST_AT_ONCE]:
        try:
            move_ticket(number, Move.LINK, by=by, happened_at=at, now=at, facts={"parent": event})
            linked += 1
        except NoSuchTicket:
            unknown.append(number)
        except Refusal as refusal:
            refused.append((number, refusal))
    return Linked(linked, refused, unknown, asked[MOST_AT_ONCE:])


@transaction.atomic
def broadcast(number: str, text: str, *, concludes: bool, by: Actor, at: datetime, form: str) -> Ticket:
    """Tell the customers of all open tickets of an event. `form` names the sending: sent twice, it counts once.

    Raises NoSuchTicket, NobodyToTell, or a `Refusal` of the handbook.
    """
    ticket = Ticket.objects.select_for_update().get(pk=ticket_for(by, number).pk)
    if any(row.facts.get("form") == form for row in history_of(ticket.pk)):
        return ticket
    if not children_of(ticket.number).filter(is_open=True).exists():
        raise NobodyToTell()
    facts = {"text": text, "form": form, **({"concludes": True} if concludes else {})}
    return move_locked(ticket, Move.BROADCAST, by=by, happened_at=at, now=at, facts=facts)


def children_of(number: str) -> Any:
    """The tickets linked to this one."""
    return Ticket.objects.filter(parent=number).exclude(parent="")


def tell_children(news: Sequence[News], at: datetime) -> bool:
    """Carry what was told to all to the next children; those that have it already are passed over (T4.3).

    True until there are none: then the others are carried to after this batch is committed.
    """
    for item in news:
        event = Ticket.objects.get(pk=item.ticket_id)
        name, concludes = f"{event.number}/{item.seq}", bool(item.facts.get("concludes"))
        if batch := _untold(event.number, name, CONCLUDED if concludes else BATCH):
            _tell(batch, name, item, at)
            if concludes:
                _conclude([child.pk for child in batch], name, item, at)
            return True
    return False


def _untold(number: str, name: str, most: int) -> list[Ticket]:
    told = TicketEvent.objects.filter(ticket=OuterRef("pk"), what=What.EVENT_TOLD, facts__broadcast=name)
    rows = children_of(number).filter(~Exists(told), is_open=True)
    return list(rows.select_for_update(of=("self",)).order_by("pk")[:most])


def _tell(children: Sequence[Ticket], name: str, item: News, at: datetime) -> None:
    """One statement for the whole batch: history, the tickets' last events, message orders."""
    text = str(item.facts.get("text", ""))
    facts = {"broadcast": name, "text": text}
    events, lasts, orders = [], [], []
    for child in children:
        pk, seq = str(child.pk), child.last_seq + 1
        events.append(event_row(pk, seq, What.EVENT_TOLD, at, SYSTEM.ref, "event", facts))
        lasts.append({"ticket_id": pk, "last_seq": seq})
        rules = edition(child.edition)
        if TEMPLATE in rules.templates and child.customer_id is not None:
            orders.append(
                order_row(
                    cause=f"{pk}/{name}/{TEMPLATE}",
                    ticket_id=pk,
                    recipient=f"customer:{child.customer_id}",
                    channel=rules.templates[TEMPLATE].channel,
                    template=TEMPLATE,
                    edition=rules.id,
                    params={"number": child.number, "text": in_a_message(text)},
                )
            )
    write([(EVENTS, events), (TOLD_BESIDE, lasts), (ORDERS, orders)])


def _conclude(children: Sequence[Any], name: str, item: News, at: datetime) -> None:
    """Where the work is done, having been told closes the loop; elsewhere it goes on (H5.1.3)."""
    for child in Ticket.objects.filter(pk__in=children).select_for_update().order_by("pk"):
        state = state_of(child)
        if Move.TELL_CUSTOMER not in moves_from(state, edition(child.edition).path(state.ticket_type)):
            continue
        facts = {"via": "online", "text": str(item.facts.get("text", "")), "proof": name}
        try:
            with transaction.atomic():
                move_locked(child, Move.TELL_CUSTOMER, by=SYSTEM, happened_at=at, now=at, facts=facts, source="event")
        except Refusal:  # another rule of its edition stands in the way: people will see to it
            continue


def news_of(history: Sequence[Happening]) -> list[Happening]:
    """What a ticket's customer was told of its event, the latest first."""
    return [row for row in reversed(history) if row.what is What.EVENT_TOLD]


FOLLOWERS = (Follower("events.tell_children", frozenset({What.BROADCAST}), tell_children),)
