"""Where the pages of a list begin, and the addresses of those before and after."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, QueryDict

from shouwen.desk.paging import Page

PLACES = ("before", "after")


def places_in(request: HttpRequest) -> dict[str, str]:
    """Where the page asked for begins."""
    return {name: request.GET.get(name, "") for name in PLACES}


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
    for old in PLACES:
        kept.pop(old, None)
    kept[name] = value
    return f"?{kept.urlencode()}"
