"""How a handled case is scored in quality inspection: three dimensions, their checks and points (手册 8.3; SOP 五)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from shouwen.handbook.words import Source, Words


@dataclass(frozen=True, slots=True)
class Dimension:
    """One side of a case that is inspected, and what its inspection looks at."""

    code: str
    words: Words
    looks_at: Words
    clause: str
    source: Source


@dataclass(frozen=True, slots=True)
class Check:
    """One question of the inspection, and the points a case loses when the answer is no.

    Without `ticket_types` it is asked of every case.
    """

    id: str
    dimension: str
    points: int
    words: Words
    clause: str
    source: Source
    ticket_types: frozenset[str] = frozenset()

    def asked_of(self, ticket_type: str) -> bool:
        return not self.ticket_types or ticket_type in self.ticket_types


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The scoring rules of an edition. A pack without any has an empty one."""

    dimensions: tuple[Dimension, ...] = ()
    checks: tuple[Check, ...] = ()

    def points(self, dimension: str) -> int:
        """What a dimension is worth in all."""
        return sum(check.points for check in self.checks if check.dimension == dimension)

    def checks_of(self, ticket_type: str) -> tuple[Check, ...]:
        """What is asked of a case of this type."""
        return tuple(check for check in self.checks if check.asked_of(ticket_type))

    def score(self, ticket_type: str, failed: Collection[str]) -> Fraction:
        """Out of 100: the share it has of the points a case of this type could have; 100 where nothing is asked."""
        asked = self.checks_of(ticket_type)
        could = sum(check.points for check in asked)
        lost = sum(check.points for check in asked if check.id in failed)
        return 100 * Fraction(could - lost, could) if could else Fraction(100)
