"""A ticket as one row of a list: everything the row shows, in a handful of queries for the whole page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from shouwen.desk.clocks import ShownClock, lead_clocks
from shouwen.desk.customers import MaskedCustomer, masked_customers
from shouwen.desk.queues import open_tasks_of
from shouwen.desk.templatetags.desk import in_words, person_mark
from shouwen.desk.wording import here, language
from shouwen.editions.edition import Edition
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import Standing, What
from shouwen.handbook.refusals import CategoryUnknown
from shouwen.handbook.words import Words
from shouwen.people.names import team_words
from shouwen.screens.templatetags.badges import clock_badge
from shouwen.screens.templatetags.spoken import stage_name, standing_name, ticket_type_name
from shouwen.screens.templatetags.times import short_moment
from shouwen.tickets.models import Task, Ticket, TicketEvent

IN_A_ROW = (
    "number",
    "ticket_type",
    "title",
    "customer",
    "stage",
    "standing",
    "category",
    "priority",
    "region",
    "round",
    "mark",
    "edition",
    "is_open",
    "received_at",
    "last_seq",
    "replayed_seq",
    "lead_due_at",
    "first_owner__display_name",
    "first_owner__username",
    "handler__display_name",
    "handler__username",
    "team__name",
    "team__name_en",
    "customer__phone_token",
    "customer__name_token",
)


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a ticket is filed: the category's own name, and those above it."""

    leaf: str
    above: str


@dataclass(frozen=True, slots=True)
class TicketRow:
    """What a list shows of a ticket, in words already: fifty rows of template logic cost more than all the queries."""

    number: str
    url: str
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
    handler: SafeString
    place: str  # the team that has it, or the desk
    first_owner: str  # "" where the handler is the first owner too
    badge: SafeString
    clock: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """What a list shows of a task another team asked for."""

    task: Task
    number: str
    asked: str
    priority: Words


def for_rows(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """The tickets with what their rows need, and nothing more."""
    return tickets.select_related("first_owner", "handler", "team", "customer").only(*IN_A_ROW)


def rows_of(tickets: Sequence[Ticket], at: datetime, *, personal: bool = True) -> list[TicketRow]:
    """The rows of these tickets, in their order: three queries, however many they are.

    For who sees nothing `personal` they are without their customers.
    """
    if not tickets:
        return []
    customers = masked_customers(ticket.customer for ticket in tickets if personal)
    clocks = lead_clocks(tickets, at)
    return [_row(ticket, customers.get(ticket.customer_id), clocks.get(str(ticket.pk)), at) for ticket in tickets]


def _row(ticket: Ticket, customer: MaskedCustomer | None, clock: ShownClock | None, at: datetime) -> TicketRow:
    rules = edition(ticket.edition)
    phone, name = (customer.phone, customer.name) if customer else (None, None)
    owner = ticket.first_owner if ticket.first_owner_id != ticket.handler_id else None
    return TicketRow(
        number=ticket.number,
        url=reverse("desk:ticket", args=[ticket.number]),
        title=in_words(ticket.title or ticket.number),
        ticket_type=ticket_type_name(ticket.ticket_type),
        received_at=ticket.received_at,
        received=short_moment(ticket.received_at, at),
        category=filed(rules, ticket.category),
        phone=phone.shown if phone else "",
        name=name.shown if name else "",
        stage=stage_name(ticket.stage),
        round=ticket.round,
        standing="" if ticket.standing == Standing.RUNNING else standing_name(ticket.standing),
        priority=here(rules.label("priorities", ticket.priority)),
        tone=priority_tone(rules, ticket.priority),
        handler=person_mark(str(ticket.handler or ""), language()),
        place=team_words(ticket.team) if ticket.team else gettext("at the desk"),
        first_owner=str(owner or ""),
        badge=clock_badge(clock, now=at) if clock else SafeString(""),
        clock=here(clock.name) if clock else gettext("no clock is running"),
    )


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
