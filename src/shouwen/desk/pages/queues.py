"""The lists: queues, tasks of the teams, and where everybody starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from shouwen.desk.filters import Filters
from shouwen.desk.header import rules_for, tabs
from shouwen.desk.pages.door import WORKERS, DeskPage
from shouwen.desk.paging import Page, page_of
from shouwen.desk.queues import queues_of, tickets_in
from shouwen.desk.rows import for_rows, rows_of, task_rows, tasks_with_tickets
from shouwen.handbook.authority import Actor, Sight
from shouwen.tickets.queries import sees_tickets

BY_DUE = ("lead_due_at", "id")
TASKS_BY_DUE = ("due_at", "ticket_id", "task")


class HomePage(DeskPage):
    """Where somebody's work begins: the first queue of their roles; an administrator's own page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        queues = queues_of(self.actor, rules_for(request, self.at))
        if queues:
            return redirect("desk:queue", queues[0].code)
        return redirect(next((page for fits, page in _STARTS if fits(self.actor)), "desk:notices"))


# Where whoever has no queue begins.
_STARTS: tuple[tuple[Callable[[Actor], bool], str], ...] = (
    (lambda actor: "administrator" in actor.roles, "desk:administration"),
    (sees_tickets, "desk:search"),
    (lambda actor: Sight.ACCESS_LOG in actor.sights, "desk:access_log"),
)


class QueuePage(DeskPage):
    """One queue, fifty tickets a page, the nearest due time first."""

    roles = WORKERS

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        rules = rules_for(request, self.at)
        queue = next((queue for queue in queues_of(self.actor, rules) if queue.code == code), None)
        if queue is None:
            raise Http404
        filters = Filters(request.GET, rules, self.actor)
        tickets = for_rows(tickets_in(queue, self.actor, self.at).filter(filters.condition()))
        page = page_of(tickets, BY_DUE, **places_in(request))
        context = {
            "queue": queue,
            "rows": rows_of(page.rows, self.at, personal=Sight.PERSONAL in self.actor.sights),
            "filters": filters,
            "narrowed": bool(filters.chosen()),
            "at": self.at,
            **neighbours(request, page),
        }
        return render(request, "desk/queue.html", context)


class TasksPage(DeskPage):
    """What other teams have asked of the actor's teams."""

    roles = WORKERS

    def get(self, request: HttpRequest) -> HttpResponse:
        page = page_of(tasks_with_tickets(self.actor), TASKS_BY_DUE, **places_in(request))
        context = {"rows": task_rows(page.rows), "at": self.at, **neighbours(request, page)}
        return render(request, "desk/tasks.html", context)


class Tabs(DeskPage):
    """The queues in the bar, counted anew."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "shared/queues.html", {"queues": tabs(request, self.at)})


def places_in(request: HttpRequest) -> dict[str, str]:
    """Where the page asked for begins."""
    return {name: request.GET.get(name, "") for name in ("before", "after")}


def neighbours(request: HttpRequest, page: Page) -> dict[str, Any]:
    """The addresses of the pages before and after."""
    return {
        "previous_url": _address(request.GET, before=page.before),
        "next_url": _address(request.GET, after=page.after),
    }


def _address(query: QueryDict, **place: str) -> str:
    (name, value), kept = *place.items(), query.copy()
    if not value:
        return ""
    for old in ("before", "after"):
        kept.pop(old, None)
    kept[name] = value
    return f"?{kept.urlencode()}"
