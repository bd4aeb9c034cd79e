"""The overdue report: what ran out in the supervisor's teams and regions, and what came of it (S3.3, S3.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.desk.header import rules_for
from shouwen.desk.loads import teams_under
from shouwen.desk.menu import OVERSEERS
from shouwen.desk.overdue import (
    LATEST,
    OverdueFilters,
    ReportRow,
    for_report,
    known_reports,
    months_of_causes,
    months_until,
    report_rows,
    reported_tickets,
)
from shouwen.desk.pages.door import DeskPage
from shouwen.desk.pages.living import living_list
from shouwen.desk.pages.places import places_in
from shouwen.desk.paging import in_batches, one_of_each, page_of
from shouwen.desk.wording import here, plain_words
from shouwen.escalations.models import OverdueReport
from shouwen.escalations.queries import causes_by_month, reports_for
from shouwen.screens.tables import ROWS_AT_MOST, kind_asked
from shouwen.screens.taking import answers_in_words


class OverduePage(DeskPage):
    """The report, fifty tickets a page, the latest first; with `?as=xlsx` all of it as a file, a row for each limit."""

    roles = OVERSEERS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        rules = rules_for(request, self.at)
        filters = OverdueFilters(request.GET, rules, teams_under(self.actor), self.at)
        reports = for_report(reports_for(self.actor).filter(filters.condition()))
        if kind := kind_asked(request):
            narrowed = answers_in_words(filters)
            return self.file_of(kind, _("Overruns"), self.headings(), self.rows(reports), narrowed=narrowed)
        page = page_of(reports, LATEST, **places_in(request), take=one_of_each(reports, LATEST, "ticket"))
        known = known_reports(page.rows, reports)
        return living_list(self, "desk/overdue.html", page, known, lambda: self.shown(page.rows, reports, filters))

    def shown(self, leaders: Sequence[OverdueReport], reports: Any, filters: OverdueFilters) -> dict[str, Any]:
        causes = rules_for(self.request, self.at).overdue_causes
        since = timezone.make_aware(datetime.fromisoformat(f"{months_until(self.at)[-1]}"))
        return {
            "filters": filters,
            "tickets": reported_tickets(leaders, reports, self.actor, self.at),
            "causes": [here(term.words) for term in causes.values()],
            "months": months_of_causes(causes_by_month(reports_for(self.actor), since), list(causes)),
        }

    def headings(self) -> list[str]:
        return [
            _("Ticket"),
            _("Time limit"),
            _("Clause"),
            _("Due"),
            _("Over by (minutes)"),
            _("In whose hands"),
            _("Team"),
            _("Came from"),
            _("What was said"),
            _("Measure"),
            _("Who sees to it"),
            _("Done by"),
            _("State"),
        ]

    def rows(self, reports: Any) -> Iterator[list[Any]]:
        """The rows of the file, asked for in batches."""
        for batch in in_batches(reports.order_by(*LATEST)[: ROWS_AT_MOST + 1]):
            yield from map(_cells, report_rows(batch, self.actor, self.at))


def _cells(row: ReportRow) -> list[Any]:
    report = row.report
    return [
        row.number,
        row.limit,
        report.clause,
        report.due_at,
        row.over_minutes,
        row.owner,
        row.team,
        row.cause,
        plain_words(row.said),
        plain_words(row.measure),
        str(report.measure_owner or ""),
        report.measure_due_on,
        " · ".join(filter(None, (_("kept after all") if row.cleared else "", row.state))),
    ]
