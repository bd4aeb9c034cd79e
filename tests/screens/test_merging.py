"""Two tickets made one, at the desk and in the customer's own view."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from shouwen.handbook.lifecycle import Move
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of
from tests.cast import Cast
from tests.screens.desk import Desk, address, offered, taken_in, text_of
from tests.screens.portal import enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def earlier(cast: Cast) -> Ticket:
    return taken_in(cast, received_at=timezone.now() - timedelta(days=2))


@pytest.fixture
def later(cast: Cast, earlier: Ticket) -> Ticket:
    return taken_in(cast, text="信号还是很弱。")


def merged(cast: Cast, later: Ticket, earlier: Ticket) -> None:
    answer = Desk(cast.agent).make(later, Move.MERGE, into=earlier.number, reason="同一事项")
    assert answer.status_code == 200, text_of(answer)


@pytest.mark.clause("H2.1.1b")
def test_the_form_offers_the_customer_s_earlier_tickets_of_the_type_and_no_other(
    cast: Cast, earlier: Ticket, later: Ticket
) -> None:
    stranger = taken_in(cast, phone="19900007777", received_at=earlier.received_at)
    fault = taken_in(cast, ticket_type="fault", received_at=earlier.received_at)
    desk = Desk(cast.agent)

    form = desk.ask(later, Move.MERGE).content.decode()

    assert earlier.number in form
    assert stranger.number not in form
    assert fault.number not in form
    assert Move.MERGE not in offered(desk.open(stranger))  # who has one ticket has nothing to merge


@pytest.mark.clause("H2.1.1b")
def test_where_no_ticket_can_lead_the_form_says_why(cast: Cast, later: Ticket) -> None:
    """Because an empty choice teaches nothing: it is the earlier one here, and the later one may be merged into it."""
    earliest = taken_in(cast, received_at=timezone.now() - timedelta(days=9))
    assert "None can be chosen: only an earlier ticket" in text_of(Desk(cast.agent).ask(earliest, Move.MERGE))
    assert "None can be chosen" not in text_of(Desk(cast.agent).ask(later, Move.MERGE))


@pytest.mark.clause("H2.1.1b", "U7.1")
def test_a_merging_that_would_lose_a_limit_is_refused_with_its_name(cast: Cast, earlier: Ticket) -> None:
    written = taken_in(cast, channel="letter")

    answer = Desk(cast.agent).make(written, Move.MERGE, into=earlier.number, reason="同一事项")

    assert "is not under these limits, or has them later: Receipt confirmed. Bring it" in text_of(answer)


@pytest.mark.clause("H2.1.1b")
def test_whoever_looks_for_either_number_finds_where_it_goes_on(cast: Cast, earlier: Ticket, later: Ticket) -> None:
    merged(cast, later, earlier)
    desk = Desk(cast.agent)

    for ticket in (earlier, later):
        assert desk.get("/search", {"q": ticket.number}).url == address(ticket)
    page = desk.open(later)
    assert f'href="{address(earlier)}"' in page.content.decode()
    assert "same matter as another ticket" in text_of(page)
    assert later.number in text_of(desk.open(earlier))
    assert {Move.UNMERGE, Move.NOTE} <= offered(page)


@pytest.mark.clause("H2.1.1b")
def test_the_customer_of_a_merged_ticket_is_led_to_the_one_it_goes_on_as(
    cast: Cast, earlier: Ticket, later: Ticket
) -> None:
    merged(cast, later, earlier)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    enter(client, later)

    page = client.get(f"/portal/tickets/{later.number}")
    onward = client.get(f"/portal/tickets/{earlier.number}")

    assert f'href="/portal/tickets/{earlier.number}"' in page.content.decode()
    assert "goes on there" in text_of(page)
    assert onward.status_code == 200
    assert later.number in text_of(onward)
    assert client.get(f"/portal/tickets/{later.number}").status_code == 200


@pytest.mark.clause("H2.1.1b")
def test_nobody_is_offered_to_take_a_merged_ticket_up_again_once_it_is_archived(
    cast: Cast, earlier: Ticket, later: Ticket
) -> None:
    merged(cast, later, earlier)
    Desk(cast.supervisor).make(later, Move.ARCHIVE)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    enter(client, later)

    assert not offered(Desk(cast.agent).open(later)) & {Move.REOPEN, Move.RATE}
    assert "Not satisfied?" not in text_of(client.get(f"/portal/tickets/{later.number}"))


def test_a_door_opened_for_the_leading_ticket_leads_to_no_other(cast: Cast, earlier: Ticket, later: Ticket) -> None:
    merged(cast, later, earlier)
    client = Client()
    enter(client, earlier)

    assert client.get(f"/portal/tickets/{later.number}").status_code == 302


@pytest.mark.clause("U3.1")
def test_what_was_split_off_and_its_origin_name_each_other(cast: Cast, later: Ticket) -> None:
    desk = Desk(cast.agent)
    facts = {"other_category": "tariff.abnormal_fee.overage", "text": "另外，上月多扣了 20 元。"}

    assert desk.make(later, Move.SPLIT, **facts).status_code == 200

    new = history_of(later.pk)[-1].facts["split_off"]
    assert new in text_of(desk.open(later))
    assert f'href="{address(later)}"' in desk.open(new).content.decode()
