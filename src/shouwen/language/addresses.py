"""Where somebody lives: an address the ticket knows, wherever it or its end stands; and doors with their rooms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

SHORTEST = 6  # characters of an address that can be no chance
_BLANK = re.compile(r"\s+")
_DIGIT = re.compile("[0-9]")
# A house and a room: 88 号天鹅湖花园 12 栋 1203 室. The road before it stays, so a cell named after a road stays too.
_DOOR = re.compile(
    "(?:(?<![0-9])[0-9]{1,5} ?号 ?[^0-9,，。;；\n⟦⟧]{0,12})?"
    "(?<![0-9])[0-9]{1,4} ?(?:号楼|栋|幢|座|单元) ?(?:[0-9]{1,3} ?单元 ?)?[0-9]{1,5} ?室"
)


def addresses_in(low: str, known: Sequence[str] = ()) -> Iterator[tuple[str, int, int]]:
    """Every (kind, start, end) of an address in half-width text in lower case; `known` are written the same way."""
    for address in known:
        yield from _known_in(low, _BLANK.sub("", address))
    if "室" in low:
        yield from (("address", *door.span()) for door in _DOOR.finditer(low))


def _known_in(low: str, address: str) -> Iterator[tuple[str, int, int]]:
    """Where it stands, whatever blanks are in it: from its end backwards as far as it goes on."""
    if len(address) < SHORTEST:
        return
    places = [place for place, character in enumerate(low) if not character.isspace()]
    dense, tail, before = "".join(low[place] for place in places), address[-SHORTEST:], 0
    while (found := dense.find(tail, before)) >= 0:
        start, end = found, found + SHORTEST
        while end - start < len(address) and start > before and dense[start - 1] == address[start - end - 1]:
            start -= 1
        if end - start == len(address) or _DIGIT.search(dense, start, end):  # 合肥市蜀山区 alone is nobody's address
            yield "address", places[start], places[end - 1] + 1
        before = end
