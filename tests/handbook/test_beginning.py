"""A clock at its very beginning says what its history of one event says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwen.handbook.beginning import beginning, begins
from shouwen.handbook.clock import clocks
from shouwen.handbook.escalation import look_times
from shouwen.handbook.history import Happening, TicketState, What
from shouwen.handbook.targets import Conditions
from tests.handbook.times import ALL_CALENDARS, rule

RULES = [
    rule("days", "7wd"),
    rule("hours", "16wh"),
    rule("minutes", "90wmin"),
    rule("natural", "72h"),
    rule("night", "3wd", calendar="night"),
    rule("hotline", "30wh", calendar="hotline"),
    rule("of another priority", "3wd", applies=Conditions(priority=frozenset({"urgent"}))),
    rule("of what is told", "3wd", start=[What.CUSTOMER_TOLD], stop=[What.ARCHIVED]),
    rule("promises", "1d", for_promises=True),
]
MINUTES = st.integers(0, 2 * 366 * 24 * 60)
JUNE = datetime(2025, 6, 1, tzinfo=UTC)
MOMENTS = st.tuples(MINUTES, st.sampled_from([0, 1, 59_999_999])).map(
    lambda given: JUNE + timedelta(minutes=given[0], microseconds=given[1])
)


@pytest.mark.clause("X2")
@settings(deadline=None, max_examples=200)
@given(MOMENTS)
def test_it_is_due_and_looked_at_when_its_history_says(start):
    history = [Happening(1, What.ACCEPTED, start, {"number": "AH-1", "priority": "general", "handler": "h"})]
    state = TicketState(number="AH-1", priority="general", handler="h")

    replayed = clocks(history, RULES, ALL_CALENDARS)

    begun = [one for one in RULES if begins(one, state)]
    assert [clock.rule for clock in replayed] == begun
    for one, clock in zip(begun, replayed, strict=True):
        assert beginning(one, ALL_CALENDARS[one.calendar], start) == (
            clock.due_at,
            clock.provisional,
            look_times(clock),
        )


@pytest.mark.clause("X2")
@settings(deadline=None, max_examples=50)
@given(MOMENTS, MOMENTS)
def test_in_natural_time_every_beginning_is_the_same_but_for_its_start(one, other):
    natural = rule("natural", "72h")

    first, second = (beginning(natural, ALL_CALENDARS["natural"], start) for start in (one, other))

    moved = second.due_at - first.due_at
    assert moved == other - one
    assert second.looks == tuple(look + moved for look in first.looks)
    assert first.due_at - one == timedelta(hours=72)
