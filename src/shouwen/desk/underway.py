"""What is under way on a ticket: its evidence, what other teams were asked for, and why it stands still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shouwen.editions.edition import Edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.evidence import EvidenceItem
from shouwen.handbook.history import Happening, Standing, TicketState, What, tasks_of
from shouwen.handbook.words import Words
from shouwen.people.names import Names


@dataclass(frozen=True, slots=True)
class ShownTask:
    """A task of a collaborating team."""

    task: str
    team: str
    asked: str
    due_at: datetime
    answered_at: datetime | None
    late: bool
    mine: bool
    ended: bool  # with its ticket: nobody has answered it, and nobody can any more


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One item of the evidence checklist, and when it was recorded."""

    item: EvidenceItem
    recorded_at: datetime | None


def evidence_of(rules: Edition, category: str, history: Sequence[Happening]) -> list[ShownItem]:
    """The items of a category's checklist, each with the time it was recorded."""
    checklist = rules.checklist(category)
    rows = [row for row in history if row.what is What.EVIDENCE_RECORDED]
    recorded = {str(row.facts.get("item")): row.happened_at for row in rows}
    return [ShownItem(item, recorded.get(item.code)) for item in checklist.items] if checklist else []


def tasks_asked(
    history: Sequence[Happening], names: Names, actor: Actor, at: datetime, *, answers: bool, finished: bool
) -> list[ShownTask]:
    """The tasks this history has assigned, as the actor sees them at `at`.

    `answers` if the actor may answer one now; `finished` if the ticket is.
    """
    asked = {row.facts.get("task"): row.facts for row in history if row.what is What.TASK_ASSIGNED}
    return [
        ShownTask(
            task.task,
            names.team(task.team),
            str(asked[task.task].get("asked") or asked[task.task].get("work") or ""),
            task.due_at,
            task.answered_at,
            (task.answered_at or at) > task.due_at and not (finished and task.answered_at is None),
            answers and task.team in actor.teams and task.answered_at is None,
            finished and task.answered_at is None,
        )
        for task in tasks_of(history)
    ]


def pause_of(state: TicketState, history: Sequence[Happening]) -> Happening | None:
    """The last row that made a ticket stand still, if it stands still."""
    if state.standing is Standing.RUNNING:
        return None
    return next((row for row in reversed(history) if row.what in (What.WAITING_STARTED, What.HELD)), None)


def pause_words(rules: Edition, pause: Happening | None) -> Words | None:
    """Why it stands still, in the edition's words."""
    return rules.label("pauses", str(pause.facts.get("pause") or "")) if pause and pause.facts.get("pause") else None
