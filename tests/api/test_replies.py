"""Digits that come back from a text message or a voice menu."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils.timezone import now

from shouwen.handbook.authority import SYSTEM
from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.people.actions import make_api_key
from shouwen.surveys.actions import send_survey
from shouwen.surveys.models import Reply
from shouwen.surveys.replies import digit_in, take_reply
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of
from tests.cast import Cast
from tests.screens.desk import brought_to

pytestmark = [pytest.mark.django_db, pytest.mark.clause("S4.2b")]
PHONE = "19900001234"


@pytest.fixture
def asked(cast: Cast) -> Ticket:
    """A ticket whose customer has been sent the survey."""
    ticket = brought_to(cast, Move.TELL_CUSTOMER)
    send_survey(ticket.pk, by=SYSTEM, at=now() - timedelta(minutes=1))
    return ticket


@pytest.fixture
def secret(cast: Cast) -> str:
    return make_api_key("短信网关", ["surveys:reply"], by=cast.administrator)[1]


def send(secret: str, text: str = "2", message_id: str = "m1", phone: str = PHONE, **body: str):
    said = {"message_id": message_id, "phone": phone, "text": text, **body}
    headers = {"Authorization": f"Bearer {secret}"}
    return Client().post("/api/v1/survey-replies", json.dumps(said), "application/json", headers=headers)


def ratings(ticket: Ticket) -> list[object]:
    return [row.facts["overall"] for row in history_of(ticket.pk) if row.what is What.RATED]


@pytest.mark.parametrize(
    ("text", "digit"),
    [
        ("1", 1),
        (" 4 ", 4),
        ("２", 2),
        ("3。", 3),
        ("【2】", 2),
        ("2 满意", 2),
        ("5", None),
        ("0", None),
        ("12", None),
        ("满意", None),
        ("", None),
        ("1 或 2", None),
    ],
)
def test_a_reply_is_one_digit_however_it_was_typed(text: str, digit: int | None):
    assert digit_in(text) == digit


def test_the_digit_is_the_rating_and_the_same_reply_sent_again_is_the_same_answer(asked, secret):
    first, again = send(secret), send(secret)

    assert (first.status_code, first.json()) == (200, {"outcome": "recorded", "repeated": False})
    assert again.json() == {"outcome": "recorded", "repeated": True}
    assert ratings(asked) == [2]


def test_a_second_reply_does_not_change_the_first(asked, secret):
    send(secret)

    assert send(secret, "4", "m2").json()["outcome"] == "answered_before"
    assert ratings(asked) == [2]


def test_what_is_no_digit_counts_for_nothing_and_a_better_reply_does(asked, secret):
    assert send(secret, "还行").json()["outcome"] == "not_understood"
    assert send(secret, "1", "m2", channel="ivr").json()["outcome"] == "recorded"
    assert ratings(asked) == [1]


def test_a_number_nobody_asked_answers_nothing(asked, secret):
    assert send(secret, phone="19900009999").json()["outcome"] == "no_survey"
    assert send(secret, message_id="m2", phone="").json()["outcome"] == "no_survey"
    assert ratings(asked) == []


@pytest.mark.clause("H7.2.4")
def test_after_thirty_days_a_reply_comes_too_late(asked):
    late = now() + timedelta(days=31)

    reply, _ = take_reply("late", phone=PHONE, text="1", channel="sms", at=late)

    assert reply.outcome == "no_survey"


@pytest.mark.clause("T1.3b")
def test_neither_number_nor_text_is_kept_with_the_reply(asked, secret):
    send(secret)

    assert PHONE not in str(list(Reply.objects.values()))


@pytest.mark.clause("H7.3.1")
def test_a_key_for_complaints_does_not_open_this_door(asked, cast):
    other = make_api_key("热线", ["tickets:create"], by=cast.administrator)[1]

    assert send(other).status_code == 403
    assert send("nonsense").status_code == 401
    assert not Reply.objects.exists()


@pytest.mark.parametrize("body", [{"message_id": ""}, {"channel": "fax"}, {"more": "x"}])
def test_a_reply_of_another_shape_is_refused(secret, body):
    assert send(secret, **body).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_the_same_reply_over_many_lines_at_once_rates_once(asked):
    def hand_over(_: int) -> str:
        try:
            return take_reply("m1", phone=PHONE, text="2", channel="sms", at=now())[0].outcome
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        outcomes = set(pool.map(hand_over, range(6)))

    assert outcomes == {"recorded"}
    assert ratings(asked) == [2]
