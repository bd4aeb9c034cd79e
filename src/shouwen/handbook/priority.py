"""In what order work is done: set by the table, never by hand (手册 7.2.2; T4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shouwen.handbook.words import Words

ANY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PriorityRow:
    """One line of the table. An empty condition fits anything; a category also covers what lies below it."""

    priority: str
    because: Words
    clause: str
    severity: frozenset[str] = ANY
    reach: frozenset[str] = ANY
    customer_level: frozenset[str] = ANY
    category: frozenset[str] = ANY

    def fits(self, *, severity: str, reach: str, customer_level: str, category: str) -> bool:
        return (
            _among(severity, self.severity)
            and _among(reach, self.reach)
            and _among(customer_level, self.customer_level)
            and (not self.category or any(f"{category}.".startswith(f"{code}.") for code in self.category))
        )


class Ranking(NamedTuple):
    """A priority, and the line of the table that gave it."""

    priority: str
    why: Words


def prioritise(
    table: Sequence[PriorityRow], *, severity: str, reach: str, customer_level: str, category: str
) -> Ranking:
    """The priority of the first line that fits, from the top. A table ends in a line that fits everything."""
    for row in table:
        if row.fits(severity=severity, reach=reach, customer_level=customer_level, category=category):
            return Ranking(row.priority, row.because)
    raise LookupError("the priority table has no last line that fits everything")


def _among(value: str, allowed: frozenset[str]) -> bool:
    return not allowed or value in allowed
