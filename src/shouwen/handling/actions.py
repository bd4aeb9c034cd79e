"""办理: moving a ticket. Lock the row, ask the handbook, write the answer: event, clocks, orders in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now, edition
from shouwen.handbook.authority import Actor, check_may
from shouwen.handbook.history import FINISHED, Happening, TicketState, What, tasks_of
from shouwen.handbook.lifecycle import Change, Move, decide
from shouwen.handbook.moves import RECORDED_AS
from shouwen.handling.accepting import accept
from shouwen.handling.drafts import Accepted, CarriedOver, Draft, KeyReused
from shouwen.handling.orders import orders_for
from shouwen.handling.personal import has_words, redactor_for
from shouwen.handling.preparing import Moving, prepare
from shouwen.notices.actions import ORDERS
from shouwen.service_levels.actions import CLOCKS, GONE
from shouwen.service_levels.deriving import clock_rows, kept_row
from shouwen.tickets.actions import CHANGES, EVENTS, TASKS, event_row, state_row, write
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of, locked, state_of, ticket_for
from shouwen.vault.rows import ITEMS

__all__ = ["Accepted", "CarriedOver", "Draft", "KeyReused", "TicketChanged", "accept", "move_ticket"]

# What others may have done meanwhile without the reader of a page having to look again. What the reader has done
# themselves is another matter: a note sent twice from one page is one note.
IMMATERIAL = frozenset({What.CLOCK_WARNED, What.CLOCK_BREACHED, What.ESCALATED, What.NOTED, What.CUSTOMER_ADDED})


class TicketChanged(Exception):
    """Somebody else changed the ticket after the page was read. `since` is what they did, in order."""

    def __init__(self, ticket: Ticket, since: Sequence[Happening]) -> None:
        self.ticket, self.since = ticket, since
        super().__init__(f"{ticket.number} has changed since it was read.")


@transaction.atomic
def move_ticket(
    number: str,
    move: Move,
    *,
    by: Actor,
    happened_at: datetime,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    seen: int | None = None,
    source: str = "desk",
) -> Ticket:
    """Make a move on a ticket the actor may see, and return the ticket as it is then.

    `happened_at` is when it happened, `now` when it is written down, both aware UTC. `seen` is the last event on the
    page the actor was looking at. Raises NoSuchTicket, TicketChanged, or a `Refusal` of the handbook.
    """
    ticket = locked(ticket_for(by, number).pk)
    return move_locked(ticket, move, by=by, happened_at=happened_at, now=now, facts=facts, seen=seen, source=source)


def move_locked(
    ticket: Ticket,
    move: Move,
    *,
    by: Actor,
    happened_at: datetime,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    seen: int | None = None,
    source: str = "desk",
) -> Ticket:
    """As `move_ticket`, for a ticket the caller has locked and whose door the caller keeps (the portal, a follower)."""
    history = history_of(ticket.pk)
    check_unchanged(ticket, history, seen, move, by)
    rules = edition(ticket.edition)
    check_may(rules.roles, by, move)
    state = state_of(ticket)
    moving = prepare(Moving(ticket, state, move, dict(facts or {}), rules, history, by, happened_at, now))
    change = decide(
        state,
        move,
        at=happened_at,
        now=now,
        facts=moving.facts,
        history=history,
        path=rules.path(state.ticket_type),
        needs=rules.needs,
    )
    record(ticket, history, [change], rules=rules, by=by, source=source, now=now)
    ticket.refresh_from_db()
    return ticket


def check_unchanged(ticket: Ticket, history: Sequence[Happening], seen: int | None, move: Move, by: Actor) -> None:
    """Raises TicketChanged if anything that matters to this move happened after event `seen`."""
    since = [row for row in history if seen is not None and row.seq > seen and _matters(row, move, by)]
    if since:
        raise TicketChanged(ticket, since)


def _matters(row: Happening, move: Move, by: Actor) -> bool:
    repeated = row.what is RECORDED_AS[move] and row.by == by.ref
    return repeated or row.what not in IMMATERIAL


def record(
    ticket: Ticket,
    history: Sequence[Happening],
    changes: Sequence[Change],
    *,
    rules: Edition,
    by: Actor,
    source: str,
    now: datetime,
) -> TicketState:
    """Write what the handbook answered: events, the ticket, its clocks, tasks and message orders, in one statement."""
    ticket_id, seq = str(ticket.pk), ticket.last_seq
    wordy = any(has_words(change.facts) for change in changes)
    redactor = redactor_for(ticket_id, ticket.customer_id, history) if wordy else None
    happenings = []
    for change in changes:
        seq += 1
        cleaned = redactor.clean_facts(change.facts) if redactor else dict(change.facts)
        happenings.append(Happening(seq, change.what, change.happened_at, cleaned, by.ref))
    state = changes[-1].state
    clocks, lead_due_at = clock_rows(ticket_id, [*history, *happenings], rules, calendars_now())
    row = {
        **state_row(state),
        "ticket_id": ticket_id,
        "is_open": state.stage not in FINISHED,
        "last_seq": seq,
        "lead_due_at": lead_due_at,
    }
    write(
        [
            (ITEMS, redactor.rows if redactor else []),
            (EVENTS, [event_row(ticket_id, h.seq, h.what, h.happened_at, h.by, source, h.facts) for h in happenings]),
            (CHANGES, [row]),
            (CLOCKS, clocks),
            (GONE, [kept_row(ticket_id, clocks)]),
            (TASKS, task_rows(ticket_id, history, happenings)),
            (ORDERS, [order for h in happenings for order in orders_for(ticket_id, state, h, rules, now=now)]),
        ]
    )
    return state


def task_rows(ticket_id: str, history: Sequence[Happening], happenings: Sequence[Happening]) -> list[dict[str, Any]]:
    """The tasks of collaborating teams that these happenings made or answered."""
    touched = {row.facts["task"] for row in happenings if "task" in row.facts}
    return [
        {
            "ticket_id": ticket_id,
            "task": task.task,
            "team": task.team,
            "assigned_at": task.assigned_at,
            "due_at": task.due_at,
            "answered_at": task.answered_at,
        }
        for task in tasks_of([*history, *happenings])
        if task.task in touched
    ]
