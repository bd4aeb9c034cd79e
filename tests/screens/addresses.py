"""Every address the program has, as its own URL configuration tells them: what is not pictured is known by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

# Django's own pages for looking into the database, which nobody works in all day.
OTHERS = ("admin:",)


@dataclass(frozen=True, slots=True)
class Address:
    """One named address: its parameters, and whether it can be opened at all (or only sent to)."""

    name: str
    route: str
    parameters: tuple[str, ...]
    opens: bool

    def filled(self, **values: Any) -> str:
        return reverse(self.name, kwargs={name: values[name] for name in self.parameters})


def addresses() -> list[Address]:
    """All of them in the order they are tried."""
    return [one for one in _walk(get_resolver().url_patterns, "", ()) if not one.name.startswith(OTHERS)]


def _walk(patterns: Sequence[Any], route: str, spaces: tuple[str, ...]) -> Iterator[Address]:
    for one in patterns:
        here = f"{route}{one.pattern}"
        if isinstance(one, URLResolver):
            inner = (*spaces, one.namespace) if one.namespace else spaces
            yield from _walk(one.url_patterns, here, inner)
        elif isinstance(one, URLPattern) and one.name:
            name = ":".join((*spaces, one.name))
            yield Address(name, here, tuple(one.pattern.converters), _opens(one.callback))


def _opens(view: Any) -> bool:
    """False for a page that is only ever sent to: it has nothing to answer a GET with."""
    page = getattr(view, "view_class", None)
    return page is None or hasattr(page, "get")
