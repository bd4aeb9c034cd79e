"""Evidence: what must be on the table before a proposal."""

from datetime import UTC, datetime

import pytest

from shouwen.editions.pack import SHIPPED, open_pack
from shouwen.handbook.evidence import Checklist, EvidenceItem, check_complete, missing, recorded_items
from shouwen.handbook.history import Happening, What
from shouwen.handbook.refusals import EvidenceMissing
from shouwen.handbook.words import Source, Words

EDITION = open_pack(SHIPPED).edition(1)
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
LIST = Checklist(
    "speed",
    Words("速率", "speed"),
    (
        EvidenceItem("optical", Words("光衰", "attenuation")),
        EvidenceItem("load", Words("负载", "load")),
        EvidenceItem("photo", Words("照片", "photo"), required=False),
    ),
    Source(Words("培训", "training"), "二", Words("查光衰", "look at the attenuation")),
)


def found(item: str, seq: int) -> Happening:
    return Happening(seq, What.EVIDENCE_RECORDED, NINE, {"item": item, "finding": "as expected"})


@pytest.mark.clause("T2")
def test_a_proposal_waits_for_every_required_item():
    with pytest.raises(EvidenceMissing) as refusal:
        check_complete(LIST, {"optical"})

    assert refusal.value.facts == {"items": "load"}
    assert refusal.value.clause == "T2"


@pytest.mark.clause("T2")
def test_an_optional_item_holds_nothing_up():
    check_complete(LIST, {"optical", "load"})


def test_what_is_missing_comes_in_the_order_of_the_list():
    assert [item.code for item in missing(LIST, ())] == ["optical", "load"]
    assert missing(LIST, ["load", "optical", "something else"]) == ()


def test_a_category_without_a_checklist_asks_for_nothing():
    check_complete(None, ())

    assert EDITION.checklist("other.unclear") is None


def test_what_an_earlier_round_found_stays_found():
    history = [
        Happening(1, What.ACCEPTED, NINE),
        found("optical", 2),
        Happening(3, What.REOPENED, NINE),
        found("load", 4),
        Happening(5, What.NOTED, NINE, {"item": "photo"}),
    ]

    assert recorded_items(history) == {"optical", "load"}


@pytest.mark.clause("T2")
@pytest.mark.parametrize(
    ("category", "items"),
    [
        ("tariff.abnormal_fee.not_ordered", {"order_records", "usage", "billing_logic", "fee_detail"}),
        ("tariff.opaque.promotion", {"terms", "proof_of_participation", "system_record"}),
        ("contract.term.penalty", {"contract_text", "consumption_history"}),
        ("network.coverage.weak", {"cell_data", "site_test"}),
        ("network.broadband.slow", {"optical_attenuation", "line_interference", "olt_load"}),
        ("network.mobile_data.latency", {"backbone", "dns"}),
        ("service.attitude.store", {"recording"}),
        ("service.on_site.late", {"dispatch_log"}),
        ("service.passing_the_buck.hotline", {"transfer_trail"}),
    ],
)
def test_each_scenario_of_the_training_deck_has_its_evidence(category, items):
    assert {item.code for item in missing(EDITION.checklist(category), ())} == items


def test_a_category_below_the_scenario_asks_for_the_same():
    assert EDITION.checklist("network.coverage.weak.blocked") is EDITION.checklist("network.coverage")
