"""What a rating is worth, and what follows from it (SOP 四; 手册 3.1、7.2.4; 培训 六)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

SATISFIED = 2  # S4.2b: 1 very satisfied, 2 satisfied, 3 fair, 4 dissatisfied
ASPECTS = ("result", "handling", "efficiency")  # H7.2.4
QUESTIONS = ("overall", *ASPECTS)
PROMOTES, DETRACTS = 9, 6  # T6.3: of 0 to 10, from nine on somebody recommends us, up to six they warn of us


def in_tenths(share: Fraction, goal: Decimal | None = None) -> Decimal:
    """A share in per cent with one decimal; rounded, but what is below its goal is never shown as having reached it."""
    rounded = Decimal(int(share * 1000 + Fraction(1, 2))) / 10
    missed = goal is not None and share * 100 < Fraction(goal) <= Fraction(rounded)
    return Decimal(int(share * 1000)) / 10 if missed else rounded


@dataclass(frozen=True, slots=True)
class Marking:
    """How the scores of a rating become marks out of 100, and below how many a ticket is worked again (H7.2.4)."""

    marks: Mapping[int, int]
    weights: Mapping[str, int]  # of the questions that were answered
    below: int

    def of(self, scores: Mapping[str, int]) -> int | None:
        """The marks of a rating, whole ones, rounded down; None if nothing was rated."""
        said = [(self.weights.get(name, 1), self.marks[score]) for name, score in scores.items() if score in self.marks]
        weight = sum(weight for weight, _ in said)
        return int(Fraction(sum(weight * marks for weight, marks in said), weight)) if weight else None

    def fails(self, marks: int | None) -> bool:
        """True for a rating after which the ticket is worked again."""
        return marks is not None and marks < self.below


@dataclass(frozen=True, slots=True)
class Reviewing:
    """How long a supervisor has to look at a rating below "satisfied", before what H7.2.4 demands happens by itself."""

    within: timedelta


@dataclass(frozen=True, slots=True)
class Coaching:
    """After how many ratings in a row below "satisfied" somebody is trained, whose ratings count, and until when."""

    in_a_row: int
    whose: str  # first_owner or handler
    within: timedelta


@dataclass(frozen=True, slots=True)
class Tally:
    """Ratings counted together."""

    told: int = 0
    asked: int = 0
    rated: int = 0
    satisfied: int = 0
    promoters: int = 0
    detractors: int = 0
    recommending: int = 0  # how many answered the question whether they would recommend us
    aspects: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # "satisfied" or better, of how many

    @property
    def satisfaction(self) -> Fraction | None:
        """The share of ratings of "satisfied" or better (H3.1.3); None without a rating."""
        return Fraction(self.satisfied, self.rated) if self.rated else None

    @property
    def response(self) -> Fraction | None:
        """The share of those told of their result who rated it."""
        return Fraction(self.rated, self.told) if self.told else None

    def aspect(self, name: str) -> Fraction | None:
        """The share satisfied with one part of it (H7.2.4)."""
        good, said = self.aspects.get(name, (0, 0))
        return Fraction(good, said) if said else None

    @property
    def nps(self) -> int | None:
        """Promoters less detractors in per cent of those asked (T6.3), from -100 to 100."""
        if not self.recommending:
            return None
        return round(Fraction(100 * (self.promoters - self.detractors), self.recommending))


def worst(scores: Iterable[int]) -> int:
    """The worst score of a rating: nobody is satisfied on average. 0 for none."""
    return max(scores, default=0)


def is_below(score: int) -> bool:
    """True for a score below "satisfied" (S4.2c)."""
    return score > SATISFIED


def to_be_trained(newest_first: Sequence[int], coaching: Coaching) -> bool:
    """True if somebody's latest ratings were all below "satisfied", as many as the edition says (S4.2c)."""
    latest = newest_first[: coaching.in_a_row]
    return len(latest) == coaching.in_a_row and all(is_below(score) for score in latest)
