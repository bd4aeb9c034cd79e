"""Histories counted through anew: under another edition, and by a calendar that has been corrected."""

from __future__ import annotations

import subprocess
import time
from datetime import timedelta
from typing import Any

import psycopg
from django.utils.timezone import now

from bench.copies import copy_tickets
from bench.figures import against_floor
from bench.ground import Ground
from bench.sweeper import PROCESSES, together

HISTORIES = "COPY (SELECT * FROM ticket_event ORDER BY ticket_id, seq) TO STDOUT"

OUTDATED = (
    "SELECT count(DISTINCT ticket_id) FROM clock WHERE state IN ('running', 'paused') AND calendar_version LIKE '%@1'"
)


def fill(ground: Ground, tickets: int) -> None:
    """Copies of the demo's tickets, which stand at every stage and have lived through everything."""
    ids = [ticket_id for (ticket_id,) in ground.ask("SELECT id FROM ticket ORDER BY id")]
    copy_tickets(ground, ids, tickets // len(ids) - 1)
    ground.settle()


def replay(ground: Ground) -> dict[str, Any]:
    """Tickets a second by `shouwen edition replay`. The floor reads the histories and nothing more."""
    floor, tickets, clocks = _reading(ground)
    days = [(now() + timedelta(days=n)).date().isoformat() for n in (-900, 1)]
    command = ground.program("edition")
    asked = ["replay", "cn-telecom-2025", "--from", days[0], "--to", days[1], "--json"]
    started = time.perf_counter()
    subprocess.run([*command, *asked], check=True, stdout=subprocess.DEVNULL)
    spent = time.perf_counter() - started
    return against_floor(tickets / spent, floor, "tickets/s") | {"tickets": tickets, "clocks": 2 * clocks}


def recalculate(ground: Ground) -> dict[str, Any]:
    """Tickets a second settled after a correction of every calendar: read, counted, written where they differ.

    Two who settle may both come to a ticket; it counts once.
    """
    floor, _, _ = _reading(ground)
    _correct_calendars()
    [(tickets,)] = ground.ask(OUTDATED)
    spent, _ = together("settle", now())
    [(left,)] = ground.ask(OUTDATED)
    assert not left, f"{left} of {tickets} tickets were not settled"
    return against_floor(tickets / spent, floor, "tickets/s") | {"tickets": tickets, "processes": PROCESSES}


def _reading(ground: Ground) -> tuple[float, int, int]:
    """Tickets a second whose histories PostgreSQL hands over; how many, and with how many clocks."""
    with psycopg.connect(ground.cluster.url) as database, database.cursor() as cursor:
        started = time.perf_counter()
        with cursor.copy(HISTORIES) as rows:
            for _ in rows:
                pass
        spent = time.perf_counter() - started
    [(tickets, clocks)] = ground.ask("SELECT (SELECT count(*) FROM ticket), (SELECT count(*) FROM clock)")
    return tickets / spent, tickets, clocks


def _correct_calendars() -> None:
    """A day off far ahead: every version is a new one, and most due times stay."""
    from shouwen.editions.actions import publish_calendar
    from shouwen.editions.models import CalendarVersion

    for version in CalendarVersion.objects.filter(number=1):
        publish_calendar(version.name, _with_a_day_off(version.content), "bench", at=now())


def _with_a_day_off(content: dict[str, Any]) -> dict[str, Any]:
    far_ahead = f"{now().year}-12-30"
    return content | {"exceptions": {**content["exceptions"], far_ahead: []}}
