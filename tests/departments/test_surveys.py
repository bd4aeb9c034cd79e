"""回访: the customer is asked once they have been told, answers once, and a bad answer has consequences."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shouwen.customers.models import Customer
from shouwen.handbook.authority import SYSTEM
from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.refusals import AlreadyAnswered, MoveNotAllowed, SurveyUnderway
from shouwen.handling.actions import move_ticket
from shouwen.notices.codes import opened_code
from shouwen.notices.models import MessageOrder
from shouwen.surveys import followers
from shouwen.surveys.actions import send_survey, take_rating
from shouwen.surveys.followers import reopen_or_review, survey_those_told
from shouwen.surveys.models import Survey
from shouwen.surveys.queries import NoSuchSurvey, Rating, survey_with, worst_score
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.news import News
from shouwen.tickets.queries import history_of
from tests.cast import MONDAY, WHOLE_WAY, Cast, take_in, walk, walked
from tests.following import read_all

LATER = MONDAY + timedelta(days=1)
PLEASED = Rating(1, 2, 1)
FAIR = Rating(2, 3, 1, "还行")
BAD = Rating(4, 2, 3, "问题还在")
BAD_AGAIN = Rating(4, 2, 3, "问题还在", again=True)


@pytest.fixture
def told(cast: Cast) -> Ticket:
    """A ticket whose customer has been told the result."""
    return walked(cast, Move.TELL_CUSTOMER)


def news_of(ticket: Ticket, what: What) -> list[News]:
    """What a follower is told of the ticket."""
    rows = TicketEvent.objects.filter(ticket=ticket, what=what).order_by("seq")
    return [
        News(str(row.ticket_id), row.seq, What(row.what), row.happened_at, row.recorded_at, row.actor, row.facts)
        for row in rows
    ]


def links() -> list[str]:
    """The links that have been ordered, as the customer reads them."""
    return [opened_code(order) or "" for order in MessageOrder.objects.filter(template="survey_link")]


def whats(ticket: Ticket) -> list[str]:
    return [row.what for row in history_of(ticket.pk)]


def rate(ticket: Ticket, rating: Rating, at: datetime = LATER) -> list[News]:
    take_rating(ticket.pk, rating, by=SYSTEM, at=at, source="survey")
    return news_of(ticket, What.RATED)[-1:]


@pytest.mark.clause("S4.2b")
def test_whoever_has_been_told_is_asked_by_text_message(told):
    survey_those_told(news_of(told, What.CUSTOMER_TOLD), LATER)

    [link] = links()
    survey = survey_with(link.rpartition("/")[2], at=LATER)
    assert (survey.ticket_id, survey.round) == (told.pk, 1)
    assert whats(told)[-1] == What.SURVEY_SENT


def test_told_of_it_twice_the_follower_asks_once(told):
    news = news_of(told, What.CUSTOMER_TOLD)

    survey_those_told(news, LATER)
    survey_those_told(news, LATER + timedelta(minutes=1))

    assert Survey.objects.count() == len(links()) == 1


@pytest.mark.django_db(transaction=True)
def test_the_worker_follows_the_history_to_the_survey(cast):
    ticket = walked(cast, Move.TELL_CUSTOMER)

    for follower in followers.FOLLOWERS * 2:
        read_all(follower, LATER)

    assert len(links()) == 1
    assert whats(ticket).count(What.SURVEY_SENT) == 1


def test_a_customer_without_a_phone_is_called_instead(cast):
    ticket = walk(cast, take_in(cast, phone="", account="BB-1001"), until=Move.TELL_CUSTOMER)

    survey_those_told(news_of(ticket, What.CUSTOMER_TOLD), LATER)

    assert Customer.objects.get(pk=ticket.customer_id).phone_token == ""
    assert (links(), Survey.objects.count()) == ([], 0)


def test_a_ticket_that_has_gone_on_meanwhile_is_left_alone(cast):
    ticket = walked(cast, Move.ARCHIVE)
    sent = whats(ticket).count(What.SURVEY_SENT)

    survey_those_told(news_of(ticket, What.CUSTOMER_TOLD), LATER)

    assert whats(ticket).count(What.SURVEY_SENT) == sent


@pytest.mark.clause("S4.2b")
def test_the_link_that_is_out_is_the_one_handed_over_and_no_second_is_texted(cast, told):
    survey_those_told(news_of(told, What.CUSTOMER_TOLD), LATER)

    link = send_survey(told.pk, by=cast.actor("agent"), at=LATER + timedelta(minutes=1))

    assert links() == [link]
    assert Survey.objects.count() == 1
    assert link.startswith("http://localhost:8000/portal/surveys/")


@pytest.mark.clause("S4.2b")
def test_a_link_nobody_can_read_again_is_over_once_another_is_handed_over(cast, told):
    one, two = (send_survey(told.pk, by=cast.actor("agent"), at=LATER) for _ in range(2))

    assert links() == []
    with pytest.raises(NoSuchSurvey):
        survey_with(one.rpartition("/")[2], at=LATER)
    assert survey_with(two.rpartition("/")[2], at=LATER).ticket_id == told.pk


@pytest.mark.clause("S4.2b")
def test_whoever_has_been_texted_a_link_is_not_texted_another(cast, told, settings):
    settings.SHOUWEN_GATEWAYS = SMS
    survey_those_told(news_of(told, What.CUSTOMER_TOLD), LATER)

    with pytest.raises(SurveyUnderway):
        send_survey(told.pk, by=cast.actor("agent"), at=LATER + timedelta(minutes=1))
    assert (len(links()), Survey.objects.count()) == (1, 1)
    send_survey(told.pk, by=cast.actor("agent"), at=LATER + timedelta(days=30))
    assert len(links()) == 2


SMS = {"sms": "tests.departments.test_notices.Gateway"}


@pytest.mark.clause("H7.2.4")
def test_whoever_is_rated_gets_no_link_where_the_customer_is_texted_one(cast, told, settings):
    settings.SHOUWEN_GATEWAYS = SMS

    assert send_survey(told.pk, by=cast.actor("agent"), at=LATER) == ""
    assert len(links()) == 1
    assert "handed_over" not in history_of(told.pk)[-1].facts


@pytest.mark.clause("H7.2.4")
@pytest.mark.parametrize("why", ["no gateway", "no number"])
def test_a_link_handed_over_says_so_in_the_history(cast, told, settings, why):
    if why == "no number":
        settings.SHOUWEN_GATEWAYS = SMS
        Customer.objects.update(phone_token="")

    assert "/portal/surveys/" in send_survey(told.pk, by=cast.actor("agent"), at=LATER)
    sent = history_of(told.pk)[-1]
    assert (sent.facts["handed_over"], sent.by) == (True, cast.actor("agent").ref)


def test_a_survey_cannot_be_sent_before_there_is_a_result(cast):
    ticket = take_in(cast)

    with pytest.raises(MoveNotAllowed):
        send_survey(ticket.pk, by=cast.actor("agent"), at=LATER)
    assert (Survey.objects.count(), links()) == (0, [])


@pytest.mark.clause("T1.3b")
def test_a_link_can_not_be_read_from_the_database(told):
    survey_those_told(news_of(told, What.CUSTOMER_TOLD), LATER)
    token = links()[0].rpartition("/")[2]

    rows = f"{list(Survey.objects.values())} {list(TicketEvent.objects.values())}"

    assert token not in rows
    assert token.encode() not in bytes(MessageOrder.objects.get(template="survey_link").secret)


@pytest.mark.parametrize(
    ("after", "found"), [(timedelta(days=30) - timedelta(seconds=1), True), (timedelta(days=30), False)]
)
@pytest.mark.clause("H7.2.4")
def test_a_link_is_open_for_thirty_days(cast, told, after, found):
    token = send_survey(told.pk, by=cast.actor("agent"), at=LATER).rpartition("/")[2]

    if found:
        assert survey_with(token, at=LATER + after).ticket_id == told.pk
    else:
        with pytest.raises(NoSuchSurvey):
            survey_with(token, at=LATER + after)


@pytest.mark.parametrize("token", ["", "x", "' or 1=1", "a" * 5000])
def test_what_is_no_token_finds_nothing(cast, token):
    with pytest.raises(NoSuchSurvey):
        survey_with(token, at=LATER)


@pytest.mark.clause("H7.2.4", "S4.2b")
def test_a_rating_says_how_satisfied_the_customer_is_with_three_things(told):
    [news] = rate(told, Rating(1, 3, 2, "电话 19900009999 打不通"))

    assert {name: news.facts[name] for name in ("score", "result", "handling", "efficiency")} == {
        "score": 3,
        "result": 1,
        "handling": 3,
        "efficiency": 2,
    }
    assert "19900009999" not in news.facts["words"]


@pytest.mark.clause("H7.2.4")
def test_a_round_is_rated_once(told):
    rate(told, PLEASED)

    with pytest.raises(AlreadyAnswered):
        rate(told, BAD)
    assert whats(told).count(What.RATED) == 1


def test_after_the_answer_no_further_survey_is_sent(cast, told):
    rate(told, PLEASED)

    with pytest.raises(AlreadyAnswered):
        send_survey(told.pk, by=cast.actor("agent"), at=LATER)


def test_a_new_round_is_rated_anew_but_not_by_the_old_rounds_link(cast, told):
    token = send_survey(told.pk, by=cast.actor("agent"), at=LATER).rpartition("/")[2]
    old = survey_with(token, at=LATER)
    rate(told, BAD)
    ticket = Ticket.objects.get(pk=told.pk)
    ticket = move_ticket(
        ticket.number, Move.REOPEN, by=cast.actor("agent"), happened_at=LATER, now=LATER, facts={"reason": "未解决"}
    )
    for move, who, facts in WHOLE_WAY[1:8]:
        ticket = move_ticket(ticket.number, move, by=cast.actor(who), happened_at=LATER, now=LATER, facts=facts)

    with pytest.raises(AlreadyAnswered):
        take_rating(ticket.pk, PLEASED, by=SYSTEM, at=LATER, source="survey", survey=old)
    assert rate(ticket, PLEASED)[0].facts["score"] == 2


@pytest.mark.clause("S4.2c")
@pytest.mark.parametrize(("rating", "reviewed"), [(PLEASED, 0), (FAIR, 1), (BAD, 1)])
def test_below_satisfied_a_supervisor_looks_into_it(cast, told, rating, reviewed):
    news = rate(told, rating)

    reopen_or_review(news, LATER)
    reopen_or_review(news, LATER)

    orders = MessageOrder.objects.filter(template="rating_review")
    assert [order.recipient for order in orders] == [f"person:{cast.supervisor.pk}"] * reviewed
    assert Ticket.objects.get(pk=told.pk).stage == "told"


@pytest.mark.clause("S4.1")
def test_whoever_is_not_satisfied_and_asks_for_it_gets_another_round_once(cast, told):
    news = rate(told, BAD_AGAIN)

    reopen_or_review(news, LATER)
    reopen_or_review(news, LATER + timedelta(minutes=1))

    ticket = Ticket.objects.get(pk=told.pk)
    assert (ticket.stage, ticket.round, ticket.handler_id) == ("assessed", 2, cast.agent.pk)
    assert whats(ticket).count(What.REOPENED) == 1
    assert history_of(ticket.pk)[-1].facts["reason"] == "问题还在"


@pytest.mark.clause("S4.1")
def test_what_was_taken_out_of_a_rating_stays_readable_in_the_reason_of_the_new_round(cast, told):
    reopen_or_review(rate(told, replace(BAD_AGAIN, words="请打 19900005678 找李先生")), LATER)

    rated, reopened = history_of(told.pk)[-2:]
    assert "19900005678" not in rated.facts["words"]
    assert reopened.facts["reason"] == rated.facts["words"]


def test_whoever_asked_for_it_and_has_been_reopened_by_hand_gets_one_round_not_two(cast, told):
    news = rate(told, BAD_AGAIN)
    move_ticket(
        told.number, Move.REOPEN, by=cast.actor("agent"), happened_at=LATER, now=LATER, facts={"reason": "来电要求"}
    )

    reopen_or_review(news, LATER)

    assert Ticket.objects.get(pk=told.pk).round == 2


@pytest.mark.clause("H7.2.4")
def test_a_ticket_archived_before_its_customer_answered_can_still_be_rated_and_reopened(cast):
    ticket = walked(cast, Move.ARCHIVE)

    reopen_or_review(rate(ticket, BAD_AGAIN), LATER)

    assert Ticket.objects.get(pk=ticket.pk).round == 2


def test_a_ticket_withdrawn_meanwhile_is_not_reopened_so_the_supervisor_alone_is_told(cast, told):
    news = rate(told, BAD_AGAIN)
    facts = {"reason": "客户来电撤诉", "evidence": "录音"}
    move_ticket(told.number, Move.WITHDRAW, by=cast.actor("agent"), happened_at=LATER, now=LATER, facts=facts)

    reopen_or_review(news, LATER)

    assert Ticket.objects.get(pk=told.pk).stage == "withdrawn"
    assert MessageOrder.objects.filter(template="rating_review").count() == 1


@pytest.mark.parametrize(
    ("facts", "score"),
    [({}, 0), ({"score": "4"}, 4), ({"score": 2, "result": 1, "handling": 3}, 3), ({"efficiency": "1"}, 1)],
)
def test_the_worst_of_what_was_said_counts_whoever_wrote_it_down(facts: dict[str, Any], score: int):
    assert worst_score(facts) == score
