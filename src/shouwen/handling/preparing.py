"""What a move brings along by itself: the team a route names, the priority the table sets, the gates to pass."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings

from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now, edition, rules_in_force, rules_of
from shouwen.handbook.assignment import Assignment, PersonOnDuty, TeamOnDuty, assign, assign_in
from shouwen.handbook.attachments import attaching, check_detach
from shouwen.handbook.authority import Actor, check_approval
from shouwen.handbook.categories import check_intake_level
from shouwen.handbook.clock import clocks
from shouwen.handbook.events import NoSuchEvent, check_link, check_unlink
from shouwen.handbook.evidence import check_checked, check_complete, recorded_items
from shouwen.handbook.gates import check_in_time, check_pause_start, check_satisfied
from shouwen.handbook.history import Happening, Stage, TicketState, What, fold, in_round, open_promises
from shouwen.handbook.lifecycle import BEFORE_WORK, Move
from shouwen.handbook.merging import (
    NoSuchLead,
    Side,
    absorbing,
    check_limits,
    check_merge,
    check_stands_alone,
    check_unmerge,
)
from shouwen.handbook.moves import MARKED_BY
from shouwen.handbook.overdue import check_measure, check_overrun
from shouwen.handbook.refusals import (
    ExtensionBeyondWall,
    ExtensionShortens,
    FactRequired,
    NoOpenPromise,
    NotExtensible,
    NotTheirTask,
    TimeNotAhead,
    TimeTooFar,
)
from shouwen.handling.owners import first_owners
from shouwen.people.models import Person, Team
from shouwen.people.queries import HANDLERS, on_duty
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of, open_tickets_of, state_of
from shouwen.vault.queries import subject_keys
from shouwen.vault.refusals import SubjectErased


@dataclass(frozen=True)
class Moving:
    """A move being made: the ticket as it is, and the facts stated so far."""

    ticket: Ticket
    state: TicketState
    move: Move
    facts: dict[str, Any]
    rules: Edition
    history: Sequence[Happening]
    by: Actor
    happened_at: datetime
    now: datetime
    source: str = "desk"
    other: Ticket | None = None  # that changes together with it

    def adding(self, **facts: Any) -> Moving:
        return replace(self, facts={**self.facts, **facts})


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


def _dispatch(moving: Moving) -> Moving:
    """Nothing leaves the desk that could have been settled with the user there and then (U4.4)."""
    required = moving.rules.categories.find(moving.state.category).required
    check_checked(required, moving.facts, moving.history)
    return _hand_on(moving)


def _hand_on(moving: Moving) -> Moving:
    """To the team named, or to the one the routes name; the first team leads (S3.1)."""
    chosen = _assigned(moving)
    if not chosen.team:
        raise FactRequired(fact="team", move=moving.move)
    return moving.adding(
        team=chosen.team,
        handler=chosen.handler,
        lead_team=moving.state.lead_team or chosen.team,
        why=[{"zh": words.zh, "en": words.en} for words in chosen.why],
    )


def _assigned(moving: Moving) -> Assignment:
    team, handler = moving.facts.get("team"), moving.facts.get("handler")
    if team:
        Team.objects.only("code").get(pk=team)
        if handler:
            return Assignment(team, handler, ())
        return assign_in(team, moving.state, moving.rules.routes, _handlers_of(team, moving.now))
    return propose_assignment(moving.state, moving.rules, moving.now)


def propose_assignment(state: TicketState, rules: Edition, at: datetime) -> Assignment:
    """Where the routes would send this ticket at `at`; who has least in hand is counted in that team alone."""
    teams = [TeamOnDuty(team.code, team.region) for team in Team.objects.filter(active=True)]
    to = assign(state, rules.routes, teams, ()).team
    places = {code: term.words for code, term in rules.regions.items()}
    return assign(state, rules.routes, teams, _handlers_of(to, at) if to else (), places)


def _handlers_of(team: str, at: datetime) -> list[PersonOnDuty]:
    skills = {str(person.pk): frozenset(person.skills) for person in on_duty(HANDLERS, at).filter(teams=team)}
    load = open_tickets_of(list(skills), "handler")
    return [PersonOnDuty(person, team, skills[person], load[person]) for person in skills]


def _transfer(moving: Moving) -> Moving:
    if not moving.facts.get("team"):
        raise FactRequired(fact="team", move=moving.move)
    return _hand_on(moving)


def _decline(moving: Moving) -> Moving:
    """Back at the desk: its first owner dispatches it anew."""
    return moving.adding(team=None, handler=moving.state.first_owner)


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
    _check_ahead(moving, "due_at")
    return moving.adding(promise=_name())


def _keep_promise(moving: Moving) -> Moving:
    open_ones = [row.facts["promise"] for row in open_promises(moving.history)]
    promise = moving.facts.get("promise") or (open_ones[0] if open_ones else None)
    if promise not in open_ones:
        raise NoOpenPromise()
    return moving.adding(promise=promise)


def _agree_extension(moving: Moving) -> Moving:
    """Only a clock that runs, that the law does not set and that has not run out can be extended, to later (U7.1)."""
    until = _check_ahead(moving, "until")
    rules = [rule for rule in moving.rules.rules if rule.id == moving.facts.get("rule")]
    found = clocks(moving.history, rules, calendars_now(), state=moving.state, former=rules_of)
    extensible = [clock for clock in found if clock.may_be_extended(moving.now)]
    due = [clock.due_from(moving.now) for clock in extensible]
    if not due:
        raise NotExtensible()
    if until <= max(due):
        raise ExtensionShortens(time=_minute(until), due_at=_minute(max(due)))
    walls = [clock.wall for clock in extensible if clock.wall]
    if walls and until > min(walls):
        raise ExtensionBeyondWall(latest=_minute(min(walls)))
    return moving


def _assign_task(moving: Moving) -> Moving:
    if not moving.facts.get("to_team"):
        raise FactRequired(fact="to_team", move=moving.move)
    _check_ahead(moving, "due_at")
    return moving.adding(task=_name())


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


def _hand_over(moving: Moving) -> Moving:
    to = moving.facts.get("first_owner")
    if not to:
        raise FactRequired(fact="first_owner", move=moving.move)
    Person.objects.only("pk").get(pk=to, is_active=True)
    at_desk = moving.state.team is None
    return moving.adding(**({"handler": to} if at_desk else {}))


def _assign(moving: Moving) -> Moving:
    if "handler" in moving.facts and moving.facts["handler"] is None:
        return moving  # back to its team: somebody there takes it up
    handler = moving.facts.get("handler") or moving.by.id
    Person.objects.only("pk").get(pk=handler, is_active=True)
    return moving.adding(handler=handler)


def _withdraw(moving: Moving) -> Moving:
    """Whatever is withdrawn bears the mark, and stays on file (U7.2)."""
    mark = MARKED_BY[moving.move]
    return moving.adding(mark=mark) if mark in moving.rules.marks else moving


def _merge(moving: Moving) -> Moving:
    """The older of two tickets for one matter leads (H2.1.1b)."""
    if moving.other is None:
        raise NoSuchLead(into=moving.facts.get("into") or "-")
    leading = Side(state_of(moving.other), moving.other.received_at)
    check_merge(Side(moving.state, moving.ticket.received_at), leading, moving.history)
    _check_limits(moving, moving.other, leading.state)
    return moving.adding(into=moving.other.number)


def _check_limits(moving: Moving, other: Ticket, state: TicketState) -> None:
    """What is owed is compared under the priority that will stand: the stricter of the two."""
    leading, theirs = fold(state, taken_over(moving, other, state)), edition(other.edition)
    merged = fold(moving.state, absorbing(moving.state, leading, _hours(moving.rules)))
    calendars = calendars_now()
    here = clocks(moving.history, moving.rules.rules, calendars, state=merged, former=rules_of)
    there = clocks(history_of(other.pk), theirs.rules, calendars, state=leading, former=rules_of)
    check_limits(other.number, here, there, moving.now)


def taken_over(moving: Moving, other: Ticket, state: TicketState) -> dict[str, object]:
    """The facts of a leading ticket in this state taking over the one that moves."""
    return absorbing(state, moving.state, _hours(edition(other.edition)))


def _hours(rules: Edition) -> dict[str, int]:
    return {code: priority.hours for code, priority in rules.priorities.items()}


def _unmerge(moving: Moving) -> Moving:
    check_unmerge(moving.history, moving.now)
    return moving


def _split(moving: Moving) -> Moving:
    """The other matter is taken in under the rules of today, in its customer's name (U3.1)."""
    category = str(moving.facts.get("other_category") or "")
    rules_in_force(moving.now).edition.categories.find(category)
    check_intake_level(category)
    customer = moving.ticket.customer_id
    if customer is None or not subject_keys([customer]):
        raise SubjectErased
    return moving


def _attach(moving: Moving) -> Moving:
    return moving.adding(**attaching(moving.history, moving.facts, settings.SHOUWEN_FILES_PER_TICKET))


def _detach(moving: Moving) -> Moving:
    check_detach(moving.history, moving.facts)
    return moving


def _link(moving: Moving) -> Moving:
    """Each ticket of an event keeps its customer and its clocks; one level, so that nobody is told twice."""
    if moving.other is None:
        raise NoSuchEvent(event=moving.facts.get("parent") or "-")
    check_link(moving.state, state_of(moving.other))
    return moving.adding(parent=moving.other.number)


def _unlink(moving: Moving) -> Moving:
    check_unlink(moving.state)
    return moving.adding(parent="", former_event=moving.state.parent)


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
    _check_ahead(moving, "until")
    check_pause_start(str(moving.facts.get("pause")), moving.happened_at, moving.rules.rules, moving.history)
    return moving


def _respond(moving: Moving) -> Moving:
    """The customer hears by when to expect the next step (手册 5.4.3)."""
    _check_ahead(moving, "expected_at")
    return moving


def _check_ahead(moving: Moving, name: str) -> datetime:
    """The time ahead that is stated. Raises FactRequired, TimeNotAhead or TimeTooFar."""
    try:
        moment = datetime.fromisoformat(str(moving.facts.get(name) or ""))
    except ValueError:
        raise FactRequired(fact=name, move=moving.move) from None
    if moment.tzinfo is None:
        raise FactRequired(fact=name, move=moving.move)
    if moment <= moving.now:
        raise TimeNotAhead(time=_minute(moment))
    if moment > moving.now + FURTHEST:
        raise TimeTooFar(time=_minute(moment))
    return moment


def _minute(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


FURTHEST = timedelta(days=731)  # nobody names a time further ahead than two years but by mistake


def _amount(value: object) -> Decimal:
    try:
        amount = Decimal(str(value or "0"))
    except InvalidOperation:
        raise FactRequired(fact="compensation", move=Move.PROPOSE) from None
    if not amount.is_finite() or amount < 0:
        raise FactRequired(fact="compensation", move=Move.PROPOSE)
    return amount.quantize(Decimal("0.01"))


def _name() -> str:
    return secrets.token_hex(4)


_STEPS: dict[Move, Callable[[Moving], Moving]] = {
    Move.ASSESS: _assess,
    Move.RECLASSIFY: _assess,
    Move.DISPATCH: _dispatch,
    Move.TRANSFER: _transfer,
    Move.DECLINE: _decline,
    Move.ASSIGN: _assign,
    Move.HAND_OVER: _hand_over,
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
    Move.LINK: _link,
    Move.UNLINK: _unlink,
    Move.MERGE: _merge,
    Move.UNMERGE: _unmerge,
    Move.SPLIT: _split,
    Move.DECLARE_MAJOR: _declare_major,
    Move.WITHDRAW: _withdraw,
    Move.TALK_OVERDUE: _talk_overdue,
    Move.FOLLOW_MEASURE: _follow_measure,
}
