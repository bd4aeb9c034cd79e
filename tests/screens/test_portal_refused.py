"""A public form that was refused says so first: a customer on a small phone must not believe it was sent."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from shouwen.handbook.history import What
from shouwen.surveys.actions import send_survey
from shouwen.tickets.models import Ticket, TicketEvent
from tests.cast import Cast
from tests.screens.axe import fits
from tests.screens.portal import ask_for_code, enter
from tests.screens.test_portal_browser import Opened, opened, told
from tests.screens.test_portal_browser import enter as enter_here

__all__ = ["opened", "told"]
SUMMARY = re.compile(r'<div class="refusal" role="alert" id="wrong" tabindex="-1" autofocus>.*?</div></div>', re.S)
UNHAPPY = {"overall": "4", "words": "", "again": "on"}


def summary_of(answer: object) -> str:
    """The one summary of a page, before anything else the page says."""
    page = answer.content.decode()  # type: ignore[attr-defined]
    [found] = SUMMARY.findall(page)
    for place in re.findall(r'href="#([^"]+)"', found):
        assert f'id="{place}"' in page, f"{place} leads nowhere"
    assert page.index(found) < page.index("<form", page.index("<main"))
    return str(found)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "sent", "leads_to"),
    [
        ("submit", {}, ["id_text", "id_phone", "id_region", "about-label"]),
        ("track", {}, ["id_number", "id_phone"]),
        ("track/slip", {"number": "TS1", "slip": "x"}, ["slip_slip"]),
        ("track/code", {"code": ""}, ["id_code"]),
        ("track/code", {"code": "000000"}, ["id_code"]),
        ("tickets/{number}/additions", {"form": "a" * 32, "text": " "}, ["add_text"]),
        ("tickets/{number}/reopening", {"form": "a" * 32, "reason": ""}, ["reopen_reason"]),
        ("tickets/{number}/rating", UNHAPPY, ["rate_words"]),
        ("tickets/{number}/rating", {}, ["rate_overall_0"]),
        ("{survey}", UNHAPPY, ["id_words"]),
    ],
)
def test_what_was_refused_is_said_before_anything_else_and_leads_to_its_field(
    cast: Cast, told: Ticket, address: str, sent: dict[str, str], leads_to: list[str]
) -> None:
    survey = send_survey(told.pk, by=cast.actor("agent"), at=timezone.now()).rpartition("/portal/")[2]
    client = enter(Client(HTTP_ACCEPT_LANGUAGE="en"), told)
    ask_for_code(client, told.number)

    answer = client.post("/portal/" + address.format(number=told.number, survey=survey), sent)

    assert answer.status_code == 422
    assert set(leads_to) <= set(re.findall(r'href="#([^"]+)"', summary_of(answer)))


@pytest.mark.django_db
def test_a_refusal_of_the_handbook_stands_there_too(cast: Cast, told: Ticket) -> None:
    client = enter(Client(HTTP_ACCEPT_LANGUAGE="en"), told)
    rating = {"overall": "1", "words": ""}
    client.post(f"/portal/tickets/{told.number}/rating", rating | {"form": "a" * 32})

    answer = client.post(f"/portal/tickets/{told.number}/rating", rating | {"form": "b" * 32})

    assert answer.status_code == 409
    assert "<p>" in summary_of(answer)


def stands_first(page: Page) -> None:
    """It has the focus, and it is on the screen."""
    summary = page.locator("#wrong")
    expect(summary).to_be_focused()
    expect(summary).to_be_in_viewport(ratio=1)
    assert fits(page)


@pytest.mark.browser
@pytest.mark.clause("S4.2b", "H7.2.4")
@pytest.mark.django_db(transaction=True)
def test_who_asks_for_another_round_without_a_word_is_told_where_they_look(opened: Opened, told: Ticket) -> None:
    page = opened()
    enter_here(page, told)
    page.locator("[name=overall][value='4']").check()
    mark = page.locator("label[for=rate_words] .optional")
    expect(mark).to_contain_text("选填")
    page.locator("[name=again]").check()
    expect(mark).to_have_text("必填")
    page.locator("[name=again]").uncheck()
    expect(mark).to_contain_text("选填")
    page.locator("[name=again]").check()
    page.locator("form[action$=rating] .btn-primary").click()

    stands_first(page)
    expect(page.locator("#wrong")).to_contain_text("请写明还有什么没有解决")
    expect(mark).to_have_text("必填")
    page.locator("#wrong a").click()
    expect(page.locator("#rate_words")).to_be_focused()
    page.keyboard.insert_text("还是没有信号")
    page.locator("form[action$=rating] .btn-primary").click()

    expect(page.locator(".toast-success")).to_be_visible()
    assert TicketEvent.objects.filter(ticket=told, what=What.RATED).count() == 1


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_unfinished_complaint_is_said_not_to_have_been_sent(opened: Opened, scripts: bool) -> None:
    page = opened("submit", java_script_enabled=scripts)
    page.locator("button:visible", has_text="提交投诉").last.click()

    stands_first(page)
    page.locator("#wrong a[href='#id_phone']").click()
    expect(page.locator("#id_phone")).to_be_focused()
