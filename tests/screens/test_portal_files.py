"""Photos and files a customer sends: right after complaining, or from the page of the complaint."""

from __future__ import annotations

import pytest
from django.test import Client

from shouwen.handbook.attachments import present
from shouwen.handling.attaching import attach_file
from shouwen.handling.owners import forget_loads
from shouwen.portal.limits import AN_HOUR
from shouwen.portal.models import VisitCount
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of
from tests.cast import MONDAY, Cast
from tests.files import PDF, photo, sent, upload
from tests.screens.portal import complain, enter

pytestmark = [pytest.mark.usefixtures("cast"), pytest.mark.clause("H5.3.3")]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def client() -> Client:
    forget_loads()
    return Client(HTTP_ACCEPT_LANGUAGE="en")


@pytest.fixture
def ticket(client: Client) -> Ticket:
    return complain(client)


def address(ticket: Ticket) -> str:
    return f"/portal/tickets/{ticket.number}/files"


def bring(client: Client, where: str, *files: object, form: str = "one", **headers: str):
    return client.post(where, {"form": form, "file": files}, **headers)


def test_photos_can_follow_at_once_without_a_code(client, ticket):
    answer = bring(client, "/portal/received/files", sent(photo(), "光猫.jpg"))

    assert answer["Location"] == "/portal/received"
    page = client.get("/portal/received").content.decode()
    assert "光猫.jpg" in page
    assert "We have your files" in page


def test_nobody_else_sends_or_sees_files_of_what_was_sent_from_here(client, ticket):
    bring(client, "/portal/received/files", sent())

    for answer in (Client().get("/portal/received/files"), bring(Client(), "/portal/received/files", sent())):
        assert answer["Location"] == "/portal/submit"
    assert len(present(history_of(ticket.pk))) == 1


def test_a_customer_sends_several_and_each_is_judged_for_itself(client, ticket):
    enter(client, ticket)

    bring(client, address(ticket), sent(), sent(b"MZ\x00\x00", "说明.pdf"))

    page = client.get(f"/portal/tickets/{ticket.number}").content.decode()
    assert "账单.pdf" in page
    assert "说明.pdf: By its content this is no file we take" in page
    assert "You sent us a file." in page


def test_the_way_in_is_shut_to_whoever_has_not_opened_the_complaint(ticket):
    assert bring(Client(), address(ticket), sent())["Location"].startswith("/portal/track")
    assert present(history_of(ticket.pk)) == []


def test_a_sending_that_was_repeated_counts_once(client, ticket):
    enter(client, ticket)
    answers = [bring(client, address(ticket), sent(), form="same", **HTMX) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert len(present(history_of(ticket.pk))) == 1


def test_with_scripts_a_refusal_is_a_sentence(client, ticket):
    enter(client, ticket)

    answer = bring(client, address(ticket), sent(b"", "空.txt"), **HTMX)

    assert answer.status_code == 409
    assert "This file is empty." in answer.content.decode()


def test_what_the_desk_attached_is_not_shown(client, ticket, cast: Cast):
    attach_file(ticket, upload(PDF, "内部.pdf"), by=cast.actor("agent"), at=MONDAY.replace(year=2030), form="x")
    enter(client, ticket)

    page = client.get(f"/portal/tickets/{ticket.number}").content.decode()

    assert "内部.pdf" not in page
    assert "You sent us a file." not in page


def test_whoever_sends_file_after_file_is_asked_to_wait(client, ticket):
    enter(client, ticket)
    bring(client, address(ticket), sent())
    VisitCount.objects.filter(deed="file").update(times=AN_HOUR["file"])

    answer = bring(client, address(ticket), sent(), form="two", **HTMX)

    assert answer.status_code == 409
    assert "Please wait, or call us" in answer.content.decode()


def test_the_limits_and_the_purpose_are_told_beforehand(client, ticket):
    page = client.get("/portal/received").content.decode()

    assert "up to 20 MB each" in page
    assert "Only those who deal with your complaint can open them" in page
