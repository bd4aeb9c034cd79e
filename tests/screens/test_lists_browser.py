"""Lists in a real browser: ticking, many at once, what arrives while somebody reads, a phone's screen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from shouwen.handbook.history import What
from shouwen.handbook.moves import Move
from shouwen.notices.models import MessageOrder
from shouwen.tickets.models import Ticket, TicketEvent
from tests.cast import Cast
from tests.screens.axe import fits, flaws
from tests.screens.desk import Desk, ahead, brought_to, taken_in
from tests.screens.test_desk_browser import Opened, opened
from tests.screens.test_desk_queues import many

__all__ = ["opened"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OWN = "/queues/my_first_ownership"


def numbers(page: Page) -> list[str]:
    """The tickets of the list, in their order."""
    return page.eval_on_selector_all("tr[data-ticket]", "rows => rows.map((row) => row.dataset.ticket)")


def look_again(page: Page) -> None:
    """What the page does by itself three times a minute."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def ticked(page: Page) -> int:
    return page.locator("input[name=ticket]:checked").count()


def test_rows_are_ticked_by_key_in_ranges_and_all_together(opened: Opened, cast: Cast) -> None:
    many(cast, 6)
    page = opened(cast.agent, OWN)

    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk]")).to_be_visible()
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    assert ticked(page) == 4
    expect(page.locator("[data-ticked]")).to_have_text("4")

    page.keyboard.press("Escape")
    assert ticked(page) == 0
    expect(page.locator("[data-bulk]")).to_be_hidden()

    page.locator("tbody input[name=ticket]").nth(1).click()
    page.locator("tbody input[name=ticket]").nth(4).click(modifiers=["Shift"])
    assert ticked(page) == 4
    page.check("[data-tick-all]")
    assert ticked(page) == 6


def test_no_key_ticks_anything_while_a_chinese_word_is_composed(opened: Opened, cast: Cast) -> None:
    many(cast, 2)
    page = opened(cast.agent, OWN)
    page.keyboard.press("j")
    composing = "new KeyboardEvent('keydown', {key: 'x', isComposing: true, bubbles: true})"
    page.evaluate(f"document.activeElement.dispatchEvent({composing})")
    page.locator("#quick").press("x")

    assert ticked(page) == 0


def test_many_are_moved_together_and_what_is_done_is_unticked(opened: Opened, cast: Cast) -> None:
    many(cast, 13)
    page = opened(cast.agent, OWN)
    page.check("[data-tick-all]")
    page.keyboard.press("n")
    page.fill("dialog [name=text]", "片区光缆中断，已报修")
    page.click("dialog button.btn-primary")

    expect(page.locator("dialog .bulk-progress")).to_contain_text("13 of 13 · all done")
    assert TicketEvent.objects.filter(what=What.NOTED).count() == 13
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("[data-bulk]")).to_be_hidden()


def test_what_arrives_waits_and_moves_nothing_until_it_is_asked_for(opened: Opened, cast: Cast) -> None:
    """Because a row that jumps away under the mouse is the wrong ticket opened."""
    many(cast, 3)
    page = opened(cast.agent, OWN)
    before = numbers(page)
    page.locator("tbody input[name=ticket]").nth(2).check()
    ticket = taken_in(cast, phone="19900009999", severity="serious")

    look_again(page)
    expect(page.locator("[data-news]")).to_contain_text("1 more here: show them")
    assert numbers(page) == before

    page.keyboard.press(".")
    expect(page.locator(f"tr[data-ticket='{ticket.number}']")).to_be_visible()
    assert ticked(page) == 1
    expect(page.locator("[data-news]")).to_be_hidden()


def test_no_stage_is_cut_off_in_either_language(opened: Opened, cast: Cast) -> None:
    """Because English names are long, and half a word says nothing."""
    for n, move in enumerate((Move.INVESTIGATE, Move.PROPOSE, Move.TELL_CUSTOMER)):
        brought_to(cast, move, phone=f"1990000567{n}")
    page = opened(cast.supervisor, "/queues/all")

    page.set_viewport_size({"width": 1366, "height": 768})

    stages = page.locator(".queue-tickets td:nth-child(5)")
    expect(stages).to_have_count(3)
    assert stages.evaluate_all("cells => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length") == 0


def test_what_got_stuck_while_somebody_looks_can_be_ticked_and_sent_again(opened: Opened, cast: Cast) -> None:
    taken_in(cast)
    page = opened(cast.administrator, "/outbox")
    bar = page.get_by_role("button", name="Send those ticked again")
    expect(bar).to_have_count(0)

    MessageOrder.objects.update(state=MessageOrder.NO_GATEWAY)
    look_again(page)

    expect(bar).to_be_visible()


def test_a_row_changes_where_it_stands_and_one_that_left_is_greyed(opened: Opened, cast: Cast) -> None:
    first, second = (Ticket.objects.get(number=number) for number in many(cast, 2))
    page = opened(cast.agent, OWN)
    order = numbers(page)
    Desk(cast.supervisor).make(first, Move.RECLASSIFY, category="tariff.abnormal_fee.overage", reason="记错了")
    Ticket.objects.filter(pk=second.pk).update(first_owner=cast.other_agent)

    look_again(page)

    expect(page.locator(f"tr[data-ticket='{first.number}'] .queue-category")).to_contain_text(
        "Charge beyond the allowance"
    )
    expect(page.locator(f"tr[data-ticket='{second.number}']")).to_have_class("is-gone")
    assert numbers(page) == order


@pytest.mark.clause("M3.3")
def test_a_decision_half_made_survives_what_arrives(opened: Opened, cast: Cast) -> None:
    """Because who has ticked three proposals and begun a sentence must find both as they were."""
    one = brought_to(cast, Move.PROPOSE)
    page = opened(cast.supervisor, "/approvals")
    page.check("[name=chosen]")
    page.fill("#words", "同意，按")
    two = brought_to(cast, Move.PROPOSE, phone="19900005678")

    look_again(page)
    expect(page.locator("[data-news]")).to_contain_text("1 more here: show them")
    page.locator("[data-show-news]").click()

    expect(page.locator(f"[data-item='{two.number}']")).to_be_visible()
    expect(page.locator("#words")).to_have_value("同意，按")
    expect(page.locator(f"[data-item='{one.number}'] [name=chosen]")).to_be_checked()
    expect(page.locator(f"[data-item='{two.number}'] [name=chosen]")).not_to_be_checked()


@pytest.mark.clause("M3.3")
def test_a_proposal_that_was_decided_elsewhere_is_greyed_where_it_stands(opened: Opened, cast: Cast) -> None:
    one, two = brought_to(cast, Move.PROPOSE), brought_to(cast, Move.PROPOSE, phone="19900005678")
    page = opened(cast.supervisor, "/approvals")
    Desk(cast.manager).make(one, Move.RETURN, reason="补充依据")
    Desk(cast.handler).make(two, Move.NOTE, text="客户来电催办")

    look_again(page)

    expect(page.locator(f"[data-item='{one.number}']")).to_have_class(re.compile("is-gone"))
    expect(page.locator(f"[data-item='{two.number}']")).not_to_have_class(re.compile("is-gone"))


def test_a_team_task_arrives_without_a_reload(opened: Opened, cast: Cast) -> None:
    page = opened(cast.other_handler, "/tasks")
    ticket = brought_to(cast, Move.INVESTIGATE)
    Desk(cast.handler).make(ticket, Move.ASSIGN_TASK, to_team="billing", asked="核对三个月账单", due_at=ahead(4))

    look_again(page)

    expect(page.locator("tr[data-item]")).to_contain_text("核对三个月账单")


def test_whoever_is_in_a_ticket_is_seen_in_the_list(opened: Opened, cast: Cast) -> None:
    ticket = taken_in(cast)
    opened(cast.supervisor, f"/tickets/{ticket.number}")
    page = opened(cast.agent, OWN)

    expect(page.locator(f"tr[data-ticket='{ticket.number}'] .here")).to_have_attribute("title", "主管甲 looking at it")


def test_a_lost_line_is_shown_and_the_list_is_asked_again_when_it_is_back(opened: Opened, cast: Cast) -> None:
    many(cast, 1)
    page = opened(cast.agent, OWN)
    page.context.set_offline(True)
    look_again(page)
    expect(page.locator("#connection")).to_be_visible()

    page.context.set_offline(False)
    expect(page.locator("#connection")).to_be_hidden()


def test_filters_are_ticked_in_a_dialog_and_stand_in_the_address(opened: Opened, cast: Cast) -> None:
    taken_in(cast, ticket_type="fault", category="network.broadband.outage")
    taken_in(cast, phone="19900005678")
    page = opened(cast.agent, OWN)
    page.keyboard.press("f")
    page.check("dialog [name=ticket_type][value=fault]")
    page.click("dialog button.btn-primary")

    expect(page.locator("tr[data-ticket]")).to_have_count(1)
    assert page.url.endswith(f"{OWN}?ticket_type=fault")
    page.click(".chip")
    expect(page.locator("tr[data-ticket]")).to_have_count(2)


def test_a_list_the_bar_has_no_room_for_is_in_the_menu_at_its_end(opened: Opened, cast: Cast) -> None:
    page = opened(cast.supervisor, "/queues/overdue", width=900)
    bar, rest = page.locator("#queues"), page.locator("[data-rest]")
    assert bar.evaluate("bar => bar.scrollWidth <= bar.clientWidth")
    expect(bar.get_by_role("link", name="Notices")).to_be_visible()
    rest.locator("summary").click()
    name = rest.locator("a").first.inner_text()

    page.set_viewport_size({"width": 1900, "height": 768})

    expect(rest).to_be_hidden()
    expect(bar).to_contain_text(name.split()[0])


# Of a select one sees what is chosen, as wide as it is written.
CUT = """() => [...document.querySelectorAll(".filters select")].filter((one) => {
  const look = getComputedStyle(one), pen = document.createElement("canvas").getContext("2d");
  pen.font = look.font;
  const room = one.clientWidth - parseFloat(look.paddingLeft) - parseFloat(look.paddingRight);
  return pen.measureText(one.selectedOptions[0].textContent).width > room + 1;
}).map((one) => one.name)"""


def test_what_a_list_is_narrowed_to_is_read_in_full_on_a_phone(opened: Opened, cast: Cast) -> None:
    for person, paths in (
        (cast.supervisor, ["/outbox?state=pending", "/overdue?state=all", "/collaboration"]),
        (cast.administrator, ["/administration/people", "/administration/teams", "/access-log"]),
    ):
        page = opened(person, "/notices", width=360)
        for path in paths:
            page.goto(path)
            expect(page.locator(".filters")).to_be_visible()
            assert page.evaluate(CUT) == [], path
            assert fits(page), path
    expect(page.locator(".filters-day")).to_have_text(["From day", "To day"])


@pytest.fixture
def looked_at(opened: Opened, cast: Cast) -> list[Page]:
    many(cast, 3)
    return [opened(cast.supervisor, "/queues/all?ticket_type=complaint", width=width) for width in (1366, 360)]


def test_a_list_fits_a_phone_and_is_accessible(looked_at: list[Page]) -> None:
    for page in looked_at:
        page.locator("tbody input[name=ticket]").first.check()
        expect(page.locator("[data-bulk]")).to_be_visible()
        assert flaws(page) == []
        assert fits(page)
        page.locator("[data-bulk] .btn-primary").click()
        expect(page.locator("dialog[open]")).to_be_visible()
        assert flaws(page) == []
        assert fits(page)
