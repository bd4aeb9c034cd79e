"""What must be on the table before anybody proposes a solution (T2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shouwen.handbook.history import Happening, What
from shouwen.handbook.refusals import EvidenceMissing, NotCheckedWithUser
from shouwen.handbook.words import Source, Words


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One thing to look up, measure or obtain. An optional one helps but holds nothing up."""

    code: str
    words: Words
    required: bool = True


@dataclass(frozen=True, slots=True)
class Checklist:
    """The evidence of one scenario."""

    id: str
    words: Words
    items: tuple[EvidenceItem, ...]
    source: Source


CHECKED = "checked_with_user"  # the intake field that asks for it


def was_checked(history: Iterable[Happening]) -> bool:
    """True once account, settings and device have been checked with the user, as told at intake or since (U4.4)."""
    answers = (row.facts.get(CHECKED) or (row.facts.get("details") or {}).get(CHECKED) for row in history)
    return any(answer in YES for answer in answers)


def check_checked(required: Iterable[str], facts: Mapping[str, Any], history: Iterable[Happening]) -> None:
    """Raises NotCheckedWithUser where the category asks for the check and nobody says it was made."""
    if CHECKED in required and facts.get(CHECKED) not in YES and not was_checked(history):
        raise NotCheckedWithUser()


YES = (True, "yes")


def recorded_items(history: Iterable[Happening]) -> frozenset[str]:
    """The items recorded so far. What an earlier round found stays found after a reopening."""
    return frozenset(str(row.facts.get("item", "")) for row in history if row.what is What.EVIDENCE_RECORDED)


def missing(checklist: Checklist | None, recorded: Iterable[str]) -> tuple[EvidenceItem, ...]:
    """The required items not recorded yet, in the order of the list. No checklist asks for nothing."""
    have = frozenset(recorded)
    return tuple(item for item in checklist.items if item.required and item.code not in have) if checklist else ()


def check_complete(checklist: Checklist | None, recorded: Iterable[str]) -> None:
    """Raises EvidenceMissing, naming the codes of the items."""
    lacking = missing(checklist, recorded)
    if lacking:
        raise EvidenceMissing(items=", ".join(item.code for item in lacking))
