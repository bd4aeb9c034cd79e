"""满意度: what a rating is worth, who is trained, who is called, and what is promised meanwhile."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from shouwen.editions.pack import SHIPPED, open_pack
from shouwen.handbook.calling import check_called, next_call
from shouwen.handbook.history import TicketState
from shouwen.handbook.quiet import QuietHours
from shouwen.handbook.refusals import CallDue
from shouwen.handbook.satisfaction import Coaching, Tally, in_tenths, to_be_trained, worst
from tests.cast import SHANGHAI, on

TELLING = open_pack(SHIPPED).edition(1).telling
MARKING, CALLS = TELLING.marking, TELLING.calls
assert MARKING
assert CALLS
ALL = ("overall", "result", "handling", "efficiency")


@pytest.mark.clause("H3.1.3")
@pytest.mark.parametrize(
    ("share", "goal", "shown"),
    [
        (Fraction(4, 6), None, "66.7"),
        (Fraction(1, 3), Decimal(85), "33.3"),
        (Fraction(84996, 100000), Decimal(85), "84.9"),  # because 85.0 would say that the goal was reached
        (Fraction(85, 100), Decimal(85), "85"),
    ],
)
def test_a_share_is_rounded_but_what_misses_its_goal_never_shows_it(share, goal, shown):
    assert in_tenths(share, goal) == Decimal(shown)


@pytest.mark.clause("H7.2.4")
@pytest.mark.parametrize(
    ("scores", "marks", "again"),
    [
        ({"overall": 1}, 100, False),
        ({"overall": 2}, 85, False),
        ({"overall": 3}, 60, True),
        ({"overall": 4}, 0, True),
        (dict.fromkeys(ALL, 2), 85, False),
        ({"overall": 1, "result": 1, "handling": 1, "efficiency": 3}, 93, False),
        ({"overall": 2, "result": 2, "handling": 2, "efficiency": 3}, 80, True),
        ({"result": 2, "handling": 3, "efficiency": 1}, 82, True),
        ({}, None, False),
    ],
)
def test_a_ticket_worth_less_than_85_of_100_is_worked_again(scores: dict[str, int], marks: int | None, again: bool):
    assert MARKING.of(scores) == marks
    assert MARKING.fails(marks) is again


@pytest.mark.clause("S4.2b")
def test_nobody_is_satisfied_on_average():
    assert (worst([1, 4, 1]), worst([])) == (4, 0)


@pytest.mark.clause("S4.2c")
@pytest.mark.parametrize(
    ("latest_first", "trained"),
    [
        ([3, 3, 3], True),
        ([4, 3, 3, 1], True),
        ([3, 3], False),
        ([3, 2, 3, 3], False),
        ([1, 3, 3, 3], False),
        ([], False),
    ],
)
def test_three_in_a_row_below_satisfied_make_a_training(latest_first: list[int], trained: bool):
    assert to_be_trained(latest_first, Coaching(3, "first_owner", timedelta(days=7))) is trained


@pytest.mark.clause("T6.3", "H3.1.3")
def test_figures_are_shares_of_those_who_answered():
    tally = Tally(told=10, asked=9, rated=4, satisfied=3, promoters=2, detractors=1, recommending=3)

    assert (tally.satisfaction, tally.response, tally.nps) == (Fraction(3, 4), Fraction(4, 10), 33)
    assert (Tally().satisfaction, Tally().response, Tally().nps) == (None, None, None)


@pytest.mark.clause("S4.2b")
@pytest.mark.parametrize(
    ("state", "due"),
    [
        (TicketState(ticket_type="complaint"), True),
        (TicketState(ticket_type="fault"), False),
        (TicketState(ticket_type="fault", customer_level="vip"), True),
        (TicketState(ticket_type="enquiry"), False),
    ],
)
def test_complaints_and_vip_customers_are_called_by_a_person(state: TicketState, due: bool):
    assert CALLS.due_for(state) is due


@pytest.mark.clause("S4.2b")
@pytest.mark.parametrize(
    ("facts", "passes"),
    [
        ({"via": "phone", "satisfied": True}, True),
        ({"via": "phone", "satisfied": False}, True),
        ({"via": "online", "satisfied": True}, False),
        ({"via": "phone"}, False),
        ({"via": "phone", "called": "refused"}, True),
        ({"via": "phone", "called": "not_reached", "calls": 3}, True),
        ({"via": "phone", "called": "not_reached", "calls": 2}, False),
        ({"via": "phone", "called": "not_reached"}, False),
    ],
)
def test_a_complaint_is_followed_up_by_a_talk_a_refusal_or_three_calls_in_vain(facts: dict[str, Any], passes: bool):
    complaint = TicketState(ticket_type="complaint")

    if passes:
        check_called(complaint, facts, CALLS)
    else:
        with pytest.raises(CallDue):
            check_called(complaint, facts, CALLS)
    check_called(TicketState(ticket_type="fault"), facts, CALLS)
    check_called(complaint, facts, None)


@pytest.mark.clause("S4.2b")
def test_whoever_was_not_reached_is_called_again_but_not_at_night():
    night = QuietHours(time(21), time(8), SHANGHAI)

    assert next_call(on("2026-03-02 15:00"), CALLS, night) == on("2026-03-02 17:00")
    assert next_call(on("2026-03-02 20:00"), CALLS, night) == on("2026-03-03 08:00")


def test_each_kind_of_ticket_has_its_own_words():
    scripts = {
        kind: CALLS.script_for(TicketState(ticket_type=kind)) for kind in ("fault", "request", "complaint", "appeal")
    }

    assert {kind: script.id for kind, script in scripts.items() if script} == {
        "fault": "fault",
        "request": "business",
        "complaint": "complaint",
        "appeal": "complaint",
    }


def test_every_part_of_the_rules_says_where_it_comes_from():
    assert set(TELLING.sources) == {
        "quiet",
        "progress",
        "delays",
        "copies",
        "calls",
        "marking",
        "reviewing",
        "coaching",
    }
