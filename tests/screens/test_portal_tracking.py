"""The door to a complaint: who gets in, and everybody who must not."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from shouwen.customers.access import make_slip
from shouwen.customers.models import AccessCode
from shouwen.notices.models import MessageOrder
from shouwen.portal.door import _KEY
from shouwen.portal.limits import AN_HOUR
from shouwen.portal.models import VisitCount
from shouwen.tickets.models import Ticket, TicketEvent
from tests.cast import Cast
from tests.screens.portal import PHONE, ask_for_code, complain, enter, texted_code

NOWHERE = "AH-7K3MP-9QXTD-4"
OTHER_PHONE = "19900004321"
PAST = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def client() -> Client:
    return Client(HTTP_ACCEPT_LANGUAGE="en")


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return complain(Client())


def is_open(client: Client, ticket: Ticket) -> bool:
    answer = client.get(f"/portal/tickets/{ticket.number}")
    if answer.status_code == 200:
        return ticket.number in answer.content.decode()
    assert (answer.status_code, answer["Location"]) == (302, f"/portal/track?number={ticket.number}")
    return False


@pytest.mark.clause("S1.1b", "S2.1a")
def test_number_and_phone_code_open_the_complaint(client, ticket):
    ask_for_code(client, ticket.number)

    answer = client.post("/portal/track/code", {"code": texted_code()})

    assert answer["Location"] == f"/portal/tickets/{ticket.number}"
    assert is_open(client, ticket)


def test_number_and_phone_may_be_typed_as_people_type_them(client, ticket):
    ask_for_code(client, f" {ticket.number.lower().replace('-', ' ')} ", "+86 199-0000-1234")

    assert client.post("/portal/track/code", {"code": texted_code()}).status_code == 302


@pytest.mark.parametrize(
    ("number", "phone"),
    [
        (NOWHERE, PHONE),
        ("TICKET", OTHER_PHONE),
        ("TICKET", "x"),
        ("nonsense", PHONE),
        ("' or 1=1", PHONE),
        ("TICKET", "1" * 30),
    ],
)
def test_asking_tells_nobody_whether_there_is_such_a_complaint_or_whose_it_is(ticket, number, phone):
    honest, prying = Client(), Client()
    answers = [
        ask_for_code(honest, ticket.number),
        ask_for_code(prying, ticket.number if number == "TICKET" else number, phone),
    ]
    pages = [reader.get("/portal/track/code") for reader in (honest, prying)]
    wrong = [reader.post("/portal/track/code", {"code": "no"}) for reader in (honest, prying)]

    assert len({(answer.status_code, answer["Location"], answer.content) for answer in answers}) == 1
    for one, two in (pages, wrong):
        assert (one.status_code, without_tokens(one)) == (two.status_code, without_tokens(two))
    assert MessageOrder.objects.filter(template="phone_code").count() == 1


def without_tokens(page) -> str:
    """A page without what differs for everybody."""
    return re.sub(r"[A-Za-z0-9]{64}", "", page.content.decode())


def test_after_five_guesses_the_right_code_is_worth_nothing(client, ticket):
    ask_for_code(client, ticket.number)
    code = texted_code()
    for n in range(5):
        client.post("/portal/track/code", {"code": f"{(int(code) + 1 + n) % 10**6:06}"})

    assert client.post("/portal/track/code", {"code": code}).status_code == 422
    assert not is_open(client, ticket)


def test_a_stranger_who_asks_for_a_code_cannot_use_the_one_that_arrives_elsewhere(client, ticket):
    ask_for_code(client, ticket.number)
    code = texted_code()
    stranger = Client()
    ask_for_code(stranger, ticket.number, OTHER_PHONE)

    assert stranger.post("/portal/track/code", {"code": code}).status_code == 422
    assert not is_open(stranger, ticket)


def test_a_code_is_good_in_the_browser_that_asked_for_it(client, ticket):
    ask_for_code(client, ticket.number)

    answer = Client().post("/portal/track/code", {"code": texted_code()})

    assert (answer.status_code, answer["Location"]) == (302, "/portal/track")


def test_a_code_that_has_run_out_opens_nothing(client, ticket):
    ask_for_code(client, ticket.number)
    AccessCode.objects.update(expires_at=PAST)

    assert client.post("/portal/track/code", {"code": texted_code()}).status_code == 422


def test_a_code_is_used_once(client, ticket):
    ask_for_code(client, ticket.number)
    code = texted_code()
    asked = client.session["portal_asked"]
    client.post("/portal/track/code", {"code": code})
    replayed = client.session
    replayed["portal_asked"] = asked
    replayed.save()

    assert client.post("/portal/track/code", {"code": code}).status_code == 422


def test_the_door_stands_open_for_half_an_hour_after_the_last_visit(client, ticket):
    enter(client, ticket)
    set_until(client, timezone.now() + timedelta(seconds=30))

    assert is_open(client, ticket)
    assert datetime.fromisoformat(client.session[_KEY]["until"]) > timezone.now() + timedelta(minutes=29)

    set_until(client, timezone.now() - timedelta(seconds=1))
    assert not is_open(client, ticket)
    assert _KEY not in client.session


def set_until(client: Client, until: datetime) -> None:
    session = client.session
    session[_KEY] = session[_KEY] | {"until": until.isoformat()}
    session.save()


def test_who_leaves_has_left(client, ticket):
    enter(client, ticket)

    client.post("/portal/leave")

    assert not is_open(client, ticket)


def test_who_leaves_a_public_computer_leaves_nothing_of_what_they_sent_or_asked_for(client, cast: Cast):
    """Because the next person at it would read the number and the promises, and could add files."""
    number = complain(client).number
    client.post("/portal/track", {"number": number, "phone": PHONE})

    client.post("/portal/leave")

    assert client.get("/portal/received")["Location"] == "/portal/submit"
    assert client.get("/portal/received/files")["Location"] == "/portal/submit"
    assert client.get("/portal/track/code")["Location"] == "/portal/track"


@pytest.mark.parametrize(("minutes", "seen"), [(29, True), (30, False), (31, False)])
def test_what_was_sent_from_here_is_shown_for_half_an_hour(client, cast: Cast, minutes: int, seen: bool):
    number = complain(client).number
    session = client.session
    until = timezone.now() + timedelta(minutes=30 - minutes)
    session["portal_received"] = {"number": number, "until": until.isoformat()}
    session.save()

    assert (client.get("/portal/received").status_code == 200) is seen
    assert (client.get("/portal/received/files").status_code == 200) is seen
    assert ("portal_received" in client.session) is seen


def test_a_session_from_before_the_half_hour_shows_nothing(client, cast: Cast):
    number = complain(client).number
    session = client.session
    session["portal_received"] = number
    session.save()

    assert client.get("/portal/received")["Location"] == "/portal/submit"


def test_entering_gives_a_new_session_so_that_a_planted_one_opens_nothing(client, ticket):
    ask_for_code(client, ticket.number)
    planted = client.cookies["sessionid"].value

    client.post("/portal/track/code", {"code": texted_code()})

    assert client.cookies["sessionid"].value != planted


# Whose door, which ticket, which page

PAGES = [
    ("get", ""),
    ("post", "/additions"),
    ("post", "/rating"),
    ("post", "/reopening"),
    ("get", "/additions"),
    ("get", "/rating"),
    ("get", "/reopening"),
]
SAID = {
    "text": "x",
    "reason": "x",
    "overall": "1",
    "result": "1",
    "handling": "1",
    "efficiency": "1",
    "form": "0" * 32,
}


def nobody(ticket: Ticket) -> Client:
    return Client()


def somebody_else(ticket: Ticket) -> Client:
    return enter(Client(), complain(Client(), phone=OTHER_PHONE), OTHER_PHONE)


def the_customer_at_another_complaint(ticket: Ticket) -> Client:
    return enter(Client(), complain(Client(), text="另一件事。"))


def the_customer_too_late(ticket: Ticket) -> Client:
    client = enter(Client(), ticket)
    set_until(client, PAST)
    return client


def an_agent_of_the_desk(ticket: Ticket) -> Client:
    client = Client()
    client.force_login(ticket.first_owner)
    return client


@pytest.mark.clause("H7.3.1")
@pytest.mark.parametrize(
    "visitor",
    [nobody, somebody_else, the_customer_at_another_complaint, the_customer_too_late, an_agent_of_the_desk],
)
def test_nobody_sees_or_touches_a_complaint_whose_door_they_have_not_opened(ticket, visitor):
    client = visitor(ticket)
    events = TicketEvent.objects.count()

    answers = [getattr(client, method)(f"/portal/tickets/{ticket.number}{page}", SAID) for method, page in PAGES]

    shut = (302, f"/portal/track?number={ticket.number}")
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [shut] * len(PAGES)
    assert TicketEvent.objects.count() == events


@pytest.mark.parametrize("number", [NOWHERE, "x", "..", "%00", "x" * 300])
def test_a_number_there_is_none_for_looks_like_one_whose_door_is_shut(client, ticket, number):
    enter(client, ticket)

    answer = client.get(f"/portal/tickets/{number}")

    assert answer.status_code in (302, 404)
    if answer.status_code == 302:
        assert answer["Location"].partition("?")[0] == "/portal/track"


@pytest.mark.clause("T1.3b")
def test_the_customer_sees_nothing_of_the_desk(client, ticket):
    enter(client, ticket)

    for address in (f"/tickets/{ticket.number}", "/"):
        assert client.get(address).status_code in (302, 404)


# Slips


@pytest.fixture
def slip(ticket: Ticket, cast: Cast) -> str:
    return make_slip(ticket.pk, by=cast.actor("agent"), at=timezone.now())


def test_a_slip_from_an_agent_opens_the_complaint_once(client, ticket, slip):
    answer = client.post("/portal/track/slip", {"number": ticket.number, "slip": slip})

    assert answer["Location"] == f"/portal/tickets/{ticket.number}"
    assert is_open(client, ticket)
    replayed = Client().post("/portal/track/slip", {"number": ticket.number, "slip": slip})
    assert replayed.status_code == 422


def test_a_slip_opens_no_other_complaint_and_the_answer_tells_nothing(client, ticket, slip):
    other = complain(Client(), phone=OTHER_PHONE)

    answers = [
        client.post("/portal/track/slip", {"number": number, "slip": slip})
        for number in (other.number, NOWHERE, "nonsense")
    ]

    assert {answer.status_code for answer in answers} == {422}
    assert not is_open(client, other)
    assert not is_open(client, ticket)


def test_a_slip_that_has_run_out_opens_nothing(client, ticket, slip):
    AccessCode.objects.update(expires_at=PAST)

    assert client.post("/portal/track/slip", {"number": ticket.number, "slip": slip}).status_code == 422


# Floods


def test_a_phone_is_not_flooded_with_codes_however_many_browsers_ask(ticket):
    for _ in range(5):
        assert ask_for_code(Client(), ticket.number).status_code == 302

    assert MessageOrder.objects.filter(template="phone_code").count() == 3


@pytest.mark.parametrize("deed", ["ask", "try"])
def test_an_address_that_tries_too_often_is_asked_to_wait(client, ticket, deed):
    ask_for_code(client, ticket.number)
    client.post("/portal/track/code", {"code": "no"})
    VisitCount.objects.filter(deed=deed).update(times=AN_HOUR[deed])

    answers = {
        "ask": lambda: ask_for_code(client, ticket.number),
        "try": lambda: client.post("/portal/track/code", {"code": texted_code()}),
    }
    answer = answers[deed]()

    assert answer.status_code == 429
    assert "Please wait a little" in answer.content.decode()
    assert not is_open(client, ticket)


def test_the_counts_of_yesterday_are_forgotten(client, ticket):
    VisitCount.objects.create(deed="ask", visitor=b"0" * 16, hour=timezone.now() - timedelta(hours=25), times=9)

    ask_for_code(client, ticket.number)

    assert not VisitCount.objects.filter(visitor=b"0" * 16).exists()


def test_a_ticket_of_an_erased_customer_gets_no_code_and_no_error(client, ticket):
    from shouwen.vault.models import DataSubject

    DataSubject.objects.filter(pk=ticket.customer_id).update(wrapped_key=None, erased_at=timezone.now())

    assert ask_for_code(client, ticket.number).status_code == 302
    assert not MessageOrder.objects.filter(template="phone_code").exists()


def test_the_name_a_request_is_checked_under_never_leaves_the_server(client, ticket):
    answer = ask_for_code(client, ticket.number)

    name = client.session["portal_asked"]["name"]

    assert UUID(name)
    assert name not in answer.content.decode() + str(answer.headers) + client.get("/portal/track/code").content.decode()
