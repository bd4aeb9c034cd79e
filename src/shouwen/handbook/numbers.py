"""Ticket numbers people read aloud: `AH-7K3MP-9QXTD-4`.

A cell's code, ten random characters nobody mistakes for another, and a check character after ISO 7064 MOD 37-2. It
catches every wrong character and every pair of neighbours that changed places, the cell's code included.
"""

from __future__ import annotations

import re
import unicodedata

UNMISTAKABLE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O, no 1 I L, no U that a voice or a pen makes a V
RANDOM_LENGTH = 10
ENOUGH_BYTES = 8

_BODY = f"[{UNMISTAKABLE}]"
_CELL = "[A-Z][A-Z0-9]{1,3}"
_CELL_PATTERN = re.compile(_CELL)
_CANONICAL = re.compile(f"{_CELL}-{_BODY}{{5}}-{_BODY}{{5}}-{_BODY}")
_COMPACT = re.compile(f"({_CELL})({_BODY}{{5}})({_BODY}{{5}})({_BODY})")
_SEPARATORS = re.compile(r"[\s\-_./\u2010-\u2015\u2212\u30fc\ufe58]+")
_VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*")}
_CHARACTERS = {value: character for character, value in _VALUES.items()}
_MODULUS = 37
_ROOM = len(UNMISTAKABLE) ** RANDOM_LENGTH
_PAIRS = [one + other for one in UNMISTAKABLE for other in UNMISTAKABLE]


def make_number(cell: str, random_bytes: bytes) -> str:
    """The number these random bytes (eight or more) draw in a cell; the same bytes draw the same number."""
    if not _CELL_PATTERN.fullmatch(cell):
        raise ValueError(f"A cell code is a capital letter and one to three capitals or digits, not {cell!r}.")
    if len(random_bytes) < ENOUGH_BYTES:
        raise ValueError(f"A number needs {ENOUGH_BYTES} random bytes, not {len(random_bytes)}.")
    draw = int.from_bytes(random_bytes, "big")
    while True:
        body = _spelled(draw % _ROOM)
        check = _check_character(cell + body)
        if check in UNMISTAKABLE:
            return f"{cell}-{body[:5]}-{body[5:]}-{check}"
        draw += 1  # seven of the 37 check characters are mistakable, so those numbers are never given out


def normalise_number(text: str) -> str | None:
    """The canonical number somebody meant, however they typed it; None when it cannot be one."""
    compact = _compact(text)
    found = _COMPACT.fullmatch(compact)
    if found is None or not _checks(compact):
        return None
    return "-".join(found.groups())


def numbers_beginning(typed: str, cell: str) -> tuple[str, str] | None:
    """The first and the last number of a cell that begin as somebody typed, with or without the cell's code.

    Both are whole numbers, so that they stand at the ends of a stretch in whatever order a database keeps text. None
    when no number begins so, or the cell's code alone was typed.
    """
    compact = _compact(typed)
    body = compact.removeprefix(cell)
    if not body or len(body) > RANDOM_LENGTH + 1 or not set(body) <= set(UNMISTAKABLE):
        return None
    first, last = (body.ljust(RANDOM_LENGTH + 1, fill) for fill in (UNMISTAKABLE[0], UNMISTAKABLE[-1]))
    return _grouped(cell, first), _grouped(cell, last)


def numbers_near(typed: str, cell: str) -> list[str]:
    """The numbers of a cell that are one slip away from what was typed: a wrong character, or two that changed places.

    Nothing for a number that is right, and nothing for what is no number at all.
    """
    body = _compact(typed).removeprefix(cell)
    if len(body) != RANDOM_LENGTH + 1 or not body.isascii() or not body.isalnum() or _checks(cell + body):
        return []
    wrong = [place for place, character in enumerate(body) if character not in UNMISTAKABLE]
    places = wrong or range(len(body))
    slips = [body[:at] + other + body[at + 1 :] for at in places for other in UNMISTAKABLE] if len(wrong) <= 1 else []
    slips += [body[:at] + body[at + 1] + body[at] + body[at + 2 :] for at in range(len(body) - 1)]
    right = (slip for slip in dict.fromkeys(slips) if set(slip) <= set(UNMISTAKABLE) and _checks(cell + slip))
    return [_grouped(cell, slip) for slip in right]


def valid(number: str) -> bool:
    """True for a number in its canonical form whose check character is right."""
    return _CANONICAL.fullmatch(number) is not None and _checks(number.replace("-", ""))


def _compact(text: str) -> str:
    """Letters and digits as they stand in a number, whatever was put between them."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def _grouped(cell: str, body: str) -> str:
    return f"{cell}-{body[:5]}-{body[5:10]}-{body[10:]}"


def _spelled(value: int) -> str:
    pairs = []
    for _ in range(RANDOM_LENGTH // 2):
        value, rest = divmod(value, len(_PAIRS))
        pairs.append(_PAIRS[rest])
    return "".join(reversed(pairs))


def _check_character(characters: str) -> str:
    return _CHARACTERS[(1 - _weighed(characters) * 2) % _MODULUS]


def _checks(characters: str) -> bool:
    return _weighed(characters) == 1


def _weighed(characters: str) -> int:
    """The sum of the characters' values, each weighing twice its right neighbour."""
    total = 0
    for character in characters:
        total = (total * 2 + _VALUES[character]) % _MODULUS
    return total
