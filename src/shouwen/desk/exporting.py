"""A list to take away: what its rows show, masked as they are, as the rows of a file."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from typing import Any

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.desk.listing import Listing, tickets_named
from shouwen.desk.rows import TicketRow, rows_of
from shouwen.handbook.authority import Sight

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


def exported(listing: Listing) -> Iterator[list[Any]]:
    """The rows of the whole list in its order, read batch by batch: so many, and one more where there are more."""
    asked = listing.filters.asked
    personal = Sight.PERSONAL in asked.actor.sights
    ids = list(listing.ordered().values_list("pk", flat=True)[: MOST_ROWS + 1])
    for start in range(0, len(ids), A_BATCH):
        for row in rows_of(tickets_named(ids[start : start + A_BATCH]), asked.at, personal=personal):
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
