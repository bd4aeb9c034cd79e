"""The desk in a real browser: dialogs, two people at once, the eye, a phone's screen, the keyboard."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from shouwen.handbook.moves import Move
from shouwen.handling.owners import forget_loads
from shouwen.people.models import Person
from shouwen.service_levels.rehearsing import rehearse
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.vault.models import AccessLog
from tests.cast import Cast
from tests.screens.axe import fits, flaws
from tests.screens.desk import Desk, address, brought_to, taken_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, live_server: object, cast: Cast) -> Iterator[Opened]:
    """Opens the desk as somebody, in a browser of their own; whatever the browser complains about fails the test."""
    forget_loads()
    base, complaints = str(live_server), []
    with contextlib.ExitStack() as contexts:

        def open_page(person: Person, path: str, *, language: str = "en", width: int = 1366) -> Page:
            context = browser.new_context(viewport={"width": width, "height": 768}, base_url=base)
            contexts.callback(context.close)
            session = Desk(person).cookies[settings.SESSION_COOKIE_NAME].value
            cookies = {settings.SESSION_COOKIE_NAME: session, settings.LANGUAGE_COOKIE_NAME: language}
            context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda line: complaints.append(line.text) if "Security Policy" in line.text else None)
            page.goto(path)
            return page

        yield open_page
    assert complaints == []


def begin(page: Page, noun: str) -> None:
    """Open the dialog of a move."""
    page.locator(f".moves a[href$='/{noun}']").first.click()
    expect(page.locator("dialog[open]")).to_be_visible()


def test_a_move_is_made_in_its_dialog_and_the_page_goes_on(opened: Opened, cast: Cast) -> None:
    ticket = taken_in(cast)
    page = opened(cast.agent, address(ticket))
    begin(page, "note")
    page.fill("dialog [name=text]", "客户语气平和")
    page.click("dialog button.btn-primary")

    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".happening-text").first).to_have_text("客户语气平和")
    expect(page.locator(".toast-note").first).to_contain_text("Note")


def test_two_people_at_one_ticket_lose_nothing(opened: Opened, cast: Cast) -> None:
    """Because the second decided on what was no longer so, and had written for a while."""
    ticket = brought_to(cast, Move.INVESTIGATE)
    first, second = opened(cast.supervisor, address(ticket)), opened(cast.handler, address(ticket))
    begin(second, "evidence")
    second.select_option("dialog [name=item]", "cell_data")
    second.fill("dialog [name=finding]", "写了很久的结论")
    first.locator(".moves-more summary").click()
    begin(first, "reclassification")
    first.fill("dialog [name=reason]", "影响整栋楼")
    first.click("dialog button.btn-primary")
    expect(first.locator("dialog[open]")).to_have_count(0)

    second.click("dialog button.btn-primary")

    expect(second.locator("dialog[open] .happening-text")).to_have_text("影响整栋楼")
    expect(second.locator("dialog [name=finding]")).to_have_value("写了很久的结论")
    second.click("dialog button.btn-primary")
    expect(second.locator("dialog[open]")).to_have_count(0)
    assert TicketEvent.objects.filter(ticket_id=ticket.pk, what="evidence_recorded").count() == 1


def test_a_refusal_stands_in_the_dialog_beside_what_was_typed(opened: Opened, cast: Cast) -> None:
    page = opened(cast.handler, address(brought_to(cast, Move.INVESTIGATE)))
    begin(page, "proposal")
    page.fill("dialog [name=text]", "一份方案")
    page.select_option("dialog [name=cause]", "technical")
    page.click("dialog button.btn-primary")

    expect(page.locator("dialog[open] .refusal")).to_contain_text("checklist")
    expect(page.locator("dialog [name=text]")).to_have_value("一份方案")


@pytest.mark.clause("T6.2")
def test_the_eye_asks_why_and_shows_the_value(opened: Opened, cast: Cast) -> None:
    page = opened(cast.agent, address(taken_in(cast, phone="19900001234")))
    expect(page.locator("body")).not_to_contain_text("19900001234")
    page.locator("[data-tab=customer]").click()
    page.locator("[data-place=customer] .eye").last.click()
    page.locator("#reveal [data-reason]").first.click()
    page.click("#reveal button.btn-primary")

    expect(page.locator("[data-place=customer]")).to_contain_text("19900001234")
    assert AccessLog.objects.count() == 1


def test_a_clock_opens_its_ledger(opened: Opened, cast: Cast) -> None:
    page = opened(cast.agent, address(taken_in(cast)))
    page.locator(".clock-card summary").first.click()

    expect(page.locator(".clock-ledger table").first).to_be_visible()


def test_the_list_is_walked_with_j_and_opened_with_enter(opened: Opened, cast: Cast) -> None:
    ticket = taken_in(cast)
    page = opened(cast.agent, "/queues/my_first_ownership")
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{address(ticket)}")


@pytest.mark.parametrize(("language", "widths"), [("zh-hans", [1366]), ("en", [1366, 360])])
def test_every_page_fits_its_screen_and_can_be_used_by_everybody(
    opened: Opened, cast: Cast, language: str, widths: list[int]
) -> None:
    waiting = brought_to(cast, Move.INVESTIGATE, text="家里信号很弱，" * 40, informant_name="某营业员")
    Desk(cast.handler).make(
        waiting, Move.WAIT, pause="waiting_for_customer", reason="请补充地址", until="2099-01-01T09:00"
    )
    told = brought_to(cast, Move.TELL_CUSTOMER, phone="19900005678")
    page = opened(cast.supervisor, "/", language=language)
    pages = ["/queues/overdue", "/queues/team_undispatched", address(waiting), address(told), "/tasks", "/notices"]
    pages += [
        "/collaboration",
        "/outbox",
        "/search?q=信号",
        "/search",
        address(told, Move.RATE),
        f"{address(told)}/slip",
    ]
    wide, flawed = [], {}
    for path in pages:
        page.goto(path)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 768})
            if not fits(page):
                wide.append((path, width))
            if found := flaws(page):
                flawed[path, width] = found

    assert wide == []
    assert flawed == {}


@pytest.mark.parametrize("width", [360, 1366])
def test_every_dialog_fits_its_screen(opened: Opened, cast: Cast, width: int) -> None:
    ticket: Ticket = brought_to(cast, Move.INVESTIGATE)
    page = opened(cast.supervisor, address(ticket), width=width)
    nouns = page.eval_on_selector_all(".moves a[hx-get]", "links => links.map(link => link.getAttribute('href'))")
    for href in dict.fromkeys(nouns):
        page.evaluate("path => document.querySelector(`.moves a[href='${path}']`).click()", href)
        dialog = page.locator("dialog[open]")
        expect(dialog).to_be_visible()
        assert fits(page), href
        box = dialog.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def test_the_rules_are_accessible_fit_a_phone_and_a_replay_shows_how_far_it_is(opened: Opened, cast: Cast) -> None:
    taken_in(cast)
    page = opened(cast.administrator, "/rules", width=360)
    page.fill("[name=name]", "2027")
    page.click("section[aria-labelledby=new-draft] button")
    page.wait_for_url("**/rules/drafts/*")
    draft = page.url
    page.click(".replay-form button")
    expect(page.locator(".replay .term")).to_have_text("waiting for the worker")
    while rehearse(timezone.now()):
        pass
    expect(page.locator(".replay .term")).to_have_text("done")
    for where in (
        "/rules",
        draft,
        f"{draft}/files/clocks.yaml",
        "/rules/appendices/process",
        "/rules/appendices/duties",
    ):
        page.goto(where)
        assert flaws(page) == [], where
        assert fits(page), where
