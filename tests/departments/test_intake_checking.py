"""What a complaint must state before it is taken in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shouwen.editions.pack import SHIPPED, open_pack
from shouwen.intake.checking import DraftRefused, check
from tests.cast import MONDAY, draft

EDITION = open_pack(SHIPPED).edition(1)
COVERAGE = {
    "place": "某区某路",
    "signal_bars": "one",
    "network_kind": "nr",
    "affected_service": "web",
    "when_it_happens": "always",
}


def wrong_fields(**changes: object) -> set[str]:
    given = {"details": COVERAGE, **changes}
    try:
        check(draft(**given), EDITION, now=MONDAY)
    except DraftRefused as refused:
        return set(refused.errors)
    return set()


def test_a_complaint_that_states_what_its_category_asks_is_taken_in() -> None:
    assert wrong_fields() == set()


@pytest.mark.clause("U2.1", "S1.2a")
def test_a_network_complaint_states_place_signal_network_service_and_when() -> None:
    assert wrong_fields(details={}) == set(COVERAGE)


@pytest.mark.clause("U4.3", "U4.4")
def test_a_mobile_data_complaint_states_payment_arrears_settings_and_roaming_before_it_goes_on() -> None:
    missing = wrong_fields(category="network.mobile_data.slow", details=COVERAGE)

    assert missing == {"payment_kind", "in_arrears", "data_on", "roaming", "checked_with_user"}


BROADBAND = {"service_address": "某区某路 1 号", "when_it_happens": "always"}
MOBILE = {
    "place": "某区某路",
    "network_kind": "unknown",
    "affected_service": "unknown",
    "when_it_happens": "unknown",
    "payment_kind": "unknown",
    "in_arrears": "unknown",
    "data_on": "unknown",
    "roaming": "unknown",
    "checked_with_user": "yes",
}


@pytest.mark.clause("S1.2a", "S1.2c")
@pytest.mark.parametrize(
    ("category", "details", "wrong", "because"),
    [
        ("network.broadband.slow", BROADBAND, set(), "a caller who is not at home cannot see the lights"),
        ("network.broadband.slow", BROADBAND | {"lights": " "}, set(), "left blank is left out"),
        ("network.broadband.slow", {"lights": "红灯"}, set(BROADBAND), "an engineer must know where to go, and when"),
        ("network.mobile_data.slow", MOBILE, set(), "not known is an answer too"),
        (
            "network.mobile_data.slow",
            MOBILE | {"checked_with_user": "unknown"},
            {"checked_with_user"},
            "the desk knows what it has checked",
        ),
        (
            "tariff.abnormal_fee.overage",
            {"item_disputed": "增值包", "disputed_amount": "不少"},
            {"disputed_amount"},
            "what is answered is answered properly",
        ),
    ],
)
def test_a_caller_need_not_know_everything(category: str, details: dict, wrong: set[str], because: str) -> None:
    assert wrong_fields(category=category, details=details) == wrong, because


@pytest.mark.clause("S1.2b")
def test_a_change_of_plan_needs_the_duty_to_inform_confirmed() -> None:
    asked = {"contract_item": "套餐", "plan_now": "99 元"}

    assert wrong_fields(category="contract.plan_change.refused", details=asked) == {"informed"}
    assert wrong_fields(category="contract.plan_change.refused", details=asked, informed=True) == set()


@pytest.mark.clause("S1.2c", "T6.2")
def test_what_the_category_does_not_ask_is_not_collected() -> None:
    assert wrong_fields(details=COVERAGE | {"mother_s_name": "某某"}) == {"mother_s_name"}


@pytest.mark.clause("U3.1")
def test_the_fourth_level_waits_for_verification() -> None:
    assert wrong_fields(category="network.coverage.weak.blocked") == {"category"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": "长" * 10_001}, "text"),
        ({"category": "no.such"}, "category"),
        ({"phone": "12"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"phone": "call me"}, "phone"),
        ({"name": "长" * 81}, "name"),
        ({"region": "99"}, "region"),
        ({"region": "abc"}, "region"),
        ({"channel": "telepathy"}, "channel"),
        ({"severity": "enormous"}, "severity"),
        ({"received_at": MONDAY + timedelta(minutes=6)}, "received_at"),
        ({"received_at": MONDAY - timedelta(days=367)}, "received_at"),
        ({"details": COVERAGE | {"signal_bars": "many"}}, "signal_bars"),
    ],
)
def test_each_thing_that_is_wrong_is_named(changes: dict[str, object], field: str) -> None:
    assert wrong_fields(**({"source": "form"} | changes)) == {field}


def test_everything_wrong_is_said_at_once() -> None:
    assert wrong_fields(text="", phone="12", region="99") == {"text", "phone", "region"}


def test_a_moved_in_spreadsheet_may_leave_questions_unanswered() -> None:
    check(draft(received_at=MONDAY - timedelta(days=900)), EDITION, now=MONDAY, complete=False)
