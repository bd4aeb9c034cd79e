"""办理: moving a ticket. Lock the row, ask the handbook, write the answer: event, clocks, orders in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor, check_may
from shouwen.handbook.history import Happening, What
from shouwen.handbook.lifecycle import Move, decide
from shouwen.handbook.moves import RECORDED_AS
from shouwen.handling.accepting import accept
from shouwen.handling.drafts import Accepted, CarriedOver, Draft, KeyReused
from shouwen.handling.merging import BESIDE, other_side
from shouwen.handling.moving import Moving
from shouwen.handling.preparing import prepare
from shouwen.handling.recording import record
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of, locked_together, state_of, ticket_for

__all__ = ["Accepted", "CarriedOver", "Draft", "KeyReused", "TicketChanged", "accept", "move_ticket"]

# What others may have done meanwhile without the reader of a page having to look again. What the reader has done
# themselves is another matter: a note sent twice from one page is one note.
IMMATERIAL = frozenset({What.CLOCK_WARNED, What.CLOCK_BREACHED, What.ESCALATED, What.NOTED, What.CUSTOMER_ADDED}) | {
    What.ATTACHED,
    What.DETACHED,
    What.CHILD_LINKED,
    What.CHILD_UNLINKED,
    What.EVENT_TOLD,
    What.OVERDUE_TALKED,
    What.MEASURE_FOLLOWED,
}


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
    ticket = ticket_for(by, number)
    other = other_side(ticket, move, facts or {}, by)
    locks = locked_together(filter(None, (ticket.pk, other)))
    moving = {"by": by, "happened_at": happened_at, "now": now, "facts": facts, "seen": seen, "source": source}
    return move_locked(locks[ticket.pk], move, **moving, other=locks.get(other))


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
    other: Ticket | None = None,
) -> Ticket:
    """As `move_ticket`, for a ticket the caller has locked and whose door the caller keeps (the portal, a follower).

    `other` is the ticket that changes together with it, locked too.
    """
    history = history_of(ticket.pk)
    check_unchanged(ticket, history, seen, move, by)
    rules = edition(ticket.edition)
    check_may(rules.roles, by, move)
    state = state_of(ticket)
    moving = prepare(
        Moving(ticket, state, move, dict(facts or {}), rules, history, by, happened_at, now, source, other)
    )
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
    if move in BESIDE:
        change = BESIDE[move](moving, change)
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
