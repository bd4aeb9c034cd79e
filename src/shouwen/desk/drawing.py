"""Rows of tickets as the page has them. Written here and not as templates: fifty rows node by node take longer than
everything else on the page together. Whatever is not markup is escaped by `said`.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape as said

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from shouwen.desk.rows import TicketRow
from shouwen.desk.templatetags.desk import person_mark
from shouwen.desk.wording import language
from shouwen.screens.templatetags.parts import icon


class RowPen:
    """Draws the rows of one page: what does not change from row to row is looked up once."""

    def __init__(self) -> None:
        self.address = reverse("desk:ticket", args=["-"]).removesuffix("-")
        self.language, self.pause = language(), icon("player-pause")
        self.tick = gettext("Tick %(number)s")
        self.round = gettext("round %(round)s")
        self.owner = gettext("first owner %(name)s")

    def draw(self, row: TicketRow) -> str:
        """One row."""
        number = said(row.number)
        return (
            f'<tr data-ticket="{number}" data-seq="{row.last_seq}">'
            f'<td class="queue-tick"><input type="checkbox" class="form-check-input" name="ticket" form="bulk" '
            f'value="{number}:{row.last_seq}" aria-label="{said(self.tick % {"number": row.number})}"></td>'
            f'<td class="queue-ticket"><a data-row class="title" href="{self.address}{number}">{row.title}</a>'
            f'<span class="sub d-block"><span class="number-text">{number}</span> · {said(row.ticket_type)} · '
            f'<time datetime="{row.received_at.isoformat()}">{said(row.received)}</time>'
            f'<span class="row-here" data-here></span></span></td>'
            f'<td class="queue-category">{said(row.category.leaf)}'
            f'<span class="sub d-block" title="{said(row.category.above)}">{said(row.category.above)}</span></td>'
            f'<td class="queue-customer"><span class="masked-value">{said(row.phone) or "—"}</span>'
            f'<span class="sub d-block">{said(row.name)}</span></td><td class="queue-stage">{self._stage(row)}</td>'
            f'<td class="queue-priority"><span class="term{row.tone}">{said(row.priority)}</span></td>'
            f'<td class="queue-owner">{person_mark(row.handler, self.language)}'
            f'<span class="sub d-block">{self._place(row)}</span></td>'
            f'<td class="queue-clock">{row.badge}<span class="sub d-block">{self._clock(row)}</span></td></tr>\n'
        )

    def _stage(self, row: TicketRow) -> str:
        shown = f'<span class="term">{said(row.stage)}</span>'
        if row.round > 1:
            shown += f' <span class="term term-press">{said(self.round % {"round": row.round})}</span>'
        if row.mark:
            shown += f' <span class="term term-heed">{said(row.mark)}</span>'
        if row.standing:
            shown += f'<span class="sub d-block"><span class="standing">{self.pause}{said(row.standing)}</span></span>'
        return shown

    def _clock(self, row: TicketRow) -> str:
        """When it falls due before how it is called: a list in that order is to look like one."""
        name = said(row.clock)
        if not row.falls_due_at:
            return name
        due = f'<time class="queue-due" datetime="{row.falls_due_at.isoformat()}">{said(row.falls_due)}</time>'
        return f'{due} · <span title="{name}">{name}</span>'

    def _place(self, row: TicketRow) -> str:
        if not row.first_owner:
            return f'<span title="{said(row.place)}">{said(row.place)}</span>'
        owner = said(self.owner % {"name": row.first_owner})
        return f'<span title="{said(row.place)}">{said(row.place)} ·</span> <span title="{owner}">{owner}</span>'


def ticket_rows(rows: Iterable[TicketRow]) -> SafeString:
    """The rows of a list, one after another."""
    return SafeString("".join(map(RowPen().draw, rows)))
