"""A customer who was not satisfied, and is in the end: told, asked, worked again, called, closed (H2.4)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from shouwen.handbook.moves import Move
from shouwen.notices.codes import opened_code
from shouwen.notices.models import MessageOrder
from shouwen.surveys.models import Callback, Outcome, Review
from shouwen.surveys.replies import take_reply
from shouwen.tickets.models import Ticket
from tests.cast import WHOLE_WAY, Cast, make
from tests.departments.conftest import cast
from tests.departments.test_handling import everything_wrong_with
from tests.following import turn
from tests.screens.desk import Desk, brought_to, text_of

__all__ = ["cast"]
PHONE = "19900001234"
AGAIN = (Move.ASSESS, Move.DISPATCH, Move.RESPOND, Move.INVESTIGATE, Move.PROPOSE, Move.APPROVE, Move.CARRY_OUT)


@pytest.mark.django_db(transaction=True)
@pytest.mark.clause("H2.4", "S4.1", "S4.2b", "S4.2c", "H7.2.4", "T4.3")
def test_a_customer_who_was_not_satisfied_is_worked_for_again_until_they_are(cast: Cast, settings: Any) -> None:
    settings.DEMO = True  # so that the link can be read by day too, when the message has left the outbox
    ticket = tell(cast, brought_to(cast, Move.CARRY_OUT))

    rate_by_link(ticket)
    look_into_it(cast, ticket)
    ticket = work_again(cast, ticket)
    answer_by_digit(ticket)
    call_and_close(cast, ticket)

    assert everything_wrong_with(ticket) == []


def tell(cast: Cast, ticket: Ticket) -> Ticket:
    """The agent tells the customer, and the desk asks them by text message."""
    ticket = step(cast, ticket, Move.TELL_CUSTOMER)
    work_it_off()
    assert MessageOrder.objects.filter(ticket_id=ticket.pk, template="result_call_follows").count() == ticket.round
    assert Callback.objects.get(ticket_id=ticket.pk, round=ticket.round).state == "planned"
    return ticket


def rate_by_link(ticket: Ticket) -> None:
    """The customer opens the link and is not satisfied."""
    order = MessageOrder.objects.filter(ticket_id=ticket.pk, template="survey_link").latest("ordered_at")
    link = re.sub(r"^https?://[^/]+", "", opened_code(order) or "")
    said = {"overall": "4", "result": "4", "solved": "no", "nps": "2", "words": "晚上还是断线"}
    assert Client().post(link, said).status_code == 200
    work_it_off()


def look_into_it(cast: Cast, ticket: Ticket) -> None:
    """The supervisor sees it, and has it worked again."""
    desk = Desk(cast.supervisor, language="zh-hans")
    assert ticket.number in text_of(desk.get("/reviews"))
    assert "晚上还是断线" in text_of(desk.get("/reviews"))
    review = Review.objects.get(ticket_id=ticket.pk)
    desk.post(f"/reviews/{review.pk}", {"decision": "reopen", "reason": "夜间复测未做"})
    work_it_off()
    ticket.refresh_from_db()
    assert (ticket.stage, ticket.round) == ("assessed", 2)
    assert Callback.objects.get(ticket_id=ticket.pk, round=1).state == "dropped"


def work_again(cast: Cast, ticket: Ticket) -> Ticket:
    """The whole way once more, and the customer is told again."""
    for move in AGAIN[1:]:
        ticket = step(cast, ticket, move)
    return tell(cast, ticket)


def answer_by_digit(ticket: Ticket) -> None:
    """This time the customer answers with a digit."""
    reply, _ = take_reply("gateway-1", phone=PHONE, text="1", channel="sms", at=now())
    assert reply.outcome == "recorded"
    work_it_off()


def call_and_close(cast: Cast, ticket: Ticket) -> None:
    """The agent still calls, hears the same, and the ticket is closed."""
    desk = Desk(cast.agent, language="zh-hans")
    callback = Callback.objects.get(ticket_id=ticket.pk, round=2)
    assert "客户已作出评价" in text_of(desk.get(f"/callbacks/{callback.pk}"))
    desk.post(f"/callbacks/{callback.pk}", {"went": "reached", "satisfied": "yes", "words": "这次好了"})
    work_it_off()
    desk.make(ticket, Move.CLOSE, outcome="已解决")
    work_it_off()
    ticket.refresh_from_db()
    assert ticket.stage == "closed"
    rounds = Outcome.objects.filter(ticket_id=ticket.pk).order_by("round")
    assert [(one.overall, one.marks, one.reopened_at is not None) for one in rounds] == [(4, 0, True), (1, 100, False)]
    assert MessageOrder.objects.filter(ticket_id=ticket.pk, template="case_closed").exists()


def step(cast: Cast, ticket: Ticket, move: Move) -> Ticket:
    at = now()
    move_, who, facts = next(one for one in WHOLE_WAY if one[0] is move)
    if "expected_at" in facts:
        facts = facts | {"expected_at": (at + timedelta(days=1)).isoformat()}
    return make(cast, ticket, (move_, who, facts), at)


def work_it_off() -> None:
    """The worker, until nothing is left to do."""
    for _ in range(3):
        turn(now())
