"""Reporting what ran out, and recording the talk about it and what became of its measure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from shouwen.editions.queries import edition
from shouwen.escalations.models import OverdueReport
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import Happening, replay
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.overdue import Overrun, Talk, overruns_of, talks_of
from shouwen.handling.actions import move_ticket
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of


@transaction.atomic
def record_talk(
    number: str,
    facts: Mapping[str, Any],
    *,
    by: Actor,
    happened_at: datetime,
    now: datetime,
    seen: int | None = None,
) -> Ticket:
    """Write down the talk about an overrun: in the ticket's history, and where the report shows it.

    Raises NoSuchTicket, TicketChanged, or a `Refusal`.
    """
    return _record(number, Move.TALK_OVERDUE, facts, by=by, happened_at=happened_at, now=now, seen=seen)


@transaction.atomic
def follow_measure(
    number: str,
    facts: Mapping[str, Any],
    *,
    by: Actor,
    happened_at: datetime,
    now: datetime,
    seen: int | None = None,
) -> Ticket:
    """Write down whether a measure has been seen to. Raises NoSuchTicket, TicketChanged, or a `Refusal`."""
    return _record(number, Move.FOLLOW_MEASURE, facts, by=by, happened_at=happened_at, now=now, seen=seen)


def report_overruns(ticket: Ticket, overruns: Iterable[Overrun], history: Sequence[Happening]) -> None:
    """Put these overruns on the report, in whose hands the ticket was then; those on it already stay as they are."""
    rules = edition(ticket.edition).rules_by_id
    rows = []
    for one in overruns:
        then, rule = replay(row for row in history if row.seq < one.seq), rules.get(one.rule)
        rows.append(
            OverdueReport(
                ticket=ticket,
                rule=one.rule,
                start_seq=one.start_seq,
                clause=rule.clause if rule else "",
                due_at=one.due_at,
                breached_at=one.breached_at,
                handler_id=then.handler,
                team_id=then.team,
            )
        )
    OverdueReport.objects.bulk_create(rows, ignore_conflicts=True)


def _record(number: str, move: Move, facts: Mapping[str, Any], **moving: Any) -> Ticket:
    ticket = move_ticket(number, move, facts=facts, **moving)
    history = history_of(ticket.pk)
    for talk in talks_of(history):
        if talk.stands:
            _project(ticket, talk, history)
    return ticket


def _project(ticket: Ticket, talk: Talk, history: Sequence[Happening]) -> None:
    """The report row as this talk leaves it."""
    known = OverdueReport.objects.filter(ticket=ticket)
    report_overruns(ticket, [one for one in overruns_of(history) if one.name == talk.overrun], history)
    rule, _at, start_seq = talk.overrun.rpartition("@")
    facts = talk.row.facts
    known.filter(rule=rule, start_seq=int(start_seq)).update(
        talk_seq=talk.seq,
        talked_at=talk.row.happened_at,
        talked_by=talk.row.by,
        cause=str(facts.get("overdue_cause") or ""),
        measure=_state_of(talk),
        measure_owner=facts.get("measure_owner") or None,
        measure_due_on=date.fromisoformat(facts["measure_due"]) if facts.get("measure_due") else None,
        followed_at=talk.followed.happened_at if talk.followed else None,
    )


def _state_of(talk: Talk) -> str:
    if not talk.has_measure:
        return OverdueReport.NONE
    if talk.followed is None:
        return OverdueReport.OPEN
    return OverdueReport.DONE if talk.followed.facts.get("measure_done") else OverdueReport.NOT_DONE
