"""The door of every desk page: signed in, with a role that has business there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.timezone import now
from django.views import View

from shouwen.desk.exporting import ENDING
from shouwen.desk.header import actor_of, rules_for
from shouwen.handbook.authority import Actor, Sight
from shouwen.screens.tables import ASKED, WHICH, Column, Leaf, kind_asked, tables_response, which_asked
from shouwen.screens.taking import Taking
from shouwen.tickets.queries import NoSuchTicket, sees_tickets

ANYBODY: frozenset[str] = frozenset()
WORKERS = frozenset({"sees tickets"})  # whoever has a sight of tickets, whatever their role is called


class DeskPage(LoginRequiredMixin, View):
    """A page with its actor and its moment: nobody gets in without one of `roles`, no ticket out of sight is found.

    Nor does anybody get in without the sight the page `shows`, where it shows one.
    """

    roles: ClassVar[frozenset[str]] = ANYBODY
    shows: ClassVar[Sight | None] = None
    asks_what_for: ClassVar[bool] = False  # before what it shows leaves the house
    actor: Actor
    at: datetime

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.actor, self.at = actor_of(request), now()
        if not self._may_enter():
            raise PermissionDenied
        if kind_asked(request) and (asks := what_for(request)):
            return redirect(asks)
        try:
            return super().dispatch(request, *args, **kwargs)
        except NoSuchTicket:
            raise Http404 from None

    def _may_enter(self) -> bool:
        if self.shows and self.shows not in self.actor.sights:
            return False
        if self.roles == WORKERS:
            return sees_tickets(self.actor)
        return not self.roles or bool(self.roles & self.actor.roles)

    @property
    def sees_personal(self) -> bool:
        """Whether a page may say whom a ticket is of, masked as it is."""
        return Sight.PERSONAL in self.actor.sights

    def file_of(
        self,
        kind: str,
        name: str,
        headings: Sequence[Column | str],
        rows: Iterable[Sequence[Any]],
        *,
        narrowed: Sequence[str] = (),
    ) -> HttpResponseBase:
        """The table of this page as a file, for who answers `?as=xlsx`; `narrowed` are its filters in words."""
        return self.files_of(kind, name, [Leaf(name, headings, rows)], narrowed=narrowed)

    def files_of(
        self, kind: str, name: str, leaves: Sequence[Leaf], *, narrowed: Sequence[str] = ()
    ) -> HttpResponseBase:
        """The tables of this page: one workbook, or the one of them that `?as=csv&table=2` names."""
        taking = self.taking(page_shown(self.request), narrowed=narrowed)
        return tables_response(name, leaves, taking, kind=kind, which=which_asked(self.request))

    def taking(self, page: str, *, narrowed: Sequence[str] = (), purpose: str = "") -> Taking:
        """Whoever looks takes a table of this page away now."""
        user: Any = self.request.user
        return Taking(
            at=self.at,
            by=self.actor.name,
            number=user.staff_no or user.username,
            page=page,
            narrowed=narrowed,
            purpose=purpose,
            edition=rules_for(self.request, self.at).id,
        )


def page_shown(request: HttpRequest) -> str:
    """The address a table is shown at, without what asks for it as a file."""
    query = request.GET.copy()
    for asked in (ASKED, WHICH):
        query.pop(asked, None)
    return f"{request.path}?{query.urlencode()}".removesuffix("?")


def what_for(request: HttpRequest) -> str:
    """Where the list of this address asks what it is taken away for; "" for a table that asks nothing."""
    asking = request.path + ENDING
    try:
        page = resolve(asking).func
    except Resolver404:
        return ""
    if not getattr(getattr(page, "view_class", None), "asks_what_for", False):
        return ""
    query = request.GET.copy()
    query.pop(ASKED)
    return f"{asking}?{query.urlencode()}".removesuffix("?")


def is_fragment(request: HttpRequest) -> bool:
    """True when only a part of the page is asked for."""
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request  # type: ignore[attr-defined]


def tag_of(known: Any) -> str:
    """What tells one answer from another."""
    return f'"{hashlib.sha256(json.dumps(known).encode()).hexdigest()[:32]}"'


def unchanged_or(request: HttpRequest, content: str, content_type: str = "text/html; charset=utf-8") -> HttpResponse:
    """The content, or 304 for whoever has it already (If-None-Match)."""
    tag = tag_of(content)
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    return no_store(HttpResponse(content, content_type=content_type, headers={"ETag": tag}))


def no_store(response: HttpResponse) -> HttpResponse:
    """Nobody keeps a copy of this answer."""
    response["Cache-Control"] = "no-store"
    return response
