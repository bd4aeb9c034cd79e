"""Questions about what ran out and what was done about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth

from shouwen.escalations.models import OverdueReport
from shouwen.handbook.authority import Actor
from shouwen.service_levels.models import Clock
from shouwen.tickets.models import TicketEvent
from shouwen.tickets.queries import visible_to

KEPT_AFTER_ALL = ("met", "void")  # written down late, or undone: it was no overrun


def reports_for(actor: Actor) -> QuerySet[OverdueReport]:
    """The overdue reports on tickets an actor may see; those a late record has cleared are marked so."""
    clock = Clock.objects.filter(ticket=OuterRef("ticket"), rule=OuterRef("rule"), start_seq=OuterRef("start_seq"))
    reports = OverdueReport.objects.annotate(cleared=Exists(clock.filter(state__in=KEPT_AFTER_ALL)))
    if actor.kind == "system":
        return reports
    return reports.filter(Exists(visible_to(actor).filter(pk=OuterRef("ticket"))))


def words_of(reports: Sequence[OverdueReport]) -> dict[tuple[Any, int], dict[str, Any]]:
    """The facts of the talks that stand, by ticket and event: one query."""
    wanted = [report for report in reports if report.talk_seq]
    among = Q()
    for report in wanted:
        among |= Q(ticket_id=report.ticket_id, seq=report.talk_seq)
    rows = TicketEvent.objects.filter(among).values_list("ticket_id", "seq", "facts") if wanted else ()
    return {(ticket_id, seq): facts for ticket_id, seq, facts in rows}


def clocks_of(reports: Sequence[OverdueReport]) -> dict[tuple[Any, str, int], Clock]:
    """The clocks these reports are about, as they stand now: one query."""
    rows = Clock.objects.filter(ticket_id__in={report.ticket_id for report in reports}) if reports else ()
    return {(row.ticket_id, row.rule, row.start_seq): row for row in rows}


def causes_by_month(reports: QuerySet[OverdueReport], since: datetime) -> list[dict[str, Any]]:
    """How many limits ran out in each month since then, by what was found to be the cause; "" for no talk yet."""
    months = reports.filter(breached_at__gte=since, cleared=False).annotate(month=TruncMonth("breached_at"))
    counted = months.values("month", "cause").annotate(
        reports=Count("id"),
        done=Count("id", filter=Q(measure=OverdueReport.DONE)),
        agreed=Count("id", filter=~Q(measure=OverdueReport.NONE)),
    )
    return list(counted.order_by("-month", "cause"))
