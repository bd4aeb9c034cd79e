"""A ticket as one row of a list: everything the row shows, in a handful of queries for the whole page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from shouwen.desk.clocks import ShownClock, lead_clocks
from shouwen.desk.customers import masked_by_tokens
from shouwen.desk.queues import open_tasks_of
from shouwen.desk.templatetags.desk import in_words
from shouwen.desk.wording import here, language, region_of
from shouwen.editions.edition import Edition
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import Standing, What
from shouwen.handbook.refusals import CategoryUnknown
from shouwen.handbook.words import Words
from shouwen.screens.templatetags.badges import clock_badge
from shouwen.screens.templatetags.spoken import stage_name, standing_name, ticket_type_name
from shouwen.screens.templatetags.times import short_moments
from shouwen.tickets.models import NEVER, Task, Ticket, TicketEvent

IN_A_ROW = (
    "id",
    "number",
    "ticket_type",
    "title",
    "stage",
    "standing",
    "category",
    "priority",
    "region",
    "round",
    "mark",
    "edition",
    "received_at",
    "changed_at",
    "last_seq",
    "replayed_seq",
    "lead_due_at",
    "first_owner",
    "handler",
)
# Beside it, as plain values: a row of the ORM for each of them would take longer than the question.
NAMES = {
    "owner_name": "first_owner__display_name",
    "owner_login": "first_owner__username",
    "handler_name": "handler__display_name",
    "handler_login": "handler__username",
    "team_name": "team__name",
    "team_name_en": "team__name_en",
    "phone_token": "customer__phone_token",
    "name_token": "customer__name_token",
}


class ReadTicket(NamedTuple):
    """A ticket as `read_tickets` reads it: what `for_rows` reads, by the same names."""

    id: UUID
    number: str
    ticket_type: str
    title: str
    stage: str
    standing: str
    category: str
    priority: str
    region: str
    round: int
    mark: str
    edition: str
    received_at: datetime
    changed_at: datetime
    last_seq: int
    replayed_seq: int
    lead_due_at: datetime
    first_owner_id: UUID | None
    handler_id: UUID | None
    owner_name: str | None
    owner_login: str | None
    handler_name: str | None
    handler_login: str | None
    team_name: str | None
    team_name_en: str | None
    phone_token: str | None
    name_token: str | None

    @property
    def pk(self) -> UUID:
        return self.id


# Said once and not composed for every page; a test holds it to what the ORM would ask.
READ = f"""
    SELECT {", ".join(f"t.{name}" for name in IN_A_ROW)},
        o.display_name, o.username, h.display_name, h.username, team.name, team.name_en, c.phone_token, c.name_token
    FROM ticket t
    LEFT JOIN person o ON o.id = t.first_owner LEFT JOIN person h ON h.id = t.handler
    LEFT JOIN team ON team.code = t.team LEFT JOIN customer c ON c.id = t.customer
    WHERE t.id = ANY(%s)
"""  # noqa: S608 - our own names


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a ticket is filed: the category's own name, and those above it."""

    leaf: str
    above: str


@dataclass(frozen=True, slots=True)
class TicketRow:
    """What a list shows of a ticket, in words already (`drawing` makes a row of the page of it)."""

    number: str
    last_seq: int
    title: SafeString
    ticket_type: str
    received_at: datetime
    received: str
    category: Filed
    phone: str
    name: str
    stage: str
    round: int
    standing: str  # "" while it runs
    priority: str
    tone: str  # of the priority
    mark: str
    region: str
    handler: str  # "" for nobody
    place: str  # the team that has it, or the desk
    first_owner: str  # "" where the handler is the first owner too
    badge: SafeString
    clock: str
    due_at: datetime | None
    falls_due_at: datetime | None  # what lists are ordered by
    falls_due: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """What a list shows of a task another team asked for."""

    task: Task
    number: str
    asked: str
    priority: Words


def for_rows(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """The tickets with what their rows need, and nothing more."""
    return tickets.only(*IN_A_ROW).annotate(**{name: F(place) for name, place in NAMES.items()})


def read_tickets(ids: Sequence[UUID]) -> list[ReadTicket]:
    """The tickets of these ids with what their rows need, in no order."""
    with connection.cursor() as cursor:
        cursor.execute(READ, [list(ids)])
        return [ReadTicket(*row) for row in cursor.fetchall()]


def rows_of(tickets: Sequence[Ticket | ReadTicket], at: datetime, *, personal: bool = True) -> list[TicketRow]:
    """The rows of these tickets (`for_rows`), in their order: three queries, however many they are.

    For who sees nothing `personal` they are without their customers.
    """
    if not tickets:
        return []
    masked = masked_by_tokens(token for one in tickets if personal for token in (one.phone_token, one.name_token))  # type: ignore[attr-defined]
    clocks, reader = lead_clocks(tickets, at), _Reader(at)
    return [reader.row(ticket, masked, clocks.get(str(ticket.pk))) for ticket in tickets]


class _Reader:
    """Writes rows for one page: the same few categories, stages and teams stand in fifty, each said once."""

    def __init__(self, at: datetime) -> None:
        self.at, self.language = at, language()
        self.received, self.due = short_moments(at), short_moments(at, weekday=False)
        self.falls_due = pgettext("clock", "due %(at)s")
        self.no_clock, self.at_the_desk = gettext("no clock is running"), gettext("at the desk")
        self.stage, self.standing, self.type = cache(stage_name), cache(standing_name), cache(ticket_type_name)
        self.filed, self.priority, self.mark = cache(self._filed), cache(self._priority), cache(self._mark)
        self.region = cache(self._region)

    def row(self, ticket: Any, masked: Mapping[str, str], clock: ShownClock | None) -> TicketRow:
        priority, tone = self.priority(ticket.edition, ticket.priority)
        owner = (ticket.owner_name or ticket.owner_login) if ticket.first_owner_id != ticket.handler_id else ""
        return TicketRow(
            number=ticket.number,
            last_seq=ticket.last_seq,
            title=in_words(ticket.title or ticket.number),
            ticket_type=self.type(ticket.ticket_type),
            received_at=ticket.received_at,
            received=self.received(ticket.received_at),
            category=self.filed(ticket.edition, ticket.category),
            phone=masked.get(ticket.phone_token, ""),
            name=masked.get(ticket.name_token, ""),
            stage=self.stage(ticket.stage),
            round=ticket.round,
            standing="" if ticket.standing == Standing.RUNNING else self.standing(ticket.standing),
            priority=priority,
            tone=tone,
            mark=self.mark(ticket.edition, ticket.mark) if ticket.mark else "",
            region=self.region(ticket.edition, ticket.region) if ticket.region else "",
            handler=ticket.handler_name or ticket.handler_login or "",
            place=self._team(ticket) or self.at_the_desk,
            first_owner=owner or "",
            badge=clock_badge(clock, now=self.at) if clock else SafeString(""),
            clock=clock.name.spoken(self.language) if clock else self.no_clock,
            due_at=clock.due_at if clock else None,
            falls_due_at=ticket.lead_due_at if ticket.lead_due_at < NEVER else None,
            falls_due=self.falls_due % {"at": self.due(ticket.lead_due_at)} if ticket.lead_due_at < NEVER else "",
        )

    def _team(self, ticket: Any) -> str:
        english = self.language.startswith("en") and ticket.team_name_en
        return english or ticket.team_name or ""

    def _filed(self, edition_id: str, code: str) -> Filed:
        return filed(edition(edition_id), code)

    def _priority(self, edition_id: str, code: str) -> tuple[str, str]:
        rules = edition(edition_id)
        return here(rules.label("priorities", code)), priority_tone(rules, code)

    def _region(self, edition_id: str, code: str) -> str:
        return region_of(edition(edition_id), code)

    def _mark(self, edition_id: str, code: str) -> str:
        return here(edition(edition_id).label("marks", code))


def filed(rules: Edition, code: str) -> Filed:
    """The category in the reader's language; a code the edition does not know says itself."""
    try:
        names = [here(node.words) for node in rules.categories.path(code)]
    except CategoryUnknown:
        return Filed(code, "")
    return Filed(names[-1], " › ".join(names[:-1]))


def priority_tone(rules: Edition, code: str) -> str:
    """The two highest priorities are marked, beside their words."""
    ranked = sorted(rules.priorities.values(), key=lambda priority: priority.hours)
    place = next((place for place, priority in enumerate(ranked) if priority.code == code), len(ranked))
    return (" term-late", " term-press")[place] if place < 2 else ""


def tasks_with_tickets(actor: Actor) -> QuerySet[Task]:
    """The open tasks of the actor's teams, with what their rows need of the tickets."""
    return open_tasks_of(actor).select_related("ticket", "team")


def task_rows(tasks: Sequence[Task]) -> list[TaskRow]:
    """The rows of these tasks, with what was asked: one query."""
    assigned = TicketEvent.objects.filter(ticket_id__in=[task.ticket_id for task in tasks], what=What.TASK_ASSIGNED)
    asked = {
        (ticket_id, facts.get("task")): str(facts.get("asked") or facts.get("work") or "")
        for ticket_id, facts in assigned.values_list("ticket_id", "facts")
    }
    return [
        TaskRow(
            task,
            task.ticket.number,
            asked.get((task.ticket_id, task.task), ""),
            edition(task.ticket.edition).label("priorities", task.ticket.priority),
        )
        for task in tasks
    ]
