"""The load board: who of a team has which tickets, and moving one from hand to hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from shouwen.desk.clocks import ShownClock, lead_clocks
from shouwen.desk.loads import people_of
from shouwen.desk.rows import filed, priority_tone
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.editions.queries import edition
from shouwen.handbook.assignment import TeamOnDuty
from shouwen.handbook.authority import Actor
from shouwen.handbook.moves import Move
from shouwen.handling.actions import move_ticket
from shouwen.people.absences import Absence, absences_of
from shouwen.people.models import Person, Team
from shouwen.screens.templatetags.badges import clock_badge
from shouwen.screens.templatetags.times import moment
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import state_of, ticket_for, visible_to

CARDS = 12  # of a column; the rest is behind its number
MOST = 100
NOBODY = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A ticket on the board."""

    ticket: Ticket
    category: str
    tone: str
    priority: str
    badge: Any
    needs: str  # skills, as codes


@dataclass(slots=True)
class Column:
    """Somebody's tickets by their due times, or those nobody in the team has taken up."""

    key: str
    name: str
    away: Absence | None = None  # that runs, or is planned
    is_away: bool = False
    skills: list[str] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    count: int = 0
    overdue: int = 0

    @property
    def left(self) -> int:
        """How many are not shown."""
        return max(self.count - len(self.cards), 0)

    @property
    def is_capped(self) -> bool:
        """True where no more were counted: then nobody knows how many are not shown."""
        return self.count >= MOST


def board_of(team: Team, actor: Actor, rules: Edition, at: datetime) -> list[Column]:
    """The columns of a team, whoever has least in hand first after those nobody has; six queries."""
    people = list(people_of([team]).order_by("display_name", "username"))
    seen = visible_to(actor).filter(is_open=True, team__isnull=False)
    waiting = list(seen.filter(team=team, handler=None).order_by("lead_due_at", "id")[:MOST])
    held = list(_in_hand(seen.filter(team=team), people))
    cards = _cards([*waiting[:CARDS], *(ticket for ticket in held if ticket.place <= CARDS)], at)
    by_hand = defaultdict(list)
    for ticket in held:
        by_hand[ticket.handler_id].append(ticket)
    first = Column(NOBODY, _("Nobody yet"), count=len(waiting), overdue=_overdue(waiting, at))
    first.cards = [cards[ticket.pk] for ticket in waiting[:CARDS]]
    away = absences_of(people, at)
    columns = [_column(person, by_hand[person.pk], cards, rules, at) for person in people]
    for column, person in zip(columns, people, strict=True):
        column.away = away.get(person.pk)
        column.is_away = bool(column.away and column.away.runs(at))
    return [first, *sorted(columns, key=lambda column: (column.count, column.name))]


def tickets_of(team: Team, actor: Actor) -> QuerySet[Ticket]:
    """What the columns of a team hold, all of it: those nobody has first, then person by person by what is due."""
    held = visible_to(actor).filter(Q(handler=None) | Q(handler__in=people_of([team])), is_open=True, team=team)
    return held.order_by(F("handler__display_name").asc(nulls_first=True), "handler", "lead_due_at", "id")


def _in_hand(seen: Any, people: Sequence[Person]) -> Any:
    """The first `MOST` tickets of each person, with their place in the order of what is due."""
    order = (F("lead_due_at").asc(), F("id").asc())
    ranked = seen.filter(handler__in=people).annotate(
        place=Window(RowNumber(), partition_by=F("handler"), order_by=order)
    )
    return ranked.filter(place__lte=MOST).order_by("handler", "place")


def _column(person: Person, tickets: Sequence[Ticket], cards: dict[Any, Card], rules: Edition, at: datetime) -> Column:
    column = Column(str(person.pk), str(person), skills=[here(rules.label("skills", code)) for code in person.skills])
    column.cards = [cards[ticket.pk] for ticket in tickets if ticket.pk in cards]
    column.count, column.overdue = len(tickets), _overdue(tickets, at)
    return column


def _overdue(tickets: Iterable[Ticket], at: datetime) -> int:
    return sum(ticket.lead_due_at <= at for ticket in tickets)


def _cards(tickets: Sequence[Ticket], at: datetime) -> dict[Any, Card]:
    clocks: dict[str, ShownClock] = lead_clocks(tickets, at) if tickets else {}
    return {ticket.pk: _card(ticket, clocks.get(str(ticket.pk)), at) for ticket in tickets}


def _card(ticket: Ticket, clock: ShownClock | None, at: datetime) -> Card:
    rules = edition(ticket.edition)
    return Card(
        ticket,
        filed(rules, ticket.category).leaf,
        priority_tone(rules, ticket.priority),
        here(rules.label("priorities", ticket.priority)),
        clock_badge(clock, now=at) if clock else "",
        " ".join(sorted(needed_skills(ticket, rules))),
    )


def needed_skills(ticket: Ticket, rules: Edition) -> frozenset[str]:
    """The skills the route of a ticket asks for, in the team that has it."""
    state, team = state_of(ticket), TeamOnDuty(ticket.team_id or "")
    fitting = (route for route in rules.routes if route.applies.fit(state) and team.does(route.team))
    route = next(fitting, None)
    return route.skills if route else frozenset()


@dataclass(frozen=True, slots=True)
class Reassignment:
    """A ticket about to go from hand to hand: to somebody in a team, or back to the team (nobody)."""

    number: str
    team: Team
    to: Person | None
    reason: str
    seen: int | None = None


def reassign(one: Reassignment, *, by: Actor, at: datetime, trying: bool = False) -> Ticket:
    """Assign within its team, transfer to another one. `trying` makes the move and takes it back: nobody hears of it.

    Raises NoSuchTicket, TicketChanged, or a `Refusal`.
    """
    ticket = ticket_for(by, one.number)
    within = ticket.team_id == one.team.pk
    facts: dict[str, Any] = {"handler": str(one.to.pk) if one.to else None, "reason": one.reason}
    move = Move.ASSIGN if within else Move.TRANSFER
    with transaction.atomic():
        stated = facts if within else {"team": one.team.pk, **{name: value for name, value in facts.items() if value}}
        moved = move_ticket(one.number, move, by=by, happened_at=at, now=at, facts=stated, seen=one.seen)
        transaction.set_rollback(trying)
    return moved


def warnings_about(one: Reassignment, ticket: Ticket, at: datetime) -> list[str]:
    """What a supervisor should know before it is done: nothing of it forbids the move."""
    if one.to is None:
        return []
    rules, said = edition(ticket.edition), []
    if (away := absences_of([one.to], at).get(one.to.pk)) and (away.runs(at) or away.from_at <= ticket.lead_due_at):
        said.append(_away_words(str(one.to), away, at))
    if lacking := needed_skills(ticket, rules) - set(one.to.skills):
        skills = _(", ").join(here(rules.label("skills", code)) for code in sorted(lacking))
        said.append(_("%(name)s lacks a skill the route asks for: %(skills)s.") % {"name": one.to, "skills": skills})
    return said


def _away_words(name: str, away: Absence, at: datetime) -> str:
    """Until when, and who covers; of a leave that is only planned, from when as well."""
    facts = {"name": name, "until": moment(away.until_at), "cover": away.cover}
    if away.runs(at):
        words = _("%(name)s is away until %(until)s.") % facts
    else:
        words = _("%(name)s goes on leave before this is due: %(begins)s to %(until)s.") % {
            **facts,
            "begins": moment(away.from_at),
        }
    return " ".join([words, _("%(cover)s covers.") % facts] if away.cover else [words])
