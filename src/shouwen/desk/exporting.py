"""A list to take away: what its rows show, masked as they are, as the rows of a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import unescape
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.desk.listing import tickets_named
from shouwen.desk.rows import TicketRow, rows_of
from shouwen.handbook.authority import Actor, Sight
from shouwen.tickets.models import Ticket

ENDING = "/export"  # after the address of a list with customers in it: where it is taken away
MOST_ROWS = 10_000
A_BATCH = 500


def columns() -> list[str]:
    """The headings, in the reader's language."""
    return [
        _("Ticket"),
        _("Type"),
        pgettext("of a ticket", "Title"),
        _("Category"),
        _("Region"),
        _("Phone"),
        _("Customer"),
        _("Stage"),
        pgettext("of a ticket", "Standing"),
        _("Priority"),
        _("Mark"),
        _("Round"),
        _("Handler"),
        _("Team"),
        _("First owner"),
        _("Received"),
        _("Leading clock"),
        _("Due"),
    ]


def first_of(tickets: QuerySet[Ticket]) -> list[UUID]:
    """The tickets of a list that its file holds: so many, and one more where there are more."""
    return list(tickets.values_list("pk", flat=True)[: MOST_ROWS + 1])


def exported(ids: Sequence[UUID], actor: Actor, at: datetime) -> Iterator[list[Any]]:
    """The rows of these tickets in this order, read batch by batch; whom they are of only for who may see that."""
    personal = Sight.PERSONAL in actor.sights
    for start in range(0, len(ids), A_BATCH):
        for row in rows_of(tickets_named(ids[start : start + A_BATCH]), at, personal=personal):
            yield _cells(row)


def _cells(row: TicketRow) -> list[Any]:
    return [
        row.number,
        row.ticket_type,
        unescape(strip_tags(row.title)),
        " › ".join(filter(None, (row.category.above, row.category.leaf))),
        row.region,
        row.phone,
        row.name,
        row.stage,
        row.standing,
        row.priority,
        row.mark,
        row.round,
        row.handler,
        row.place,
        row.first_owner or row.handler,
        row.received_at,
        row.clock if row.due_at else "",
        row.due_at or "",
    ]
