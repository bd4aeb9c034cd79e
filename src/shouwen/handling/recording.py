"""Writing down what the handbook answered: event, clocks, tasks and orders in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import FINISHED, Happening, TicketState, tasks_of
from shouwen.handbook.lifecycle import Change
from shouwen.handling.orders import orders_for
from shouwen.handling.personal import has_words, redactor_for, words_in
from shouwen.language.bigrams import search_terms
from shouwen.notices.actions import MOOT, ORDERS
from shouwen.service_levels.actions import CLOCKS, GONE
from shouwen.service_levels.deriving import clock_rows, kept_row
from shouwen.tickets.actions import CHANGES, EVENTS, TASKS, event_row, state_row, write
from shouwen.tickets.models import Ticket
from shouwen.vault.rows import ITEMS


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
    clocks, lead_due_at = clock_rows(ticket_id, [*history, *happenings], rules.rules, calendars_now())
    row = {
        **state_row(state),
        "ticket_id": ticket_id,
        "is_open": state.stage not in FINISHED,
        "last_seq": seq,
        "lead_due_at": lead_due_at,
        "words": " ".join(dict.fromkeys(search_terms(words_in(happenings)))) if wordy else "",
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
            (MOOT, moot_rows(ticket_id, clocks, happenings, now)),
        ]
    )
    return state


def moot_rows(
    ticket_id: str, clocks: Sequence[dict[str, Any]], happenings: Sequence[Happening], now: datetime
) -> list[dict[str, Any]]:
    """The rules whose clocks these happenings ended, as `MOOT` takes them."""
    moments = {row.happened_at for row in happenings}
    ended = sorted({clock["rule"] for clock in clocks if clock["stopped_at"] in moments})
    return [{"ticket_id": ticket_id, "at": now, "rules": ended}] if ended else []


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
