"""The sweep: looks at every clock whose time has come, decides by the ladder, writes all of it in one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import psycopg
from django.db import connection, transaction

from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now, edition
from shouwen.handbook.escalation import is_urgent, steps_due
from shouwen.handbook.history import What
from shouwen.handbook.targets import Step, TargetRule
from shouwen.notices.actions import ORDERS, order_row
from shouwen.people.queries import Roster, roster
from shouwen.service_levels.duty import Hours
from shouwen.service_levels.settling import derive_anew
from shouwen.tickets.actions import ADVANCES, EVENTS, Row, event_row, write

# The locks of both rows, or of neither: a ticket somebody is working on is looked at the next time.
CLAIM = """
    SELECT c.ticket_id::text, c.rule, c.start_seq, c.due_at, c.looks, c.taken, t.last_seq, t.replayed_seq, t.number,
        t.edition, t.handler::text, t.first_owner::text, t.team, t.region, t.priority
    FROM clock c JOIN ticket t ON t.id = c.ticket_id
    WHERE c.look_at <= %s
    ORDER BY c.look_at
    LIMIT %s
    FOR UPDATE OF c, t SKIP LOCKED
"""

LOOKED = """
    UPDATE clock SET taken = r.taken, look_at = clock.looks[r.taken + 1]
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, rule text, start_seq integer, taken smallint)
    WHERE clock.ticket_id = r.ticket_id AND clock.rule = r.rule AND clock.start_seq = r.start_seq
"""

NOTICES = {What.CLOCK_WARNED: "clock_warned", What.CLOCK_BREACHED: "clock_breached", What.ESCALATED: "clock_escalated"}


class DueClock(NamedTuple):
    """A clock whose time has come, with what its ticket says about whom to tell."""

    ticket_id: str
    rule: str
    start_seq: int
    due_at: datetime
    looks: list[datetime]
    taken: int
    last_seq: int
    replayed_seq: int
    number: str
    edition: str
    handler: str | None
    first_owner: str | None
    team: str | None
    region: str
    priority: str

    @property
    def trusted(self) -> bool:
        """True while the row was derived from the whole history."""
        return self.replayed_seq == self.last_seq


def sweep(at: datetime, *, batch: int = 1000) -> int:
    """Look at clocks due at `at` (aware UTC); returns how many. Any number of sweepers may run, late or twice."""
    with transaction.atomic():
        due = claim_due_clocks(at, limit=batch)
        stale = {clock.ticket_id: clock for clock in due if not clock.trusted}
        if stale:
            derive_anew({ticket_id: (clock.last_seq, clock.edition) for ticket_id, clock in stale.items()})
        trusted = [clock for clock in due if clock.trusted]
        if trusted:
            record_outcomes(trusted, at)
    return len(due)


def claim_due_clocks(at: datetime, *, limit: int) -> list[DueClock]:
    """Due clocks, earliest first, locked together with their tickets; those others hold are left out."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(CLAIM, [at, limit], binary=True, prepare=True)  # instants come in without being spelled
        return [DueClock._make(row) for row in cursor.fetchall()]


def record_outcomes(due: list[DueClock], at: datetime) -> None:
    """Events, message orders, next looks and the tickets' last events, in one statement."""
    on_duty = roster(at)
    outcomes = _Outcomes(at, on_duty, Hours(at, on_duty, calendars_now()))
    for clock in due:
        outcomes.add(clock)
    advances = [{"ticket_id": ticket_id, "last_seq": seq} for ticket_id, seq in outcomes.last_seq.items()]
    write([(EVENTS, outcomes.events), (ADVANCES, advances), (LOOKED, outcomes.looked), (ORDERS, outcomes.orders)])


@dataclass(slots=True)
class _Outcomes:
    """The rows a batch of due clocks makes at a moment, and the last event of each of their tickets."""

    at: datetime
    on_duty: Roster
    hours: Hours
    events: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    looked: list[Row] = field(default_factory=list)
    last_seq: dict[str, int] = field(default_factory=dict)
    _told: dict[tuple[object, ...], list[str]] = field(default_factory=dict)

    def add(self, clock: DueClock) -> None:
        """Every rung of the clock that has been reached, and when to look at it next."""
        rules, taken = edition(clock.edition), clock.taken
        rule = rules.rule(clock.rule)
        for step in steps_due(rule, clock.looks, taken, self.at):
            self._add_rung(clock, rules, rule, step, taken)
            taken += 1
        self.looked.append(
            {"ticket_id": clock.ticket_id, "rule": clock.rule, "start_seq": clock.start_seq, "taken": taken}
        )

    def _add_rung(self, clock: DueClock, rules: Edition, rule: TargetRule, step: Step, place: int) -> None:
        """The event of one rung, and a message to everybody it tells: urgent at once, else in their duty hours."""
        seq = self.last_seq[clock.ticket_id] = self.last_seq.get(clock.ticket_id, clock.last_seq) + 1
        what, told, due_at = what_of(step), self._told_by(step, clock), clock.due_at.isoformat()
        facts = {
            "rule": rule.id,
            "clock": clock.start_seq,
            "step": place,
            "due_at": due_at,
            "clause": rule.clause,
            "tells": step.tells,
            "told": told,
        }
        urgent = is_urgent(rule, step) or clock.priority in rules.around_the_clock
        held = {} if urgent else self.hours.held(told, rules)
        if held:  # who was told when is a fact of its own
            facts["held"] = {recipient: begins.isoformat() for recipient, begins in held.items()}
        self.events.append(event_row(clock.ticket_id, seq, what, self.at, "system", "sweep", facts))
        params = {"number": clock.number, "rule": rule.id, "due_at": due_at}
        self.orders.extend(
            order_row(
                cause=f"{clock.ticket_id}/{seq}/{recipient}",
                ticket_id=clock.ticket_id,
                recipient=recipient,
                channel="desk",
                template=NOTICES[what],
                edition=rules.id,
                params=params,
                not_before=held.get(recipient),
            )
            for recipient in told
        )

    def _told_by(self, step: Step, clock: DueClock) -> list[str]:
        """References of everybody the rung tells; the same for all clocks in the same hands."""
        hands = (step.tells, clock.handler, clock.first_owner, clock.team, clock.region)
        if hands not in self._told:
            self._told[hands] = sorted(set(_told(step, clock, self.on_duty)))
        return self._told[hands]


def what_of(step: Step) -> What:
    """A rung before the due time warns, the one at it tells the breach, those after it escalate."""
    if step.share is not None:
        return What.CLOCK_WARNED
    return What.ESCALATED if step.after else What.CLOCK_BREACHED


def _told(step: Step, clock: DueClock, on_duty: Roster) -> Iterator[str]:
    """References of everybody the rung tells; where a post is empty, the team; where there is none, the supervisors."""
    for role in step.tells:
        people = _holders(role, clock, on_duty)
        if people:
            yield from (f"person:{person}" for person in people)
        elif clock.team:
            yield f"team:{clock.team}"
        else:
            supervisors = on_duty.holders("supervisor", team=clock.team, region=clock.region)
            yield from (f"person:{person}" for person in supervisors)


def _holders(role: str, clock: DueClock, on_duty: Roster) -> list[str]:
    if role in POSITIONS:
        person = POSITIONS[role](clock, on_duty)
        people = [person] if person and person in on_duty.posts else []
    else:
        people = on_duty.holders(role, team=clock.team, region=clock.region)
    return on_duty.with_stand_ins(people, team=clock.team, region=clock.region)


# Who stands in a post of one ticket. Whoever has left the house leaves it empty.
POSITIONS: dict[str, Callable[[DueClock, Roster], str | None]] = {
    "handler": lambda clock, on_duty: clock.handler,
    "first_owner": lambda clock, on_duty: clock.first_owner,
    "team_lead": lambda clock, on_duty: on_duty.leads.get(clock.team or ""),
}
