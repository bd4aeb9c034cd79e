"""A phrase in the two languages the desk speaks."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIGITS = {character: str(number) for number, character in enumerate("一二三四五六七八九十", 1)}
_ARTICLE = re.compile(f"第([{''.join(_DIGITS)}]+)条")
_CHINESE = "\u3400-\u9fff"
_NUMBERED = re.compile(f"(?<![{_CHINESE}])[\\d{''.join(_DIGITS)}]+(?:[.·()][\\d{''.join(_DIGITS)}]*)*(?![{_CHINESE}])")


@dataclass(frozen=True, slots=True)
class Words:
    """One phrase in Chinese and English; Chinese leads."""

    zh: str
    en: str

    def spoken(self, language: str) -> str:
        """The phrase in `language` (a Django language code); anything but English is Chinese."""
        return self.en if language.startswith("en") else self.zh


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from: the document, the place in it, and what it demands in our own words."""

    document: Words
    place: str
    says: Words

    def place_in(self, language: str) -> str:
        """The place as its reader finds it: in English the number alone, whose document is named beside it.

        Headings of a Chinese document are not translated: nobody would find them in it.
        """
        if not language.startswith("en") or not re.search(f"[{_CHINESE}]", self.place):
            return self.place
        first = _ARTICLE.sub(r"\1", self.place.split("；")[0].rpartition(" ")[2])
        return ", ".join(_in_digits(number) for number in _NUMBERED.findall(first))

    def cited_in(self, language: str) -> str:
        """The document, and the place in it."""
        return " · ".join(filter(None, (self.document.spoken(language), self.place_in(language))))


def _in_digits(number: str) -> str:
    """五(一) is 5(1)."""
    return "".join(_DIGITS.get(character, character) for character in number.rstrip("·"))
