"""What screens show of personal data: enough to recognise, too little to use (138****5678)."""

from __future__ import annotations

import re
from collections.abc import Callable

from shouwen.language.normalising import half_width
from shouwen.language.surnames import COMPOUND_SURNAMES

HIDDEN = "***"
STARS = 3  # more would tell how long a name is
_NOT_DIGITS = re.compile(r"[^0-9]+")
_MOBILE = re.compile("1[3-9]")
_AREA_CODE = re.compile("0(?:10|2[0-9]|[3-9][0-9]{2})")
_DISTRICT = re.compile("^[^0-9]*?(?:自治州|地区|盟|市)(?:[^0-9]{1,7}?(?:区|县|旗|市))?|^[^0-9]{2,9}?(?:区|县|旗)")


def mask(kind: str, value: str) -> str:
    """The value as a screen may show it."""
    return _MASKS.get(kind, _hidden)(half_width(value).strip())


def mask_phone(value: str) -> str:
    """A mobile's first three and last four digits; a landline's area code and last two."""
    digits = _NOT_DIGITS.sub("", value)
    if digits.startswith("86") and len(digits) == 13:
        digits = digits[2:]
    if len(digits) == 11 and _MOBILE.match(digits):
        return f"{digits[:3]}****{digits[-4:]}"
    area = _AREA_CODE.match(digits)
    if area and len(digits) >= 10:
        return f"{area[0]}-****{digits[-2:]}"
    plus = "+" if value.startswith("+") else ""
    return f"{plus}{digits[:3]}****{digits[-2:]}" if len(digits) >= 9 else f"****{digits[-2:]}"


def mask_name(value: str) -> str:
    """The surname, and a star for each character of the given name up to three; Latin words keep their first letter."""
    if value.isascii():
        return " ".join(word[0] + "*" * min(max(len(word) - 1, 2), STARS) for word in value.split()) or HIDDEN
    name = "".join(value.split())
    kept = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:kept] + "*" * min(max(len(name) - kept, 1), STARS)


def mask_id_card(value: str) -> str:
    """The region's first four digits and the last two characters."""
    card = re.sub(r"[\s-]+", "", value)
    return f"{card[:4]}{'*' * (len(card) - 6)}{card[-2:]}" if len(card) >= 15 else _ends(card)


def mask_bank_card(value: str) -> str:
    """The last four digits."""
    digits = _NOT_DIGITS.sub("", value)
    return f"**** **** **** {digits[-4:]}" if len(digits) >= 12 else HIDDEN


def mask_email(value: str) -> str:
    """The first letter and the domain."""
    local, at, domain = value.rpartition("@")
    if not at:
        return HIDDEN
    return f"{local[0]}***@{domain}" if len(local) > 1 else f"{HIDDEN}@{domain}"


def mask_address(value: str) -> str:
    """Down to the district, never to the street."""
    district = _DISTRICT.match(value)
    if district and len(district[0]) < len(value):
        return f"{district[0]}****"
    return "****" if value[:1].isdigit() else f"{value[: min(2, len(value) // 3)]}****"


def _ends(value: str) -> str:
    """A third of the characters, at most four, at the two ends."""
    shown = min(len(value) // 6, 2)
    return f"{value[:shown]}****{value[-shown:]}" if shown else HIDDEN


def _ip(value: str) -> str:
    return ".".join([*value.split(".")[:2], "*", "*"]) if value.count(".") == 3 else HIDDEN


def _hidden(value: str) -> str:
    return HIDDEN


_MASKS: dict[str, Callable[[str], str]] = {
    "phone": mask_phone,
    "name": mask_name,
    "id_card": mask_id_card,
    "bank_card": mask_bank_card,
    "email": mask_email,
    "address": mask_address,
    "ip": _ip,
    "plate": _ends,
    "account": _ends,
}
