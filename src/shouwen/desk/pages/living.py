"""Lists that keep themselves up to date: asked again while somebody looks, and 304 while nothing has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from shouwen.desk.pages.door import DeskPage, is_fragment, no_store, tag_of
from shouwen.desk.pages.places import neighbours
from shouwen.desk.paging import Page
from shouwen.desk.wording import language

ALONE, FRAME = "desk/_alone.html", "base.html"


def is_list(request: HttpRequest) -> bool:
    """True when the list alone is asked for."""
    return is_fragment(request) and request.htmx.target == "list"  # type: ignore[attr-defined]


def list_tag(page: DeskPage, found: Page, known: Sequence[Any]) -> str:
    """What tells this page of a list from any other: what is known of its rows, on the same day, in one language."""
    day = timezone.localdate(page.at).isoformat()
    return tag_of([language(), day, page.request.get_full_path(), found.before, found.after, known])


def unchanged_list(page: DeskPage, tag: str) -> HttpResponse | None:
    """304 for whoever asks for the list alone and has it already."""
    if is_list(page.request) and page.request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    return None


def living_list(
    page: DeskPage,
    template: str,
    found: Page,
    known: Sequence[Any],
    context: Callable[[], dict[str, Any]],
    *,
    status: int = 200,
) -> HttpResponse:
    """The page of a list; its content alone where that is asked for. Rows are read for `context` where they changed."""
    tag = list_tag(page, found, known)
    if unchanged := unchanged_list(page, tag):
        return unchanged
    alone = is_list(page.request)
    shown = {
        **context(),
        "frame": ALONE if alone else FRAME,
        "here": page.request.get_full_path(),
        "tag": tag,
        "at": page.at,
        **neighbours(page.request, found),
    }
    answer = render(page.request, template, shown, status=status)
    if alone:
        answer["ETag"] = tag
    return no_store(answer) if alone else answer


def known_tickets(found: Page) -> list[tuple[str, int, int]]:
    """What is known of tickets: at which of their events they are."""
    return [(str(row.pk), row.last_seq, row.replayed_seq) for row in found.rows]
