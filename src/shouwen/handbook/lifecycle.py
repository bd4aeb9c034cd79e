"""The lifecycle of a ticket, as tables (手册 2.3.1, 2.4.2; SOP 三、四; M3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from shouwen.handbook.history import Happening, Stage, Standing, TicketState, What, fold, in_round
from shouwen.handbook.refusals import (
    FactRequired,
    FeedbackMissing,
    HappenedOutOfBounds,
    MoveNotAllowed,
    PauseNotListed,
    ReasonRequired,
)


class Move(StrEnum):
    """What people do with a ticket."""

    ASSESS = "assess"
    RECLASSIFY = "reclassify"
    PROMOTE = "promote"
    ANSWER_AT_CONTACT = "answer_at_contact"
    DISPATCH = "dispatch"
    DECLINE = "decline"
    TRANSFER = "transfer"
    ASSIGN = "assign"
    HAND_OVER = "hand_over"
    RESPOND = "respond"
    INVESTIGATE = "investigate"
    RECORD_EVIDENCE = "record_evidence"
    WAIT = "wait"
    HOLD = "hold"
    RESUME = "resume"
    PROPOSE = "propose"
    APPROVE = "approve"
    RETURN = "return"
    CARRY_OUT = "carry_out"
    TELL_CUSTOMER = "tell_customer"
    TELL_INFORMANT = "tell_informant"
    SEND_SURVEY = "send_survey"
    RATE = "rate"
    FOLLOW_UP = "follow_up"
    REOPEN = "reopen"
    CLOSE = "close"
    ARCHIVE = "archive"
    REJECT = "reject"
    CANCEL = "cancel"
    WITHDRAW = "withdraw"
    MARK = "mark"
    PROMISE = "promise"
    KEEP_PROMISE = "keep_promise"
    AGREE_EXTENSION = "agree_extension"
    NOTE = "note"
    ADD = "add"
    ASSIGN_TASK = "assign_task"
    ANSWER_TASK = "answer_task"


RECORDED_AS = {
    Move.ASSESS: What.ASSESSED,
    Move.RECLASSIFY: What.RECLASSIFIED,
    Move.PROMOTE: What.PROMOTED,
    Move.ANSWER_AT_CONTACT: What.ANSWERED_AT_CONTACT,
    Move.DISPATCH: What.DISPATCHED,
    Move.DECLINE: What.DECLINED,
    Move.TRANSFER: What.TRANSFERRED,
    Move.ASSIGN: What.ASSIGNED,
    Move.HAND_OVER: What.OWNER_HANDED_OVER,
    Move.RESPOND: What.RESPONDED,
    Move.INVESTIGATE: What.INVESTIGATION_STARTED,
    Move.RECORD_EVIDENCE: What.EVIDENCE_RECORDED,
    Move.WAIT: What.WAITING_STARTED,
    Move.HOLD: What.HELD,
    Move.RESUME: What.RESUMED,
    Move.PROPOSE: What.PROPOSED,
    Move.APPROVE: What.APPROVED,
    Move.RETURN: What.RETURNED,
    Move.CARRY_OUT: What.CARRIED_OUT,
    Move.TELL_CUSTOMER: What.CUSTOMER_TOLD,
    Move.TELL_INFORMANT: What.INFORMANT_TOLD,
    Move.SEND_SURVEY: What.SURVEY_SENT,
    Move.RATE: What.RATED,
    Move.FOLLOW_UP: What.FOLLOWED_UP,
    Move.REOPEN: What.REOPENED,
    Move.CLOSE: What.CLOSED,
    Move.ARCHIVE: What.ARCHIVED,
    Move.REJECT: What.REJECTED,
    Move.CANCEL: What.CANCELLED,
    Move.WITHDRAW: What.WITHDRAWN,
    Move.MARK: What.MARKED,
    Move.PROMISE: What.PROMISE_MADE,
    Move.KEEP_PROMISE: What.PROMISE_KEPT,
    Move.AGREE_EXTENSION: What.EXTENSION_AGREED,
    Move.NOTE: What.NOTED,
    Move.ADD: What.CUSTOMER_ADDED,
    Move.ASSIGN_TASK: What.TASK_ASSIGNED,
    Move.ANSWER_TASK: What.TASK_ANSWERED,
}

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
    (Stage.CARRIED_OUT, Move.TELL_CUSTOMER): Stage.TOLD,
    (Stage.TOLD, Move.FOLLOW_UP): Stage.FOLLOWED_UP,
    (Stage.FOLLOWED_UP, Move.CLOSE): Stage.CLOSED,
    (Stage.CLOSED, Move.ARCHIVE): Stage.ARCHIVED,
    (Stage.REJECTED, Move.ARCHIVE): Stage.ARCHIVED,
    (Stage.CANCELLED, Move.ARCHIVE): Stage.ARCHIVED,
    (Stage.WITHDRAWN, Move.ARCHIVE): Stage.ARCHIVED,
    (Stage.TOLD, Move.REOPEN): Stage.ASSESSED,
    (Stage.FOLLOWED_UP, Move.REOPEN): Stage.ASSESSED,
    (Stage.CLOSED, Move.REOPEN): Stage.ASSESSED,
    (Stage.REJECTED, Move.REOPEN): Stage.ASSESSED,
    **{(stage, Move.REJECT): Stage.REJECTED for stage in (*BEFORE_WORK, Stage.INVESTIGATING)},
    **{(stage, Move.CANCEL): Stage.CANCELLED for stage in BEFORE_WORK},
    **{(stage, Move.WITHDRAW): Stage.WITHDRAWN for stage in OPEN},
}

# What may be recorded at a stage and leaves it as it is.
FACTS: dict[Move, tuple[Stage, ...]] = {
    Move.RECLASSIFY: OPEN,
    Move.ASSIGN: (Stage.DISPATCHED, *AT_WORK, Stage.CARRIED_OUT),
    Move.HAND_OVER: OPEN,
    Move.RESPOND: (*BEFORE_WORK, *AT_WORK),
    Move.RECORD_EVIDENCE: (Stage.INVESTIGATING,),
    Move.TELL_INFORMANT: (Stage.CARRIED_OUT, Stage.TOLD),
    Move.SEND_SURVEY: (Stage.TOLD, Stage.FOLLOWED_UP),
    Move.RATE: (Stage.TOLD, Stage.FOLLOWED_UP, Stage.CLOSED),
    Move.MARK: (*OPEN, Stage.CLOSED),
    Move.PROMISE: OPEN,
    Move.KEEP_PROMISE: OPEN,
    Move.AGREE_EXTENSION: (*BEFORE_WORK, *AT_WORK),
    Move.NOTE: tuple(Stage),
    Move.ADD: OPEN,
    Move.ASSIGN_TASK: (Stage.DISPATCHED, *AT_WORK),
    Move.ANSWER_TASK: (*OPEN,),
}

STANDINGS = {Move.WAIT: Standing.WAITING, Move.HOLD: Standing.HELD, Move.RESUME: Standing.RUNNING}  # the stage stays
MAY_PAUSE = (*BEFORE_WORK, *AT_WORK, Stage.CARRIED_OUT)

WITHOUT_APPROVAL = {
    **{key: to for key, to in MOVES.items() if key[0] not in (Stage.PROPOSED, Stage.APPROVED)},
    (Stage.INVESTIGATING, Move.CARRY_OUT): Stage.CARRIED_OUT,
    # a compensation still needs its approval (T3.3), so the long way stays open
    (Stage.PROPOSED, Move.APPROVE): Stage.APPROVED,
    (Stage.PROPOSED, Move.RETURN): Stage.INVESTIGATING,
    (Stage.PROPOSED, Move.WITHDRAW): Stage.WITHDRAWN,
    (Stage.APPROVED, Move.CARRY_OUT): Stage.CARRIED_OUT,
    (Stage.APPROVED, Move.WITHDRAW): Stage.WITHDRAWN,
}
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

NEEDS_A_REASON = frozenset(
    {
        Move.HOLD,
        Move.WAIT,
        Move.REJECT,
        Move.REOPEN,
        Move.CANCEL,
        Move.WITHDRAW,
        Move.RETURN,
        Move.TRANSFER,
        Move.DECLINE,
        Move.HAND_OVER,
        Move.RECLASSIFY,
        Move.MARK,
    }
)
CLOCK_SKEW = timedelta(minutes=5)

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
}


@dataclass(frozen=True, slots=True)
class Needs:
    """What the edition asks of each move, beside what the table asks of all.

    `facts`: fact names each move must state. `two_feedbacks`: moves that wait for both loops (U2.5).
    `pauses`: the reasons for which clocks may stop, by move (X2).
    """

    facts: Mapping[Move, tuple[str, ...]] = field(default_factory=dict)
    two_feedbacks: frozenset[Move] = frozenset()
    pauses: Mapping[Move, frozenset[str]] = field(default_factory=dict)


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
    needs = needs or Needs()
    if move not in moves_from(state, path):
        raise MoveNotAllowed(stage=state.stage, move=move)
    if move in NEEDS_A_REASON and not str(facts.get("reason") or "").strip():
        raise ReasonRequired(move=move)
    _check_facts(move, facts, needs)
    _check_pause(move, facts, needs)
    _check_time(at, now, history)
    if move in needs.two_feedbacks:
        check_both_told(state, history)
    changed = {**facts, **_moved(state, move, path)}
    return Change(RECORDED_AS[move], at, changed, fold(state, changed))


def check_both_told(state: TicketState, history: Sequence[Happening]) -> None:
    """Raises FeedbackMissing until the customer, and the informant if there is one, have been told (U2.5)."""
    told = {row.what for row in in_round(history)}
    missing = []
    if not told & {What.CUSTOMER_TOLD, What.ANSWERED_AT_CONTACT}:
        missing.append("customer")
    if state.has_informant and What.INFORMANT_TOLD not in told:
        missing.append("informant")
    if missing:
        raise FeedbackMissing(who=", ".join(missing))


def tmf_state(state: TicketState) -> str:
    """The TMF621 status of a ticket: derived, never stored."""
    if not state.finished and state.standing is Standing.WAITING:
        return "pending"
    if not state.finished and state.standing is Standing.HELD:
        return "held"
    return TMF_STATES[state.stage]


def step_of(stage: Stage) -> str | None:
    """The step on the stage bar; None for a ticket that left the way (rejected, cancelled, withdrawn)."""
    return next((step for step, stages in STEPS.items() if stage in stages), None)


def _target(state: TicketState, move: Move, path: str) -> Stage | None:
    if move in STANDINGS:
        return state.stage if state.stage in MAY_PAUSE else None
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


def _moved(state: TicketState, move: Move, path: str) -> dict[str, Any]:
    """The state fields a move sets by itself."""
    if move in STANDINGS:
        return {"standing": STANDINGS[move]}
    to = _target(state, move, path)
    moved: dict[str, Any] = {}
    if to is not None and (state.stage, move) in PATHS[path]:
        moved["stage"] = to
        if state.standing is not Standing.RUNNING:
            moved["standing"] = Standing.RUNNING
    if move is Move.TRANSFER:
        moved["transfers"] = state.transfers + 1
    if move is Move.REOPEN:
        moved["round"] = state.round + 1
    if move is Move.PROMOTE:
        moved["ticket_type"] = "complaint"
    return moved


def _check_facts(move: Move, facts: Mapping[str, Any], needs: Needs) -> None:
    for name in needs.facts.get(move, ()):
        if facts.get(name) in (None, "", [], {}):
            raise FactRequired(fact=name, move=move)


def _check_pause(move: Move, facts: Mapping[str, Any], needs: Needs) -> None:
    listed = needs.pauses.get(move)
    if listed is not None and facts.get("pause") not in listed:
        raise PauseNotListed(reason=facts.get("pause") or "-")


def _check_time(at: datetime, now: datetime, history: Sequence[Happening]) -> None:
    if (history and at < history[0].happened_at) or at > now + CLOCK_SKEW:
        raise HappenedOutOfBounds(happened_at=at.isoformat())
