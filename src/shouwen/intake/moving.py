"""Moving spreadsheets in at the desk: a workbook to fill in, what a table would do, and taking it in."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shouwen.editions.edition import Edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import Stage
from shouwen.intake.drafting import Drafting
from shouwen.intake.headings import FIELDS, heading_for
from shouwen.intake.importing import Became, Import, Outcome
from shouwen.intake.mappings import ColumnMapping, check_mapping, told_by_names, with_defaults
from shouwen.intake.sheets import Sheet, SheetRefused, opened
from shouwen.screens.tables import Column, Leaf
from shouwen.screens.templatetags.spoken import stage_name

ROWS_AT_MOST = 20_000
REASONS_SHOWN = 100
NEEDED = ("received_at", "text", "category")
IN_TEMPLATE = [
    "key",
    "received_at",
    "text",
    "category",
    "phone",
    "name",
    "account",
    "region",
    "channel",
    "severity",
    "customer_level",
    "requested",
    "stage",
    "team",
    "handler",
    "owner",
]
SEVERAL_RULES = {"category": "categories", "region": "regions"}  # too many for a list in a cell: on a leaf of their own


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants done with a table."""

    file: UploadedFile
    as_history: bool
    category: str = ""
    channel: str = ""


@dataclass
class Found:
    """What a table says, and what became of its rows or would become."""

    digest: str
    meaning: list[tuple[str, str]]
    unused: list[str]
    counted: Counter[Became] = field(default_factory=Counter)
    refused: list[tuple[int, str]] = field(default_factory=list)

    @property
    def fit(self) -> int:
        return self.counted[Became.TAKEN_IN]

    @property
    def stayed_out(self) -> int:
        return self.counted[Became.REFUSED] + self.counted[Became.CHANGED]


def template(rules: Edition) -> list[Leaf]:
    """A workbook to fill in: the table, an example of it, and what may be written."""
    columns = list(_columns(rules))
    return [
        Leaf(_("Complaints"), columns, []),
        Leaf(_("Example"), columns, [_example(rules, finished) for finished in (True, False)]),
        Leaf(_("What may be written"), [_("Column"), _("Write"), _("Meaning")], _vocabulary(rules)),
    ]


def look(asked: Asked, rules: Edition, *, by: Actor, at: datetime, take_in: bool = False) -> Found:
    """What a table would do, or, where it is to be taken in, what it did. Raises SheetRefused or MappingRefused."""
    with _sheet(asked) as (sheet, digest):
        mapping = _mapping(asked, sheet)
        check_mapping(mapping, rules, sheet.heading)
        found = Found(
            digest, _meaning(mapping), [one for one in sheet.heading if one and one not in mapping.named_columns()]
        )
        drafting = Drafting(mapping, rules, as_history=asked.as_history, by=by, now=at)
        work = Import(drafting, mapping, rules, at, dry_run=not take_in)
        for outcomes in work.take(_at_most(sheet)):
            _count(found, outcomes)
    return found


def stayed_out(asked: Asked, rules: Edition, *, by: Actor, at: datetime) -> tuple[list[str], Iterator[list[str]]]:
    """The rows that stay out, each with its number and the reason, to be mended and sent again."""
    with _sheet(asked) as (sheet, _digest):
        mapping = _mapping(asked, sheet)
        check_mapping(mapping, rules, sheet.heading)
        drafting = Drafting(mapping, rules, as_history=asked.as_history, by=by, now=at)
        work = Import(drafting, mapping, rules, at, dry_run=True)
        rows = [
            [str(outcome.row.number), outcome.reason, *(outcome.row.cells.get(name, "") for name in sheet.heading)]
            for outcomes in work.take(_at_most(sheet))
            for outcome in outcomes
            if outcome.reason
        ]
        return [_("row"), _("reason"), *sheet.heading], iter(rows)


def _count(found: Found, outcomes: Iterable[Outcome]) -> None:
    for outcome in outcomes:
        found.counted[outcome.became] += 1
        if outcome.reason and len(found.refused) < REASONS_SHOWN:
            found.refused.append((outcome.row.number, outcome.reason))


def _at_most(sheet: Sheet) -> Iterator[Any]:
    for count, row in enumerate(sheet):
        if count >= ROWS_AT_MOST:
            says = _("The file has more than {count} rows: part it, or let whoever runs the server use shouwen import.")
            raise SheetRefused(says.format(count=ROWS_AT_MOST))
        yield row


@contextmanager
def _sheet(asked: Asked) -> Iterator[tuple[Sheet, str]]:
    """The file, read from a place only this process can read and that is gone afterwards."""
    digest = hashlib.sha256()
    descriptor, name = tempfile.mkstemp(suffix=Path(asked.file.name or "").suffix.lower() or ".csv")
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as copy:
            asked.file.seek(0)
            for part in asked.file.chunks():
                digest.update(part)
                copy.write(part)
        with opened(path) as sheet:
            yield sheet, digest.hexdigest()
    except SheetRefused as refused:
        raise SheetRefused(str(refused).replace(name, asked.file.name or "")) from None
    finally:
        path.unlink(missing_ok=True)


def _mapping(asked: Asked, sheet: Sheet) -> ColumnMapping:
    stem = Path(asked.file.name or "").name.partition(".")[0]
    return with_defaults(
        told_by_names(sheet.heading), name="", stem=stem, zone="", category=asked.category, channel=asked.channel
    )


def _meaning(mapping: ColumnMapping) -> list[tuple[str, str]]:
    language = "en" if (get_language() or "").startswith("en") else "zh"
    known = [(" + ".join(columns), _words(name, language)) for name, columns in mapping.columns.items()]
    return [*known, *((f"= {value}", _words(name, language)) for name, value in mapping.always.items())]


def _words(name: str, language: str) -> str:
    return FIELDS[name][0].spoken(language) if name in FIELDS else name


def _columns(rules: Edition) -> Iterator[Column]:
    language = get_language() or ""
    for name in IN_TEMPLATE:
        words, _headings = FIELDS[name]
        needed = _("Needed.") if name in NEEDED else ""
        choices = () if name in SEVERAL_RULES else tuple(written for written, _meaning in _choices(name, rules))
        yield Column(heading_for(name), f"{words.spoken(language)} {needed}".strip(), choices)


def _choices(name: str, rules: Edition) -> list[tuple[str, str]]:
    """What may be written in a column, and what it means."""
    if name == "stage":
        return [(stage_name(stage), "") for stage in (Stage.RECEIVED, Stage.INVESTIGATING, Stage.TOLD, Stage.ARCHIVED)]
    language, terms = get_language() or "", _terms(name, rules)
    return [(term.words.spoken(language), code) for code, term in terms.items()]


def _terms(name: str, rules: Edition) -> Mapping[str, Any]:
    return {
        "category": rules.categories.nodes,
        "region": rules.regions,
        "channel": rules.channels,
        "severity": rules.severities,
        "customer_level": rules.customer_levels,
    }.get(name, {})


def _vocabulary(rules: Edition) -> list[list[str]]:
    return [[heading_for(name), written, meaning] for name in IN_TEMPLATE for written, meaning in _choices(name, rules)]


def _example(rules: Edition, finished: bool) -> list[Any]:
    """A row that nobody takes for a real one."""
    said = {
        "key": _("EXAMPLE-1") if finished else _("EXAMPLE-2"),
        "received_at": "2026-03-02 09:30",
        "text": _("An invented complaint, to show how a row looks."),
        "category": next(written for written, code in _choices("category", rules) if code.count(".") >= 1),
        "phone": "19900000000",
        "name": _("Invented"),
        "stage": stage_name(Stage.ARCHIVED if finished else Stage.RECEIVED),
    }
    return [said.get(name, "") for name in IN_TEMPLATE]
