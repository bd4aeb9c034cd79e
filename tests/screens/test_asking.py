"""Telling and asking on the screens: calls to make, ratings to look into, trainings, figures, the outbox."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override
from openpyxl import load_workbook

from shouwen.customers.actions import erase_customer
from shouwen.customers.mailboxes import email_of, written_to
from shouwen.customers.models import Wish
from shouwen.desk.replies import name_of
from shouwen.editions.edition import Template
from shouwen.handbook.authority import SYSTEM
from shouwen.handbook.history import What
from shouwen.handbook.moves import Move
from shouwen.handbook.words import Words
from shouwen.notices.models import MessageOrder
from shouwen.surveys.actions import take_rating
from shouwen.surveys.calling import plan_calls
from shouwen.surveys.followers import note_outcomes, reopen_or_review
from shouwen.surveys.improving import open_improvements
from shouwen.surveys.models import Callback, Improvement, Outcome, Review, Training
from shouwen.surveys.queries import Rating
from shouwen.tickets.models import Ticket, TicketEvent
from tests.cast import MONDAY, WHOLE_WAY, Cast, make
from tests.departments.test_surveys import news_of
from tests.screens.desk import Desk, brought_to, text_of

pytestmark = pytest.mark.django_db
PHONE = "19900001234"


def told(cast: Cast, **changes: Any) -> Ticket:
    """A ticket whose customer has just been told."""
    ticket = brought_to(cast, Move.CARRY_OUT, **changes)
    step = next(step for step in WHOLE_WAY if step[0] is Move.TELL_CUSTOMER)
    ticket = make(cast, ticket, step, timezone.now())
    news = news_of(ticket, What.CUSTOMER_TOLD)
    plan_calls(news, timezone.now())
    note_outcomes(news, timezone.now())
    return ticket


def rated(cast: Cast, rating: Rating, **changes: Any) -> Ticket:
    ticket = told(cast, **changes)
    take_rating(ticket.pk, rating, by=SYSTEM, at=timezone.now(), source="survey")
    news = news_of(ticket, What.RATED)[-1:]
    with transaction.atomic():  # a follower works in the transaction of its cursor
        reopen_or_review(news, timezone.now())
        note_outcomes(news, timezone.now())
    return ticket


@pytest.fixture
def awake(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wall clock may stand in hours of peace when tests run: then a call would wait for the morning."""
    monkeypatch.setattr("shouwen.surveys.calling.allowed_from", lambda at, *hours: at)


# Calls


@pytest.mark.clause("S4.2b", "T6.2")
@pytest.mark.usefixtures("awake")
def test_an_agent_finds_whom_to_call_with_the_words_to_say_and_the_number_behind_its_mask(cast: Cast) -> None:
    ticket = told(cast)
    desk = Desk(cast.agent)

    listed = text_of(desk.get("/callbacks"))
    page = desk.get(f"/callbacks/{Callback.objects.get().pk}")
    body = text_of(page)

    assert ticket.number in listed
    assert "199****1234" in listed
    assert PHONE not in listed + body
    assert "Are you satisfied: very satisfied" in body
    assert ticket.customer.phone_token in page.content.decode()
    assert ">Calls to make<span" in desk.get("/tabs").content.decode()


@pytest.mark.clause("S4.2b", "S4.1")
def test_a_call_written_down_rates_and_follows_up(cast: Cast) -> None:
    ticket = told(cast)
    address = f"/callbacks/{Callback.objects.get().pk}"

    answer = Desk(cast.agent).post(
        address, {"went": "reached", "overall": "1", "nps": "10", "solved": "yes", "words": "谢谢"}
    )

    assert answer["Location"] == "/callbacks"
    assert Ticket.objects.get(pk=ticket.pk).stage == "followed_up"
    rating = TicketEvent.objects.get(ticket=ticket, what="rated")
    assert (rating.facts["overall"], rating.facts["nps"], rating.actor) == (1, 10, f"person:{cast.agent.pk}")
    assert Desk(cast.agent).get(address)["Location"] == f"/tickets/{ticket.number}"


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"went": "reached"},
        {"went": "reached", "overall": "5"},
        {"went": "reached", "overall": "1", "again": "on", "words": "x"},
        {"went": "reached", "overall": "4", "again": "on"},
        {"went": "perhaps"},
    ],
)
def test_a_call_that_says_too_little_is_asked_for_again_and_nothing_is_lost(cast: Cast, said: dict[str, str]) -> None:
    told(cast)

    answer = Desk(cast.agent).post(f"/callbacks/{Callback.objects.get().pk}", said)

    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert Callback.objects.get().state == "planned"


def test_a_call_on_a_ticket_out_of_sight_is_not_there(cast: Cast) -> None:
    told(cast)
    address = f"/callbacks/{Callback.objects.get().pk}"
    desk = Desk(cast.other_agent)

    answers = [
        desk.get(address),
        desk.post(address, {"went": "refused"}),
        desk.post(f"{address}/caller"),
        desk.post(f"{address}/wish"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert Callback.objects.get().state == "planned"


@pytest.mark.clause("T4.3")
def test_a_customer_says_in_the_call_when_to_be_left_in_peace_but_never_always(cast: Cast) -> None:
    ticket = told(cast)
    address = f"/callbacks/{Callback.objects.get().pk}"
    desk = Desk(cast.agent)

    desk.post(f"{address}/wish", {"begins": "08:00", "ends": "20:30"}, follow=True)
    assert not Wish.objects.exists()
    desk.post(f"{address}/wish", {"begins": "12:00", "ends": "14:00"})

    page = desk.get(address).content.decode()
    assert 'value="12:00"' in page
    assert ticket.number in page


def test_a_supervisor_takes_a_call_over(cast: Cast) -> None:
    told(cast)
    callback = Callback.objects.get()

    Desk(cast.supervisor).post(f"/callbacks/{callback.pk}/caller")

    callback.refresh_from_db()
    assert callback.agent_id == cast.supervisor.pk


# Ratings


@pytest.mark.clause("S4.2c")
def test_a_supervisor_looks_into_a_rating_and_decides(cast: Cast) -> None:
    ticket = rated(cast, Rating(overall=4, words="问题还在，请打 19900005678"))
    desk = Desk(cast.supervisor)
    review = Review.objects.get()

    listed, page = text_of(desk.get("/reviews")), text_of(desk.get(f"/reviews/{review.pk}"))
    assert ticket.number in listed
    assert "Dissatisfied" in page
    assert "0 of 100" in page
    assert "19900005678" not in listed + page

    assert desk.post(f"/reviews/{review.pk}", {"decision": "reopen"}).status_code == 422
    assert desk.post(f"/reviews/{review.pk}", {"decision": "reopen", "reason": "未解决"})["Location"] == "/reviews"
    assert Ticket.objects.get(pk=ticket.pk).round == 2
    assert "worked again" in text_of(desk.get("/reviews?decided=1"))
    assert desk.post(f"/reviews/{review.pk}", {"decision": "accept", "reason": "x"}).status_code == 409
    assert Desk(cast.agent).get(f"/reviews/{review.pk}").status_code == 403


@pytest.mark.clause("S4.1", "S4.2c")
def test_a_review_of_a_ticket_worked_again_already_says_so_and_ends_so(cast: Cast) -> None:
    ticket = rated(cast, Rating(overall=4, again=True))
    assert Ticket.objects.get(pk=ticket.pk).round == 2
    desk, review = Desk(cast.supervisor), Review.objects.get()

    listed, page = text_of(desk.get("/reviews")), text_of(desk.get(f"/reviews/{review.pk}"))
    assert "being worked again since" in listed
    assert "then worked again by itself" not in listed
    assert "Being worked again since" in page
    assert "unless you say why not" not in page
    assert "Leave it as it is" not in page

    desk.post(f"/reviews/{review.pk}", {"decision": "went_on", "reason": "已在处理"})
    assert "was being worked again already" in text_of(desk.get("/reviews?decided=1"))


@pytest.mark.clause("S4.2c", "S5.2")
def test_a_training_is_shown_to_both_and_confirmed_by_the_supervisor(cast: Cast) -> None:
    rated(cast, Rating(overall=3))
    Desk(cast.supervisor).post(f"/reviews/{Review.objects.get().pk}", {"decision": "coach", "reason": "话术"})
    training = Training.objects.get()

    assert training.tickets[0] in text_of(Desk(cast.agent).get("/trainings"))
    assert Desk(cast.agent).post(f"/trainings/{training.pk}/proof", {"proof": "x"}).status_code == 403
    Desk(cast.supervisor).post(f"/trainings/{training.pk}/proof", {"proof": "签到表"})

    assert "签到表" in text_of(Desk(cast.agent).get("/trainings"))


# Figures


@pytest.mark.clause("H2.3.3", "H3.1.3", "H7.2.4", "T6.3")
def test_the_figures_of_the_month_stand_by_team_and_go_away_as_a_workbook(cast: Cast) -> None:
    rated(cast, Rating(overall=1, nps=10, result=1))
    rated(cast, Rating(overall=4, nps=0, result=4), phone="19900005678")
    told(cast, phone="19900005679")
    desk = Desk(cast.manager)

    body = text_of(desk.get("/satisfaction"))
    book = load_workbook(BytesIO(b"".join(desk.get("/satisfaction?as=xlsx").streaming_content)))

    assert "50.0 %" in body
    assert "No improvement has been opened" in body  # the month is red, but not over: "none was below" would be untrue
    assert "A month that is still running is not judged yet." in body
    rows = list(book.active.iter_rows(values_only=True))
    whole = next(row for row in rows if row[0] == "All together")
    assert whole[1:7] == (3, 2, 66.7, 50, 50, 0)
    assert list(book["The last months, all together"].values)[-1][1:7] == (3, 2, 66.7, 50, 50, 0)
    assert "by phone" not in body
    assert desk.get("/satisfaction?month=nonsense").status_code == 200
    assert desk.get("/satisfaction?month=2031-01").status_code == 200


@pytest.mark.clause("H3.1.3", "H7.2.4")
def test_a_month_below_the_mark_opens_an_improvement_that_somebody_plans_and_finishes(cast: Cast) -> None:
    rated(cast, Rating(overall=4))
    last_month = timezone.now().replace(day=15) - timedelta(days=40)
    Outcome.objects.update(told_at=last_month, handled_at=last_month, rated_at=last_month)
    at = timezone.now()

    assert open_improvements(at) >= 1
    assert open_improvements(at) == 0
    desk, improvement = Desk(cast.manager), Improvement.objects.filter(measured="month").get()
    assert (improvement.figure, improvement.goal, improvement.rated) == (0, 85, 1)

    desk.post(f"/satisfaction/improvements/{improvement.pk}", {"measure": "复盘话术", "due_on": "2031-01-31"})
    desk.post(f"/satisfaction/improvements/{improvement.pk}", {"effect": "回升到 90%"})

    improvement.refresh_from_db()
    assert (improvement.measure, improvement.effect) == ("复盘话术", "回升到 90%")
    assert improvement.done_at is not None
    assert "复盘话术" in text_of(desk.get("/satisfaction"))


# The outbox


@pytest.mark.clause("T4.3")
def test_the_outbox_says_what_waits_for_whom_and_until_when(cast: Cast) -> None:
    ticket = told(cast)
    MessageOrder.objects.filter(ticket_id=ticket.pk).update(
        state=MessageOrder.ORDERED, not_before=timezone.now() + timedelta(hours=5)
    )

    for page in ("/outbox", f"/tickets/{ticket.number}/messages"):
        body = text_of(Desk(cast.supervisor).get(page))
        assert "hours of peace" in body
        assert "goes at" in body


def test_the_outbox_is_searched_by_ticket_and_narrowed_and_keeps_that_when_sending_again(cast: Cast) -> None:
    one, other = told(cast), told(cast, phone="19900005678")
    MessageOrder.objects.filter(ticket_id=one.pk).update(state=MessageOrder.FAILED, error="no address")
    desk = Desk(cast.supervisor)

    found = text_of(desk.get("/outbox", {"number": one.number.lower()}))
    assert one.number in found
    assert other.number not in found
    assert "call the customer" in found
    assert "No message fits" in text_of(desk.get("/outbox?number=XX-1"))
    assert one.number in text_of(desk.get("/outbox?state=failed&channel=sms"))
    assert one.number not in text_of(desk.get("/outbox?channel=email"))

    orders = [str(order.pk) for order in MessageOrder.objects.filter(ticket_id=one.pk, channel="sms")]
    answer = desk.post("/outbox/sending", {"order": [*orders, "nonsense"], "back": "state=failed"})

    assert answer["Location"] == "/outbox?state=failed"
    states = set(MessageOrder.objects.filter(pk__in=orders).values_list("state", flat=True))
    assert states == {"ordered"}


@pytest.mark.parametrize(
    ("language", "kinds"),
    [("zh-hans", ("受理告知", "进展：处理完成", "满意度评价")), ("en", ("Complaint received", "Satisfaction survey"))],
)
def test_the_outbox_calls_kinds_of_messages_by_their_names(cast: Cast, language: str, kinds: tuple[str, ...]) -> None:
    """Because "您的投诉 {number} 已…" begins nearly all of them."""
    page = Desk(cast.supervisor, language=language).get("/outbox").content.decode()
    choices = re.findall(r"<option[^>]*>([^<]+)<", page.partition('name="template"')[2].partition("</select>")[0])

    assert set(kinds) <= set(choices)
    assert not any("{" in choice for choice in choices)
    assert len(choices) == len(set(choices))


def test_a_message_without_a_name_goes_by_how_it_begins() -> None:
    words = Words("您的投诉 {number} 已并入 {into} 继续办理，凭任一编号均可查询。", "Merged.")

    with override("zh-hans"):
        assert name_of(Template("own", "message", "sms", words)) == "您的投诉 … 已并入 … 继续办理，凭任…"
    with override("en"):
        assert name_of(Template("own", "message", "sms", words)) == "Merged."


def test_nobody_sends_again_what_is_about_tickets_they_may_not_see(cast: Cast) -> None:
    elsewhere = told(cast, region="341204", phone="19900005678")
    MessageOrder.objects.filter(ticket_id=elsewhere.pk).update(state=MessageOrder.FAILED)
    orders = [str(order.pk) for order in MessageOrder.objects.filter(ticket_id=elsewhere.pk, channel="sms")]

    Desk(cast.supervisor).post("/outbox/sending", {"order": orders})

    assert set(MessageOrder.objects.filter(pk__in=orders).values_list("state", flat=True)) == {"failed"}
    assert Desk(cast.supervisor).get(f"/tickets/{elsewhere.number}/messages").status_code == 404


@pytest.mark.parametrize(
    "page", ["/callbacks?whose=all&when=later", "/reviews", "/trainings", "/outbox", "/satisfaction"]
)
def test_a_longer_list_asks_no_more_questions(cast: Cast, page: str) -> None:
    desk = Desk(cast.supervisor)

    def questions() -> int:
        desk.get(page)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert desk.get(page).status_code == 200
        return len(asked)

    for number in range(2):
        rated(cast, Rating(overall=4), phone=f"199000011{number:02}")
    few = questions()
    for number in range(4):
        rated(cast, Rating(overall=4), phone=f"199000012{number:02}")

    assert questions() == few


@pytest.mark.clause("T4.3")
def test_a_wish_for_peace_is_written_down_on_the_tickets_messages_by_whoever_may(cast: Cast) -> None:
    ticket = told(cast)
    address = f"/tickets/{ticket.number}/messages"

    assert Desk(cast.agent).post(address, {"begins": "12:00"}).status_code == 422
    assert Desk(cast.handler).post(address, {"begins": "12:00", "ends": "14:00"}).status_code == 403
    Desk(cast.agent).post(address, {"begins": "12:00", "ends": "14:00"})

    assert 'value="12:00"' in Desk(cast.supervisor).get(address).content.decode()
    assert "When they want to be left in peace" not in text_of(Desk(cast.handler).get(address))
    Desk(cast.agent).post(address, {"begins": "", "ends": ""})
    assert not Wish.objects.exists()


@pytest.mark.clause("T4.3")
def test_who_wishes_to_be_written_to_is_written_down_beside_it_and_masked(cast: Cast) -> None:
    """Because an address is as personal as a number: it is typed once, and shown by its first letter from then on."""
    ticket = told(cast)
    address = f"/tickets/{ticket.number}/messages"
    desk = Desk(cast.agent)

    assert desk.post(address, {"by_email": "on"}).status_code == 422
    assert "name@example.com" in text_of(desk.post(address, {"email": "zhang.wei", "by_email": "on"}))
    desk.post(address, {"email": "zhang.wei@example.cn", "by_email": "on"})

    assert written_to([str(ticket.customer_id)]) == {str(ticket.customer_id)}
    page = desk.get(address).content.decode()
    assert "z***@example.cn" in page
    assert "zhang.wei" not in page
    desk.post(address, {"by_email": "on"})
    assert email_of(str(ticket.customer_id)) == "zhang.wei@example.cn"
    desk.post(address, {"forget_email": "on", "by_email": "on"})
    assert email_of(str(ticket.customer_id)) is None


@pytest.mark.clause("T6.2")
def test_nothing_is_written_down_of_whoever_was_erased(cast: Cast) -> None:
    """Because their key is gone: nothing can be kept under it, and the page says so."""
    ticket = told(cast)
    callback = Callback.objects.get().pk
    erase_customer(ticket.customer_id, not_before=MONDAY, by="system", reason="三年已满", at=MONDAY)
    desk = Desk(cast.agent)

    for address in (f"/tickets/{ticket.number}/messages", f"/callbacks/{callback}/wish"):
        answer = desk.post(address, {"email": "zhang.wei@example.cn", "by_email": "on"}, follow=True)
        assert answer.status_code == 200
        assert "erased" in text_of(answer)

    assert written_to([str(ticket.customer_id)]) == set()


@pytest.mark.clause("S5.2")
def test_ratings_and_trainings_go_away_as_files_without_what_the_customer_wrote(cast: Cast) -> None:
    ticket = rated(cast, Rating(overall=4, words="请打 19900005678"))
    desk = Desk(cast.supervisor)

    for page in ("/reviews?as=csv", "/trainings?as=csv", "/satisfaction?as=csv"):
        assert desk.get(page)["Content-Type"].startswith("text/csv")
    told_of = b"".join(desk.get("/reviews?as=csv").streaming_content).decode("utf-8-sig")
    assert ticket.number in told_of
    assert "请打" not in told_of
