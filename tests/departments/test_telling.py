"""告知: customers hear how far it is and of delays without asking; the house hears of outcomes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.handling.actions import move_ticket
from shouwen.notices.models import MessageOrder
from shouwen.notices.queries import message_text
from shouwen.people.actions import make_person
from shouwen.people.models import Person
from shouwen.service_levels.sweep import sweep
from shouwen.telling.followers import FOLLOWERS, announce_delays, copy_outcomes, tell_progress
from shouwen.tickets.models import Ticket, TicketEvent
from tests.cast import MONDAY, Cast, on, record_evidence, take_in, walk, walked
from tests.departments.test_surveys import news_of
from tests.following import read_all

pytestmark = pytest.mark.clause("T4.3")


def fresh(at: datetime) -> None:
    """What a test writes down is recorded by the database's clock: as if it had been then."""
    TicketEvent.objects.update(recorded_at=at)


def told(template: str) -> MessageOrder:
    return MessageOrder.objects.get(template=template)


def said(template: str) -> str:
    return message_text(told(template), "zh-hans")


def test_at_each_stage_the_customer_hears_it_with_the_time_of_the_next(cast: Cast) -> None:
    ticket = walked(cast, Move.DISPATCH)
    at = MONDAY + timedelta(hours=2)
    fresh(at)

    tell_progress(news_of(ticket, What.DISPATCHED), at)
    tell_progress(news_of(ticket, What.DISPATCHED), at)

    order = told("progress_dispatched")
    assert order.recipient == f"customer:{ticket.customer_id}"
    assert "2026-03-02 13:00 前开始核实" in said("progress_dispatched")  # two hours after the dispatch at eleven


def test_the_customer_is_told_of_the_verification_by_this_alone(cast: Cast) -> None:
    ticket = walked(cast, Move.INVESTIGATE)
    at = MONDAY + timedelta(hours=4)
    fresh(at)

    tell_progress(news_of(ticket, What.INVESTIGATION_STARTED), at)

    assert not MessageOrder.objects.filter(template="progress_investigating").exists()
    assert "处理完成" in said("progress_verifying")


@pytest.mark.clause("S4.1", "H5.1.3")
def test_what_is_said_with_the_result_depends_on_the_kind_of_ticket(cast: Cast) -> None:
    ticket = walked(cast, Move.TELL_CUSTOMER)
    at = MONDAY + timedelta(hours=9)
    fresh(at)

    tell_progress(news_of(ticket, What.CUSTOMER_TOLD), at)

    assert "致电回访" in said("result_call_follows")
    assert not MessageOrder.objects.filter(template__in=["fault_result", "business_result"]).exists()


def test_of_several_steps_at_once_only_the_last_is_told(cast: Cast) -> None:
    ticket = walked(cast, Move.CARRY_OUT)
    at = MONDAY + timedelta(hours=8)
    fresh(at)
    whats = (What.DISPATCHED, What.INVESTIGATION_STARTED, What.CARRIED_OUT)

    tell_progress([item for what in whats for item in news_of(ticket, what)], at)

    progress = MessageOrder.objects.filter(template__startswith="progress")
    assert [order.template for order in progress] == ["progress_done"]


def test_what_is_a_day_old_is_no_news(cast: Cast) -> None:
    """Because a new follower, or a restored database, reads the whole history once more."""
    ticket = walked(cast, Move.DISPATCH)
    fresh(MONDAY)

    tell_progress(news_of(ticket, What.DISPATCHED), MONDAY + timedelta(days=1))

    assert not MessageOrder.objects.filter(template__startswith="progress").exists()


def test_whoever_left_no_number_is_not_texted(cast: Cast) -> None:
    ticket = walk(cast, take_in(cast, phone="", account="BB-1"), until=Move.DISPATCH)
    at = MONDAY + timedelta(hours=2)
    fresh(at)

    tell_progress(news_of(ticket, What.DISPATCHED), at)

    assert not MessageOrder.objects.filter(template__startswith="progress").exists()


def responded(cast: Cast) -> Ticket:
    """The customer has been told to expect an answer by Wednesday at nine."""
    return walked(cast, Move.RESPOND)


def warned(ticket: Ticket, at: datetime) -> list[Any]:
    """The sweep at a moment, and what followers hear of its warnings."""
    while sweep(at):
        pass
    TicketEvent.objects.filter(ticket=ticket).update(recorded_at=at)
    return news_of(ticket, What.CLOCK_WARNED)


def test_before_a_time_runs_out_the_customer_hears_of_it_with_what_they_may_do_instead(cast: Cast) -> None:
    ticket = responded(cast)
    at = on("2026-03-04 00:00")
    news = warned(ticket, at)

    announce_delays(news, at)
    announce_delays(news, at)

    order = told("delay_ahead")
    assert "原定 2026-03-04 09:00 前答复" in said("delay_ahead")
    assert "专人回电" in said("delay_ahead")
    assert datetime.fromisoformat(order.params["expected_at"]) > on("2026-03-04 09:00")


def test_a_delay_is_not_announced_once_it_has_happened(cast: Cast) -> None:
    ticket = responded(cast)
    at = on("2026-03-04 09:00")

    announce_delays(warned(ticket, at), at)

    assert not MessageOrder.objects.filter(template="delay_ahead").exists()


@pytest.mark.clause("U3.3")
def test_the_outcome_goes_to_whoever_was_complained_about_and_to_the_manager(cast: Cast) -> None:
    ticket = walked(cast, Move.INVESTIGATE)
    at = MONDAY + timedelta(hours=5)
    record_evidence(cast, ticket, at)
    facts = {"text": "道歉并培训", "cause": "human", "concerned": str(cast.other_handler.pk)}
    go(cast, ticket, Move.PROPOSE, "handler", at, **facts)
    go(cast, ticket, Move.APPROVE, "supervisor", at)
    go(cast, ticket, Move.CARRY_OUT, "handler", at, work="已道歉")
    go(cast, ticket, Move.TELL_CUSTOMER, "agent", at, via="phone", proof="录音 1", text="已处理")
    fresh(at)

    copy_outcomes(news_of(ticket, What.CUSTOMER_TOLD), at)
    copy_outcomes(news_of(ticket, What.CUSTOMER_TOLD), at)

    copies = {order.template: order.recipient for order in MessageOrder.objects.filter(template__startswith="outcome")}
    assert copies == {
        "outcome_to_concerned": f"person:{cast.other_handler.pk}",
        "outcome_to_manager": f"person:{cast.manager.pk}",
    }


@pytest.mark.clause("U3.3")
def test_a_major_one_goes_to_the_executive_in_charge_too(cast: Cast) -> None:
    executive: Person = make_person("executive", display_name="分管领导", roles=["executive"], regions=["0"])
    ticket = walk(cast, take_in(cast), until=Move.DISPATCH)
    at = MONDAY + timedelta(hours=3)
    go(cast, ticket, Move.DECLARE_MAJOR, "supervisor", at, level="three", text="影响大")
    ticket.refresh_from_db()
    for step in (Move.RESPOND, Move.INVESTIGATE, Move.PROPOSE, Move.APPROVE, Move.CARRY_OUT, Move.TELL_CUSTOMER):
        ticket = next_step(cast, ticket, step, at)
    fresh(at)

    copy_outcomes(news_of(ticket, What.CUSTOMER_TOLD), at)

    assert told("outcome_of_major").recipient == f"person:{executive.pk}"


def go(cast: Cast, ticket: Ticket, move: Move, who: str, at: datetime, **facts: Any) -> Ticket:
    return move_ticket(ticket.number, move, by=cast.actor(who), happened_at=at, now=at, facts=facts)


def next_step(cast: Cast, ticket: Ticket, move: Move, at: datetime) -> Ticket:
    from tests.cast import WHOLE_WAY, make

    return make(cast, ticket, next(step for step in WHOLE_WAY if step[0] is move), at)


@pytest.mark.django_db(transaction=True)
def test_the_worker_follows_the_history_to_the_messages(cast: Cast) -> None:
    from django.utils.timezone import now

    from tests.screens.desk import brought_to

    ticket = brought_to(cast, Move.CARRY_OUT)
    next_step(cast, ticket, Move.TELL_CUSTOMER, now())

    for follower in FOLLOWERS * 2:
        read_all(follower, now())

    found = MessageOrder.objects.filter(ticket_id=ticket.pk, template__in=["result_call_follows", "outcome_to_manager"])
    assert sorted(order.template for order in found) == ["outcome_to_manager", "result_call_follows"]
