"""A customer says on the portal how they want to be told: an address counts once a code sent there has come back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from shouwen.customers.access import CODE_TRIES, make_slip
from shouwen.customers.mailboxes import email_of, mailbox_of, wish_for_letters, written_to
from shouwen.customers.models import AccessCode, Mailbox
from shouwen.customers.queries import phone_of
from shouwen.handbook.authority import SYSTEM
from shouwen.handling.owners import forget_loads
from shouwen.notices.codes import opened_code
from shouwen.notices.delivery import deliver
from shouwen.notices.models import MessageOrder
from shouwen.portal.limits import AN_HOUR
from shouwen.tickets.models import Ticket
from shouwen.vault.models import VaultItem
from tests.cast import Cast, take_in
from tests.departments.test_letters import both, letters
from tests.departments.test_notices import Outside, Post, outside, post
from tests.screens.desk import Desk, text_of
from tests.screens.portal import complain, enter, fill_in

__all__ = ["both", "outside", "post"]
pytestmark = [pytest.mark.usefixtures("cast"), pytest.mark.clause("T4.3", "T6.2")]
ADDRESS, SHOWN = "zhang.wei@example.cn", "z***@example.cn"


@pytest.fixture(autouse=True)
def by_mail(settings) -> None:
    """A carrier whose letters leave the house."""
    settings.SHOUWEN_GATEWAYS = {"email": "shouwen.notices.gateways.Smtp"}


@pytest.fixture
def client() -> Client:
    forget_loads()
    return Client(HTTP_ACCEPT_LANGUAGE="en")


@pytest.fixture
def ticket(client: Client) -> Ticket:
    """A complaint whose door stands open."""
    ticket = complain(client)
    enter(client, ticket)
    return ticket


def place(ticket: Ticket) -> str:
    return f"/portal/tickets/{ticket.number}/telling"


def choose(client: Client, ticket: Ticket, way: str = "email", email: str = ADDRESS, **headers: str):
    return client.post(place(ticket), {"way": way, "email": email}, **headers)


def mailed_code() -> str:
    return opened_code(MessageOrder.objects.filter(channel="email").latest("ordered_at")) or ""


def is_written_to(ticket: Ticket) -> bool:
    return bool(written_to([str(ticket.customer_id)]))


def test_whoever_confirms_an_address_is_told_there_from_then_on(client, ticket):
    assert "We tell you by text message to 199****1234." in text_of(client.get(f"/portal/tickets/{ticket.number}"))

    page = text_of(client.get(choose(client, ticket)["Location"]))
    assert f"A code of six digits is on its way to {SHOWN}" in page
    assert not is_written_to(ticket)
    answer = client.post(f"{place(ticket)}/code", {"code": mailed_code()}, follow=True)

    said = text_of(answer)
    assert "Confirmed. From now on we tell you by e-mail." in said
    assert f"We tell you by e-mail to {SHOWN}." in said
    assert email_of(str(ticket.customer_id)) == ADDRESS
    assert mailbox_of(ticket.customer_id).recorded_by == f"customer:{ticket.customer_id}"
    assert ADDRESS not in client.get(place(ticket)).content.decode()


def test_the_code_goes_to_the_new_address_and_the_code_of_the_door_to_the_phone(
    ticket, client, both: Post, outside: type[Outside]
):
    """Because of who reads an address nothing is known yet, and a mailbox proves nothing about a phone."""
    wish_for_letters(ticket.customer_id, True, address="old@example.cn", by=SYSTEM, at=ticket.received_at)
    MessageOrder.objects.exclude(template="phone_code").delete()

    choose(client, ticket)
    order = MessageOrder.objects.filter(channel="email").latest("ordered_at")
    deliver(order.ordered_at, phone_of=phone_of, email_of=email_of, written_to=written_to)

    [letter] = letters(both)
    assert letter["To"] == ADDRESS
    code = re.search(r"\d{6}", letter.get_content())
    assert code
    assert code[0] not in letter["Subject"]
    assert [message.to for message in outside.sent] == ["19900001234"]
    assert client.post(f"{place(ticket)}/code", {"code": code[0]}).status_code == 302


def test_a_wrong_code_changes_nothing_and_five_wear_it_out(client, ticket):
    choose(client, ticket)
    code = mailed_code()
    wrong = "000000" if code != "000000" else "111111"

    for _ in range(CODE_TRIES):
        answer = client.post(f"{place(ticket)}/code", {"code": wrong})
        assert answer.status_code == 422
        assert 'id="code_code_error"' in answer.content.decode()

    assert client.post(f"{place(ticket)}/code", {"code": code}).status_code == 422
    assert not Mailbox.objects.exists()


def test_a_code_counts_for_half_an_hour_and_the_latest_alone(client, ticket):
    choose(client, ticket)
    first = mailed_code()
    choose(client, ticket, email="other@example.cn")
    second = mailed_code()
    if first != second:
        assert client.post(f"{place(ticket)}/code", {"code": first}).status_code == 422
    AccessCode.objects.filter(kind="email").update(expires_at=ticket.recorded_at - timedelta(seconds=1))

    answer = client.post(f"{place(ticket)}/code", {"code": second}, follow=True)
    assert "This code is wrong or has run out." in text_of(answer)
    assert not Mailbox.objects.exists()


def test_the_code_of_a_mailbox_opens_no_door(client, ticket):
    choose(client, ticket)
    sent = AccessCode.objects.get(kind="email")
    stranger = Client()
    stranger.post("/portal/track", {"number": ticket.number, "phone": "19900009999"})
    session = stranger.session
    session["portal_asked"] = session["portal_asked"] | {"name": str(sent.pk)}
    session.save()

    assert stranger.post("/portal/track/code", {"code": mailed_code()}).status_code == 422
    assert stranger.get(f"/portal/tickets/{ticket.number}").status_code == 302


def test_without_an_open_door_nothing_is_shown_sent_or_confirmed(ticket):
    stranger = Client()

    assert stranger.get(place(ticket)).status_code == 302
    assert choose(stranger, ticket)["Location"].startswith("/portal/track")
    assert stranger.post(f"{place(ticket)}/code", {"code": "123456"})["Location"].startswith("/portal/track")
    assert not AccessCode.objects.filter(kind="email").exists()


def test_back_to_text_messages_and_to_the_address_that_is_kept_takes_no_code(client, ticket):
    wish_for_letters(ticket.customer_id, True, address=ADDRESS, by=SYSTEM, at=ticket.received_at)

    choose(client, ticket, "sms", "")
    assert not is_written_to(ticket)
    choose(client, ticket, "email", "")

    assert is_written_to(ticket)
    assert not AccessCode.objects.filter(kind="email").exists()


def test_an_address_can_be_taken_away(client, ticket):
    """Because consent is taken back as easily as it is given (PIPL, article 15)."""
    wish_for_letters(ticket.customer_id, True, address=ADDRESS, by=SYSTEM, at=ticket.received_at)
    assert f"Remove {SHOWN}" in text_of(client.get(place(ticket)))

    client.post(place(ticket), {"forget": "1"})

    assert mailbox_of(ticket.customer_id) is None


@pytest.mark.parametrize(
    ("email", "says"), [("", "Please write the address"), ("zhang.wei@", "This is no e-mail address")]
)
def test_an_address_that_is_none_is_said_at_its_field_and_stays_there(client, ticket, email, says):
    answer = choose(client, ticket, email=email)

    assert answer.status_code == 422
    assert says in text_of(answer)
    assert f'value="{email}"' in answer.content.decode() or not email
    assert 'id="id_email_error"' in answer.content.decode()


def test_nobody_gets_more_than_three_codes_an_hour_whoever_asks(client, cast: Cast, ticket):
    for _ in range(AN_HOUR["mailbox"]):
        choose(client, ticket)
    answer = choose(client, ticket)
    assert answer.status_code == 429
    assert f'value="{ADDRESS}"' in answer.content.decode()
    kept = VaultItem.objects.filter(kind="email").count()
    assert choose(client, ticket, email="other@example.cn").status_code == 429  # of one complaint no more either
    assert VaultItem.objects.filter(kind="email").count() == kept

    other = take_in(cast, phone="19900007777")
    neighbour = enter(Client(), other, "19900007777")
    assert choose(neighbour, other, email=ADDRESS.upper()).status_code == 429


def test_where_no_letter_leaves_the_house_nobody_is_asked(client, settings):
    settings.SHOUWEN_GATEWAYS = {}

    assert 'name="email"' not in client.get("/portal/submit?category=network.coverage.weak").content.decode()
    ticket = complain(client)
    enter(client, ticket)
    assert "telling" not in client.get(f"/portal/tickets/{ticket.number}").content.decode()
    assert client.get(place(ticket))["Location"] == f"/portal/tickets/{ticket.number}"


# With the complaint


def test_the_address_that_came_with_a_complaint_is_used_once_it_is_confirmed_behind_the_phone(client):
    """Because whoever sends the form has proved nothing: a stranger must not lead somebody's messages away."""
    ticket = complain(client, email=ADDRESS)

    assert not Mailbox.objects.exists()
    assert not AccessCode.objects.exists()
    received = text_of(client.get("/portal/received"))
    assert "confirm the address there" in received
    enter(client, ticket)
    assert f"You gave us the address {SHOWN}." in text_of(client.get(f"/portal/tickets/{ticket.number}"))
    kept = VaultItem.objects.filter(kind="email").count()
    choose(client, ticket, email="")
    assert VaultItem.objects.filter(kind="email").count() == kept
    client.post(f"{place(ticket)}/code", {"code": mailed_code()})

    assert email_of(str(ticket.customer_id)) == ADDRESS


def test_it_replaces_nobodys_address(client):
    ticket = complain(client)
    wish_for_letters(ticket.customer_id, True, address=ADDRESS, by=SYSTEM, at=ticket.received_at)

    complain(client, email="stranger@example.cn")

    assert email_of(str(ticket.customer_id)) == ADDRESS


def test_it_is_sealed_and_the_desk_sees_it_masked(client, cast: Cast):
    ticket = complain(client, email=ADDRESS)

    [kept] = VaultItem.objects.filter(kind="email")
    assert kept.subject_id == ticket.customer_id
    page = Desk(cast.supervisor).open(ticket, pane="customer")
    assert SHOWN in page.content.decode()
    assert f"/tickets/{ticket.number}/values/{kept.token}" in page.content.decode()
    assert ADDRESS not in page.content.decode()


def test_a_wrong_address_in_the_form_is_said_at_its_field(client):
    answer = client.post("/portal/submit", fill_in(client, email="zhang.wei@"))

    assert answer.status_code == 422
    assert 'value="zhang.wei@"' in answer.content.decode()
    assert "This is no e-mail address" in text_of(answer)
    assert not Ticket.objects.exists()


def test_in_chinese_it_is_said_in_chinese(client, ticket):
    client.cookies["django_language"] = "zh-hans"

    page = text_of(client.get(place(ticket)))

    assert "您希望我们怎样告知您？" in page
    assert "短信发到 199****1234" in page


@pytest.mark.parametrize("sent", [{"way": "email", "email": "mine@example.cn"}, {"way": "sms"}, {"forget": "1"}])
def test_whoever_holds_a_slip_cannot_lead_the_customers_messages_away(client, ticket, sent):
    """Because a slip opens one complaint, and the way is that of all of a customer's messages."""
    wish_for_letters(ticket.customer_id, True, address=ADDRESS, by=SYSTEM, at=ticket.received_at)
    slip = make_slip(ticket.pk, by=SYSTEM, at=timezone.now())
    stranger = Client(HTTP_ACCEPT_LANGUAGE="en")
    stranger.post("/portal/track/slip", {"number": ticket.number, "slip": slip})

    answer = stranger.post(place(ticket), sent, follow=True)

    assert "open your complaint with the code that comes to your phone" in text_of(answer)
    assert not AccessCode.objects.filter(kind=AccessCode.EMAIL).exists()
    assert email_of(str(ticket.customer_id)) == ADDRESS
    assert is_written_to(ticket)
