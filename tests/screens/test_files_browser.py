"""Taking tables away in a real browser: on a phone nothing of the menu lies beyond the screen's edge."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from shouwen.customers.models import CustomerFact
from shouwen.handbook.moves import Move
from tests.cast import Cast
from tests.screens.axe import fits
from tests.screens.desk import address, brought_to, taken_in
from tests.screens.test_desk_browser import Opened, opened
from tests.screens.test_known import GOOD, table

__all__ = ["opened"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.clause("M3.3")]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("page", ["/wall", "/rules/appendices/time-limits", "/satisfaction", "{ticket}/ledger"])
def test_the_tables_of_a_page_are_offered_within_a_phones_screen(
    opened: Opened, cast: Cast, page: str, language: str
) -> None:
    """Because the menu hung from the right edge of its button, and its names began left of the screen."""
    ticket = brought_to(cast, Move.INVESTIGATE)
    shown = opened(cast.supervisor, page.format(ticket=address(ticket)), width=360, language=language)

    shown.locator(".download-menu summary").click()

    menu = shown.locator(".download-menu .menu-body")
    expect(menu).to_be_visible()
    for place in (menu, *menu.locator("a").all()):
        box = place.bounding_box()
        assert box
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 360
    assert fits(shown)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_table_of_a_customer_can_be_chosen_on_a_phone(opened: Opened, cast: Cast, language: str) -> None:
    """Because three buttons side by side were wider than the dialog, and none of them could be read."""
    ticket = brought_to(cast, Move.INVESTIGATE)
    shown = opened(cast.supervisor, f"/customers/{ticket.customer_id}", width=360, language=language)

    shown.locator("a[href$='/export']").click()

    foot = shown.locator("dialog[open] .panel-foot")
    expect(foot).to_be_visible()
    edges = foot.bounding_box()
    assert edges
    for button in foot.locator("button").all():
        box = button.bounding_box()
        assert box
        assert edges["x"] <= box["x"] <= box["x"] + box["width"] <= edges["x"] + edges["width"]
        assert button.evaluate("one => one.scrollWidth <= one.clientWidth")


def test_a_table_of_what_is_known_is_looked_at_and_written_down_without_choosing_it_again(
    opened: Opened, cast: Cast, tmp_path: Path
) -> None:
    taken_in(cast)
    file = tmp_path / "客户.xlsx"
    file.write_bytes(table(GOOD, ["12", *GOOD[1:]]))
    page = opened(cast.agent, "/customers/known", width=360)

    page.set_input_files("input[type=file]", str(file))
    page.click("button[value=look]")
    expect(page.locator("#result")).to_contain_text("Write 3 facts down")
    assert fits(page)
    page.click("button[value=take_in]")

    expect(page.locator("#result")).to_contain_text("What became of the rows")
    assert CustomerFact.objects.count() == 3
