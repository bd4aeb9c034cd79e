"""What must be on the table before anybody proposes a solution (T2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shouwen.handbook.history import Happening, What
from shouwen.handbook.refusals import EvidenceMissing
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
