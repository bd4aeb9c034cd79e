"""Taking a call in a real browser: what appears while somebody types, and what survives a crash."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import Browser, Page, expect

from shouwen.tickets.models import Ticket
from tests.cast import Cast, take_in
from tests.screens.axe import flaws

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = "19900001234"
TOO_WIDE = (
    "[...document.querySelectorAll('main *')].filter((one) => one.getBoundingClientRect().right > innerWidth)"
    ".map((one) => one.outerHTML.slice(0, 120))"
)
KEPT = (
    "new Promise((kept) => { const look = () => JSON.stringify(localStorage).includes('红灯闪烁') ? kept()"
    " : setTimeout(look, 20); look() })"
)
Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, live_server: object, cast: Cast) -> Iterator[Opened]:
    """Opens the agent's form; whatever the browser complains about fails the test."""
    base, complaints = str(live_server), []
    client = Client()
    client.force_login(cast.agent, backend="django.contrib.auth.backends.ModelBackend")
    session = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies["sessionid"].value, "url": base}
    with contextlib.ExitStack() as contexts:

        def open_form(*, language: str = "en", width: int = 1366, **options: object) -> Page:
            context = browser.new_context(viewport={"width": width, "height": 900}, **options)  # type: ignore[arg-type]
            contexts.callback(context.close)
            context.add_cookies([session, {"name": "django_language", "value": language, "url": base}])  # type: ignore[list-item]
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda line: complaints.append(line.text) if "Security Policy" in line.text else None)
            page.goto(f"{base}/intake/new")
            return page

        yield open_form
    assert complaints == []


@pytest.mark.clause("H2.1.1b", "S1.2a")
def test_a_call_from_the_number_to_the_ticket(opened: Opened, cast: Cast) -> None:
    open_one = take_in(cast, phone=PHONE)
    page = opened()

    page.fill("#id_phone", PHONE)
    expect(page.locator("#caller")).to_contain_text(open_one.number)
    page.fill("#id_text", "晚上测速不到签约带宽的三分之一")
    page.fill("#words", "broadband slow")
    page.click("#found button:has-text('Slower than subscribed')")
    page.fill("[name=asked_service_address]", "某市某区某路 1 号")
    page.select_option("[name=asked_when_it_happens]", "periodic")
    page.fill("[name=asked_lights]", "绿灯")
    page.click("form[data-draft=intake] button.btn-primary")
    page.wait_for_url("**/tickets/*")

    taken = Ticket.objects.exclude(pk=open_one.pk).get()
    assert page.url.endswith(taken.number)
    assert taken.category == "network.broadband.slow"


def test_what_is_typed_while_the_questions_are_being_fetched_stays(opened: Opened) -> None:
    page, held = opened(), []
    page.select_option("[name=about_1]", "network")
    page.select_option("[name=about_2]", "network.broadband")
    page.locator("[name=asked_service_address]").wait_for()
    page.route("**/intake/new/about", lambda route: held.append(route))  # noqa: PLW0108 -- Playwright marks the function

    with page.expect_request("**/intake/new/about"):
        page.select_option("[name=about_3]", "network.broadband.slow")
    page.fill("[name=asked_service_address]", "某市某区某路 1 号")
    [late] = held
    with page.expect_response("**/intake/new/about"):
        late.continue_()

    expect(page.locator("[name=about_3]")).to_have_value("network.broadband.slow")
    expect(page.locator("[name=asked_service_address]")).to_have_value("某市某区某路 1 号")


def test_a_category_step_by_step(opened: Opened) -> None:
    page = opened()

    page.select_option("[name=about_1]", "network")
    page.select_option("[name=about_2]", "network.coverage")
    page.select_option("[name=about_3]", "network.coverage.weak")

    expect(page.locator("[name=category]")).to_have_value("network.coverage.weak")
    expect(page.locator("[name=asked_signal_bars]")).to_be_visible()


def test_enter_in_the_search_for_a_category_does_not_send_the_form(opened: Opened) -> None:
    page = opened()

    page.fill("#words", "refund")
    page.press("#words", "Enter")

    expect(page.locator("#found button").first).to_be_visible()
    assert page.url.endswith("/intake/new")
    expect(page.locator(".field-wrong")).to_have_count(0)


def test_what_was_typed_survives_a_crash_with_its_category_and_answers(opened: Opened) -> None:
    page = opened()
    page.fill("#id_text", "晚上测速很慢")
    page.select_option("[name=about_1]", "network")
    page.select_option("[name=about_2]", "network.broadband")
    page.fill("[name=asked_lights]", "红灯闪烁")
    key = page.input_value("[name=key]")
    page.evaluate(KEPT)

    page.reload()

    expect(page.locator("[name=asked_lights]")).to_have_value("红灯闪烁")
    expect(page.locator("#id_text")).to_have_value("晚上测速很慢")
    expect(page.locator("[name=about_2]")).to_have_value("network.broadband")
    assert page.input_value("[name=key]") == key


def test_an_answer_given_in_the_moment_before_the_questions_come_anew_stays(opened: Opened) -> None:
    """Because a quick agent answers the first question while the rest are still on their way."""
    page = opened()
    for name, code in (("about_1", "network"), ("about_2", "network.coverage"), ("about_3", "network.coverage.weak")):
        page.locator(f"[name='{name}']").select_option(code)
        page.wait_for_load_state("networkidle")
    expect(page.locator("[name='asked_place']")).to_be_visible()

    with page.expect_response("**/intake/new/about"):
        page.evaluate("""() => {
            const answer = document.querySelector("[name='asked_place']");
            answer.value = "某路 1 号";
            answer.dispatchEvent(new Event("input", {bubbles: true}));
            document.querySelector("[name='about_3']").dispatchEvent(new Event("change", {bubbles: true}));
        }""")
    page.wait_for_load_state("networkidle")

    expect(page.locator("[name='asked_place']")).to_have_value("某路 1 号")


def test_old_drafts_go_with_the_next_page_of_any_kind(opened: Opened, live_server: object) -> None:
    """Because they hold names and numbers of callers, and whoever's session ended may never come back to the form."""
    page = opened()
    page.evaluate(
        "() => { const hours = (n) => JSON.stringify({ at: Date.now() - n * 3600000, values: {} });"
        "localStorage.setItem('draft:1:intake', hours(13)); localStorage.setItem('draft:1:macro', hours(11));"
        "localStorage.setItem('draft:2:intake', 'broken'); localStorage.setItem('theme', 'dark'); }"
    )
    page.context.clear_cookies()

    page.goto(f"{live_server}/accounts/login/")

    page.wait_for_function("!localStorage.getItem('draft:1:intake')")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))") == ["draft:1:macro"]
    assert page.evaluate("localStorage.getItem('theme')") == "dark"


def test_a_draft_brings_back_everything_beside_the_form_and_answers_that_come_late(opened: Opened, cast: Cast) -> None:
    open_one = take_in(cast, phone=PHONE, text="小区宽带晚上测速很慢，不到签约带宽一半", received_at=now())
    page, held = opened(), []
    page.fill("#id_phone", PHONE)
    page.fill("#id_text", "宽带晚上测速很慢，不到签约带宽的三分之一")
    page.select_option("[name=about_1]", "network")
    page.select_option("[name=about_2]", "network.broadband")
    page.select_option("[name=asked_when_it_happens]", "unknown")
    page.click("form[data-draft=intake] details summary")
    page.fill("[name=informant_name]", "某营业员")
    page.fill("[name=asked_lights]", "红灯闪烁")
    page.evaluate(KEPT)
    page.route("**/intake/new/about", lambda route: held.append(route))  # noqa: PLW0108 -- Playwright marks the function

    with page.expect_request("**/intake/new/about"):
        page.reload()
    page.fill("[name=requested]", "请尽快修好")  # before the questions are there again
    page.evaluate(KEPT.replace("红灯闪烁", "请尽快修好"))
    for late in held:
        late.continue_()

    expect(page.locator("[name=asked_lights]")).to_have_value("红灯闪烁")
    expect(page.locator("[name=asked_when_it_happens]")).to_have_value("unknown")
    expect(page.locator("[name=informant_name]")).to_be_visible()
    expect(page.locator("#caller")).to_contain_text(open_one.number)
    expect(page.locator("#similar")).to_contain_text(open_one.number)


def test_a_form_that_comes_back_with_what_is_wrong_knows_its_caller_and_the_same_matter(
    opened: Opened, cast: Cast
) -> None:
    open_one = take_in(cast, phone=PHONE, text="小区宽带晚上测速很慢，不到签约带宽一半", received_at=now())
    page = opened()
    page.fill("#id_phone", PHONE)
    page.fill("#id_text", "宽带晚上测速很慢，不到签约带宽的三分之一")

    page.click("form[data-draft=intake] button.btn-primary")

    expect(page.locator(".field-wrong").first).to_be_visible()
    expect(page.locator("#caller")).to_contain_text(open_one.number)
    expect(page.locator("#similar")).to_contain_text(open_one.number)


def test_the_same_matter_appears_while_typing(opened: Opened, cast: Cast) -> None:
    neighbour = take_in(cast, phone="19900008888", text="小区宽带晚上测速很慢，不到签约带宽一半", received_at=now())
    page = opened()

    page.locator("#id_text").press_sequentially("宽带晚上测速很慢，不到签约带宽的三分之一")

    expect(page.locator("#similar")).to_contain_text(neighbour.number)


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_the_form_is_accessible(opened: Opened, language: str, theme: str) -> None:
    page = opened(language=language, color_scheme=theme)
    page.select_option("[name=about_1]", "network")
    page.select_option("[name=about_2]", "network.coverage")
    expect(page.locator("[name=asked_signal_bars]")).to_be_visible()
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)  # colours have come to rest

    assert flaws(page) == []


def test_the_form_fits_a_small_phone(opened: Opened) -> None:
    page = opened(width=360)

    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
