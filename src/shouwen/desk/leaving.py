"""What still hangs on somebody who leaves, and handing all of it on: through handling, ticket by ticket."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from shouwen.handbook.authority import SYSTEM
from shouwen.handbook.moves import Move
from shouwen.handbook.refusals import Refusal
from shouwen.handling.actions import move_ticket
from shouwen.people.models import Person
from shouwen.screens.templatetags.spoken import refusal_text
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import NoSuchTicket

AT_ONCE = 200  # tickets in one go: some seconds
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Hanging:
    """The open tickets somebody owns and those in their hands: how many, and the first numbers."""

    owned: int
    in_hand: int
    numbers: list[str]

    def __bool__(self) -> bool:
        return bool(self.owned or self.in_hand)


@dataclass(slots=True)
class Handed:
    """What became of them: how many were handed on, which refused and why, how many are left for another go."""

    done: int = 0
    left: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def hanging_on(person: Person) -> Hanging:
    """What would be left behind."""
    owned, in_hand = owned_by(person), in_hands_of(person)
    either = Q(first_owner=person.pk) | Q(handler=person.pk)
    numbers = Ticket.objects.filter(either, is_open=True).order_by("lead_due_at", "id").values_list("number", flat=True)
    return Hanging(owned.count(), in_hand.count(), list(numbers[:SHOWN]))


def owned_by(person: Person) -> QuerySet[Ticket]:
    return Ticket.objects.filter(is_open=True, first_owner=person.pk)


def in_hands_of(person: Person) -> QuerySet[Ticket]:
    return Ticket.objects.filter(is_open=True, handler=person.pk)


def hand_all_over(person: Person, *, owner: Person | None, handler: Person | None, by: Person, at: datetime) -> Handed:
    """First ownership goes to `owner`, work in hand to `handler`; each where one is named. The history names `by`.

    An administrator handles no case, so it is the desk itself that makes the moves.
    """
    reason, handed = _reason(person, by), Handed()
    if owner:
        _each(owned_by(person), Move.HAND_OVER, {"first_owner": str(owner.pk), "reason": reason}, at, handed)
    if handler:
        _each(in_hands_of(person), Move.ASSIGN, {"handler": str(handler.pk), "reason": reason}, at, handed)
    return handed


def _each(tickets: QuerySet[Ticket], move: Move, facts: dict[str, str], at: datetime, handed: Handed) -> None:
    numbers = list(tickets.order_by("lead_due_at", "id").values_list("number", flat=True)[: AT_ONCE + 1])
    handed.left += max(len(numbers) - AT_ONCE, 0)
    for number in numbers[:AT_ONCE]:
        try:
            move_ticket(number, move, by=SYSTEM, happened_at=at, now=at, facts=facts, source="administration")
            handed.done += 1
        except Refusal as refusal:
            handed.refused.append((number, refusal_text(refusal)))
        except NoSuchTicket:
            continue


def _reason(person: Person, by: Person) -> str:
    """In the carrier's language: it stays in the history."""
    with override(settings.LANGUAGE_CODE):
        return _("%(person)s leaves or is away; ordered by %(by)s") % {"person": person, "by": by}
