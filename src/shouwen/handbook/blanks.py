"""Blanks in wording: what is to be said to somebody is said only once every blank in it has been filled (T1.3)."""

from __future__ import annotations

import re
from collections.abc import Collection

BRACED = re.compile(r"\{[^{}\n]{0,40}\}")
MARKED = re.compile(r"【([^【】\n]{0,40})】")


def unfilled(text: str, names: Collection[str] = ()) -> tuple[str, ...]:
    """The blanks left in a text, each once: anything in {braces}, 【】 with nothing in it, and 【one of the names】.

    Other words in 【】 are what people write in a message (a company signs with them), and no blank.
    """
    called = {"", *map(_bare, names)}
    marked = (found[0] for found in MARKED.finditer(text) if _bare(found[1]) in called)
    return tuple(dict.fromkeys([*(found[0] for found in BRACED.finditer(text)), *marked]))


def _bare(name: str) -> str:
    """Without spaces: one typed inside a blank fills nothing."""
    return "".join(name.split())


def marked(name: str) -> str:
    """A blank as it stands in a text."""
    return f"【{name}】"
