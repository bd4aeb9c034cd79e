"""What a move must bring before it is made, beside standing in the lifecycle's table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shouwen.handbook.calling import Calls, check_called
from shouwen.handbook.history import STATE_FIELDS, Happening, Stage, TicketState, What, in_round
from shouwen.handbook.moves import Move
from shouwen.handbook.refusals import (
    BreachStands,
    EnquiryOnly,
    FactRequired,
    FeedbackMissing,
    HappenedOutOfBounds,
    NotChangedThisWay,
    NotSatisfied,
    PauseNotListed,
    PutOffBefore,
    ReasonRequired,
    RecordedTooLate,
    ReopeningTooLate,
)
from shouwen.handbook.targets import Conditions, TargetRule

CLOCK_SKEW = timedelta(minutes=5)

NEEDS_A_REASON = frozenset(
    {Move.WAIT, Move.HOLD, Move.REJECT, Move.CANCEL, Move.WITHDRAW, Move.REOPEN, Move.MERGE, Move.UNMERGE}
    | {Move.DETACH, Move.UNLINK, Move.RETURN, Move.TRANSFER, Move.DECLINE, Move.HAND_OVER, Move.RECLASSIFY, Move.MARK}
)

# A fact named after a field of the ticket sets it, so a move states only the fields it is there to change; a move not
# listed (a note, a task, a word to the customer) states none. Stage, standing, round and transfers nobody states.
_JUDGED = frozenset(
    {"title", "category", "priority", "severity", "complexity", "reach", "customer_level", "region", "has_informant"}
)
_HOLDERS = frozenset({"team", "handler", "lead_team"})
MAY_STATE: dict[Move, frozenset[str]] = {
    Move.ASSESS: _JUDGED | _HOLDERS | {"ticket_type"},
    Move.RECLASSIFY: _JUDGED | {"ticket_type"},
    Move.PROMOTE: _JUDGED,
    Move.ANSWER_AT_CONTACT: _JUDGED,
    Move.DISPATCH: _HOLDERS,
    Move.DECLINE: _HOLDERS,
    Move.TRANSFER: _HOLDERS,
    Move.ASSIGN: _HOLDERS,
    Move.INVESTIGATE: _HOLDERS,
    Move.PROPOSE: _HOLDERS,
    Move.RETURN: _HOLDERS,
    Move.APPROVE: _HOLDERS,
    Move.CARRY_OUT: _HOLDERS,
    Move.REOPEN: _HOLDERS | {"first_owner"},  # history that is worked again may have none
    Move.HAND_OVER: frozenset({"first_owner", "handler"}),  # T1.3
    Move.MARK: frozenset({"mark"}),
    Move.DECLARE_MAJOR: frozenset({"complexity"}),
    Move.WITHDRAW: frozenset({"mark"}),
    Move.LINK: frozenset({"parent"}),
    Move.UNLINK: frozenset({"parent"}),
}

_TOLD = frozenset({What.CUSTOMER_TOLD, What.ANSWERED_AT_CONTACT})
_RESULTS = _TOLD | {What.CLOSED, What.REJECTED, What.CARRIED_OVER}
_TOLD_BEFORE = frozenset({Stage.TOLD, Stage.FOLLOWED_UP, Stage.CLOSED})


@dataclass(frozen=True, slots=True)
class PuttingOff:
    """How often an appointment may be put off by us, and on which tickets that is so (U2.2)."""

    at_most: int
    applies: Conditions = field(default_factory=Conditions)


@dataclass(frozen=True, slots=True)
class Needs:
    """What the edition asks of each move, beside what the tables ask of all.

    `facts`: fact names each move must state. `two_feedbacks`: moves that wait for both loops (U2.5).
    `pauses`: the reasons for which clocks may stop, by move (X2).
    `putting_off`: by the reason of a pause that is an appointment, how often it may be put off.
    `late_recording`: how long after it happened a move may still be written down with the time it happened at (M6.3).
    `calls`: who is called by a person before a ticket is followed up (S4.2b).
    `customer_reopens_within`: how long after its result a customer may have a ticket worked again (H7.2.4).
    """

    facts: Mapping[Move, tuple[str, ...]] = field(default_factory=dict)
    two_feedbacks: frozenset[Move] = frozenset()
    pauses: Mapping[Move, frozenset[str]] = field(default_factory=dict)
    putting_off: Mapping[str, PuttingOff] = field(default_factory=dict)
    late_recording: timedelta | None = None
    customer_reopens_within: timedelta | None = None
    calls: Calls | None = None


def check_gates(
    state: TicketState, move: Move, facts: Mapping[str, Any], history: Sequence[Happening], needs: Needs
) -> None:
    """Raises the Refusal of the first gate that is shut."""
    if move in NEEDS_A_REASON and not str(facts.get("reason") or "").strip():
        raise ReasonRequired(move=move)
    _check_fields(state, move, facts)
    _check_facts(move, facts, needs)
    _check_pause(move, facts, needs)
    _check_put_off(state, facts, history, needs)
    if move in needs.two_feedbacks:
        check_both_told(state, history)
    if move is Move.FOLLOW_UP:
        check_called(state, facts, needs.calls)


def check_both_told(state: TicketState, history: Sequence[Happening]) -> None:
    """Raises FeedbackMissing until the customer, and the informant if there is one, have been told (U2.5)."""
    rows = in_round(history)
    missing = []
    if not any(_tells_customer(row) for row in rows):
        missing.append("customer")
    if state.has_informant and not any(row.what is What.INFORMANT_TOLD for row in rows):
        missing.append("informant")
    if missing:
        raise FeedbackMissing(who=", ".join(missing))


def moment_of(
    moved: Mapping[str, Any], at: datetime, now: datetime, history: Sequence[Happening], needs: Needs
) -> datetime:
    """When the clocks count this move from. `moved` is what it sets by itself.

    What is done now comes after what was done before, even where two servers' clocks differ. Raises HappenedOutOfBounds
    or RecordedTooLate for a time stated where the clocks cannot count from it.
    """
    earliest = earliest_of(moved, history)
    if at == now:
        return max(at, earliest or at)
    if not (earliest or at) <= at <= now + CLOCK_SKEW:
        raise HappenedOutOfBounds(happened_at=at.isoformat(), earliest=(earliest or at).isoformat())
    if needs.late_recording is not None and at < now - needs.late_recording:
        raise RecordedTooLate(happened_at=at.isoformat(), earliest=(now - needs.late_recording).isoformat())
    return at


def earliest_of(moved: Mapping[str, Any], history: Sequence[Happening]) -> datetime | None:
    """The earliest moment such a move may be stated to have happened; None without a history.

    Nothing happened before the receipt. A stage comes after the one before it, and a stop or a resumption after the
    last one: the clocks run on these times, in this order.
    """
    before = [*history[:1]]
    if "stage" in moved:
        before += [row for row in in_round(history) if "stage" in row.facts]
    if "standing" in moved:
        before += [row for row in history if "standing" in row.facts][-1:]
    return max((row.happened_at for row in before), default=None)


def check_satisfied(history: Sequence[Happening], facts: Mapping[str, Any], *, by_supervisor: bool) -> None:
    """Raises NotSatisfied for closing over a customer's head, ReasonRequired where that is not explained (S4.2c)."""
    if is_satisfied(history):
        return
    if not by_supervisor:
        raise NotSatisfied()
    if not str(facts.get("reason") or "").strip():
        raise ReasonRequired(move=Move.CLOSE)


def is_satisfied(history: Sequence[Happening]) -> bool:
    """False once the customer has said in the follow-up of this round that they are not."""
    return not any(row.what is What.FOLLOWED_UP and row.facts.get("satisfied") is False for row in in_round(history))


def check_in_time(history: Sequence[Happening], needs: Needs, at: datetime) -> None:
    """Raises ReopeningTooLate once a customer can no longer have their complaint taken up again."""
    until = customer_reopens_until(history, needs)
    if until is not None and at > until:
        raise ReopeningTooLate(until=until.isoformat())


def customer_reopens_until(history: Sequence[Happening], needs: Needs) -> datetime | None:
    """Until when a customer may have their complaint taken up again (H7.2.4); None while there is no result."""
    results = [row.happened_at for row in in_round(history) if row.what in _RESULTS]
    if not results or needs.customer_reopens_within is None:
        return None
    return max(results) + needs.customer_reopens_within


def check_pause_start(pause: str, at: datetime, rules: Iterable[TargetRule], history: Iterable[Happening]) -> None:
    """Raises BreachStands for a pause that starts before a recorded breach of a clock it would stop (X2)."""
    stopping = {rule.id for rule in rules if rule.can_pause and pause in rule.pauses}
    breaches = [row for row in history if row.what is What.CLOCK_BREACHED and row.facts["rule"] in stopping]
    overrun_at = max((datetime.fromisoformat(row.facts["due_at"]) for row in breaches), default=at)
    if at < overrun_at:
        raise BreachStands(happened_at=at.isoformat(), due_at=overrun_at.isoformat())


def _tells_customer(row: Happening) -> bool:
    moved_in = row.what is What.CARRIED_OVER and row.facts.get("stage") in _TOLD_BEFORE
    return moved_in or row.what in _TOLD


def _check_fields(state: TicketState, move: Move, facts: Mapping[str, Any]) -> None:
    for name in sorted(STATE_FIELDS.intersection(facts) - MAY_STATE.get(move, frozenset())):
        raise NotChangedThisWay(field=name, move=move)
    stated, present = facts.get("ticket_type", state.ticket_type), state.ticket_type
    if stated == "enquiry" and present != "enquiry":
        raise EnquiryOnly()
    if present == "enquiry" and stated != "enquiry":
        raise NotChangedThisWay(field="ticket_type", move=move)  # a promotion is an event of its own (U3.2)


def _check_facts(move: Move, facts: Mapping[str, Any], needs: Needs) -> None:
    for name in needs.facts.get(move, ()):
        if facts.get(name) in (None, "", [], {}):
            raise FactRequired(fact=name, move=move)


def _check_pause(move: Move, facts: Mapping[str, Any], needs: Needs) -> None:
    listed = needs.pauses.get(move)
    if listed is not None and facts.get("pause") not in listed:
        raise PauseNotListed(reason=facts.get("pause") or "-")


def _check_put_off(state: TicketState, facts: Mapping[str, Any], history: Sequence[Happening], needs: Needs) -> None:
    """An appointment is kept, or put off by us so often and no more; what the customer puts off counts for nobody."""
    pause = facts.get("pause")
    rule = needs.putting_off.get(str(pause))
    if rule is None or not rule.applies.fit(state):
        return
    made = 0
    for row in in_round(history):
        if row.what in (What.ARRIVED, What.WAITING_STARTED):
            made = 0
        elif row.what is What.HELD and row.facts.get("pause") == pause:
            made += 1
    if made > rule.at_most:
        raise PutOffBefore(times=rule.at_most)
