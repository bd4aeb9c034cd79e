"""Files, events, customers and paper in a real browser: chosen, pasted, dropped; on a phone; printed."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from shouwen.handbook.attachments import present
from shouwen.handbook.lifecycle import Move
from shouwen.handling.actions import move_ticket
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.queries import history_of
from tests.cast import Cast
from tests.files import PDF, photo
from tests.screens.axe import fits, flaws
from tests.screens.desk import address, brought_to, taken_in
from tests.screens.test_desk_browser import Opened, opened  # noqa: F401 -- a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What a browser hands over when something is pasted or dropped.
HAND_OVER = """([kind, name, type, data]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const carried = new DataTransfer();
    carried.items.add(new File([bytes], name, { type }));
    const about = kind === "paste" ? { clipboardData: carried } : { dataTransfer: carried };
    const Kind = kind === "paste" ? ClipboardEvent : DragEvent;
    document.querySelector("#main").dispatchEvent(new Kind(kind, { ...about, bubbles: true, cancelable: true }));
}"""


def chosen(name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def hand_over(page: Page, kind: str, name: str, mime: str, data: bytes) -> None:
    page.evaluate(HAND_OVER, [kind, name, mime, base64.b64encode(data).decode()])


def linked(cast: Cast) -> tuple[Ticket, Ticket]:
    event, child = taken_in(cast), taken_in(cast, phone="19900005678")
    now = timezone.now()
    facts = {"parent": event.number}
    move_ticket(child.number, Move.LINK, by=cast.actor("agent"), happened_at=now, now=now, facts=facts)
    return event, child


@pytest.mark.clause("H5.3.3")
def test_files_are_chosen_judged_removed_and_taken_back(opened: Opened, cast: Cast) -> None:  # noqa: F811
    ticket = taken_in(cast)
    page = opened(cast.agent, address(ticket))

    page.locator(".files-form input[type=file]").first.set_input_files(
        [chosen("账单.pdf", PDF), chosen("说明.pdf", b"MZ\x00\x00"), chosen("现场.jpg", photo())]
    )

    expect(page.locator(".file-name")).to_have_text(["账单.pdf", "现场.jpg"])
    expect(page.locator(".upload.is-refused")).to_contain_text("By its content this is no file we take.")
    expect(page.locator("[data-place=history]")).to_contain_text("File attached")
    page.locator(".upload [data-upload-drop]").click()
    expect(page.locator(".upload")).to_have_count(0)
    page.locator(".file-remove summary").first.click()
    page.locator(".file-remove [name=reason]").first.fill("传错了")
    page.locator(".file-remove form button").first.click()
    expect(page.locator(".file-name").first).to_have_text("现场.jpg")
    page.locator(".files-undo button").click()
    expect(page.locator(".files-list").first.locator(".file-name")).to_have_count(2)
    page.locator("[data-picture]").click()
    expect(page.locator("dialog.picture img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog.picture")).to_have_count(0)


@pytest.mark.clause("H5.3.3")
def test_files_stay_with_the_ticket_they_were_brought_to(opened: Opened, cast: Cast) -> None:  # noqa: F811
    """Because whoever walks on with J while they are on their way would give one customer's papers to another."""
    taken_in(cast, title="第一件"), taken_in(cast, title="第二件")
    page = opened(cast.agent, "/queues/my_first_ownership")
    page.locator("a[data-row]").first.click()
    expect(page.locator("[data-beside] a[data-row]")).to_have_count(2)
    brought_to_it = page.locator("#ticket").get_attribute("data-number")
    held: list[Route] = []  # the first sending, on a slow line
    page.route("**/attachments", lambda route: route.fallback() if held else held.append(route))

    page.locator(".files-form input[type=file]").first.set_input_files(
        [chosen("甲.pdf", PDF), chosen("乙.jpg", photo())]
    )
    expect(page.locator(".upload")).to_have_count(2)
    page.locator("h1").first.click()
    page.keyboard.press("j")
    expect(page.locator(f"#ticket:not([data-number='{brought_to_it}'])")).to_be_visible()
    with page.expect_response(lambda one: one.request.method == "POST" and one.status == 201):
        held[0].continue_()
    expect(page.get_by_text("乙.jpg")).to_be_visible()  # the toast of the second

    with_files = {row.ticket.number for row in TicketEvent.objects.filter(what="attached").select_related("ticket")}
    assert with_files == {brought_to_it}
    assert TicketEvent.objects.filter(what="attached").count() == 2


def test_a_screenshot_is_pasted_and_a_file_is_dropped(opened: Opened, cast: Cast) -> None:  # noqa: F811
    ticket = taken_in(cast)
    page = opened(cast.agent, address(ticket))

    hand_over(page, "paste", "image.png", "image/png", photo())
    expect(page.locator(".file-name")).to_have_text(["image.jpg"])  # a JPEG, whatever it called itself
    hand_over(page, "drop", "账单.pdf", "application/pdf", PDF)

    expect(page.locator(".file-name")).to_have_text(["image.jpg", "账单.pdf"])
    assert len(present(history_of(ticket.pk))) == 2


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("width", [1366, 360])
def test_the_pages_fit_their_screens_and_are_accessible(
    opened: Opened,  # noqa: F811
    cast: Cast,
    width: int,
    language: str,
) -> None:
    event, child = linked(cast)
    closed = brought_to(cast, Move.CLOSE)
    page = opened(cast.supervisor, "/events", language=language, width=width)
    for path in (
        "/events",
        f"/events/{event.number}",
        address(child),
        f"{address(child)}/attachments",
        f"/customers/{closed.customer_id}",
        f"{address(closed)}/paper",
    ):
        page.goto(path)
        assert flaws(page) == [], path
        assert fits(page), path


@pytest.mark.clause("H5.3.1")
def test_a_record_is_printed_without_the_tools_of_the_screen(opened: Opened, cast: Cast) -> None:  # noqa: F811
    page = opened(cast.agent, f"{address(brought_to(cast, Move.CLOSE))}/paper")
    expect(page.locator(".paper-tools")).to_be_visible()

    page.emulate_media(media="print")

    expect(page.locator(".paper-tools")).to_be_hidden()
    expect(page.locator(".paper-signatures")).to_be_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF-")
