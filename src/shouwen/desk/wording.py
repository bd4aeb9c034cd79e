"""Names in the reader's language."""

from __future__ import annotations

from django.utils.translation import get_language

from shouwen.handbook.words import Words
from shouwen.people.models import Team


def language() -> str:
    """The language the page is written in."""
    return get_language() or ""


def here(words: Words) -> str:
    """A phrase of the pack, in that language."""
    return words.spoken(language())


def team_words(team: Team | None) -> str:
    """A team's name."""
    if team is None:
        return ""
    return team.name_en if language().startswith("en") and team.name_en else team.name
