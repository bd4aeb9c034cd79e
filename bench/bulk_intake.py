"""Complaints taken in by the hundred, as an import does it: redacted, sealed, numbered, with clocks and messages."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.utils.timezone import now

from bench.complaints import draft
from bench.figures import against_floor
from bench.ground import Ground

BATCH = 500
WITHIN = timedelta(minutes=5)  # an outage: everybody complains within so long


def measure(ground: Ground, floor: float, tickets: int) -> dict[str, Any]:
    """Tickets a second into an empty desk. They stay for the measures that follow."""
    from shouwen.handling.actions import accept

    ground.clear()
    begins = now() - timedelta(minutes=10)
    spent = 0.0
    for first in range(0, tickets, BATCH):
        drafts = [draft(n, begins + WITHIN * n / tickets) for n in range(first, min(first + BATCH, tickets))]
        started = time.perf_counter()
        accept(drafts, now=now())
        spent += time.perf_counter() - started
    [(made,)] = ground.ask("SELECT count(*) FROM ticket")
    assert made == tickets
    ground.settle()
    return against_floor(tickets / spent, floor, "tickets/s")
