"""Bringing text into one form: for keeping, for comparing, and for looking into it without moving a character."""

from __future__ import annotations

import re
import unicodedata

_DASHES = "‐‑‒–—―−﹣－ｰ"
_SPACES = "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_BOLD_DIGITS = {0x1D7CE + n: ord("0") + n % 10 for n in range(50)}
_HALF_WIDTH = {
    chr(wide): chr(narrow)
    for wide, narrow in (
        _FULL_WIDTH
        | _BOLD_DIGITS
        | dict.fromkeys(map(ord, _DASHES), ord("-"))
        | dict.fromkeys(map(ord, _SPACES), ord(" "))
    ).items()
}
_WIDE = frozenset(_HALF_WIDTH)

# A circled, raised or bracketed number next to digits must not become a part of them: ①10元 is not 110元.
_KEPT = re.compile("([²³¹¼-¾\u2070-\u209f\u2150-\u218f\u2460-\u24ff\u2776-\u2793\u3200-\u33ff]+)")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]+")
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x85]")
_BLANKS_AT_LINE_ENDS = re.compile("[^\\S\n]+(?=\n|$)")
_EMPTY_LINES = re.compile("\n{3,}")
_WHITESPACE = re.compile(r"\s+")


def half_width(text: str) -> str:
    """Full-width letters, digits and signs as half-width ones, every dash a hyphen; every character keeps its place."""
    for wide in _WIDE.intersection(text):
        text = text.replace(wide, _HALF_WIDTH[wide])
    return text


def without_controls(text: str) -> str:
    """Text without the characters that show nothing and that no database keeps; tabs and line ends stay."""
    return _CONTROLS.sub("", text)


def tidy(text: str) -> str:
    """Text fit to keep: no control characters, one kind of line end, no blanks at line ends, one empty line at most."""
    text = without_controls(_LINE_ENDS.sub("\n", text))
    text = _BLANKS_AT_LINE_ENDS.sub("", unicodedata.normalize("NFC", text))
    return _EMPTY_LINES.sub("\n\n", text).strip()


def normalise(text: str) -> str:
    """Text to compare and to search: one width, one case, single spaces. Traditional characters stay as written."""
    text = _INVISIBLE.sub("", half_width(text))
    if not text.isascii():
        text = _compatible(text)
    return _WHITESPACE.sub(" ", text).strip().casefold()


def _compatible(text: str) -> str:
    """NFKC where it does not change what is said."""
    parts = _KEPT.split(text)
    parts[::2] = (unicodedata.normalize("NFKC", part) for part in parts[::2])
    return "".join(parts)
