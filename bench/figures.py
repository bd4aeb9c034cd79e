"""Figures from measurements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def percentiles(milliseconds: Sequence[float], *shares: int) -> dict[str, float]:
    """The median, and what so many in a hundred stay below."""
    ordered = sorted(milliseconds)
    return {f"p{share}_ms": round(_at(ordered, share / 100), 2) for share in (50, *shares)}


def against_floor(value: float, floor: float, unit: str) -> dict[str, Any]:
    """A rate beside what PostgreSQL alone does in the same run."""
    return {"value": round(value, 1), "unit": unit, "floor": round(floor, 1), "ratio": round(value / floor, 3)}


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
