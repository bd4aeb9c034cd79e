"""The initials of Chinese words: people type `gd` for 工单 without waking their input method.

The first level of GB 2312, the 3,755 characters in everyday use, stands in the order of its pinyin, so an initial is
found by where a character stands. A rarer character has none, and one with two readings has its commonest.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

_BEGINS = {
    "a": 0xB0A1, "b": 0xB0C5, "c": 0xB2C1, "d": 0xB4EE, "e": 0xB6EA, "f": 0xB7A2, "g": 0xB8C1, "h": 0xB9FE,
    "j": 0xBBF7, "k": 0xBFA6, "l": 0xC0AC, "m": 0xC2E8, "n": 0xC4C3, "o": 0xC5B6, "p": 0xC5BE, "q": 0xC6DA,
    "r": 0xC8BB, "s": 0xC8F6, "t": 0xCBFA, "w": 0xCDDA, "x": 0xCEF4, "y": 0xD1B9, "z": 0xD4D1,
}  # fmt: skip
_LETTERS, _FIRST = list(_BEGINS), list(_BEGINS.values())
_LAST = 0xD7F9


@lru_cache(maxsize=20_000)
def initials(text: str) -> str:
    """The initial of each Chinese character, and Latin letters and digits as they are, in small letters."""
    return "".join(_initial(character) for character in text.lower() if character.isalnum())


def _initial(character: str) -> str:
    if character.isascii():
        return character
    try:
        place = int.from_bytes(character.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return ""
    return _LETTERS[bisect_right(_FIRST, place) - 1] if _FIRST[0] <= place <= _LAST else ""
