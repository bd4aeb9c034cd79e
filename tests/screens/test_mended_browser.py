"""A refused field in a real browser: it counts as wrong until it is changed, and not until it is sent again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from shouwen.handbook.moves import Move
from tests.cast import Cast
from tests.screens.desk import address, brought_to
from tests.screens.test_desk_browser import Opened, begin, opened
from tests.screens.test_portal_browser import opened as opened_portal

__all__ = ["opened", "opened_portal"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def is_refused(page: Page, field: Locator) -> None:
    """It is marked, and whoever hears the page is told why as well."""
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator(f"#{_described(field)[-1]}")).to_be_visible()
    assert _described(field)[-1] == f"{field.get_attribute('id')}_error"


def is_mended(page: Page, field: Locator) -> None:
    """Nothing marks it any more, and it leads to no description that is not there."""
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(field).not_to_have_class("is-invalid")
    assert [name for name in _described(field) if not page.locator(f"#{name}").count()] == []
    expect(page.locator(f"#{field.get_attribute('id')}_error")).to_have_count(0)


def _described(field: Locator) -> list[str]:
    return (field.get_attribute("aria-describedby") or "").split()


def test_at_the_desk_what_is_wrong_goes_with_the_first_change(opened: Opened, cast: Cast) -> None:
    page = opened(cast.handler, address(brought_to(cast, Move.INVESTIGATE)))
    begin(page, "note")
    text = page.locator("dialog[open] textarea[name=text]")
    text.fill("@处理乙 帮忙看看")  # who may not see this ticket
    page.click("dialog[open] button.btn-primary")
    is_refused(page, text)

    text.press("End")
    is_refused(page, text)  # looking is no change
    page.keyboard.insert_text("。")

    is_mended(page, text)
    expect(page.locator("dialog[open] .field-wrong")).to_have_count(0)


def test_of_a_call_that_was_taken_in_only_the_field_that_was_changed_is_let_off(opened: Opened, cast: Cast) -> None:
    page = opened(cast.agent, "/intake/new")
    phone, text = page.locator("#id_phone"), page.locator("#id_text")
    phone.fill("12")
    page.click("form[data-draft=intake] button.btn-primary")
    is_refused(page, phone)

    phone.fill("19900001234")

    is_mended(page, phone)
    is_refused(page, text)


def test_a_customer_who_puts_a_number_right_is_not_told_again_that_it_is_wrong(opened_portal: Opened) -> None:
    page = opened_portal("submit")
    phone = page.get_by_label("电话号码")
    phone.fill("12")
    page.locator("button:visible", has_text="提交投诉").last.click()
    is_refused(page, phone)

    phone.fill("19900001234")

    is_mended(page, phone)
