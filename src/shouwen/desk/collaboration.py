"""The collaboration ledger (工单协作台账): what each department was asked for, and how it answered (S3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from shouwen.desk.overdue import month_of, months_until
from shouwen.editions.queries import calendars_now, edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import What
from shouwen.handbook.ledgers import working_day
from shouwen.handbook.numbers import normalise_number
from shouwen.people.models import Team
from shouwen.people.names import team_words
from shouwen.screens.tables import Leaf
from shouwen.screens.templatetags.times import spelled
from shouwen.tickets.models import Task, TicketEvent
from shouwen.tickets.queries import visible_to

OPEN, LATE, IN_TIME, TOO_LATE = "open", "late", "in_time", "too_late"
STATES = {
    OPEN: (pgettext_lazy("task", "open"), ""),
    LATE: (pgettext_lazy("task", "open and late"), "term-late"),
    IN_TIME: (pgettext_lazy("task", "answered in time"), "term-calm"),
    TOO_LATE: (pgettext_lazy("task", "answered late"), "term-press"),
}


def _is(state: str, at: datetime) -> Q:
    return {
        OPEN: Q(answered_at=None, due_at__gt=at),
        LATE: Q(answered_at=None, due_at__lte=at),
        IN_TIME: Q(answered_at__lte=F("due_at")),
        TOO_LATE: Q(answered_at__gt=F("due_at")),
    }[state]


class LedgerFilters(forms.Form):
    """What the ledger is narrowed to; what makes no sense is left out."""

    team = forms.ChoiceField(label=_("Any team"), required=False)
    state = forms.ChoiceField(label=_("Answered or not"), required=False)
    month = forms.ChoiceField(label=_("Any month"), required=False)
    ticket = forms.CharField(label=_("Ticket number"), required=False, max_length=24)

    def __init__(self, data: Mapping[str, Any], at: datetime) -> None:
        super().__init__({name: data[name] for name in self.base_fields if name in data})
        self.at = at
        teams = [(team.pk, team_words(team)) for team in Team.objects.filter(active=True).order_by("code")]
        months = [(f"{first:%Y-%m}", f"{first:%Y-%m}") for first in months_until(at)]
        states = [(code, name) for code, (name, _tone) in STATES.items()]
        for name, choices in {"team": teams, "state": states, "month": months}.items():
            self.fields[name].choices = [("", self.fields[name].label), *choices]  # type: ignore[attr-defined]

    def condition(self) -> Q:
        """The tasks that are left."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        asked = Q(team=chosen["team"]) if "team" in chosen else Q()
        if "state" in chosen:
            asked &= _is(chosen["state"], self.at)
        if "month" in chosen:
            start, end = month_of(chosen["month"])
            asked &= Q(assigned_at__gte=start, assigned_at__lt=end)
        if "ticket" in chosen:
            asked &= Q(ticket__number=normalise_number(chosen["ticket"]) or chosen["ticket"])
        return asked

    @property
    def is_narrowed(self) -> bool:
        self.is_valid()
        return any(self.cleaned_data.values())


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One task of one team."""

    task: Task
    number: str
    title: str
    lead: str
    team: str
    asked: str
    answer: str
    state: str
    tone: str
    late: str  # by how much, in the team's working time
    late_minutes: int | None  # the same, as a number
    transfers: int


def tasks_for(actor: Actor) -> QuerySet[Task]:
    """What was asked of any team on a ticket the actor may see."""
    return Task.objects.filter(Exists(visible_to(actor).filter(pk=OuterRef("ticket_id"))))


def ledger_rows(tasks: Sequence[Task], at: datetime) -> list[LedgerRow]:
    """The rows of these tasks: one query for what was said, one for the calendars."""
    said, calendars = _said(tasks), calendars_now()
    return [_row(task, said, calendars, at) for task in tasks]


def _row(task: Task, said: Mapping[Any, str], calendars: Mapping[str, Any], at: datetime) -> LedgerRow:
    state = state_of_task(task, at)
    name, tone = STATES[state]
    calendar, late = _late_by(task, calendars, at) if state in {LATE, TOO_LATE} else (None, timedelta())
    return LedgerRow(
        task=task,
        number=task.ticket.number,
        title=task.ticket.title,
        lead=team_words(task.ticket.lead_team),
        team=team_words(task.team) or task.team_id,
        asked=said.get((task.ticket_id, task.task, What.TASK_ASSIGNED), ""),
        answer=said.get((task.ticket_id, task.task, What.TASK_ANSWERED), ""),
        state=str(name),
        tone=tone,
        late=spelled(late, working_day(calendar)) if calendar else "",
        late_minutes=late // timedelta(minutes=1) if calendar else None,
        transfers=task.ticket.transfers,
    )


def state_of_task(task: Task, at: datetime) -> str:
    """Whether it was answered, and in time."""
    if task.answered_at is None:
        return LATE if task.due_at <= at else OPEN
    return IN_TIME if task.answered_at <= task.due_at else TOO_LATE


def _late_by(task: Task, calendars: Mapping[str, Any], at: datetime) -> tuple[Any, timedelta]:
    """By how much of the time in which that team is on duty, and which time that is."""
    duty = edition(task.ticket.edition).duty.calendars_of([task.team_id])
    calendar = calendars[min(duty)]
    return calendar, calendar.between(task.due_at, task.answered_at or at)


def _said(tasks: Sequence[Task]) -> dict[Any, str]:
    """What was asked and answered, by ticket, task and event."""
    whats = (What.TASK_ASSIGNED, What.TASK_ANSWERED)
    rows = TicketEvent.objects.filter(ticket_id__in={task.ticket_id for task in tasks}, what__in=whats)
    return {
        (ticket_id, facts.get("task"), What(what)): str(facts.get("asked") or facts.get("text") or "")
        for ticket_id, what, facts in rows.values_list("ticket_id", "what", "facts")
    }


@dataclass(frozen=True, slots=True)
class TeamMonth:
    """What one team was asked for in a month, and how it answered."""

    month: str
    team: str
    code: str
    asked: int
    in_time: int
    too_late: int
    late: int
    open: int

    @property
    def share(self) -> str:
        """Answered in time, of what was due."""
        due = self.in_time + self.too_late + self.late
        return f"{round(100 * self.in_time / due)} %" if due else "–"


def sums_by_team(tasks: QuerySet[Task], since: datetime, at: datetime) -> list[TeamMonth]:
    """The sums of each month and team, the newest first: one query, and one for the names."""
    counted = tasks.filter(assigned_at__gte=since).annotate(month=TruncMonth("assigned_at")).values("month", "team")
    states = {state: Count("task", filter=_is(state, at)) for state in STATES}
    rows = list(counted.annotate(asked=Count("task"), **states).order_by("-month", "team"))
    names = {team.pk: team_words(team) for team in Team.objects.filter(pk__in={row["team"] for row in rows})}
    return [_sum(row, names) for row in rows]


def _sum(row: Mapping[str, Any], names: Mapping[str, str]) -> TeamMonth:
    month, code = f"{timezone.localtime(row['month']):%Y-%m}", row["team"]
    return TeamMonth(
        month, names.get(code, code), code, row["asked"], row[IN_TIME], row[TOO_LATE], row[LATE], row[OPEN]
    )


def tables() -> list[str]:
    """What the tables of the page are called."""
    return [gettext("Collaboration ledger"), gettext("By month and team")]


def sums_leaf(sums: Iterable[TeamMonth]) -> Leaf:
    """The sums of each month and team as a table of a file."""
    states = (IN_TIME, TOO_LATE, LATE, OPEN)
    columns = [_("Month"), _("Team asked"), _("Tasks asked"), *(STATES[state][0] for state in states)]
    rows = [[one.month, one.team, one.asked, one.in_time, one.too_late, one.late, one.open] for one in sums]
    return Leaf(tables()[1], [str(column) for column in columns], rows)


def with_tickets(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """The tasks with what their rows need."""
    return tasks.select_related("ticket", "ticket__lead_team", "team")


def headings() -> Iterable[Any]:
    """The columns of the ledger as a file."""
    return (
        _("Ticket"),
        _("Lead department"),
        _("Team asked"),
        _("What is asked"),
        _("Asked"),
        _("Due"),
        _("Answered"),
        _("State"),
        _("Late by (minutes)"),
        _("Answer"),
        _("Transfers"),
    )
