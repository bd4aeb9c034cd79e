"""What a shift leaves to the next: open tickets of a team by why somebody has to look at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from shouwen.handbook.authority import Actor
from shouwen.handbook.history import Standing, open_promises
from shouwen.language.masking import mask
from shouwen.language.redaction import find_identifiers
from shouwen.people.models import Team
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import histories_of, visible_to

NEXT_SHIFT = timedelta(hours=12)
EACH_AT_MOST = 100
LOOKED_AT = 300  # open tickets whose histories are read for promises
LONGEST_NOTE, LONGEST_NOTES = 200, 4000
PROMISED, OVERDUE, DUE, WAITING, UNTAKEN, REST = "promised", "overdue", "due", "waiting", "untaken", "rest"
SECTIONS = {
    PROMISED: gettext_lazy("Promised to customers"),
    OVERDUE: gettext_lazy("Overdue"),
    DUE: gettext_lazy("Due within twelve hours"),
    UNTAKEN: gettext_lazy("Nobody has taken it up"),
    WAITING: gettext_lazy("The customer is to answer"),
    REST: gettext_lazy("Otherwise under way"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket of a list."""

    section: str
    number: str
    title: str
    due_at: datetime | None
    handler: str
    note: str = ""

    def kept(self) -> dict[str, Any]:
        """As the list keeps it."""
        due = self.due_at.isoformat() if self.due_at else ""
        return {
            "section": self.section,
            "number": self.number,
            "title": self.title,
            "due_at": due,
            "handler": self.handler,
            "note": self.note,
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Line:
        due = datetime.fromisoformat(kept["due_at"]) if kept["due_at"] else None
        return cls(kept["section"], kept["number"], kept["title"], due, kept["handler"], kept["note"])


def lines_of(team: Team, actor: Actor, at: datetime, notes: Mapping[str, str] | None = None) -> list[Line]:
    """The team's open tickets the actor sees, each once, under the first reason that fits: two queries."""
    tickets = list(_open_of(team, actor).select_related("handler").order_by("lead_due_at", "id")[:LOOKED_AT])
    promised = _promised(tickets)
    lines = [
        _line(ticket, promised.get(str(ticket.pk)), at, (notes or {}).get(ticket.number, "")) for ticket in tickets
    ]
    return [line for section in SECTIONS for line in _first(line for line in lines if line.section == section)]


def left_out_of(lines: Sequence[Line], team: Team, actor: Actor) -> int:
    """How many open tickets of the team these lines do not hold."""
    return max(_open_of(team, actor).count() - len(lines), 0)


def without_a_line(notes: Mapping[str, str], lines: Iterable[Line]) -> str:
    """Notes on tickets that are on the list no longer, each under its number: what was written goes with the shift."""
    listed = {line.number for line in lines}
    return "\n".join(f"{number[:40]}: {note}" for number, note in notes.items() if note and number not in listed)


def by_section(lines: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    """The lines under their headings, in order; a heading without lines is left out."""
    lines = list(lines)
    found = [(str(words), [line for line in lines if line.section == code]) for code, words in SECTIONS.items()]
    return [(words, of_it) for words, of_it in found if of_it]


def without_names(text: str, longest: int) -> str:
    """What somebody typed, with whatever identifies a customer masked: a list is printed and lies about."""
    parts, end = [], 0
    for found in find_identifiers(text[:longest]):
        parts += text[end : found.start], mask(found.kind, found.value)
        end = found.end
    return "".join(parts) + text[end:longest]


def _open_of(team: Team, actor: Actor) -> QuerySet[Ticket]:
    return visible_to(actor).filter(team=team.pk, is_open=True)


def _promised(tickets: Iterable[Ticket]) -> dict[str, datetime]:
    """When the first open promise of each ticket is due: one query."""
    histories = histories_of([ticket.pk for ticket in tickets])
    due = {
        pk: [datetime.fromisoformat(str(row.facts["due_at"])) for row in open_promises(of_it)]
        for pk, of_it in histories.items()
    }
    return {pk: min(times) for pk, times in due.items() if times}


def _line(ticket: Ticket, promised_at: datetime | None, at: datetime, note: str) -> Line:
    due_at = ticket.lead_due_at if ticket.lead_due_at.year < 9999 else None
    section = _section(ticket, promised_at, due_at, at)
    shown_due = promised_at if section == PROMISED else due_at
    return Line(section, ticket.number, ticket.title, shown_due, str(ticket.handler or ""), note)


def _section(ticket: Ticket, promised_at: datetime | None, due_at: datetime | None, at: datetime) -> str:
    reasons = {
        PROMISED: promised_at is not None,
        OVERDUE: due_at is not None and due_at <= at,
        DUE: due_at is not None and due_at <= at + NEXT_SHIFT,
        UNTAKEN: ticket.handler_id is None,
        WAITING: ticket.standing == Standing.WAITING,
    }
    return next((section for section, fits in reasons.items() if fits), REST)


def _first(lines: Iterable[Line]) -> list[Line]:
    return list(lines)[:EACH_AT_MOST]
