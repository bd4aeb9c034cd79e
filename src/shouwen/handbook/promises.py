"""What became of what was promised to a customer: kept, kept late, broken, or still open (T4.5)."""

from __future__ import annotations

from collections.abc import Iterable
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


def promises_of(history: Iterable[Happening], at: datetime) -> list[Promise]:
    """Every promise of a history, in the order they were made; one that is renewed stands as it was renewed."""
    made: dict[str, Happening] = {}
    kept: dict[str, datetime] = {}
    for row in history:
        name = str(row.facts.get("promise", ""))
        if row.what is What.PROMISE_MADE:
            made[name] = row
        elif row.what is What.PROMISE_KEPT:
            kept[name] = row.happened_at
    return [_promise(row, kept.get(name), at) for name, row in made.items()]


def _promise(row: Happening, kept_at: datetime | None, at: datetime) -> Promise:
    due_at = instant(row.facts["due_at"])
    return Promise(row.happened_at, due_at, str(row.facts.get("text", "")), kept_at, _stands(due_at, kept_at, at))


def _stands(due_at: datetime, kept_at: datetime | None, at: datetime) -> Kept:
    if kept_at is not None:
        return Kept.KEPT if kept_at <= due_at else Kept.LATE
    return Kept.OPEN if at < due_at else Kept.BROKEN
