"""The administration in a real browser: a sign-in with a one-time code, and every page without a flaw at both sizes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect

from shouwen.people.models import Person
from tests.cast import Cast
from tests.screens.axe import fits, flaws
from tests.screens.desk import Desk
from tests.screens.test_second_factor import PASSWORD, code_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Opened = Callable[..., Page]

PAGES = [
    "/administration",
    "/administration/people",
    "/administration/people/new",
    "/administration/people/{agent}",
    "/administration/people/{agent}/leaving",
    "/administration/people/import",
    "/administration/teams",
    "/administration/teams/network-3401",
    "/administration/coverage",
    "/administration/changes",
    "/administration/keys",
    "/access-log",
    "/duty/network-3401",
    "/administration/first-steps",
    "/administration/moving-in",
]


@pytest.fixture
def opened(browser: Browser, live_server: object, cast: Cast) -> Iterator[Opened]:
    """Opens a page, as somebody or as nobody; whatever the browser complains about fails the test."""
    base, complaints = str(live_server), []
    with contextlib.ExitStack() as contexts:

        def open_page(person: Person | None, path: str, *, language: str = "en", width: int = 1366) -> Page:
            context = browser.new_context(viewport={"width": width, "height": 768}, base_url=base)
            contexts.callback(context.close)
            cookies = {settings.LANGUAGE_COOKIE_NAME: language}
            if person:
                cookies[settings.SESSION_COOKIE_NAME] = Desk(person).cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda line: complaints.append(line.text) if "Security Policy" in line.text else None)
            page.goto(path)
            return page

        yield open_page
    assert complaints == []


@pytest.mark.clause("H7.3.1")
def test_codes_are_scanned_and_asked_for_at_the_door(opened: Opened, cast: Cast, settings: object) -> None:
    cache.clear()
    settings.SHOUWEN_SECOND_FACTOR = ["administrator"]  # type: ignore[attr-defined]
    cast.administrator.set_password(PASSWORD)
    cast.administrator.save()
    page = opened(None, "/accounts/login/")
    page.fill("[name=login]", "administrator")
    page.fill("[name=password]", PASSWORD)
    page.click("main button.btn-primary")
    page.fill("[name=password]", PASSWORD)  # once more, before anything about signing in is changed
    page.click("main button.btn-primary")
    expect(page.locator(".qr img")).to_be_visible()
    assert page.evaluate("document.querySelector('.qr img').naturalWidth") > 0
    assert flaws(page) == []
    page.click("summary")
    secret = page.inner_text(".qr-key")
    page.fill("[name=code]", code_of(secret))
    page.click("main button.btn-primary")
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    one = page.locator(".recovery-codes code").first.inner_text()
    page.click("main a.btn-primary")
    expect(page.locator(".tiles")).to_be_visible()

    again = opened(None, "/accounts/login/")
    again.fill("[name=login]", "administrator")
    again.fill("[name=password]", PASSWORD)
    again.click("main button.btn-primary")
    expect(again.locator("[name=code]")).to_be_focused()
    assert flaws(again) == []
    again.fill("[name=code]", one)
    again.click("main button.btn-primary")
    expect(again.locator(".tiles")).to_be_visible()


@pytest.mark.parametrize(("language", "width"), [("zh-hans", 1366), ("en", 360)])
def test_every_page_fits_and_has_no_flaw(opened: Opened, cast: Cast, language: str, width: int) -> None:
    page = opened(cast.administrator, "/administration", language=language, width=width)
    found = {}
    for address in PAGES:
        page.goto(address.format(agent=cast.agent.pk))
        if wrong := flaws(page):
            found[address] = wrong
        if not fits(page):
            found[f"{address} is too wide"] = []
    assert found == {}
