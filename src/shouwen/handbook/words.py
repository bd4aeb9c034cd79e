"""A phrase in the two languages the desk speaks."""

from __future__ import annotations

from dataclasses import dataclass


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
