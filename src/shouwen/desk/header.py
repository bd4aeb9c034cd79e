"""The bar on top of every desk page: queues with their counts, and the other places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.timezone import now
from django.utils.translation import gettext as _

from shouwen.desk.counting import Narrowed, capped_counts_at, narrowed_counts
from shouwen.desk.filters import Asked
from shouwen.desk.menu import Page, in_account, in_bar, makes_calls
from shouwen.desk.queues import TEAM_TASKS, Queue, has_team_tasks, open_tasks_of, queues_of, tickets_in
from shouwen.desk.views import MOST_IN_BAR, views_of
from shouwen.editions.edition import Edition
from shouwen.editions.queries import current_edition
from shouwen.handbook.authority import Actor, seeing
from shouwen.notices.queries import inbox_of
from shouwen.people.queries import actor_for
from shouwen.surveys.calling import calls_due
from shouwen.tickets.queries import sees_tickets, visible_to

NOTICES = "notices"
CALLBACKS = "callbacks"


@dataclass(frozen=True, slots=True)
class Tab:
    """A place the bar leads to."""

    name: str
    url: str
    count: int | None = None
    current: bool = False
    key: str = ""
    tone: str = ""
    at_least: bool = False  # not all of them were counted
    is_view: bool = False
    stays: bool = False  # in the bar, however little room there is


def header(request: HttpRequest) -> dict[str, Any]:
    """What the bar needs (a context processor); nothing is asked before a page shows it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"demo": settings.DEMO}
    return {
        "demo": settings.DEMO,
        "searches": SimpleLazyObject(lambda: sees_tickets(actor_of(request))),
        "queues": SimpleLazyObject(partial(tabs, request, now())),
        "queues_url": reverse("desk:tabs"),
        "places": SimpleLazyObject(partial(places, request)),
        "account_pages": SimpleLazyObject(partial(account_pages, request)),
    }


def actor_of(request: HttpRequest) -> Actor:
    """Who is asking: read anew for every request, once in each."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        at = now()
        actor = seeing(actor_for(request.user, at), rules_for(request, at).roles)  # type: ignore[arg-type]
        request.actor = actor  # type: ignore[attr-defined]
    return actor


def rules_for(request: HttpRequest, at: datetime) -> Edition:
    """The rules in force, read once in each request."""
    rules: Edition | None = getattr(request, "rules", None)
    if rules is None:
        rules = request.rules = current_edition(at)  # type: ignore[attr-defined]
    return rules


def tabs(request: HttpRequest, at: datetime) -> list[Tab]:
    """The actor's queues, their views, their teams' tasks and their notices, with capped counts.

    One query counts all but the views, one the views.
    """
    actor, rules = actor_of(request), rules_for(request, at)
    queues = queues_of(actor, rules)
    tasks, calls = has_team_tasks(actor, rules), makes_calls(actor, rules)
    key = (actor, tuple(queue.code for queue in queues), tasks, calls)
    counts = capped_counts_at(at, key, lambda moment: _badges(actor, queues, moment, tasks=tasks, calls=calls))
    here, view = _whereabouts(request)
    shown = [_queue_tab(queue, counts[queue.code], "" if view else here) for queue in queues]
    shown += _view_tabs(Asked(rules, actor, at), view)
    if TEAM_TASKS in counts:
        shown.append(_tab(_("Team tasks"), reverse("desk:tasks"), counts[TEAM_TASKS], here, "t", "press"))
    if CALLBACKS in counts:
        shown.append(_tab(_("Calls to make"), reverse("desk:callbacks"), counts[CALLBACKS], here, "k", "press"))
    notices = _tab(_("Notices"), reverse("desk:notices"), counts[NOTICES], here, "n", "press")
    shown.append(replace(notices, stays=True))
    return shown


def _badges(
    actor: Actor, queues: Sequence[Queue], at: datetime, *, tasks: bool, calls: bool
) -> dict[str, QuerySet[Any]]:
    """What stands behind each badge at a moment."""
    seen = visible_to(actor)
    questions: dict[str, QuerySet[Any]] = {queue.code: tickets_in(queue, actor, at, seen=seen) for queue in queues}
    if tasks:
        questions[TEAM_TASKS] = open_tasks_of(actor)
    if calls:
        questions[CALLBACKS] = calls_due(actor, at)
    questions[NOTICES] = inbox_of(actor, at).filter(read_at=None)
    return questions


def _whereabouts(request: HttpRequest) -> tuple[str, str]:
    """The page somebody is on, and the view they look at there, if any."""
    address = request.htmx.current_url_abs_path if request.htmx else request.get_full_path()  # type: ignore[attr-defined]
    path, _mark, query = (address or "").partition("?")
    return path, QueryDict(query).get("view", "")


def _queue_tab(queue: Queue, count: int, here: str) -> Tab:
    return _tab(queue.name, reverse("desk:queue", args=[queue.code]), count, here, queue.key, queue.tone)


def _view_tabs(asked: Asked, current: str) -> list[Tab]:
    """The first of the views this person has not put away."""
    views = [view for view in views_of(asked) if not view.hidden][:MOST_IN_BAR]
    if not views:
        return []
    actor, at, seen = asked.actor, asked.at, visible_to(asked.actor)
    questions = {
        str(view.id): Narrowed(tickets_in(view.listing.queue, actor, at, seen=seen), view.listing.filters.condition())
        for view in views
    }
    counts = narrowed_counts(questions)
    return [
        Tab(
            view.row.name,
            view.url,
            counts[str(view.id)].number,
            current=str(view.id) == current,
            at_least=counts[str(view.id)].at_least,
            is_view=True,
        )
        for view in views
    ]


def places(request: HttpRequest) -> list[Tab]:
    """The other pages, as far as this person works with them."""
    pages = in_bar(actor_of(request), rules_for(request, now()))
    return [_tab(page.name, page.url, None, request.path) for page in pages]


def account_pages(request: HttpRequest) -> list[Page]:
    """What stands under somebody's name."""
    return in_account(actor_of(request), rules_for(request, now()))


def _tab(name: Any, url: str, count: int | None, here: str, key: str = "", tone: str = "") -> Tab:
    return Tab(str(name), url, count, url == here, key, tone)
