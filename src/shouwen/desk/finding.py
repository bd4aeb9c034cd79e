"""Finding tickets: by number, also the one they had elsewhere, by what the vault keeps of a customer, by what was said.

Guarantees: nothing is found but among the tickets handed in; at most `WINDOW` of each kind are looked at, whatever
there is; the surest come first (a number, a customer's own value, words in the title, a category of that name, words in
the text), the newest first among equals. What lies beyond a window is found by going on from its end; of a category,
where words were found beside it, only the newest are: the rest is behind the filter that is offered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from django.db.models import Q, QuerySet

from shouwen.desk.among import Among, Place
from shouwen.desk.asked import Asked
from shouwen.language.bigrams import says, search_query
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import of_origin

WINDOW = 100
NUMBERS_AT_MOST = 10


class Rank(IntEnum):
    """How sure it is that this is the ticket somebody means."""

    NUMBER, BEGINNING, VALUE, TITLE, CATEGORY, TEXT = range(6)


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket that was found, and how."""

    rank: Rank
    place: Place

    @property
    def order(self) -> tuple[int, float, int]:
        return self.rank, -self.place.received_at.timestamp(), -self.place.pk.int


Found = tuple[list[Hit], Place | None]


@dataclass(frozen=True, slots=True)
class Window:
    """What was found, in order, and the place from which to look further (None at the end)."""

    hits: Sequence[Hit] = ()
    end: Place | None = None


def window_of(
    asked: Asked,
    tickets: QuerySet[Ticket],
    *,
    few: bool = False,
    until: Place | None = None,
    most: int = WINDOW,
    classed: Q | None = None,
) -> Window:
    """What was asked for among these tickets, received before `until`. `few` where they are found by indexes.

    `classed` are the tickets of the categories that are called so.
    """
    among = Among(tickets, few, until, most)
    if not asked:
        rows, end = among.all()
        return Window([Hit(Rank.TEXT, Place(*row)) for *row, _title in rows], end)
    hits = [] if until else [*_by_number(asked, tickets), *_by_former_number(asked, tickets)]
    ends = []
    for found, end in (_by_value(asked, among), _by_words(asked, among)):
        hits += found
        ends += [end] if end else []
    if classed is not None:
        rows, end = Among(tickets.filter(classed), few, until, most).all()
        ends += [end] if end and not hits else []
        hits += [Hit(Rank.CATEGORY, Place(*row)) for *row, _title in rows]
    return _surest_first(hits, max(ends, default=None))


def _surest_first(hits: Sequence[Hit], end: Place | None) -> Window:
    """Each ticket once, by the surest way it was found; what lies beyond the end is left to the next window."""
    best: dict[UUID, Hit] = {}
    for hit in hits:
        within = end is None or hit.rank <= Rank.BEGINNING or hit.place >= end
        known = best.get(hit.place.pk)
        if within and (known is None or hit.rank < known.rank):
            best[hit.place.pk] = hit
    return Window(sorted(best.values(), key=lambda hit: hit.order), end)


def _by_number(asked: Asked, tickets: QuerySet[Ticket]) -> list[Hit]:
    """The ticket of a number, those whose number begins so, and those it may have been meant for."""
    exact = [asked.number] if asked.number else list(asked.near)
    hits = []
    if exact:
        rows = tickets.filter(number__in=exact).values_list("received_at", "pk", "number")
        hits += [Hit(Rank.NUMBER if number == asked.number else Rank.BEGINNING, Place(*row)) for *row, number in rows]
    if asked.beginning:
        rows = tickets.filter(number__range=asked.beginning).order_by("number").values_list("received_at", "pk")
        hits += [Hit(Rank.BEGINNING, Place(*row)) for row in rows[:NUMBERS_AT_MOST]]
    return hits


def _by_former_number(asked: Asked, tickets: QuerySet[Ticket]) -> list[Hit]:
    """The tickets that had this number in the system they come from: it is the one their callers know."""
    if asked.number:
        return []
    had_it = of_origin(asked.typed).values("ticket_id")
    rows = tickets.filter(pk__in=had_it).order_by("-received_at", "-id").values_list("received_at", "pk")
    return [Hit(Rank.NUMBER, Place(*row)) for row in rows[:NUMBERS_AT_MOST]]


def _by_value(asked: Asked, among: Among) -> Found:
    """The tickets of the customers whose value was typed, of those that say the words beside it."""
    if not asked.of:
        return [], None
    rows, end = among.of(asked.of, search_query(asked.words))
    return [Hit(Rank.VALUE, Place(*row)) for *row, _title in rows], end


def _by_words(asked: Asked, among: Among) -> Found:
    """The newest tickets whose text has all of the words, in the title or elsewhere."""
    query = "" if asked.is_phone or asked.number else search_query(asked.typed)
    if not query:
        return [], None
    rows, end = among.saying(query)
    return [Hit(Rank.TITLE if says(title, asked.typed) else Rank.TEXT, Place(*row)) for *row, title in rows], end
