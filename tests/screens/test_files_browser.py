"""Taking tables away in a real browser: on a phone nothing of the menu lies beyond the screen's edge."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shouwen.handbook.moves import Move
from tests.cast import Cast
from tests.screens.axe import fits
from tests.screens.desk import address, brought_to
from tests.screens.test_desk_browser import Opened, opened

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
