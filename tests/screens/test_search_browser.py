"""Search, the palette and the box on top of a page in a browser: typing, Chinese input, the keyboard, a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shouwen.handbook.moves import Move
from tests.cast import Cast
from tests.screens.axe import fits, flaws
from tests.screens.desk import address, taken_in
from tests.screens.test_desk_browser import Opened, opened

__all__ = ["opened"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
COMPOSES = """(box, [text, ended]) => {
    box.dispatchEvent(new CompositionEvent("compositionstart", {bubbles: true}));
    box.value = text;
    box.dispatchEvent(new InputEvent("input", {bubbles: true, isComposing: true}));
    if (ended) box.dispatchEvent(new CompositionEvent("compositionend", {bubbles: true}));
}"""

TYPED = """(box, text) => new Promise((rests) => {
    box.addEventListener("typed", () => rests(), {once: true});
    box.value = text;
    box.dispatchEvent(new InputEvent("input", {bubbles: true}));
})"""


def test_the_list_follows_the_typing_and_the_address_says_nothing(opened: Opened, cast: Cast) -> None:
    ticket = taken_in(cast, text="光猫红灯一直闪", phone="19900001234")
    taken_in(cast, text="话费多扣", phone="19900005678")
    page = opened(cast.agent, "/search")

    page.locator("#look-for").press_sequentially("红灯")
    expect(page.locator(".found li")).to_have_count(1)
    expect(page.locator(".found mark").first).to_have_text("红灯")
    expect(page.locator("#found-status")).to_contain_text("say all of these words")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".found-title")).to_be_focused()
    page.fill("#look-for", "19900001234")
    expect(page.locator(".chip")).to_contain_text("199****1234")
    expect(page.locator(".found-title")).to_have_attribute("href", address(ticket))

    assert "19900001234" not in page.url
    page.reload()
    expect(page.locator(".found-title")).to_have_attribute("href", address(ticket))
    expect(page.locator(".chip")).to_contain_text("199****1234")


def test_typing_on_while_an_answer_is_on_its_way_asks_once_more_for_the_last_words(opened: Opened, cast: Cast) -> None:
    taken_in(cast, text="光猫红灯一直闪", phone="19900001234")
    fee = taken_in(cast, text="话费多扣", phone="19900005678")
    page, asked, held = opened(cast.agent, "/search"), [], []
    page.on("request", lambda request: asked.append(request.post_data or "") if request.method == "POST" else None)
    page.route("**/search", lambda route: route.continue_() if held else held.append(route))

    with page.expect_request("**/search"):
        page.fill("#look-for", "红灯")
    for words in ("话", "话费"):
        page.locator("#look-for").evaluate(TYPED, words)
    held[0].continue_()

    expect(page.locator(".found-title")).to_have_attribute("href", address(fee))
    assert len([one for one in asked if "q=" in one]) == 2


def test_filters_narrow_the_list_without_a_reload(opened: Opened, cast: Cast) -> None:
    taken_in(cast, text="光猫红灯")
    taken_in(cast, text="光猫红灯", ticket_type="fault", phone="19900005678")
    page = opened(cast.agent, "/search")
    page.fill("#look-for", "红灯")
    expect(page.locator(".found li")).to_have_count(2)

    page.locator(".look-filter summary").first.click()
    page.locator("input[name=ticket_type][value=fault]").check()
    expect(page.locator(".found li")).to_have_count(1)
    page.go_back() if "search" not in page.url else page.reload()
    expect(page.locator(".found li")).to_have_count(1)
    page.locator(".found-chips .chip").first.click()
    expect(page.locator(".found li")).to_have_count(2)


def test_nothing_is_asked_in_the_middle_of_a_chinese_word(opened: Opened, cast: Cast) -> None:
    taken_in(cast, text="光猫红灯")
    page, asked = opened(cast.agent, "/search"), []
    page.on("request", lambda request: asked.append(request.post_data) if request.method == "POST" else None)
    box = page.locator("#look-for")
    box.focus()
    box.evaluate(COMPOSES, ["hong'd", False])
    page.wait_for_timeout(400)
    assert asked == []

    box.evaluate(COMPOSES, ["红灯", True])
    expect(page.locator(".found li")).to_have_count(1)
    assert len(asked) == 1


def test_what_was_looked_for_and_opened_is_offered_again_and_no_number(opened: Opened, cast: Cast) -> None:
    ticket = taken_in(cast, text="光猫红灯", phone="19900001234")
    page = opened(cast.agent, "/search")
    for words in ("红灯", "19900001234"):
        page.fill("#look-for", words)
        expect(page.locator(".found li")).to_have_count(1)
        page.locator(".found-title").click()
        page.wait_for_url(f"**{address(ticket)}")
        page.goto("/search")

    expect(page.locator("[data-search-again]")).to_have_text(["红灯"])
    assert "19900001234" not in str(page.evaluate("Object.entries(localStorage)"))
    page.locator("[data-search-again]").click()
    expect(page.locator(".found li")).to_have_count(1)


def test_the_palette_is_worked_by_the_keyboard_alone(opened: Opened, cast: Cast) -> None:
    ticket = taken_in(cast, text="光猫红灯")
    page = opened(cast.agent, address(ticket))
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_have_attribute("aria-selected", "true")
    expect(page.locator("#palette .palette-name").first).to_have_text("光猫红灯")

    page.keyboard.press("Tab")
    marked = page.locator("#palette [aria-selected=true]")
    expect(marked).to_have_attribute("id", "palette-moves-1")
    page.keyboard.press("ArrowDown")
    expect(marked).to_have_attribute("id", "palette-moves-2")
    page.keyboard.press("Shift+Tab")
    expect(marked).to_have_attribute("id", "palette-tickets-1")
    assert page.evaluate("document.activeElement.getAttribute('aria-activedescendant')") == "palette-tickets-1"

    page.keyboard.type("note")
    expect(marked).to_have_attribute("href", address(ticket, Move.NOTE))
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open] [name=text]")).to_be_visible()
    expect(page.locator("#palette")).to_be_hidden()


def test_the_palette_opens_over_nothing_that_waits_and_gives_the_focus_back(opened: Opened, cast: Cast) -> None:
    page = opened(cast.agent, address(taken_in(cast)))
    page.locator(".moves a[href$='/note']").first.focus()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    assert page.evaluate("document.activeElement.getAttribute('href')").endswith("/note")

    page.locator(".moves a[href$='/note']").first.click()
    expect(page.locator("dialog[open]")).to_have_count(1)
    page.keyboard.press("Control+k")
    page.wait_for_timeout(400)  # time to do the wrong thing
    expect(page.locator("#palette")).to_be_hidden()


def test_enter_in_the_middle_of_a_chinese_word_goes_nowhere(opened: Opened, cast: Cast) -> None:
    taken_in(cast, text="光猫红灯")
    page = opened(cast.agent, "/notices")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    box = page.locator("#palette [role=combobox]")
    enter = "{key: 'Enter', isComposing: true, bubbles: true, cancelable: true}"
    box.evaluate(f"box => box.dispatchEvent(new KeyboardEvent('keydown', {enter}))")
    page.wait_for_timeout(400)  # time to do the wrong thing

    expect(page.locator("#palette")).to_be_visible()
    assert page.url.endswith("/notices")


def test_the_box_on_top_of_a_page_answers_while_somebody_types(opened: Opened, cast: Cast) -> None:
    red, other = taken_in(cast, text="光猫红灯"), taken_in(cast, text="红灯一直闪", phone="19900005678")
    page = opened(cast.agent, address(other))
    box, marked = page.locator("#quick"), page.locator("#quick-found [aria-selected=true]")
    before = page.locator("#main").bounding_box()
    page.keyboard.press("/")
    box.press_sequentially("光猫红灯")
    expect(page.locator("#quick-tickets-1")).to_contain_text("光猫红灯")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(marked).to_have_count(0)
    assert page.locator("#main").bounding_box() == before  # nothing moves under the pointer

    page.keyboard.press("ArrowUp")
    expect(marked).to_have_attribute("id", "quick-search-1")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "quick-tickets-1")
    expect(box).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address(red)}")


def test_with_no_line_marked_enter_looks_through_all_tickets(opened: Opened, cast: Cast) -> None:
    taken_in(cast, text="光猫红灯")
    page = opened(cast.agent, "/notices")
    page.locator("#quick").press_sequentially("红灯")
    expect(page.locator("#quick-tickets-1")).to_be_visible()
    page.keyboard.press("Enter")

    page.wait_for_url("**/search?**")
    expect(page.locator(".found li")).to_have_count(1)


def test_escape_closes_the_lines_and_keeps_the_words_and_nothing_comes_after_it(opened: Opened, cast: Cast) -> None:
    taken_in(cast, text="光猫红灯")
    page, held = opened(cast.agent, "/notices"), []
    box, found = page.locator("#quick"), page.locator("#quick-found")
    box.press_sequentially("红灯")
    expect(found).to_be_visible()
    page.keyboard.press("Escape")
    expect(found).to_be_hidden()
    expect(box).to_have_value("红灯")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    expect(found).to_be_visible()

    page.route("**/palette", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/palette"):
        box.press_sequentially("一")
    page.keyboard.press("Escape")
    page.evaluate("document.addEventListener('htmx:afterRequest', () => document.body.dataset.answered = '')")
    held[0].continue_()
    expect(page.locator("body[data-answered]")).to_be_attached()
    expect(found).to_be_hidden()


def test_the_lines_go_when_somebody_goes_on_and_a_click_on_one_of_them_leads(opened: Opened, cast: Cast) -> None:
    ticket = taken_in(cast, text="光猫红灯")
    page = opened(cast.agent, "/notices")
    box, found = page.locator("#quick"), page.locator("#quick-found")
    box.press_sequentially("红灯")
    expect(found).to_be_visible()
    page.keyboard.press("Tab")
    expect(found).to_be_hidden()
    box.fill("")
    expect(found).to_be_hidden()
    box.press_sequentially("红灯")
    page.locator("#quick-tickets-1").click()

    page.wait_for_url(f"**{address(ticket)}")


def test_what_nobody_knows_is_said_so_below_the_box(opened: Opened, cast: Cast) -> None:
    page = opened(cast.agent, "/notices")
    page.locator("#quick").press_sequentially("没有这样的")

    expect(page.locator("#quick-found")).to_contain_text("Nothing goes by these words")
    page.locator("#quick-search-1").click()
    page.wait_for_url("**/search?**")


def test_the_box_on_top_waits_for_a_whole_chinese_word_too(opened: Opened, cast: Cast) -> None:
    taken_in(cast, text="光猫红灯")
    page, asked = opened(cast.agent, "/notices"), []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/palette") else None)
    box = page.locator("#quick")
    box.focus()
    page.clock.install()
    box.evaluate(COMPOSES, ["hong'd", False])
    page.clock.run_for(1000)  # longer than typing has to rest
    assert asked == []

    box.evaluate(COMPOSES, ["红灯", True])
    expect(page.locator("#quick-tickets-1")).to_be_visible()
    for key in ("ArrowDown", "Enter", "Escape"):
        composing = f"{{key: '{key}', isComposing: true, bubbles: true, cancelable: true}}"
        box.evaluate(f"box => box.dispatchEvent(new KeyboardEvent('keydown', {composing}))")
    expect(page.locator("#quick-found")).to_be_visible()
    expect(page.locator("#quick-found [aria-selected=true]")).to_have_count(0)
    assert len(asked) == 1


@pytest.mark.parametrize(("language", "theme", "width"), [("zh-hans", "light", 1366), ("en", "dark", 360)])
def test_the_box_on_top_is_accessible_and_its_lines_fit(
    opened: Opened, cast: Cast, language: str, theme: str, width: int
) -> None:
    page = opened(cast.agent, address(taken_in(cast, text="光猫红灯" * 30)), language=language, width=width)
    page.evaluate(f"document.documentElement.dataset.bsTheme = '{theme}'")
    page.locator("#quick").fill("红灯")
    expect(page.locator("#quick-tickets-1")).to_be_visible()
    page.keyboard.press("ArrowDown")

    assert flaws(page) == []
    assert fits(page)
    lines = page.locator("#quick-found").bounding_box()
    assert lines is not None
    assert lines["x"] >= 0
    assert lines["x"] + lines["width"] <= width


@pytest.mark.parametrize(("language", "theme", "width"), [("zh-hans", "light", 1366), ("en", "dark", 360)])
def test_search_and_palette_are_accessible_and_fit(
    opened: Opened, cast: Cast, language: str, theme: str, width: int
) -> None:
    taken_in(cast, text="光猫红灯" * 30, name="欧阳小红")
    page = opened(cast.agent, "/search?q=红灯&state=open", language=language, width=width)
    page.evaluate(f"document.documentElement.dataset.bsTheme = '{theme}'")
    expect(page.locator(".found li")).to_have_count(1)
    assert flaws(page) == []
    assert fits(page)
    page.locator(".look-box a").click()
    expect(page.locator("dialog[open] .help-list")).to_be_visible()
    assert flaws(page) == []
    assert fits(page)
    page.keyboard.press("Escape")

    page.locator("[data-palette]").click()
    page.locator("#palette [role=combobox]").fill("红灯")
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    assert flaws(page) == []
    assert fits(page)
