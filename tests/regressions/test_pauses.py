"""A ticket on hold from February to August that reported 42 days (Frappe Helpdesk #2449, #3776)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shouwen.handbook.clock import ClockState, clocks
from shouwen.handbook.history import What
from shouwen.handbook.targets import Conditions
from tests.handbook.times import ALL_CALENDARS, on, only_clock, rule, story

pytestmark = pytest.mark.clause("X2")
WAITING = {"pause": "customer", "standing": "waiting"}
RUNNING = {"standing": "running"}
EIGHT_HOURS, WORKED = rule("general", "8h"), rule("worked", "8wh")
ACCEPTED = ("2026-09-30 09:00", What.ACCEPTED)


def test_held_from_february_to_august_and_resolved_straight_from_the_hold_it_has_used_one_hour():
    history = story(
        ("2026-02-02 09:00", What.ACCEPTED),
        ("2026-02-02 10:00", What.HELD, {"pause": "appointment", "standing": "held"}),
        ("2026-08-03 10:00", What.CUSTOMER_TOLD, RUNNING),
    )

    clock = only_clock(WORKED, history)

    assert clock.used(on("2026-12-01 09:00")) == timedelta(hours=1)
    assert clock.state is ClockState.MET


def test_waiting_to_resolved_in_one_step_counts_none_of_the_wait():
    """Because the running sum was only kept on the way from waiting to open, which this ticket never took."""
    history = story(ACCEPTED, ("2026-09-30 10:00", What.WAITING_STARTED, WAITING), ("2026-11-30 09:00", What.WITHDRAWN))

    clock = only_clock(EIGHT_HOURS, history)

    assert clock.used(on("2026-12-01 09:00")) == timedelta(hours=1)


def test_a_pause_across_a_holiday_leaves_the_working_time_that_was_left():
    """Paused at 16:00 before the National Day with 1.5 h of the day left, resumed on the 8th: 2 h 30 are left."""
    history = story(
        ACCEPTED, ("2026-09-30 16:00", What.WAITING_STARTED, WAITING), ("2026-10-08 08:30", What.RESUMED, RUNNING)
    )

    assert only_clock(WORKED, history).due_at == on("2026-10-08 11:30")


def test_resumed_on_a_holiday_it_goes_on_when_the_holiday_is_over():
    history = story(
        ACCEPTED, ("2026-09-30 16:00", What.WAITING_STARTED, WAITING), ("2026-10-03 12:00", What.RESUMED, RUNNING)
    )

    assert only_clock(WORKED, history).due_at == on("2026-10-08 11:30")


def test_a_pause_that_begins_and_ends_on_a_holiday_changes_nothing():
    history = story(
        ACCEPTED, ("2026-10-02 16:00", What.WAITING_STARTED, WAITING), ("2026-10-03 12:00", What.RESUMED, RUNNING)
    )

    assert only_clock(WORKED, history).due_at == only_clock(WORKED, story(ACCEPTED)).due_at


def test_a_pause_into_the_make_up_saturday_costs_that_saturday_no_more_than_was_paused():
    """Saturday 10 October 2026 is worked: paused from its noon to its 15:00, one hour of it is gone."""
    history = story(
        ("2026-10-10 08:30", What.ACCEPTED),
        ("2026-10-10 12:00", What.WAITING_STARTED, WAITING),
        ("2026-10-10 15:00", What.RESUMED, RUNNING),
    )

    assert only_clock(WORKED, history).due_at == on("2026-10-12 10:30")


def test_the_pause_is_not_forgotten_when_another_target_takes_over():
    """GLPI #15605: the new deadline was counted from the receipt without the hours the ticket had stood still."""
    general = rule("general", "72h", applies=Conditions(priority=frozenset({"general"})))
    urgent = rule("urgent", "24h", applies=Conditions(priority=frozenset({"emergency"})))
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED, {"priority": "general"}),
        ("2026-03-02 10:00", What.WAITING_STARTED, WAITING),
        ("2026-03-02 20:00", What.RESUMED, RUNNING),
        ("2026-03-02 21:00", What.RECLASSIFIED, {"priority": "emergency"}),
    )

    [clock] = clocks(history, [general, urgent], ALL_CALENDARS)

    assert (clock.rule.id, clock.due_at) == ("urgent", on("2026-03-03 19:00"))


def test_reclassified_in_a_pause_it_stays_paused():
    general = rule("general", "72h", applies=Conditions(priority=frozenset({"general"})))
    urgent = rule("urgent", "24h", applies=Conditions(priority=frozenset({"emergency"})))
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED, {"priority": "general"}),
        ("2026-03-02 10:00", What.WAITING_STARTED, WAITING),
        ("2026-03-02 21:00", What.RECLASSIFIED, {"priority": "emergency"}),
    )

    [clock] = clocks(history, [general, urgent], ALL_CALENDARS)

    assert (clock.state, clock.due_at) == (ClockState.PAUSED, None)
    assert clock.left(on("2026-03-05 09:00")) == timedelta(hours=23)
