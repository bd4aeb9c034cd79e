"""Wording as the edition has it: what it is called, and what its blanks are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import override, pgettext_lazy

from shouwen.desk.wording import here
from shouwen.editions.edition import Edition, Template
from shouwen.handbook.blanks import BRACED, marked
from shouwen.handbook.moves import Move

# The moves whose text is said or written to somebody: offered wording, and refused while a blank is left in it.
SAID = frozenset(
    {Move.RESPOND, Move.TELL_CUSTOMER, Move.TELL_INFORMANT, Move.ANSWER_AT_CONTACT, Move.PROMISE, Move.NOTE}
)
LANGUAGES = ("zh-hans", "en")
BEGINNING = 20  # characters that tell a template without a name from others
BLANKS = {
    "matter": pgettext_lazy("blank", "matter"),
    "demand": pgettext_lazy("blank", "what they want"),
    "due_at": pgettext_lazy("blank", "time of the answer"),
    "expected_at": pgettext_lazy("blank", "time of the answer"),
    "measure": pgettext_lazy("blank", "what we have done"),
    "finding": pgettext_lazy("blank", "cause found"),
    "fee": pgettext_lazy("blank", "fee"),
    "effective_on": pgettext_lazy("blank", "first day"),
    "number": pgettext_lazy("blank", "ticket number"),
}


def replies(rules: Edition) -> list[Template]:
    """The wording of an edition, in the order of its file."""
    return [template for template in rules.templates.values() if template.kind == "reply"]


def name_of(template: Template) -> str:
    """What a template is called; one without a name is known by how it begins, without its blanks."""
    if template.name:
        return here(template.name)
    begins = BRACED.sub("…", here(template.words))
    return begins if len(begins) <= BEGINNING else f"{begins[:BEGINNING]}…"


def blank_name(name: str) -> str:
    """What a blank is called in the reader's language; one of the pack's own says itself."""
    return str(BLANKS.get(name, name))


def blank_names(rules: Edition) -> frozenset[str]:
    """What the blanks of an edition's wording may be called, in every language of the desk."""
    names = {name for template in replies(rules) for name in template.blanks}
    return frozenset(names | {said for name in names for said in _in_all_languages(name)})


def _in_all_languages(name: str) -> Iterator[str]:
    for code in LANGUAGES:
        with override(code):
            yield blank_name(name)


def fill(text: str, known: Mapping[str, str]) -> str:
    """A text with what is known in its blanks, however they are written."""
    for name, value in known.items():
        for blank in (f"{{{name}}}", *map(marked, (name, *_in_all_languages(name)))):
            text = text.replace(blank, value)
    return text
