"""Which clocks a ticket's history has begun, and what ended each: start and stop events, before any time is counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from operator import attrgetter
from typing import Any, NamedTuple

from shouwen.handbook.facts import instant
from shouwen.handbook.history import Happening, Stage, Standing, What
from shouwen.handbook.lifecycle import OPEN
from shouwen.handbook.targets import TargetRule

STOPPED, VOID = "stopped", "void"

_ORDER = {stage: place for place, stage in enumerate((*OPEN, Stage.CLOSED, Stage.ARCHIVED))}

_REACHES: dict[What, Stage] = {
    What.ACCEPTED: Stage.RECEIVED,
    What.ASSESSED: Stage.ASSESSED,
    What.DISPATCHED: Stage.DISPATCHED,
    What.INVESTIGATION_STARTED: Stage.INVESTIGATING,
    What.PROPOSED: Stage.PROPOSED,
    What.APPROVED: Stage.APPROVED,
    What.CARRIED_OUT: Stage.CARRIED_OUT,
    What.CUSTOMER_TOLD: Stage.TOLD,
    What.ANSWERED_AT_CONTACT: Stage.TOLD,
    What.FOLLOWED_UP: Stage.FOLLOWED_UP,
    What.CLOSED: Stage.CLOSED,
    What.ARCHIVED: Stage.ARCHIVED,
}
# What a ticket moved in at a stage has behind it: nobody works on it who has not been named and has not answered.
_BEHIND = {**_REACHES, What.ASSIGNED: Stage.INVESTIGATING, What.RESPONDED: Stage.INVESTIGATING}
_GOING_BACK = frozenset({What.DECLINED, What.TRANSFERRED, What.RETURNED, What.REOPENED})
_LEFT = frozenset(
    {What.REJECTED, What.CANCELLED, What.WITHDRAWN, What.MERGED, What.ARCHIVED}
)  # nothing is owed any more
_AFTER_CLOSING = frozenset({What.ARCHIVED, What.RATED})  # may still come once a ticket is closed
_STANDING_STILL = frozenset({What.WAITING_STARTED, What.HELD})
_COUNTED_BY = frozenset({What.EXTENSION_AGREED, What.CARRIED_OVER})
_ENDING = _LEFT | _GOING_BACK | {What.CLOSED, What.CARRIED_OVER}


# A rung of a ladder that has been taken leaves one of these, with its rule and the clock's first event.
RUNGS = frozenset({What.CLOCK_WARNED, What.CLOCK_BREACHED, What.ESCALATED})


class Holder(NamedTuple):
    """The party in whose hands a ticket is."""

    team: str | None
    handler: str | None


class Turn(NamedTuple):
    """One event, and what holds from it on: who has the ticket, and for what reason it stands still, if it does.

    `waits`: it stands still for the customer, who has to do something first.
    """

    row: Happening
    holder: Holder
    pause: str | None
    changes: bool  # whether anything that clocks are counted by changes here
    waits: bool = False
    undone: bool = False  # carried out, and returned because the re-test failed: it was not carried out (U2.5)


class Owed(NamedTuple):
    """What an event says is owed by a time of its own.

    `due`: the fact that says by when. Where several are owed at once, `name` is the fact that tells them apart, and
    `kept` the event that keeps the one of that name.
    """

    due: str
    name: str = ""
    kept: What | None = None


OWED = {
    What.PROMISE_MADE: Owed("due_at", "promise", What.PROMISE_KEPT),
    What.TASK_ASSIGNED: Owed("due_at", "task", What.TASK_ANSWERED),
    What.RESPONDED: Owed("expected_at"),
    What.WAITING_STARTED: Owed("until"),
    What.HELD: Owed("until"),
}


_PROMISES = frozenset({What.PROMISE_MADE})


class Life(NamedTuple):
    """One clock of a rule, as indices into the turns: begun at `first`, ended at `last` if it has ended, and how."""

    first: int
    last: int | None
    how: str
    previous: int | None  # the start of the clock before it


def turns_of(history: Sequence[Happening]) -> list[Turn]:
    """The history in the order in which it happened, without the rungs of clocks: they start, stop and change none.

    A merging that was taken back counts as never made.
    """
    turns: list[Turn] = []
    holder, pause, waits = Holder(None, None), None, False
    stood: int | None = None  # where the stage was last changed
    for row in sorted(_never_merged(history), key=attrgetter("happened_at", "seq")):
        if row.what in RUNGS:
            continue
        facts, before = row.facts, (holder, pause)
        if "team" in facts or "handler" in facts:
            holder = Holder(facts.get("team", holder.team), facts.get("handler", holder.handler))
        pause = _pause_after(row, pause)
        waits = pause is not None and _waits_after(row, waits)
        if row.what is What.RETURNED and stood is not None and turns[stood].row.what is What.CARRIED_OUT:
            turns[stood] = turns[stood]._replace(undone=True)
        if row.what in _REACHES or row.what in _GOING_BACK:
            stood = len(turns)
        turns.append(Turn(row, holder, pause, before != (holder, pause) or row.what in _COUNTED_BY, waits))
    return turns


def counted(turns: list[Turn]) -> list[Turn]:
    """Those that clocks are counted by: of a ticket taken in as history, only what follows its reopening (S4.1)."""
    if not any(turn.row.what is What.ACCEPTED and turn.row.facts.get("history") for turn in turns):
        return turns
    reopened = (place for place, turn in enumerate(turns) if turn.row.what is What.REOPENED)
    return turns[next(reopened, len(turns)) :]


def begun_by(rule: TargetRule, whats: Set[What]) -> bool:
    """True when a history in which these things happened may have begun a clock of this rule; most begin few."""
    if What.CARRIED_OVER in whats:
        return True
    return not (_starts(rule) if rule.for_promises else rule.start).isdisjoint(whats)


def lives(rule: TargetRule, turns: Sequence[Turn]) -> Iterator[Life]:
    """The clocks of this rule. A new start replaces one that still runs, and is linked to the one before it."""
    if rule.for_promises:
        yield from _promised(rule, turns)
        return
    first: int | None = None
    previous: int | None = None
    start, stop = rule.start, rule.stop
    for place, turn in enumerate(turns):
        row = turn.row
        if row.what not in start and row.what not in stop and row.what not in _ENDING:
            continue
        starts = _begins(rule, row) or (first is None and carried(rule, row) is not None)
        if first is not None and (how := _ending(rule, turns[first].row, turn) or (VOID if starts else "")):
            yield Life(first, place, how, previous)
            previous, first = turns[first].row.seq, None
        if starts:
            first = place
    if first is not None:
        yield Life(first, None, "", previous)


def due_by(row: Happening) -> Any:
    """The time an event itself says something is due by; nothing for one that does not."""
    owed = OWED.get(row.what)
    return row.facts.get(owed.due) if owed else None


def carried(rule: TargetRule, row: Happening) -> dict[str, Any] | None:
    """How far this rule's clock had come when the ticket was moved in from another system."""
    if row.what is not What.CARRIED_OVER:
        return None
    entry: dict[str, Any] | None = (row.facts.get("clocks") or {}).get(rule.id)
    return entry


def _never_merged(history: Sequence[Happening]) -> Sequence[Happening]:
    """The history without each merging that was taken back, and without its taking back."""
    if not any(row.what is What.UNMERGED for row in history):
        return history
    undone, merged = set[int](), 0
    for row in sorted(history, key=attrgetter("seq")):
        if row.what is What.MERGED:
            merged = row.seq
        elif row.what is What.UNMERGED:
            undone |= {merged, row.seq}
    return [row for row in history if row.seq not in undone]


def _pause_after(row: Happening, pause: str | None) -> str | None:
    standing = row.facts.get("standing")
    if standing == Standing.RUNNING or row.what is What.RESUMED:
        return None
    if standing is not None or row.what in _STANDING_STILL:
        return str(row.facts.get("pause") or standing or row.what)
    return pause


def _waits_after(row: Happening, waits: bool) -> bool:
    if "standing" in row.facts:
        return bool(row.facts["standing"] == Standing.WAITING)
    return row.what is What.WAITING_STARTED if row.what in _STANDING_STILL else waits


def _begins(rule: TargetRule, row: Happening) -> bool:
    return row.what in rule.start and rule.hears(row.what, row.facts)


def _is_owed(rule: TargetRule, row: Happening) -> bool:
    """Nothing is owed ahead of a time that is nearer than that: naming it was telling of it (S3.1a)."""
    due = due_by(row)
    near = bool(due and rule.ahead) and instant(due) - rule.ahead <= row.happened_at
    return bool(due) and rule.hears(row.what, row.facts) and not near


def _promised(rule: TargetRule, turns: Sequence[Turn]) -> Iterator[Life]:
    """One clock for each time that is named, ended when that very one is kept, or given anew."""
    starts = _starts(rule)
    last_of: dict[Any, int] = {}
    for first, turn in enumerate(turns):
        if turn.row.what not in starts or not _is_owed(rule, turn.row):
            continue
        name = turn.row.facts.get(OWED[turn.row.what].name)
        previous, last_of[name] = last_of.get(name), turn.row.seq
        for last in range(first + 1, len(turns)):
            if how := _promise_ending(rule, turn.row, turns[last]):
                yield Life(first, last, how, previous)
                break
        else:
            yield Life(first, None, "", previous)


def _starts(rule: TargetRule) -> Set[What]:
    """The events of a rule `for_promises` that may name a time."""
    return rule.start & OWED.keys() or _PROMISES


def _promise_ending(rule: TargetRule, made: Happening, turn: Turn) -> str:
    owed, row = OWED[made.what], turn.row
    if owed.name and row.what in (made.what, owed.kept):
        same = row.facts.get(owed.name) == made.facts.get(owed.name)
        return "" if not same else STOPPED if row.what is owed.kept else VOID
    if how := _ending(rule, made, turn):
        return how
    if made.what in _STANDING_STILL and row.facts.get("standing") == Standing.RUNNING:
        return STOPPED if What.RESUMED in rule.stop else ""  # going on with the work ends a pause as resuming does
    return VOID if row.what is made.what and not owed.name else ""


def _ending(rule: TargetRule, start: Happening, turn: Turn) -> str:
    """How this event ends a clock of the rule: stopped, void, or not at all."""
    row = turn.row
    if _stops(rule, turn):
        return STOPPED
    if row.what in _LEFT:
        return VOID
    if row.what is What.CLOSED:
        return "" if rule.stop & _AFTER_CLOSING else VOID
    if row.what in _GOING_BACK:
        return VOID if _is_undone(start.what, row.facts.get("stage")) else ""
    if row.what is What.CARRIED_OVER and carried(rule, row) is None:
        return VOID if _is_behind(rule, row.facts.get("stage")) else ""
    return ""


def _stops(rule: TargetRule, turn: Turn) -> bool:
    """A clock goes on when what had ended it was undone, and when it is itself that was extended."""
    itself = turn.row.what is What.EXTENSION_AGREED and turn.row.facts.get("rule") == rule.id
    heard = turn.row.what in rule.stop and rule.hears(turn.row.what, turn.row.facts)
    return heard and not turn.undone and not itself


def _is_behind(rule: TargetRule, stage: Any) -> bool:
    """True when the rule had been fulfilled before the ticket was moved in at this stage."""
    if stage is None:
        return False
    reached = _ORDER.get(stage, len(_ORDER))
    return any(what in _BEHIND and _ORDER[_BEHIND[what]] <= reached for what in rule.stop)


def _is_undone(start: What, stage: Any) -> bool:
    """True when a ticket that went back to this stage has yet to come to where the clock was started."""
    return start in _REACHES and stage in _ORDER and _ORDER[_REACHES[start]] > _ORDER[stage]
