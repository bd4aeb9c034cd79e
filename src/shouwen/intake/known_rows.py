"""What the rows of a table say of customers: whose it is and what is known, or what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from shouwen.customers.facts import FactRefused, NewFact, check_fact
from shouwen.customers.models import CustomerFact
from shouwen.customers.queries import identity_index
from shouwen.intake.checking import plausible_phone
from shouwen.intake.headings import KNOWN_FIELDS, heading_for, plain_heading
from shouwen.intake.moments import NotAMoment, moment_in
from shouwen.language.masking import mask
from shouwen.screens.table_reading import Table, TableRefused, TableRow
from shouwen.screens.tables import Column, Leaf
from shouwen.screens.templatetags.spoken import refusal_text
from shouwen.vault.sealing import Kind

TELLING = (CustomerFact.SERVICE, CustomerFact.DEVICE, CustomerFact.BILL, CustomerFact.CARE, CustomerFact.REMARK)
LANGUAGES = ("zh-hans", "en")
_MADE_A_NUMBER = re.compile(r"(\d{7,})\.0+")  # a telephone number that a spreadsheet took for an amount


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


class KnownRows:
    """The rows of a table of what is known of customers, read on one day. Raises TableRefused."""

    def __init__(self, table: Table, defaults: Defaults, cares: Mapping[str, str], *, at: datetime) -> None:
        """`cares` are codes by what people call them."""
        self.table, self.defaults = table, defaults
        self.cares = {plain_heading(words): code for words, code in cares.items()}
        self.today = timezone.localdate(at)
        self.columns = _columns(table.headings)
        if not {"phone", "account"} & self.columns.keys():
            says = _("No column says whose it is: name one “{phone}” or “{account}”.")
            raise TableRefused(says.format(phone=_heading("phone"), account=_heading("account")))
        if not self.columns.keys() & set(TELLING):
            says = _("No column says what is known: name one {headings}.")
            raise TableRefused(says.format(headings=_(", ").join(f"“{_heading(name)}”" for name in TELLING)))

    def meaning(self) -> list[tuple[str, str]]:
        """What the columns are taken for, in the reader's language."""
        language = "en" if _heading("phone").isascii() else "zh"
        return [(" + ".join(names), KNOWN_FIELDS[name][0].spoken(language)) for name, names in self.columns.items()]

    def unused(self) -> list[str]:
        """The columns nothing is read from."""
        recognised = {name for names in self.columns.values() for name in names} | words_of_a_report()
        return [name for name in self.table.headings if name not in recognised]

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


def words_of_a_report() -> set[str]:
    """The columns a report has added itself, whichever language it was made in."""
    words: set[str] = set()
    for language in LANGUAGES:
        with override(language):
            words |= {_("row"), _("reason")}
    return words


def _at(row: TableRow, heading: str, sentence: str) -> str:
    column = row.columns.get(heading, "")
    return f"{column} “{heading}”: {sentence}" if column else f"“{heading}”: {sentence}"
