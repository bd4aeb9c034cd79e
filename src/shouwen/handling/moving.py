"""A move being made, and what several kinds of moves state alike: a time ahead, a name of their own."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from shouwen.editions.edition import Edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import Happening, TicketState
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.refusals import FactRequired, TimeNotAhead, TimeTooFar
from shouwen.tickets.models import Ticket

FURTHEST = timedelta(days=731)  # nobody names a time further ahead than two years but by mistake


@dataclass(frozen=True)
class Moving:
    """A move being made: the ticket as it is, and the facts stated so far."""

    ticket: Ticket
    state: TicketState
    move: Move
    facts: dict[str, Any]
    rules: Edition
    history: Sequence[Happening]
    by: Actor
    happened_at: datetime
    now: datetime
    source: str = "desk"
    other: Ticket | None = None  # that changes together with it

    def adding(self, **facts: Any) -> Moving:
        return replace(self, facts={**self.facts, **facts})


def check_ahead(moving: Moving, name: str) -> datetime:
    """The time ahead that is stated. Raises FactRequired, TimeNotAhead or TimeTooFar."""
    try:
        moment = datetime.fromisoformat(str(moving.facts.get(name) or ""))
    except ValueError:
        raise FactRequired(fact=name, move=moving.move) from None
    if moment.tzinfo is None:
        raise FactRequired(fact=name, move=moving.move)
    if moment <= moving.now:
        raise TimeNotAhead(time=minute(moment))
    if moment > moving.now + FURTHEST:
        raise TimeTooFar(time=minute(moment))
    return moment


def minute(moment: datetime) -> str:
    """A moment as a refusal tells it."""
    return moment.isoformat(timespec="minutes")


def new_name() -> str:
    """The name of a promise or a task, by which it is kept or answered."""
    return secrets.token_hex(4)
