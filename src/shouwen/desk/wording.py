"""Names in the reader's language."""

from __future__ import annotations

from django.utils.translation import get_language

from shouwen.handbook.words import Words


def language() -> str:
    """The language the page is written in."""
    return get_language() or ""


def here(words: Words) -> str:
    """A phrase of the pack, in that language."""
    return words.spoken(language())
