"""The overdue report as a supervisor reads it: what ran out, the talk about it, and where its measure stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shouwen.desk.asks import NOUNS
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now, edition
from shouwen.escalations.models import TO_TALK, OverdueReport
from shouwen.escalations.queries import clocks_of, words_of
from shouwen.handbook.authority import Actor, may
from shouwen.handbook.ledgers import working_day
from shouwen.handbook.moves import Move
from shouwen.people.models import Team
from shouwen.people.names import team_words
from shouwen.screens.templatetags.times import spelled
from shouwen.service_levels.models import Clock

LATEST = ("-breached_at", "-id")
MONTHS = 6  # that are summed up, and that may be chosen
MEASURES = {
    OverdueReport.OPEN: pgettext_lazy("measure", "open"),
    OverdueReport.DONE: pgettext_lazy("measure", "done"),
    OverdueReport.NOT_DONE: pgettext_lazy("measure", "not done"),
}
TONES = {OverdueReport.OPEN: "term-heed", OverdueReport.DONE: "term-calm", OverdueReport.NOT_DONE: "term-late"}
STATES: dict[str, tuple[Any, Callable[[date], Q]]] = {
    "to_talk": (_("Still to be talked about"), lambda today: TO_TALK & Q(cleared=False)),
    "open": (_("Measure open"), lambda today: Q(measure=OverdueReport.OPEN)),
    "late": (
        _("Measure past its date"),
        lambda today: Q(measure=OverdueReport.OPEN, measure_due_on__lt=today),
    ),
    "talked": (_("Talked about"), lambda today: Q(talk_seq__isnull=False)),
    "all": (_("All overruns"), lambda today: Q()),
}


class OverdueFilters(forms.Form):
    """What the report is narrowed to; at first to what still has to be talked about."""

    state = forms.ChoiceField(label=_("State"), required=False)
    cause = forms.ChoiceField(label=_("Any cause"), required=False)
    rule = forms.ChoiceField(label=_("Any time limit"), required=False)
    team = forms.ChoiceField(label=_("Any team"), required=False)
    month = forms.ChoiceField(label=_("Any month"), required=False)

    def __init__(self, data: Mapping[str, Any], rules: Edition, teams: Iterable[Team], at: datetime) -> None:
        super().__init__({"state": "to_talk", **{name: data[name] for name in self.base_fields if name in data}})
        self.at = at
        offered = {
            "cause": [(code, here(term.words)) for code, term in rules.overdue_causes.items()],
            "rule": [(rule.id, here(rule.name)) for rule in rules.rules if rule.leads],
            "team": [(team.pk, team_words(team)) for team in teams],
            "month": [(f"{first:%Y-%m}", f"{first:%Y-%m}") for first in months_until(at)],
        }
        for name, choices in offered.items():
            self.fields[name].choices = [("", self.fields[name].label), *choices]  # type: ignore[attr-defined]
        self.fields["state"].choices = [(code, name) for code, (name, _q) in STATES.items()]  # type: ignore[attr-defined]

    def condition(self) -> Q:
        """The reports that are left; what makes no sense is left out."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        state = STATES[chosen.pop("state", "to_talk")][1](timezone.localdate(self.at))
        month = chosen.pop("month", "")
        return state & Q(**chosen) & (_in_month(month) if month else Q())

    @property
    def is_narrowed(self) -> bool:
        self.is_valid()
        return any(value for name, value in self.cleaned_data.items() if name != "state")


def months_until(at: datetime, how_many: int = MONTHS) -> list[date]:
    """The first days of the last months, this one first."""
    first, found = timezone.localdate(at).replace(day=1), []
    for _month in range(how_many):
        found.append(first)
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def month_of(month: str) -> tuple[datetime, datetime]:
    """When a month begins and ends, where the carrier is."""
    start = timezone.make_aware(datetime.fromisoformat(f"{month}-01"))
    return start, (start + timedelta(days=32)).replace(day=1)


def _in_month(month: str) -> Q:
    start, end = month_of(month)
    return Q(breached_at__gte=start, breached_at__lt=end)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One overrun as the report shows it."""

    report: OverdueReport
    number: str
    title: str
    limit: str
    over: str  # by how much, in the time it is counted in
    over_minutes: int | None  # the same, as a number
    still: bool  # it runs on
    cleared: bool
    owner: str
    team: str
    cause: str
    said: str
    measure: str
    state: str
    tone: str
    late: bool
    talk_url: str
    follow_url: str


@dataclass(frozen=True, slots=True)
class ReportedTicket:
    """A ticket on the report, with those of its time limits that ran out, the latest first."""

    number: str
    title: str
    rows: list[ReportRow]

    @property
    def stand(self) -> str:
        """Changes with whatever is shown of them, but for the time they are over by."""
        return " ".join(
            f"{row.report.pk}:{row.report.talk_seq}:{row.state}:{row.still}:{row.cleared}" for row in self.rows
        )


def for_report(reports: QuerySet[OverdueReport]) -> QuerySet[OverdueReport]:
    """The reports with what their rows need."""
    return reports.select_related("ticket", "handler", "team", "measure_owner")


def report_rows(reports: Sequence[OverdueReport], actor: Actor, at: datetime) -> list[ReportRow]:
    """The rows of these reports: one query for the talks, one for the clocks, one for the calendars."""
    said, clocks, calendars = words_of(reports), clocks_of(reports), calendars_now()
    return [
        _row(
            report,
            clocks.get((report.ticket_id, report.rule, report.start_seq)),
            said.get((report.ticket_id, report.talk_seq or 0), {}),
            calendars,
            actor,
            at,
        )
        for report in reports
    ]


def reported_tickets(
    leaders: Sequence[OverdueReport], reports: QuerySet[OverdueReport], actor: Actor, at: datetime
) -> list[ReportedTicket]:
    """The tickets of these reports, in their order, each with all of its reports: one query more than their rows."""
    tickets = {report.ticket_id: report.ticket for report in leaders}
    all_of_them = list(reports.filter(ticket__in=list(tickets)).order_by(*LATEST))
    rows = defaultdict(list)
    for report, row in zip(all_of_them, report_rows(all_of_them, actor, at), strict=True):
        rows[report.ticket_id].append(row)
    return [ReportedTicket(ticket.number, ticket.title, rows[pk]) for pk, ticket in tickets.items()]


def known_reports(leaders: Sequence[OverdueReport], reports: QuerySet[OverdueReport]) -> list[Any]:
    """What tells whether the rows of these tickets are as they were: one query, which reads no words."""
    tickets = {report.ticket_id: report.ticket for report in leaders}
    all_of_them = reports.filter(ticket__in=list(tickets)).order_by(*LATEST)
    stands = all_of_them.values_list("id", "talk_seq", "measure", "followed_at")
    return [
        [(one.number, one.last_seq, one.replayed_seq) for one in tickets.values()],
        [[str(value) for value in stand] for stand in stands],
    ]


def _row(
    report: OverdueReport,
    clock: Clock | None,
    said: Mapping[str, Any],
    calendars: Mapping[str, Any],
    actor: Actor,
    at: datetime,
) -> ReportRow:
    rules = edition(report.ticket.edition)
    talk, follow = _addresses(report)
    calendar, over = _over(report, clock, rules, calendars, at)
    return ReportRow(
        report=report,
        number=report.ticket.number,
        title=report.ticket.title,
        limit=here(rules.label("rules", report.rule)),
        over=spelled(over, working_day(calendar)) if calendar else "",
        over_minutes=over // timedelta(minutes=1) if calendar else None,
        still=clock is not None and clock.stopped_at is None and not report.cleared,
        cleared=report.cleared,
        owner=str(report.handler or ""),
        team=team_words(report.team),
        cause=here(rules.label("overdue_causes", report.cause)) if report.cause else "",
        said=str(said.get("said") or ""),
        measure=str(said.get("measure") or ""),
        state=str(MEASURES.get(report.measure, "")),
        tone=TONES.get(report.measure, ""),
        late=_is_late(report, at),
        talk_url=talk if may(rules.roles, actor, Move.TALK_OVERDUE) else "",
        follow_url=follow if report.measure and may(rules.roles, actor, Move.FOLLOW_MEASURE) else "",
    )


def _addresses(report: OverdueReport) -> tuple[str, str]:
    """Where the talk about it is recorded, and where its measure is followed up."""
    page = reverse("desk:ticket", args=[report.ticket.number])
    talk = f"{page}/{NOUNS[Move.TALK_OVERDUE]}?overrun={report.name}"
    return talk, f"{page}/{NOUNS[Move.FOLLOW_MEASURE]}?talk={report.talk_seq}"


def _is_late(report: OverdueReport, at: datetime) -> bool:
    due = report.measure_due_on
    return report.measure == OverdueReport.OPEN and due is not None and due < timezone.localdate(at)


def _over(
    report: OverdueReport, clock: Clock | None, rules: Edition, calendars: Mapping[str, Any], at: datetime
) -> tuple[Any, timedelta]:
    """By how much, in the time its limit is counted in, and whose time that is; None where it is not over."""
    rule = rules.rules_by_id.get(report.rule)
    if rule is None or report.cleared:
        return None, timedelta()
    calendar = calendars[rule.calendar]
    until = (clock.stopped_at if clock else None) or at
    due = (clock.due_at if clock else None) or report.due_at
    return calendar, calendar.between(min(due, until), until)


@dataclass(frozen=True, slots=True)
class MonthOfCauses:
    """How often limits ran out in a month, and what was found to be the cause."""

    month: str
    total: int
    talked: int
    causes: list[int]  # in the order of the headings
    agreed: int
    done: int


def months_of_causes(counted: Iterable[Mapping[str, Any]], causes: Sequence[str]) -> list[MonthOfCauses]:
    """The rows of the summary, the newest month first; `counted` is `causes_by_month`."""
    months: dict[datetime, list[Mapping[str, Any]]] = defaultdict(list)
    for row in counted:
        months[row["month"]].append(row)
    return [
        MonthOfCauses(
            f"{timezone.localtime(month):%Y-%m}",
            sum(row["reports"] for row in rows),
            sum(row["reports"] for row in rows if row["cause"]),
            [sum(row["reports"] for row in rows if row["cause"] == cause) for cause in causes],
            sum(row["agreed"] for row in rows),
            sum(row["done"] for row in rows),
        )
        for month, rows in months.items()
    ]
