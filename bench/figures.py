"""Figures from measurements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def percentiles(milliseconds: Sequence[float]) -> dict[str, float]:
    """The median, and what nineteen in twenty stay below."""
    ordered = sorted(milliseconds)
    return {"p50_ms": round(_at(ordered, 0.50), 2), "p95_ms": round(_at(ordered, 0.95), 2)}


def against_floor(value: float, floor: float, unit: str) -> dict[str, Any]:
    """A rate beside what PostgreSQL alone does in the same run."""
    return {"value": round(value, 1), "unit": unit, "floor": round(floor, 1), "ratio": round(value / floor, 3)}


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
