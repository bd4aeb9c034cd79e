"""What pages do by themselves, in a real browser under the real security policy."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from tests.cast import Cast
from tests.screens.axe import flaws

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.screens.urls"),
]
SCREEN, PHONE = {"width": 1366, "height": 768}, {"width": 360, "height": 768}
Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, live_server: object, cast: Cast) -> Iterator[Opened]:
    """Opens a page of the style guide, signed in; whatever the browser complains about fails the test."""
    base, complaints = str(live_server), []
    client = Client()
    client.force_login(cast.agent)
    session = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies["sessionid"].value, "url": base}
    with contextlib.ExitStack() as contexts:

        def open_page(address: str = "", *, language: str = "zh-hans", **options: object) -> Page:
            context = browser.new_context(viewport=SCREEN, **options)  # type: ignore[arg-type]
            contexts.callback(context.close)
            context.add_cookies([session, {"name": "django_language", "value": language, "url": base}])  # type: ignore[list-item]
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda line: complaints.append(line.text) if "Security Policy" in line.text else None)
            page.goto(f"{base}/_styleguide/{address}")
            return page

        yield open_page
    assert complaints == []


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_pages_are_accessible_and_no_wider_than_a_small_phone(opened: Opened, language: str, theme: str) -> None:
    page = opened(language=language, color_scheme=theme)
    base = page.url
    for address in ("", "portal", "sign-in", "error/409"):
        if address:
            page.goto(base + address)
        found = flaws(page)
        page.set_viewport_size(PHONE)
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.set_viewport_size(SCREEN)

        assert (address, found, wide) == (address, [], PHONE["width"])


def test_the_theme_somebody_chose_is_there_before_the_next_page_is_painted(opened: Opened) -> None:
    page = opened(color_scheme="light")
    page.click("[data-theme-toggle]")
    page.add_init_script(
        "new MutationObserver(() => document.body && (window.first ??= document.documentElement.dataset.bsTheme))"
        ".observe(document, {childList: true, subtree: true})"
    )
    page.reload()

    assert page.evaluate("window.first") == "dark"


def test_the_language_changes_where_one_is(opened: Opened) -> None:
    page = opened()
    page.click("button[lang=en]")

    expect(page.locator("h1")).to_have_text("Style guide")
    assert page.url.endswith("/_styleguide/")


def test_keys_walk_the_list_find_the_search_and_show_themselves(opened: Opened) -> None:
    page = opened()
    rows = page.locator("[data-row]")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#quick")).to_be_focused()
    page.locator("#quick").blur()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("转派")


def test_two_keys_after_one_another_open_a_queue(opened: Opened) -> None:
    page = opened()
    page.evaluate(
        "document.querySelector('[data-key=\"g v\"]').addEventListener('click', () => { window.went = true })"
    )
    page.keyboard.press("g")
    page.keyboard.press("v")

    assert page.evaluate("window.went") is True


def test_keys_do_nothing_while_somebody_types_or_composes_a_word(opened: Opened) -> None:
    page = opened()
    page.locator("#quick").fill("")
    page.locator("#quick").press("t")
    page.locator("#quick").blur()
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 't', isComposing: true, bubbles: true}))"
    )
    expect(page.locator("#quick")).to_have_value("t")
    expect(page.locator("dialog[open]")).to_have_count(0)

    page.keyboard.press("t")

    expect(page.locator("#dialog dialog[open]")).to_be_visible()


def test_a_refused_move_says_why_in_its_dialog_and_loses_no_text(opened: Opened) -> None:
    page = opened()
    page.click(".page-head-actions button >> nth=0")
    expect(page.locator("#dialog textarea")).to_be_focused()
    page.locator("#dialog input[name=note]").fill("已联系机房")
    page.click("#dialog .btn-primary")

    expect(page.locator("#dialog [data-refusal]")).to_contain_text("两个闭环都要先合上")
    expect(page.locator("#dialog input[name=note]")).to_have_value("已联系机房")
    expect(page.locator(".toast-note")).to_have_count(0)


def test_a_draft_comes_back_after_a_crash_and_goes_once_it_is_sent(opened: Opened) -> None:
    page = opened()
    page.click(".page-head-actions button >> nth=0")
    page.locator("#dialog textarea").fill("写到一半")
    page.evaluate(
        "new Promise((kept) => { const look = () => localStorage.length ? kept() : setTimeout(look, 20); look() })"
    )
    page.reload()
    page.click(".page-head-actions button >> nth=0")
    expect(page.locator("#dialog textarea")).to_have_value("写到一半")
    expect(page.locator("#dialog .draft-note")).to_contain_text("已恢复")

    page.click("#dialog .btn-primary")
    expect(page.locator("#dialog dialog")).to_have_count(0)

    assert page.evaluate("localStorage.length") == 0


@pytest.mark.clause("T6.2")
def test_a_masked_number_is_shown_for_a_reason_and_covered_after_a_minute(opened: Opened) -> None:
    page = opened()
    page.clock.install()
    masked = page.locator(".facts .masked")
    page.click(".facts .eye")
    page.click("#reveal .btn-primary")
    expect(page.locator("#reveal")).to_be_visible()
    page.click("#reveal [data-reason] >> nth=0")
    page.click("#reveal .btn-primary")
    expect(masked).to_contain_text("13800005678")
    page.clock.run_for(60_000)

    expect(masked).to_contain_text("138****5678")


def test_clocks_go_on_counting_on_the_page(opened: Opened) -> None:
    page = opened()
    page.clock.install()
    page.reload()
    face = page.locator(".clock-card .clock-text >> nth=2")
    expect(face).to_have_text("剩 19 分")
    page.clock.run_for(10 * 60_000)
    expect(face).to_have_text("剩 9 分")
    page.clock.run_for(11 * 60_000)

    expect(face).to_have_text("超时 1 分")
    expect(page.locator(".clock-card >> nth=2")).to_have_class("clock-card clock-late")


@pytest.mark.clause("X2")
def test_why_is_fetched_when_it_is_asked_for(opened: Opened) -> None:
    page = opened()
    expect(page.locator(".clock-ledger table")).to_have_count(0)
    page.click(".clock-card summary >> nth=0")

    expect(page.locator(".clock-ledger table")).to_have_count(1)


def test_one_is_asked_back_before_a_step_that_cannot_be_undone(opened: Opened) -> None:
    page = opened()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.click("[hx-confirm]")
    page.click("#confirm [value=no]")
    assert sent == []
    page.click("[hx-confirm]")
    with page.expect_response("**/reveal"):
        page.click("#confirm [value=yes]")

    assert len(sent) == 1


def test_a_lost_connection_is_said_and_its_return_too(opened: Opened) -> None:
    page = opened()
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_be_visible()
    page.context.set_offline(False)

    expect(page.locator("#connection")).to_be_hidden()


def test_a_number_is_copied_also_where_the_desk_is_served_without_tls(opened: Opened) -> None:
    page = opened()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.evaluate("document.addEventListener('copy', () => { window.copied = document.activeElement.value })")
    page.click("[data-copy]")

    expect(page.locator(".toast-note")).to_contain_text("AH-7K3MP-9QXTD-4")
    assert page.evaluate("window.copied") == "AH-7K3MP-9QXTD-4"
