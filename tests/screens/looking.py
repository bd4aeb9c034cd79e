"""A real browser before every page: as somebody, in a language, light or dark, on a screen of a size."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from tests.screens.openings import PAGE, PART, WITHIN, Opening

OFFICE, WALL, PHONE = (1366, 768), (1920, 1080), (360, 740)
REFUSED = 409
HOSTS = ("/tickets/",)  # a dialog of a ticket stands before its page


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at."""

    language: str = "zh-hans"
    theme: str = "light"
    size: tuple[int, int] = OFFICE
    care: bool = False

    def __str__(self) -> str:
        width = self.size[0]
        return f"{self.language[:2]}-{self.theme}-{width}{'-care' if self.care else ''}"


@dataclass
class Seen:
    """What a browser complained about while it showed a page, and how long the page took."""

    complaints: list[str] = field(default_factory=list)
    seconds: float = 0.0


@contextmanager
def browsing(browser: Browser, base: str, client: Client, look: Look) -> Iterator[tuple[Page, Seen]]:
    """A page in a browser of its own, with the session of a client."""
    width, height = look.size
    context = browser.new_context(
        viewport={"width": width, "height": height}, base_url=base, color_scheme=look.theme, locale="zh-CN"
    )
    _take_over(context, base, client, look)
    page, seen = context.new_page(), Seen()
    page.on("pageerror", lambda error: seen.complaints.append(f"script: {error}"))
    page.on("console", lambda line: seen.complaints.append(line.text) if line.type == "error" else None)
    try:
        yield page, seen
    finally:
        context.close()


def _take_over(context: BrowserContext, base: str, client: Client, look: Look) -> None:
    kept = {name: morsel.value for name, morsel in client.cookies.items() if name == settings.SESSION_COOKIE_NAME}
    kept |= {"django_language": look.language} | ({"care": "on"} if look.care else {})
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in kept.items()])


def show(page: Page, seen: Seen, opening: Opening, *, in_dialog: bool = False) -> None:
    """Bring an address before the reader; a dialog stands before the page it belongs to."""
    seen.complaints.clear()
    began = time.perf_counter()
    answer = page.goto(host_of(opening.path) if in_dialog else opening.path, wait_until="load")
    if in_dialog:
        page.evaluate(OPEN_DIALOG, opening.path)
    seen.seconds = time.perf_counter() - began
    if in_dialog or (answer and answer.status == REFUSED):  # a refusal is an answer, whatever the console makes of it
        seen.complaints[:] = [said for said in seen.complaints if f"status of {REFUSED}" not in said]


OPEN_DIALOG = """async (path) => {
  const answer = await fetch(path, {headers: {"HX-Request": "true"}});
  const place = document.getElementById("dialog") ?? document.body.appendChild(document.createElement("div"));
  place.innerHTML = await answer.text();
  const dialog = place.querySelector("dialog");
  if (!dialog.open) dialog.showModal();
}"""


def host_of(path: str) -> str:
    """The page a dialog is opened from."""
    parts = path.split("/")
    return "/".join(parts[:3]) if path.startswith(HOSTS) else "/"


def is_dialog(client: Client, opening: Opening) -> bool:
    """True for what a page asks for to show it in a dialog."""
    if opening.kind not in (PAGE, PART):
        return False
    answer = client.get(opening.path, headers=WITHIN)
    return not answer.streaming and answer.content.lstrip().startswith(b"<dialog")
