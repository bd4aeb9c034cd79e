"""A ticket as one row of a list: everything the row shows, in a handful of queries for the whole page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import get_language

from shouwen.desk.clocks import ShownClock, lead_clocks
from shouwen.desk.customers import MaskedCustomer, masked_customers
from shouwen.desk.queues import open_tasks_of
from shouwen.editions.edition import Edition
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import What
from shouwen.handbook.refusals import CategoryUnknown
from shouwen.handbook.words import Words
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
    """What a list shows of a ticket."""

    ticket: Ticket
    category: Filed
    priority: Words
    tone: str  # of the priority
    customer: MaskedCustomer | None
    clock: ShownClock | None


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


def rows_of(tickets: Sequence[Ticket], at: datetime) -> list[TicketRow]:
    """The rows of these tickets, in their order: three queries, however many they are."""
    if not tickets:
        return []
    customers = masked_customers(ticket.customer for ticket in tickets)
    clocks = lead_clocks(tickets, at)
    return [
        TicketRow(
            ticket,
            filed(edition(ticket.edition), ticket.category),
            edition(ticket.edition).label("priorities", ticket.priority),
            priority_tone(edition(ticket.edition), ticket.priority),
            customers.get(ticket.customer_id) if ticket.customer_id else None,
            clocks.get(str(ticket.pk)),
        )
        for ticket in tickets
    ]


def filed(rules: Edition, code: str) -> Filed:
    """The category in the reader's language; a code the edition does not know says itself."""
    try:
        names = [node.words.spoken(get_language() or "") for node in rules.categories.path(code)]
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
