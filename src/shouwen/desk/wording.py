"""Names in the reader's language."""

from __future__ import annotations

from django.utils.translation import get_language

from shouwen.editions.edition import Edition
from shouwen.handbook.words import Words
from shouwen.language.redaction import TOKEN


def language() -> str:
    """The language the page is written in."""
    return get_language() or ""


def here(words: Words) -> str:
    """A phrase of the pack, in that language."""
    return words.spoken(language())


def plain_words(redacted: str) -> str:
    """Somebody's words as they may leave the desk: without what identifies anybody."""
    return TOKEN.sub("***", redacted)


def region_of(rules: Edition, code: str) -> str:
    """The region of the rules a place lies in; a place outside all of them says its code."""
    within = max((known for known in rules.regions if code.startswith(known)), key=len, default="")
    return here(rules.regions[within].words) if within else code
