"""What became of what was promised to a customer: kept, kept late, broken, or still open (T4.5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shouwen.handbook.facts import instant
from shouwen.handbook.history import Happening, What


class Kept(StrEnum):
    """How it stands with a promise."""

    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise: when it was made, for when, in which words, and how it stands."""

    made_at: datetime
    due_at: datetime
    text: str
    kept_at: datetime | None
    stands: Kept


# An answer that was named is given when the customer hears again; whoever lets the matter go is owed none.
HEARD = frozenset({What.RESPONDED, What.CUSTOMER_TOLD, What.ANSWERED_AT_CONTACT, What.PROMISE_MADE}) | frozenset(
    {What.PROMISE_KEPT, What.EXTENSION_AGREED, What.REJECTED, What.CLOSED}
)
LET_GO = frozenset({What.WITHDRAWN, What.CANCELLED, What.MERGED})


def promises_of(history: Iterable[Happening], at: datetime) -> list[Promise]:
    """Every promise of a history, as they were made, one that is renewed as it was renewed; answers named come last."""
    history = list(history)
    made: dict[str, Happening] = {}
    kept: dict[str, datetime] = {}
    for row in history:
        name = str(row.facts.get("promise", ""))
        if row.what is What.PROMISE_MADE:
            made[name] = row
        elif row.what is What.PROMISE_KEPT:
            kept[name] = row.happened_at
    return [_promise(row, "due_at", kept.get(name), at) for name, row in made.items()] + _answers_named(history, at)


def _answers_named(history: Sequence[Happening], at: datetime) -> list[Promise]:
    """The answers whose time was named in a response."""
    named = []
    for place, row in enumerate(history):
        if row.what is What.RESPONDED and row.facts.get("expected_at"):
            then = next((one for one in history[place + 1 :] if one.what in HEARD | LET_GO), None)
            if then is None or then.what in HEARD:
                named.append(_promise(row, "expected_at", then.happened_at if then else None, at))
    return named


def _promise(row: Happening, named: str, kept_at: datetime | None, at: datetime) -> Promise:
    due_at = instant(row.facts[named])
    return Promise(row.happened_at, due_at, str(row.facts.get("text", "")), kept_at, _stands(due_at, kept_at, at))


def _stands(due_at: datetime, kept_at: datetime | None, at: datetime) -> Kept:
    if kept_at is not None:
        return Kept.KEPT if kept_at <= due_at else Kept.LATE
    return Kept.OPEN if at < due_at else Kept.BROKEN
