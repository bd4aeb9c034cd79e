"""What holds a move back, and what history that is worked again becomes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from shouwen.handbook.authority import SYSTEM, Actor
from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.refusals import (
    EvidenceMissing,
    ExtensionShortens,
    NotCheckedWithUser,
    NotSatisfied,
    ReasonRequired,
    ReopeningTooLate,
    TimeTooFar,
    TooDeep,
)
from shouwen.handling.actions import move_locked
from shouwen.notices.models import MessageOrder
from shouwen.service_levels.models import Clock
from shouwen.service_levels.sweep import sweep
from shouwen.surveys.actions import take_rating
from shouwen.surveys.followers import reopen_or_review
from shouwen.surveys.queries import Rating
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of, locked
from tests.cast import MONDAY, Cast, make, on, record_evidence, take_in, walk, walked
from tests.departments.test_handling import everything_wrong_with
from tests.departments.test_surveys import news_of

DAY = timedelta(days=1)
MOBILE_DATA = {"category": "network.mobile_data.slow", "severity": "ordinary", "reach": "single"}
NOT_SATISFIED = {"via": "phone", "outcome": "仍然断线", "satisfied": False}


@pytest.fixture
def history(cast: Cast) -> Ticket:
    """A complaint of another system, closed there long ago, without an owner here."""
    ticket = take_in(cast, is_history=True, first_owner=None)
    Ticket.objects.filter(pk=ticket.pk).update(stage="closed", is_open=False)
    ticket.refresh_from_db()
    return ticket


def by_customer(ticket: Ticket, move: Move, at: datetime, **facts: Any) -> Ticket:
    customer = Actor("customer", str(ticket.customer_id), "", frozenset({"customer"}))
    return move_locked(locked(ticket.pk), move, by=customer, happened_at=at, now=at, facts=facts, source="portal")


@pytest.mark.clause("S4.1", "T1.3")
def test_history_that_is_worked_again_has_an_owner_clocks_and_messages(cast: Cast, history: Ticket) -> None:
    ticket = make(cast, history, (Move.REOPEN, "supervisor", {"reason": "又断线了"}), MONDAY + DAY)

    assert (ticket.is_history, ticket.first_owner_id, ticket.handler_id) == (False, cast.agent.pk, cast.agent.pk)
    assert Clock.objects.filter(ticket=ticket, state="running", started_at=MONDAY + DAY).exists()
    assert not Clock.objects.filter(ticket=ticket, started_at__lt=MONDAY + DAY).exists()
    assert MessageOrder.objects.filter(ticket_id=ticket.pk, template="ticket_reopened").exists()


@pytest.mark.clause("S4.1")
def test_the_rows_of_history_that_is_worked_again_are_what_its_history_says(cast: Cast) -> None:
    ticket = take_in(cast, is_history=True)
    for step in ((Move.REJECT, {"ground": "no_facts", "reason": "无法核实"}), (Move.REOPEN, {"reason": "有新材料"})):
        ticket = make(cast, ticket, (step[0], "supervisor", step[1]), MONDAY + DAY)

    assert everything_wrong_with(ticket) == []


@pytest.mark.clause("S4.1")
def test_a_customer_who_asks_for_another_round_of_imported_history_gets_it(cast: Cast, history: Ticket) -> None:
    take_rating(history.pk, Rating(4, 4, 4, "还是断线", again=True), by=SYSTEM, at=MONDAY + DAY, source="survey")

    reopen_or_review(news_of(history, What.RATED), MONDAY + DAY)

    assert Ticket.objects.get(pk=history.pk).round == 2


@pytest.mark.clause("H7.2.4")
def test_a_customer_has_thirty_days_to_ask_for_another_round(cast: Cast) -> None:
    ticket = walked(cast, Move.ARCHIVE)
    closed_at = next(row.happened_at for row in history_of(ticket.pk) if row.what is What.CLOSED)

    with pytest.raises(ReopeningTooLate):
        by_customer(ticket, Move.REOPEN, closed_at + 30 * DAY + timedelta(seconds=1), reason="又断线了")
    ticket = by_customer(ticket, Move.REOPEN, closed_at + 30 * DAY, reason="又断线了")

    assert ticket.round == 2


@pytest.mark.clause("H7.2.4")
def test_after_thirty_days_the_desk_may_still_reopen_and_a_customer_no_longer_rates(cast: Cast) -> None:
    ticket, late = walked(cast, Move.ARCHIVE), MONDAY + 900 * DAY

    with pytest.raises(ReopeningTooLate):
        by_customer(ticket, Move.RATE, late, score=4, again=True)
    assert make(cast, ticket, (Move.REOPEN, "supervisor", {"reason": "媒体来函"}), late).round == 2


@pytest.mark.clause("T2")
def test_a_repair_without_approval_needs_its_evidence_too(cast: Cast) -> None:
    ticket = take_in(cast, ticket_type="fault")
    for step in (
        (Move.ASSESS, "agent", {"category": ticket.category, "severity": "ordinary", "reach": "single"}),
        (Move.DISPATCH, "agent", {"team": "network-3401"}),
        (Move.INVESTIGATE, "handler", {}),
    ):
        make(cast, ticket, step, MONDAY)

    with pytest.raises(EvidenceMissing):
        make(cast, ticket, (Move.CARRY_OUT, "handler", {"work": "已修复"}), MONDAY)
    record_evidence(cast, ticket, MONDAY)

    assert make(cast, ticket, (Move.CARRY_OUT, "handler", {"work": "已修复"}), MONDAY).stage == "carried_out"


@pytest.mark.clause("U4.4")
@pytest.mark.parametrize(
    ("at_intake", "stated", "refused"),
    [
        ("no", {}, True),
        ("no", {"checked_with_user": False}, True),
        ("no", {"checked_with_user": True}, False),
        ("yes", {}, False),
        (None, {}, True),
    ],
)
def test_nothing_is_dispatched_before_it_was_checked_with_the_user(
    cast: Cast, at_intake: str | None, stated: dict[str, Any], refused: bool
) -> None:
    details = {"checked_with_user": at_intake} if at_intake else {}
    ticket = take_in(cast, category=MOBILE_DATA["category"], details=details)
    make(cast, ticket, (Move.ASSESS, "agent", MOBILE_DATA), MONDAY)
    dispatch = (Move.DISPATCH, "agent", {"team": "network-3401", **stated})

    if refused:
        with pytest.raises(NotCheckedWithUser):
            make(cast, ticket, dispatch, MONDAY)
    else:
        assert make(cast, ticket, dispatch, MONDAY).stage == "dispatched"


@pytest.mark.clause("U4.4")
def test_what_was_checked_once_is_not_asked_again_after_a_decline(cast: Cast) -> None:
    ticket = take_in(cast, category=MOBILE_DATA["category"])
    for step in (
        (Move.ASSESS, "agent", MOBILE_DATA),
        (Move.DISPATCH, "agent", {"team": "network-3401", "checked_with_user": True}),
        (Move.DECLINE, "handler", {"reason": "不属本班组"}),
        (Move.DISPATCH, "agent", {"team": "network-3401"}),
    ):
        ticket = make(cast, ticket, step, MONDAY)

    assert ticket.stage == "dispatched"


@pytest.mark.clause("S4.1", "S4.2c")
def test_over_the_head_of_a_customer_who_is_not_satisfied_only_a_supervisor_closes_and_says_why(cast: Cast) -> None:
    ticket = walked(cast, Move.TELL_CUSTOMER)
    at = MONDAY + DAY
    make(cast, ticket, (Move.FOLLOW_UP, "agent", NOT_SATISFIED), at)

    with pytest.raises(NotSatisfied):
        make(cast, ticket, (Move.CLOSE, "agent", {"outcome": "已解决", "reason": "客户不讲理"}), at)
    with pytest.raises(ReasonRequired):
        make(cast, ticket, (Move.CLOSE, "supervisor", {"outcome": "已解决"}), at)
    reason = {"reason": "已按合同办理，客户诉求无依据"}

    assert make(cast, ticket, (Move.CLOSE, "supervisor", reason), at).stage == "closed"


@pytest.mark.clause("S4.1")
def test_in_the_round_after_a_dissatisfied_one_the_agent_closes_as_ever(cast: Cast) -> None:
    ticket = walked(cast, Move.TELL_CUSTOMER)
    make(cast, ticket, (Move.FOLLOW_UP, "agent", NOT_SATISFIED), MONDAY + DAY)
    ticket = make(cast, ticket, (Move.REOPEN, "agent", {"reason": "客户不满意"}), MONDAY + DAY)
    again = ((Move.DISPATCH, "agent", {"team": "network-3401"}), (Move.INVESTIGATE, "handler", {}))
    rest = (
        (Move.PROPOSE, "handler", {"text": "加装室分", "cause": "systemic"}),
        (Move.APPROVE, "supervisor", {}),
        (Move.CARRY_OUT, "handler", {"work": "已加装"}),
        (Move.TELL_CUSTOMER, "agent", {"via": "phone", "proof": "录音 9"}),
        (Move.FOLLOW_UP, "agent", NOT_SATISFIED | {"satisfied": True}),
        (Move.CLOSE, "agent", {"outcome": "已解决"}),
    )
    for step in (*again, *rest):
        ticket = make(cast, ticket, step, MONDAY + DAY)

    assert ticket.stage == "closed"


@pytest.mark.clause("U3.1")
def test_the_fourth_level_is_set_after_verification_and_not_before(cast: Cast) -> None:
    ticket, deep = (
        take_in(cast),
        {"category": "network.coverage.weak.blocked", "severity": "ordinary", "reach": "single"},
    )

    with pytest.raises(TooDeep):
        make(cast, ticket, (Move.ASSESS, "agent", deep), MONDAY)
    ticket = walk(cast, ticket, until=Move.INVESTIGATE)
    at = MONDAY + DAY

    assert (
        make(cast, ticket, (Move.RECLASSIFY, "handler", deep | {"reason": "已核实"}), at).category == deep["category"]
    )
    make(cast, ticket, (Move.TRANSFER, "handler", {"team": "billing", "reason": "改派"}), at)
    kept = deep | {"severity": "serious", "reason": "影响加重"}
    assert make(cast, ticket, (Move.RECLASSIFY, "supervisor", kept), at).severity == "serious"


@pytest.mark.clause("T4.5", "X2", "U7.1")
@pytest.mark.parametrize("year", ["9999-12-31", "3026-01-01", "2028-03-04"])
@pytest.mark.parametrize(
    ("move", "name", "facts"),
    [
        (Move.WAIT, "until", {"pause": "waiting_for_customer", "reason": "等截图"}),
        (Move.PROMISE, "due_at", {"text": "回电"}),
        (Move.RESPOND, "expected_at", {"via": "phone"}),
        (Move.AGREE_EXTENSION, "until", {"rule": "handling-general", "evidence": "录音", "reason": "等配件"}),
    ],
)
def test_nobody_names_a_time_more_than_two_years_ahead(
    cast: Cast, move: Move, name: str, facts: dict[str, str], year: str
) -> None:
    with pytest.raises(TimeTooFar):
        make(cast, take_in(cast), (move, "agent", {**facts, name: f"{year}T00:00:00+08:00"}), MONDAY)


@pytest.mark.clause("U7.1")
@pytest.mark.parametrize("paused", [False, True])
def test_an_extension_is_later_than_the_time_there_is(cast: Cast, paused: bool) -> None:
    ticket = take_in(cast)
    due_at = Clock.objects.get(ticket=ticket, rule="priority-general").due_at
    if paused:
        wait = {"pause": "waiting_for_customer", "reason": "等截图", "until": (MONDAY + DAY).isoformat()}
        make(cast, ticket, (Move.WAIT, "agent", wait), MONDAY)

    def extended(until: datetime) -> Ticket:
        agreed = {"rule": "priority-general", "until": until.isoformat(), "evidence": "录音 3", "reason": "等厂家"}
        return make(cast, ticket, (Move.AGREE_EXTENSION, "agent", agreed), MONDAY)

    for earlier in (due_at - DAY, due_at):
        with pytest.raises(ExtensionShortens):
            extended(earlier)
    extended(due_at + timedelta(minutes=1))

    assert Clock.objects.get(ticket=ticket, rule="priority-general").extended


@pytest.mark.clause("U2.5")
def test_a_failed_retest_goes_back_to_work_and_the_commitments_it_had_met_run_on(cast: Cast) -> None:
    ticket = walked(cast, Move.CARRY_OUT)
    met = set(Clock.objects.filter(ticket=ticket, state="met", rule__startswith="handling").values_list("rule"))
    at = MONDAY + timedelta(hours=9)

    ticket = make(cast, ticket, (Move.RETURN, "handler", {"reason": "复测信号仍弱"}), at)

    assert (ticket.stage, ticket.handler_id) == ("investigating", cast.handler.pk)
    running = Clock.objects.filter(ticket=ticket, state="running", started_at=MONDAY)
    assert met
    assert met <= set(running.values_list("rule"))
    assert Clock.objects.get(ticket=ticket, rule="result-told").state == "void"
    assert everything_wrong_with(ticket) == []


@pytest.mark.clause("X2")
def test_a_pause_that_has_come_to_its_end_is_told_and_passed_up(cast: Cast) -> None:
    ticket = walked(cast, Move.INVESTIGATE)
    now, until = MONDAY + timedelta(hours=6), MONDAY + 2 * DAY
    wait = {"pause": "waiting_for_customer", "reason": "等截图", "until": until.isoformat()}
    ticket = make(cast, ticket, (Move.WAIT, "handler", wait), now)

    assert ticket.lead_due_at <= until
    for at in (until - timedelta(seconds=1), until, until + DAY):
        sweep(at)
        told = {
            order.recipient for order in MessageOrder.objects.filter(ticket_id=ticket.pk, params__rule="pause-ends")
        }
        expected = set() if at < until else {f"person:{cast.handler.pk}", f"person:{cast.agent.pk}"}
        assert told == expected | ({f"person:{cast.supervisor.pk}"} if at > until else set())

    ticket = make(cast, ticket, (Move.RESUME, "handler", {}), until + DAY)
    assert Clock.objects.get(ticket=ticket, rule="pause-ends").state == "missed"
    assert everything_wrong_with(ticket) == []


@pytest.mark.clause("T4.5")
def test_the_answer_a_customer_was_told_to_expect_has_a_clock(cast: Cast) -> None:
    ticket = walked(cast, Move.RESPOND)
    expected = Clock.objects.get(ticket=ticket, rule="expected-answer")

    assert (expected.state, expected.due_at) == ("running", on("2026-03-04 09:00"))
    anew = {"via": "phone", "expected_at": "2026-03-06T09:00:00+08:00"}
    make(cast, ticket, (Move.RESPOND, "agent", anew), MONDAY + DAY)

    clocks = Clock.objects.filter(ticket=ticket, rule="expected-answer").order_by("start_seq")
    assert [clock.state for clock in clocks] == ["met", "running"]
