"""What somebody types into the box, taken apart: a number, somebody's own values, words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from shouwen.handbook.authority import Actor, Sight
from shouwen.handbook.numbers import normalise_number, numbers_beginning, numbers_near
from shouwen.language.masking import mask_phone
from shouwen.language.normalising import half_width, without_controls
from shouwen.vault.patience import TookTooLong
from shouwen.vault.queries import subjects_by_part, subjects_by_value
from shouwen.vault.sealing import NEVER_LOOKED_UP, Kind
from shouwen.vault.spelling import one_spelling

LONGEST = 100
SHORTEST_PHONE = 7
MANY_DIGITS = 4  # in a row: no word any more, but a part of somebody's number
FEWEST_SURE, FEWEST_UNSURE = 3, 5  # characters a number is looked for by: ones that look like it, and any others
PIECES_AT_MOST = 6
LOOKED_UP = tuple(kind for kind in Kind if kind not in NEVER_LOOKED_UP)
SHORTEST_ADDRESS = 3
PARTS_AT_MOST = 2  # of the pieces
_CHINESE = re.compile("[\u3400-\u9fff]")
_END_OF_PHONE = re.compile(r"(?:尾号|(?:1\d{2})?\*+)?(\d{4})")
_DIGITS_IN_A_ROW = re.compile(rf"\d{{{MANY_DIGITS}}}|@")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, and what it may mean. `of` are the customers whose own value it is, beside the `words`."""

    typed: str = ""
    number: str = ""
    beginning: tuple[str, str] | None = None
    near: tuple[str, ...] = ()
    of: tuple[UUID, ...] = ()
    words: str = ""
    is_phone: bool = False  # nothing but a phone number, whoever has it
    is_personal: bool = False  # so that it is kept nowhere

    def __bool__(self) -> bool:
        return bool(self.typed)

    @property
    def shown(self) -> str:
        """What was typed, as a screen may show it."""
        if not self.is_personal:
            return self.typed
        return mask_phone(self.typed) if self.is_phone else f"{self.typed[:1]}***"


def as_typed(text: str) -> str:
    """What came out of a box, on one line, fit to be looked for and not too long."""
    return " ".join(without_controls(text).split())[:LONGEST]


def asked_for(typed: str, *, by: Actor) -> Asked:
    """What these characters may mean; the vault is asked a few questions, and none for who sees nothing personal."""
    typed = as_typed(typed)
    number = normalise_number(typed)
    if number or not typed:
        return Asked(typed, number or "", words=typed)
    pieces = _pieces(typed)
    of, left = _whose(typed, pieces) if Sight.PERSONAL in by.sights else ((), [typed])
    if not of and Sight.PERSONAL in by.sights:
        of, left = _whose_part(pieces)
    phone, beginning = phone_in(typed), _beginning(typed)
    near = tuple(numbers_near(typed, settings.SHOUWEN_CELL))
    is_ours = near or (beginning and not typed.isdigit())  # a ticket's number has digits in a row too
    return Asked(
        typed,
        beginning=beginning,
        near=near,
        of=of,
        words="" if phone else " ".join(left),
        is_phone=phone is not None,
        is_personal=bool(of or phone or (not is_ours and _DIGITS_IN_A_ROW.search(half_width(typed)))),
    )


def phone_in(text: str) -> str | None:
    """The phone number somebody typed, if it looks like one: digits, and at most what people put between them."""
    spelled = one_spelling(Kind.PHONE, text)
    bare = text.strip().lstrip("+")
    only_digits = all(character.isdigit() or character in " -()（）\u3000" for character in bare)
    return spelled if only_digits and len(spelled.lstrip("+")) >= SHORTEST_PHONE else None


def _pieces(typed: str) -> list[str]:
    """All of it, then what stands between the spaces."""
    apart = typed.split()
    return [typed, *apart] if 1 < len(apart) <= PIECES_AT_MOST else [typed]


def _whose(typed: str, pieces: Iterable[str]) -> tuple[tuple[UUID, ...], list[str]]:
    """The customers who have every value among the pieces, and the pieces that are nobody's value."""
    whole, *apart = pieces
    found = subjects_by_value((kind, piece) for piece in (whole, *apart) if len(piece) > 1 for kind in LOOKED_UP)
    by_piece = {piece: [one for kind in LOOKED_UP for one in found.get((kind, piece), ())] for piece in (whole, *apart)}
    if by_piece[whole] or not apart:
        return tuple(dict.fromkeys(by_piece[whole])), [] if by_piece[whole] else [typed]
    values = [by_piece[piece] for piece in apart if by_piece[piece]]
    if not values:
        return (), [typed]
    of = tuple(one for one in dict.fromkeys(values[0]) if all(one in others for others in values[1:]))
    return of, [piece for piece in apart if not by_piece[piece]]


def _whose_part(pieces: Sequence[str]) -> tuple[tuple[UUID, ...], list[str]]:
    """The customers whose phone ends so or whose address says so, and the pieces beside it."""
    meant = {piece: part for piece in pieces[: PARTS_AT_MOST + 1] if (part := _part_meant(piece))}
    try:
        found = subjects_by_part(list(meant.values()))
    except TookTooLong:  # too much of it to tell anybody from the rest
        found = []
    for piece, of in zip(meant, found, strict=False):
        if of:
            return tuple(of), [other for other in pieces[1:] if other != piece] if piece != pieces[0] else []
    return (), [pieces[0]]


def _part_meant(piece: str) -> tuple[Kind, str] | None:
    """What of somebody's this may be a part of."""
    if end := _END_OF_PHONE.fullmatch(half_width(piece)):
        return Kind.PHONE, end[1]
    return (Kind.ADDRESS, piece) if len(piece) >= SHORTEST_ADDRESS and _CHINESE.search(piece) else None


def _beginning(typed: str) -> tuple[str, str] | None:
    """The stretch of numbers that begin as typed; a few letters or digits alone are rather a word."""
    bare = re.sub(r"[\W_]+", "", typed).upper()
    body = bare.removeprefix(settings.SHOUWEN_CELL)
    is_mixed = not body.isalpha() and not body.isdigit()
    looks_sure = is_mixed or body != bare
    if len(body) < (FEWEST_SURE if looks_sure else FEWEST_UNSURE):
        return None
    return numbers_beginning(typed, settings.SHOUWEN_CELL)
