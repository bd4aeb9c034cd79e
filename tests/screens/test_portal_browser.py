"""The public pages in a real browser, as customers have them: a small phone, no scripts, only a keyboard."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from shouwen.handling.owners import forget_loads
from shouwen.portal.door import _KEY
from shouwen.surveys.actions import send_survey
from shouwen.tickets.models import Ticket, TicketEvent
from tests.cast import Cast
from tests.files import photo
from tests.screens.axe import fits, flaws
from tests.screens.portal import PHONE, texted_code
from tests.screens.test_portal_ticket import told_now

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, live_server: object, cast: Cast) -> Iterator[Opened]:
    """Opens the portal in a browser of its own; whatever the browser complains about fails the test."""
    forget_loads()
    base, complaints = str(live_server), []
    with contextlib.ExitStack() as contexts:

        def open_page(address: str = "", *, language: str = "zh-hans", width: int = 360, **options: object) -> Page:
            context = browser.new_context(viewport={"width": width, "height": 740}, base_url=base, **options)  # type: ignore[arg-type]
            contexts.callback(context.close)
            context.add_cookies([{"name": "django_language", "value": language, "url": base}])
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda line: complaints.append(line.text) if "Security Policy" in line.text else None)
            page.goto(f"/portal/{address}")
            return page

        yield open_page
    assert complaints == []


def pick(page: Page, *words: str) -> None:
    """Choose what it is about, level by level."""
    for word in words:
        page.locator(".branches button", has_text=word).first.click()
        expect(page.locator(".chosen button", has_text=word).first).to_be_visible()


def fill_in_and_send(page: Page) -> str:
    """A complaint from the first page to its number, in Chinese; returns the number."""
    pick(page, "资费争议", "退费", "应退未退")
    page.get_by_label("账期").fill("2026-02")
    page.get_by_label("争议金额").fill("30")
    page.get_by_label("发生了什么").fill("退费一直没有到账。")
    page.get_by_label("您在哪里使用业务").select_option("3401")
    page.get_by_label("电话号码").fill(PHONE)
    page.locator("button:visible", has_text="提交投诉").last.click()
    return page.locator(".number-text").inner_text()


@pytest.mark.clause("H2.1.1", "S1.1b", "S2.1a")
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_customer_with_a_small_phone_complains_follows_and_adds(opened, scripts):
    page = opened("submit", java_script_enabled=scripts)
    number = fill_in_and_send(page)
    assert Ticket.objects.get().number == number

    page.locator("main a.btn", has_text="查询进度").click()
    assert page.get_by_label("工单编号").first.input_value() == number
    page.get_by_label("手机号").or_(page.get_by_label("电话号码")).first.fill(PHONE)
    page.get_by_role("button", name="发送验证码").click()
    page.get_by_label("短信验证码").fill(texted_code())
    page.get_by_role("button", name="查看我的投诉").click()
    expect(page.locator(".stages .step")).to_have_count(6)
    page.locator("details.sheet > summary", has_text="补充内容").click()
    page.get_by_label("您要补充什么").fill("补充：银行卡已换。")
    page.get_by_role("button", name="补充", exact=True).click()

    expect(page.locator(".history")).to_contain_text("您补充了内容")
    assert TicketEvent.objects.filter(what="customer_added").count() == 1


def test_the_chosen_category_can_be_taken_back_and_what_was_typed_stays(opened):
    page = opened("submit")
    page.get_by_label("发生了什么").fill("先写内容再选类别")
    pick(page, "网络质量", "信号覆盖")
    page.get_by_label("发生地点").fill("某区某路")
    page.locator(".chosen button", has_text="信号覆盖").click()
    pick(page, "语音通话")

    assert page.get_by_label("发生了什么").input_value() == "先写内容再选类别"
    assert page.get_by_label("发生地点").input_value() == "某区某路"
    assert page.url.endswith("/portal/submit?category=network.voice")  # and nothing of what was typed


def test_enter_in_a_field_sends_the_form_and_chooses_nothing(opened):
    page = opened("submit")
    page.get_by_label("电话号码").press("Enter")

    expect(page.locator(".refusal")).to_be_visible()
    expect(page.locator(".chosen")).to_have_count(0)


def test_after_a_choice_the_keyboard_goes_on_where_the_next_question_is(opened):
    page = opened("submit")
    page.locator(".branches button", has_text="网络质量").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#about-label")).to_be_focused()
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('.branches') !== null")


@pytest.fixture
def told(cast: Cast) -> Ticket:
    return told_now(cast)


def enter(page: Page, ticket: Ticket) -> None:
    page.goto(f"/portal/track?number={ticket.number}")
    page.locator("#id_phone").fill(PHONE)
    page.locator("main form .btn-primary").click()
    page.locator("#id_code").fill(texted_code())
    page.locator("main form .btn-primary").click()
    expect(page.locator(".stages")).to_be_visible()


def test_what_was_typed_comes_back_when_the_door_had_shut_meanwhile(opened, told):
    from django.contrib.sessions.models import Session

    page = opened()
    enter(page, told)
    page.locator("details.sheet > summary", has_text="不满意").click()
    page.locator("#reopen_reason").fill("还是没有信号，请再处理")
    session = Session.objects.get()
    store = session.get_session_store_class()(session.session_key)
    store[_KEY] = store[_KEY] | {"until": "2000-01-01T00:00:00+00:00"}
    store.save()
    page.get_by_role("button", name="不满意，重新处理").click()
    expect(page.locator("#id_phone")).to_be_visible()

    enter(page, told)

    assert page.locator("#reopen_reason").input_value() == "还是没有信号，请再处理"


@pytest.mark.parametrize("type_", ["ordinary", "large"])
@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_every_public_page_is_accessible_and_fits_a_small_phone(opened, cast, told, settings, language, theme, type_):
    settings.SHOUWEN_HOTLINE = "400-000-0000"
    survey = send_survey(told.pk, by=cast.actor("agent"), at=timezone.now()).rpartition("/portal/")[2]
    page = opened(language=language, color_scheme=theme)
    if type_ == "large":
        page.locator(".bar-care").click()
    found = []

    def look(name: str) -> None:
        found.extend((name, flaw) for flaw in flaws(page))
        if not fits(page):
            found.append((name, "wider than the screen"))

    look("home")
    page.goto("/portal/submit")
    page.locator("button[value=network]").click()
    page.locator("button[value='network.mobile_data']").click()
    page.locator("[name=asked_roaming]").first.wait_for()
    look("submit")
    page.locator("main form > .btn-primary").click()
    look("submit, with errors")
    page.goto(f"/portal/{survey}")
    look("survey")
    for said in ("", "none.lit", "none.lit.red", "none.lit.normal.done", "none.lit.normal.done.works"):
        page.goto(f"/portal/guides/broadband?said={said}")
        look(f"guide {said}")
    page.goto("/portal/track")
    page.locator("details.other-way > summary").click()
    look("track")
    enter(page, told)
    look("ticket")
    assert found == [], found


@pytest.mark.parametrize("width", [360, 320], ids=["a small phone", "1280 pixels at 400 %"])
def test_large_type_still_fits(opened, told, width):
    page = opened(width=width)
    page.locator(".bar-care").click()
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "24px"

    for address in ("/portal/", "/portal/submit", "/portal/track", "/portal/guides/broadband?said=none.lit"):
        page.goto(address)
        assert fits(page), address
    enter(page, told)
    assert fits(page)


@pytest.mark.clause("S2.1b")
def test_a_wait_counts_beside_the_page_and_is_told_when_it_is_over(opened):
    page = opened("guides/broadband?said=none.lit.normal.done")
    expect(page.locator(".wait-left")).to_have_text(re.compile(r"^[23]:\d\d$"))
    page.evaluate("sessionStorage.setItem(`wait:${location.pathname}${location.search}`, String(Date.now() - 180000))")
    page.reload()

    expect(page.locator(".wait-said")).to_have_text("时间到了。")


@pytest.mark.clause("S2.1b")
def test_a_fault_is_followed_to_its_complaint_without_scripts_and_the_way_back_stays_open(opened):
    page = opened("guides/broadband", java_script_enabled=False)
    for words in ("完全上不了网", "亮着", "LOS 灯亮红色", "还是红的", "插上了"):
        page.locator(".answer", has_text=words).first.click()
    page.go_back()
    expect(page.locator("h1")).to_have_text("重新插上电源了吗？")
    for words in ("插上了", "还是不行", "LOS 灯亮红色"):
        page.locator(".answer", has_text=words).first.click()

    expect(page.locator(".tried")).to_contain_text("您已做过的排查")
    assert page.get_by_label("光猫指示灯状态").input_value() == "重启后：电源灯亮，LOS 灯红色"


def test_in_another_language_the_page_asks_the_same_and_what_was_typed_is_there(opened):
    page = opened("submit")
    pick(page, "网络质量", "家庭宽带")
    page.get_by_label("发生了什么").fill("宽带断了")
    page.get_by_label("装机地址").fill("某区某路")
    page.wait_for_timeout(600)  # drafts are kept a moment after the last key
    page.locator("button[lang=en]").click()

    expect(page.get_by_label("Service address")).to_have_value("某区某路")
    expect(page.get_by_label("What happened?")).to_have_value("宽带断了")


def test_what_was_chosen_comes_back_with_its_question(opened):
    page = opened("submit")
    pick(page, "网络质量", "手机上网")
    page.locator("[name=asked_in_arrears][value=unknown]").check()
    page.get_by_label("发生了什么").fill("上不了网")
    page.evaluate(
        "new Promise((kept) => { const look = () => JSON.stringify(sessionStorage).includes('上不了网') ? kept()"
        " : setTimeout(look, 20); look() })"
    )
    page.goto(page.url.partition("?")[0])
    expect(page.get_by_label("发生了什么")).to_have_value("上不了网")

    pick(page, "网络质量", "手机上网")

    expect(page.locator("[name=asked_in_arrears][value=unknown]")).to_be_checked()


@pytest.mark.clause("H5.3.3")
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_photo_follows_the_complaint_at_once(opened, scripts):
    page = opened("submit", java_script_enabled=scripts)
    fill_in_and_send(page)
    photo_taken = {"name": "光猫.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    page.locator(".files-form input[multiple]").set_input_files(photo_taken)
    if not scripts:
        page.get_by_role("button", name="发送文件").click()

    expect(page.locator(".file-name")).to_have_text("光猫.jpg")
    assert fits(page)
