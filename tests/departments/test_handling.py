"""办理: drafts become tickets, moves become events, in one statement each."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shouwen.editions.queries import calendars_now, edition
from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.numbers import valid
from shouwen.handbook.refusals import (
    BreachStands,
    EvidenceMissing,
    FactRequired,
    FeedbackMissing,
    HappenedOutOfBounds,
    MoveNotAllowed,
    NotExtensible,
    NotTheirTask,
    OwnProposal,
    RecordedTooLate,
    RoleNotAllowed,
    TimeNotAhead,
)
from shouwen.handling.actions import CarriedOver, KeyReused, TicketChanged, accept, move_ticket
from shouwen.notices.models import MessageOrder
from shouwen.service_levels.models import Clock
from shouwen.service_levels.proof import unexplained_clocks
from shouwen.service_levels.sweep import sweep
from shouwen.tickets.models import NEVER, IntakeKey, Task, Ticket, TicketEvent
from shouwen.tickets.proof import flaws_of, unexplained_tasks
from shouwen.tickets.queries import NoSuchTicket, history_of, ticket_for
from shouwen.vault.models import VaultItem
from tests.cast import MONDAY, WHOLE_WAY, Cast, draft, make, on, record_evidence, take_in, walk, walked


def everything_wrong_with(ticket: Ticket) -> list[str]:
    """What `shouwen verify` would say of one ticket."""
    ticket.refresh_from_db()
    events = list(TicketEvent.objects.filter(ticket=ticket).order_by("seq"))
    history = history_of(ticket.pk)
    rules, calendars = edition(ticket.edition), calendars_now()
    clocks = Clock.objects.filter(ticket=ticket)
    found = [
        *flaws_of(ticket, events),
        *unexplained_clocks(ticket, history, clocks, rules, calendars),
        *unexplained_tasks(ticket, history, Task.objects.filter(ticket=ticket)),
    ]
    return [f"{flaw.row}: {flaw.says}" for flaw in found]


@pytest.mark.clause("H2.1.1", "S1.1b")
def test_an_accepted_complaint_has_a_number_an_owner_clocks_and_an_acknowledgement(cast: Cast) -> None:
    ticket = take_in(cast)

    assert valid(ticket.number)
    assert ticket.first_owner_id == ticket.handler_id == cast.agent.pk
    assert ticket.stage == "received"
    assert ticket.lead_due_at < NEVER
    assert Clock.objects.filter(ticket=ticket, state="running").count() >= 4
    order = MessageOrder.objects.get(ticket_id=ticket.pk)
    assert (order.template, order.params["number"]) == ("acknowledgement", ticket.number)
    assert everything_wrong_with(ticket) == []


@pytest.mark.clause("H2.1.1b")
def test_the_same_key_brings_the_first_answer_again_because_nothing_is_handled_twice(cast: Cast) -> None:
    first, second = draft(key=("api", "k1")), draft(key=("api", "k1"))

    [one] = accept([first], now=MONDAY)
    [two] = accept([second], now=MONDAY + timedelta(minutes=5))

    assert two.repeated
    assert two.number == one.number
    assert Ticket.objects.count() == 1
    assert IntakeKey.objects.get().repeats == 1
    assert VaultItem.objects.count() == 2  # the phone and the name, once


def test_the_same_key_twice_in_one_batch_is_one_ticket(cast: Cast) -> None:
    answers = accept([draft(key=("api", "k1")), draft(key=("api", "k1")), draft(key=("api", "k2"))], now=MONDAY)

    assert [answer.repeated for answer in answers] == [False, True, False]
    assert answers[0].number == answers[1].number != answers[2].number


def test_a_key_that_stood_for_something_else_is_refused(cast: Cast) -> None:
    accept([draft(key=("api", "k1"))], now=MONDAY)

    [answer] = accept([draft(key=("api", "k1"), text="完全不同的事情。")], now=MONDAY)

    assert isinstance(answer, KeyReused)
    assert Ticket.objects.count() == 1


def test_any_number_of_drafts_takes_as_many_queries_as_one(cast: Cast) -> None:
    accept([draft()], now=MONDAY)  # reads the edition and who is on duty
    with CaptureQueriesContext(connection) as one:
        accept([draft(phone="19900000001")], now=MONDAY)
    with CaptureQueriesContext(connection) as many:
        accept([draft(phone=f"199000001{n:02}") for n in range(50)], now=MONDAY)

    assert len(many) == len(one)
    assert Ticket.objects.count() == 52


@pytest.mark.clause("T1.3b", "T6.2")
def test_no_event_carries_what_identifies_a_person(cast: Cast) -> None:
    text = "我叫王小明，手机号 199 0000 5678，身份证 11010519491231002X，请联系我。"
    ticket = take_in(cast, text=text, name="王小明", phone="19900005678", details={"place": "某市某区某路 1 号 3 栋"})
    move_ticket(
        ticket.number,
        Move.NOTE,
        by=cast.actor("agent"),
        happened_at=MONDAY,
        now=MONDAY,
        facts={"text": "王小明说改打 19900009999"},
    )

    told = json.dumps([row.facts for row in TicketEvent.objects.all()], ensure_ascii=False) + ticket.description
    for secret in ("王小明", "19900005678", "199 0000 5678", "11010519491231002X", "19900009999", "某路 1 号"):
        assert secret not in told
    assert "⟦phone:" in ticket.description


def test_a_second_complaint_of_the_same_caller_belongs_to_the_same_customer(cast: Cast) -> None:
    one, two = take_in(cast, phone="199 0000 1234"), take_in(cast, phone="+86 19900001234")

    assert one.customer_id == two.customer_id


@pytest.mark.clause("H2.4", "T1.3", "M3.3")
def test_the_whole_way_from_receipt_to_the_archive_is_told_by_the_history_alone(cast: Cast) -> None:
    ticket = walked(cast, Move.ARCHIVE)

    assert ticket.stage == "archived"
    assert not ticket.is_open
    assert ticket.first_owner_id == cast.agent.pk
    assert ticket.lead_due_at == NEVER
    assert everything_wrong_with(ticket) == []


@pytest.mark.parametrize("step", WHOLE_WAY, ids=[str(step[0]) for step in WHOLE_WAY])
def test_after_every_move_the_rows_are_what_the_history_says(cast: Cast, step) -> None:
    ticket = walked(cast, step[0])

    assert everything_wrong_with(ticket) == []


@pytest.mark.clause("H5.2")
def test_a_move_out_of_turn_is_refused_and_changes_nothing(cast: Cast) -> None:
    ticket = take_in(cast)

    with pytest.raises(MoveNotAllowed):
        make(cast, ticket, (Move.CLOSE, "agent", {"outcome": "-"}), MONDAY)

    assert TicketEvent.objects.filter(ticket=ticket).count() == 1


@pytest.mark.clause("H5.2", "H7.3.1")
def test_a_role_moves_only_what_is_its_own(cast: Cast) -> None:
    ticket = walked(cast, Move.INVESTIGATE)
    record_evidence(cast, ticket, MONDAY + timedelta(hours=6))
    ticket = make(cast, ticket, WHOLE_WAY[4], MONDAY + timedelta(hours=7))

    with pytest.raises(RoleNotAllowed):
        make(cast, ticket, (Move.APPROVE, "handler", {}), MONDAY + timedelta(hours=8))


@pytest.mark.clause("T2")
def test_nothing_is_proposed_before_the_evidence_is_on_the_table(cast: Cast) -> None:
    ticket = walked(cast, Move.INVESTIGATE)
    facts, at = {"text": "调整参数", "cause": "technical"}, on("2026-03-03 09:00")

    with pytest.raises(EvidenceMissing):
        move_ticket(ticket.number, Move.PROPOSE, by=cast.actor("handler"), happened_at=at, now=at, facts=facts)


@pytest.mark.clause("M6.3", "X1")
def test_what_is_recorded_late_undoes_no_overrun(cast: Cast) -> None:
    ticket = walked(cast, Move.FOLLOW_UP)
    late = MONDAY + timedelta(days=2)

    with pytest.raises(HappenedOutOfBounds):
        move_ticket(
            ticket.number,
            Move.CLOSE,
            by=cast.actor("agent"),
            happened_at=MONDAY + timedelta(minutes=5),
            now=late,
            facts={"outcome": "已解决"},
        )


@pytest.mark.clause("M6.3")
def test_a_first_answer_is_written_down_within_three_days_or_not_at_all(cast: Cast) -> None:
    ticket = take_in(cast)
    facts = {"via": "phone", "expected_at": "2026-03-20T09:00:00+08:00"}
    answered_at = MONDAY + timedelta(minutes=1)

    with pytest.raises(RecordedTooLate):
        respond(cast, ticket, answered_at, now=answered_at + timedelta(days=3, seconds=1), **facts)
    respond(cast, ticket, answered_at, now=answered_at + timedelta(days=3), **facts)

    assert Clock.objects.get(ticket=ticket, rule="first-response").state == "met"


def respond(cast: Cast, ticket: Ticket, at: datetime, *, now: datetime, **facts: str) -> Ticket:
    return move_ticket(ticket.number, Move.RESPOND, by=cast.actor("agent"), happened_at=at, now=now, facts=facts)


@pytest.mark.clause("X2")
def test_a_pause_written_down_late_leaves_a_recorded_overrun_as_it_is(cast: Cast) -> None:
    ticket = walked(cast, Move.INVESTIGATE)
    now = MONDAY + timedelta(days=2, hours=12)
    sweep(now)
    facts = {"pause": "waiting_for_customer", "until": "2026-03-20T09:00:00+08:00", "reason": "等身份证明"}

    with pytest.raises(BreachStands):
        pause(cast, ticket, MONDAY + timedelta(hours=12), now=now, **facts)
    pause(cast, ticket, now, now=now, **facts)

    assert Clock.objects.filter(ticket=ticket, rule="overdue-complaint", state="paused", due_at__lt=now).exists()


def pause(cast: Cast, ticket: Ticket, at: datetime, *, now: datetime, **facts: str) -> Ticket:
    return move_ticket(ticket.number, Move.WAIT, by=cast.actor("handler"), happened_at=at, now=now, facts=facts)


@pytest.mark.clause("M3.3")
def test_nobody_approves_a_proposal_of_their_own(cast: Cast) -> None:
    ticket = walked(cast, Move.INVESTIGATE)
    at = MONDAY + timedelta(hours=6)
    record_evidence(cast, ticket, at)
    ticket = make(cast, ticket, (Move.NOTE, "supervisor", {"text": "由我提方案"}), at)
    move_ticket(
        ticket.number, Move.PROPOSE, by=cast.actor("supervisor"), happened_at=at, now=at, facts=dict(WHOLE_WAY[4][2])
    )

    with pytest.raises(OwnProposal):
        make(cast, ticket, (Move.APPROVE, "supervisor", {}), at + timedelta(hours=1))


@pytest.mark.clause("U2.5")
def test_the_callback_waits_until_whoever_reported_it_has_been_told_too(cast: Cast) -> None:
    ticket = take_in(cast, informant_name="某营业员", informant_phone="19900007777")
    ticket = walk(cast, ticket, until=Move.TELL_CUSTOMER)
    at = MONDAY + timedelta(hours=9)
    call = (Move.FOLLOW_UP, "agent", {"via": "phone", "outcome": "已恢复", "satisfied": True})

    with pytest.raises(FeedbackMissing):
        make(cast, ticket, call, at)

    make(cast, ticket, (Move.TELL_INFORMANT, "agent", {"via": "phone", "proof": "录音 2"}), at)
    assert make(cast, ticket, call, at).stage == "followed_up"


@pytest.mark.clause("S4.1")
def test_a_dissatisfied_customer_starts_a_new_round_with_clocks_linked_to_the_old(cast: Cast) -> None:
    ticket = walked(cast, Move.TELL_CUSTOMER)
    at = MONDAY + timedelta(hours=10)

    ticket = make(cast, ticket, (Move.REOPEN, "agent", {"reason": "客户表示仍然断线"}), at)

    assert (ticket.round, ticket.stage, ticket.handler_id) == (2, "assessed", cast.agent.pk)
    seq = ticket.last_seq
    again = Clock.objects.filter(ticket=ticket, start_seq=seq, state="running")
    assert again.exists()
    assert everything_wrong_with(ticket) == []


@pytest.mark.clause("S3.1")
def test_transfers_are_counted_and_the_first_owner_stays(cast: Cast) -> None:
    ticket = walked(cast, Move.INVESTIGATE)

    for hour in (5, 6):
        ticket = make(
            cast,
            ticket,
            (Move.TRANSFER, "supervisor", {"team": "billing", "reason": "属账务问题"}),
            MONDAY + timedelta(hours=hour),
        )

    assert (ticket.transfers, ticket.team_id, ticket.lead_team_id) == (2, "billing", "network-3401")
    assert ticket.first_owner_id == cast.agent.pk


@pytest.mark.clause("S3.1", "H7.2.3")
def test_a_collaborating_team_has_its_own_task_with_its_own_clock(cast: Cast) -> None:
    ticket = walked(cast, Move.INVESTIGATE)
    at = MONDAY + timedelta(hours=6)
    due = at + timedelta(hours=4)
    asked = {"to_team": "billing", "asked": "核对账单", "due_at": due.isoformat()}
    ticket = make(cast, ticket, (Move.ASSIGN_TASK, "handler", asked), at)
    task = Task.objects.get(ticket=ticket)

    assert (task.team_id, task.due_at, task.answered_at) == ("billing", due, None)
    assert ticket_for(cast.actor("other_handler"), ticket.number) == ticket  # a helping team sees it from now on

    answer = (Move.ANSWER_TASK, "other_handler", {"task": task.task, "text": "账单无误"})
    ticket = make(cast, ticket, answer, at + timedelta(hours=1))
    assert Task.objects.get(ticket=ticket).answered_at == at + timedelta(hours=1)
    assert everything_wrong_with(ticket) == []
    with pytest.raises(NotTheirTask):
        make(cast, ticket, answer, at + timedelta(hours=2))


@pytest.mark.clause("T4.5")
def test_a_promise_starts_its_own_clock_and_is_proved_kept(cast: Cast) -> None:
    ticket = take_in(cast)
    due = MONDAY + timedelta(hours=2)
    promise = {"due_at": due.isoformat(), "text": "两小时内回电"}
    ticket = make(cast, ticket, (Move.PROMISE, "agent", promise), MONDAY)
    clock = Clock.objects.get(ticket=ticket, start_seq=2)

    assert (clock.due_at, clock.state) == (due, "running")

    name = TicketEvent.objects.get(ticket=ticket, what=What.PROMISE_MADE).facts["promise"]
    make(cast, ticket, (Move.KEEP_PROMISE, "agent", {"promise": name}), MONDAY + timedelta(hours=1))
    clock = Clock.objects.get(ticket=ticket, start_seq=2)
    assert clock.state == "met"
    with pytest.raises(TimeNotAhead):
        make(cast, ticket, (Move.PROMISE, "agent", promise), due)


@pytest.mark.clause("X2")
def test_waiting_stops_the_clocks_and_the_answer_starts_them_again(cast: Cast) -> None:
    ticket = take_in(cast)
    before = Clock.objects.get(ticket=ticket, rule=_pausable(ticket))
    wait = {"pause": "waiting_for_customer", "reason": "请客户提供测速截图", "until": "2026-03-04T09:00:00+08:00"}
    ticket = make(cast, ticket, (Move.WAIT, "agent", wait), MONDAY + timedelta(hours=1))

    paused = Clock.objects.get(ticket=ticket, rule=before.rule)
    assert (paused.state, paused.due_at, paused.look_at) == ("paused", None, None)

    ticket = make(cast, ticket, (Move.RESUME, "agent", {}), MONDAY + timedelta(hours=3))
    resumed = Clock.objects.get(ticket=ticket, rule=before.rule)
    assert resumed.state == "running"
    assert resumed.due_at > before.due_at
    assert everything_wrong_with(ticket) == []


def _pausable(ticket: Ticket) -> str:
    rules = edition(ticket.edition)
    running = Clock.objects.filter(ticket=ticket, state="running").values_list("rule", flat=True)
    return next(rule for rule in sorted(running) if "waiting_for_customer" in rules.rule(rule).pauses)


def test_the_second_of_two_people_sees_what_changed_and_nothing_of_theirs_is_written(cast: Cast) -> None:
    ticket = take_in(cast)
    seen = ticket.last_seq
    make(cast, ticket, WHOLE_WAY[0], MONDAY)

    with pytest.raises(TicketChanged) as changed:
        move_ticket(
            ticket.number,
            Move.CANCEL,
            by=cast.actor("agent"),
            happened_at=MONDAY,
            now=MONDAY,
            facts={"reason": "重复"},
            seen=seen,
        )

    assert [row.what for row in changed.value.since] == [What.ASSESSED]


def test_a_warning_meanwhile_is_no_reason_to_stop_anybody(cast: Cast) -> None:
    ticket = take_in(cast)
    seen = ticket.last_seq
    make(cast, ticket, (Move.NOTE, "supervisor", {"text": "请尽快"}), MONDAY)

    moved = move_ticket(
        ticket.number,
        Move.ASSESS,
        by=cast.actor("agent"),
        happened_at=MONDAY,
        now=MONDAY,
        facts=dict(WHOLE_WAY[0][2]),
        seen=seen,
    )

    assert moved.stage == "assessed"


@pytest.mark.parametrize("move", [Move.NOTE, Move.ADD])
def test_a_note_sent_twice_from_the_same_page_is_one_note(cast: Cast, move: Move) -> None:
    """Whoever got no answer sends the form again; if the first one had been written, they see it."""
    ticket = take_in(cast)
    note = {"by": cast.actor("agent"), "happened_at": MONDAY, "now": MONDAY, "facts": {"text": "客户来电"}}
    move_ticket(ticket.number, move, seen=ticket.last_seq, **note)

    with pytest.raises(TicketChanged) as changed:
        move_ticket(ticket.number, move, seen=ticket.last_seq, **note)

    assert [row.facts["text"] for row in changed.value.since] == ["客户来电"]
    assert move_ticket(ticket.number, move, seen=ticket.last_seq + 1, **note).last_seq == 3


@pytest.mark.clause("H7.3.1")
@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("agent", True),
        ("other_agent", False),
        ("handler", False),
        ("other_handler", False),
        ("supervisor", True),
        ("manager", True),
        ("administrator", False),
    ],
)
def test_a_foreign_ticket_does_not_exist_for_whoever_may_not_see_it(cast: Cast, who: str, sees: bool) -> None:
    ticket = take_in(cast)

    if sees:
        assert ticket_for(cast.actor(who), ticket.number) == ticket
    else:
        with pytest.raises(NoSuchTicket):
            ticket_for(cast.actor(who), ticket.number)


def test_what_is_taken_in_as_history_fires_no_clock_and_no_message(cast: Cast) -> None:
    ticket = take_in(cast, is_history=True, first_owner=None)

    assert not Clock.objects.filter(ticket=ticket).exists()
    assert not MessageOrder.objects.exists()
    assert everything_wrong_with(ticket) == []


@pytest.mark.clause("U7.1")
def test_an_extension_agreed_in_time_moves_the_due_time_and_one_agreed_too_late_is_refused(cast: Cast) -> None:
    ticket = take_in(cast)
    rule = _pausable(ticket)
    clock = Clock.objects.get(ticket=ticket, rule=rule)
    until = clock.due_at + timedelta(hours=5)
    agreed = {"rule": rule, "until": until.isoformat(), "evidence": "录音 3", "reason": "待厂家到场"}

    ticket = make(cast, ticket, (Move.AGREE_EXTENSION, "agent", agreed), MONDAY)

    clock.refresh_from_db()
    assert (clock.due_at, clock.extended) == (until, True)
    late = agreed | {"until": (until + timedelta(hours=9)).isoformat()}
    with pytest.raises(NotExtensible):
        make(cast, ticket, (Move.AGREE_EXTENSION, "agent", late), until + timedelta(hours=1))


@pytest.mark.clause("U7.1", "X1")
def test_what_the_law_sets_is_not_extended(cast: Cast) -> None:
    ticket = take_in(cast)
    statutory = Clock.objects.get(ticket=ticket, kind="statutory")
    agreed = {"rule": statutory.rule, "until": on("2026-04-20 09:00").isoformat(), "evidence": "录音 3"}

    with pytest.raises(NotExtensible):
        make(cast, ticket, (Move.AGREE_EXTENSION, "agent", agreed), MONDAY)


@pytest.mark.parametrize("until", ["", "tomorrow", "2026-03-04T09:00:00", "2026-02-01T09:00:00+08:00"])
def test_a_time_that_is_missing_unreadable_zoneless_or_past_is_refused(cast: Cast, until: str) -> None:
    ticket = take_in(cast)
    wait = {"pause": "waiting_for_customer", "reason": "等待截图", "until": until}

    with pytest.raises(FactRequired if not until.startswith("2026-02") else TimeNotAhead):
        make(cast, ticket, (Move.WAIT, "agent", wait), MONDAY)


def test_a_ticket_moved_in_with_its_proposal_made_can_be_approved(cast: Cast) -> None:
    carried = CarriedOver(stage="proposed", team="network-3401", handler=str(cast.handler.pk))
    ticket = take_in(cast, carried=carried)

    assert make(cast, ticket, (Move.APPROVE, "supervisor", {}), MONDAY).stage == "approved"
