"""What has happened in a ticket while somebody has its page open: told beside it, shown when they ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shouwen.desk.presence import Seen
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import Happening, What
from shouwen.people.names import names_in
from shouwen.screens.templatetags.parts import icon
from shouwen.screens.templatetags.spoken import happening_name
from shouwen.screens.templatetags.times import short_moment
from shouwen.tickets.models import TicketEvent

JUST_NOW = timedelta(minutes=1)
LONGEST = 9  # digits of an event's number
NOBODY = "system"


@dataclass(frozen=True, slots=True)
class New:
    """Something that was recorded by somebody else."""

    what: str
    again: bool
    by: str
    at: datetime


def news_for(actor: Actor, tickets: Mapping[UUID, Seen], seen: str, *, at: datetime) -> SafeString:
    """What is new for whoever has a ticket open as of the event `seen`: not read at all while the ticket is there."""
    if not (seen.isdecimal() and len(seen) <= LONGEST):
        return SafeString("")
    if not tickets:
        return _told(_("This ticket is no longer among those you see."))
    [(ticket_id, ticket), *_others] = tickets.items()
    new = new_since(ticket_id, int(seen), beside=actor) if ticket.last_seq > int(seen) else []
    return _told(_said(new, at), button=True) if new else SafeString("")


def new_since(ticket_id: UUID, seen: int, *, beside: Actor) -> list[New]:
    """What others have recorded after the event `seen`: one query, which reads no facts."""
    rows = TicketEvent.objects.filter(ticket_id=ticket_id).order_by("seq")
    new, done = [], set[str]()
    for seq, what, by, recorded_at in rows.values_list("seq", "what", "actor", "recorded_at"):
        if what == What.REOPENED:
            done.clear()
        if seq > seen and by != beside.ref:
            new.append(New(what, what in done, by, recorded_at))
        done.add(what)
    return new


def _said(new: list[New], at: datetime) -> str:
    """The newest by a person, else the newest of all, and how many there are beside it."""
    told = next((one for one in reversed(new) if one.by != NOBODY), new[-1])
    names = names_in([Happening(0, What.NOTED, told.at, by=told.by)])
    when = _("just now") if at - told.at < JUST_NOW else short_moment(told.at, at)
    what = happening_name(told.what, told.again)
    said = _("%(who)s, %(when)s: %(what)s") % {"who": names.of(told.by), "when": when, "what": what}
    more = len(new) - 1
    return said + (ngettext(" and %(n)s more", " and %(n)s more", more) % {"n": more} if more else "")


def _told(says: str, *, button: bool = False) -> SafeString:
    shows = format_html('<button type="button" class="btn btn-sm" data-show-ticket>{}</button>', _("Show"))
    return format_html(
        '<span class="ticket-new" data-ticket-new>{}<span>{}</span> {}</span>',
        icon("refresh"),
        says,
        shows if button else "",
    )
