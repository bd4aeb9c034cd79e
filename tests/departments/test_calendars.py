"""A calendar that changes: what runs settles by itself, what has been judged stays as it was (requirements X3)."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils.timezone import now

from shouwen.editions.actions import publish_calendar
from shouwen.editions.models import CalendarVersion
from shouwen.editions.queries import outdated_calendars
from shouwen.handbook.lifecycle import Move
from shouwen.service_levels.models import Clock
from shouwen.service_levels.settling import CLAIM, settle
from shouwen.tickets.models import Ticket
from tests.cast import MONDAY, WHOLE_WAY, Cast, take_in, walked
from tests.departments.test_handling import everything_wrong_with

pytestmark = pytest.mark.clause("X3")
SHIFTS = ["08:30-12:00", "14:00-17:30"]


def publish(**exceptions: list[str]) -> CalendarVersion:
    """The next version of the office's calendar, with other days off ([]) or on (shifts)."""
    content: dict[str, Any] = deepcopy(CalendarVersion.objects.filter(name="office").first().content)
    content["exceptions"] |= {day.replace("_", "-").removeprefix("d"): shifts for day, shifts in exceptions.items()}
    return publish_calendar("office", content, "test", at=now())


def settle_all() -> int:
    settled = 0
    while tickets := settle(now(), batch=10):
        settled += tickets
    return settled


def due(ticket: Ticket, rule: str) -> datetime:
    return Clock.objects.get(ticket=ticket, rule=rule).due_at


def test_a_day_off_that_is_published_later_moves_what_still_runs(cast: Cast) -> None:
    ticket = take_in(cast)
    before = due(ticket, "handling-general")

    publish(d2026_03_04=[])
    settled = settle_all()

    assert settled == 1
    assert due(ticket, "handling-general") - before == timedelta(days=1)
    assert Clock.objects.get(ticket=ticket, rule="handling-general").calendar_version == "office@2"
    assert everything_wrong_with(ticket) == []


def test_natural_time_and_the_law_s_are_moved_by_no_calendar(cast: Cast) -> None:
    ticket = take_in(cast)
    before = due(ticket, "statutory-answer")

    publish(d2026_03_04=[])
    settle_all()

    assert due(ticket, "statutory-answer") == before


def test_what_has_been_judged_stays_under_the_calendar_it_was_judged_by(cast: Cast) -> None:
    ticket = walked(cast, Move.PROPOSE)
    judged = Clock.objects.get(ticket=ticket, rule="initial-handling-general")

    publish(d2026_03_03=[])
    settle_all()

    after = Clock.objects.get(ticket=ticket, rule="initial-handling-general")
    assert (after.due_at, after.calendar_version) == (judged.due_at, "office@1")
    assert Clock.objects.get(ticket=ticket, rule="handling-general").calendar_version == "office@2"
    assert everything_wrong_with(ticket) == []


@pytest.mark.parametrize("stage", [step[0] for step in WHOLE_WAY])
def test_wherever_a_ticket_stands_a_new_calendar_leaves_it_as_its_history_says(cast: Cast, stage: Move) -> None:
    """Because only what the calendar counts is counted anew, and natural time may still lead."""
    ticket = walked(cast, stage)

    publish(d2026_03_03=[], d2026_03_07=SHIFTS)
    settle_all()

    assert everything_wrong_with(ticket) == []


def test_a_ticket_that_is_behind_its_history_is_counted_anew_as_a_whole(cast: Cast) -> None:
    ticket = take_in(cast)
    Clock.objects.filter(ticket=ticket, rule="statutory-answer").delete()
    Ticket.objects.filter(pk=ticket.pk).update(replayed_seq=0)

    publish(d2026_03_03=[])
    settle_all()

    ticket.refresh_from_db()
    assert Clock.objects.filter(ticket=ticket, rule="statutory-answer").exists()
    assert everything_wrong_with(ticket) == []


def test_an_archived_ticket_is_not_touched(cast: Cast) -> None:
    ticket = walked(cast, Move.ARCHIVE)
    before = list(Clock.objects.filter(ticket=ticket).order_by("rule", "start_seq").values())

    publish(d2026_03_03=[])

    assert settle_all() == 0
    assert list(Clock.objects.filter(ticket=ticket).order_by("rule", "start_seq").values()) == before
    assert everything_wrong_with(ticket) == []


def test_a_ticket_that_waits_to_be_settled_is_not_taken_for_tampered_with(cast: Cast) -> None:
    ticket = take_in(cast)

    publish(d2026_03_04=[])

    assert everything_wrong_with(ticket) == []


def test_a_provisional_due_time_settles_when_the_next_year_is_published(cast: Cast) -> None:
    december = datetime(2026, 12, 28, 2, tzinfo=UTC)
    ticket = take_in(cast, received_at=december, now=december)
    [clock] = Clock.objects.filter(ticket=ticket, rule="handling-general")
    assert clock.provisional

    content = deepcopy(CalendarVersion.objects.get(id="office@1").content)
    content["exceptions"] |= {"2027-01-01": [], "2027-01-04": []}
    content["published_until"] = "2027-12-31"
    publish_calendar("office", content, "test", at=now())
    settle_all()

    settled = Clock.objects.get(ticket=ticket, rule="handling-general")
    assert not settled.provisional
    assert settled.due_at - clock.due_at == timedelta(days=2)


def test_nothing_is_looked_at_while_no_calendar_has_been_replaced(cast: Cast) -> None:
    take_in(cast)

    assert outdated_calendars() == []
    assert settle(now()) == 0


def test_settling_again_finds_nothing_to_do(cast: Cast) -> None:
    take_in(cast, phone="19900000001")
    take_in(cast, phone="19900000002")
    publish(d2026_03_04=[])

    assert (settle_all(), settle_all()) == (2, 0)


def test_what_waits_is_found_by_an_index(cast: Cast) -> None:
    take_in(cast)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {CLAIM}", [["office@1"], 500])
        plan = "\n".join(row for (row,) in cursor.fetchall())

    assert "clock_to_settle" in plan, plan


def test_a_late_sweep_after_a_change_fires_by_the_new_due_time(cast: Cast) -> None:
    ticket = take_in(cast)
    publish(**{f"d2026_03_{day:02}": [] for day in range(3, 13)})
    settle_all()

    assert due(ticket, "handling-general") > MONDAY + timedelta(days=14)
