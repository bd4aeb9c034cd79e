"""Pages of a list that grows while it is read: each begins after a row, never at a number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

ROWS = 50
BATCH = 500
APART = "~"


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page, and the places where the neighbouring pages begin ("" for none)."""

    rows: list[Any]
    before: str
    after: str


Take = Callable[[QuerySet[Any], int], Sequence[Any]]  # the first so many of these rows, or of those it chooses


def first(rows: QuerySet[Any], count: int) -> Sequence[Any]:
    """The first `count` rows."""
    return rows[:count]


def in_batches(rows: QuerySet[Any], size: int = BATCH) -> Iterator[list[Any]]:
    """The rows some hundreds at a time, for a file that is written while they are read."""
    found = rows.iterator(chunk_size=size)
    while batch := list(islice(found, size)):
        yield batch


def page_of(
    rows: QuerySet[Any], order: Sequence[str], *, before: str = "", after: str = "", take: Take = first
) -> Page:
    """A page in `order` (field names, "-" for descending, together unique); a place without sense is the start."""
    backward = bool(before) and not after
    at = _read(rows.model, order, before if backward else after)
    backward = backward and at is not None
    if at:
        rows = rows.filter(_beyond(order, at, backward))
    found = list(take(rows.order_by(*(_turned(name) if backward else name for name in order)), ROWS + 1))
    more, found = len(found) > ROWS, found[:ROWS]
    if backward:
        found.reverse()
    has_earlier = more if backward else at is not None
    has_further = bool(found) if backward else more
    return Page(
        found,
        place_of(found[0], order) if found and has_earlier else "",
        place_of(found[-1], order) if found and has_further else "",
    )


def one_of_each(rows: QuerySet[Any], order: Sequence[str], by: str) -> Take:
    """Takes, of those of all `rows` that have the same in `by`, only the one that comes first in this order.

    A batch at a time: of a long list the database would otherwise look at every row before it put the first in order.
    """
    leaders = _leading(rows, order, by)

    def take(ordered: QuerySet[Any], count: int) -> Sequence[Any]:
        found, start, size, more = list[Any](), 0, BATCH, True
        while more and len(found) < count:
            ids = list(ordered.values_list("pk", flat=True)[start : start + size])
            among = {row.pk: row for row in leaders.filter(pk__in=ids)}
            found += [among[pk] for pk in ids if pk in among]
            start, size, more = start + size, size * 4, len(ids) == size
        return found[:count]

    return take


def _leading(rows: QuerySet[Any], order: Sequence[str], by: str) -> QuerySet[Any]:
    """Those none of the rows with the same in `by` is ahead of, and those that have nothing there; in no order."""
    rows = rows.order_by()
    ahead = rows.filter(_beyond(order, [OuterRef(name.lstrip("-")) for name in order], backward=True))
    return rows.filter(Q(**{f"{by}__isnull": True}) | ~Exists(ahead.filter(**{by: OuterRef(by)})))


def place_of(row: Model, order: Sequence[str]) -> str:
    """Where a row stands in the list."""
    values = [getattr(row, name.lstrip("-")) for name in order]
    return APART.join(value.isoformat() if hasattr(value, "isoformat") else str(value) for value in values)


def _read(model: type[Model], order: Sequence[str], place: str) -> list[Any] | None:
    parts = place.split(APART)
    if len(parts) != len(order):
        return None
    try:
        values = [
            model._meta.get_field(name.lstrip("-")).to_python(part) for name, part in zip(order, parts, strict=True)
        ]
    except (ValidationError, ValueError, OverflowError):
        return None
    return None if any(_is_naive(value) for value in values) else values


def _is_naive(value: Any) -> bool:
    return hasattr(value, "tzinfo") and value.tzinfo is None


def _beyond(order: Sequence[str], at: Sequence[Any], backward: bool) -> Q:
    """What comes after the place in this order: first field beyond it, or equal and the second beyond it, and so on.

    The first field's bound stands alone as well, so that an index finds the start.
    """
    beyond, same = Q(), Q()
    for name, value in zip(order, at, strict=True):
        field, down = name.lstrip("-"), name.startswith("-") != backward
        beyond |= same & Q(**{f"{field}__{'lt' if down else 'gt'}": value})
        same &= Q(**{field: value})
    first, down = order[0].lstrip("-"), order[0].startswith("-") != backward
    return Q(**{f"{first}__{'lte' if down else 'gte'}": at[0]}) & beyond


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"
