"""A list as its address says it: a queue, narrowed by filters, in an order. The address is all there is to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from shouwen.desk.filters import Asked, Filters
from shouwen.desk.paging import Page, page_of
from shouwen.desk.queues import Queue, tickets_in
from shouwen.desk.rows import ReadTicket, read_tickets
from shouwen.tickets.models import Ticket

SORTED_AT_MOST = 2_000  # rows that are read to put them in an order no index knows


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a list. The `indexed` are read from an index; the others only where the list is short."""

    code: str
    name: Any
    fields: tuple[str, str]
    indexed: bool = True


ORDERS = {
    order.code: order
    for order in (
        Order("due", _("Nearest due time first"), ("lead_due_at", "id")),
        Order("received", _("Newest first"), ("-received_at", "-id")),
        Order("oldest", _("Oldest first"), ("received_at", "id"), indexed=False),
        Order("changed", _("Changed last first"), ("-changed_at", "-id"), indexed=False),
        Order("untouched", _("Longest untouched first"), ("changed_at", "id"), indexed=False),
    )
}
BY_DUE = ORDERS["due"]


@dataclass(frozen=True)
class Listing:
    """One list, for one reader, at one moment."""

    queue: Queue
    filters: Filters
    order: Order

    @classmethod
    def read(cls, queue: Queue, query: QueryDict, asked: Asked) -> Listing:
        """The list of an address."""
        return cls(queue, Filters.read(query, asked), ORDERS.get(query.get("order", ""), BY_DUE))

    @property
    def path(self) -> str:
        return reverse("desk:queue", args=[self.queue.code])

    @property
    def query(self) -> str:
        """The one way to write this list: what a view keeps."""
        return urlencode(self.pairs())

    def pairs(self) -> list[tuple[str, str]]:
        """Filters and order as the address has them."""
        return [*self.filters.pairs(), *self.order_pair()]

    def order_pair(self) -> list[tuple[str, str]]:
        return [("order", self.order.code)] if self.order is not BY_DUE else []

    def orders(self, kept: Sequence[tuple[str, str]]) -> list[tuple[Order, str, bool]]:
        """Every order with its address, and whether it is this one; `kept` stands in the address as well."""
        return [
            (
                order,
                f"{self.path}?{urlencode([*self.filters.pairs(), ('order', order.code), *kept])}",
                order is self.order,
            )
            for order in ORDERS.values()
        ]

    def tickets(self, *, seen: QuerySet[Ticket] | None = None) -> QuerySet[Ticket]:
        """Every ticket in it, in no order."""
        asked = self.filters.asked
        return tickets_in(self.queue, asked.actor, asked.at, seen=seen).filter(self.filters.condition())

    @property
    def is_too_long(self) -> bool:
        """Whether its order would have more tickets read than a page is worth: then the nearest due time leads."""
        return not self.order.indexed and len(self._all) > SORTED_AT_MOST

    @cached_property
    def _all(self) -> list[UUID]:
        """Its tickets as the index of what lists are narrowed by finds them: as many as are sorted, and one more."""
        return list(self.tickets().order_by().values_list("pk", flat=True)[: SORTED_AT_MOST + 1])

    def page(self, places: Mapping[str, str]) -> Page:
        """One page of it, in its order; in that of the due times where it is too long for its own."""
        return page_of(self._sortable, self._order.fields, **places, take=found_first)

    def ordered(self) -> QuerySet[Ticket]:
        """All of it, in its order."""
        return self._sortable.order_by(*self._order.fields)

    def glance(self, places: Mapping[str, str]) -> Page:
        """The same page, of which only the places and the events of its tickets are read."""
        fields = {name.lstrip("-") for name in self._order.fields}
        return page_of(self._sortable.only("last_seq", "replayed_seq", *fields), self._order.fields, **places)

    @property
    def _sortable(self) -> QuerySet[Ticket]:
        """What is read to be put in order: by their ids the few tickets whose order no index knows."""
        return self.tickets() if self._order.indexed else Ticket.objects.filter(pk__in=self._all)

    @property
    def _order(self) -> Order:
        return BY_DUE if self.is_too_long else self.order


def found_first(tickets: QuerySet[Ticket], count: int) -> Sequence[ReadTicket]:
    """The first `count` tickets: found by what an index holds, and only then read."""
    return tickets_named(list(tickets.values_list("pk", flat=True)[:count]))


def tickets_named(ids: Sequence[UUID]) -> list[ReadTicket]:
    """These tickets with what their rows need, in this order."""
    read = {ticket.pk: ticket for ticket in read_tickets(ids)} if ids else {}
    return [read[pk] for pk in ids if pk in read]
