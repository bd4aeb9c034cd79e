"""One search as its page shows it: what is found, how it is narrowed, and the addresses of all of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwen.desk.among import Place
from shouwen.desk.asked import Asked
from shouwen.desk.classes import categories_meant, full_name, in_categories
from shouwen.desk.filters import Asked as Narrowed
from shouwen.desk.finding import Hit, Rank, Window, window_of
from shouwen.desk.found import FoundRow, found_rows
from shouwen.desk.narrowing import Narrowing, Pair
from shouwen.desk.sealed_words import sealed
from shouwen.editions.edition import Edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.categories import Category
from shouwen.tickets.queries import sees_hands_only, visible_to

ROWS = 20
APART = "~"


class Looking:
    """What somebody asked for and set; found once it is needed."""

    def __init__(self, asked: Asked, given: QueryDict, rules: Edition, actor: Actor, at: datetime) -> None:
        self.asked, self._rules, self._actor, self._at = asked, rules, actor, at
        self.filters = Narrowing(given, rules, actor, at)
        self._after, self._before = _hit(given.get("after", "")), _hit(given.get("before", ""))
        self._until = _place(given.get("until", ""))

    @cached_property
    def window(self) -> Window:
        """What is found, in order, as far as it is looked at at once."""
        if not self.is_asked:
            return Window()
        tickets = visible_to(self._actor).filter(self.filters.condition())
        few, classed = sees_hands_only(self._actor), self._classed()
        return window_of(self.asked, tickets, few=few, until=self._until, classed=classed)

    @cached_property
    def categories(self) -> list[Category]:
        """The categories that are called as somebody typed."""
        return [] if self.asked.is_personal else categories_meant(self.asked.typed, self._rules)

    def _classed(self) -> Q | None:
        if not self.categories:
            return None
        return in_categories(self.categories, Narrowed(self._rules, self._actor, self._at))

    @cached_property
    def hits(self) -> list[Hit]:
        """Those of this page."""
        hits = list(self.window.hits)
        if self._before and not self._after:
            return [hit for hit in hits if hit.order < self._before.order][-ROWS:]
        after = self._after
        return [hit for hit in hits if after is None or hit.order > after.order][:ROWS]

    @cached_property
    def rows(self) -> list[FoundRow]:
        return found_rows(self.hits, self.asked, self._actor, self._at)

    @property
    def is_asked(self) -> bool:
        return bool(self.asked or self.filters)

    @property
    def looked_for(self) -> str:
        """What the list holds, in a sentence that says nobody's number."""
        if self.is_asked and not self.rows:
            return _("no ticket that you may see")
        if self.asked.is_phone:
            return _("tickets of whoever has this number")
        if self.asked.of:
            return _("tickets of the customers this belongs to, then those that say it")
        return _("tickets that say all of these words, the surest first") if self.asked else ""

    @property
    def kept_words(self) -> str:
        """What the box shows again and the browser may remember: never what belongs to somebody."""
        return "" if self.asked.is_personal else self.asked.typed

    @cached_property
    def sealed(self) -> str:
        return sealed(self.asked.typed, self._actor.id)

    @property
    def meant(self) -> list[FoundRow]:
        """The tickets a mistyped number may have been meant for."""
        return [row for row in self.rows if row.number in self.asked.near]

    @property
    def previous_url(self) -> str:
        hits, shown = self.window.hits, self.hits
        if shown and hits[0].order < shown[0].order:
            return self.address(before=_hit_said(shown[0]), until=_place_said(self._until))
        return self.address() if self._until else ""

    @property
    def next_url(self) -> str:
        hits, shown = self.window.hits, self.hits
        if shown and hits[-1].order > shown[-1].order:
            return self.address(after=_hit_said(shown[-1]), until=_place_said(self._until))
        return self.address(until=_place_said(self.window.end)) if self.window.end else ""

    @property
    def chips(self) -> list[dict[str, str]]:
        """What is set, each with the address without it."""
        pairs = self.filters.pairs()
        chips = [
            {"label": label.strip(), "without_url": _address(self.sealed, [pair for pair in pairs if pair not in its])}
            for label, its in self.filters.named()
        ]
        if self.asked.is_personal:
            chips.append({"label": self.asked.shown, "without_url": _address("", pairs)})
        return chips

    @property
    def suggested(self) -> list[dict[str, str]]:
        """The categories of that name as filters, instead of the words."""
        pairs = self.filters.pairs()
        return [
            {
                "label": _("Category: %(name)s") % {"name": full_name(node, self._rules)},
                "url": _address("", [*pairs, ("category", node.code)]),
            }
            for node in self.categories
            if ("category", node.code) not in pairs
        ]

    def address(self, **places: str) -> str:
        """Where this is found again."""
        return _address(self.sealed, self.filters.pairs(), **places)


def _address(words: str, pairs: Sequence[Pair], **places: str) -> str:
    query = urlencode([(name, value) for name, value in (("s", words), *pairs, *places.items()) if value])
    return f"{reverse('desk:search')}?{query}" if query else reverse("desk:search")


def _place_said(place: Place | None) -> str:
    return f"{place.received_at.isoformat()}{APART}{place.pk}" if place else ""


def _hit_said(hit: Hit) -> str:
    return f"{hit.rank.value}{APART}{_place_said(hit.place)}"


def _place(said: str) -> Place | None:
    """The place written in an address; None for what makes no sense."""
    at, _apart, pk = said.partition(APART)
    try:
        place = Place(datetime.fromisoformat(at), UUID(pk))
    except ValueError:
        return None
    return place if place.received_at.tzinfo else None


def _hit(said: str) -> Hit | None:
    rank, _apart, at = said.partition(APART)
    place = _place(at)
    try:
        return Hit(Rank(int(rank)), place) if place else None
    except ValueError:
        return None
