"""How the appendices of the handbook say things: posts, sources, lists, in the language that is active."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from shouwen.editions.edition import Edition
from shouwen.handbook.words import Source, Words
from shouwen.screens.templatetags.spoken import spoken

POSTS = {
    "handler": pgettext_lazy("post", "handler"),
    "first_owner": pgettext_lazy("post", "first-contact owner"),
    "team_lead": pgettext_lazy("post", "team lead"),
}


@dataclass(frozen=True, slots=True)
class Cited:
    """Where something comes from, and what it demands."""

    document: str
    place: str
    says: str
    clause: str


def post_words(edition: Edition, post: str) -> str:
    return str(POSTS[post]) if post in POSTS else here(edition.label("roles", post))


def cited(clause: str, source: Source) -> Cited:
    return Cited(here(source.document), source.place_in(get_language() or ""), here(source.says), clause)


def either(names: Iterable[str]) -> str:
    return _(" or ").join(names)


def listed(names: Iterable[str]) -> str:
    return _(", ").join(names)


def here(words: Words) -> str:
    return spoken(words)


def is_english() -> bool:
    return (get_language() or "").startswith("en")
