"""Wording for staff, filled from the ticket as far as it knows; the rest stays a blank to fill."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from shouwen.desk.asking import Asking
from shouwen.desk.basis import last_of
from shouwen.desk.replies import SAID, blank_name, blank_names, name_of, replies
from shouwen.desk.wording import here, language
from shouwen.editions.edition import Template
from shouwen.handbook.blanks import marked
from shouwen.handbook.history import What
from shouwen.language.redaction import TOKEN

TIMES = frozenset({"due_at", "expected_at"})  # the form's own field of this kind fills them


@dataclass(frozen=True, slots=True)
class Phrase:
    """One wording, ready to go into a form."""

    code: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Wording:
    """What a form offers to say, and how its blanks are told from other words (`frontend/src/blanks.ts`)."""

    phrases: tuple[Phrase, ...]
    names: str  # of the blanks, as JSON
    times: str  # of those that a time of the form fills


def wording_for(asking: Asking) -> Wording | None:
    """The wording a move's form offers; None for a move nobody hears of."""
    if asking.move not in SAID:
        return None
    known = known_of(asking)
    phrases = tuple(Phrase(one.code, name_of(one), filled(one, known)) for one in replies(asking.rules))
    names = json.dumps(sorted(blank_names(asking.rules)), ensure_ascii=False)
    return Wording(phrases, names, "|".join({blank_name(name) for name in TIMES}))


def filled(template: Template, known: dict[str, str]) -> str:
    """The wording with what is known in it, and a marked blank for everything else."""
    values: defaultdict[str, str] = defaultdict(str, known)
    for name in template.blanks:
        values.setdefault(name, marked(blank_name(name)))
    return template.filled(language(), values)


def known_of(asking: Asking) -> dict[str, str]:
    """The blanks a ticket fills by itself."""
    return dict(_known(asking))


def _known(asking: Asking) -> Iterator[tuple[str, str]]:
    """What the ticket says of itself; nothing that stands for a person's data."""
    yield "number", asking.ticket.number
    yield "matter", here(asking.rules.label("categories", asking.state.category))
    proposal, done = last_of(What.PROPOSED, asking.history), last_of(What.CARRIED_OUT, asking.history)
    if proposal and proposal.facts.get("cause"):
        yield "finding", here(asking.rules.label("causes", str(proposal.facts["cause"])))
    measure = str((done and done.facts.get("work")) or (proposal and proposal.facts.get("text")) or "")
    if measure and not TOKEN.search(measure):
        yield "measure", measure
