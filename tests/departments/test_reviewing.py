"""评价复核与培训: what follows from a rating below "satisfied", and from three in a row."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shouwen.handbook.authority import SYSTEM
from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.refusals import AlreadyReviewed, ReasonRequired, TrainedBySelf
from shouwen.handling.actions import move_ticket
from shouwen.notices.models import MessageOrder
from shouwen.notices.queries import message_text
from shouwen.surveys.actions import take_rating
from shouwen.surveys.followers import note_outcomes, reopen_or_review
from shouwen.surveys.models import Outcome, Review, Training
from shouwen.surveys.queries import Rating
from shouwen.surveys.reviewing import decide_review, reopen_unreviewed, reviews_for
from shouwen.surveys.training import confirm_training, trainings_for
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of
from tests.cast import MONDAY, Cast, take_in, walk, walked
from tests.departments.test_surveys import news_of

LATER = MONDAY + timedelta(days=1)
BAD = Rating(overall=4, words="问题还在")
MIXED = Rating(overall=1, result=1, handling=1, efficiency=3)  # worth 93 of 100, and yet something was only fair


@pytest.fixture
def told(cast: Cast) -> Ticket:
    return walked(cast, Move.TELL_CUSTOMER)


def rate(ticket: Ticket, rating: Rating, at: datetime = LATER) -> None:
    take_rating(ticket.pk, rating, by=SYSTEM, at=at, source="survey")
    reopen_or_review(news_of(ticket, What.RATED)[-1:], at)
    note_outcomes(news_of(ticket, What.RATED)[-1:], at)


def stage(ticket: Ticket) -> tuple[str, int]:
    fresh = Ticket.objects.get(pk=ticket.pk)
    return fresh.stage, fresh.round


@pytest.mark.clause("S4.2c")
def test_below_satisfied_somebody_is_to_look_into_it_once(cast, told):
    rate(told, BAD)
    reopen_or_review(news_of(told, What.RATED), LATER)

    review = Review.objects.get()
    assert (review.worst, review.marks, review.fails) == (4, 0, True)
    assert review.due_at == review.opened_at + timedelta(hours=24)
    assert list(reviews_for(cast.actor("supervisor"))) == [review]
    assert list(reviews_for(cast.actor("other_agent"))) == []


@pytest.mark.clause("S4.2c")
@pytest.mark.parametrize(
    ("decision", "after"), [("reopen", ("assessed", 2)), ("accept", ("told", 1)), ("coach", ("told", 1))]
)
def test_a_supervisor_decides_and_says_why_and_the_ticket_keeps_it(cast, told, decision, after):
    rate(told, BAD)

    review = decide_review(
        Review.objects.get().pk, decision, reason="已核对录音", by=cast.actor("supervisor"), at=LATER
    )

    assert stage(told) == after
    said = history_of(told.pk)[-1]
    assert "已核对录音" in str(said.facts)
    assert (review.decided_by, review.decided_seq) == (cast.actor("supervisor").ref, said.seq)
    assert Training.objects.filter(person=cast.agent).count() == (decision == "coach")
    with pytest.raises(AlreadyReviewed):
        decide_review(review.pk, "accept", reason="再来", by=cast.actor("supervisor"), at=LATER)


@pytest.mark.clause("S4.2c")
def test_without_a_reason_nothing_is_decided(cast, told):
    rate(told, BAD)

    with pytest.raises(ReasonRequired):
        decide_review(Review.objects.get().pk, "accept", reason=" ", by=cast.actor("supervisor"), at=LATER)


@pytest.mark.clause("H7.2.4")
def test_what_is_worth_less_than_85_is_worked_again_where_nobody_says_in_time_why_not(cast, told):
    rate(told, BAD)
    due_at = Review.objects.get().due_at

    assert reopen_unreviewed(due_at - timedelta(seconds=1)) == 0
    assert reopen_unreviewed(due_at) == 1
    assert reopen_unreviewed(due_at + timedelta(hours=1)) == 0

    assert stage(told) == ("assessed", 2)
    assert "85" in history_of(told.pk)[-1].facts["reason"]
    assert Review.objects.get().decided_by == "system"


@pytest.mark.clause("H7.2.4", "S4.2c")
def test_what_is_worth_more_waits_for_the_supervisor_and_is_not_worked_again_by_itself(cast, told):
    rate(told, MIXED)
    review = Review.objects.get()

    assert (review.marks, review.fails) == (93, False)
    assert reopen_unreviewed(review.due_at + timedelta(days=9)) == 0
    assert stage(told) == ("told", 1)


def test_a_ticket_its_customer_had_worked_again_meanwhile_is_not_worked_twice(cast, told):
    rate(told, Rating(overall=4, words="问题还在", again=True))
    assert stage(told) == ("assessed", 2)

    reopen_unreviewed(Review.objects.get().due_at)

    assert stage(told) == ("assessed", 2)
    assert Review.objects.get().decision == "went_on"


@pytest.mark.clause("S4.2c")
def test_a_supervisor_says_of_a_rating_whose_ticket_is_worked_again_that_it_is(cast, told):
    rate(told, Rating(overall=4, words="问题还在", again=True))

    review = decide_review(Review.objects.get().pk, "went_on", reason="已核对", by=cast.actor("supervisor"), at=LATER)

    assert stage(told) == ("assessed", 2)
    assert (review.decision, review.decided_by) == ("went_on", cast.actor("supervisor").ref)
    assert "已核对" in str(history_of(told.pk)[-1].facts)


def rated(cast: Cast, number: int, rating: Rating) -> Ticket:
    ticket = walk(cast, take_in(cast, phone=f"1990000{number:04}"), until=Move.TELL_CUSTOMER)
    rate(ticket, rating, LATER + timedelta(minutes=number))
    return ticket


@pytest.mark.clause("S4.2c")
def test_three_in_a_row_below_satisfied_make_one_training_not_two_for_the_same_three(cast):
    tickets = [rated(cast, number, BAD) for number in (1, 2)]
    assert not Training.objects.exists()

    tickets.append(rated(cast, 3, BAD))
    rated(cast, 4, BAD)
    note_outcomes(news_of(tickets[-1], What.RATED), LATER)

    training = Training.objects.get()
    assert training.person_id == cast.agent.pk
    assert training.tickets == [ticket.number for ticket in tickets]
    assert training.due_at == training.opened_at + timedelta(days=7)
    told = {order.recipient: order.template for order in MessageOrder.objects.filter(template__startswith="training")}
    assert told == {
        f"person:{cast.agent.pk}": "training_due",
        f"person:{cast.supervisor.pk}": "training_ordered",
    }


@pytest.mark.clause("S4.2c")
def test_one_good_rating_in_between_begins_the_row_anew_and_three_more_bad_ones_make_a_second_training(cast):
    for number, rating in enumerate([BAD, BAD, Rating(overall=2), BAD, BAD]):
        rated(cast, number, rating)
    assert not Training.objects.exists()

    for number in range(10, 14):
        rated(cast, number, BAD)

    assert Training.objects.count() == 2


@pytest.mark.clause("S4.2c")
def test_whoever_is_to_be_coached_hears_of_it_because_it_has_a_day(cast, told):
    rate(told, BAD)
    decide_review(Review.objects.get().pk, "coach", reason="话术", by=cast.actor("supervisor"), at=LATER)

    [notice] = MessageOrder.objects.filter(template__startswith="training")

    assert (notice.recipient, notice.channel) == (f"person:{cast.agent.pk}", "desk")
    assert told.number in message_text(notice, "zh-hans")
    assert "已为您安排培训" in message_text(notice, "zh-hans")
    assert "please complete a training by" in message_text(notice, "en")
    assert notice.params["due_at"] == Training.objects.get().due_at.isoformat()


@pytest.mark.clause("S5.2")
def test_a_training_is_done_when_somebody_else_says_what_shows_it(cast, told):
    rate(told, BAD)
    decide_review(Review.objects.get().pk, "coach", reason="话术", by=cast.actor("supervisor"), at=LATER)
    training = Training.objects.get()

    with pytest.raises(TrainedBySelf):
        confirm_training(training.pk, proof="签到表", by=cast.actor("agent"), at=LATER)
    with pytest.raises(ReasonRequired):
        confirm_training(training.pk, proof=" ", by=cast.actor("supervisor"), at=LATER)
    confirm_training(training.pk, proof="签到表 3 月 4 日", by=cast.actor("supervisor"), at=LATER)

    training.refresh_from_db()
    assert (training.done_at, training.done_by) == (LATER, cast.actor("supervisor").ref)
    assert list(trainings_for(cast.actor("agent"))) == [training]
    assert list(trainings_for(cast.actor("supervisor"))) == [training]
    assert list(trainings_for(cast.actor("handler"))) == []


@pytest.mark.clause("H2.3.3", "T6.3")
def test_how_a_round_ended_is_kept_to_count_by_and_made_anew_it_is_the_same(cast, told):
    rate(told, Rating(overall=2, efficiency=3, nps=7, solved=True))
    first = Outcome.objects.values().get()

    note_outcomes(news_of(told, What.RATED), LATER)

    assert Outcome.objects.values().get() == first
    assert (first["via"], first["team"], first["answerable"]) == ("phone", "network-3401", cast.agent.pk)
    assert (first["overall"], first["worst"], first["marks"], first["nps"], first["solved"]) == (2, 3, 76, 7, True)


def test_a_second_round_ends_for_itself(cast, told):
    rate(told, BAD)
    facts = {"reason": "未解决"}
    move_ticket(told.number, Move.REOPEN, by=cast.actor("agent"), happened_at=LATER, now=LATER, facts=facts)

    note_outcomes(news_of(told, What.REOPENED), LATER)

    outcome = Outcome.objects.get()
    assert (outcome.round, outcome.reopened_at) == (1, LATER)
