"""@mentions in a note: whom a text names, and which of them may see the ticket it stands on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from shouwen.desk.lookups import people_called
from shouwen.editions.queries import current_edition
from shouwen.handbook.authority import Actor
from shouwen.people.models import Person
from shouwen.tickets.models import Ticket
from shouwen.tickets.seers import seers_of

MENTION = re.compile(r"@([^\s@，。；：、！？,;:!?()（）【】]{1,40})")
AT_MOST = 10  # in one note: a round letter is no mention


@dataclass(frozen=True, slots=True)
class Mentions:
    """Who is named in a text: references of those who may see the ticket, names of those who may not."""

    seeing: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody to mention, as a picker shows them."""

    name: str
    note: str
    is_away: bool
    may_see: bool


def mentions_in(text: str, ticket: Ticket, *, by: Actor, at: datetime) -> Mentions:
    """Everybody active whom the text names after an @; the writer is not told of their own words."""
    words = MENTION.findall(text)[:AT_MOST]
    if not words:
        return Mentions()
    beginnings = {word[:length] for word in words for length in range(1, len(word) + 1)}
    people = [*_active().filter(display_name__in=beginnings).exclude(pk=by.id)]
    named = [person for person in people if any(_longest(word, people) == person.display_name for word in words)]
    may = who_sees(ticket, named, at)
    return Mentions(
        tuple(f"person:{person.pk}" for person in named if person.pk in may),
        tuple(person.display_name for person in named if person.pk not in may),
    )


def colleagues(words: str, ticket: Ticket, *, by: Actor, at: datetime) -> list[Colleague]:
    """Whom somebody may mean while they type a name: all who may see the ticket before anybody who may not."""
    first_of = sorted({*by.teams, ticket.team_id or "", ticket.lead_team_id or ""} - {""})
    seers = seers_of(ticket, current_edition(at).roles)
    found = people_called(words, at, first_of=first_of, first=seers, but=by.id)
    return [Colleague(one.name, one.note, one.is_away, one.is_first) for one in found]


def who_sees(ticket: Ticket, people: Sequence[Person], at: datetime) -> frozenset[UUID]:
    """Which of these people may see a ticket: one query."""
    asked = Person.objects.filter(pk__in=[person.pk for person in people])
    return frozenset(asked.filter(seers_of(ticket, current_edition(at).roles)).values_list("pk", flat=True))


def _active() -> QuerySet[Person]:
    return Person.objects.filter(is_active=True).prefetch_related("teams")


def _longest(word: str, people: Iterable[Person]) -> str:
    """The longest of their names the word begins with: @王伟明 is not 王伟."""
    return max((one.display_name for one in people if word.startswith(one.display_name)), key=len, default="")
