"""A stage for stories: the demo carrier, a real browser, and a window for each role at any size, in any language."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils.timezone import now
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from shouwen.editions.actions import install_shipped_pack
from shouwen.handling.owners import forget_loads
from shouwen.intake.demo import build_demo
from tests.following import turn
from tests.kept import once

DESK, PHONE = 1366, 360
CALLER = "19900008888"
PLACE = "示例市示例区示例路 8 号"


class Stage:
    """A browser with a window for each role; whatever a page complains about fails the story."""

    def __init__(self, browser: Browser, base: str, language: str = "zh-hans", width: int = DESK) -> None:
        self.browser, self.base, self.language, self.width = browser, base, language, width
        self.windows: dict[str, Page] = {}
        self.complaints: list[str] = []

    def window(self, role: str) -> Page:
        """The window of a role, signed in through the demo's door."""
        if role not in self.windows:
            page = self.open()
            page.goto(f"{self.base}/accounts/login/")
            page.locator(f"form[action='/demo/sign-in/{role}'] button").click()
            page.wait_for_url(f"{self.base}/**")
            self.windows[role] = page
        return self.windows[role]

    def open(self, *, width: int = 0) -> Page:
        context: BrowserContext = self.browser.new_context(viewport={"width": width or self.width, "height": 768})
        context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": self.language, "url": self.base}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)
        return page

    def _hear(self, line: Any) -> None:
        if line.type == "error":
            self.complaints.append(f"{line.text} {line.location}")

    def move(self, role: str, number: str, noun: str, **facts: Any) -> None:
        """Make a move on the ticket's page: its button, its dialog, its fields."""
        page = self.window(role)
        page.goto(f"{self.base}/tickets/{number}")
        shown = page.locator(f".moves a[href$='/tickets/{number}/{noun}']").locator("visible=true")
        if not shown.count():
            page.locator(".moves .moves-more summary").click()
        shown.first.click()
        form = page.locator(f"form[action$='/tickets/{number}/{noun}']")
        expect(form).to_be_visible()
        for name, value in facts.items():
            fill(form, name, value)
        with page.expect_response(lambda answer: is_post(answer, f"/tickets/{number}/{noun}")) as posted:
            form.locator("button.btn-primary").click()
        assert posted.value.status < 400, (noun, posted.value.status, page.locator("main").inner_text())
        turn(now())


def is_post(answer: Response, address: str) -> bool:
    """The answer to what was sent there: pages also say by themselves who has them open."""
    return answer.request.method == "POST" and answer.url.endswith(address)


def fill(form: Any, name: str, value: str) -> None:
    """Fill in a field, whatever kind it is."""
    field = form.locator(f"[name='{name}']")
    kind = field.first.get_attribute("type") or ""
    tag = field.first.evaluate("element => element.tagName")
    if kind == "radio":
        form.locator(f"[name='{name}'][value='{value}']").check()
    elif kind == "checkbox":
        field.check()
    elif tag == "SELECT":
        field.select_option(value)
    else:
        field.fill(value)


def ahead(hours: int = 24) -> str:
    """A moment ahead, as a date and time field takes it."""
    return f"{(datetime.now(UTC) + timedelta(hours=hours)).astimezone(ZoneInfo(settings.TIME_ZONE)):%Y-%m-%dT%H:%M}"


@pytest.fixture
def stage(browser: Browser, live_server: Any, settings: Any) -> Iterator[Stage]:
    settings.DEMO = True
    forget_loads()
    once("the demo", the_demo)
    made = Stage(browser, str(live_server))
    with contextlib.ExitStack() as leaving:
        leaving.callback(lambda: [page.context.close() for page in made.windows.values()])
        yield made
    assert made.complaints == []


def the_demo() -> None:
    install_shipped_pack(at=now())
    build_demo()
    turn(now())


def take_in(stage: Stage) -> str:
    """The agent takes the call and types it in."""
    page = stage.window("agent")
    page.goto(f"{stage.base}/intake/new")
    fill(page, "phone", CALLER)
    fill(page, "name", "某客户")
    fill(page, "text", "小区里信号只有一格，通话经常断。我的备用电话是 19900007777。")
    for name, code in (("about_1", "network"), ("about_2", "network.coverage"), ("about_3", "network.coverage.weak")):
        page.locator(f"[name='{name}']").select_option(code)
        page.wait_for_load_state("networkidle")
    expect(page.locator("[name='asked_place']")).to_be_visible()
    fill(page, "asked_place", PLACE)
    for name, value in (("signal_bars", "one"), ("network_kind", "nr"), ("affected_service", "voice")):
        fill(page, f"asked_{name}", value)
    fill(page, "asked_when_it_happens", "always")
    page.locator("details summary").filter(has=page.locator("xpath=../div//input[@name='informant_name']")).click()
    fill(page, "informant_name", "某营业员")
    fill(page, "informant_phone", "19900006666")
    with page.expect_navigation():
        page.locator("form[data-draft='intake'] button.btn-primary").click()
    assert "/tickets/" in page.url, page.locator(".invalid-feedback, [role=alert]").all_inner_texts()
    body = page.locator("main").inner_text()
    assert CALLER not in body
    assert "19900007777" not in body
    return page.url.split("?")[0].rsplit("/", 1)[1]
