"""关怀模式 and the weight of the public pages: for those who see little, and for those who pay for every kilobyte."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone

from shouwen.config.environment import phone_number
from shouwen.handling.owners import forget_loads
from shouwen.surveys.actions import send_survey
from tests.cast import Cast
from tests.screens.portal import complain, enter, fill_in
from tests.screens.test_portal_ticket import told_now
from tests.screens.weight import weight_of

pytestmark = pytest.mark.usefixtures("cast")
PAGES = ("/portal/", "/portal/submit", "/portal/track", "/portal/guides/broadband")


@pytest.fixture
def client(settings) -> Client:
    forget_loads()
    settings.SHOUWEN_HOTLINE = "400-000 1234"
    return Client(HTTP_ACCEPT_LANGUAGE="en")


@pytest.fixture
def cared_for(client: Client) -> Client:
    client.post("/portal/care", {"care": "on"})
    return client


def shown(client: Client, address: str) -> str:
    return re.sub(r"\s+", " ", client.get(address).content.decode())


def test_the_switch_is_on_every_page_needs_no_script_and_is_remembered(client):
    for address in PAGES:
        assert 'name="care" value="on"' in shown(client, address)
    answer = client.post("/portal/care", {"care": "on", "next": "/portal/track?number=AH-1"})

    assert answer["Location"] == "/portal/track?number=AH-1"
    assert answer.cookies["care"]["max-age"] > 300 * 24 * 3600
    for address in PAGES:
        assert 'class="portal care"' in shown(client, address)


def test_it_can_be_left_again(cared_for):
    cared_for.post("/portal/care", {"care": "off"})

    assert 'class="portal"' in shown(cared_for, "/portal/")


@pytest.mark.parametrize("next_", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_the_switch_leads_nowhere_else(client, next_):
    assert client.post("/portal/care", {"care": "on", "next": next_})["Location"] == "/portal/"


def test_one_tap_calls_the_hotline(cared_for):
    for address in PAGES:
        assert 'class="call" href="tel:4000001234"' in shown(cared_for, address)


def test_without_a_hotline_there_is_nothing_to_tap(cared_for, settings):
    settings.SHOUWEN_HOTLINE = ""

    assert "tel:" not in shown(cared_for, "/portal/")


def test_it_asks_what_it_is_about_before_anything_else(cared_for):
    first = shown(cared_for, "/portal/submit")
    then = cared_for.post("/portal/submit", fill_in(cared_for) | {"pick": "tariff.refund"}).content.decode()

    assert "How we reach you" not in first
    assert "hx-post" not in first
    assert "How we reach you" in then


def test_a_complaint_is_made_in_it_like_any_other(cared_for):
    assert complain(cared_for).channel == "web"


def test_what_was_typed_before_the_choice_is_kept(cared_for):
    page = cared_for.post("/portal/submit", fill_in(cared_for, text="先写的话") | {"pick": "network"})
    assert "先写的话" in page.content.decode()


@pytest.mark.parametrize("care", ["off", "on"])
def test_the_public_pages_weigh_little_the_first_time_and_nearly_nothing_after(client, cast: Cast, care):
    ticket = told_now(cast)
    survey = send_survey(ticket.pk, by=cast.actor("agent"), at=timezone.now()).rpartition("/portal")[2]
    client.post("/portal/care", {"care": care})
    enter(client, ticket)

    weights = {
        address: weight_of(client, address)
        for address in (*PAGES, f"/portal{survey}", f"/portal/tickets/{ticket.number}")
    }

    assert {address: weight for address, weight in weights.items() if weight.first > 300_000} == {}
    assert {address: weight for address, weight in weights.items() if weight.after > 30_000} == {}


@pytest.mark.parametrize("number", ["10000", "400-800-1234", "+44 20 7946 0000", ""])
def test_a_hotline_is_set_as_people_write_it(monkeypatch, number):
    monkeypatch.setenv("SHOUWEN_HOTLINE", number)

    assert phone_number("SHOUWEN_HOTLINE", "") == number


@pytest.mark.parametrize("number", ["call us", "1", "<b>1</b>", "10000;ext=5", "1" * 40])
def test_nonsense_is_no_hotline(monkeypatch, number):
    monkeypatch.setenv("SHOUWEN_HOTLINE", number)

    with pytest.raises(ImproperlyConfigured, match="telephone number"):
        phone_number("SHOUWEN_HOTLINE", "")
