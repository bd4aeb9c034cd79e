"""A picture of every page and dialog, as each role, for a person to look through: `make screens` runs this."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser

from tests.screens.addresses import addresses
from tests.screens.looking import PHONE, WALL, Look, browsing, is_dialog, show
from tests.screens.openings import FILE, PART, Opening, openings, pictured, visitors
from tests.screens.world import World, build_world

FOLDER = Path("build", "screens")
EVERY_WAY = (
    Look(),
    Look(theme="dark"),
    Look("en"),
    Look(size=PHONE),
    Look("en", "dark", PHONE),
)
ON_THE_WALL = (Look(size=WALL), Look("en", "dark", WALL))
QUICK = (Look(), Look("en", "dark", PHONE))
WITH_CARE = (Look(size=PHONE, care=True), Look("en", "dark", PHONE, care=True))
ERRORS = [f"/_styleguide/error/{code}" for code in (400, 403, 404, 409, 429, 500)]
CHANGING = re.compile(rb'csrfmiddlewaretoken" value="[^"]+"|name="form" value="[^"]+"|X-CSRFToken[^}]+')
STYLE = """
body { font: 14px sans-serif; display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 1rem }
img { width: 100%; height: 240px; object-fit: cover; object-position: top; border: 1px solid #999 }
figure { margin: 0 } b { color: #b00 }
"""
TALLEST = 6000  # pixels of a picture


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was taken, and what there is to say about it."""

    name: str
    role: str
    look: Look
    file: str
    seconds: float
    complaints: tuple[str, ...]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.urls("tests.screens.urls")
def test_pictures_of_everything(browser: Browser, live_server: object, settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    settings.SHOUWEN_HOTLINE = "000-0000-0000"  # type: ignore[attr-defined]
    world = build_world(timezone.now(), complaints=int(os.environ["SCREENS_COMPLAINTS"]))
    everybody = visitors(world)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    taken: list[Picture] = []
    quick = os.environ["SCREENS_QUICK"] == "1"
    for opening, looks in wanted(world, everybody, os.environ["SCREENS_ONLY"], quick=quick):
        taken += take(browser, str(live_server), everybody[opening.role], opening, looks)
        write_index(taken)
    assert taken, "there is no such address"


def wanted(
    world: World, everybody: dict[str, Client], only: str, *, quick: bool = False
) -> Iterator[tuple[Opening, tuple[Look, ...]]]:
    """Every address in every way as the first who may open it, and once more as each who sees something else there."""
    for address in addresses():
        if only not in address.name or not pictured(address):
            continue
        known: set[bytes] = set()
        for role, client in everybody.items():
            if quick and known:
                break
            for opening in openings(address, world, role, client):
                if opening.kind == FILE or (said := digest_of(client, opening.path)) in known:
                    continue
                yield opening, QUICK if quick else ways(opening) if not known else (Look(),)
                known.add(said)
    if not only:
        for path in ERRORS:
            yield Opening(addresses()[0], "visitor", path, "page"), QUICK if quick else EVERY_WAY


def ways(opening: Opening) -> tuple[Look, ...]:
    wall = ON_THE_WALL if "wall" in opening.address.name else ()
    care = WITH_CARE if opening.path.startswith("/portal/") else ()
    return (*EVERY_WAY, *wall, *care)


def digest_of(client: Client, path: str) -> bytes:
    """What a page says in its middle, without what differs each time."""
    content = client.get(path).content
    return sha256(CHANGING.sub(b"", content.partition(b"<main")[2] or content)).digest()


def take(browser: Browser, base: str, client: Client, opening: Opening, looks: tuple[Look, ...]) -> Iterator[Picture]:
    """The pictures of one opening: the page, and the dialog it may be."""
    as_dialog = is_dialog(client, opening)
    shapes = [False] * (opening.kind != PART) + [True] * as_dialog
    for look in looks:
        with browsing(browser, base, client, look) as (page, seen):
            for in_dialog in shapes:
                show(page, seen, opening, in_dialog=in_dialog)
                page.wait_for_timeout(120)
                file = f"{named(opening.path)}-{opening.role}-{look}{'-dialog' if in_dialog else ''}.png"
                height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
                clip = {"x": 0, "y": 0, "width": look.size[0], "height": max(height, look.size[1])}
                page.screenshot(path=FOLDER / file, full_page=not in_dialog, **({} if in_dialog else {"clip": clip}))
                yield Picture(opening.path, opening.role, look, file, seen.seconds, tuple(seen.complaints))


def named(path: str) -> str:
    """An address as the name of a file: the same in every run, whatever numbers were drawn in it."""
    drawn = r"[A-Z]{2}-\w{5}-\w{5}-\w|[0-9a-f]{8}-[0-9a-f-]{27}|(?<=surveys/)[\w-]+|(?<=link/)[\w-]+"
    return re.sub(r"[^a-z0-9-]+", "_", re.sub(drawn, "one", path.strip("/") or "start").lower())[:100]


def write_index(taken: list[Picture]) -> None:
    """All pictures on one page, slow pages and complaints marked."""
    rows = [
        f'<figure><a href="{escape(one.file)}"><img loading="lazy" src="{escape(one.file)}" alt=""></a><figcaption>'
        f"{escape(one.name)}<br>{escape(one.role)} · {one.look} · {one.seconds:.2f} s"
        f"{''.join(f'<br><b>{escape(said)}</b>' for said in one.complaints)}</figcaption></figure>"
        for one in taken
    ]
    page = f'<!doctype html><meta charset="utf-8"><title>Screens</title><style>{STYLE}</style>{"".join(rows)}'
    (FOLDER / "index.html").write_text(page, encoding="utf-8")
