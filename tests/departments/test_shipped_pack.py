"""The shipped pack says what the handbooks say, all of it in both languages, each rule with its source."""

from __future__ import annotations

import re

import pytest

from shouwen.editions.pack import PACKS, SHIPPED, open_pack
from shouwen.handbook.history import FINISHED, Stage, TicketState, What
from shouwen.handbook.lifecycle import Move, moves_from
from shouwen.handbook.targets import Kind
from tests.clauses import catalogue

PACK = open_pack(SHIPPED)
EDITION = PACK.edition(1)
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.clause("X3")
def test_every_rule_of_the_pack_is_sourced_in_both_languages():
    for rule in EDITION.rules:
        assert rule.source.place
        for words in (rule.name, rule.source.says, rule.source.document):
            assert HAN.search(words.zh), rule.id
            assert not HAN.search(words.en), rule.id


@pytest.mark.parametrize("pack", ["cn-telecom-2025", "uk-ofcom"])
def test_every_message_to_a_customer_has_a_short_name_of_its_own(pack: str):
    messages = [one for one in open_pack(PACKS / pack).edition(1).templates.values() if one.kind == "message"]
    names = [one.name for one in messages if one.name]

    assert len(names) == len(messages)
    for said in ([name.zh for name in names], [name.en for name in names]):
        assert len(set(said)) == len(said)
        assert max(map(len, said)) <= 36


def test_every_clause_the_pack_cites_is_in_the_catalogue():
    cited = re.findall(r"clause: (\S+?)[,}\s]", "\n".join(PACK.texts.values()))

    assert {rule.clause for rule in EDITION.rules} <= set(cited) <= catalogue().keys()


@pytest.mark.clause("H5.1.1", "H2.3.2", "H5.1.2", "H5.1.3", "H2.2.2b", "H3.1.1", "S3.1a", "S3.1b", "S3.2", "S3.3")
@pytest.mark.clause("U2.2", "U1.1", "S4.2", "H5.3.2", "H7.4b", "T4.5", "U7.1", "X1", "H7.2.1", "H7.2.2")
def test_every_time_limit_of_an_ordinary_complaint_and_its_variants_is_a_rule():
    limits = {(rule.clause, "promised" if rule.for_promises else str(rule.duration)) for rule in EDITION.rules}

    assert limits >= {
        ("H5.1.1", "24h"),
        ("H2.3.2", "3wd"),
        ("H2.3.2", "48h"),
        ("H5.1.2", "7wd"),
        ("H5.1.2", "15wd"),
        ("H5.1.2", "20wd"),
        ("H5.1.3", "10wd"),
        ("H2.2.2b", "3d"),
        ("H3.1.1", "24h"),
        ("S3.1a", "30wmin"),
        ("S3.1a", "24h"),
        ("S3.1b", "1wd"),
        ("S3.2", "24h"),
        ("S3.3", "30min"),
        ("S3.3", "2h"),
        ("S3.3", "24h"),
        ("S3.3", "48h"),
        ("U2.2", "30min"),
        ("U1.1", "24h"),
        ("U1.1", "48h"),
        ("S4.2", "24h"),
        ("H5.3.2", "7wd"),
        ("H7.4b", "24h"),
        ("T4.5", "promised"),
        ("H7.2.3", "promised"),
        ("U7.1", "24h"),
        ("X1", "15d"),
        ("X1", "10d"),
        ("H7.2.1", "15min"),
        ("H7.2.1", "2h"),
        ("H7.2.2", "24h"),
        ("H7.2.2", "48h"),
        ("H7.2.2", "72h"),
        ("H7.2.2", "120h"),
    }


@pytest.mark.clause("X1", "X2")
def test_only_the_law_is_statutory_and_nothing_pauses_it():
    statutory = [rule for rule in EDITION.rules if rule.kind is Kind.STATUTORY]

    assert {rule.clause for rule in statutory} == {"X1"}
    assert not any(rule.pauses for rule in statutory)


@pytest.mark.clause("H5.1.2")
def test_initial_handling_stops_at_the_proposal_and_the_whole_when_carried_out():
    initial, whole = (EDITION.rule(name) for name in ("initial-handling-general", "handling-general"))

    assert What.PROPOSED in initial.stop
    assert What.PROPOSED not in whole.stop
    assert What.CARRIED_OUT in whole.stop


@pytest.mark.clause("H5.1.3", "H5.3.2", "S4.2")
def test_what_follows_the_handling_starts_when_it_is_completed_or_told():
    starts = {name: EDITION.rule(name).start for name in ("result-told", "archive", "follow-up-call")}

    assert starts["result-told"] == {What.CARRIED_OUT}
    assert What.CARRIED_OUT in starts["archive"]
    assert What.ACCEPTED not in starts["archive"]
    assert starts["follow-up-call"] == {What.CUSTOMER_TOLD}


@pytest.mark.clause("H2.3.2", "H5.1.2")
@pytest.mark.parametrize(
    ("complexity", "rules"),
    [
        ("general", {"handling-general", "initial-handling-general", "respond-3wd"}),
        ("complex", {"handling-complex", "closed-loop-joint"}),
        ("major", {"handling-major", "handling-major-48h", "closed-loop-joint"}),
    ],
)
def test_the_grade_of_a_complaint_decides_which_working_days_it_has(complexity, rules):
    state = TicketState(category="tariff.refund.not_paid", priority="general", complexity=complexity)
    graded = {rule.id for rule in EDITION.rules if rule.applies.complexity and rule.applies.fit(state)}

    assert graded == rules


@pytest.mark.clause("S3.1a", "S3.1b", "U2.2")
@pytest.mark.parametrize(
    ("category", "rules"),
    [
        ("network.broadband.slow", {"technical-response", "on-site", "appointment-kept", "field-test-arrival"}),
        ("network.coverage.weak", {"call-the-user", "appointment-kept", "field-test-arrival"}),
        ("tariff.refund.not_paid", {"business-proposal"}),
        ("service.attitude.store", set()),
    ],
)
def test_technical_and_business_cases_have_clocks_of_their_own(category, rules):
    state = TicketState(category=category, priority="general")
    special = {rule.id for rule in EDITION.rules if rule.applies.category and rule.applies.fit(state)}

    assert special == rules


@pytest.mark.clause("H3.1.1", "X1")
@pytest.mark.parametrize("ticket_type", ["complaint", "appeal", "fault", "request", "enquiry"])
def test_every_type_of_ticket_has_one_24_hour_answer_and_complaints_and_appeals_the_laws(ticket_type):
    state = TicketState(ticket_type=ticket_type, category="other.unclear", priority="general")
    fitting = {rule.id for rule in EDITION.rules if rule.applies.fit(state)}

    assert len(fitting & {"response-24h", "service-response-24h"}) == 1
    assert len(fitting & {"statutory-answer", "statutory-appeal"}) == (ticket_type in {"complaint", "appeal"})


@pytest.mark.clause("U7.1")
def test_receipt_is_confirmed_where_nobody_was_there_to_confirm_it():
    confirm = EDITION.rule("confirm-receipt")

    assert confirm.applies.fit(TicketState(channel="letter"))
    assert not confirm.applies.fit(TicketState(channel="hotline"))


def test_each_priority_of_the_table_and_each_path_exists():
    assert {row.priority for row in EDITION.priority_table} == EDITION.priorities.keys()
    assert EDITION.path("enquiry") == "at_contact"
    assert EDITION.path("complaint") == EDITION.path("appeal") == "full"


@pytest.mark.clause("X2")
def test_clocks_stop_only_for_the_listed_reasons_of_each_move():
    assert EDITION.needs.pauses == {
        Move.WAIT: {"waiting_for_customer"},
        Move.HOLD: {"agreed_appointment", "force_majeure"},
    }
    assert EDITION.needs.facts[Move.WAIT] == ("pause", "until")


@pytest.mark.clause("U2.5", "U7.2", "H5.1.1")
def test_what_a_move_must_state():
    needs = EDITION.needs

    assert needs.two_feedbacks == {Move.FOLLOW_UP, Move.CLOSE}
    assert "evidence" in needs.facts[Move.MARK]
    assert "proof" in needs.facts[Move.TELL_CUSTOMER]
    assert "expected_at" in needs.facts[Move.RESPOND]


@pytest.mark.clause("H5.3.2")
def test_the_archive_is_kept_for_three_years():
    assert EDITION.retention.years == 3


@pytest.mark.clause("H2.1.1", "M3.1", "U1.2")
def test_every_way_in_has_its_channel():
    assert {
        "hotline", "web", "app", "on_site", "service_centre", "email", "sms", "social", "letter", "suggestion_box",
        "visit", "third_party", "regulator",
    } <= EDITION.channels.keys()  # fmt: skip


@pytest.mark.clause("S4.2b", "H2.2.2")
def test_scores_and_causes_are_those_of_the_documents():
    assert list(EDITION.scores) == ["1", "2", "3", "4"]
    assert set(EDITION.causes) == {"systemic", "human", "process", "technical"}


@pytest.mark.clause("S1.2c")
def test_whatever_is_asked_says_what_it_is_for():
    for field in EDITION.fields.values():
        assert field.purpose.zh.startswith(("用于", "派单")), field.code
        assert field.purpose.en
    assert EDITION.fields["service_address"].personal


def test_every_field_is_asked_by_some_category():
    assert EDITION.fields.keys() == {name for node in EDITION.categories.nodes.values() for name in node.asked}


@pytest.mark.clause("S1.2a", "S1.2c")
def test_a_choice_a_caller_may_not_know_can_be_answered_so_because_a_made_up_answer_sends_people_the_wrong_way():
    choosing = {code for code, field in EDITION.fields.items() if field.kind in {"choice", "yes_no"}}

    assert {code for code in choosing if "unknown" not in EDITION.fields[code].answers} == {"checked_with_user"}


@pytest.mark.clause("U2.1", "U4.3", "U4.4", "S1.2a")
@pytest.mark.parametrize(
    ("category", "stated"),
    [
        ("network.coverage.weak", {"place", "signal_bars", "network_kind", "affected_service", "when_it_happens"}),
        ("network.mobile_data.slow", {"payment_kind", "in_arrears", "data_on", "roaming", "checked_with_user"}),
        ("network.broadband.slow", {"service_address", "when_it_happens"}),
        ("service.attitude.store", {"where_served", "when_served"}),
    ],
)
def test_what_the_documents_say_a_case_must_state_is_never_left_out(category, stated):
    assert stated <= set(EDITION.categories.find(category).required)


@pytest.mark.clause("S2.1b", "U4.3")
@pytest.mark.parametrize(
    ("category", "left_out", "because"),
    [
        ("network.broadband.outage", {"lights"}, "whoever calls from work cannot see the modem"),
        ("network.mobile_data.slow", {"device"}, "the brand is stated if possible"),
        ("tariff.abnormal_fee.not_ordered", {"billing_period", "disputed_amount"}, "the bill says both"),
        ("contract.term.penalty", {"contract_item"}, "customers seldom know what their contract is called"),
        ("rights.harassment.calls", {"number_involved"}, "the number may have been withheld"),
        ("service.attitude.hotline", {"staff_number"}, "it is asked only if known"),
    ],
)
def test_what_a_caller_may_not_know_may_be_left_out(category, left_out, because):
    assert set(EDITION.categories.find(category).optional) == left_out, because


def test_nothing_in_the_pack_is_said_in_one_language_only():
    kinds = ("teams", "skills", "regions", "severities", "channels", "marks", "grounds", "templates", "roles", "pauses")
    for kind in kinds:
        for term in getattr(EDITION, kind).values():
            assert HAN.search(term.words.zh), (kind, term.code)
            assert not HAN.search(term.words.en), (kind, term.code)


@pytest.mark.clause("T4.1")
def test_a_template_is_not_sent_with_a_blank_unfilled():
    template = EDITION.templates["acknowledgement"]

    assert template.blanks == ("number",)
    assert "AH-1" in template.filled("zh-hans", {"number": "AH-1"})
    assert "AH-1" in template.filled("en", {"number": "AH-1"})
    with pytest.raises(KeyError):
        template.filled("en", {})


def test_labels_speak_both_languages_and_an_unknown_code_says_itself():
    assert EDITION.label("categories", "network.coverage").en == "Coverage"
    assert EDITION.label("rules", "undispatched").zh == "派单"
    assert EDITION.label("channels", "hotline").spoken("en") == "Hotline"
    assert EDITION.label("channels", "telex").zh == "telex"


def test_the_fields_a_category_asks_come_with_their_words_those_that_must_be_answered_first():
    fields = EDITION.asked_fields("network.broadband.slow")

    assert [field.code for field in fields] == ["service_address", "when_it_happens", "lights"]
    assert fields[1].choices


@pytest.mark.clause("H5.2")
def test_at_every_open_stage_of_every_path_somebody_may_go_on():
    allowed = {move for role in EDITION.roles.values() for move in role.moves}
    for path in EDITION.paths.values():
        for stage in set(Stage) - FINISHED:
            assert allowed.intersection(moves_from(TicketState(stage=stage), path)), (path, stage)


@pytest.mark.clause("U1.1")
def test_what_is_only_measured_leads_no_screen() -> None:
    leading = {rule.id: rule.leads for rule in EDITION.rules}

    assert not leading["automated-24h"]
    assert not leading["outside-feedback"]
    assert leading["response-24h"]


@pytest.mark.clause("U1.1")
def test_nothing_inside_the_house_is_feedback_to_the_outside() -> None:
    assert EDITION.rule("outside-feedback").stop == {What.CUSTOMER_TOLD, What.ANSWERED_AT_CONTACT}
