"""The filters as a form shows them: each question with its answers, those that are ticked first opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shouwen.desk.filters import QUESTIONS, Choices
from shouwen.desk.listing import Listing

FOLDED = frozenset({"category", "region", "channel", "owner", "team", "mark", "standing", "round"})
LONG = 12  # answers from which on one may be looked for


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """One question of the form."""

    code: str
    label: Any
    kind: str
    answers: Choices
    chosen: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        return self.code not in FOLDED or bool(self.chosen)

    @property
    def is_long(self) -> bool:
        return len(self.answers) > LONG

    @property
    def value(self) -> str:
        """Of a day."""
        return self.chosen[0] if self.chosen else ""


def questions_of(listing: Listing) -> list[AskedQuestion]:
    """Every question that has an answer here."""
    filters = listing.filters
    asked = [
        AskedQuestion(code, one.label, one.kind, one.answers(filters.asked), filters.chosen.get(code, ()))
        for code, one in QUESTIONS.items()
    ]
    return [one for one in asked if one.answers or one.kind == "day"]
