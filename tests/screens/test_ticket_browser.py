"""The page of a ticket in a real browser: blanks, tabs, the list beside it, keys, undo."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from shouwen.handbook.history import What
from shouwen.handbook.moves import Move
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of
from tests.cast import Cast
from tests.screens.desk import Desk, address, ahead, brought_to, taken_in
from tests.screens.test_asking import told
from tests.screens.test_desk_browser import Opened, begin, opened

__all__ = ["opened"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_list_one_came_from_is_walked_beside_the_ticket(opened: Opened, cast: Cast) -> None:
    first, second = taken_in(cast, title="第一件"), taken_in(cast, title="第二件")
    page = opened(cast.agent, "/queues/my_first_ownership")
    page.locator("a[data-row]").first.click()
    beside = page.locator("[data-beside] a[data-row]")
    expect(beside).to_have_count(2)
    expect(page.locator("[data-beside] .queue-due")).to_contain_text(["due", "due"])
    here = page.locator("#ticket").get_attribute("data-number")
    expect(page.locator("[data-beside] [aria-current]")).to_contain_text(here)

    page.keyboard.press("j")

    other = second if here == first.number else first
    expect(page.locator(f"#ticket[data-number='{other.number}']")).to_be_visible()
    expect(page.locator("[data-beside] [aria-current]")).to_contain_text(other.number)
    assert page.url.endswith(address(other))
    expect(page.locator("[data-present]")).to_have_attribute("data-number", other.number)
    page.reload()
    expect(page.locator("[data-beside] a[data-row]")).to_have_count(2)


# The classes of whatever has changed its place since the first paint.
MOVED = """() => new Promise((told) => {
    const moved = (shift) => shift.sources.map((one) => one.node?.className ?? "");
    const classes = (list) => list.getEntries().flatMap(moved);
    new PerformanceObserver((list) => told(classes(list))).observe({type: "layout-shift", buffered: true});
    setTimeout(() => told([]), 500);
})"""


def test_nothing_moves_under_a_finger_when_the_list_and_a_colleague_come(opened: Opened, cast: Cast) -> None:
    """Press and release have to meet the same button, or the click is lost; both come a moment after the page."""
    ticket, held = taken_in(cast), []
    Desk(cast.supervisor).post("/presence", {"number": ticket.number})
    page = opened(cast.agent, "/queues/my_first_ownership")

    def hold(request: Route) -> None:
        held.append(request)

    page.route("**/presence", hold)
    page.route("**/queues/my_first_ownership", hold)
    page.goto(address(ticket))
    button, beside = page.locator(".moves a[href$='/note']").first, page.locator("[data-beside] a[data-row]")
    expect(beside).to_have_count(0)
    where = button.bounding_box()
    page.wait_for_function("performance.getEntriesByType('navigation')[0].loadEventEnd > 0")

    for request in held:
        request.continue_()

    expect(beside).to_have_count(1)
    expect(page.locator("[data-present]")).to_be_visible()
    assert button.bounding_box() == where
    assert not [moved for moved in page.evaluate(MOVED) if "workbench-main" in moved]


def test_a_list_of_calls_read_in_between_does_not_take_the_place_of_the_tickets(opened: Opened, cast: Cast) -> None:
    """Because a list of two calls was headed so and said to hold no ticket."""
    told(cast)
    page = opened(cast.agent, "/queues/my_first_ownership")
    expect(page.locator("#main a[data-row]")).to_have_count(1)
    page.goto("/callbacks?whose=all&when=later")
    expect(page.locator("#main [data-row]")).to_have_count(1)

    page.goto(address(taken_in(cast)))

    expect(page.locator("[data-beside] a[data-row]")).to_have_count(2)
    expect(page.locator("[data-beside-none]")).to_be_hidden()


def test_a_list_that_has_become_empty_says_so_beside_the_ticket(opened: Opened, cast: Cast) -> None:
    page = opened(cast.agent, "/queues/my_first_ownership?category=billing")
    page.goto(address(taken_in(cast)))
    expect(page.locator("[data-beside]")).to_contain_text("No ticket is in this list now")


def test_on_a_phone_what_was_said_comes_before_clocks_and_files_and_tabs_are_under_the_thumb(
    opened: Opened, cast: Cast
) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE, text="家里信号很弱，" * 40)
    page = opened(cast.handler, address(ticket), width=360)
    places = [".ticket-moves", "[data-place=said]", "[data-place=history]", "[data-place=clocks]", "[data-place=files]"]
    tops = [page.locator(place).bounding_box()["y"] for place in places]
    assert tops == sorted(tops)
    tabs = page.locator("[role=tablist]")
    page.locator("[data-place=history]").scroll_into_view_if_needed()
    assert tabs.bounding_box()["y"] > page.viewport_size["height"] * 0.8

    page.get_by_role("tab").nth(1).click()

    expect(page.locator("[data-place=customer]")).to_be_in_viewport()


def offered(page: Page) -> set[str]:
    """Where the buttons of a ticket lead, those in the menu too."""
    page.locator(".moves-more summary").click()
    leading: list[str] = page.eval_on_selector_all(
        ".moves a", "links => links.filter((one) => one.checkVisibility()).map((one) => one.pathname)"
    )
    page.keyboard.press("Escape")
    return set(leading)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_on_a_phone_two_moves_lead_and_everything_else_is_in_the_menu(
    opened: Opened, cast: Cast, language: str
) -> None:
    """Because six rows of buttons stood before the first word the customer had said."""
    where = address(brought_to(cast, Move.INVESTIGATE))
    pc, phone = (opened(cast.handler, where, language=language, width=width) for width in (1366, 360))

    assert phone.locator(".moves > :visible").count() == 3
    assert phone.locator(".moves").bounding_box()["height"] < 2 * 48
    assert offered(phone) == offered(pc)
    phone.locator(".moves-more summary").click()
    expect(phone.locator(".moves-more .menu-body")).to_be_in_viewport(ratio=0.99)
    phone.keyboard.press("Escape")
    for key, noun in (("n", "note"), ("m", "macros"), ("p", "proposal")):  # in the closed menu, and beside it
        phone.keyboard.press(key)
        expect(phone.locator(f"dialog[open] form[action$='/{noun}']")).to_be_visible()
        phone.keyboard.press("Escape")
        expect(phone.locator("dialog[open]")).to_have_count(0)


def test_tabs_are_opened_by_keys_and_the_last_one_is_remembered(opened: Opened, cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    page = opened(cast.agent, address(ticket))
    page.locator("[data-tab=clocks]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-place=customer]")).to_be_visible()
    expect(page.locator("[data-place=clocks]")).to_be_hidden()

    page.reload()

    expect(page.locator("[data-place=customer]")).to_be_visible()
    begin(page, "note")
    page.fill("dialog [name=text]", "看过")
    page.click("dialog button.btn-primary")
    expect(page.locator(".happening-text").first).to_have_text("看过")
    expect(page.locator("[data-place=customer]")).to_be_visible()


def test_the_history_is_narrowed_to_what_went_to_the_customer(opened: Opened, cast: Cast) -> None:
    page = opened(cast.agent, address(taken_in(cast)))
    begin(page, "note")
    page.fill("dialog [name=text]", "只在内部")
    page.click("dialog button.btn-primary")
    expect(page.get_by_text("只在内部")).to_be_visible()
    page.locator("[data-show=customer]").click()
    expect(page.get_by_text("只在内部")).to_be_hidden()
    page.locator("[data-show=clocks]").click()
    expect(page.locator(".history-none")).to_be_visible()
    page.locator("[data-show=internal]").click()
    expect(page.get_by_text("只在内部")).to_be_visible()


def test_c_closes_and_the_sheet_of_keys_says_so(opened: Opened, cast: Cast) -> None:
    """On the page of a ticket C is its own, though the frame has one to take in a call."""
    page = opened(cast.supervisor, address(brought_to(cast, Move.FOLLOW_UP)))
    page.keyboard.press("?")
    expect(page.locator("#keys [data-keys-of=page]")).to_contain_text("Close")
    expect(page.locator("#keys [data-keys-of=frame]")).not_to_contain_text("Take in")
    page.keyboard.press("Escape")
    page.keyboard.press("e")  # in the closed menu, and reached all the same
    expect(page.locator("dialog[open] h2")).to_contain_text("Report upward")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page.locator("dialog[open] h2")).to_contain_text("Close")


def test_where_c_closes_it_never_leads_away_to_take_in_a_call(opened: Opened, cast: Cast) -> None:
    """On the page of a ticket that cannot be closed yet it does nothing."""
    page = opened(cast.supervisor, address(taken_in(cast)))
    page.keyboard.press("c")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#keys [data-keys-of=frame]")).not_to_contain_text("Take in")
    assert page.url.endswith(address(Ticket.objects.get()))


def test_a_key_right_after_a_dialog_was_closed_is_not_taken_for_typing(opened: Opened, cast: Cast) -> None:
    """The field in it keeps the focus until the browser has painted again."""
    page = opened(cast.supervisor, address(brought_to(cast, Move.FOLLOW_UP)))
    page.keyboard.press("e")
    expect(page.locator("dialog[open] select").first).to_be_focused()

    page.evaluate("""() => {
        const field = document.activeElement;
        field.closest("dialog").close();
        field.dispatchEvent(new KeyboardEvent("keydown", {key: "c", bubbles: true}));
    }""")

    expect(page.locator("dialog[open] h2")).to_contain_text("Close")


def test_blanks_are_marked_and_tab_goes_through_them(opened: Opened, cast: Cast) -> None:
    page = opened(cast.agent, f"/tickets/{taken_in(cast).number}")
    begin(page, "response")
    page.get_by_role("button", name="Confirmation").click()
    page.get_by_role("button", name="Time of the answer").click()
    text = page.locator("dialog textarea[name=text]")
    expect(page.locator("dialog [data-blanks-left] button")).to_have_text(["what they want", "time of the answer"])
    expect(page.locator("dialog .blanks-back mark")).to_have_count(2)

    page.locator("dialog [data-blanks-left] button").first.click()
    page.keyboard.insert_text("退费")  # as an input method does
    page.keyboard.press("Tab")
    page.keyboard.type("tomorrow")

    expect(page.locator("dialog [data-blanks-left]")).to_be_hidden()
    assert "退费" in text.input_value()
    assert "by tomorrow" in text.input_value()
    page.keyboard.press("Tab")
    expect(text).not_to_be_focused()


def test_a_time_the_form_asks_for_goes_into_its_blank(opened: Opened, cast: Cast) -> None:
    page = opened(cast.agent, f"/tickets/{taken_in(cast).number}")
    begin(page, "response")
    page.get_by_role("button", name="Time of the answer").click()
    when = ahead(24)
    page.fill("dialog [name=expected_at]", when)
    page.keyboard.press("Tab")

    expect(page.locator("dialog textarea[name=text]")).to_have_value(f"We will answer you by {when.replace('T', ' ')}.")


def test_a_colleague_is_mentioned_by_keys(opened: Opened, cast: Cast) -> None:
    page = opened(cast.agent, address(brought_to(cast, Move.DISPATCH)))
    begin(page, "note")
    text = page.locator("dialog textarea[name=text]")
    text.press_sequentially("@处")
    expect(page.locator("[role=option]")).to_have_count(2)
    expect(page.locator(".is-blind")).to_contain_text("may not see this ticket")
    page.keyboard.press("Enter")
    expect(text).to_have_value("@处理甲 ")
    text.press_sequentially("@")
    expect(page.locator("[role=listbox]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[role=listbox]")).to_have_count(0)
    expect(page.locator("dialog[open]")).to_be_visible()  # Escape closed the list alone


def test_a_term_is_put_right_in_its_place(opened: Opened, cast: Cast) -> None:
    page = opened(cast.supervisor, f"{address(brought_to(cast, Move.DISPATCH))}?pane=facts")
    page.get_by_role("button", name="Put right: severity").click()
    page.select_option(".term-form select", "serious")
    expect(page.locator(".term-priority")).to_contain_text("The priority")
    page.click(".term-form .btn-primary")
    expect(page.locator(".term-form")).to_be_visible()  # no reason, no change
    page.fill(".term-form [name=reason]", "影响整栋楼")
    page.click(".term-form .btn-primary")

    expect(page.locator(".term-form")).to_have_count(0)
    expect(page.locator(".happening-text").first).to_have_text("影响整栋楼")


def test_a_draft_outlives_a_refusal_and_a_session_that_has_ended(opened: Opened, cast: Cast) -> None:
    """Because the text was lost twice over: by the refusal of the first sending, and by the door in between."""
    ticket = brought_to(cast, Move.INVESTIGATE)
    page = opened(cast.handler, address(ticket))
    begin(page, "note")
    page.fill("dialog textarea[name=text]", "@处理乙 帮忙看看")  # who may not see this ticket
    page.click("dialog[open] button.btn-primary")
    expect(page.locator("dialog[open] .field-wrong")).to_be_visible()
    page.fill("dialog textarea[name=text]", "改写之后")
    page.wait_for_timeout(700)
    page.reload()
    begin(page, "note")
    expect(page.locator("dialog textarea[name=text]")).to_have_value("改写之后")

    page.context.clear_cookies(name="sessionid")
    page.click("dialog[open] button.btn-primary")
    expect(page.locator("[name=login]")).to_be_visible()
    kept = page.evaluate("() => Object.values(localStorage).join()")

    assert "改写之后" in kept


def test_what_is_sent_without_a_line_says_so_in_its_dialog_and_goes_once_the_line_is_back(
    opened: Opened, cast: Cast
) -> None:
    ticket = taken_in(cast)
    page = opened(cast.agent, address(ticket))
    errors: list[str] = []
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    begin(page, "note")
    page.set_viewport_size({"width": 360, "height": 740})
    page.fill("dialog textarea", "已联系用户")
    page.context.set_offline(True)
    page.click("dialog .panel-foot .btn-primary")

    said = page.locator("dialog .unsent")
    expect(said).to_contain_text("Not sent: the connection is lost.")
    expect(said).to_be_in_viewport()
    assert page.evaluate("document.querySelector('dialog .unsent').closest('[role=alert]') !== null")
    assert errors == []
    page.context.set_offline(False)
    expect(said).to_contain_text("The connection is back. Please send it again.")
    assert page.input_value("dialog textarea") == "已联系用户"
    page.click("dialog .panel-foot .btn-primary")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert Ticket.objects.get(pk=ticket.pk).last_seq > ticket.last_seq


def test_two_clicks_on_one_button_are_one_move_and_no_refusal(opened: Opened, cast: Cast) -> None:
    ticket = taken_in(cast)
    page = opened(cast.agent, address(ticket))
    begin(page, "note")
    page.fill("dialog textarea[name=text]", "记一下")

    page.dblclick("dialog[open] button.btn-primary")

    expect(page.locator(".happening-text").first).to_have_text("记一下")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert [row.what for row in history_of(ticket.pk)].count(What.NOTED) == 1


def test_a_discarded_draft_and_a_hasty_hold_are_had_back(opened: Opened, cast: Cast) -> None:
    page = opened(cast.handler, address(brought_to(cast, Move.INVESTIGATE)))
    begin(page, "note")
    page.fill("dialog textarea[name=text]", "写了一半")
    page.wait_for_timeout(700)
    page.reload()
    begin(page, "note")
    page.get_by_role("button", name="Discard the draft").click()
    expect(page.locator("dialog textarea[name=text]")).to_have_value("")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("dialog textarea[name=text]")).to_have_value("写了一半")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Ask the customer for more").click()
    page.fill("dialog[open] [name=reason]", "请补充地址")
    page.fill("dialog[open] [name=until]", ahead(24))
    page.click("dialog[open] button.btn-primary")
    expect(page.locator("[data-place=pause]")).to_be_visible()
    page.keyboard.press("z")

    expect(page.locator("[data-place=pause]")).to_have_count(0)


def beats(page: Page) -> None:
    """The page tells that it is open, and hears what is new, as it does every few seconds."""
    with page.expect_response("**/presence"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_what_a_colleague_does_is_told_and_shown_when_asked_for(opened: Opened, cast: Cast) -> None:
    """Because an open page kept its old buttons: nothing moves or closes, and one press brings the ticket anew."""
    ticket = brought_to(cast, Move.DISPATCH)
    page = opened(cast.supervisor, address(ticket))
    news, button = page.locator("[data-ticket-news]"), page.locator(".moves a[href$='/note']").first
    where = button.bounding_box()
    begin(page, "note")
    page.fill("dialog [name=text]", "写到一半")
    Desk(cast.agent).make(ticket, Move.RESPOND, via="phone", text="已联系", expected_at=ahead(30))

    beats(page)

    expect(news).to_contain_text("First response")
    expect(page.locator("dialog [name=text]")).to_have_value("写到一半")
    page.keyboard.press("Escape")
    assert button.bounding_box() == where
    expect(page.locator("#ticket")).to_have_attribute("data-seq", str(ticket.last_seq))
    news.get_by_role("button").click()
    expect(page.locator("#ticket")).to_have_attribute("data-seq", str(ticket.last_seq + 1))
    expect(page.locator(".happening-text").first).to_have_text("已联系")
    expect(news).to_be_empty()
    beats(page)
    expect(news).to_be_empty()
    begin(page, "note")
    expect(page.locator("dialog [name=text]")).to_have_value("写到一半")


def test_whoever_has_walked_to_a_ticket_beside_the_list_hears_of_that_one(opened: Opened, cast: Cast) -> None:
    tickets = {one.number: one for one in (taken_in(cast, title="第一件"), taken_in(cast, title="第二件"))}
    page = opened(cast.agent, "/queues/my_first_ownership", width=1366)
    page.locator("a[data-row]").first.click()
    left = tickets.pop(page.locator("#ticket").get_attribute("data-number") or "")
    expect(page.locator("[data-beside] a[data-row]")).to_have_count(2)
    page.keyboard.press("j")
    [other] = tickets.values()
    expect(page.locator("[data-present]")).to_have_attribute("data-number", other.number)

    Desk(cast.supervisor).make(left, Move.NOTE, text="另一件的")
    beats(page)
    expect(page.locator("[data-ticket-news]")).to_be_empty()
    Desk(cast.supervisor).make(other, Move.NOTE, text="这一件的")
    beats(page)

    expect(page.locator("[data-ticket-news]")).to_contain_text("主管甲, just now: Note")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".happening-text").first).to_have_text("这一件的")
