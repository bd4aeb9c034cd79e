"""Parts of a draft that forms write: what they say now, and a change that never breaks rules that were right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shouwen.editions.drafting import change_draft
from shouwen.editions.models import EditionDraft
from shouwen.editions.pack import data_of, problems_of
from shouwen.editions.reading import BrokenPack, Place
from shouwen.editions.rewriting import ABSENT, rewritten, value_at
from shouwen.handbook.authority import Actor

TEMPLATES, TELLING, ROUTING = "templates.yaml", "telling.yaml", "routing.yaml"
EMPTY = "{}\n"


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing made another in a file of a draft; ABSENT takes it out."""

    place: Place
    value: Any
    after: str = ""  # the key a new one follows


def part_of(draft: EditionDraft, file: str) -> dict[str, Any]:
    """What a file says. Raises BrokenPack where its form is wrong: no form can write into that."""
    return data_of(draft.content, file)


def entry_of(draft: EditionDraft, file: str, place: Place) -> Any:
    """What stands at one place of a file; None for nothing. Raises BrokenPack."""
    found = value_at(part_of(draft, file), place)
    return None if found is ABSENT else found


def edit_part(
    draft: EditionDraft, file: str, edits: Iterable[Edit], *, seen: str, by: Actor, at: datetime
) -> EditionDraft:
    """Save what a form says. Raises BrokenPack with what would be wrong and is not already, or a `Refusal`."""
    text = draft.content.get(file, EMPTY)
    for edit in edits:
        text = rewritten(file, text, edit.place, edit.value, after=edit.after)
    texts = {**draft.content, file: text}
    before = {(one.file, one.rule, one.sentence) for one in problems_of(draft.content)}
    if new := [one for one in problems_of(texts) if (one.file, one.rule, one.sentence) not in before]:
        raise BrokenPack(new)
    return change_draft(draft.pk, {file: text}, seen=seen, by=by, at=at)
