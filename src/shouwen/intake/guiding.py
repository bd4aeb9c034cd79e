"""Counting what became of self-help (S2.1b): put right without a complaint, or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection
from django.db.models import Sum

from shouwen.handbook.guides import SOLVED, Walk
from shouwen.intake.models import GuideOutcome

COUNT = """
    INSERT INTO intake_guide_outcome (day, guide, outcome, step, times) VALUES (%s, %s, %s, %s, 1)
    ON CONFLICT (day, guide, outcome, step) DO UPDATE SET times = intake_guide_outcome.times + 1
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How often a guide ended somewhere."""

    guide: str
    step: str
    outcome: str
    times: int

    @property
    def solved(self) -> bool:
        return self.outcome == SOLVED


def count_outcome(guide: str, walked: Walk, *, at: datetime) -> None:
    """One more walk that ended this way, at the step that was answered last."""
    step = walked.taken[-1][0].code if walked.taken else ""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [at.astimezone(UTC).date(), guide, walked.end, step])


def outcomes_since(day: date) -> Sequence[Ended]:
    """How the guides ended since this day, the commonest first."""
    rows = GuideOutcome.objects.filter(day__gte=day).values_list("guide", "step", "outcome").annotate(sum=Sum("times"))
    return [Ended(*row) for row in rows.order_by("-sum", "guide", "step", "outcome")]
