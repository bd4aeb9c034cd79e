"""Why a clock is due when it is: the ledger of every clock of a ticket, for whoever shows it, and as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now, edition, rules_of
from shouwen.handbook.clock import Interval, ServiceClock, clocks, ledger
from shouwen.handbook.history import Happening
from shouwen.handbook.ledgers import (
    Extension,
    Idle,
    Part,
    Standstill,
    extensions,
    idle,
    split,
    standstills,
    stretches,
)
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.proof import Proof, proof_of
from shouwen.tickets.queries import happening


@dataclass(frozen=True, slots=True)
class Explanation:
    """One clock, what it has used at `at`, and the ledger that shows it."""

    clock: ServiceClock
    at: datetime
    used: timedelta
    left: timedelta
    share: float
    breached: bool
    ledger: list[Interval]

    @property
    def parts(self) -> list[Part]:
        """Who spent how much of what was used."""
        return split(self.ledger)

    @property
    def idle(self) -> list[Idle]:
        """What passed without being counted, by reason."""
        return idle(self.clock, self.ledger)

    @property
    def calendar_versions(self) -> list[str]:
        """The versions of the calendar it was counted by."""
        return sorted({row.calendar_version for row in self.ledger if row.calendar_version})


@dataclass(frozen=True, slots=True)
class TicketLedger:
    """Every clock of a ticket at one moment: running first, then by due time; and the proof of what it rests on."""

    ticket: Ticket
    rules: Edition
    at: datetime
    history: Sequence[Happening]
    clocks: Sequence[Explanation]
    proof: Proof

    @property
    def standstills(self) -> list[Standstill]:
        return standstills(self.history)

    @property
    def extensions(self) -> list[Extension]:
        return extensions(self.history)


def ledger_of(ticket: Ticket, at: datetime) -> TicketLedger:
    """The ledger of a ticket at `at` (aware UTC), replayed from its history: one query for it."""
    events = list(TicketEvent.objects.filter(ticket_id=ticket.pk).order_by("seq"))
    history, rules = [happening(event) for event in events], edition(ticket.edition)
    return TicketLedger(ticket, rules, at, history, explain(history, rules, at), proof_of(ticket, events))


def explain(history: Sequence[Happening], rules: Edition, at: datetime) -> list[Explanation]:
    """Every clock this history tells of, explained at `at` (aware UTC)."""
    derived = clocks(history, rules.rules, calendars_now(), former=rules_of)
    return sorted((explain_clock(clock, at) for clock in derived), key=_order)


def explain_clock(clock: ServiceClock, at: datetime) -> Explanation:
    """One clock explained."""
    return Explanation(
        clock, at, clock.used(at), clock.left(at), clock.share(at), clock.breached(at), ledger(clock, at)
    )


def as_data(of: TicketLedger) -> dict[str, Any]:
    """The ledger as plain data: instants in ISO 8601 with zone, spans in minutes."""
    return {
        "number": of.ticket.number,
        "edition": of.ticket.edition,
        "stage": of.ticket.stage,
        "taken_in_as_history": of.ticket.is_history,
        "at": of.at.isoformat(),
        "clocks": [_clock(one) for one in of.clocks],
        "standstills": [
            {
                "why": stood.reason,
                "start": stood.start.isoformat(),
                "end": _said(stood.end),
                "until": _said(stood.until),
            }
            for stood in of.standstills
        ],
        "extensions": [
            {"rule": agreed.rule, "agreed_at": agreed.agreed_at.isoformat(), "until": agreed.until.isoformat()}
            for agreed in of.extensions
        ],
        "proof": {"events": of.proof.events, "sound": of.proof.sound, "digest": of.proof.digest},
    }


def _clock(one: Explanation) -> dict[str, Any]:
    clock, rule = one.clock, one.clock.rule
    return {
        "rule": rule.id,
        "clause": rule.clause,
        "source": {
            "document": rule.source.document.zh,
            "document_en": rule.source.document.en,
            "place": rule.source.place,
            "says": rule.source.says.zh,
            "says_en": rule.source.says.en,
        },
        "name": rule.name.zh,
        "name_en": rule.name.en,
        "kind": rule.kind,
        "duration": None if rule.for_promises else str(rule.duration),
        "convention": None if rule.for_promises else rule.convention,
        "calendar": rule.calendar,
        "calendar_versions": one.calendar_versions,
        "state": clock.state,
        "started_at": clock.started_at.isoformat(),
        "start_seq": clock.start_seq,
        "due_at": _said(clock.due_at),
        "stopped_at": _said(clock.stopped_at),
        "ended_by": clock.ended_by,
        "provisional": clock.provisional,
        "extended": clock.extended,
        "previous": clock.previous,
        "budget_minutes": minutes(clock.budget),
        "used_minutes": minutes(one.used),
        "left_minutes": minutes(one.left),
        "breached": one.breached,
        "split": [_part(part) for part in one.parts],
        "not_counted": [{"why": rest.why, "minutes": minutes(rest.elapsed)} for rest in one.idle],
        "ledger": [_stretch(row) for row in stretches(clock, one.at)],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "team": part.team,
        "because": part.because,
        "minutes": minutes(part.spent),
        "by": [{"handler": handler, "minutes": minutes(spent)} for handler, spent in part.by],
    }


def _stretch(row: Interval) -> dict[str, Any]:
    return {
        "start": row.start.isoformat(),
        "end": _said(row.end),
        "counted": row.counted,
        "why": row.why,
        "minutes": None if row.worked is None else minutes(row.worked),
        "team": row.by.team,
        "handler": row.by.handler,
        "calendar_version": row.calendar_version,
    }


def minutes(span: timedelta) -> float:
    """A span in minutes, to the tenth of a second."""
    return round(span.total_seconds() / 60, 3)


def _said(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _order(explanation: Explanation) -> tuple[bool, bool, float, str]:
    clock = explanation.clock
    due = clock.due_at.timestamp() if clock.due_at else 0.0
    return clock.state not in ("running", "paused"), clock.due_at is None, due, clock.id
