"""Clocks that ignored business hours for years (Chatwoot #13392): what comes in when nobody is there."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest

from shouwen.handbook.escalation import look_times
from shouwen.handbook.history import What
from shouwen.handbook.targets import Kind, Step
from tests.handbook.times import OFFICE, on, only_clock, rule, story

pytestmark = pytest.mark.clause("X3", "H5.1.2")
FOUR_HOURS, ONE_DAY, SEVEN_DAYS = rule("hours", "4wh"), rule("day", "1wd"), rule("days", "7wd")
BY_LAW = rule("law", "15d", kind=Kind.STATUTORY)


def due(target, received_at: str):
    return only_clock(target, story((received_at, What.ACCEPTED))).due_at


def test_created_after_hours_it_spends_nothing_before_the_morning():
    assert due(FOUR_HOURS, "2026-03-04 20:00") == on("2026-03-05 14:30")
    assert due(ONE_DAY, "2026-03-04 20:00") == on("2026-03-05 17:30")


def test_created_before_hours_it_begins_with_the_first_shift():
    assert due(FOUR_HOURS, "2026-03-04 06:00") == on("2026-03-04 14:30")


def test_created_in_the_last_minute_of_the_day_it_spends_that_minute():
    assert due(FOUR_HOURS, "2026-03-04 17:29") == on("2026-03-05 14:29")


def test_created_at_a_weekend_it_begins_on_monday():
    assert due(FOUR_HOURS, "2026-03-07 10:00") == on("2026-03-09 14:30")
    assert due(ONE_DAY, "2026-03-07 10:00") == on("2026-03-09 17:30")


def test_created_on_a_holiday_it_begins_when_the_holiday_is_over():
    assert due(FOUR_HOURS, "2026-10-03 10:00") == on("2026-10-08 14:30")
    assert due(ONE_DAY, "2026-10-01 10:00") == on("2026-10-08 17:30")


def test_a_make_up_saturday_counts():
    """Saturday 9 May 2026 is worked for Labour Day: received the day before, one working day ends on it."""
    assert due(ONE_DAY, "2026-05-08 10:00") == on("2026-05-09 17:30")
    assert due(FOUR_HOURS, "2026-05-09 10:00") == on("2026-05-09 16:00")


def test_the_swapped_friday_does_not_count():
    """Friday 2 January 2026 is off, Sunday 4 January is worked for it."""
    assert OFFICE.between(on("2026-01-02 00:00"), on("2026-01-03 00:00")) == timedelta(0)
    assert due(ONE_DAY, "2025-12-31 10:00") == on("2026-01-04 17:30")
    assert due(rule("two", "2wd"), "2025-12-31 10:00") == on("2026-01-05 17:30")


def test_beside_working_days_the_law_s_natural_days_go_on_over_the_national_day():
    """Received on 28 September 2026: the law's 15 days run out in the morning of the day on which 7 working days do."""
    assert due(SEVEN_DAYS, "2026-09-28 10:00") == on("2026-10-13 17:30")
    assert due(BY_LAW, "2026-09-28 10:00") == on("2026-10-13 10:00")


def test_beside_working_days_the_law_s_natural_days_go_on_over_the_spring_festival():
    """Received on 12 February 2026: both make-up Saturdays count, and still the law comes first."""
    assert due(SEVEN_DAYS, "2026-02-12 10:00") == on("2026-02-28 17:30")
    assert due(BY_LAW, "2026-02-12 10:00") == on("2026-02-27 10:00")


@pytest.mark.parametrize(
    ("received_at", "warned_at", "due_at"),
    [
        ("2026-03-04 11:00", "2026-03-04 14:30", "2026-03-04 15:00"),  # due after the gap, warned after it
        ("2026-03-04 10:30", "2026-03-04 12:00", "2026-03-04 14:30"),  # warned at the close before the gap
        ("2026-03-04 16:30", "2026-03-05 09:00", "2026-03-05 09:30"),  # the gap is the night: not at 00:00
        ("2026-03-06 16:30", "2026-03-09 09:00", "2026-03-09 09:30"),  # and here the weekend
    ],
)
def test_with_two_periods_a_day_the_warning_comes_in_working_time_before_the_deadline(received_at, warned_at, due_at):
    """A warning half an hour of work before the end of two hours fired at 00:00 where the gap was taken for time."""
    ladder = (Step(share=Fraction(3, 4), tells=("handler",)), Step(after=timedelta(0), tells=("handler",)))

    clock = only_clock(rule("two hours", "2wh", ladder=ladder), story((received_at, What.ACCEPTED)))

    assert look_times(clock) == (on(warned_at), on(due_at))
