"""The lists: queues, tasks of the teams, and where everybody starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from shouwen.desk.filters import Asked
from shouwen.desk.header import rules_for, tabs
from shouwen.desk.listing import ORDERS, Listing
from shouwen.desk.pages.door import WORKERS, DeskPage, is_fragment, unchanged_or
from shouwen.desk.pages.living import is_list, known_tickets, list_tag, living_list
from shouwen.desk.pages.places import neighbours, places_in
from shouwen.desk.paging import Page, in_batches, page_of
from shouwen.desk.questions import questions_of
from shouwen.desk.queues import queues_of
from shouwen.desk.rows import rows_of, task_rows, tasks_with_tickets
from shouwen.desk.views import view_named
from shouwen.desk.wording import here, plain_words
from shouwen.handbook.authority import Actor, Sight
from shouwen.people.names import team_words
from shouwen.screens.tables import ROWS_AT_MOST, kind_asked
from shouwen.tickets.models import Task
from shouwen.tickets.queries import sees_tickets

BY_DUE = ORDERS["due"].fields
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


class ListPage(DeskPage):
    """A page about a list: the queue of its address, narrowed and ordered as the rest of the address says."""

    roles = WORKERS

    @property
    def asked(self) -> Asked:
        return Asked(rules_for(self.request, self.at), self.actor, self.at)

    def listing(self, query: QueryDict, code: str) -> Listing:
        """The list of an address, if it is one of this person's."""
        queues = queues_of(self.actor, self.asked.rules)
        queue = next((queue for queue in queues if queue.code == code), None)
        if queue is None:
            raise Http404
        return Listing.read(queue, query, self.asked)


class QueuePage(ListPage):
    """One queue, fifty tickets a page, the nearest due time first; or what somebody has narrowed it to."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        listing = self.listing(request.GET, code)
        view = view_named(request.GET.get("view", ""), self.asked)
        kept = [("view", str(view.id))] if view else []
        if is_list(request) and (unchanged := self.unchanged(listing)):
            return unchanged
        page = listing.page(places_in(request))
        context = {
            "here": request.get_full_path(),
            "tag": self.tag(page),
            "listing": listing,
            "view": view,
            "changed": view is not None and view.own and view.listing.query != listing.query,
            "rows": rows_of(page.rows, self.at, personal=Sight.PERSONAL in self.actor.sights),
            "chips": listing.filters.chips(listing.path, [*listing.order_pair(), *kept]),
            "orders": listing.orders(kept),
            "taken_from": f"{listing.path}?{listing.query}",
            "address": urlencode([*listing.pairs(), *kept]),
            "at": self.at,
            **neighbours(request, page),
        }
        template = "desk/_list.html" if is_list(request) else "desk/queue.html"
        response = render(request, template, context)
        if is_list(request):
            response["ETag"] = context["tag"]
        return response

    def tag(self, page: Page) -> str:
        return list_tag(self, page, known_tickets(page))

    def unchanged(self, listing: Listing) -> HttpResponse | None:
        """304 for whoever has this page of the list already: asked of the numbers of its tickets' events alone."""
        asked = self.request.headers.get("If-None-Match")
        if not asked or asked != self.tag(listing.glance(places_in(self.request))):
            return None
        return HttpResponse(status=304, headers={"ETag": asked})


class FiltersPage(ListPage):
    """Everything a list can be narrowed to, to tick."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        listing = self.listing(request.GET, code)
        context = {
            "listing": listing,
            "questions": questions_of(listing),
            "others": [pair for pair in request.GET.items() if pair[0] in ("order", "view")],
        }
        return render(request, "desk/_filters.html" if is_fragment(request) else "desk/filters.html", context)


class TasksPage(DeskPage):
    """What other teams have asked of the actor's teams."""

    roles = WORKERS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        tasks = tasks_with_tickets(self.actor)
        if kind := kind_asked(request):
            headings = [_("Ticket"), _("What is asked"), _("Of which team"), _("Priority"), _("Asked"), _("Due")]
            return self.file_of(kind, _("Team tasks"), headings, _task_cells(tasks))
        page = page_of(tasks, TASKS_BY_DUE, **places_in(request))
        known = [(str(task.ticket_id), task.task, task.ticket.priority, task.due_at <= self.at) for task in page.rows]
        return living_list(self, "desk/tasks.html", page, known, lambda: {"rows": task_rows(page.rows)})


def _task_cells(tasks: QuerySet[Task]) -> Iterator[list[Any]]:
    for batch in in_batches(tasks.order_by(*TASKS_BY_DUE)[: ROWS_AT_MOST + 1]):
        for row in task_rows(batch):
            team, asked = team_words(row.task.team), plain_words(row.asked)
            yield [row.number, asked, team, here(row.priority), row.task.assigned_at, row.task.due_at]


class Tabs(DeskPage):
    """The queues in the bar, counted anew."""

    def get(self, request: HttpRequest) -> HttpResponse:
        shown = render_to_string("shared/queues.html", {"queues": tabs(request, self.at)}, request)
        return unchanged_or(request, shown)
