"""The queues people work from. Each is a question to the tickets they may see, answered in the order of what is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shouwen.editions.edition import Edition
from shouwen.handbook.authority import Actor, Sight
from shouwen.handbook.history import Stage
from shouwen.handbook.lifecycle import Move
from shouwen.tickets.models import TO_ARCHIVE, Task, Ticket
from shouwen.tickets.queries import sees_tickets, visible_to

DUE_SOON = timedelta(hours=4)
NOT_DISPATCHED = (Stage.RECEIVED, Stage.ASSESSED)


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue: its name, what it teaches while it is empty, which tickets are in it."""

    code: str
    name: Any
    empty: Any
    teaches: Any
    holds: Callable[[Actor, datetime], Q]
    tone: str = ""  # of its count, when it is not nought
    key: str = ""  # after "g"
    finished: bool = False


def _first_ownership(actor: Actor, at: datetime) -> Q:
    return Q(first_owner=actor.id)


def _work(actor: Actor, at: datetime) -> Q:
    return Q(handler=actor.id)


def _undispatched(actor: Actor, at: datetime) -> Q:
    """What a team of theirs has and nobody in it; for who sees a region, any team, and what no team has yet."""
    if Sight.REGIONS not in actor.sights:
        return Q(team__in=actor.teams, handler=None)
    return Q(stage__in=NOT_DISPATCHED) | Q(team__isnull=False, handler=None)


def _due_soon(actor: Actor, at: datetime) -> Q:
    return Q(lead_due_at__gt=at, lead_due_at__lte=at + DUE_SOON)


def _overdue(actor: Actor, at: datetime) -> Q:
    return Q(lead_due_at__lte=at)


def _to_approve(actor: Actor, at: datetime) -> Q:
    return Q(stage=Stage.PROPOSED)


def _to_call_back(actor: Actor, at: datetime) -> Q:
    """Those told of the result: an agent's own, all of them for a supervisor (SOP 4.2)."""
    told = Q(stage=Stage.TOLD)
    return told if "supervisor" in actor.roles else told & Q(first_owner=actor.id)


def _to_archive(actor: Actor, at: datetime) -> Q:
    return TO_ARCHIVE


def _every(actor: Actor, at: datetime) -> Q:
    return Q()


QUEUES = {
    queue.code: queue
    for queue in (
        Queue(
            "my_first_ownership",
            _("I own first"),
            _("You own no open ticket"),
            _("Tickets you took in stay with you until they are closed, whoever works on them. Take one in to begin."),
            _first_ownership,
            key="o",
        ),
        Queue(
            "my_work",
            _("My work"),
            _("Nothing is in your hands"),
            _("Tickets dispatched to you or taken up by you are worked from here. Look for more in your team's queue."),
            _work,
            key="w",
        ),
        Queue(
            "team_undispatched",
            _("Unassigned"),
            _("Everything has been dispatched and taken up"),
            _("Tickets that no team has yet, and tickets a team has and nobody in it has taken up, wait here."),
            _undispatched,
            tone="press",
            key="u",
        ),
        Queue(
            "to_approve",
            _("To approve"),
            _("No proposal waits for approval"),
            _("When a handler proposes a solution that needs approval, it comes here to be approved or returned."),
            _to_approve,
            tone="press",
            key="p",
        ),
        Queue(
            "to_call_back",
            _("To call back"),
            _("Nobody waits for a callback"),
            _("Once a customer has been told the result, call back within a day and ask whether they are satisfied."),
            _to_call_back,
            key="b",
        ),
        Queue(
            "due_soon",
            _("Due soon"),
            _("Nothing falls due in the next four hours"),
            _("Tickets whose strictest clock runs out within four hours come here before it is too late."),
            _due_soon,
            tone="press",
            key="s",
        ),
        Queue(
            "overdue",
            _("Overdue"),
            _("Nothing is overdue"),
            _("Tickets with a clock that has run out stay here until the work it asks for is done."),
            _overdue,
            tone="late",
            key="d",
        ),
        Queue(
            "to_archive",
            _("To archive"),
            _("Everything finished has been archived"),
            _("Tickets that are closed, rejected, cancelled or withdrawn wait here to be put into the archive."),
            _to_archive,
            key="a",
            finished=True,
        ),
    )
}

# Open to everybody who sees tickets, whatever the rules say of their role: what views are made from.
ALL_OPEN = Queue(
    "all",
    pgettext_lazy("queue", "All open"),
    _("No ticket is open"),
    _("Every open ticket you may see is here, whoever works on it. Narrow it with filters and keep that as a view."),
    _every,
    key="l",
)
TEAM_TASKS = "team_tasks"


def queues_of(actor: Actor, rules: Edition) -> list[Queue]:
    """The queues of the actor's roles, in the edition's order, and everything open; none for whose roles have none."""
    if not sees_tickets(actor):
        return []
    codes = [code for role in rules.roles.values() if role.code in actor.roles for code in role.queues]
    found = [QUEUES[code] for code in dict.fromkeys(codes) if code in QUEUES]
    return [*found, ALL_OPEN] if found else []


def has_team_tasks(actor: Actor, rules: Edition) -> bool:
    """True for members of teams whose roles answer what other teams ask for."""
    answers = any(Move.ANSWER_TASK in rules.roles[role].moves for role in actor.roles if role in rules.roles)
    return bool(actor.teams) and answers


def tickets_in(queue: Queue, actor: Actor, at: datetime, *, seen: QuerySet[Ticket] | None = None) -> QuerySet[Ticket]:
    """The tickets of a queue that this actor may see; open ones, unless the queue is about what is finished.

    `seen` is `visible_to(actor)` for a caller who asks for several queues.
    """
    seen = visible_to(actor) if seen is None else seen
    return seen.filter(queue.holds(actor, at), is_open=not queue.finished)


def open_tasks_of(actor: Actor) -> QuerySet[Task]:
    """What other teams have asked of the actor's teams and nobody has answered, on tickets still being worked."""
    return Task.objects.filter(team__in=actor.teams, answered_at=None, ticket__is_open=True)
