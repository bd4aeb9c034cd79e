"""Every page there is, as its own address tells: seen by somebody, and looked at by axe, the console and the scales."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from zlib import crc32

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser

from tests.kept import once
from tests.screens.addresses import Address, addresses
from tests.screens.axe import flaws
from tests.screens.looking import PHONE, Look, browsing, is_dialog, show
from tests.screens.openings import PAGE, PART, SHOW_NOTHING, Opening, openings, pictured, visitors
from tests.screens.weight import weight_of
from tests.screens.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)
# What sticks out where a page is wider than its screen: nothing, or the beginning of the innermost that does.
WIDER = """() => document.documentElement.scrollWidth <= innerWidth ? "" :
  [...document.body.querySelectorAll("*")].reverse()
    .find((one) => one.getBoundingClientRect().right > innerWidth + 1)?.outerHTML.slice(0, 160) ?? "something"
"""
# What scrolls sideways says what it is and can be reached by key; bars of links are moved by their links.
SIDEWAYS = """() => [...document.body.querySelectorAll("*")].filter((one) => one.scrollWidth > one.clientWidth + 1
  && ["auto", "scroll"].includes(getComputedStyle(one).overflowX) && !one.matches("nav *, [role=tablist], textarea")
  && !(one.tabIndex === 0 && (one.hasAttribute("aria-label") || one.hasAttribute("aria-labelledby"))))
  .map((one) => one.outerHTML.slice(0, 160))"""
FIRST, AFTER = 300_000, 30_000  # bytes
# Each in the light and in the dark, half of the addresses the other way round: a flaw of colour is seldom one page's.
# SCREENS_TURNED=1 looks at every address in the two looks it is not looked at otherwise.
LOOKS = [Look(), Look("en", "dark", PHONE)]
OTHER = {"light": "dark", "dark": "light"}
TURNED = int(os.environ.get("SCREENS_TURNED", "0"))
# Where the work of the browser is divided: every address is in exactly one part.
PARTS = {
    "customers": lambda route: route.startswith("portal/"),
    "moves": lambda route: route.startswith("tickets/"),
    "looking after": lambda route: route.startswith(("administration", "rules", "calendars", "macros")),
}


@pytest.fixture
def world(settings) -> World:
    settings.DEMO = True
    return once("the world", lambda: build_world(timezone.now(), complaints=60))


def test_every_address_shows_something_to_somebody_or_is_known_to_show_nothing(world: World) -> None:
    """Because a page nobody has looked at is a page nobody has mended."""
    everybody = visitors(world)

    unseen = [address.name for address in addresses() if pictured(address) if first(address, world, everybody) is None]

    assert unseen == [], "\n".join(unseen)


def test_what_is_known_to_show_nothing_is_there() -> None:
    names = {address.name for address in addresses()}

    assert [name for group in SHOW_NOTHING.values() for name in group if name not in names] == []


@pytest.mark.browser
@pytest.mark.parametrize("look", LOOKS, ids=["zh-1366", "en-360"])
@pytest.mark.parametrize("part", [*PARTS, "the rest"])
def test_no_page_has_a_flaw_axe_finds_an_error_in_its_console_or_is_wider_than_its_screen(
    browser: Browser, live_server: object, world: World, part: str, look: Look
) -> None:
    everybody, wrong = visitors(world), list[str]()
    for opening in pages(world, everybody, part):
        client = everybody[opening.role]
        shapes = [False] * (opening.kind == PAGE) + [True] * is_dialog(client, opening)
        seen_so = turned(look, opening.address)
        with browsing(browser, str(live_server), client, seen_so) as (page, seen):
            for in_dialog in shapes:
                show(page, seen, opening, in_dialog=in_dialog)
                found = [*flaws(page), *seen.complaints]
                found += [f"scrolls sideways without a name: {one}" for one in page.evaluate(SIDEWAYS)]
                if out := page.evaluate(WIDER):
                    found.append(f"wider than the screen: {out}")
                wrong += [f"{opening.path} as {opening.role} ({seen_so}): {said}" for said in found]
    assert wrong == [], "\n".join(wrong)


def test_pages_weigh_little_the_first_time_and_nearly_nothing_after(world: World) -> None:
    """On the wire, compressed as the server sends it; maps and charts are loaded where they are."""
    everybody, heavy = visitors(world), list[str]()
    for address in addresses():
        opening = first(address, world, everybody) if pictured(address) else None
        if opening is None or opening.kind != PAGE:
            continue
        weight = weight_of(everybody[opening.role], opening.path)
        if weight.first > FIRST or weight.after > AFTER:
            heavy.append(f"{opening.path} as {opening.role}: {weight}")
    assert heavy == [], "\n".join(heavy)


def pages(world: World, everybody: dict[str, Client], part: str) -> Iterator[Opening]:
    """What a browser can show of one part of the addresses, once each."""
    for address in addresses():
        if pictured(address) and part_of(address) == part:
            opening = first(address, world, everybody)
            if opening and opening.kind in (PAGE, PART):
                yield opening


def turned(look: Look, address: Address) -> Look:
    """The same in every run for one address."""
    is_turned = crc32(address.name.encode()) % 2 == TURNED
    return replace(look, theme=OTHER[look.theme]) if is_turned else look


def part_of(address: Address) -> str:
    return next((name for name, holds in PARTS.items() if holds(address.route)), "the rest")


def first(address: Address, world: World, everybody: dict[str, Client]) -> Opening | None:
    """The address as the first who may open it."""
    found = (next(openings(address, world, role, client), None) for role, client in everybody.items())
    return next(filter(None, found), None)
