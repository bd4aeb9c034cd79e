"""What the facts of a history are made of: codes, numbers and times, or else somebody's own words."""

from __future__ import annotations

from datetime import UTC, datetime

from shouwen.handbook.history import STATE_FIELDS
from shouwen.handbook.refusals import Refusal, gettext_noop


class InstantWithoutZone(Refusal):
    clause = "M6.3"
    says = gettext_noop("“{at}” does not say in which time zone it is.")


# Chosen from a list, counted, reckoned or drawn. Every other fact may hold whatever was typed, and is treated so.
_CODED = (STATE_FIELDS - {"title", "description"}) | {
    "again",
    "attachment",
    "broadcast",
    "called",
    "calls",
    "cause",
    "checked_with_user",
    "child",
    "clause",
    "compensation",
    "concerned",
    "corrects",
    "consistent",
    "digest",
    "due_at",
    "efficiency",
    "expected_at",
    "form",
    "former",
    "former_event",
    "ground",
    "handling",
    "identity",
    "into",
    "item",
    "level",
    "macro",
    "mentioned",
    "measure_done",
    "measure_due",
    "measure_owner",
    "media",
    "merged",
    "nps",
    "opinion",
    "other_category",
    "overall",
    "overdue_cause",
    "overrun",
    "pause",
    "promise",
    "reported_to",
    "result",
    "rule",
    "satisfied",
    "score",
    "size",
    "solved",
    "split_from",
    "split_off",
    "survey",
    "talk",
    "task",
    "to_team",
    "until",
    "urban",
    "via",
}


def in_words(name: str) -> bool:
    """True for a fact that people state in their own words."""
    return name not in _CODED


def instant(written: str | datetime) -> datetime:
    """A moment as facts write it. Raises InstantWithoutZone."""
    at = written if isinstance(written, datetime) else datetime.fromisoformat(written)
    if at.tzinfo is None:
        raise InstantWithoutZone(at=written)
    return at.astimezone(UTC)
