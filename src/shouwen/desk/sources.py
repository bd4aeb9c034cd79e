"""Where a refusal comes from, as people know it: a document and the place in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shouwen.desk.wording import here
from shouwen.editions.edition import Edition


def source_of(clause: str, rules: Edition) -> str:
    """Document and place of a clause; where the edition has nothing more exact, the document and our mark for it."""
    for source in (cited.source for cited in _cited(rules) if getattr(cited, "clause", "") == clause):
        return f"{here(source.document)} · {source.place}"
    document = rules.documents.get(clause[:1])
    return f"{here(document)} · {clause}" if document else clause


def _cited(rules: Edition) -> Iterator[Any]:
    yield from rules.rules
    yield rules.retention
