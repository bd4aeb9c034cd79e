"""What only a browser shows of a supervisor's pages: dragging, undoing, deciding by keyboard, a wall that goes on."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from shouwen.handbook.history import Stage
from shouwen.handbook.moves import Move
from shouwen.people.actions import make_person
from shouwen.people.models import Person, Team
from shouwen.tickets.models import Ticket
from tests.cast import Cast
from tests.screens.axe import fits, flaws
from tests.screens.desk import brought_to, taken_in
from tests.screens.test_desk_browser import Opened, opened
from tests.screens.test_desk_events import link

__all__ = ["opened"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BOARD = "/load?team=network-3401"


@pytest.fixture
def colleague(cast: Cast) -> Person:
    return make_person(
        "colleague", display_name="处理丙", roles=["handler"], teams=[Team.objects.get(pk="network-3401")]
    )


def drag(page: Page, ticket: Ticket, to: Person) -> None:
    card, column = page.locator(f"[data-card='{ticket.number}']"), page.locator(f"[data-column='{to.pk}']")
    card.locator("[data-grip]").hover()
    page.mouse.down()
    column.hover()
    page.mouse.up()


def holder_of(ticket: Ticket) -> object:
    return Ticket.objects.get(pk=ticket.pk).handler_id


def stop_the_clock(page: Page) -> None:
    """The page's time stands still until the test moves it: its ten seconds last however slow the machine is."""
    page.clock.install()
    page.clock.pause_at(page.evaluate("new Date(Date.now() + 1000).toISOString()"))


def let_go(page: Page) -> None:
    """The moment after a drag in which the page takes no click, since one may be the end of the drag."""
    page.clock.run_for(100)


def test_a_drag_asks_why_once_moves_at_once_and_is_recorded_later(
    opened: Opened, cast: Cast, colleague: Person
) -> None:
    one, two = brought_to(cast, Move.INVESTIGATE), brought_to(cast, Move.INVESTIGATE, phone="19900005678")
    page = opened(cast.supervisor, BOARD)
    stop_the_clock(page)

    drag(page, one, colleague)
    let_go(page)
    page.fill("#board-why", "在手过多")
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-column='{colleague.pk}'] [data-card]")).to_have_count(1)
    expect(page.locator(".board-note")).to_contain_text("Goes to 处理丙 in 10 seconds")
    assert holder_of(one) == cast.handler.pk
    page.clock.fast_forward(11_000)
    expect(page.locator(".board-note")).to_contain_text("Recorded: now with 处理丙")
    assert holder_of(one) == colleague.pk

    drag(page, two, colleague)
    let_go(page)
    expect(page.locator("dialog[open]")).to_have_count(0)  # the reason was asked once
    expect(page.locator(f"[data-column='{colleague.pk}'] [data-card]")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()  # else closing the page would send it off after the test
    expect(page.locator(f"[data-column='{colleague.pk}'] [data-card]")).to_have_count(1)


def test_a_card_is_also_dragged_by_its_title_and_the_dialog_says_to_whom(
    opened: Opened, cast: Cast, colleague: Person
) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    page = opened(cast.supervisor, BOARD)

    page.locator(f"[data-card='{ticket.number}'] [data-row]").hover()
    page.mouse.down()
    page.locator(f"[data-column='{colleague.pk}']").hover()
    page.mouse.up()

    expect(page.locator("#board-to [data-which]")).to_have_text(f"{ticket.number} goes to 处理丙.")


def test_what_is_undone_was_never_recorded(opened: Opened, cast: Cast, colleague: Person) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    events = Ticket.objects.get(pk=ticket.pk).last_seq
    page = opened(cast.supervisor, BOARD)
    page.fill("[data-reason]", "在手过多")
    stop_the_clock(page)

    drag(page, ticket, colleague)
    let_go(page)
    page.get_by_role("button", name="Undo").click()
    page.clock.fast_forward(30_000)

    expect(page.locator(f"[data-column='{cast.handler.pk}'] [data-card]")).to_have_count(1)
    assert (holder_of(ticket), Ticket.objects.get(pk=ticket.pk).last_seq) == (cast.handler.pk, events)


def test_what_the_handbook_forbids_goes_back_and_says_why(opened: Opened, cast: Cast, colleague: Person) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    page = opened(cast.supervisor, BOARD)
    page.fill("[data-reason]", "在手过多")
    Ticket.objects.filter(pk=ticket.pk).update(stage=Stage.TOLD)

    drag(page, ticket, colleague)

    expect(page.locator(".board-note[role=alert]")).to_contain_text("cannot assign")
    expect(page.locator(f"[data-column='{cast.handler.pk}'] [data-card]")).to_have_count(1)


def move_by_keyboard(page: Page, to: Person) -> None:
    page.keyboard.press("j")
    page.keyboard.press("m")
    page.select_option("#board-whom", str(to.pk))
    page.fill("#board-why", "休假")
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-column='{to.pk}'] [data-card]")).to_have_count(1)


def test_the_keyboard_moves_a_ticket_too(opened: Opened, cast: Cast, colleague: Person) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    page = opened(cast.supervisor, BOARD)
    stop_the_clock(page)

    move_by_keyboard(page, colleague)
    expect(page.locator(".board-note")).to_contain_text("Goes to 处理丙 in 10 seconds")
    page.clock.fast_forward(11_000)
    expect(page.locator(".board-note")).to_contain_text("Recorded: now with 处理丙")

    assert holder_of(ticket) == colleague.pk


@pytest.mark.xfail(strict=False, reason="seen twice in a whole run, never alone: what leaving sends off did not arrive")
def test_leaving_does_not_wait_for_the_ten_seconds(opened: Opened, cast: Cast, colleague: Person) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    page = opened(cast.supervisor, BOARD)

    move_by_keyboard(page, colleague)
    expect(page.locator(".board-note")).to_contain_text("Goes to 处理丙 in 10 seconds")
    page.goto("/wall")

    expect(page.locator(".wall-tiles")).to_be_visible()
    for _moment in range(100):
        if holder_of(ticket) == colleague.pk:
            break
        page.wait_for_timeout(100)
    assert holder_of(ticket) == colleague.pk


def test_a_proposal_is_approved_by_keyboard(opened: Opened, cast: Cast) -> None:
    one, two = brought_to(cast, Move.PROPOSE), brought_to(cast, Move.PROPOSE, phone="19900005678")
    Ticket.objects.filter(pk=one.pk).update(lead_due_at=timezone.now())
    page = opened(cast.supervisor, "/approvals")

    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[name=chosen]").first).to_be_checked()
    page.keyboard.press("a")
    expect(page.locator(".toast-note").first).to_contain_text("1 proposal approved")

    stages = {ticket.pk: Ticket.objects.get(pk=ticket.pk).stage for ticket in (one, two)}
    assert stages == {one.pk: Stage.APPROVED, two.pk: Stage.PROPOSED}


def test_news_of_an_event_are_kept_until_they_are_told_also_by_who_thinks_twice(opened: Opened, cast: Cast) -> None:
    event, child = taken_in(cast), taken_in(cast, phone="19900005678")
    link(cast, child, event)
    path = f"/events/{event.number}"
    page = opened(cast.supervisor, path)

    page.fill("#news", "抢修已到位")
    page.click("form[data-draft^=event-news] button.btn-primary")
    page.click("#confirm button[value=no]")
    page.goto("/wall")
    page.goto(path)
    expect(page.locator("#news")).to_have_value("抢修已到位")

    page.click("form[data-draft^=event-news] button.btn-primary")
    page.click("#confirm button[value=yes]")
    expect(page.locator("#told-title")).to_be_visible()
    expect(page.locator("#news")).to_have_value("")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))") == []


def test_the_wall_goes_on_counting_and_says_when_it_cannot(opened: Opened, cast: Cast) -> None:
    page = opened(cast.supervisor, "/wall")
    page.clock.install()
    shown = page.locator("[data-count=open] .wall-number")
    expect(shown).to_have_text("0")
    taken_in(cast)

    page.clock.fast_forward(21_000)
    expect(shown).to_have_text("1")
    page.route("**/wall/numbers", lambda route: route.abort())
    page.clock.fast_forward(21_000)
    expect(page.locator("[data-lost]")).to_be_visible()
    page.unroute("**/wall/numbers")
    page.clock.fast_forward(21_000)
    expect(page.locator("[data-lost]")).to_be_hidden()


@pytest.mark.parametrize("width", [1366, 1920])
@pytest.mark.parametrize("path", ["/wall", "/wall?screen"])
def test_the_wall_cuts_no_name_and_writes_none_over_another(opened: Opened, cast: Cast, path: str, width: int) -> None:
    """Because two teams whose names begin alike were one and the same from five metres."""
    Team.objects.filter(pk__in=["network-3401", "billing"]).update(name_en="Customers of the north-western districts 1")
    page = opened(cast.supervisor, path, width=width)
    names = page.locator("section[aria-labelledby=wall-teams] .wall-who")
    expect(names.filter(has_text="districts 1").first).to_be_visible()

    assert names.evaluate_all("all => all.filter((one) => one.scrollHeight > one.clientHeight + 1)") == []
    boxes = [name.bounding_box() for name in names.all() if name.is_visible()]
    assert [low for high, low in pairwise(boxes) if low["y"] < high["y"] + high["height"] - 1] == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("path", ["/wall", "/wall?screen", "/wall/open", BOARD, "/approvals", "/overdue?state=all"])
def test_no_page_has_a_flaw_and_all_fit_a_phone(opened: Opened, cast: Cast, path: str, language: str) -> None:
    brought_to(cast, Move.PROPOSE)
    brought_to(cast, Move.INVESTIGATE, phone="19900005678")
    for width in (1366, 360):
        page = opened(cast.supervisor, path, language=language, width=width)
        assert flaws(page) == []
        assert fits(page)
