"""The collaboration ledger on the screen and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from shouwen.desk.collaboration import (
    LedgerFilters,
    LedgerRow,
    TeamMonth,
    headings,
    ledger_rows,
    sums_by_team,
    sums_leaf,
    tables,
    tasks_for,
    with_tickets,
)
from shouwen.desk.menu import OVERSEERS
from shouwen.desk.overdue import months_until
from shouwen.desk.pages.door import DeskPage
from shouwen.desk.pages.places import neighbours, places_in
from shouwen.desk.paging import in_batches, page_of
from shouwen.desk.wording import plain_words
from shouwen.screens.tables import ROWS_AT_MOST, Leaf, kind_asked
from shouwen.screens.taking import answers_in_words

LATEST = ("-assigned_at", "ticket_id", "task")


class CollaborationPage(DeskPage):
    """Every task, fifty a page, the latest first; with `?as=xlsx` all of them as a file."""

    roles = OVERSEERS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        filters = LedgerFilters(request.GET, self.at)
        tasks = with_tickets(tasks_for(self.actor).filter(filters.condition()))
        if kind := kind_asked(request):
            columns = [str(heading) for heading in headings()]
            leaves = [Leaf(tables()[0], columns, self.cells(tasks)), sums_leaf(self._sums())]
            return self.files_of(kind, leaves[0].name, leaves, narrowed=answers_in_words(filters))
        page = page_of(tasks, LATEST, **places_in(request))
        context = {
            "filters": filters,
            "rows": ledger_rows(page.rows, self.at),
            "sums": self._sums(),
            "tables": tables(),
            "at": self.at,
            **neighbours(request, page),
        }
        return render(request, "desk/collaboration.html", context)

    def _sums(self) -> list[TeamMonth]:
        since = timezone.make_aware(datetime.fromisoformat(f"{months_until(self.at)[-1]}"))
        return sums_by_team(tasks_for(self.actor), since, self.at)

    def cells(self, tasks: Any) -> Iterator[list[Any]]:
        """The rows of the file, asked for in batches."""
        for batch in in_batches(tasks.order_by(*LATEST)[: ROWS_AT_MOST + 1]):
            yield from map(_cells, ledger_rows(batch, self.at))


def _cells(row: LedgerRow) -> list[Any]:
    task = row.task
    return [
        row.number,
        row.lead,
        row.team,
        plain_words(row.asked),
        task.assigned_at,
        task.due_at,
        task.answered_at,
        row.state,
        row.late_minutes,
        plain_words(row.answer),
        row.transfers,
    ]
