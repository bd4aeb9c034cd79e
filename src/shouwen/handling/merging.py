"""What happens to another ticket with a move: it takes a matter over or gives it back, comes of it, or gathers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from shouwen.editions.edition import Edition
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.events import NoSuchEvent
from shouwen.handbook.history import What, fold
from shouwen.handbook.lifecycle import Change, Move
from shouwen.handbook.merging import NoSuchLead, merged_into, releasing
from shouwen.handling.accepting import accept
from shouwen.handling.drafts import Accepted, Draft
from shouwen.handling.joining import taken_over
from shouwen.handling.moving import Moving
from shouwen.handling.recording import record
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import NoSuchTicket, history_of, state_of, ticket_for
from shouwen.vault.queries import values_of


def other_side(ticket: Ticket, move: Move, facts: Mapping[str, Any], by: Actor) -> UUID | None:
    """The ticket that changes together with this one, if one does. Raises NoSuchLead."""
    if move is Move.MERGE:
        into = str(facts.get("into") or "-")
        try:
            return ticket_for(by, into).pk
        except NoSuchTicket:
            raise NoSuchLead(into=into) from None
    if move is Move.UNMERGE:
        leading = Ticket.objects.filter(number=merged_into(history_of(ticket.pk)))
        return leading.values_list("pk", flat=True).first()
    if move is Move.LINK:
        event = str(facts.get("parent") or "-")
        try:
            return ticket_for(by, event).pk
        except NoSuchTicket:
            raise NoSuchEvent(event=event) from None
    if move is Move.UNLINK:
        return Ticket.objects.filter(number=ticket.parent or "-").values_list("pk", flat=True).first()
    return None


def _absorb(moving: Moving, change: Change) -> Change:
    """The leading ticket takes the matter over."""
    leading, _ = _other(moving)
    _record(moving, change, What.ABSORBED, taken_over(moving, leading, state_of(leading)))
    return change


def _release(moving: Moving, change: Change) -> Change:
    """It gives the matter back."""
    leading, _ = _other(moving)
    _record(moving, change, What.RELEASED, releasing(history_of(leading.pk), moving.ticket.number))
    return change


def _split_off(moving: Moving, change: Change) -> Change:
    """The other matter is taken in, received when its origin was: nothing is gained by splitting."""
    [answer] = accept([_part_of(moving)], now=moving.now)
    if not isinstance(answer, Accepted):
        raise TypeError(answer)  # its key is the event's own
    return replace(change, facts={**change.facts, "split_off": answer.number})


def _join(moving: Moving, change: Change) -> Change:
    """The event has one ticket more."""
    event, _ = _other(moving)
    _record(moving, change, What.CHILD_LINKED, {"child": moving.ticket.number, "children": event.children + 1})
    return change


def _leave(moving: Moving, change: Change) -> Change:
    """And one less."""
    if moving.other is not None:
        children = max(moving.other.children - 1, 0)
        _record(moving, change, What.CHILD_UNLINKED, {"child": moving.ticket.number, "children": children})
    return change


BESIDE: dict[Move, Callable[[Moving, Change], Change]] = {
    Move.MERGE: _absorb,
    Move.UNMERGE: _release,
    Move.SPLIT: _split_off,
    Move.LINK: _join,
    Move.UNLINK: _leave,
}


def _other(moving: Moving) -> tuple[Ticket, Edition]:
    if moving.other is None:
        raise NoSuchLead(into="-")
    return moving.other, edition(moving.other.edition)


def _record(moving: Moving, change: Change, what: What, facts: Mapping[str, Any]) -> None:
    other, rules = _other(moving)
    theirs = Change(what, change.happened_at, facts, fold(state_of(other), facts))
    record(other, history_of(other.pk), [theirs], rules=rules, by=moving.by, source=moving.source, now=moving.now)


def _part_of(moving: Moving) -> Draft:
    ticket, state, contact = moving.ticket, moving.state, moving.history[0].facts.get("contact") or {}
    values = values_of(contact.values())
    said = {kind: values.get(token) or "" for kind, token in contact.items()}
    return Draft(
        key=("split", f"{ticket.pk}/{ticket.last_seq + 1}"),
        text=str(moving.facts["text"]),
        category=str(moving.facts["other_category"]),
        received_at=ticket.received_at,
        channel=state.channel,
        ticket_type=state.ticket_type,
        region=state.region,
        customer_level=state.customer_level,
        by=moving.by,
        source=moving.source,
        first_owner=state.first_owner,
        customer=ticket.customer_id,
        split_from=ticket.number,
        **said,
    )
