"""What the facts of a history are made of: codes, numbers and times, or else somebody's own words."""

from __future__ import annotations

from shouwen.handbook.history import STATE_FIELDS

# Chosen from a list, counted, reckoned or drawn. Every other fact may hold whatever was typed, and is treated so.
_CODED = (STATE_FIELDS - {"title", "description"}) | {
    "again",
    "cause",
    "checked_with_user",
    "clause",
    "compensation",
    "due_at",
    "efficiency",
    "expected_at",
    "form",
    "ground",
    "handling",
    "into",
    "item",
    "merged",
    "other_category",
    "pause",
    "promise",
    "result",
    "rule",
    "satisfied",
    "score",
    "split_from",
    "split_off",
    "survey",
    "task",
    "to_team",
    "until",
    "via",
}


def in_words(name: str) -> bool:
    """True for a fact that people state in their own words."""
    return name not in _CODED
