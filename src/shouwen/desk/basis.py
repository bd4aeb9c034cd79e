"""What one must see to decide on a move: the proposal with its evidence, and the tasks that are still open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shouwen.desk.asking import Asking
from shouwen.desk.telling import Teller, Told
from shouwen.handbook.history import FINISHED, Happening, What, in_round, tasks_of
from shouwen.handbook.lifecycle import PATHS
from shouwen.handbook.moves import Move
from shouwen.handbook.overdue import talks_of
from shouwen.people.names import names_in

ON_A_PROPOSAL = frozenset({Move.APPROVE, Move.RETURN})
AS_TALKED = ("overdue_cause", "said", "measure", "measure_owner", "measure_due")
AS_PROPOSED = ("text", "cause", "responsible", "compensation", "evidence")


@dataclass(frozen=True, slots=True)
class Basis:
    """A proposal as it is decided on: the row that made it, the evidence before it, and whether it costs anything."""

    proposal: Told
    evidence: tuple[Told, ...]
    costs_nothing: bool


@dataclass(frozen=True, slots=True)
class OpenTask:
    """What another team was asked for and has not answered."""

    team: str
    due_at: datetime


def basis_of(asking: Asking) -> Basis | None:
    """The proposal this move decides on, if it is such a move and there is one in this round."""
    proposal = last_of(What.PROPOSED, asking.history)
    if asking.move not in ON_A_PROPOSAL or proposal is None:
        return None
    told = {row.seq: row for row in Teller(asking.rules, names_in(asking.history)).tell(asking.history)}
    recorded = [row.seq for row in in_round(asking.history) if row.what is What.EVIDENCE_RECORDED]
    nothing = str(proposal.facts.get("compensation") or "0") in {"0", "0.00"}
    return Basis(told[proposal.seq], tuple(told[seq] for seq in recorded if seq in told), nothing)


def returned_because(asking: Asking) -> str:
    """Why the last proposal of this round came back, where another is to be made."""
    if asking.move is not Move.PROPOSE:
        return ""
    returned = last_of(What.RETURNED, asking.history)
    return str(returned.facts.get("reason") or "") if returned else ""


def as_stated_before(asking: Asking, overrun: str = "") -> dict[str, str]:
    """The last proposal of this round, or the talk about an overrun, to be revised rather than typed again."""
    if asking.move is Move.TALK_OVERDUE:
        return _as_talked_before(asking.history, overrun)
    proposal = last_of(What.PROPOSED, asking.history) if asking.move is Move.PROPOSE else None
    if proposal is None:
        return {}
    given = {name: str(proposal.facts.get(name) or "") for name in AS_PROPOSED}
    return {name: value for name, value in given.items() if value not in {"", "0", "0.00"}}


def quoted(asking: Asking, query: Mapping[str, str]) -> dict[str, str]:
    """What the customer said in the row that is asked for (`quoted`), to be split off as a matter of its own."""
    rows = [row for row in asking.history if str(row.seq) == query.get("quoted")]
    if asking.move is not Move.SPLIT or not rows:
        return {}
    return {"text": str(rows[0].facts.get("text") or rows[0].facts.get("description") or "")}


def _as_talked_before(history: Sequence[Happening], overrun: str) -> dict[str, str]:
    stands = [talk.row.facts for talk in talks_of(history) if talk.stands and talk.overrun == overrun]
    return {name: str(facts.get(name) or "") for facts in stands for name in AS_TALKED}


def tasks_left_open(asking: Asking) -> list[OpenTask]:
    """The tasks nobody could answer any more once this move has ended the ticket."""
    ends = PATHS[asking.rules.path(asking.state.ticket_type)].get((asking.state.stage, asking.move)) in FINISHED
    if not ends or asking.state.finished:
        return []
    names = names_in(asking.history)
    return [OpenTask(names.team(task.team), task.due_at) for task in tasks_of(asking.history) if not task.answered_at]


def last_of(what: What, history: Sequence[Happening]) -> Happening | None:
    """The last of its kind in this round."""
    return next((row for row in reversed(in_round(history)) if row.what is what), None)
