"""What a page is asked by every browser test: what axe-core finds wrong with it, and whether it fits its screen."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path("frontend/node_modules/axe-core/axe.min.js")
FOUND = """() => axe.run().then(({violations}) =>
  violations.map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 200)).join(" ")}`))"""
FITS = "document.documentElement.scrollWidth <= window.innerWidth"


def flaws(page: Page) -> list[str]:
    """The rules of accessibility the page breaks as it stands, each with the elements that do."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(FOUND)
    return found


def fits(page: Page) -> bool:
    """True when nothing is wider than the screen."""
    return bool(page.evaluate(FITS))
