"""Which blanks of which template the desk fills, and which it cannot do without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shouwen.editions.checks_telling import FILLED

NUMBER = frozenset({"number"})
LETTER = "_letter"


@dataclass(frozen=True, slots=True)
class Fills:
    """The blanks that are filled, and those a text must have to say what it is for."""

    known: frozenset[str]
    needed: frozenset[str] = frozenset()


def _fills(known: str, needed: str = "") -> Fills:
    return Fills(frozenset(known.split()), frozenset(needed.split()))


# What the program itself sends, by the template's code.
BY_CODE = {
    "acknowledgement": _fills("number", "number"),
    "ticket_merged": _fills("number into", "into"),
    "ticket_unmerged": _fills("number into"),
    "event_news": _fills("number text", "text"),
    "phone_code": _fills("code minutes number", "code"),
    "progress_investigating": _fills("number"),
    "more_needed": _fills("number asked until", "asked"),
    "extension_confirmed": _fills("number until", "until"),
    "survey_link": _fills("number link", "link"),
    "work_dispatched": _fills("number"),
    "work_declined": _fills("number"),
    "matter_absorbed": _fills("number merged", "number"),
    "proposal_returned": _fills("number"),
    "ready_to_tell": _fills("number"),
    "ticket_reopened": _fills("number"),
    "rating_review": _fills("number score"),
    "callback_assigned": _fills("number due_at"),
    "training_due": _fills("count tickets due_at person"),
    "training_coached": _fills("count tickets due_at person"),
    "training_ordered": _fills("count tickets due_at person"),
    "satisfaction_below": _fills("month team figure goal"),
    "customer_added": _fills("number"),
    "task_assigned": _fills("number due_at"),
    "mentioned": _fills("number"),
    "measure_agreed": _fills("number"),
    "clock_warned": _fills("number rule due_at"),
    "clock_breached": _fills("number rule due_at"),
    "clock_escalated": _fills("number rule due_at"),
    "calendar_ends": _fills("calendar last_day days"),
    "draft_to_review": _fills("draft"),
    "draft_approved": _fills("draft"),
    "draft_returned": _fills("draft"),
}


def fills_of(code: str, telling: Mapping[str, Any]) -> Fills | None:
    """What is filled in this template under what telling.yaml says; None for one that nothing sends of itself."""
    own = BY_CODE.get(code.removesuffix(LETTER))
    known = [*([own.known] if own else ()), *_told(code.removesuffix(LETTER), telling)]
    if not known:
        return None
    return Fills(frozenset.intersection(*known), own.needed if own else frozenset())


def _told(code: str, telling: Mapping[str, Any]) -> Iterator[frozenset[str]]:
    """By each part of telling.yaml that names it."""
    for step in _part(telling, "progress", "steps"):
        for name, part in (("template", "progress"), ("otherwise", "otherwise")):
            if step.get(name) == code:
                yield frozenset(FILLED[part])
    for part, key in (("delays", "of"), ("copies", "to")):
        if any(one.get("template") == code for one in _part(telling, part, key)):
            yield frozenset(FILLED[part])


def _part(telling: Mapping[str, Any], part: str, key: str) -> list[Any]:
    return (telling.get(part) or {}).get(key) or []
