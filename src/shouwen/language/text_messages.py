"""How long a text message is, as a network counts it: GSM 03.38 where it suffices, else UCS-2."""

from __future__ import annotations

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")  # each takes two places
ONE, EACH = 160, 153
ONE_WIDE, EACH_WIDE = 70, 67  # with anything the basic alphabet lacks, such as Chinese


@dataclass(frozen=True, slots=True)
class Length:
    """The characters of a text, and the messages it is sent as."""

    characters: int
    parts: int


def length_of(text: str) -> Length:
    if all(sign in BASIC or sign in EXTENDED for sign in text):
        places = len(text) + sum(sign in EXTENDED for sign in text)
        return Length(places, _parts(places, ONE, EACH))
    places = len(text.encode("utf-16-le")) // 2  # a sign outside the first plane takes two
    return Length(places, _parts(places, ONE_WIDE, EACH_WIDE))


def _parts(places: int, one: int, each: int) -> int:
    return 1 if places <= one else -(-places // each)
