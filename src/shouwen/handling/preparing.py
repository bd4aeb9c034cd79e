"""What a move brings along by itself: the team a route names, the priority the table sets, the gates to pass."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from django.conf import settings

from shouwen.editions.queries import calendars_now, rules_of
from shouwen.handbook.attachments import attaching, check_detach
from shouwen.handbook.authority import check_approval
from shouwen.handbook.categories import check_intake_level
from shouwen.handbook.clock import clocks
from shouwen.handbook.evidence import check_complete, recorded_items
from shouwen.handbook.gates import check_in_time, check_pause_start, check_satisfied
from shouwen.handbook.history import Stage, What, in_round, open_promises
from shouwen.handbook.lifecycle import BEFORE_WORK, Move
from shouwen.handbook.merging import check_stands_alone
from shouwen.handbook.moves import MARKED_BY
from shouwen.handbook.overdue import check_measure, check_overrun
from shouwen.handbook.refusals import (
    ExtensionBeyondWall,
    ExtensionShortens,
    FactRequired,
    NoOpenPromise,
    NotExtensible,
    NotTheirTask,
)
from shouwen.handling.hands import assign_handler, decline, dispatch, hand_over, transfer
from shouwen.handling.joining import link, merge, split, unlink, unmerge
from shouwen.handling.moving import Moving, check_ahead, minute, new_name
from shouwen.handling.owners import first_owners


def prepare(moving: Moving) -> Moving:
    """The move with everything it brings along. Raises a Refusal where a gate is shut."""
    step = _STEPS.get(moving.move)
    return step(moving) if step else moving


def _assess(moving: Moving) -> Moving:
    """The system sets the priority; people judge what it follows from (H7.2.2)."""
    known = {name: moving.facts.get(name) or getattr(moving.state, name) for name in _JUDGED}
    moving.rules.categories.find(known["category"])
    if moving.state.stage in BEFORE_WORK and known["category"] != moving.state.category:
        check_intake_level(known["category"])
    ranking = moving.rules.prioritise(**{name: known[name] for name in _RANKED})
    return moving.adding(**known, priority=ranking.priority, priority_why={"zh": ranking.why.zh, "en": ranking.why.en})


_RANKED = ("severity", "reach", "customer_level", "category")
_JUDGED = (*_RANKED, "complexity")


def _investigate(moving: Moving) -> Moving:
    """Whoever starts works on it, if nobody else was named."""
    return moving if moving.state.handler else moving.adding(handler=moving.by.id)


def _propose(moving: Moving) -> Moving:
    """No proposal before the evidence of its scenario is on the table (T2)."""
    _check_evidence(moving)
    return moving.adding(compensation=str(_amount(moving.facts.get("compensation"))))


def _carry_out(moving: Moving) -> Moving:
    """What needs no approval needs its evidence all the same (T2)."""
    if moving.state.stage is Stage.INVESTIGATING:
        _check_evidence(moving)
    return moving


def _check_evidence(moving: Moving) -> None:
    check_complete(moving.rules.checklist(moving.state.category), recorded_items(moving.history))


def _approve(moving: Moving) -> Moving:
    proposed = [row for row in in_round(moving.history) if row.what is What.PROPOSED]
    proposal = proposed[-1] if proposed else None  # none where the ticket was moved in with its proposal made
    amount = _amount(proposal.facts.get("compensation") if proposal else None)
    check_approval(moving.rules.approval_limits, moving.by, amount, proposal.by if proposal else "")
    return moving.adding(compensation=str(amount))


def _promise(moving: Moving) -> Moving:
    """A time named to a customer becomes a commitment with a name of its own (T4.5)."""
    check_ahead(moving, "due_at")
    return moving.adding(promise=new_name())


def _keep_promise(moving: Moving) -> Moving:
    open_ones = [row.facts["promise"] for row in open_promises(moving.history)]
    promise = moving.facts.get("promise") or (open_ones[0] if open_ones else None)
    if promise not in open_ones:
        raise NoOpenPromise()
    return moving.adding(promise=promise)


def _agree_extension(moving: Moving) -> Moving:
    """Only a clock that runs, that the law does not set and that has not run out can be extended, to later (U7.1)."""
    until = check_ahead(moving, "until")
    rules = [rule for rule in moving.rules.rules if rule.id == moving.facts.get("rule")]
    found = clocks(moving.history, rules, calendars_now(), state=moving.state, former=rules_of)
    extensible = [clock for clock in found if clock.may_be_extended(moving.now)]
    due = [clock.due_from(moving.now) for clock in extensible]
    if not due:
        raise NotExtensible()
    if until <= max(due):
        raise ExtensionShortens(time=minute(until), due_at=minute(max(due)))
    walls = [clock.wall for clock in extensible if clock.wall]
    if walls and until > min(walls):
        raise ExtensionBeyondWall(latest=minute(min(walls)))
    return moving


def _assign_task(moving: Moving) -> Moving:
    if not moving.facts.get("to_team"):
        raise FactRequired(fact="to_team", move=moving.move)
    check_ahead(moving, "due_at")
    return moving.adding(task=new_name())


def _answer_task(moving: Moving) -> Moving:
    assigned = {row.facts["task"]: row for row in moving.history if row.what is What.TASK_ASSIGNED}
    answered = {row.facts["task"] for row in moving.history if row.what is What.TASK_ANSWERED}
    task = assigned.get(str(moving.facts.get("task")))
    if task is None or task.facts["task"] in answered or task.facts["to_team"] not in moving.by.teams:
        raise NotTheirTask()
    return moving


def _reopen(moving: Moving) -> Moving:
    """A new round starts at the desk, with its first owner (S4.1); a ticket taken in as history may have to get one."""
    check_stands_alone(moving.history)
    _check_in_time(moving)
    owner = moving.state.first_owner or first_owners(moving.now).next_for(moving.state.region)
    return moving.adding(team=None, handler=owner, first_owner=owner)


def _rate(moving: Moving) -> Moving:
    """A link is open for as long as it says; without one a customer rates as long as they may reopen (H7.2.4)."""
    check_stands_alone(moving.history)
    if not moving.facts.get("survey"):
        _check_in_time(moving)
    return moving


def _check_in_time(moving: Moving) -> None:
    if moving.by.kind == "customer":
        check_in_time(moving.history, moving.rules.needs, moving.now)


def _close(moving: Moving) -> Moving:
    """Over the head of a customer who is not satisfied a supervisor alone closes, and says why (S4.2c)."""
    check_satisfied(moving.history, moving.facts, by_supervisor="supervisor" in moving.by.roles)
    return moving


def _withdraw(moving: Moving) -> Moving:
    """Whatever is withdrawn bears the mark, and stays on file (U7.2)."""
    mark = MARKED_BY[moving.move]
    return moving.adding(mark=mark) if mark in moving.rules.marks else moving


def _attach(moving: Moving) -> Moving:
    return moving.adding(**attaching(moving.history, moving.facts, settings.SHOUWEN_FILES_PER_TICKET))


def _detach(moving: Moving) -> Moving:
    check_detach(moving.history, moving.facts)
    return moving


def _declare_major(moving: Moving) -> Moving:
    """What is major is led by management from now on, and has management's time (手册 5.1.1)."""
    return moving.adding(complexity=MAJOR) if MAJOR in moving.rules.complexities else moving


MAJOR = "major"


def _talk_overdue(moving: Moving) -> Moving:
    """About an overrun this history knows; a talk recorded again takes the place of the one before (S3.3)."""
    before = check_overrun(moving.history, str(moving.facts.get("overrun") or ""))
    return moving.adding(corrects=before.seq) if before else moving


def _follow_measure(moving: Moving) -> Moving:
    check_measure(moving.history, str(moving.facts.get("talk") or ""))
    return moving


def _mark(moving: Moving) -> Moving:
    if moving.facts.get("mark") not in moving.rules.marks:
        raise FactRequired(fact="mark", move=moving.move)
    return moving


def _pause(moving: Moving) -> Moving:
    """Until when is stated with the pause, and lies ahead (X2); what has run out before stays overrun."""
    check_ahead(moving, "until")
    check_pause_start(str(moving.facts.get("pause")), moving.happened_at, moving.rules.rules, moving.history)
    return moving


def _respond(moving: Moving) -> Moving:
    """The customer hears by when to expect the next step (手册 5.4.3)."""
    check_ahead(moving, "expected_at")
    return moving


def _amount(value: object) -> Decimal:
    try:
        amount = Decimal(str(value or "0"))
    except InvalidOperation:
        raise FactRequired(fact="compensation", move=Move.PROPOSE) from None
    if not amount.is_finite() or amount < 0:
        raise FactRequired(fact="compensation", move=Move.PROPOSE)
    return amount.quantize(Decimal("0.01"))


_STEPS: dict[Move, Callable[[Moving], Moving]] = {
    Move.ASSESS: _assess,
    Move.RECLASSIFY: _assess,
    Move.DISPATCH: dispatch,
    Move.TRANSFER: transfer,
    Move.DECLINE: decline,
    Move.ASSIGN: assign_handler,
    Move.HAND_OVER: hand_over,
    Move.WAIT: _pause,
    Move.HOLD: _pause,
    Move.RESPOND: _respond,
    Move.INVESTIGATE: _investigate,
    Move.PROPOSE: _propose,
    Move.APPROVE: _approve,
    Move.CARRY_OUT: _carry_out,
    Move.PROMISE: _promise,
    Move.KEEP_PROMISE: _keep_promise,
    Move.AGREE_EXTENSION: _agree_extension,
    Move.ASSIGN_TASK: _assign_task,
    Move.ANSWER_TASK: _answer_task,
    Move.REOPEN: _reopen,
    Move.RATE: _rate,
    Move.CLOSE: _close,
    Move.MARK: _mark,
    Move.ATTACH: _attach,
    Move.DETACH: _detach,
    Move.LINK: link,
    Move.UNLINK: unlink,
    Move.MERGE: merge,
    Move.UNMERGE: unmerge,
    Move.SPLIT: split,
    Move.DECLARE_MAJOR: _declare_major,
    Move.WITHDRAW: _withdraw,
    Move.TALK_OVERDUE: _talk_overdue,
    Move.FOLLOW_MEASURE: _follow_measure,
}
