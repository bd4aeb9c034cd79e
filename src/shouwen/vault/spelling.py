"""One spelling for a value, so that the same number typed in two ways is found again.

Versioned with the blind index: whoever changes a rule here re-indexes the vault.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from operator import add

TAIL = 4  # digits by which people name a phone: 尾号
_NOT_DIGITS = re.compile(r"\D+")
_NOT_LETTERS_OR_DIGITS = re.compile(r"[\W_]+")
_SPACES = re.compile(r"\s+")


def one_spelling(kind: str, value: str) -> str:
    """The value as every way of writing it comes out."""
    return _RULES.get(kind, _without_spaces)(unicodedata.normalize("NFKC", value).casefold())


def parts_of(kind: str, value: str) -> list[str]:
    """What a value is found by where nobody has the whole: a phone's end, neighbouring characters of a place."""
    spelled = one_spelling(kind, value)
    if kind == "phone":
        return [spelled[-TAIL:]] if len(spelled) > TAIL else []
    if kind == "address":
        plain = _NOT_LETTERS_OR_DIGITS.sub("", spelled)
        return list(dict.fromkeys(map(add, plain, plain[1:])))
    return []


def _phone(value: str) -> str:
    """Digits only; a Chinese number without its country code, any other with a plus."""
    digits = _NOT_DIGITS.sub("", value)
    international = value.lstrip().startswith(("+", "00"))
    digits = digits.removeprefix("00") if international else digits
    if digits.startswith("86") and (international or len(digits) == 13):
        return digits[2:] if digits[2:3] == "1" else "0" + digits[2:].lstrip("0")
    if digits.startswith("1") and len(digits) == 11 and digits[1] in "3456789" and not international:
        return digits
    return "+" + digits if international else digits


def _letters_and_digits(value: str) -> str:
    return _NOT_LETTERS_OR_DIGITS.sub("", value)


def _without_spaces(value: str) -> str:
    return _SPACES.sub("", value)


def _name(value: str) -> str:
    """A Chinese name without spaces, another with single ones."""
    apart = _SPACES.sub(" ", value).strip()
    return apart if apart.isascii() else apart.replace(" ", "")


_RULES: dict[str, Callable[[str], str]] = {
    "phone": _phone,
    "id_card": _letters_and_digits,
    "bank_card": _letters_and_digits,
    "plate": _letters_and_digits,
    "account": _without_spaces,
    "name": _name,
}
