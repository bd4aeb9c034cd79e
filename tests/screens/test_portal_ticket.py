"""What a customer sees of their complaint, and what they do about it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.handling.actions import move_ticket
from shouwen.notices.models import MessageOrder
from shouwen.people.models import Person
from shouwen.portal.limits import AN_HOUR
from shouwen.portal.models import VisitCount
from shouwen.portal.queries import Promised, next_told
from shouwen.portal.wording import CALL_BACK, PROMISE
from shouwen.surveys.actions import send_survey
from shouwen.surveys.models import Survey
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.queries import history_of
from tests.cast import Cast, record_evidence, take_in, walked
from tests.screens.desk import brought_to
from tests.screens.portal import complain, enter, form_name

SATISFIED = {"overall": "2", "result": "1", "handling": "2", "efficiency": "1"}
DISSATISFIED = {"overall": "4", "result": "4", "handling": "2", "efficiency": "3", "words": "问题还在"}


@pytest.fixture
def client() -> Client:
    return Client(HTTP_ACCEPT_LANGUAGE="en")


def at_stage(cast: Cast, until: Move | None) -> Ticket:
    """A ticket taken in long ago and worked until there."""
    return walked(cast, until) if until else take_in(cast)


@pytest.fixture
def told(cast: Cast, client: Client) -> Ticket:
    """A ticket whose customer was told just now, and has opened its door."""
    ticket = told_now(cast)
    enter(client, ticket)
    return ticket


def told_now(cast: Cast) -> Ticket:
    result = {"via": "phone", "proof": "通话录音编号 20260305-11", "text": "已优化"}
    return move(cast, brought_to(cast, Move.CARRY_OUT), Move.TELL_CUSTOMER, "agent", **result)


def page_of(client: Client, ticket: Ticket) -> str:
    answer = client.get(f"/portal/tickets/{ticket.number}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def events(ticket: Ticket, what: What) -> list[TicketEvent]:
    return list(TicketEvent.objects.filter(ticket=ticket, what=what))


def move(cast: Cast, ticket: Ticket, made: Move, who: str, **facts: object) -> Ticket:
    at = timezone.now()
    return move_ticket(ticket.number, made, by=cast.actor(who), happened_at=at, now=at, facts=facts)


@pytest.mark.clause("T4.3", "H5.1.1")
def test_a_customer_sees_where_it_stands_what_is_promised_and_what_happened(cast, client):
    ticket = at_stage(cast, Move.INVESTIGATE)
    enter(client, ticket)

    page = page_of(client, ticket)

    assert "We are looking into it." in page
    assert page.count('class="step ') == 6
    assert "Your complaint dealt with" in page
    assert "We answered you for the first time." in page
    assert "2026-03-04 Wed 09:00" in page  # the time named in that answer
    assert "家里信号很弱" in page


@pytest.mark.clause("T1.3b", "H7.3.1")
def test_a_customer_sees_no_name_no_internal_note_no_target_and_no_finding(cast, client):
    ticket = at_stage(cast, Move.INVESTIGATE)
    move(cast, ticket, Move.NOTE, "agent", text="内部备注：客户情绪激动")
    record_evidence(cast, ticket, timezone.now())
    move(cast, ticket, Move.PROPOSE, "handler", text="内部方案", cause="technical")
    enter(client, ticket)

    page = page_of(client, ticket)

    for person in Person.objects.all():
        assert str(person) not in page
    for internal in ("内部备注", "内部方案", "已核实", "Classification", "2 hours", "bears the cost", "Evidence", "⟦"):
        assert internal not in page


@pytest.mark.clause("T1.3")
def test_the_first_owner_is_told_by_staff_number_and_never_by_name(cast, client):
    Person.objects.filter(pk=cast.agent.pk).update(staff_no="1001")
    ticket = at_stage(cast, None)
    enter(client, ticket)

    page = page_of(client, ticket)

    assert "Staff number 1001 sees your complaint through" in page
    assert "坐席甲" not in page


def test_a_promised_time_that_has_passed_says_so(cast, client):
    ticket = at_stage(cast, None)  # long ago, and not answered
    enter(client, ticket)

    assert "is late. We are sorry" in page_of(client, ticket)


@pytest.mark.clause("T4.5")
def test_what_was_promised_leads(cast, client):
    ticket = at_stage(cast, Move.DISPATCH)
    due = timezone.now() + timedelta(hours=2)
    move(cast, ticket, Move.PROMISE, "agent", due_at=due.isoformat(), text="两小时内回电")
    enter(client, ticket)

    page = page_of(client, ticket)

    assert "What we gave you our word on" in page
    assert "两小时内回电" in page
    assert page.index("What we gave you our word on") < page.index("Your complaint dealt with")


@pytest.mark.clause("H7.2.3")
def test_what_another_team_was_asked_for_is_no_promise_to_the_customer(cast, client):
    ticket = at_stage(cast, Move.INVESTIGATE)
    due = timezone.now() + timedelta(hours=2)
    move(cast, ticket, Move.ASSIGN_TASK, "handler", to_team="billing", asked="核对账单", due_at=due.isoformat())
    enter(client, ticket)

    assert "What we gave you our word on" not in page_of(client, ticket)


@pytest.mark.clause("S4.1")
def test_who_rates_and_asks_for_another_round_is_told_at_once_and_not_asked_again(cast, client, told):
    answer = client.post(f"/portal/tickets/{told.number}/rating", DISSATISFIED | {"again": "on"}, follow=True)

    page = re.sub(r"\s+", " ", answer.content.decode())
    assert "Your complaint will be worked again." in page
    assert "You asked for another round" in page
    assert f"/portal/tickets/{told.number}/reopening" not in page


@pytest.mark.clause("X2")
def test_while_we_wait_for_the_customer_the_page_says_so_and_the_time_stands_still(cast, client):
    ticket = at_stage(cast, Move.INVESTIGATE)
    until = (timezone.now() + timedelta(days=1)).isoformat()
    move(cast, ticket, Move.WAIT, "handler", pause="waiting_for_customer", reason="请补充发票照片", until=until)
    enter(client, ticket)

    page = page_of(client, ticket)

    assert "We are waiting for something from you. Add it below" in page
    assert "The time stands still while we wait" in page
    assert "What we need from you" in page
    assert page.count("请补充发票照片") == 3  # beside the stage, in the history and in the message


@pytest.mark.clause("X1")
def test_the_customers_rights_name_the_day_from_which_they_may_appeal(cast, client):
    ticket = at_stage(cast, None)
    enter(client, ticket)

    day = timezone.localtime(ticket.received_at + timedelta(days=15))

    assert f"by {day:%Y-%m-%d}" in page_of(client, ticket)


def test_a_complaint_that_was_not_taken_up_says_on_which_ground(cast, client):
    ticket = at_stage(cast, None)
    move(cast, ticket, Move.REJECT, "supervisor", ground="not_our_service", reason="内部理由", evidence="x")
    enter(client, ticket)

    page = page_of(client, ticket)

    assert "We did not take it up." in page
    assert "Not a service of ours" in page
    assert "内部理由" not in page


@pytest.mark.parametrize(
    ("language", "said"), [("zh-hans", "我们已告知您处理结果。"), ("en", "We have told you the result.")]
)
def test_the_page_speaks_the_readers_language(client, told, language, said):
    client.cookies["django_language"] = language

    assert said in page_of(client, told)


# Adding


def add(client: Client, ticket: Ticket, **said: str):
    form = form_name(client.get(f"/portal/tickets/{ticket.number}"))
    return client.post(f"/portal/tickets/{ticket.number}/additions", {"form": form, "text": "补充一点"} | said)


@pytest.mark.clause("T3.1")
def test_what_a_customer_adds_is_written_down_and_whoever_works_on_it_is_told(cast, client):
    ticket = at_stage(cast, Move.INVESTIGATE)
    enter(client, ticket)

    answer = add(client, ticket, text="补充：我的新号码 19900007777")

    assert answer.status_code == 302
    [event] = events(ticket, What.CUSTOMER_ADDED)
    assert (event.actor, event.source) == (f"customer:{ticket.customer_id}", "portal")
    assert "19900007777" not in event.facts["text"]
    assert MessageOrder.objects.get(template="customer_added").recipient == f"person:{cast.handler.pk}"
    assert "You added something." in page_of(client, ticket)


def test_a_button_pressed_twice_adds_once(cast, client):
    ticket = at_stage(cast, None)
    enter(client, ticket)
    form = form_name(client.get(f"/portal/tickets/{ticket.number}"))

    for _ in range(2):
        client.post(f"/portal/tickets/{ticket.number}/additions", {"form": form, "text": "补充一点"})

    assert len(events(ticket, What.CUSTOMER_ADDED)) == 1


def test_an_empty_addition_is_named_and_writes_nothing(cast, client):
    ticket = at_stage(cast, None)
    enter(client, ticket)

    assert add(client, ticket, text="  ").status_code == 422
    assert events(ticket, What.CUSTOMER_ADDED) == []


def test_who_adds_too_often_keeps_what_they_typed(cast, client):
    ticket = at_stage(cast, None)
    enter(client, ticket)
    add(client, ticket)
    VisitCount.objects.filter(deed="write").update(times=AN_HOUR["write"])

    answer = add(client, ticket, text="又一条补充")

    assert answer.status_code == 429
    assert "又一条补充" in answer.content.decode()
    assert len(events(ticket, What.CUSTOMER_ADDED)) == 1


def test_a_closed_complaint_cannot_be_added_to_and_says_why(cast, client):
    ticket = at_stage(cast, Move.CLOSE)
    enter(client, ticket)

    answer = client.post(f"/portal/tickets/{ticket.number}/additions", {"form": "0" * 32, "text": "补充一点"})

    assert answer.status_code == 409
    assert 'class="refusal"' in answer.content.decode()
    assert "补充一点" in answer.content.decode()


# Not satisfied


@pytest.mark.clause("S4.1")
def test_a_customer_who_is_not_satisfied_gets_another_round_at_once_and_only_one(cast, client, told):
    form = form_name(client.get(f"/portal/tickets/{told.number}"))

    for _ in range(2):
        said = {"form": form, "reason": "信号还是差"}
        assert client.post(f"/portal/tickets/{told.number}/reopening", said).status_code == 302

    told.refresh_from_db()
    assert (told.stage, told.round) == ("assessed", 2)
    assert MessageOrder.objects.filter(template="ticket_reopened").count() == 1
    page = page_of(client, told)
    assert "It was taken up again." in page
    assert "信号还是差" in page


def test_another_round_needs_a_reason(client, told):
    answer = client.post(f"/portal/tickets/{told.number}/reopening", {"form": "0" * 32, "reason": ""})

    assert answer.status_code == 422
    assert events(told, What.REOPENED) == []


@pytest.mark.parametrize("until", [None, Move.DISPATCH, Move.CARRY_OUT])
def test_there_is_no_other_round_while_this_one_runs(cast, client, until):
    ticket = at_stage(cast, until)
    enter(client, ticket)

    answer = client.post(f"/portal/tickets/{ticket.number}/reopening", {"form": "0" * 32, "reason": "x"})

    assert "/reopening" not in page_of(client, ticket)
    assert answer.status_code == 409
    assert events(ticket, What.REOPENED) == []


@pytest.mark.clause("T4.5", "X2")
def test_a_customer_sees_the_answer_they_were_told_to_expect_and_no_time_of_the_desks_own(cast, client):
    ticket = brought_to(cast, Move.INVESTIGATE)
    ahead = (timezone.now() + timedelta(days=2)).isoformat()
    move(cast, ticket, Move.RESPOND, "agent", via="phone", expected_at=ahead)
    move(cast, ticket, Move.ASSIGN_TASK, "handler", to_team="billing", asked="核对账单", due_at=ahead)
    wait = {"pause": "waiting_for_customer", "reason": "请补充地址", "until": ahead}
    move(cast, ticket, Move.WAIT, "handler", **wait)
    enter(client, ticket)

    page = page_of(client, ticket)

    assert page.count("The next answer from us") == 1
    assert "What we gave you our word on" not in page


@pytest.mark.clause("H7.2.4")
def test_months_after_the_result_nothing_is_offered_that_would_be_refused(cast, client):
    ticket = at_stage(cast, Move.ARCHIVE)
    enter(client, ticket)

    page = page_of(client, ticket)
    answers = [
        client.post(f"/portal/tickets/{ticket.number}/reopening", {"form": "0" * 32, "reason": "又断线"}),
        client.post(f"/portal/tickets/{ticket.number}/rating", DISSATISFIED | {"again": "on"}),
    ]

    assert "/reopening" not in page
    assert "/rating" not in page
    assert [answer.status_code for answer in answers] == [409, 409]
    assert all("complain anew" in answer.content.decode() for answer in answers)
    assert events(ticket, What.REOPENED) == []


# Rating


@pytest.mark.clause("H7.2.4", "S4.2b")
def test_a_customer_rates_once(client, told):
    sent = SATISFIED | {"form": form_name(client.get(f"/portal/tickets/{told.number}"))}
    for _ in range(2):  # the button was pressed twice
        answer = client.post(f"/portal/tickets/{told.number}/rating", sent)
        assert answer.status_code == 302

    [event] = events(told, What.RATED)
    assert (event.facts["score"], event.actor) == (2, f"customer:{told.customer_id}")
    assert "/rating" not in page_of(client, told)


@pytest.mark.clause("H7.2.4")
def test_a_rating_that_comes_after_another_one_is_said_not_to_count_and_its_words_are_not_lost(client, told, link):
    page = client.get(f"/portal/tickets/{told.number}")
    Client().post(link, SATISFIED)

    answer = client.post(f"/portal/tickets/{told.number}/rating", DISSATISFIED | {"form": form_name(page)})

    body = answer.content.decode()
    assert answer.status_code == 409
    assert "answered already" in body
    assert "was not recorded" in body
    assert "问题还在</textarea>" in body
    client.post(f"/portal/tickets/{told.number}/additions", {"form": form_name(answer), "text": "问题还在"})
    assert [row.facts["text"] for row in events(told, What.CUSTOMER_ADDED)] == ["问题还在"]
    assert len(events(told, What.RATED)) == 1


@pytest.mark.clause("H7.2.4")
def test_a_survey_sent_twice_is_thanked_twice_and_one_that_came_too_late_gets_its_words_back(link, told):
    anybody = Client(HTTP_ACCEPT_LANGUAGE="en")
    sent = SATISFIED | {"form": form_name(anybody.get(link))}

    answers = [anybody.post(link, sent), anybody.post(link, sent), anybody.post(link, DISSATISFIED)]

    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert "问题还在</textarea>" in answers[2].content.decode()
    assert len(events(told, What.RATED)) == 1


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"result": "1", "handling": "1"},
        SATISFIED | {"result": "0"},
        SATISFIED | {"result": "5"},
        SATISFIED | {"overall": "0"},
        SATISFIED | {"nps": "11"},
        SATISFIED | {"solved": "perhaps"},
        SATISFIED | {"again": "on"},
        DISSATISFIED | {"again": "on", "words": ""},
    ],
)
def test_a_rating_that_is_incomplete_or_contradicts_itself_is_not_taken(client, told, said):
    assert client.post(f"/portal/tickets/{told.number}/rating", said).status_code == 422
    assert events(told, What.RATED) == []


def test_nothing_is_rated_before_there_is_a_result(cast, client):
    ticket = at_stage(cast, Move.DISPATCH)
    enter(client, ticket)

    assert client.post(f"/portal/tickets/{ticket.number}/rating", SATISFIED).status_code == 409
    assert "/rating" not in page_of(client, ticket)


# The survey by text message


@pytest.fixture
def link(cast: Cast, told: Ticket) -> str:
    """The address of the survey, as its text message has it."""
    return send_survey(told.pk, by=cast.actor("agent"), at=timezone.now()).removeprefix("http://localhost:8000")


@pytest.mark.clause("S4.2b", "H7.2.4")
def test_whoever_has_the_link_answers_once(link, told):
    anybody = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert told.number in anybody.get(link).content.decode()

    first = anybody.post(link, DISSATISFIED | {"again": "on"})
    second = anybody.post(link, SATISFIED)

    assert (first.status_code, second.status_code) == (200, 409)
    assert "We take your complaint up again" in first.content.decode()
    [event] = events(told, What.RATED)
    assert (event.facts["score"], event.facts["again"], event.source) == (4, True, "survey")
    assert "You have answered already" in anybody.get(link).content.decode()


def test_a_survey_shows_nothing_of_the_complaint_but_its_number(link, told):
    page = Client().get(link).content.decode()

    assert "家里信号很弱" not in page
    assert Client().get(f"/portal/tickets/{told.number}").status_code == 302


@pytest.mark.parametrize("token", ["x", "0" * 22, "x" * 3000, "%27"])
def test_a_link_nobody_was_sent_leads_nowhere(link, token):
    assert Client().get(f"/portal/surveys/{token}").status_code == 404
    assert Client().post(f"/portal/surveys/{token}", SATISFIED).status_code == 404


def test_a_link_that_has_run_out_leads_nowhere(link, told):
    Survey.objects.update(expires_at=timezone.now())

    assert Client().post(link, SATISFIED).status_code == 404
    assert events(told, What.RATED) == []


def test_links_cannot_be_tried_out_by_the_thousand(link, told):
    Client().get("/portal/surveys/x")
    VisitCount.objects.filter(deed="try").update(times=AN_HOUR["try"])

    assert Client().post(link, SATISFIED).status_code == 429


def test_the_page_of_a_complaint_takes_the_same_few_queries_however_long_its_history(
    cast, client, told, django_assert_max_num_queries
):
    for n in range(20):
        move(cast, told, Move.NOTE, "agent", text=f"备注 {n}")
    page_of(client, told)

    with django_assert_max_num_queries(10):
        page_of(client, told)


@pytest.mark.clause("H2.3.3")
def test_every_message_sent_can_be_read_again_and_no_code(cast, client):
    ticket = at_stage(cast, None)
    enter(client, ticket)

    page = page_of(client, ticket)

    assert "Messages we sent you" in page
    assert page.count('class="sent-head"') == 1  # that it was received; the code that opened this page is no news
    assert "could not be delivered" not in page


def test_earlier_messages_are_folded_and_rights_stand_before_the_history(cast, client, told):
    """Because seven messages put what a customer may do at the very end of a phone's page."""
    sent = MessageOrder.objects.filter(ticket_id=told.pk, recipient=f"customer:{told.customer_id}")
    row = sent.filter(template="acknowledgement").latest("ordered_at")
    for n in range(2):
        row.pk, row.cause, row._state.adding = None, f"{told.pk}/again/{n}", True
        row.save()

    page = page_of(client, told)

    before = page.count('class="sent-head"') - 1
    assert before >= 2
    assert f"{before} earlier messages</summary>" in page
    assert page.index('id="rights"') < page.index('id="history"')


def test_a_sealed_link_is_said_in_words_where_the_message_is_read_again(cast, client, told):
    """Because the dots of a sealed value tell a customer nothing."""
    sent = MessageOrder.objects.filter(ticket_id=told.pk, recipient=f"customer:{told.customer_id}")
    sent.filter(template="acknowledgement").update(template="survey_link")

    page = page_of(client, told)

    assert "(the link is in the message you were sent)" in page
    assert "••" not in page


def test_what_comes_next_is_said_with_the_nearest_time_promised(cast, client):
    ticket = complain(client)
    enter(client, ticket)

    page = page_of(client, ticket)

    assert "Somebody reads your complaint and decides which team deals with it." in page
    assert re.search(r"By \d{4}-\d\d-\d\d \w{3} \d\d:\d\d at the latest", page)


def test_the_time_beside_what_comes_next_is_the_time_of_that_step(told):
    """A word that was given runs out sooner, but it is not the call that asks whether they are satisfied."""
    soon, later = timezone.now() + timedelta(hours=1), timezone.now() + timedelta(days=1)
    given = Promised(PROMISE, "What we gave you our word on", soon, late=False, paused=False, provisional=False)
    call = Promised(CALL_BACK, "A call", later, late=False, paused=False, provisional=False)

    assert next_told(told, history_of(told.pk), [given, call]).by == later
    assert next_told(told, history_of(told.pk), [given]).by is None


@pytest.mark.clause("H7.2.4")
def test_how_to_appeal_is_told_with_the_days_of_this_complaint(cast, client, told):
    page = page_of(client, told)
    until = timezone.localtime(TicketEvent.objects.filter(ticket=told, what="customer_told").get().happened_at)

    assert f"you may ask until {until + timedelta(days=30):%Y-%m-%d}" in page
    assert f"from {timezone.localtime(told.received_at) + timedelta(days=15):%Y-%m-%d}" in page
    assert "the number of this complaint" in page
    assert "within five months" in page
