"""@mentions in a note: whom a text names, and which of them may see the ticket it stands on."""

from __future__ import annotations

import re
from collections import Counter
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
    """Who is named in a text: references of those who may see the ticket, and the names nobody of whom may."""

    seeing: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody to mention, as a picker shows them."""

    name: str
    note: str
    is_away: bool
    may_see: bool
    mention: str  # what stands in a text for this one and no namesake


def mentions_in(text: str, ticket: Ticket, *, by: Actor, at: datetime) -> Mentions:
    """Everybody active whom the text names after an @; the writer is not told of their own words.

    Of namesakes all who may see the ticket are meant, or the one whose staff number follows: @王伟#1001.
    """
    words = MENTION.findall(text)[:AT_MOST]
    if not words:
        return Mentions()
    beginnings = {word[:length] for word in words for length in range(1, len(word) + 1)}
    people = [*_active().filter(display_name__in=beginnings).exclude(pk=by.id)]
    meant = [_meant(word, people) for word in words]
    may = who_sees(ticket, [person for holders in meant for person in holders], at)
    seeing = {f"person:{one.pk}": None for holders in meant for one in holders if one.pk in may}
    blind = {
        holders[0].display_name: None for holders in meant if holders and may.isdisjoint(one.pk for one in holders)
    }
    return Mentions(tuple(seeing), tuple(blind))


def colleagues(words: str, ticket: Ticket, *, by: Actor, at: datetime) -> list[Colleague]:
    """Whom somebody may mean while they type a name: all who may see the ticket before anybody who may not."""
    first_of = sorted({*by.teams, ticket.team_id or "", ticket.lead_team_id or ""} - {""})
    seers = seers_of(ticket, current_edition(at).roles, at=at)
    found = people_called(words, at, first_of=first_of, first=seers, but=by.id)
    shared = {name for name, times in Counter(one.name for one in found).items() if times > 1}
    return [
        Colleague(
            one.name,
            " · ".join(filter(None, (one.note, one.staff_no if one.name in shared else ""))),
            one.is_away,
            one.is_first,
            f"{one.name}#{one.staff_no}" if one.name in shared and one.staff_no else one.name,
        )
        for one in found
    ]


def who_sees(ticket: Ticket, people: Sequence[Person], at: datetime) -> frozenset[UUID]:
    """Which of these people may see a ticket: one query."""
    asked = Person.objects.filter(pk__in=[person.pk for person in people])
    return frozenset(asked.filter(seers_of(ticket, current_edition(at).roles, at=at)).values_list("pk", flat=True))


def _active() -> QuerySet[Person]:
    return Person.objects.filter(is_active=True).prefetch_related("teams")


def _meant(word: str, people: Iterable[Person]) -> list[Person]:
    """Whoever has the longest name the word begins with (@王伟明 is not 王伟), or its staff number."""
    begun = [one for one in people if word.startswith(one.display_name)]
    length = max((len(one.display_name) for one in begun), default=0)
    holders = [one for one in begun if len(one.display_name) == length]
    numbered = [one for one in holders if one.staff_no and word[length:].startswith(f"#{one.staff_no}")]
    return sorted(numbered, key=lambda one: len(one.staff_no))[-1:] or holders
