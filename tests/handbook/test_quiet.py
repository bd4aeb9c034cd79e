"""免打扰: when customers are left in peace, and from when on they may hear from us."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwen.handbook.quiet import QuietHours, allowed_from, leaves
from tests.cast import MONDAY, SHANGHAI, on

NIGHT = QuietHours(time(21), time(8), SHANGHAI)
NOON = QuietHours(time(12), time(14), SHANGHAI)

pytestmark = pytest.mark.clause("T4.3")


@pytest.mark.parametrize(
    ("at", "goes"),
    [
        ("2026-03-02 20:59", "2026-03-02 20:59"),
        ("2026-03-02 21:00", "2026-03-03 08:00"),
        ("2026-03-03 07:59", "2026-03-03 08:00"),
        ("2026-03-03 08:00", "2026-03-03 08:00"),
        ("2026-03-03 12:30", "2026-03-03 14:00"),
    ],
)
def test_what_comes_up_in_hours_of_peace_waits_for_their_end(at: str, goes: str):
    assert allowed_from(on(at), NIGHT, NOON) == on(goes)


def test_one_peace_may_lead_into_another_because_both_are_asked_again():
    morning = QuietHours(time(8), time(10), SHANGHAI)

    assert allowed_from(on("2026-03-02 22:00"), NIGHT, morning) == on("2026-03-03 10:00")


def test_nobody_who_wishes_for_nothing_waits():
    assert allowed_from(MONDAY) == MONDAY


def test_hours_that_leave_no_moment_free_end_all_the_same_because_a_late_message_beats_none():
    day = QuietHours(time(8), time(21), SHANGHAI)

    assert allowed_from(MONDAY, NIGHT, day) > MONDAY


@given(st.integers(0, 1439), st.integers(1, 1439), st.integers(0, 60 * 24 * 40))
def test_a_moment_that_is_allowed_lies_in_no_peace_and_less_than_a_day_ahead(start: int, lasts: int, minutes: int):
    ends = (start + lasts) % 1440
    hours = QuietHours(time(start // 60, start % 60), time(ends // 60, ends % 60), SHANGHAI)
    at = MONDAY + timedelta(minutes=minutes)

    allowed = allowed_from(at, hours)

    assert hours.ending(allowed) is None
    assert at <= allowed < at + timedelta(days=1)


@pytest.mark.parametrize(
    ("begins", "ends", "left"),
    [(time(8), time(20), True), (time(8), time(20, 1), False), (time(22), time(7), True), (time(21), time(8), True)],
)
def test_a_wish_leaves_an_hour_in_which_the_customer_may_be_told(begins: time, ends: time, left: bool):
    assert leaves(timedelta(hours=1), NIGHT, QuietHours(begins, ends, SHANGHAI)) is left
