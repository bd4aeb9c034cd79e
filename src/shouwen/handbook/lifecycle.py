"""The lifecycle of a ticket, as tables (手册 2.3.1, 2.4.2; SOP 三、四; M3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shouwen.handbook.gates import Needs as Needs  # callers of `decide` find its words here
from shouwen.handbook.gates import check_gates, earliest_of, moment_of
from shouwen.handbook.history import Happening, Stage, Standing, TicketState, What, before_merging, fold
from shouwen.handbook.moves import RECORDED_AS
from shouwen.handbook.moves import Move as Move
from shouwen.handbook.refusals import MoveNotAllowed

BEFORE_WORK = (Stage.RECEIVED, Stage.ASSESSED, Stage.DISPATCHED)
AT_WORK = (Stage.INVESTIGATING, Stage.PROPOSED, Stage.APPROVED)
AFTER_WORK = (Stage.CARRIED_OUT, Stage.TOLD, Stage.FOLLOWED_UP)
OPEN = BEFORE_WORK + AT_WORK + AFTER_WORK

MOVES: dict[tuple[Stage, Move], Stage] = {
    (Stage.RECEIVED, Move.ASSESS): Stage.ASSESSED,
    (Stage.ASSESSED, Move.DISPATCH): Stage.DISPATCHED,
    (Stage.DISPATCHED, Move.DECLINE): Stage.ASSESSED,
    (Stage.DISPATCHED, Move.TRANSFER): Stage.DISPATCHED,
    (Stage.DISPATCHED, Move.INVESTIGATE): Stage.INVESTIGATING,
    (Stage.INVESTIGATING, Move.TRANSFER): Stage.DISPATCHED,
    (Stage.INVESTIGATING, Move.PROPOSE): Stage.PROPOSED,
    (Stage.PROPOSED, Move.APPROVE): Stage.APPROVED,
    (Stage.PROPOSED, Move.RETURN): Stage.INVESTIGATING,
    (Stage.APPROVED, Move.CARRY_OUT): Stage.CARRIED_OUT,
    (Stage.APPROVED, Move.RETURN): Stage.INVESTIGATING,  # the customer does not accept it (S3.2), or it cannot be done
    (Stage.CARRIED_OUT, Move.RETURN): Stage.INVESTIGATING,  # the re-test failed (U2.5)
    (Stage.CARRIED_OUT, Move.TELL_CUSTOMER): Stage.TOLD,
    (Stage.TOLD, Move.FOLLOW_UP): Stage.FOLLOWED_UP,
    (Stage.FOLLOWED_UP, Move.CLOSE): Stage.CLOSED,
    (Stage.CLOSED, Move.ARCHIVE): Stage.ARCHIVED,
    (Stage.REJECTED, Move.ARCHIVE): Stage.ARCHIVED,
    (Stage.CANCELLED, Move.ARCHIVE): Stage.ARCHIVED,
    (Stage.WITHDRAWN, Move.ARCHIVE): Stage.ARCHIVED,
    (Stage.MERGED, Move.ARCHIVE): Stage.ARCHIVED,
    (Stage.TOLD, Move.REOPEN): Stage.ASSESSED,
    (Stage.FOLLOWED_UP, Move.REOPEN): Stage.ASSESSED,
    (Stage.CLOSED, Move.REOPEN): Stage.ASSESSED,
    (Stage.ARCHIVED, Move.REOPEN): Stage.ASSESSED,  # 30 days to be satisfied (H7.2.4), 7 wd to the archive (H5.3.2)
    (Stage.REJECTED, Move.REOPEN): Stage.ASSESSED,
    **{(stage, Move.REJECT): Stage.REJECTED for stage in (*BEFORE_WORK, Stage.INVESTIGATING)},
    **{(stage, Move.CANCEL): Stage.CANCELLED for stage in BEFORE_WORK},
    **{(stage, Move.WITHDRAW): Stage.WITHDRAWN for stage in OPEN},
    **{(stage, Move.MERGE): Stage.MERGED for stage in (*BEFORE_WORK, *AT_WORK)},  # what is carried out is told
}

# What may be recorded at a stage and leaves it as it is.
FACTS: dict[Move, tuple[Stage, ...]] = {
    Move.VALIDATE: BEFORE_WORK,
    Move.RECLASSIFY: OPEN,
    Move.ASSIGN: (Stage.DISPATCHED, *AT_WORK, Stage.CARRIED_OUT),
    Move.HAND_OVER: OPEN,
    Move.RESPOND: (*BEFORE_WORK, *AT_WORK),
    Move.DECIDE_TEST: (Stage.DISPATCHED, *AT_WORK),
    Move.CONFIRM_VISIT: (Stage.DISPATCHED, *AT_WORK),
    Move.ARRIVE: (Stage.DISPATCHED, *AT_WORK),
    Move.RECORD_EVIDENCE: (Stage.INVESTIGATING,),
    Move.TELL_INFORMANT: AFTER_WORK,
    Move.SEND_SURVEY: (Stage.TOLD, Stage.FOLLOWED_UP),
    Move.RATE: (Stage.TOLD, Stage.FOLLOWED_UP, Stage.CLOSED, Stage.ARCHIVED),
    Move.MARK: (*OPEN, Stage.CLOSED),
    Move.DECLARE_MAJOR: OPEN,
    Move.REPORT: OPEN,
    Move.PROMISE: OPEN,
    Move.KEEP_PROMISE: OPEN,
    Move.AGREE_EXTENSION: (*BEFORE_WORK, *AT_WORK),
    Move.NOTE: tuple(Stage),
    Move.ADD: OPEN,
    Move.ATTACH: tuple(Stage),  # the signed paper is scanned once the ticket is in the archive (H5.3.1)
    Move.DETACH: (*OPEN, Stage.CLOSED),  # what is archived stays as it is (H5.3.3)
    Move.LINK: OPEN,
    Move.UNLINK: (*OPEN, Stage.CLOSED),
    Move.BROADCAST: OPEN,
    Move.ASSIGN_TASK: (Stage.DISPATCHED, *AT_WORK),
    Move.ANSWER_TASK: (*OPEN,),
    Move.SPLIT: (*BEFORE_WORK, *AT_WORK),
    Move.TALK_OVERDUE: tuple(Stage),
    Move.FOLLOW_MEASURE: tuple(Stage),
}

STANDINGS = {Move.WAIT: Standing.WAITING, Move.HOLD: Standing.HELD, Move.RESUME: Standing.RUNNING}  # the stage stays
MAY_PAUSE = (*BEFORE_WORK, *AT_WORK, Stage.CARRIED_OUT)

# A compensation still needs its approval (T3.3), so the long way stays open.
WITHOUT_APPROVAL = {**MOVES, (Stage.INVESTIGATING, Move.CARRY_OUT): Stage.CARRIED_OUT}
AT_CONTACT = {
    **WITHOUT_APPROVAL,
    (Stage.RECEIVED, Move.ANSWER_AT_CONTACT): Stage.TOLD,
    (Stage.TOLD, Move.CLOSE): Stage.CLOSED,
}

# The edition says which ticket type takes which path.
PATHS: dict[str, Mapping[tuple[Stage, Move], Stage]] = {
    "full": MOVES,
    "without_approval": WITHOUT_APPROVAL,
    "at_contact": AT_CONTACT,
}

# The six steps people see (T 服务规范: 受理-核实-处理-回访, with 反馈 and 归档 of 手册 2.4.2).
STEPS: dict[str, tuple[Stage, ...]] = {
    "intake": BEFORE_WORK,
    "verification": (Stage.INVESTIGATING,),
    "handling": (Stage.PROPOSED, Stage.APPROVED, Stage.CARRIED_OUT),
    "feedback": (Stage.TOLD,),
    "follow_up": (Stage.FOLLOWED_UP,),
    "archive": (Stage.CLOSED, Stage.ARCHIVED),
}

TMF_STATES: dict[Stage, str] = {
    Stage.RECEIVED: "acknowledged",
    Stage.ASSESSED: "acknowledged",
    **dict.fromkeys((Stage.DISPATCHED, *AT_WORK), "in_progress"),
    **dict.fromkeys(AFTER_WORK, "resolved"),
    Stage.CLOSED: "closed",
    Stage.ARCHIVED: "closed",
    Stage.REJECTED: "rejected",
    Stage.CANCELLED: "cancelled",
    Stage.WITHDRAWN: "cancelled",
    Stage.MERGED: "cancelled",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What a move does to a ticket: the event to record, with the facts that change it."""

    what: What
    happened_at: datetime
    facts: Mapping[str, Any]
    state: TicketState


def moves_from(state: TicketState, path: str = "full") -> list[Move]:
    """The moves the table allows now, in the order of `Move`."""
    return [move for move in Move if _target(state, move, path) is not None and _standing_allows(state, move)]


def decide(
    state: TicketState,
    move: Move,
    *,
    at: datetime,
    now: datetime,
    facts: Mapping[str, Any],
    history: Sequence[Happening],
    path: str = "full",
    needs: Needs | None = None,
) -> Change:
    """The change this move makes, or a refusal that names its source.

    `at` is when it happened, `now` when it is recorded, both aware UTC. Raises a `Refusal`.
    """
    if move not in moves_from(state, path):
        raise MoveNotAllowed(stage=state.stage, move=move)
    needs = needs or Needs()
    check_gates(state, move, facts, history, needs)
    moved = _moved(state, move, path, history)
    happened_at = moment_of(moved, at, now, history, needs)
    changed = {**facts, **moved}
    return Change(RECORDED_AS[move], happened_at, changed, fold(state, changed))


def earliest_for(
    state: TicketState, move: Move, *, history: Sequence[Happening], now: datetime, path: str, needs: Needs
) -> datetime:
    """The earliest moment this move may be stated to have happened at."""
    earliest = earliest_of(_moved(state, move, path, history), history) or now
    return earliest if needs.late_recording is None else max(earliest, now - needs.late_recording)


def tmf_state(state: TicketState) -> str:
    """The TMF621 status of a ticket: derived, never stored."""
    if not state.finished and state.standing is Standing.WAITING:
        return "pending"
    if not state.finished and state.standing is Standing.HELD:
        return "held"
    return TMF_STATES[state.stage]


def step_of(stage: Stage) -> str | None:
    """The step on the stage bar; None for a ticket that left the way (rejected, cancelled, withdrawn, merged)."""
    return next((step for step, stages in STEPS.items() if stage in stages), None)


def _target(state: TicketState, move: Move, path: str) -> Stage | None:
    if move is Move.RESUME:
        return state.stage if state.stage in OPEN else None  # a ticket may have been moved in waiting, at any stage
    if move in STANDINGS:
        return state.stage if state.stage in MAY_PAUSE else None
    if move is Move.UNMERGE:
        return state.stage if state.stage is Stage.MERGED else None  # where to, the history knows
    if move is Move.PROMOTE:
        return state.stage if state.ticket_type == "enquiry" and state.stage in OPEN else None
    if state.stage in FACTS.get(move, ()):
        return state.stage
    return PATHS[path].get((state.stage, move))


def _standing_allows(state: TicketState, move: Move) -> bool:
    if move is Move.RESUME:
        return state.standing is not Standing.RUNNING
    if move in STANDINGS:
        return state.standing is Standing.RUNNING
    return True


def _moved(state: TicketState, move: Move, path: str, history: Sequence[Happening]) -> dict[str, Any]:
    """The state fields a move sets by itself."""
    if move in STANDINGS:
        return {"standing": STANDINGS[move]}
    if move is Move.UNMERGE:
        before = before_merging(history)
        return {"stage": before.stage, "standing": before.standing}
    moved: dict[str, Any] = {}
    on_the_way = (state.stage, move) in PATHS[path]
    if on_the_way:
        moved["stage"] = PATHS[path][state.stage, move]
    if (on_the_way or move is Move.ARRIVE) and state.standing is not Standing.RUNNING:
        moved["standing"] = Standing.RUNNING
    if move is Move.TRANSFER:
        moved["transfers"] = state.transfers + 1
    if move is Move.REOPEN:
        moved["round"] = state.round + 1
        if state.is_history:
            moved["is_history"] = False  # from now on it is live work
    if move is Move.PROMOTE:
        moved["ticket_type"] = "complaint"
    return moved
