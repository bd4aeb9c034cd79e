"""One clock that overrode another (Zammad #5177): each stands for itself, and the strictest leads."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shouwen.handbook.clock import ClockState, clocks
from shouwen.handbook.history import What
from shouwen.handbook.targets import Conditions
from tests.handbook.times import ALL_CALENDARS, on, rule, story

pytestmark = pytest.mark.clause("H5.1.1", "T4.5")
FIRST = rule("first", "2h", start=[What.ACCEPTED, What.REOPENED], stop=[What.RESPONDED, What.CUSTOMER_TOLD])
UPDATE = rule("update", "1h", start=[What.RESPONDED], stop=[What.RESPONDED, What.CUSTOMER_TOLD], for_promises=True)
PROMISE = rule("promise", "1h", start=[What.PROMISE_MADE], stop=[What.PROMISE_KEPT], for_promises=True)
RULES = [FIRST, UPDATE, PROMISE]
ACCEPTED = ("2026-03-02 09:00", What.ACCEPTED)
ANSWERED = ("2026-03-02 10:00", What.RESPONDED, {"expected_at": "2026-03-03T10:00+08:00"})


def told(*history):
    """Every clock of this history: rule and start, state, due."""
    return {clock.id: (clock.state, clock.due_at) for clock in clocks(story(*history), RULES, ALL_CALENDARS)}


def test_an_update_clock_does_not_begin_before_the_first_response():
    assert told(ACCEPTED) == {"first@1": (ClockState.RUNNING, on("2026-03-02 11:00"))}


def test_a_promise_for_later_does_not_put_the_first_response_off():
    promised = ("2026-03-02 09:30", What.PROMISE_MADE, {"promise": "a", "due_at": "2026-03-02T15:00+08:00"})

    assert told(ACCEPTED, promised) == {
        "first@1": (ClockState.RUNNING, on("2026-03-02 11:00")),
        "promise@2": (ClockState.RUNNING, on("2026-03-02 15:00")),
    }


def test_the_first_response_stays_judged_as_it_was_whatever_comes_after_it():
    again = ("2026-03-03 09:00", What.RESPONDED, {"expected_at": "2026-03-04T10:00+08:00"})

    assert told(ACCEPTED, ANSWERED, again)["first@1"] == (ClockState.MET, on("2026-03-02 11:00"))


def test_an_update_clock_runs_no_longer_once_the_customer_has_their_answer():
    done = ("2026-03-02 16:00", What.CUSTOMER_TOLD)

    state, due_at = told(ACCEPTED, ANSWERED, done)["update@2"]

    assert (state, due_at) == (ClockState.MET, on("2026-03-03 10:00"))


def test_an_update_clock_does_not_begin_after_the_answer():
    answer = ("2026-03-02 10:00", What.CUSTOMER_TOLD)

    assert set(told(ACCEPTED, answer)) == {"first@1"}


def test_each_update_begins_the_next_and_ends_the_one_before():
    again = ("2026-03-03 09:00", What.RESPONDED, {"expected_at": "2026-03-04T10:00+08:00"})

    states = {name: state for name, (state, _) in told(ACCEPTED, ANSWERED, again).items()}

    assert states == {"first@1": ClockState.MET, "update@2": ClockState.MET, "update@3": ClockState.RUNNING}


def test_no_clock_is_legal():
    """A ticket no rule is for has none, and nothing invents one."""
    appeals = rule("appeal", "10d", applies=Conditions(ticket_type=frozenset({"appeal"})))

    assert clocks(story(ACCEPTED), [appeals], ALL_CALENDARS) == []
    assert clocks(story(ACCEPTED), [], ALL_CALENDARS) == []


@pytest.mark.clause("S4.1")
def test_reopened_it_has_new_clocks_linked_to_the_old_which_stay_as_they_ended():
    history = story(
        ACCEPTED,
        ("2026-03-02 12:00", What.CUSTOMER_TOLD, {"stage": "told"}),
        ("2026-03-09 09:00", What.REOPENED, {"stage": "assessed", "round": 2}),
    )

    old, new = clocks(history, [FIRST], ALL_CALENDARS)

    assert (old.state, old.used(on("2026-03-10 09:00"))) == (ClockState.MISSED, timedelta(hours=3))
    assert (new.state, new.started_at, new.previous) == (ClockState.RUNNING, on("2026-03-09 09:00"), 1)
