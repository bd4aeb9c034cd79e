"""Reading the news to its end, on a server where other tests have transactions open."""

from __future__ import annotations

import time
from datetime import datetime

from django.db import connection

from shouwen.config.wiring import turn_all
from shouwen.tickets.news import Follower, follow

PATIENCE = 60  # seconds
UNREAD = """
    SELECT EXISTS (SELECT FROM ticket_event WHERE txid >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
"""


def read_all(follower: Follower, at: datetime, *, batch: int = 500) -> None:
    """Everything that has been written; what is younger than the oldest transaction of the server waits for its end."""
    wait_for_news()
    while follow(follower, at, batch=batch):
        pass


def turn(at: datetime) -> int:
    """Everything the worker has to do at `at`, once round, with all the news there is; how much was done."""
    wait_for_news()
    return turn_all(at)


def wait_for_news() -> None:
    """Until nothing that has been written is held back."""
    until = time.monotonic() + PATIENCE
    while _held_back() and time.monotonic() < until:
        time.sleep(0.05)


def _held_back() -> bool:
    with connection.cursor() as asking:
        asking.execute(UNREAD)
        return bool(asking.fetchone()[0])
