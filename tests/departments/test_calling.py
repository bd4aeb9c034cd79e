"""人工回访: who is called, by whom, how often, and what the ticket hears of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shouwen.handbook.authority import SYSTEM
from shouwen.handbook.calling import Called
from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.refusals import AlreadyAnswered, CallDue, NotTheirCall
from shouwen.handling.actions import move_ticket
from shouwen.notices.models import MessageOrder
from shouwen.people.models import Person
from shouwen.surveys.actions import take_rating
from shouwen.surveys.calling import Call, end_calls, make_call, plan_calls, planned_for, take_over
from shouwen.surveys.models import Callback
from shouwen.surveys.queries import Rating
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of
from tests.cast import Cast, on, take_in, walk, walked
from tests.departments.test_surveys import news_of

pytestmark = pytest.mark.clause("S4.2b")
SOON = on("2026-03-02 18:00")
PLEASED = Rating(overall=1, nps=9, solved=True, words="处理得很快")
BAD = Rating(overall=4, words="问题还在", again=True)


@pytest.fixture
def told(cast: Cast) -> Ticket:
    return walked(cast, Move.TELL_CUSTOMER)


@pytest.fixture
def planned(told: Ticket) -> Callback:
    plan_calls(news_of(told, What.CUSTOMER_TOLD), SOON)
    return Callback.objects.get()


def call(cast: Cast, callback: Callback, one: Call, at: datetime = SOON) -> Callback:
    assert make_call(callback.pk, one, by=cast.actor("agent"), at=at) is None
    callback.refresh_from_db()
    return callback


def last(ticket: Ticket, what: What) -> dict[str, object]:
    return dict([row for row in history_of(ticket.pk) if row.what is what][-1].facts)


@pytest.mark.clause("S4.2", "T1.3")
def test_whoever_was_told_is_to_be_called_within_a_day_by_whoever_took_the_complaint_in(cast, told, planned):
    told_at = [row.happened_at for row in history_of(told.pk) if row.what is What.CUSTOMER_TOLD][-1]

    assert planned.agent_id == cast.agent.pk
    assert planned.due_at == told_at + timedelta(hours=24)
    notice = MessageOrder.objects.get(template="callback_assigned")
    assert notice.recipient == f"person:{cast.agent.pk}"


def test_told_of_it_twice_the_call_is_planned_once(told, planned):
    plan_calls(news_of(told, What.CUSTOMER_TOLD), SOON)

    assert Callback.objects.count() == 1


def test_where_the_first_owner_is_away_another_agent_of_the_region_calls(cast, told):
    Person.objects.filter(pk=cast.agent.pk).update(away_until=SOON + timedelta(days=3))

    plan_calls(news_of(told, What.CUSTOMER_TOLD), SOON)

    assert Callback.objects.get().agent_id is None  # nobody else answers for 3401
    assert MessageOrder.objects.filter(template="callback_assigned").count() == 0


def test_a_fault_is_followed_up_without_a_call_unless_its_customer_is_a_vip(cast):
    fault = walk(cast, take_in(cast, ticket_type="fault", category="network.broadband.down"), until=Move.DISPATCH)
    plan_calls(news_of(fault, What.DISPATCHED), SOON)

    assert not Callback.objects.exists()


def test_a_talk_is_the_rating_and_the_follow_up_in_one(cast, told, planned):
    done = call(cast, planned, Call(Called.REACHED, "处理得很快", PLEASED))

    assert (done.state, done.attempts) == ("reached", 1)
    assert Ticket.objects.get(pk=told.pk).stage == "followed_up"
    rated, followed = last(told, What.RATED), last(told, What.FOLLOWED_UP)
    assert (rated["overall"], rated["nps"], rated["solved"]) == (1, 9, True)
    assert (followed["called"], followed["satisfied"], followed["via"]) == ("reached", True, "phone")


@pytest.mark.clause("S4.1")
def test_whoever_is_not_satisfied_is_written_down_so(cast, told, planned):
    call(cast, planned, Call(Called.REACHED, "问题还在", BAD))

    assert last(told, What.FOLLOWED_UP)["satisfied"] is False


def test_whoever_is_not_reached_is_called_again_and_after_three_times_no_more(cast, told, planned):
    at = SOON
    for attempt in (1, 2):
        once = call(cast, planned, Call(Called.NOT_REACHED), at)
        assert (once.state, once.attempts) == ("planned", attempt)
        assert once.next_at > at
        at = once.next_at
        facts = {"via": "online", "outcome": "没联系上"}
        with pytest.raises(CallDue):
            move_ticket(told.number, Move.FOLLOW_UP, by=cast.actor("agent"), happened_at=at, now=at, facts=facts)

    done = call(cast, planned, Call(Called.NOT_REACHED), at)

    assert (done.state, done.attempts) == ("not_reached", 3)
    assert last(told, What.FOLLOWED_UP)["calls"] == 3
    assert done.calls.count() == 3


def test_nobody_is_called_at_night(cast, planned):
    late = call(cast, planned, Call(Called.NOT_REACHED), on("2026-03-02 20:30"))

    assert late.next_at == on("2026-03-03 08:00")


def test_whoever_does_not_want_to_be_asked_is_left_alone(cast, told, planned):
    assert call(cast, planned, Call(Called.REFUSED)).state == "refused"
    assert last(told, What.FOLLOWED_UP)["called"] == "refused"


def test_what_was_answered_by_link_before_the_call_stands(cast, told, planned):
    take_rating(told.pk, Rating(overall=2), by=SYSTEM, at=SOON, source="survey")

    with pytest.raises(AlreadyAnswered):
        make_call(planned.pk, Call(Called.REACHED, "好", PLEASED), by=cast.actor("agent"), at=SOON)
    call(cast, planned, Call(Called.REACHED, "好", satisfied=True))

    assert last(told, What.RATED)["overall"] == 2
    assert last(told, What.FOLLOWED_UP)["satisfied"] is True


def test_a_call_is_written_down_once(cast, planned):
    call(cast, planned, Call(Called.REFUSED))

    with pytest.raises(NotTheirCall):
        make_call(planned.pk, Call(Called.REFUSED), by=cast.actor("agent"), at=SOON)


@pytest.mark.clause("U2.5")
def test_a_call_stays_written_down_where_the_informant_has_not_been_told_yet(cast):
    ticket = take_in(cast, informant_name="某营业员", informant_phone="19900006666")
    ticket = walk(cast, ticket, until=Move.TELL_CUSTOMER)
    plan_calls(news_of(ticket, What.CUSTOMER_TOLD), SOON)
    planned = Callback.objects.get()

    why = make_call(planned.pk, Call(Called.REACHED, "好", PLEASED), by=cast.actor("agent"), at=SOON)

    assert why is not None
    assert why.clause == "U2.5"
    planned.refresh_from_db()
    assert planned.state == "reached"
    assert Ticket.objects.get(pk=ticket.pk).stage == "told"
    assert last(ticket, What.RATED)["overall"] == 1


def test_what_was_followed_up_or_taken_up_again_otherwise_needs_no_call(cast, told, planned):
    facts = {"reason": "客户来电要求"}
    move_ticket(told.number, Move.REOPEN, by=cast.actor("agent"), happened_at=SOON, now=SOON, facts=facts)

    end_calls(news_of(told, What.REOPENED), SOON)

    planned.refresh_from_db()
    assert (planned.state, planned.ended_at) == ("dropped", SOON)


@pytest.mark.clause("H7.3.1")
def test_everybody_sees_the_calls_on_tickets_they_may_see_and_may_take_one_over(cast, planned):
    assert list(planned_for(cast.actor("agent"), mine=True)) == [planned]
    assert list(planned_for(cast.actor("supervisor"), mine=False)) == [planned]
    assert list(planned_for(cast.actor("other_agent"), mine=False)) == []

    take_over(planned.pk, by=cast.actor("supervisor"))

    assert list(planned_for(cast.actor("agent"), mine=True)) == []
