"""Who is in a ticket right now: seen every few seconds, written rarely, forgotten within a minute.

A page says that somebody is there (`be_present`), lists and tickets ask who is (`present_in`), `marks_of` and
`said_of` show them. A warning only: nobody is ever kept out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from shouwen.desk.models import Presence
from shouwen.handbook.authority import Actor
from shouwen.screens.templatetags.parts import icon, initial_of
from shouwen.tickets.queries import visible_to

BEAT = timedelta(seconds=20)  # how often a page says that somebody is there (frontend/src/presence.ts)
WRITTEN_AT_MOST = timedelta(seconds=15)  # what comes sooner changes nothing
GONE_AFTER = timedelta(seconds=50)  # two beats may be missed
KEPT_FOR = timedelta(minutes=10)
AT_ONCE = 60  # tickets asked about together: more than a page of a list has
MOST_MARKS = 3

BEATS = """
    WITH gone AS (DELETE FROM desk_presence WHERE person_id = %(person)s AND seen_at < %(gone)s)
    INSERT INTO desk_presence AS known (ticket_id, person_id, typing, since, seen_at)
    SELECT ticket_id, %(person)s, %(typing)s, %(at)s, %(at)s FROM unnest(%(tickets)s::uuid[]) AS ticket_id
    ON CONFLICT (ticket_id, person_id) DO UPDATE
    SET typing = excluded.typing, seen_at = excluded.seen_at,
        since = CASE WHEN known.seen_at < %(left)s THEN excluded.since ELSE known.since END
    WHERE known.seen_at < %(often)s OR known.typing <> excluded.typing
"""


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody in a ticket."""

    person: UUID
    name: str
    typing: bool


class Seen(NamedTuple):
    """A ticket in sight, and at which of its events it is."""

    number: str
    last_seq: int


def seen_tickets(actor: Actor, numbers: Sequence[str]) -> dict[UUID, Seen]:
    """Those of the tickets with these numbers that the actor may see, by ticket id."""
    found = visible_to(actor).filter(number__in=list(numbers)[:AT_ONCE])
    return {pk: Seen(number, last_seq) for pk, number, last_seq in found.values_list("pk", "number", "last_seq")}


def be_present(actor: Actor, tickets: Iterable[UUID], *, at: datetime, typing: bool = False) -> None:
    """The actor is in these tickets: one statement, which writes nothing if it was said a moment ago."""
    values = {
        "person": actor.id,
        "tickets": list(tickets),
        "typing": typing,
        "at": at,
        "often": at - WRITTEN_AT_MOST,
        "left": at - GONE_AFTER,
        "gone": at - KEPT_FOR,
    }
    with connection.cursor() as cursor:
        cursor.execute(BEATS, values)


def leave(actor: Actor, tickets: Iterable[UUID]) -> None:
    """The actor has closed these tickets."""
    Presence.objects.filter(ticket_id__in=list(tickets), person=actor.id).delete()


def present_in(tickets: Iterable[UUID], *, at: datetime, beside: Actor) -> dict[UUID, list[Present]]:
    """Who else is in these tickets, by ticket id, whoever came first leading: one query."""
    there = Presence.objects.filter(ticket_id__in=list(tickets), seen_at__gt=at - GONE_AFTER)
    there = there.exclude(person=beside.id).order_by("since", "person")
    found: dict[UUID, list[Present]] = defaultdict(list)
    names = ("person__display_name", "person__username")
    for ticket_id, person, typing, display_name, username in there.values_list("ticket_id", "person", "typing", *names):
        found[ticket_id].append(Present(person, display_name or username, typing))
    return dict(found)


def marks_of(present: Sequence[Present]) -> SafeString:
    """Who is there, small enough for a row of a list."""
    marks = format_html_join(
        "",
        '<span class="here-mark{}" aria-hidden="true">{}</span>',
        ((" is-typing" if one.typing else "", initial_of(one.name)) for one in present[:MOST_MARKS]),
    )
    more = f"+{len(present) - MOST_MARKS}" if len(present) > MOST_MARKS else ""
    said = said_of(present)
    return format_html(
        '<span class="here" title="{}">{}{}<span class="visually-hidden">{}</span></span>', said, marks, more, said
    )


def said_of(present: Sequence[Present]) -> str:
    """The same in words."""
    typing = _(", ").join(one.name for one in present if one.typing)
    looking = _(", ").join(one.name for one in present if not one.typing)
    said = [
        _("%(names)s writing here now") % {"names": typing} if typing else "",
        _("%(names)s looking at it") % {"names": looking} if looking else "",
    ]
    return " · ".join(filter(None, said))


def noticed(present: Sequence[Present]) -> SafeString:
    """Who else is there, as a line above a ticket; "" for nobody."""
    if not present:
        return SafeString("")
    return format_html(
        "{}<span>{}</span>", icon("pencil" if any(one.typing for one in present) else "eye"), said_of(present)
    )
