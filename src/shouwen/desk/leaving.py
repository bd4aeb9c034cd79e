"""What still hangs on somebody who leaves, and handing all of it on: through handling, ticket by ticket."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from shouwen.desk.basis import AS_TALKED
from shouwen.escalations.actions import record_talk
from shouwen.escalations.models import OverdueReport
from shouwen.handbook.authority import SYSTEM
from shouwen.handbook.moves import Move
from shouwen.handbook.refusals import Refusal
from shouwen.handling.actions import move_ticket
from shouwen.people.models import Person
from shouwen.screens.templatetags.spoken import refusal_text
from shouwen.surveys.calling import calls_of, hand_calls_on
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import NoSuchTicket, history_of

AT_ONCE = 200  # tickets in one go: some seconds
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Hanging:
    """The open tickets somebody owns and those in their hands, the calls and measures that wait for them.

    How many, and the first numbers of the tickets.
    """

    owned: int
    in_hand: int
    numbers: list[str]
    calls: int = 0
    measures: int = 0

    def __bool__(self) -> bool:
        return bool(self.owned or self.in_hand or self.calls or self.measures)


@dataclass(slots=True)
class Handed:
    """What became of them: how many were handed on, which refused and why, how many are left for another go."""

    done: int = 0
    calls: int = 0
    left: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def hanging_on(person: Person) -> Hanging:
    """What would be left behind."""
    owned, in_hand = owned_by(person), in_hands_of(person)
    either = Q(first_owner=person.pk) | Q(handler=person.pk)
    numbers = Ticket.objects.filter(either, is_open=True).order_by("lead_due_at", "id").values_list("number", flat=True)
    calls, measures = calls_of(person.pk).count(), measures_of(person).count()
    return Hanging(owned.count(), in_hand.count(), list(numbers[:SHOWN]), calls, measures)


def owned_by(person: Person) -> QuerySet[Ticket]:
    return Ticket.objects.filter(is_open=True, first_owner=person.pk)


def in_hands_of(person: Person) -> QuerySet[Ticket]:
    return Ticket.objects.filter(is_open=True, handler=person.pk)


def measures_of(person: Person) -> QuerySet[OverdueReport]:
    """What somebody is to see to after overruns, and nobody has looked into yet."""
    return OverdueReport.objects.filter(measure=OverdueReport.OPEN, measure_owner=person.pk)


def hand_all_over(
    person: Person,
    *,
    owner: Person | None,
    handler: Person | None,
    measures: Person | None = None,
    by: Person,
    at: datetime,
) -> Handed:
    """First ownership and calls go to `owner`, work in hand to `handler`, what was agreed after overruns to `measures`.

    Each where one is named. The history names `by`.

    An administrator handles no case, so it is the desk itself that makes the moves.
    """
    reason, handed = _reason(person, by), Handed()
    if owner:
        _each(owned_by(person), Move.HAND_OVER, {"first_owner": str(owner.pk), "reason": reason}, at, handed)
        handed.calls = hand_calls_on(person.pk, owner.pk)
    if handler:
        _each(in_hands_of(person), Move.ASSIGN, {"handler": str(handler.pk), "reason": reason}, at, handed)
    if measures:
        _measures(person, measures, reason, at, handed)
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


def _measures(person: Person, to: Person, reason: str, at: datetime, handed: Handed) -> None:
    """Talks are never changed: each is recorded again with whoever sees to its measure now, and why."""
    found = list(measures_of(person).select_related("ticket").order_by("measure_due_on", "id")[: AT_ONCE + 1])
    handed.left += max(len(found) - AT_ONCE, 0)
    for report in found[:AT_ONCE]:
        number = report.ticket.number
        try:
            record_talk(number, _talked_again(report, to, reason), by=SYSTEM, happened_at=at, now=at)
            handed.done += 1
        except Refusal as refusal:
            handed.refused.append((number, refusal_text(refusal)))


def _talked_again(report: OverdueReport, to: Person, reason: str) -> dict[str, str]:
    before = next(row.facts for row in history_of(report.ticket_id) if row.seq == report.talk_seq)
    facts = {name: str(before[name]) for name in ("overrun", *AS_TALKED) if before.get(name)}
    said = "\n".join(filter(None, (facts.get("said"), reason)))
    return facts | {"said": said, "measure_owner": str(to.pk)}


def _reason(person: Person, by: Person) -> str:
    """In the carrier's language: it stays in the history."""
    with override(settings.LANGUAGE_CODE):
        return _("%(person)s leaves or is away; ordered by %(by)s") % {"person": person, "by": by}
