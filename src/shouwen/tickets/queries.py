"""Questions about tickets. `visible_to` is the one door: nobody sees a ticket but through it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

import psycopg
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Count, Lookup, Q, QuerySet, UUIDField

from shouwen.handbook.authority import SIGHTS_OF_TICKETS, Actor, Sight
from shouwen.handbook.history import Happening, TicketState, What, fold
from shouwen.handbook.numbers import normalise_number
from shouwen.people.queries import EVERYWHERE
from shouwen.tickets.models import FROM_ELSEWHERE, Task, Ticket, TicketEvent

_STATE = [field.name for field in fields(TicketState)]


class NoSuchTicket(LookupError):
    """No such ticket, or none this actor may see: from outside the two look the same."""


def visible_to(actor: Actor) -> QuerySet[Ticket]:
    """The tickets an actor may see: their own, those of whom they stand in for, and what their sights show them.

    A ticket without a region is seen by everybody who sees one, so that it is not lost.
    """
    if actor.kind == "system":
        return Ticket.objects.all()
    if actor.kind == "customer" and actor.id:
        return Ticket.objects.filter(customer=actor.id)
    if not sees_tickets(actor):
        return Ticket.objects.none()
    seen = Q(first_owner=actor.id) | Q(handler=actor.id)
    if actor.stands_in_for:
        seen |= Q(first_owner__in=actor.stands_in_for) | Q(handler__in=actor.stands_in_for)
    if actor.teams and Sight.TEAMS in actor.sights:
        seen |= Q(team__in=actor.teams) | Q(lead_team__in=actor.teams)
        # As an array, not a subquery, so that each alternative of the question is left to an index.
        seen |= Q(pk__among=ArraySubquery(Task.objects.filter(team__in=actor.teams).values("ticket_id")))
    if Sight.REGIONS in actor.sights:
        if EVERYWHERE in actor.regions:
            return Ticket.objects.all()
        seen |= _in_regions(actor)
    if Sight.FINISHED in actor.sights:
        seen |= Q(is_open=False) & _in_regions(actor)
    if Sight.CUSTOMER_LEVELS in actor.sights:
        seen |= Q(customer_level__in=actor.customer_levels) & _in_regions(actor)
    return Ticket.objects.filter(seen)


def of_origin(number: str) -> QuerySet[TicketEvent]:
    """How those were taken in that had this number in another system."""
    return TicketEvent.objects.filter(FROM_ELSEWHERE, facts__origin=number)


def sees_tickets(actor: Actor) -> bool:
    """True for people who have a sight of tickets: their own at the least."""
    return actor.kind == "person" and bool(actor.sights & SIGHTS_OF_TICKETS)


def sees_hands_only(actor: Actor) -> bool:
    """True for who sees nothing but what is in their own and their teams' hands: few tickets, found by indexes."""
    return not actor.sights & {Sight.REGIONS, Sight.FINISHED, Sight.CUSTOMER_LEVELS}


def _in_regions(actor: Actor) -> Q:
    """In the regions the actor answers for; nothing for who answers for none."""
    if not actor.regions:
        return Q(pk__in=[])
    within = Q() if EVERYWHERE in actor.regions else Q(region="")
    for prefix in actor.regions - {EVERYWHERE} if within else ():
        within |= Q(region__startswith=prefix)
    return within


@UUIDField.register_lookup
class _Among(Lookup):
    """True for what is in an array."""

    lookup_name = "among"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        (one, its), (array, values) = self.process_lhs(compiler, connection), self.process_rhs(compiler, connection)
        return f"{one} = ANY({array})", [*its, *values]


def ticket_for(actor: Actor, number: str) -> Ticket:
    """The ticket of this number, if the actor may see it. Raises NoSuchTicket."""
    canonical = normalise_number(number)
    ticket = visible_to(actor).filter(number=canonical).select_related("handler", "team", "first_owner").first()
    if ticket is None:
        raise NoSuchTicket(number)
    return ticket


def open_tickets_of(people: Sequence[str], post: str) -> dict[str, int]:
    """How many open tickets each of these people has as `post`: as "handler" or as "first_owner"."""
    tickets = Ticket.objects.filter(**{"is_open": True, f"{post}__in": people})
    counted = dict(tickets.values_list(post).annotate(Count("id")))
    return {person: counted.get(UUID(person), 0) for person in people}


def locked(ticket_id: UUID | str) -> Ticket:
    """The ticket row, locked until the transaction ends. Raises NoSuchTicket."""
    ticket = Ticket.objects.select_for_update().filter(pk=ticket_id).first()
    if ticket is None:
        raise NoSuchTicket(str(ticket_id))
    return ticket


def locked_together(ticket_ids: Iterable[UUID]) -> dict[UUID, Ticket]:
    """These tickets, locked in an order of their own, so that of two who want both one waits for the other."""
    return {
        ticket.pk: ticket
        for ticket in Ticket.objects.select_for_update().filter(pk__in=list(ticket_ids)).order_by("pk")
    }


HISTORIES = """
    SELECT ticket_id::text, seq, what, happened_at, facts, actor, recorded_at FROM ticket_event
    WHERE ticket_id = ANY(%s::uuid[]) ORDER BY ticket_id, seq
"""
_WHATS = {what.value: what for what in What}


def history_of(ticket_id: UUID | str) -> list[Happening]:
    """A ticket's history, in the order it was recorded."""
    return [happening(event) for event in TicketEvent.objects.filter(ticket_id=ticket_id).order_by("seq")]


def histories_of(ticket_ids: Sequence[UUID | str]) -> dict[str, list[Happening]]:
    """The histories of many tickets, by ticket id: one query."""
    histories: dict[str, list[Happening]] = {str(pk): [] for pk in ticket_ids}
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(HISTORIES, [list(histories)], binary=True)  # rows of the ORM take three times as long
        for ticket_id, seq, what, *rest in cursor:
            histories[ticket_id].append(Happening(seq, _WHATS[what], *rest))
    return histories


def happening(event: TicketEvent) -> Happening:
    """A history row as the handbook reads it."""
    return Happening(event.seq, What(event.what), event.happened_at, event.facts, event.actor, event.recorded_at)


def state_of(ticket: Ticket) -> TicketState:
    """The state the row shows (a projection; the history decides)."""
    return fold(TicketState(), columns_of(ticket))


def columns_of(ticket: Ticket) -> dict[str, Any]:
    """The columns that are the state, as they stand in the row, whatever somebody has put there."""
    return {name: _plain(ticket, name) for name in _STATE}


def _plain(ticket: Ticket, name: str) -> Any:
    value = getattr(ticket, Ticket._meta.get_field(name).attname)
    return str(value) if isinstance(value, UUID) else value
