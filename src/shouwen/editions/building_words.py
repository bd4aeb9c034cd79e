"""What every part of a pack is made of: phrases, conditions, sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shouwen.editions.checks_words import document_of
from shouwen.handbook.targets import Conditions
from shouwen.handbook.words import Source, Words


class Sources:
    """Turns what a rule cites into a `Source` with the document's full name."""

    def __init__(self, documents: Mapping[str, Any]) -> None:
        self.documents = {letter: words(form) for letter, form in documents.items()}

    def of(self, form: Any) -> Source:
        source = form.source
        document = self.documents[source.document or document_of(form.clause)]
        return Source(document, source.place, words(source.says))


def words(form: Any) -> Words:
    return Words(form.zh, form.en)


def conditions(form: Any) -> Conditions:
    return Conditions(**{name: frozenset(values) for name, values in form.model_dump().items()})
