"""Reads the worked examples of docs/handbook: Markdown tables that the tests go through row by row.

A table is announced by a comment, `<!-- examples: stage moves -->`. Headings may speak two languages, "从 · from": the
last word names the column. A cell may add words to its codes, "已派单 `dispatched`": the codes stand in backticks.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "handbook"


def examples(page: str, table: str) -> list[dict[str, str]]:
    """The rows of one table of a page of docs/handbook, by the names of its columns."""
    after = (FOLDER / page).read_text("utf-8").partition(f"<!-- examples: {table} -->")[2].lstrip("\n")
    head, _, *rows = [_cells(line) for line in after.partition("\n\n")[0].splitlines()]
    names = [heading.rpartition("·")[2].strip() for heading in head]
    return [dict(zip(names, row, strict=True)) for row in rows]


def codes(cell: str) -> list[str]:
    """The codes in a cell, without the words around them."""
    return re.findall(r"`([^`]+)`", cell)


def code(cell: str) -> str:
    """The one code in a cell, or nothing."""
    found = codes(cell)
    if len(found) > 1:
        raise ValueError(f"One code was expected in {cell!r}.")
    return found[0] if found else ""


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]
