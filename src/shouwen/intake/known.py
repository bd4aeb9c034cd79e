"""What is known of customers, from a table: looked at row by row, and written down by the hundred once confirmed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwen.customers.facts import NewFact, end_facts, facts_known_of, keep_facts_of_many
from shouwen.customers.facts import masked as masked_text
from shouwen.customers.models import Customer
from shouwen.handbook.authority import Actor
from shouwen.intake.known_rows import Defaults, KnownRows, Said, words_of_a_report
from shouwen.screens.table_reading import Table, TableRow
from shouwen.tickets.queries import visible_to

ROWS_AT_MOST = 20_000
BATCH = 500
REASONS_SHOWN, FACTS_SHOWN = 100, 10
Key = tuple[UUID, str, str]  # whose, what kind, in which words


class Became(StrEnum):
    """What became of a row, or would become."""

    NEW = "new"
    RENEWED = "renewed"  # it was known, and is known again as of a later day
    THERE = "there"
    STRANGER = "stranger"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row and what became of it, with the reason where it stays out."""

    row: TableRow
    became: Became
    reason: str = ""


@dataclass
class Found:
    """What a table says of customers, and what became of its rows or would become."""

    meaning: list[tuple[str, str]]
    unused: list[str]
    counted: Counter[Became] = field(default_factory=Counter)
    facts: int = 0
    shown: list[tuple[str, str, NewFact]] = field(default_factory=list)
    stays_out: list[tuple[str, str]] = field(default_factory=list)

    @property
    def fit(self) -> int:
        return self.counted[Became.NEW] + self.counted[Became.RENEWED]

    @property
    def left_out(self) -> int:
        return self.counted[Became.REFUSED] + self.counted[Became.STRANGER]


class KnownTable:
    """A table of what is known of customers, read for one actor at one moment. Raises TableRefused."""

    def __init__(
        self, table: Table, defaults: Defaults, cares: Mapping[str, str], *, by: Actor, everybody: bool, at: datetime
    ) -> None:
        """`cares` are codes by what people call them; `everybody` for who writes of customers out of their sight."""
        self.rows = KnownRows(table, defaults, cares, at=at)
        self.table, self.by, self.everybody, self.at = table, by, everybody, at
        self.met: dict[Key, tuple[UUID | None, date]] = {}  # where nothing is written: the rows before
        self.opened: dict[str, str] = {}  # words by token: sealed words are opened once, not with every batch

    def found(self, *, write: bool = False) -> Found:
        """What the table would do; with `write`, what it did."""
        found = Found(self.rows.meaning(), self.rows.unused())
        for outcome in self.outcomes(found, write=write):
            found.counted[outcome.became] += 1
            if outcome.reason and len(found.stays_out) < REASONS_SHOWN:
                found.stays_out.append((outcome.row.place(), outcome.reason))
        return found

    def outcomes(self, found: Found, *, write: bool = False) -> Iterator[Outcome]:
        """What becomes of each row, batch by batch; what has been answered has been written."""
        while batch := list(islice(self.table.rows, BATCH)):
            said = [self.rows.said(row) for row in batch]
            with transaction.atomic():
                answers = self._take(said, found, write=write)
            yield from answers

    def _take(self, said: Sequence[Said], found: Found, *, write: bool) -> list[Outcome]:
        customers = self._customers({one.index for one in said if one.index and not one.wrong}, lock=write)
        known = facts_known_of(customers.values(), opened=self.opened) | ({} if write else self.met)
        planned: dict[Key, NewFact] = {}
        ended: set[UUID] = set()
        outcomes = []
        for one in said:
            customer = customers.get(one.index or b"")
            became = self._became(one, customer, known, planned, ended)
            if became in (Became.NEW, Became.RENEWED) and len(found.shown) < FACTS_SHOWN:
                found.shown += [(one.row.place(), one.who, _as_kept(fact)) for fact in one.facts]
            outcomes.append(Outcome(one.row, became, _reason(one, became)))
        found.facts += len(planned)
        if write:
            end_facts(ended, by=self.by.ref, at=self.at)
            kept = [(customer_id, fact) for (customer_id, _kind, _text), fact in planned.items()]
            keep_facts_of_many(kept, by=self.by.ref, today=self.rows.today, at=self.at)
        self.met |= {key: (None, fact.as_of) for key, fact in planned.items()}
        return outcomes

    def _became(
        self,
        one: Said,
        customer: UUID | None,
        known: dict[Key, tuple[UUID | None, date]],
        planned: dict[Key, NewFact],
        ended: set[UUID],
    ) -> Became:
        """What becomes of a row; what it adds is planned, and what that takes the place of is ended."""
        if one.wrong:
            return Became.REFUSED
        if customer is None:
            return Became.STRANGER
        became = Became.THERE
        for fact in one.facts:
            key = (customer, fact.kind, masked_text(fact.text))
            before, as_of = known.get(key, (None, date.min))
            if as_of >= fact.as_of:
                continue
            if as_of == date.min:
                became = Became.NEW
            elif became is Became.THERE:
                became = Became.RENEWED
            known[key], planned[key] = (before, fact.as_of), fact
            ended |= {before} if before else set()
        return became

    def _customers(self, indexes: set[bytes], *, lock: bool) -> dict[bytes, UUID]:
        """The customers with these numbers whom the actor may write of: one query, or two."""
        rows = Customer.objects.filter(identity_index__in=indexes).order_by("pk")
        if lock:  # two who send the same table at once write it once
            rows = rows.select_for_update(no_key=True)
        found = {bytes(index): pk for index, pk in rows.values_list("identity_index", "pk")}
        if self.everybody or not found:
            return found
        seen = set(visible_to(self.by).filter(customer__in=list(found.values())).values_list("customer", flat=True))
        return {index: pk for index, pk in found.items() if pk in seen}


def report(table: KnownTable) -> tuple[list[str], list[list[str]]]:
    """The rows that stay out with their reasons, to be mended and sent again."""
    headings = list(table.table.headings)
    own = words_of_a_report()
    kept = [name for name in headings if name not in own]
    rows = [
        [str(outcome.row.number), outcome.reason, *(outcome.row[name] for name in kept)]
        for outcome in table.outcomes(Found([], []))
        if outcome.reason
    ]
    return [_("row"), _("reason"), *kept], rows


def _as_kept(fact: NewFact) -> NewFact:
    return NewFact(fact.kind, masked_text(fact.text), masked_text(fact.source), fact.as_of)


def _reason(one: Said, became: Became) -> str:
    if became is Became.STRANGER:
        return _("Nobody with this number has complained here, as far as you may see: nothing is kept of anybody else.")
    return " ".join(one.wrong)
