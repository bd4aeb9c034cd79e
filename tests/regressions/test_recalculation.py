"""A recalculation that took hours: its work grows with the tickets and their events, and no faster."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from shouwen.editions.actions import publish_calendar
from shouwen.editions.models import CalendarVersion
from shouwen.handbook.clock import clocks
from shouwen.handbook.history import Happening, What
from shouwen.handbook.working_time import NaturalTime
from shouwen.handling.actions import accept
from shouwen.service_levels.models import Clock
from shouwen.service_levels.settling import settle
from tests.cast import MONDAY, Cast, draft
from tests.handbook.times import rule

pytestmark = pytest.mark.clause("X3")


class Counting(NaturalTime):
    """A calendar that knows how often it was asked."""

    asked = 0

    def between(self, start: datetime, end: datetime) -> timedelta:
        Counting.asked += 1
        return super().between(start, end)

    def add(self, start: datetime, working: timedelta) -> datetime:
        Counting.asked += 1
        return super().add(start, working)


def questions_for(pauses: int) -> int:
    """How often a calendar is asked about one clock that stood still so many times."""
    history = [Happening(1, What.ACCEPTED, MONDAY)]
    for n in range(pauses):
        at = MONDAY + timedelta(hours=n)
        history.append(Happening(2 * n + 2, What.WAITING_STARTED, at, {"pause": "customer", "standing": "waiting"}))
        history.append(Happening(2 * n + 3, What.RESUMED, at + timedelta(minutes=1), {"standing": "running"}))
    Counting.asked = 0
    clocks(history, [rule("worked", "8wh")], {"office": Counting()})
    return Counting.asked


def test_a_history_twice_as_long_is_counted_with_twice_the_questions() -> None:
    once, twice = questions_for(50), questions_for(100)

    assert 0 < once <= 50 * 5
    assert twice <= 2 * once


def test_many_tickets_are_recalculated_with_as_many_queries_as_one(cast: Cast) -> None:
    accept([draft(phone=f"199000002{n:02}", by=cast.actor("agent")) for n in range(41)], now=MONDAY)
    content = deepcopy(CalendarVersion.objects.get(id="office@1").content)
    content["exceptions"] |= {"2026-03-03": []}
    publish_calendar("office", content, "test", at=now())

    with CaptureQueriesContext(connection) as one:
        assert settle(now(), batch=1) == 1
    with CaptureQueriesContext(connection) as many:
        settled = settle(now(), batch=10_000)

    assert settled == 40
    assert len(many) <= len(one)
    assert not Clock.objects.filter(calendar_version="office@1").exists()
