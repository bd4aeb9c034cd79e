"""The calls back: planned once a customer has been told, shared out among agents, made, and told to the ticket."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from shouwen.customers.queries import wishes_of
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.calling import Called, Calls, next_call
from shouwen.handbook.history import Happening, Stage, What
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.quiet import QuietHours, allowed_from
from shouwen.handbook.refusals import NotTheirCall, Refusal
from shouwen.handbook.satisfaction import is_below
from shouwen.handling.actions import move_locked
from shouwen.handling.owners import first_owners
from shouwen.notices.actions import order_messages, order_row
from shouwen.notices.peace import hours_of
from shouwen.people.queries import on_duty
from shouwen.surveys.actions import take_rating
from shouwen.surveys.models import CallAttempt, Callback
from shouwen.surveys.queries import Rating, answered
from shouwen.tickets.models import Ticket
from shouwen.tickets.news import News
from shouwen.tickets.queries import history_of, locked, state_of, visible_to

NOTICE = "callback_assigned"
IN_VAIN = "{calls} 次致电未接通 / called {calls} times in vain"
NOT_WANTED = "客户不愿接受回访 / the customer did not want to be asked"
DONE = frozenset({Stage.FOLLOWED_UP, Stage.CLOSED, Stage.ARCHIVED})
ENDS = frozenset(
    {What.FOLLOWED_UP, What.REOPENED, What.CLOSED, What.ARCHIVED, What.WITHDRAWN, What.CANCELLED, What.MERGED}
)


@dataclass(frozen=True, slots=True)
class Call:
    """How a call went, as its caller writes it down. `satisfied` is asked where the customer had rated already."""

    went: Called
    outcome: str = ""
    rating: Rating | None = None
    satisfied: bool | None = None


def plan_calls(news: Sequence[News], at: datetime) -> None:
    """Whoever is to be called by a person is given to an agent, once in a round (S4.2b)."""
    told = {item.ticket_id: item for item in news}
    known = set(Callback.objects.filter(ticket_id__in=told).values_list("ticket_id", "round"))
    for ticket in Ticket.objects.filter(pk__in=told, stage=Stage.TOLD, is_history=False).order_by("pk"):
        calls = edition(ticket.edition).telling.calls
        if calls and (ticket.pk, ticket.round) not in known and calls.due_for(state_of(ticket)):
            _plan(ticket, calls, told[str(ticket.pk)].happened_at, at)


def end_calls(news: Sequence[News], at: datetime) -> None:
    """What has gone on without a call needs none any more."""
    planned = Callback.objects.filter(ticket_id__in={item.ticket_id for item in news}, state=Callback.PLANNED)
    tickets = Ticket.objects.in_bulk([one.ticket_id for one in planned])
    for one in planned:
        ticket = tickets.get(one.ticket_id)
        if ticket is None or ticket.round != one.round or ticket.stage != Stage.TOLD:
            same = ticket is not None and ticket.round == one.round and ticket.stage in DONE
            state = Called.REACHED if same else Callback.DROPPED
            Callback.objects.filter(pk=one.pk, state=Callback.PLANNED).update(state=state, ended_at=at)


@transaction.atomic
def make_call(callback_id: UUID, call: Call, *, by: Actor, at: datetime) -> Refusal | None:
    """Write a call down: the rating, and the follow-up of the ticket once nobody is called any more.

    Returns why the ticket could not be followed up yet, if it could not (whoever reported it has not been told); the
    call stays written down. Raises NotTheirCall, or AlreadyAnswered.
    """
    callback = Callback.objects.select_for_update().get(pk=callback_id)
    ticket = locked(callback.ticket_id)
    calls = edition(ticket.edition).telling.calls
    if callback.state != Callback.PLANNED or ticket.round != callback.round or calls is None:
        raise NotTheirCall
    if call.rating:
        take_rating(ticket.pk, call.rating, by=by, at=at, source="callback", form=f"callback:{callback.pk}")
    _count(callback, call, calls, hours_for(ticket), by, at)
    if callback.state == Callback.PLANNED:
        return None
    return _follow_up(locked(ticket.pk), callback, call, by, at)


def take_over(callback_id: UUID, *, by: Actor) -> None:
    """The call is the actor's from now on."""
    Callback.objects.filter(pk=callback_id, state=Callback.PLANNED).update(agent=by.id)


def calls_of(person_id: UUID) -> QuerySet[Callback]:
    """The calls one person is still to make."""
    return Callback.objects.filter(agent=person_id, state=Callback.PLANNED)


@transaction.atomic
def hand_calls_on(person_id: UUID, to: UUID) -> int:
    """What one person was still to call another calls from now on, who is told; how many calls."""
    planned = list(calls_of(person_id).select_for_update().order_by("pk"))
    calls_of(person_id).filter(pk__in=[one.pk for one in planned]).update(agent=to)
    tickets = Ticket.objects.in_bulk([one.ticket_id for one in planned])
    known = ((tickets[one.ticket_id], one) for one in planned if one.ticket_id in tickets)
    told = ((ticket, one) for ticket, one in known if NOTICE in edition(ticket.edition).templates)
    order_messages([_notice(ticket, one, str(to), cause=f"{one.pk}/{NOTICE}/{to}") for ticket, one in told])
    return len(planned)


def calls_themselves(actor: Actor) -> bool:
    """True for whose calls to make are their own; a supervisor who is no agent looks after everybody's."""
    return "agent" in actor.roles


def calls_due(actor: Actor, at: datetime) -> QuerySet[Callback]:
    """The calls this person is to see to now."""
    return planned_for(actor, mine=calls_themselves(actor)).filter(next_at__lte=at)


def planned_for(actor: Actor, *, mine: bool) -> QuerySet[Callback]:
    """The calls to be made on tickets the actor may see, or only their own, the earliest first."""
    planned = Callback.objects.filter(state=Callback.PLANNED).select_related("agent")
    if mine:
        return planned.filter(agent=actor.id)
    return planned.filter(ticket_id__in=visible_to(actor).values("pk"))


def hours_for(ticket: Ticket) -> list[QuietHours]:
    """When the ticket's customer is left in peace."""
    customer = str(ticket.customer_id)
    return hours_of(edition(ticket.edition).telling, wishes_of([customer]).get(customer))


def satisfied_by(call: Call) -> bool | None:
    """Whether the customer is satisfied, as far as the call told."""
    if call.rating is None:
        return call.satisfied
    return not is_below(call.rating.score) and not call.rating.again


def rated_in_round(ticket: Ticket) -> Happening | None:
    """What the customer has said of this round before anybody called."""
    return answered(history_of(ticket.pk))


def _plan(ticket: Ticket, calls: Calls, told_at: datetime, at: datetime) -> None:
    agent = _agent_for(ticket, at)
    callback = Callback.objects.create(
        ticket_id=ticket.pk,
        round=ticket.round,
        agent_id=agent,
        due_at=told_at + calls.within,
        next_at=allowed_from(max(told_at, at), *hours_for(ticket)),
        made_at=at,
    )
    if agent and NOTICE in edition(ticket.edition).templates:
        order_messages([_notice(ticket, callback, agent)])


def _notice(ticket: Ticket, callback: Callback, agent: str, *, cause: str = "") -> dict[str, Any]:
    return order_row(
        cause=cause or f"{ticket.pk}/{ticket.round}/{NOTICE}",
        ticket_id=str(ticket.pk),
        recipient=f"person:{agent}",
        channel="desk",
        template=NOTICE,
        edition=ticket.edition,
        params={"number": ticket.number, "due_at": callback.due_at.isoformat(), "callback": str(callback.pk)},
    )


def _agent_for(ticket: Ticket, at: datetime) -> str | None:
    """The first owner, who sees it through (T1.3); where they are away, the agent of the region with the least."""
    owner = ticket.first_owner_id
    if owner and on_duty("agent", at).filter(pk=owner).exists():
        return str(owner)
    return first_owners(at).next_for(ticket.region)


def _count(callback: Callback, call: Call, calls: Calls, hours: Iterable[QuietHours], by: Actor, at: datetime) -> None:
    callback.attempts += 1
    goes_on = call.went is Called.NOT_REACHED and callback.attempts < calls.attempts
    if goes_on:
        callback.next_at = next_call(at, calls, *hours)
    else:
        callback.state, callback.ended_at = str(call.went), at
    callback.save()
    CallAttempt.objects.create(
        callback=callback, called_at=at, by=by.ref, went=call.went, next_at=callback.next_at if goes_on else None
    )


def _follow_up(ticket: Ticket, callback: Callback, call: Call, by: Actor, at: datetime) -> Refusal | None:
    facts: dict[str, Any] = {"via": "phone", "called": str(call.went), "outcome": _outcome(callback, call)}
    if call.went is Called.NOT_REACHED:
        facts["calls"] = callback.attempts
    satisfied = satisfied_by(call)
    if call.went is Called.REACHED and satisfied is not None:
        facts["satisfied"] = satisfied
    try:
        with transaction.atomic():
            move_locked(ticket, Move.FOLLOW_UP, by=by, happened_at=at, now=at, facts=facts, source="callback")
    except Refusal as refusal:
        return refusal
    return None


def _outcome(callback: Callback, call: Call) -> str:
    said = {Called.NOT_REACHED: IN_VAIN.format(calls=callback.attempts), Called.REFUSED: NOT_WANTED}
    return call.outcome.strip() or said.get(call.went, "") or (call.rating.words if call.rating else "") or "—"
