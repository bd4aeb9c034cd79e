"""A clock's ledger in words: every interval, whether it counted, why, in whose hands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.desk.clocks import working_day
from shouwen.desk.names import Names, names_in
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.editions.queries import edition
from shouwen.handbook.clock import ServiceClock
from shouwen.handbook.history import Happening, What
from shouwen.handbook.meter import Interval
from shouwen.screens.templatetags.times import spelled
from shouwen.service_levels.explaining import Explanation, explain
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One interval of the ledger."""

    start: datetime
    end: datetime | None
    counted: bool
    why: str
    worked: str
    by: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """Why one clock is due when it is."""

    name: str
    given: str
    calendar: str
    calendar_version: str
    source: str
    says: str
    clause: str
    used: str
    entries: tuple[Entry, ...]
    due_at: datetime | None
    provisional: bool
    extended: bool
    previous: bool


def ledger_of(ticket: Ticket, rule: str, start_seq: int, at: datetime) -> Ledger | None:
    """The ledger of one clock of a ticket; None when it has no such clock."""
    history, rules = history_of(ticket.pk), edition(ticket.edition)
    for explanation in explain(history, rules, at):
        clock = explanation.clock
        if clock.rule.id == rule and clock.start_seq == start_seq:
            return _ledger(explanation, rules, _holders(explanation, history))
    return None


def _ledger(explanation: Explanation, rules: Edition, names: Names) -> Ledger:
    clock = explanation.clock
    rule, day = clock.rule, working_day(clock.calendar)
    spec = rules.calendars.get(rule.calendar)
    versions = {row.calendar_version for row in explanation.ledger if row.calendar_version}
    return Ledger(
        name=here(rule.name),
        given=_given(clock, day),
        calendar=here(spec.words) if spec and spec.words else _("every hour counts"),
        calendar_version=", ".join(sorted(versions)),
        source=f"{here(rule.source.document)} · {rule.source.place}",
        says=here(rule.source.says),
        clause=rule.clause,
        used=spelled(explanation.used, day),
        entries=tuple(_entry(row, rules, names, day) for row in explanation.ledger),
        due_at=clock.due_at,
        provisional=clock.provisional,
        extended=clock.extended,
        previous=clock.previous is not None,
    )


def _given(clock: ServiceClock, day: timedelta | None) -> str:
    if clock.rule.for_promises:
        return _("as asked of the team") if What.TASK_ASSIGNED in clock.rule.start else _("as promised")
    return spelled(clock.budget, day)


def _entry(row: Interval, rules: Edition, names: Names, day: timedelta | None) -> Entry:
    worked = spelled(row.worked, day) if row.counted and row.worked else ""
    holder = names.of(f"person:{row.by.handler}") if row.by.handler else ""
    team = names.team(row.by.team) if row.by.team else _("at the desk")
    return Entry(
        row.start, row.end, row.counted, _why(row.why, rules), worked, " · ".join(filter(None, [team, holder]))
    )


def _why(why: str, rules: Edition) -> str:
    """An interval's reason in words."""
    kind, _colon, reason = why.partition(":")
    paused = here(rules.label("pauses", reason)) if reason else ""
    if kind == "paused":
        return _("stood still: %(reason)s") % {"reason": paused}
    if kind == "carried_over":
        return _("spent before it was moved in")
    return _("ran on: %(reason)s does not stop it") % {"reason": paused} if paused else pgettext("ledger", "ran")


def _holders(explanation: Explanation, history: list[Happening]) -> Names:
    held = [
        Happening(0, What.NOTED, row.start, {"team": row.by.team, "handler": row.by.handler})
        for row in explanation.ledger
    ]
    return names_in(held)
