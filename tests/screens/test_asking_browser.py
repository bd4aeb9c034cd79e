"""Calls, ratings, trainings, figures and the survey in a real browser: on a phone, by everybody, without a mouse."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from shouwen.handbook.authority import SYSTEM
from shouwen.handbook.moves import Move
from shouwen.notices.codes import opened_code
from shouwen.notices.models import MessageOrder
from shouwen.surveys.actions import send_survey
from shouwen.surveys.models import Callback, Review
from shouwen.surveys.queries import Rating
from shouwen.tickets.models import Ticket
from tests.cast import Cast
from tests.screens.axe import fits, flaws
from tests.screens.desk import brought_to
from tests.screens.test_asking import rated, told
from tests.screens.test_desk_browser import Opened, opened

__all__ = ["opened"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "language"), [(1366, "zh-hans"), (360, "en")])
def test_every_page_of_asking_is_open_to_everybody_and_fits_a_phone(
    opened: Opened, cast: Cast, width: int, language: str
) -> None:
    ticket = rated(cast, Rating(overall=4, nps=0, words="问题还在，" * 40))
    told(cast, phone="19900005678")
    pages = ["/callbacks?whose=all&when=later", f"/callbacks/{Callback.objects.order_by('made_at').last().pk}"]
    pages += ["/reviews", f"/reviews/{Review.objects.get().pk}", "/trainings", "/satisfaction", "/outbox"]
    pages += [f"/tickets/{ticket.number}/messages"]
    page = opened(cast.supervisor, pages[0], language=language, width=width)

    for address in pages:
        page.goto(address)
        assert flaws(page) == [], address
        assert fits(page), address


@pytest.mark.clause("S4.2b")
def test_a_call_is_written_down_without_a_mouse(opened: Opened, cast: Cast) -> None:
    ticket = told(cast)
    page = opened(cast.agent, f"/callbacks/{Callback.objects.get().pk}")

    page.focus("[name=went][value=reached]")
    page.keyboard.press("Space")
    page.focus("[name=overall][value='2']")
    page.keyboard.press("Space")
    page.focus("main form button.btn-primary")
    page.keyboard.press("Enter")

    expect(page.locator(".toast-note, .toast").first).to_contain_text("followed up")
    assert Ticket.objects.get(pk=ticket.pk).stage == "followed_up"


@pytest.mark.clause("T6.3")
def test_the_survey_is_answered_with_a_thumb(opened: Opened, cast: Cast) -> None:
    ticket = brought_to(cast, Move.TELL_CUSTOMER)
    send_survey(ticket.pk, by=SYSTEM, at=timezone.now())
    link = opened_code(MessageOrder.objects.get(template="survey_link")) or ""
    page = opened(cast.agent, re.sub(r"^https?://[^/]+", "", link), language="zh-hans", width=360)

    assert flaws(page) == []
    assert fits(page)
    sizes = page.evaluate(
        "[...document.querySelectorAll('.choices label')].map((one) => one.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 44
    page.click("label:has([name=overall][value='1'])")
    page.click("label:has([name=nps][value='10'])")
    page.click("main form button.btn-primary")

    expect(page.locator("h1")).to_contain_text("感谢")
    facts = ticket.events.get(what="rated").facts
    assert (facts["overall"], facts["nps"]) == (1, 10)
