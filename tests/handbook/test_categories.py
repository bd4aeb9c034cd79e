"""Categories: three levels at intake, the fourth after verification."""

import pytest

from shouwen.editions.pack import SHIPPED, open_pack
from shouwen.handbook.categories import Category, CategoryTree, check_intake_level, level
from shouwen.handbook.refusals import CategoryUnknown, TooDeep
from shouwen.handbook.words import Words
from tests.examples import code, examples

TREE = open_pack(SHIPPED).edition(1).categories
LEVELS = examples("deciding.md", "levels")


@pytest.mark.clause("U3.1")
@pytest.mark.parametrize("row", LEVELS, ids=[code(row["category"]) for row in LEVELS])
def test_a_category_lies_as_deep_as_its_code_has_parts(row):
    category = code(row["category"])

    assert TREE.level(category) == TREE.find(category).level == int(row["level"])
    assert (TREE.find(category) in TREE.at_intake()) == bool(row["at intake"])


@pytest.mark.clause("U3.1")
def test_the_fourth_level_is_refused_at_intake_because_nobody_has_verified_it():
    check_intake_level("network.coverage.weak")

    with pytest.raises(TooDeep) as refusal:
        check_intake_level("network.coverage.weak.blocked")
    assert refusal.value.clause == "U3.1"


def test_no_code_lies_at_no_level():
    assert level("") == 0


@pytest.mark.clause("H2.1.2")
def test_a_category_the_edition_does_not_have_is_refused():
    with pytest.raises(CategoryUnknown) as refusal:
        TREE.find("network.cofverage")
    assert refusal.value.facts == {"category": "network.cofverage"}


def test_children_and_path_follow_the_codes():
    small = CategoryTree(
        {code: Category(code, Words(code, code)) for code in ("a", "a.b", "a.b.c", "ab", "a.d", "a.b.c.e")}
    )

    assert [node.code for node in small.children()] == ["a", "ab"]
    assert [node.code for node in small.children("a")] == ["a.b", "a.d"]
    assert [node.code for node in small.path("a.b.c")] == ["a", "a.b", "a.b.c"]
    assert [node.code for node in small.at_intake()] == ["a", "a.b", "a.b.c", "ab", "a.d"]


@pytest.mark.clause("U2.1")
def test_a_network_complaint_asks_where_which_network_which_service_and_when():
    required = set(TREE.find("network.coverage.weak").required)

    assert required >= {"place", "signal_bars", "network_kind", "affected_service", "when_it_happens"}


@pytest.mark.clause("U4.3", "U4.4")
def test_a_mobile_data_complaint_asks_what_the_network_centre_must_know():
    required = set(TREE.find("network.mobile_data.no_access").required)

    assert required >= {"payment_kind", "in_arrears", "data_on", "roaming", "checked_with_user"}


@pytest.mark.clause("S1.2a")
def test_only_what_lies_on_a_line_asks_for_the_service_address():
    asking = {node.code for node in TREE.at_intake() if "service_address" in node.required}

    assert "network.broadband.slow" in asking
    assert "network.fixed_line.dead" in asking
    assert not any(code.startswith("tariff") for code in asking)


@pytest.mark.clause("S1.2b")
@pytest.mark.parametrize("code", ["contract.plan_change.downgrade", "contract.cancellation.still_charged"])
def test_a_change_of_plan_needs_the_customer_to_have_been_informed(code):
    assert TREE.find(code).duty_to_inform


@pytest.mark.clause("S1.2b")
def test_nothing_else_needs_it():
    informed = {node.code for node in TREE.nodes.values() if node.duty_to_inform}

    assert {code.rpartition(".")[0] for code in informed if level(code) == 3} == {
        "contract.plan_change",
        "contract.cancellation",
    }


def test_a_branch_below_keeps_what_is_asked_above_it():
    above, below = TREE.find("contract"), TREE.find("contract.plan_change.wrong")

    assert below.optional == (*above.optional, "plan_now")
    assert below.evidence == above.evidence == "contract-term"


@pytest.mark.clause("S1.2a")
def test_what_may_be_left_out_above_can_be_needed_below_and_is_asked_once():
    service, attitude = TREE.find("service"), TREE.find("service.attitude.store")

    assert (service.required, service.optional) == ((), ("where_served", "when_served"))
    assert attitude.asked == ("where_served", "when_served", "staff_number")
    assert attitude.required == ("where_served", "when_served")


@pytest.mark.clause("H2.1.2", "M2", "T1.1")
def test_every_class_the_handbooks_name_has_its_branch():
    assert [node.code for node in TREE.children()] == [
        "network",
        "tariff",
        "contract",
        "service",
        "process",
        "content",
        "rights",
        "other",
    ]
