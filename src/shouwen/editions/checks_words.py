"""What every check of a pack asks: whether a name is known, a condition makes sense, a clause has its source."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from shouwen.editions.reading import Place
from shouwen.handbook.targets import NATURAL

Wrong = Iterator[tuple[Place, str]]
Forms = Mapping[str, Any]


def unknown(noun: str, used: Iterable[str], known: Collection[str], place: Place) -> Wrong:
    """A problem for every name used that is not known; a list of names has its own lines."""
    for index, name in enumerate([used] if isinstance(used, str) else used):
        if name not in known:
            where = place if isinstance(used, str) else (*place, index)
            yield where, _('unknown {noun} "{name}"').format(noun=_(noun), name=name)


def categories_of(forms: Forms) -> set[str]:
    """The codes of all categories."""
    return {code for code, *_rest in branches(forms["categories.yaml"].categories)}


def calendars_of(forms: Forms) -> set[str]:
    """The names of all calendars."""
    return {NATURAL, *forms["calendars.yaml"].calendars}


def check_applies(forms: Forms, applies: Any, place: Place) -> Wrong:
    """Every condition names what the edition has."""
    edition = forms["edition.yaml"]
    known = {
        "ticket_type": edition.ticket_types,
        "category": categories_of(forms),
        "priority": forms["priorities.yaml"].priorities,
        "complexity": edition.complexities,
        "customer_level": edition.customer_levels,
        "channel": edition.channels,
        "mark": edition.marks,
    }
    for name, names in known.items():
        yield from unknown(name.replace("_", " "), getattr(applies, name), names, (*place, name))


def blanks(text: str) -> list[str]:
    """The names of the {blanks} in a text, in their order. Raises ValueError for a brace that is never closed."""
    return [name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None]


def check_cited(forms: Forms, item: Any, place: Place) -> Wrong:
    """A clause and its source, both of documents the edition names."""
    yield from check_clause(forms, item.clause, (*place, "clause"))
    if item.source.document is not None:
        documents = forms["edition.yaml"].documents
        yield from unknown("document", item.source.document, documents, (*place, "source", "document"))


def check_clause(forms: Forms, clause: str, place: Place) -> Wrong:
    """A clause is of a document the edition names."""
    if document_of(clause) not in forms["edition.yaml"].documents:
        yield place, _('clause "{clause}" is of no document of this edition').format(clause=clause)


def document_of(clause: str) -> str:
    """The letter a clause begins with names its document."""
    return clause.rstrip(string.ascii_lowercase).rstrip("0123456789.")


def repeated(noun: str, ids: list[str], key: str) -> Wrong:
    """A problem for every id that was there before."""
    seen = Counter[str]()
    for index, name in enumerate(ids):
        seen[name] += 1
        if seen[name] > 1:
            yield (key, index, "id"), _("there are two of this {noun}").format(noun=_(noun))


def given(value: str | None) -> list[str] | str:
    """What an optional field names: nothing, where it was left out."""
    return [] if value is None else value


def branches(nodes: Mapping[str, Any], code: str = "", place: Place = ("categories",), level: int = 1) -> Iterator[Any]:
    """Every category with its code, its place in the file and its level."""
    for key, node in nodes.items():
        full, here = f"{code}.{key}" if code else key, (*place, key)
        yield full, here, node, level
        yield from branches(node.children, full, (*here, "children"), level + 1)
