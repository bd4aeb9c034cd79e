"""What somebody has before their eyes to decide on a move, and whether it can still be made."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from shouwen.handbook.history import What
from shouwen.handbook.moves import Move
from shouwen.notices.models import MessageOrder
from shouwen.people.actions import make_person
from shouwen.people.models import Team
from shouwen.service_levels.explaining import as_data, ledger_of
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of
from tests.cast import Cast, record_evidence
from tests.screens.desk import Desk, ahead, brought_to, offered, taken_in, text_of

PROPOSAL = {
    "text": "调整邻区参数并补偿一个月费用",
    "cause": "technical",
    "responsible": "网络优化中心",
    "compensation": "58.00",
    "evidence": "月费账单",
}


def asked_of_billing(cast: Cast, ticket: Ticket) -> str:
    Desk(cast.handler).make(ticket, Move.ASSIGN_TASK, to_team="billing", asked="核对账单", due_at=ahead(4))
    return str(history_of(ticket.pk)[-1].facts["task"])


def proposed(cast: Cast) -> Ticket:
    ticket = brought_to(cast, Move.INVESTIGATE)
    record_evidence(cast, ticket, timezone.now())
    assert Desk(cast.handler).make(ticket, Move.PROPOSE, **PROPOSAL).status_code == 200
    return ticket


@pytest.mark.clause("S3.1", "H7.2.3")
def test_ending_a_ticket_warns_of_the_teams_that_have_not_answered(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    asked_of_billing(cast, ticket)

    closing = text_of(Desk(cast.supervisor).ask(ticket, Move.REJECT))
    going_on = text_of(Desk(cast.supervisor).ask(ticket, Move.TRANSFER))

    assert "Other teams have not answered yet" in closing
    assert "班组 billing" in closing
    assert "have not answered yet" not in going_on


@pytest.mark.clause("H7.2.3")
def test_a_task_of_a_finished_ticket_has_ended_with_it_and_can_no_longer_be_answered(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    task = asked_of_billing(cast, ticket)
    assert f"task-answer?task={task}" in Desk(cast.other_handler).open(ticket).content.decode()
    facts = {"ground": "no_facts", "reason": "无事实", "evidence": "录音 1"}
    assert Desk(cast.supervisor).make(ticket, Move.REJECT, **facts).status_code == 200

    page = Desk(cast.other_handler).open(ticket, pane="work")

    assert "task-answer" not in page.content.decode()
    assert "ended with the ticket" in text_of(page)


@pytest.mark.clause("M3.3")
def test_who_approves_or_returns_has_the_proposal_and_its_evidence_before_them(cast: Cast) -> None:
    ticket = proposed(cast)

    for move in (Move.APPROVE, Move.RETURN):
        said = text_of(Desk(cast.supervisor).ask(ticket, move))
        for shown in (PROPOSAL["text"], "58.00 yuan", "网络优化中心", "月费账单", "处理甲", "Technical", "已核实"):
            assert shown in said, (move, shown)


@pytest.mark.clause("M3.3")
def test_a_returned_proposal_is_revised_and_not_typed_again(cast: Cast) -> None:
    ticket = proposed(cast)
    Desk(cast.supervisor).make(ticket, Move.RETURN, reason="补偿过低，请按两个月计算")

    asked = Desk(cast.handler).ask(ticket, Move.PROPOSE)

    assert "补偿过低，请按两个月计算" in text_of(asked)
    assert all(value in asked.content.decode() for value in PROPOSAL.values())
    assert '<option value="technical" selected>' in asked.content.decode()


def test_what_can_no_longer_be_done_offers_no_button_that_cannot_work(cast: Cast) -> None:
    ticket = brought_to(cast, Move.DISPATCH)
    seen = ticket.last_seq
    Desk(cast.handler).make(ticket, Move.INVESTIGATE, seen=seen)

    said = Desk(cast.supervisor).make(ticket, Move.DECLINE, seen=seen, reason="我写的理由").content.decode()

    assert "我写的理由" in said
    assert "this can no longer be done" in said
    assert "Send it again" not in said
    assert 'class="btn btn-primary">' not in said  # nothing to send
    assert "data-close" in said


@pytest.mark.clause("S3.1")
def test_of_a_team_that_was_chosen_whoever_has_the_skills_and_least_in_hand_gets_it(cast: Cast) -> None:
    network = Team.objects.get(pk="network-3401")
    make_person("unskilled", display_name="处理丙", roles=["handler"], teams=[network])
    ticket = brought_to(cast, Move.ASSESS)

    Desk(cast.supervisor).make(ticket, Move.DISPATCH, team="network-3401")
    assert Ticket.objects.get(pk=ticket.pk).handler_id == cast.handler.pk

    Desk(cast.handler).make(ticket, Move.TRANSFER, team="billing", reason="账务问题")
    assert Ticket.objects.get(pk=ticket.pk).handler_id == cast.other_handler.pk


@pytest.mark.clause("S3.1")
def test_everybody_who_handles_is_offered_once_with_their_teams(cast: Cast) -> None:
    cast.handler.teams.add(Team.objects.get(pk="service"))
    ticket = brought_to(cast, Move.ASSESS)

    asked = Desk(cast.supervisor).ask(ticket, Move.DISPATCH).content.decode()

    assert asked.count(f'value="{cast.handler.pk}"') == 1
    assert "处理甲 · 班组 network-3401, 班组 service" in asked


@pytest.mark.clause("U7.2")
def test_the_three_ways_to_withdraw_say_what_tells_them_apart_and_one_of_them_marks(cast: Cast) -> None:
    ticket = taken_in(cast)
    desk = Desk(cast.agent)

    assert "taken in by mistake or twice" in text_of(desk.ask(ticket, Move.CANCEL))
    assert "The customer takes the complaint back" in text_of(desk.ask(ticket, Move.WITHDRAW))
    marking = desk.ask(ticket, Move.MARK)
    assert "A mark ends nothing" in text_of(marking)
    assert 'value="mistaken"' in marking.content.decode()
    assert 'value="withdrawn"' not in marking.content.decode()
    assert desk.make(ticket, Move.WITHDRAW, reason="已解决", evidence="录音 2").status_code == 200

    ticket.refresh_from_db()
    assert (ticket.stage, ticket.mark) == ("withdrawn", "withdrawn")


@pytest.mark.clause("H5.1.1")
def test_after_the_first_response_it_is_progress_that_is_told(cast: Cast) -> None:
    ticket = brought_to(cast, Move.DISPATCH)
    desk = Desk(cast.handler)
    facts = {"via": "phone", "text": "已联系", "expected_at": ahead(20)}
    assert "Give the first response" in text_of(desk.open(ticket))
    desk.make(ticket, Move.RESPOND, **facts)

    said = text_of(desk.open(ticket))
    assert Move.RESPOND in offered(desk.open(ticket))
    assert "Tell progress" in said
    assert "Give the first response" not in said
    assert "Tell progress" in text_of(desk.ask(ticket, Move.RESPOND))
    desk.make(ticket, Move.RESPOND, **facts)
    assert "Progress told" in text_of(desk.open(ticket))


@pytest.mark.clause("T4.3")
def test_what_the_customer_is_asked_for_goes_out_to_them_without_what_identifies_anybody(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    asked = "请补充发票照片，或致电 13800138000"
    Desk(cast.handler).make(ticket, Move.WAIT, pause="waiting_for_customer", reason=asked, until=ahead(24))

    order = MessageOrder.objects.get(ticket_id=ticket.pk, template="more_needed")
    assert order.recipient == f"customer:{ticket.customer_id}"
    assert order.params["asked"] == "请补充发票照片，或致电 ***"
    outbox = text_of(Desk(cast.supervisor).get("/outbox"))
    assert "请补充发票照片" in outbox or "we need from you: 请补充发票照片" in outbox
    assert "199****1234" in outbox  # to whom, masked


@pytest.mark.clause("H7.2.3")
def test_the_clock_of_a_task_is_called_a_task_and_has_no_duration_of_its_own(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    asked_of_billing(cast, ticket)

    clocks = as_data(ledger_of(ticket, timezone.now() + timedelta(minutes=1)))["clocks"]

    assert next(clock for clock in clocks if clock["rule"] == "collaboration")["duration"] is None
    page = Desk(cast.handler, language="zh-hans").open(ticket).content.decode()
    assert '<span class="clock-name">协办</span> <span class="clock-kind">协办</span>' in page
    assert history_of(ticket.pk)[-1].what is What.TASK_ASSIGNED


def test_the_address_of_no_queue_leads_to_the_first(cast: Cast) -> None:
    for address in ("/queues", "/queues/"):
        assert Desk(cast.handler).get(address)["Location"] == "/queues/my_work"


@pytest.mark.clause("U2.2", "S3.1a")
def test_an_arrival_is_offered_where_somebody_is_expected_on_site_and_nowhere_else(cast: Cast) -> None:
    coverage = brought_to(cast, Move.INVESTIGATE)
    refund = brought_to(cast, Move.INVESTIGATE, category="tariff.refund.not_paid")

    assert {Move.ARRIVE, Move.DECIDE_TEST} <= offered(Desk(cast.supervisor).open(coverage))
    assert not {Move.ARRIVE, Move.DECIDE_TEST} & offered(Desk(cast.supervisor).open(refund))


@pytest.mark.clause("U2.2")
def test_an_engineer_says_on_the_ticket_page_that_a_test_is_needed_and_that_they_are_there(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)

    assert Desk(cast.handler).make(ticket, Move.DECIDE_TEST, urban="true", text="室内信号弱").status_code == 200
    assert Desk(cast.handler).make(ticket, Move.ARRIVE, text="已到楼下").status_code == 200

    assert [row.what for row in history_of(ticket.pk)][-2:] == [What.TEST_DECIDED, What.ARRIVED]
    [clock] = ticket.clocks.filter(rule="field-test-arrival")
    assert clock.state == "met"
