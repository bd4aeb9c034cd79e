"""The history of a ticket: the vocabulary of what can happen, and the fold that turns it into the ticket.

A fact whose name is a field of `TicketState` sets that field; every other fact is kept for its reader. So the history
alone rebuilds the ticket, whatever later versions of the lifecycle table say, and `shouwen verify` can compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """How far a ticket has come (手册 2.3.1, 2.4.2)."""

    RECEIVED = "received"
    ASSESSED = "assessed"
    DISPATCHED = "dispatched"
    INVESTIGATING = "investigating"
    PROPOSED = "proposed"
    APPROVED = "approved"
    CARRIED_OUT = "carried_out"
    TOLD = "told"
    FOLLOWED_UP = "followed_up"
    CLOSED = "closed"
    ARCHIVED = "archived"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"  # the same matter as another ticket: it goes on there


class Standing(StrEnum):
    """Whether work on the ticket may go on: apart from the stage, so that coming back never guesses where to (X2)."""

    RUNNING = "running"
    WAITING = "waiting"  # for the customer
    HELD = "held"  # an agreed appointment or force majeure


class What(StrEnum):
    """What can happen to a ticket. The past tense: a history tells what was, never what should be."""

    ACCEPTED = "accepted"
    CARRIED_OVER = "carried_over"  # moved in from another system: its stage and half-spent clocks as they were there
    ASSESSED = "assessed"
    VALIDATED = "validated"  # who they are, and that what they say fits what is on file (S2.1a)
    RECLASSIFIED = "reclassified"
    PROMOTED = "promoted"  # an enquiry became a complaint; never the other way (U3.2)
    ANSWERED_AT_CONTACT = "answered_at_contact"
    DISPATCHED = "dispatched"
    DECLINED = "declined"
    TRANSFERRED = "transferred"
    ASSIGNED = "assigned"
    OWNER_HANDED_OVER = "owner_handed_over"
    RESPONDED = "responded"
    INVESTIGATION_STARTED = "investigation_started"
    TEST_DECIDED = "test_decided"  # a field test was judged necessary (U2.2)
    VISIT_CONFIRMED = "visit_confirmed"
    ARRIVED = "arrived"
    EVIDENCE_RECORDED = "evidence_recorded"
    WAITING_STARTED = "waiting_started"
    HELD = "held"
    RESUMED = "resumed"
    PROPOSED = "proposed"
    APPROVED = "approved"
    RETURNED = "returned"
    CARRIED_OUT = "carried_out"
    CUSTOMER_TOLD = "customer_told"
    INFORMANT_TOLD = "informant_told"
    SURVEY_SENT = "survey_sent"
    RATED = "rated"
    FOLLOWED_UP = "followed_up"
    REOPENED = "reopened"
    CLOSED = "closed"
    ARCHIVED = "archived"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    MARKED = "marked"
    MAJOR_DECLARED = "major_declared"
    REPORTED = "reported"  # upward, or to whom the edition names (U2.0)
    PROMISE_MADE = "promise_made"
    PROMISE_KEPT = "promise_kept"
    EXTENSION_AGREED = "extension_agreed"
    NOTED = "noted"
    CUSTOMER_ADDED = "customer_added"
    TASK_ASSIGNED = "task_assigned"
    TASK_ANSWERED = "task_answered"
    MERGED = "merged"
    UNMERGED = "unmerged"  # the merging was a mistake and counts as never made
    ABSORBED = "absorbed"  # another ticket was merged into this one
    RELEASED = "released"  # and goes its own way again
    ATTACHED = "attached"  # a file: what it is and the digest of how it is kept, never its name
    DETACHED = "detached"
    LINKED = "linked"  # to an event that many tickets come of
    UNLINKED = "unlinked"
    CHILD_LINKED = "child_linked"  # of the event itself: another ticket came of it
    CHILD_UNLINKED = "child_unlinked"
    BROADCAST = "broadcast"  # something was told to the customers of all tickets of the event
    EVENT_TOLD = "event_told"  # and to this one's
    SPLIT = "split"  # another matter in it became a ticket of its own
    OVERDUE_TALKED = "overdue_talked"  # the supervisor and whoever was answerable for an overrun (S3.3)
    MEASURE_FOLLOWED = "measure_followed"  # whether what was agreed then has been done
    RULES_CHANGED = "rules_changed"  # an edition took effect that open tickets follow
    CLOCK_WARNED = "clock_warned"
    CLOCK_BREACHED = "clock_breached"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Happening:
    """One row of a ticket's history.

    `happened_at` is aware UTC, as stated by whoever reports it: clocks run on it. `recorded_at` is the database's time.
    """

    seq: int
    what: What
    happened_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    by: str = "system"
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TicketState:
    """What a ticket is now, as its history tells it. Every field is a column of the ticket row and the other way round.

    People are ids (UUID text), teams and categories codes of the edition.
    """

    number: str = ""
    ticket_type: str = "complaint"
    title: str = ""
    description: str = ""
    customer: str | None = None
    stage: Stage = Stage.RECEIVED
    standing: Standing = Standing.RUNNING
    category: str = ""
    priority: str = ""
    severity: str = ""
    complexity: str = "general"
    reach: str = "single"
    customer_level: str = "ordinary"
    channel: str = ""
    region: str = ""
    first_owner: str | None = None
    handler: str | None = None
    team: str | None = None
    lead_team: str | None = None
    has_informant: bool = False
    round: int = 1
    transfers: int = 0
    mark: str = ""
    parent: str = ""  # the number of the event it comes of
    children: int = 0  # how many tickets come of it
    edition: str = ""
    is_history: bool = False

    @property
    def finished(self) -> bool:
        """True once nothing but the archive, or a reopening, can follow."""
        return self.stage in FINISHED


FINISHED = frozenset({Stage.CLOSED, Stage.ARCHIVED, Stage.REJECTED, Stage.CANCELLED, Stage.WITHDRAWN, Stage.MERGED})
STATE_FIELDS = frozenset(f.name for f in fields(TicketState))
_ENUMS: dict[str, type[StrEnum]] = {"stage": Stage, "standing": Standing}


def fold(state: TicketState, facts: Mapping[str, Any]) -> TicketState:
    """The state after these facts."""
    return replace(state, **_named(facts))


def replay(history: Iterable[Happening]) -> TicketState:
    """The ticket its history tells of, in the order it was recorded."""
    stated: dict[str, Any] = {}
    for happening in history:
        stated.update(happening.facts)
    return TicketState(**_named(stated))


def in_round(history: Iterable[Happening]) -> list[Happening]:
    """What has happened since the ticket was last accepted or reopened."""
    rows = list(history)
    starts = [i for i, row in enumerate(rows) if row.what in (What.ACCEPTED, What.REOPENED)]
    return rows[starts[-1] :] if starts else rows


def before_merging(history: Iterable[Happening]) -> TicketState:
    """The ticket as it was when it was last merged into another one."""
    rows = list(history)
    merged = [place for place, row in enumerate(rows) if row.what is What.MERGED]
    return replay(rows[: merged[-1]] if merged else ())


def open_promises(history: Iterable[Happening]) -> list[Happening]:
    """The promises nobody has kept yet, in order."""
    rows = list(history)
    kept = {row.facts.get("promise") for row in rows if row.what is What.PROMISE_KEPT}
    return [row for row in rows if row.what is What.PROMISE_MADE and row.facts.get("promise") not in kept]


@dataclass(frozen=True, slots=True)
class Task:
    """What a collaborating team (协办) was asked for, and whether it has answered."""

    task: str
    team: str
    assigned_at: datetime
    due_at: datetime
    answered_at: datetime | None = None


def tasks_of(history: Iterable[Happening]) -> list[Task]:
    """The tasks this history has assigned, in order (SOP 三: 工单协作台账)."""
    tasks: dict[str, Task] = {}
    for row in history:
        if row.what is What.TASK_ASSIGNED:
            name = str(row.facts["task"])
            due_at = datetime.fromisoformat(str(row.facts["due_at"]))
            tasks[name] = Task(name, str(row.facts["to_team"]), row.happened_at, due_at)
        elif row.what is What.TASK_ANSWERED:
            name = str(row.facts["task"])
            tasks[name] = replace(tasks[name], answered_at=row.happened_at)
    return list(tasks.values())


def _named(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that are fields of the state."""
    named: dict[str, Any] = {name: value for name, value in facts.items() if name in STATE_FIELDS}
    for name, enum in _ENUMS.items():
        if name in named:
            named[name] = enum(named[name])
    return named
