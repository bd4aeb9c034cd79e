"""A refusal as people read it: the edition's words for the codes in it, and where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from shouwen.desk.wording import here, language
from shouwen.editions.edition import Edition
from shouwen.handbook.refusals import Refusal


def in_terms(refusal: Refusal, rules: Edition) -> Refusal:
    """The same refusal with roles, evidence and the like in the edition's words (other codes are spoken when shown)."""
    said = {
        name: _(", ").join(_SPOKEN[name](rules, code) for code in value.split(", ")) if name in _SPOKEN else value
        for name, value in refusal.facts.items()
    }
    return type(refusal)(**said)


def source_of(clause: str, rules: Edition) -> str:
    """Document and place of a clause; where the edition has nothing more exact, the document and our mark for it."""
    for source in (cited.source for cited in _cited(rules) if getattr(cited, "clause", "") == clause):
        return source.cited_in(language())
    document = rules.documents.get(clause[:1])
    return f"{here(document)} · {clause}" if document else clause


def _cited(rules: Edition) -> Iterator[Any]:
    yield from rules.rules
    yield rules.retention


def _item(rules: Edition, code: str) -> str:
    items = (item for checklist in rules.checklists.values() for item in checklist.items)
    return next((here(item.words) for item in items if item.code == code), code)


def _term(kind: str) -> Callable[[Edition, str], str]:
    def speak(rules: Edition, code: str) -> str:
        return here(rules.label(kind, code))

    return speak


_SPOKEN: dict[str, Callable[[Edition, str], str]] = {
    "roles": _term("roles"),
    "items": _item,
    "limits": _term("rules"),
    "category": _term("categories"),
    "reason": _term("pauses"),
}
