"""One complaint, from the phone call to the archive, in four roles, through the screens alone (H2.4, T1.3, U2.5)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.utils.timezone import now
from playwright.sync_api import Browser, BrowserContext, Page, expect

from shouwen.config.wiring import turn_all
from shouwen.editions.actions import install_shipped_pack
from shouwen.editions.queries import current_edition
from shouwen.handling.owners import forget_loads
from shouwen.intake.demo import build_demo
from shouwen.notices.codes import opened_code
from shouwen.notices.models import MessageOrder
from shouwen.tickets.models import Ticket
from tests.departments.test_handling import everything_wrong_with
from tests.kept import once

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
pytestmark += [pytest.mark.xdist_group("story")]  # one demo for both

CALLER = "19900008888"
PLACE = "示例市示例区示例路 8 号"


class Stage:
    """A browser with a window for each role; whatever a page complains about fails the story."""

    def __init__(self, browser: Browser, base: str, language: str) -> None:
        self.browser, self.base, self.language = browser, base, language
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

    def open(self, *, width: int = 1366) -> Page:
        context: BrowserContext = self.browser.new_context(viewport={"width": width, "height": 768})
        context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": self.language, "url": self.base}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda line: self.complaints.append(f"{line.text} {line.location}") if line.type == "error" else None,
        )
        return page

    def _hear(self, line: Any) -> None:
        if line.type == "error":
            self.complaints.append(f"{line.text} {line.location}")

    def move(self, role: str, number: str, noun: str, **facts: Any) -> None:
        """Make a move on the ticket's page: its button, its dialog, its fields."""
        page = self.window(role)
        page.goto(f"{self.base}/tickets/{number}")
        link = page.locator(f"a[href$='/tickets/{number}/{noun}']").first
        if not link.is_visible():
            page.locator(".moves-more summary").click()
        link.click()
        form = page.locator(f"form[action$='/tickets/{number}/{noun}']")
        expect(form).to_be_visible()
        for name, value in facts.items():
            fill(form, name, value)
        with page.expect_response(lambda answer: answer.request.method == "POST") as posted:
            form.locator("button.btn-primary").click()
        assert posted.value.status < 400, (noun, posted.value.status, page.locator("main").inner_text())
        turn_all(now())


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
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    return f"{(datetime.now(UTC) + timedelta(hours=hours)).astimezone(ZoneInfo(settings.TIME_ZONE)):%Y-%m-%dT%H:%M}"


@pytest.fixture
def stage(browser: Browser, live_server: Any, settings: Any) -> Iterator[Stage]:
    settings.DEMO = True
    forget_loads()
    once("the demo", the_demo)
    made = Stage(browser, str(live_server), "zh-hans")
    with contextlib.ExitStack() as leaving:
        leaving.callback(lambda: [page.context.close() for page in made.windows.values()])
        yield made
    assert made.complaints == []


def the_demo() -> None:
    install_shipped_pack(at=now())
    build_demo()
    turn_all(now())


@pytest.mark.clause("H2.4", "T1.3", "U2.5", "S4.1", "H7.2.4")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_complaint_goes_the_whole_way_through_the_screens(stage: Stage, language: str) -> None:
    stage.language = language
    number = take_in(stage)

    stage.move("agent", number, "assessment", severity="ordinary", reach="single")
    stage.move("agent", number, "dispatch")
    stage.move("agent", number, "response", via="phone", text="先核实基站情况", expected_at=ahead())
    stage.move("handler", number, "investigation")
    checklist = current_edition().checklist("network.coverage.weak")
    assert checklist
    for item in checklist.items:
        stage.move("handler", number, "evidence", item=item.code, finding="现场已核实")
    stage.move("handler", number, "proposal", text="调整邻区参数并复测", cause="technical")
    stage.move("supervisor", number, "approval")
    stage.move("handler", number, "execution", work="参数已调整，复测正常")
    stage.move("agent", number, "word-to-customer", via="phone", text="已优化完成", proof="录音 1")
    stage.move("agent", number, "word-to-informant", via="phone", text="已优化完成", proof="录音 2")

    follow_as_customer(stage, number)

    stage.move("agent", number, "follow-up", via="phone", outcome="信号恢复", satisfied="true")
    stage.move("agent", number, "closure", outcome="已解决")
    stage.move("supervisor", number, "archiving")

    ticket = Ticket.objects.get(number=number)
    assert ticket.stage == "archived"
    assert everything_wrong_with(ticket) == []


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


def follow_as_customer(stage: Stage, number: str) -> None:
    """The customer tracks it by number and phone code on a phone, and rates it."""
    page = stage.open(width=360)
    page.goto(f"{stage.base}/portal/track")
    form = page.locator("form[action$='/portal/track']")
    fill(form, "number", number)
    fill(form, "phone", CALLER)
    form.locator("button.btn-primary").click()
    page.wait_for_url("**/portal/track/code*")
    code = opened_code(MessageOrder.objects.filter(template="phone_code").latest("ordered_at"))
    page.locator("input[name='code']").fill(code or "")
    page.locator("main form button.btn-primary").first.click()
    page.wait_for_url(f"**/portal/tickets/{number}*")
    assert number in page.locator("main").inner_text()
    page.locator("[name='overall'][value='1']").check()
    page.locator(".rating-more summary").click()
    for name, value in (("efficiency", "2"), ("solved", "yes"), ("nps", "9")):
        page.locator(f"[name='{name}'][value='{value}']").check()
    page.locator(f"form[action$='/portal/tickets/{number}/rating'] button.btn-primary").click()
    page.wait_for_load_state()
    turn_all(now())
    assert Ticket.objects.get(number=number).events.filter(what="rated").exists()
    page.context.close()
