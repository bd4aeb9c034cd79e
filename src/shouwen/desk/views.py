"""Saved views: whose they are, who finds them, and in which order each person has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict

from shouwen.desk.filters import Asked
from shouwen.desk.listing import Listing
from shouwen.desk.models import SavedView, ViewPlace
from shouwen.desk.queues import queues_of
from shouwen.handbook.authority import Actor

Shared = SavedView.Shared
MOST_VIEWS = 50  # of one person's own
MOST_IN_BAR = 8
MAY_BE_UNDONE_FOR = timedelta(
    minutes=2
)  # the page offers it for ten seconds; a slow connection is no reason to lose it
SHARES_WIDELY = frozenset({"supervisor", "manager"})


@dataclass(frozen=True, slots=True)
class View:
    """A saved view with the list it stands for, as one person finds it."""

    row: SavedView
    listing: Listing
    own: bool
    hidden: bool

    @property
    def id(self) -> UUID:
        return self.row.pk

    @property
    def url(self) -> str:
        return f"{self.listing.path}?{urlencode([*self.listing.pairs(), ('view', self.id)])}"


def views_of(asked: Asked) -> list[View]:
    """The views this person finds, in their order; those of queues their roles no longer have are left out."""
    queues = {queue.code: queue for queue in queues_of(asked.actor, asked.rules)}
    return [
        View(
            row,
            Listing.read(queues[row.queue], QueryDict(row.query), asked),
            str(row.owner_id) == asked.actor.id,
            bool(row.hidden),  # type: ignore[attr-defined]
        )
        for row in (_found_by(asked.actor) if queues else ())
        if row.queue in queues
    ]


def view_named(name: str, asked: Asked) -> View | None:
    """The view an address names, if this person finds it."""
    return next((view for view in views_of(asked) if str(view.id) == name), None) if name else None


def own_view(actor: Actor, view_id: UUID) -> QuerySet[SavedView]:
    """A view that this person made, and may change."""
    return SavedView.objects.filter(pk=view_id, owner=actor.id, deleted_at=None)


def shares_open_to(actor: Actor) -> list[str]:
    """With whom this person may share: their teams; everybody and a role only those who lead people."""
    wide = [Shared.ROLE, Shared.PUBLIC] if actor.roles & SHARES_WIDELY else []
    return [Shared.PRIVATE, *([Shared.TEAM] if actor.teams else []), *wide]


def save_view(actor: Actor, listing: Listing, *, at: datetime, **stated: Any) -> SavedView | None:
    """Keep a list under a name; None if this person has as many as anybody needs."""
    if SavedView.objects.filter(owner=actor.id, deleted_at=None).count() >= MOST_VIEWS:
        return None
    return SavedView.objects.create(
        owner_id=actor.id, queue=listing.queue.code, query=listing.query, created_at=at, **stated
    )


def delete_view(actor: Actor, view_id: UUID, *, at: datetime) -> bool:
    """Nobody finds it any more; False if it is not theirs."""
    return bool(own_view(actor, view_id).update(deleted_at=at))


def restore_view(actor: Actor, view_id: UUID, *, at: datetime) -> bool:
    """Take a deletion back that was made a moment ago; False if it is too late."""
    deleted = SavedView.objects.filter(pk=view_id, owner=actor.id, deleted_at__gt=at - MAY_BE_UNDONE_FOR)
    return bool(deleted.update(deleted_at=None))


@transaction.atomic
def place_views(actor: Actor, views: Sequence[View], *, hidden: frozenset[UUID] | None = None) -> None:
    """Keep these views in this order for this person; `hidden` names those left out of the bar, if that changes."""
    rows = [
        ViewPlace(
            person_id=actor.id,
            view_id=view.id,
            position=place,
            hidden=view.hidden if hidden is None else view.id in hidden,
        )
        for place, view in enumerate(views)
    ]
    ViewPlace.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["person_id", "view_id"], update_fields=["position", "hidden"]
    )


# Said once and not composed for every page: everybody's bar asks it.
FOUND = """
    SELECT v.*, p.position, p.hidden FROM desk_view v
    LEFT JOIN desk_view_place p ON p.view_id = v.id AND p.person_id = %(person)s
    WHERE v.deleted_at IS NULL AND (v.owner_id = %(person)s OR v.shared = 'public'
        OR (v.shared = 'role' AND v.shared_with = ANY(%(roles)s))
        OR (v.shared = 'team' AND v.shared_with = ANY(%(teams)s)))
    ORDER BY p.position NULLS LAST, v.created_at, v.id
"""


def _found_by(actor: Actor) -> Iterable[SavedView]:
    """Their own and those shared with them; what nobody has put in a place comes last, as it was made."""
    who = {"person": actor.id, "roles": sorted(actor.roles), "teams": sorted(actor.teams)}
    return SavedView.objects.raw(FOUND, who)
