"""Short answers for pickers and the palette: the few people or tickets somebody may mean while they type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When

from shouwen.desk.asked import as_typed, asked_for
from shouwen.desk.finding import window_of
from shouwen.desk.wording import here
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor
from shouwen.language.pinyin import initials
from shouwen.people.absences import is_away
from shouwen.people.models import Person
from shouwen.people.names import team_words
from shouwen.screens.templatetags.parts import IDENTIFIERS, TOKEN
from shouwen.screens.templatetags.spoken import stage_name
from shouwen.screens.templatetags.times import short_moment
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import sees_hands_only

AT_MOST = 8
NOBODY = Q(pk__in=[])
INITIALS = range(2, 5)  # letters typed for the characters of a Chinese name
STAFF_AT_MOST = 5_000
IN_SHORT = ("number", "title", "stage", "category", "edition", "received_at", "is_open")


@dataclass(frozen=True, slots=True)
class PersonFound:
    """A colleague: enough to know them by."""

    id: str
    name: str
    note: str  # their teams, or their staff number
    staff_no: str
    is_away: bool
    is_first: bool  # one of those that were to come first


@dataclass(frozen=True, slots=True)
class TicketFound:
    """A ticket in one line; nothing of it says who the customer is."""

    number: str
    title: str
    note: str
    is_open: bool


def people_called(
    words: str,
    at: datetime,
    *,
    role: str = "",
    team: str = "",
    first_of: Sequence[str] = (),
    first: Q = NOBODY,
    but: str | None = None,
    most: int = AT_MOST,
) -> list[PersonFound]:
    """Active people by a part of their name or its initials, user name or staff number: at most three queries.

    Only those with a `role` and in a `team` where these are named. Those `first` fits come before all others, then
    members of the teams in `first_of`.
    """
    words = as_typed(words)
    people = Person.objects.filter(is_active=True).exclude(pk=but)
    if role:
        people = people.filter(roles__contains=[role])
    if team:
        people = people.filter(teams=team)
    if not words:
        people = people.filter(pk__in=Person.objects.filter(teams__in=first_of).values("pk"))
    for word in words.split():
        people = people.filter(_goes_by(word, people))
    people = people.annotate(is_first=Case(When(first, Value(True)), default=Value(False)), away=is_away(at))
    found = list(people.order_by("-is_first", "display_name", "username").prefetch_related("teams")[: most * 5])
    wanted, own = words.casefold(), frozenset(first_of)

    def order(one: Any) -> tuple[bool, ...]:
        return not one.is_first, not _begins(one, wanted), own.isdisjoint(team.pk for team in one.teams.all())

    return [_person(one) for one in sorted(found, key=order)[:most]]


def tickets_meant(
    typed: str, tickets: QuerySet[Ticket], at: datetime, *, by: Actor, most: int = AT_MOST, classed: Q | None = None
) -> list[TicketFound]:
    """The tickets among these that somebody may mean, the surest first: at most eight queries.

    `classed` are those of the categories that are called so.
    """
    asked = asked_for(typed, by=by)
    if not asked:
        return []
    window = window_of(asked, tickets, few=sees_hands_only(by), most=most, classed=classed)
    return in_short(tickets, [hit.place.pk for hit in window.hits[:most]], at)


def in_short(tickets: QuerySet[Ticket], pks: Sequence[object], at: datetime) -> list[TicketFound]:
    """These tickets in one line each, in their order: one query."""
    by_pk = {ticket.pk: ticket for ticket in tickets.filter(pk__in=pks).only(*IN_SHORT)}
    return [_ticket(by_pk[pk], at) for pk in pks if pk in by_pk]


def without_tokens(text: str) -> str:
    """Redacted text where only plain words can stand: the kind of value in place of each token."""
    return TOKEN.sub(lambda token: f"[{IDENTIFIERS.get(token[1], token[1])}]", text)


def _goes_by(word: str, people: QuerySet[Person]) -> Q:
    """Staff are few: no index is needed for the middle of a name, and the initials of all of them are soon read."""
    named = Q(display_name__icontains=word) | Q(username__istartswith=word) | Q(staff_no__istartswith=word)
    if not (word.isascii() and word.isalpha() and len(word) in INITIALS):
        return named
    short = word.casefold()
    names = people.values_list("pk", "display_name")[:STAFF_AT_MOST]
    return named | Q(pk__in=[pk for pk, name in names if initials(name).startswith(short)])


def _begins(person: Person, wanted: str) -> bool:
    return any(name.casefold().startswith(wanted) for name in (person.display_name, person.username))


def _person(person: Any) -> PersonFound:
    teams = " · ".join(team_words(team) for team in person.teams.all())
    note, number = teams or person.staff_no, person.staff_no
    return PersonFound(str(person.pk), str(person), note, number, person.away, person.is_first)


def _ticket(ticket: Ticket, at: datetime) -> TicketFound:
    category = here(edition(ticket.edition).label("categories", ticket.category))
    note = " · ".join((category, stage_name(ticket.stage), short_moment(ticket.received_at, at)))
    return TicketFound(ticket.number, without_tokens(ticket.title) or ticket.number, note, ticket.is_open)
