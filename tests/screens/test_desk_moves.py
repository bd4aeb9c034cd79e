"""Each move through its form: what it asks, what it writes, what it says when it cannot be made."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from shouwen.desk.asks import ASKS, ELSEWHERE, NOUNS
from shouwen.editions.queries import current_edition, edition
from shouwen.handbook.authority import may
from shouwen.handbook.history import Stage
from shouwen.handbook.lifecycle import moves_from
from shouwen.handbook.moves import RECORDED_AS, Move
from shouwen.handling.actions import move_ticket
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.queries import history_of, state_of
from tests.cast import Cast, make, record_evidence, take_in
from tests.screens.desk import Desk, address, ahead, brought_to, offered, taken_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    """A complaint taken in a day ago."""
    return taken_in(cast)


JUDGED = {
    "category": "network.coverage.weak",
    "severity": "serious",
    "reach": "several",
    "customer_level": "ordinary",
    "complexity": "general",
}
# From where, the move, who makes it, what they fill in. A callable is asked with the cast and the ticket.
EXAMPLES: list[tuple[Move | None, Move, str, dict[str, Any]]] = [
    (None, Move.ASSESS, "agent", JUDGED),
    (Move.ASSESS, Move.RECLASSIFY, "agent", {**JUDGED, "reason": "说清楚了"}),
    (Move.ASSESS, Move.DISPATCH, "agent", {}),
    (Move.ASSESS, Move.DISPATCH, "supervisor", {"team": "billing", "handler": lambda c: c.other_handler.pk}),
    (Move.DISPATCH, Move.DECLINE, "handler", {"reason": "不属本班组"}),
    (Move.DISPATCH, Move.TRANSFER, "handler", {"team": "billing", "reason": "账务问题"}),
    (Move.DISPATCH, Move.ASSIGN, "handler", {}),
    (Move.DISPATCH, Move.HAND_OVER, "supervisor", {"first_owner": lambda c: c.second_agent.pk, "reason": "休假"}),
    (Move.DISPATCH, Move.RESPOND, "agent", {"via": "phone", "text": "正在核实", "expected_at": lambda c: ahead(20)}),
    (Move.DISPATCH, Move.INVESTIGATE, "handler", {}),
    (Move.INVESTIGATE, Move.RECORD_EVIDENCE, "handler", {"item": "cell_data", "finding": "告警一条"}),
    (
        Move.INVESTIGATE,
        Move.WAIT,
        "handler",
        {"pause": "waiting_for_customer", "reason": "请补充地址", "until": lambda c: ahead(24)},
    ),
    (
        Move.INVESTIGATE,
        Move.HOLD,
        "handler",
        {"pause": "agreed_appointment", "reason": "周末上门", "until": lambda c: ahead(48)},
    ),
    (
        Move.INVESTIGATE,
        Move.PROPOSE,
        "handler",
        {"text": "调整参数", "cause": "technical", "compensation": "20", "evidence": "资费标准", "responsible": "网优"},
    ),
    (Move.PROPOSE, Move.APPROVE, "supervisor", {"text": "同意"}),
    (Move.PROPOSE, Move.RETURN, "supervisor", {"reason": "再核实"}),
    (Move.APPROVE, Move.CARRY_OUT, "handler", {"work": "参数已调"}),
    (Move.CARRY_OUT, Move.TELL_CUSTOMER, "agent", {"via": "phone", "text": "已处理", "proof": "录音 12"}),
    (Move.CARRY_OUT, Move.TELL_INFORMANT, "agent", {"via": "phone", "text": "已处理", "proof": "录音 13"}),
    (Move.TELL_CUSTOMER, Move.SEND_SURVEY, "agent", {}),
    (Move.TELL_CUSTOMER, Move.RATE, "agent", {"overall": "2", "efficiency": "1", "words": "还行"}),
    (Move.TELL_CUSTOMER, Move.FOLLOW_UP, "agent", {"via": "phone", "outcome": "已恢复", "satisfied": "true"}),
    (Move.TELL_CUSTOMER, Move.REOPEN, "agent", {"reason": "又出现了"}),
    (Move.FOLLOW_UP, Move.CLOSE, "agent", {"outcome": "已解决"}),
    (Move.CLOSE, Move.ARCHIVE, "supervisor", {}),
    (None, Move.REJECT, "supervisor", {"ground": "not_our_service", "reason": "他网用户", "evidence": "号段查询"}),
    (None, Move.CANCEL, "agent", {"reason": "重复登记"}),
    (None, Move.WITHDRAW, "agent", {"reason": "客户撤诉", "evidence": "录音 3"}),
    (None, Move.MARK, "agent", {"mark": "mistaken", "evidence": "客户承认拨错", "reason": "误投诉"}),
    (None, Move.PROMISE, "agent", {"due_at": lambda c: ahead(2), "text": "两小时内回电"}),
    (None, Move.NOTE, "agent", {"text": "客户语气平和"}),
    (None, Move.ADD, "agent", {"text": "客户补充：晚上更严重"}),
    (Move.ASSESS, Move.MERGE, "agent", {"into": lambda c: c.earlier.number, "reason": "同一事项"}),
    (Move.MERGE, Move.UNMERGE, "agent", {"reason": "并错了"}),
    (None, Move.LINK, "agent", {"parent": lambda c: c.earlier.number}),
    (Move.ASSESS, Move.SPLIT, "agent", {"other_category": "tariff.abnormal_fee.overage", "text": "另外多扣了钱"}),
    (
        Move.INVESTIGATE,
        Move.ASSIGN_TASK,
        "handler",
        {"to_team": "billing", "asked": "核对账单", "due_at": lambda c: ahead(4)},
    ),
]


class CastWithMore:
    """The cast, an earlier ticket of the customer, and one more agent of the same region to hand over to."""

    def __init__(self, cast: Cast) -> None:
        from shouwen.people.actions import make_person

        self._cast = cast
        self.earlier = taken_in(cast, received_at=timezone.now() - timedelta(days=2))
        self.second_agent = make_person("second-agent", display_name="坐席丙", roles=["agent"], regions=["3401"])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cast, name)


@pytest.mark.clause("H5.2", "H5.3.1")
@pytest.mark.parametrize(
    ("until", "move", "who", "filled"), EXAMPLES, ids=[f"{n}-{row[1]}" for n, row in enumerate(EXAMPLES)]
)
def test_a_move_is_made_through_its_form(
    cast: Cast, until: Move | None, move: Move, who: str, filled: dict[str, Any]
) -> None:
    people = CastWithMore(cast)
    informed = {"informant_name": "某营业员"} if move is Move.TELL_INFORMANT else {}
    ticket = brought_to(cast, Move.ASSESS if until is Move.MERGE else until, **informed)
    if until is Move.MERGE:
        facts = {"into": people.earlier.number, "reason": "同一事项"}
        ticket = make(cast, ticket, (Move.MERGE, "agent", facts), timezone.now())
    if move is Move.PROPOSE:
        record_evidence(cast, ticket, timezone.now())
    desk = Desk(getattr(cast, who))
    assert move in offered(desk.open(ticket))
    asked = desk.ask(ticket, move)
    assert asked.status_code == 200
    facts = {name: value(people) if callable(value) else value for name, value in filled.items()}
    assert all(f'name="{name}"' in asked.content.decode() for name in facts)

    answer = desk.make(ticket, move, **facts)

    assert answer.status_code == 200, text_of(answer)
    assert 'id="ticket"' in answer.content.decode()
    written = TicketEvent.objects.filter(ticket_id=ticket.pk).order_by("-seq")[0]
    assert written.what == RECORDED_AS[move]
    assert written.actor == f"person:{getattr(cast, who).pk}"


@pytest.mark.clause("X2")
def test_a_waiting_ticket_goes_on_when_the_customer_has_answered(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    desk = Desk(cast.handler)
    desk.make(ticket, Move.WAIT, pause="waiting_for_customer", reason="请补充地址", until=ahead(24))
    page = text_of(desk.open(ticket))
    assert "The customer has answered" in page
    assert "请补充地址" in page

    assert desk.make(ticket, Move.RESUME, text="客户发来地址").status_code == 200

    ticket.refresh_from_db()
    assert ticket.standing == "running"


@pytest.mark.clause("T4.5")
def test_a_promise_has_a_button_to_keep_it(cast: Cast, ticket: Ticket) -> None:
    desk = Desk(cast.agent)
    assert Move.KEEP_PROMISE not in offered(desk.open(ticket))
    desk.make(ticket, Move.PROMISE, due_at=ahead(2), text="两小时内回电")
    promise = history_of(ticket.pk)[-1].facts["promise"]
    page = desk.open(ticket)
    assert f"promise-kept?promise={promise}" in page.content.decode()
    assert promise in desk.ask(ticket, Move.KEEP_PROMISE, promise=promise).content.decode()

    assert desk.make(ticket, Move.KEEP_PROMISE, promise=promise, text="已回电").status_code == 200

    assert Move.KEEP_PROMISE not in offered(desk.open(ticket))


@pytest.mark.clause("S3.1", "H7.2.3")
def test_a_collaborating_team_answers_its_own_task_and_no_other(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    Desk(cast.handler).make(ticket, Move.ASSIGN_TASK, to_team="billing", asked="核对账单", due_at=ahead(4))
    task = history_of(ticket.pk)[-1].facts["task"]
    assert Move.ANSWER_TASK not in offered(Desk(cast.handler).open(ticket))
    helper = Desk(cast.other_handler)
    assert f"task-answer?task={task}" in helper.open(ticket).content.decode()

    assert helper.make(ticket, Move.ANSWER_TASK, task=task, text="账单无误").status_code == 200

    assert "账单无误" in text_of(Desk(cast.handler).open(ticket))
    assert Move.ANSWER_TASK not in offered(helper.open(ticket))


@pytest.mark.clause("U7.1")
def test_an_extension_is_agreed_for_a_clock_that_runs_and_never_for_the_laws(cast: Cast, ticket: Ticket) -> None:
    desk = Desk(cast.agent)
    asked = desk.ask(ticket, Move.AGREE_EXTENSION).content.decode()
    rules = {rule.id: rule for rule in current_edition().rules}
    offered_rules = [rule for rule in rules if f'value="{rule}"' in asked]
    assert offered_rules
    assert all(rules[rule].can_pause for rule in offered_rules)
    chosen = offered_rules[0]
    facts = {"rule": chosen, "until": ahead(72), "evidence": "录音 8", "reason": "要等配件"}

    assert desk.make(ticket, Move.AGREE_EXTENSION, **facts).status_code == 200

    assert history_of(ticket.pk)[-1].facts["rule"] == chosen


@pytest.mark.clause("U3.2")
def test_an_enquiry_is_answered_at_contact_or_becomes_a_complaint(cast: Cast) -> None:
    now = timezone.now()
    desk = Desk(cast.agent)
    one = take_in(cast, ticket_type="enquiry", received_at=now, now=now)
    assert desk.make(one, Move.ANSWER_AT_CONTACT, text="已说明套餐").status_code == 200
    other = take_in(cast, ticket_type="enquiry", received_at=now, now=now, phone="19900005678")
    assert desk.make(other, Move.PROMOTE, reason="客户要求正式投诉").status_code == 200

    assert Ticket.objects.get(pk=one.pk).stage == Stage.TOLD
    assert Ticket.objects.get(pk=other.pk).ticket_type == "complaint"


@pytest.mark.clause("H5.2")
@pytest.mark.parametrize("until", [None, Move.ASSESS, Move.DISPATCH, Move.INVESTIGATE, Move.PROPOSE, Move.APPROVE])
def test_only_legal_moves_of_the_role_are_offered(cast: Cast, until: Move | None) -> None:
    """Because a screen must not offer what the handbook forbids."""
    ticket = brought_to(cast, until)
    rules, state = edition(ticket.edition), state_of(ticket)
    legal = moves_from(state, rules.path(state.ticket_type))
    nothing_to_do_it_on = {Move.KEEP_PROMISE, Move.ANSWER_TASK, Move.TELL_INFORMANT, Move.MERGE, Move.CONFIRM_VISIT}
    nothing_to_do_it_on |= {Move.UNLINK}
    nothing_to_do_it_on |= {Move.TALK_OVERDUE, Move.FOLLOW_MEASURE}
    for who in ("agent", "handler", "supervisor", "manager"):
        if who == "handler" and ticket.team_id is None:
            continue  # nothing of theirs yet
        allowed = {move for move in legal if may(rules.roles, cast.actor(who), move)}

        assert offered(Desk(getattr(cast, who)).open(ticket)) == allowed - nothing_to_do_it_on - ELSEWHERE


@pytest.mark.clause("H5.2")
def test_a_move_of_another_role_is_refused_and_says_whom_to_ask(cast: Cast, ticket: Ticket) -> None:
    answer = Desk(cast.agent).make(ticket, Move.REJECT, ground="no_facts", reason="无", evidence="无")

    assert answer.status_code == 409
    assert "Supervisor" in text_of(answer)
    assert "supervisor" not in text_of(answer)


@pytest.mark.clause("T2")
def test_a_refusal_is_shown_at_the_form_with_its_source_and_the_text_is_kept(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    answer = Desk(cast.handler, language="zh-hans").make(
        ticket, Move.PROPOSE, text="一份写了很久的方案", cause="technical"
    )

    said = text_of(answer)
    assert answer.status_code == 409
    assert "一份写了很久的方案" in said
    assert "证据清单还缺" in said
    assert "服务小区数据" in said  # the item by its name, not by its code
    assert "cell_data" not in said
    assert "培训" in said  # the document it comes from


@pytest.mark.clause("M3.3")
def test_nobody_is_offered_to_approve_a_proposal_of_their_own(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    record_evidence(cast, ticket, timezone.now())
    desk = Desk(cast.supervisor)
    desk.make(ticket, Move.PROPOSE, text="自己提的方案", cause="process")

    assert Move.APPROVE not in offered(desk.open(ticket))
    answer = desk.make(ticket, Move.APPROVE)
    assert answer.status_code == 409
    assert "Nobody approves a proposal of their own" in text_of(answer)


def test_what_is_missing_is_said_at_its_field(cast: Cast, ticket: Ticket) -> None:
    answer = Desk(cast.agent).make(ticket, Move.CANCEL, reason="")

    assert answer.status_code == 422
    assert "field-wrong" in answer.content.decode()
    assert TicketEvent.objects.filter(ticket_id=ticket.pk).count() == 1


def test_the_second_of_two_sees_what_the_first_did_and_loses_no_text(cast: Cast) -> None:
    """Because both had the page open, and the second decided on what was no longer so."""
    ticket = brought_to(cast, Move.INVESTIGATE)
    seen = ticket.last_seq
    Desk(cast.supervisor).make(ticket, Move.RECLASSIFY, seen=seen, **JUDGED, reason="影响整栋楼")

    answer = Desk(cast.handler).make(
        ticket, Move.RECORD_EVIDENCE, seen=seen, item="cell_data", finding="写了很久的结论"
    )

    said = answer.content.decode()
    assert answer.status_code == 409
    assert said.lstrip().startswith("<dialog")
    assert "影响整栋楼" in said
    assert "主管甲" in said
    assert "写了很久的结论" in said
    assert f'name="seen" value="{seen + 1}"' in said

    again = Desk(cast.handler).make(
        ticket, Move.RECORD_EVIDENCE, seen=seen + 1, item="cell_data", finding="写了很久的结论"
    )
    assert again.status_code == 200


def test_a_conflict_on_a_move_that_is_gone_says_so_and_keeps_the_text(cast: Cast) -> None:
    ticket = brought_to(cast, Move.DISPATCH)
    seen = ticket.last_seq
    Desk(cast.handler).make(ticket, Move.INVESTIGATE, seen=seen)

    answer = Desk(cast.supervisor).make(ticket, Move.DECLINE, seen=seen, reason="我写的理由")

    said = answer.content.decode()
    assert answer.status_code == 409
    assert "我写的理由" in said
    assert "Investigation started" in said
    assert "cannot" in said


def test_a_note_does_not_stand_in_anybodys_way(cast: Cast, ticket: Ticket) -> None:
    """Because a note changes nothing one would decide differently about."""
    seen = ticket.last_seq
    Desk(cast.supervisor).make(ticket, Move.NOTE, seen=seen, text="看过了")

    assert Desk(cast.agent).make(ticket, Move.ASSESS, seen=seen, **JUDGED).status_code == 200


def test_whoever_lost_sight_of_the_ticket_gets_their_words_back(cast: Cast) -> None:
    ticket = brought_to(cast, Move.DISPATCH)
    seen = ticket.last_seq
    Desk(cast.supervisor).make(ticket, Move.DECLINE, seen=seen, reason="派错了")
    Ticket.objects.filter(pk=ticket.pk).update(lead_team=None)

    answer = Desk(cast.handler).make(ticket, Move.TRANSFER, seen=seen, team="billing", reason="我写了很久的理由")

    assert answer.status_code == 404
    assert answer.content.decode().lstrip().startswith("<dialog")
    assert "我写了很久的理由" in text_of(answer)


@pytest.mark.clause("M6.3")
def test_when_it_happened_may_be_earlier_but_not_before_the_receipt(cast: Cast, ticket: Ticket) -> None:
    desk = Desk(cast.agent)
    facts = {"via": "phone", "text": "已联系", "expected_at": ahead(20)}
    an_hour_ago = timezone.localtime(timezone.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    assert desk.make(ticket, Move.RESPOND, happened_at=an_hour_ago, **facts).status_code == 200
    assert timezone.localtime(history_of(ticket.pk)[-1].happened_at).strftime("%Y-%m-%dT%H:%M") == an_hour_ago
    long_ago = timezone.localtime(timezone.now() - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")

    answer = desk.make(ticket, Move.RESPOND, happened_at=long_ago, **facts)

    assert answer.status_code == 409
    assert "is not between" in text_of(answer)


def test_in_the_minute_of_the_receipt_it_happened_at_the_receipt(cast: Cast, ticket: Ticket) -> None:
    """Because a form knows minutes and a receipt has seconds."""
    Ticket.objects.filter(pk=ticket.pk)
    minute = timezone.localtime(ticket.received_at).strftime("%Y-%m-%dT%H:%M")

    answer = Desk(cast.agent).make(ticket, Move.NOTE, happened_at=minute, text="当场记下")

    assert answer.status_code == 200
    assert history_of(ticket.pk)[-1].happened_at == ticket.received_at


@pytest.mark.clause("M6.3")
def test_in_the_minute_of_the_stage_before_it_happened_right_after_it(cast: Cast) -> None:
    ticket = brought_to(cast, Move.DISPATCH)
    before = history_of(ticket.pk)[-1].happened_at

    answer = Desk(cast.handler).make(ticket, Move.INVESTIGATE, happened_at=minute_of(before))

    assert answer.status_code == 200
    assert history_of(ticket.pk)[-1].happened_at == before


@pytest.mark.clause("M6.3")
def test_a_form_offers_no_time_that_would_be_refused(cast: Cast) -> None:
    ticket = brought_to(cast, Move.DISPATCH)
    desk, before = Desk(cast.handler), history_of(ticket.pk)[-1].happened_at

    assert f'min="{minute_of(before)}"' in desk.ask(ticket, Move.INVESTIGATE).content.decode()
    answer = desk.make(ticket, Move.INVESTIGATE, happened_at=minute_of(before - timedelta(minutes=1)))

    assert answer.status_code == 409
    assert "is not between" in text_of(answer)


def minute_of(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.clause("U4.4")
def test_the_dispatch_form_asks_for_the_check_with_the_user_where_it_was_not_made(cast: Cast) -> None:
    unchecked = brought_to(cast, Move.ASSESS, category="network.mobile_data.slow")
    checked = brought_to(
        cast,
        Move.ASSESS,
        category="network.mobile_data.slow",
        details={"checked_with_user": "yes"},
        phone="19900005678",
    )
    desk, to = Desk(cast.agent), {"team": "network-3401"}

    assert "checked_with_user" not in desk.ask(checked, Move.DISPATCH).content.decode()
    assert "checked_with_user" not in desk.ask(brought_to(cast, Move.ASSESS), Move.DISPATCH).content.decode()
    assert "checked_with_user" in desk.ask(unchecked, Move.DISPATCH).content.decode()
    assert desk.make(unchecked, Move.DISPATCH, checked_with_user="false", **to).status_code == 409
    assert desk.make(unchecked, Move.DISPATCH, checked_with_user="true", **to).status_code == 200


@pytest.mark.clause("S4.1", "S4.2c")
def test_a_customer_who_is_not_satisfied_leads_to_another_round_before_the_ticket_is_closed(cast: Cast) -> None:
    ticket = brought_to(cast, Move.TELL_CUSTOMER)
    said = {"via": "phone", "outcome": "仍然断线", "satisfied": "false"}
    assert Desk(cast.agent).make(ticket, Move.FOLLOW_UP, **said).status_code == 200
    agent, supervisor = Desk(cast.agent), Desk(cast.supervisor)

    assert Move.REOPEN in offered(agent.open(ticket))
    assert Move.CLOSE not in offered(agent.open(ticket))
    assert 'name="reason"' in supervisor.ask(ticket, Move.CLOSE).content.decode()
    assert agent.make(ticket, Move.CLOSE, outcome="已解决", reason="x").status_code == 409
    assert supervisor.make(ticket, Move.CLOSE, outcome="按合同办理").status_code == 422
    assert supervisor.make(ticket, Move.CLOSE, outcome="按合同办理", reason="诉求无依据").status_code == 200


@pytest.mark.clause("H2.3.3")
def test_what_the_customer_was_told_is_written_down(cast: Cast) -> None:
    """Otherwise the customer reads that they were told the result, and finds nothing."""
    ticket = brought_to(cast, Move.CARRY_OUT)
    desk, said = Desk(cast.agent), {"via": "phone", "proof": "录音 12"}

    without = desk.make(ticket, Move.TELL_CUSTOMER, **said)
    with_it = desk.make(ticket, Move.TELL_CUSTOMER, text="已优化，请留意", **said)

    assert without.status_code == 422
    assert "This field is required." in text_of(without)
    assert with_it.status_code == 200


def test_without_scripts_a_move_is_a_page_that_leads_back_to_the_ticket(cast: Cast, ticket: Ticket) -> None:
    desk = Desk(cast.agent)
    page = desk.get(address(ticket, Move.CANCEL))
    assert "<!doctype html>" in page.content.decode()

    answer = desk.post(address(ticket, Move.CANCEL), {"seen": ticket.last_seq, "reason": "重复登记"})

    assert answer.status_code == 302
    assert answer["Location"] == address(ticket)


def test_after_a_move_that_hands_the_ticket_on_one_comes_home(cast: Cast) -> None:
    ticket = brought_to(cast, Move.DISPATCH)
    Ticket.objects.filter(pk=ticket.pk).update(lead_team="billing")

    answer = Desk(cast.handler).make(ticket, Move.TRANSFER, team="billing", reason="账务问题")

    assert answer["HX-Redirect"] == "/"


def test_a_survey_link_is_there_to_hand_over(cast: Cast) -> None:
    ticket = brought_to(cast, Move.TELL_CUSTOMER)

    page = text_of(Desk(cast.agent).make(ticket, Move.SEND_SURVEY))

    assert "/portal/" in page
    assert "Link handed over in person" in page
    assert "A survey was sent at" in page


@pytest.mark.clause("S3.1")
def test_a_handler_of_another_team_is_not_dispatched_to(cast: Cast) -> None:
    ticket = brought_to(cast, Move.ASSESS)

    answer = Desk(cast.agent).make(ticket, Move.DISPATCH, team="billing", handler=str(cast.handler.pk))

    assert answer.status_code == 422
    assert "not in that team" in text_of(answer)


@pytest.mark.clause("U3.1")
def test_the_fourth_category_level_is_offered_only_once_the_facts_are_looked_into(cast: Cast, ticket: Ticket) -> None:
    deep = [node.code for node in current_edition().categories.nodes.values() if node.level == 4]
    assert deep
    before = Desk(cast.agent).ask(ticket, Move.ASSESS).content.decode()
    ticket = brought_to(cast, Move.INVESTIGATE)
    after = Desk(cast.agent).ask(ticket, Move.RECLASSIFY).content.decode()

    assert not any(f'value="{code}"' in before for code in deep)
    assert all(f'value="{code}"' in after for code in deep)


def test_every_move_has_an_address_and_says_what_it_asks() -> None:
    assert set(ASKS) == set(NOUNS) == set(Move)
    assert len(set(NOUNS.values())) == len(NOUNS)


def test_what_an_edition_demands_beside_the_table_is_asked_too(cast: Cast, ticket: Ticket) -> None:
    """Because a carrier's own pack may ask for a fact this program has never heard of."""
    from dataclasses import replace

    from shouwen.desk.asking import Asking, asks_of

    rules = current_edition()
    needs = replace(rules.needs, facts={**rules.needs.facts, Move.CLOSE: ("voucher_number",)})
    asking = Asking(
        ticket, state_of(ticket), [], replace(rules, needs=needs), cast.actor("agent"), Move.CLOSE, ticket.received_at
    )

    assert [ask.name for ask in asks_of(asking)] == ["outcome", "voucher_number"]


def test_the_routes_say_where_a_dispatch_would_go(cast: Cast) -> None:
    ticket = brought_to(cast, Move.ASSESS)

    asked = text_of(Desk(cast.agent).ask(ticket, Move.DISPATCH))

    assert f"By the routes it goes to: 班组 network-3401. Handled by: {cast.handler}." in asked


def test_moves_made_elsewhere_meanwhile_are_no_secret_to_the_form(cast: Cast, ticket: Ticket) -> None:
    """Asked for a move that is no longer possible, the dialog says why before anybody fills it in."""
    move_ticket(
        ticket.number,
        Move.CANCEL,
        by=cast.actor("agent"),
        happened_at=timezone.now(),
        now=timezone.now(),
        facts={"reason": "重复"},
    )

    answer = Desk(cast.agent).ask(ticket, Move.ASSESS)

    assert answer.status_code == 409
    assert "cannot" in text_of(answer)
