"""What is known of customers, from a table: looked at row by row, and written down by the hundred once confirmed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from shouwen.customers.facts import FactRefused, NewFact, check_fact, end_facts, facts_known_of, keep_facts_of_many
from shouwen.customers.facts import masked as masked_text
from shouwen.customers.models import Customer, CustomerFact
from shouwen.customers.queries import identity_index
from shouwen.handbook.authority import Actor
from shouwen.intake.checking import plausible_phone
from shouwen.intake.headings import KNOWN_FIELDS, heading_for, plain_heading
from shouwen.intake.moments import NotAMoment, moment_in
from shouwen.language.masking import mask
from shouwen.screens.table_reading import Table, TableRefused, TableRow
from shouwen.screens.tables import Column, Leaf
from shouwen.screens.templatetags.spoken import refusal_text
from shouwen.tickets.queries import visible_to
from shouwen.vault.sealing import Kind

ROWS_AT_MOST = 20_000
BATCH = 500
REASONS_SHOWN, FACTS_SHOWN = 100, 10
TELLING = (CustomerFact.SERVICE, CustomerFact.DEVICE, CustomerFact.BILL, CustomerFact.CARE, CustomerFact.REMARK)
LANGUAGES = ("zh-hans", "en")
_MADE_A_NUMBER = re.compile(r"(\d{7,})\.0+")  # a telephone number that a spreadsheet took for an amount
Key = tuple[UUID, str, str]  # whose, what kind, in which words


class Became(StrEnum):
    """What became of a row, or would become."""

    NEW = "new"
    RENEWED = "renewed"  # it was known, and is known again as of a later day
    THERE = "there"
    STRANGER = "stranger"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a table does not say of itself, because all of it has one source and one day."""

    source: str = ""
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says of one customer; or, where something is wrong with it, what and in which columns."""

    row: TableRow
    index: bytes | None = None
    who: str = ""
    facts: Sequence[NewFact] = ()
    wrong: Sequence[str] = ()


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
        self.table, self.defaults, self.by, self.everybody, self.at = table, defaults, by, everybody, at
        self.cares = {plain_heading(words): code for words, code in cares.items()}
        self.today = timezone.localdate(at)
        self.columns = _columns(table.headings)
        self.met: dict[Key, tuple[UUID | None, date]] = {}  # where nothing is written: the rows before
        if not {"phone", "account"} & self.columns.keys():
            says = _("No column says whose it is: name one “{phone}” or “{account}”.")
            raise TableRefused(says.format(phone=_heading("phone"), account=_heading("account")))
        if not self.columns.keys() & set(TELLING):
            says = _("No column says what is known: name one {headings}.")
            raise TableRefused(says.format(headings=_(", ").join(f"“{_heading(name)}”" for name in TELLING)))

    def found(self, *, write: bool = False) -> Found:
        """What the table would do; with `write`, what it did."""
        language = "en" if _heading("phone").isascii() else "zh"
        named = [(" + ".join(names), KNOWN_FIELDS[name][0].spoken(language)) for name, names in self.columns.items()]
        recognised = {name for names in self.columns.values() for name in names} | _words_of_a_report()
        found = Found(named, [name for name in self.table.headings if name not in recognised])
        for outcome in self.outcomes(found, write=write):
            found.counted[outcome.became] += 1
            if outcome.reason and len(found.stays_out) < REASONS_SHOWN:
                found.stays_out.append((outcome.row.place(), outcome.reason))
        return found

    def outcomes(self, found: Found, *, write: bool = False) -> Iterator[Outcome]:
        """What becomes of each row, batch by batch; what has been answered has been written."""
        while batch := list(islice(self.table.rows, BATCH)):
            said = [self.said(row) for row in batch]
            with transaction.atomic():
                answers = self._take(said, found, write=write)
            yield from answers

    def said(self, row: TableRow) -> Said:
        """What a row says, with everything that is wrong with it at once, by column."""
        if row.problem:
            return Said(row, wrong=[row.problem])
        wrong: list[str] = []
        index, who = self._whose(row, wrong)
        source, as_of = self._cell(row, "source") or self.defaults.source, self._day(row, wrong)
        facts = []
        for kind in TELLING:
            for heading in self.columns.get(kind, ()):
                if row[heading]:
                    fact = NewFact(kind, self._words(kind, row[heading]), source, as_of or self.today)
                    facts += self._fact(row, heading, fact, wrong)
        if not wrong and not facts:
            wrong.append(_("It says nothing of them: fill in one of {headings}.").format(headings=self._telling()))
        return Said(row, index, who, facts, list(dict.fromkeys(wrong)))

    def _take(self, said: Sequence[Said], found: Found, *, write: bool) -> list[Outcome]:
        customers = self._customers({one.index for one in said if one.index and not one.wrong}, lock=write)
        known = facts_known_of(customers.values()) | ({} if write else self.met)
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
            keep_facts_of_many(kept, by=self.by.ref, today=self.today, at=self.at)
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

    def _whose(self, row: TableRow, wrong: list[str]) -> tuple[bytes | None, str]:
        phone = _MADE_A_NUMBER.sub(r"\1", self._cell(row, "phone"))
        account = _MADE_A_NUMBER.sub(r"\1", self._cell(row, "account"))
        if phone and not plausible_phone(phone):
            wrong.append(self._at(row, "phone", _("This is no phone number that can be dialled. Put it right.")))
            return None, ""
        if not phone and not account:
            named = "phone" if "phone" in self.columns else "account"
            wrong.append(self._at(row, named, _("Nothing says whose this is. Fill it in.")))
            return None, ""
        kind = Kind.PHONE if phone else Kind.ACCOUNT
        return identity_index(phone=phone, account=account), mask(kind, phone or account)

    def _day(self, row: TableRow, wrong: list[str]) -> date | None:
        text = self._cell(row, "as_of")
        if not text and self.defaults.as_of:
            return self.defaults.as_of
        if not text:
            wrong.append(self._at(row, "as_of", _("Say as of which day, here or above for the whole table.")))
            return None
        try:
            return timezone.localdate(moment_in(text, (), timezone.get_default_timezone()))
        except NotAMoment as not_one:
            wrong.append(self._at(row, "as_of", str(not_one)))
            return None

    def _words(self, kind: str, text: str) -> str:
        return self.cares.get(plain_heading(text), text) if kind == CustomerFact.CARE else text

    def _fact(self, row: TableRow, heading: str, fact: NewFact, wrong: list[str]) -> list[NewFact]:
        try:
            check_fact(fact, self.today)
        except FactRefused as refused:
            about = {"NoSource": "source", "KnownAhead": "as_of"}.get(type(refused).__name__, "")
            place = self._at(row, about, refusal_text(refused)) if about else _at(row, heading, refusal_text(refused))
            wrong.append(place)
            return []
        return [fact]

    def _cell(self, row: TableRow, name: str) -> str:
        return next((row[heading] for heading in self.columns.get(name, ()) if row[heading]), "")

    def _at(self, row: TableRow, name: str, sentence: str) -> str:
        heading = next(iter(self.columns.get(name, ())), "")
        return _at(row, heading or _heading(name), sentence)

    def _telling(self) -> str:
        return _(", ").join(f"“{heading}”" for kind in TELLING for heading in self.columns.get(kind, ()))


def template(cares: Sequence[str]) -> list[Leaf]:
    """A workbook to fill in, a row a customer; an invented row stands on a leaf of its own, which is not read."""
    columns = [
        Column(_heading(name), words.spoken(get_language() or ""), cares if name == CustomerFact.CARE else ())
        for name, (words, _headings) in KNOWN_FIELDS.items()
    ]
    said = {
        "phone": "19900000000",
        "service": _("an invented package, 129 a month"),
        "device": _("an invented router"),
        "source": _("billing system"),
        "as_of": date(2026, 3, 1),
    }
    return [
        Leaf(_("What is known"), columns, []),
        Leaf(_("Example"), columns, [[said.get(name, "") for name in KNOWN_FIELDS]]),
        Leaf(_("What may be written"), [_("Column"), _("Write")], [[_heading("care"), one] for one in cares]),
    ]


def report(table: KnownTable) -> tuple[list[str], list[list[str]]]:
    """The rows that stay out with their reasons, to be mended and sent again."""
    headings = list(table.table.headings)
    own = _words_of_a_report()
    kept = [name for name in headings if name not in own]
    rows = [
        [str(outcome.row.number), outcome.reason, *(outcome.row[name] for name in kept)]
        for outcome in table.outcomes(Found([], []))
        if outcome.reason
    ]
    return [_("row"), _("reason"), *kept], rows


def _columns(headings: Iterable[str]) -> dict[str, list[str]]:
    """Which columns mean what, by their headings in either language."""
    names = {plain_heading(name): name_of for name_of, (_w, said) in KNOWN_FIELDS.items() for name in said.split()}
    columns: dict[str, list[str]] = {}
    for heading in headings:
        if name := names.get(plain_heading(heading)):
            columns.setdefault(name, []).append(heading)
    return columns


def _heading(name: str) -> str:
    return heading_for(name, KNOWN_FIELDS)


def _words_of_a_report() -> set[str]:
    """The columns a report has added itself, whichever language it was made in."""
    words: set[str] = set()
    for language in LANGUAGES:
        with override(language):
            words |= {_("row"), _("reason")}
    return words


def _at(row: TableRow, heading: str, sentence: str) -> str:
    column = row.columns.get(heading, "")
    return f"{column} “{heading}”: {sentence}" if column else f"“{heading}”: {sentence}"


def _as_kept(fact: NewFact) -> NewFact:
    return NewFact(fact.kind, masked_text(fact.text), masked_text(fact.source), fact.as_of)


def _reason(one: Said, became: Became) -> str:
    if became is Became.STRANGER:
        return _("Nobody with this number has complained here, as far as you may see: nothing is kept of anybody else.")
    return " ".join(one.wrong)
