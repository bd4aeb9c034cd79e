"""Spreadsheets as they come: workbooks, CSV or JSON lines, in the encodings people really use; read row by row."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from shouwen.screens.table_reading import Table, TableRefused, read_table
from shouwen.screens.tables import unquoted

CSV, JSONL, XLSX = "csv", "jsonl", "xlsx"
KINDS = {".xlsx": XLSX, ".csv": CSV, ".tsv": CSV, ".txt": CSV, ".jsonl": JSONL, ".ndjson": JSONL}
DELIMITERS = ",;\t|"
LONGEST_CELL = 1_000_000
SAMPLE = 500  # rows of JSON whose names are looked at before the first is taken
MOST_IN_A_WORKBOOK = 1_048_576
LOOK = 1 << 20  # bytes looked at together
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
CHINESE = "gb18030"


class SheetRefused(ValueError):
    """The file cannot be read as a whole; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands in the file, what its cells say, or why it cannot be read."""

    number: int
    cells: Mapping[str, str]
    problem: str = ""


@dataclass
class Sheet:
    """A file being read. `heading` are its columns: those of its first row, where rows name their own."""

    kind: str
    encoding: str
    size: int
    heading: Sequence[str]
    _raw: IO[bytes] = field(repr=False)
    _rows: Iterator[Row] = field(repr=False)

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def read(self) -> int:
        """How many bytes of the file have been read."""
        return self._raw.tell()


@contextmanager
def opened(path: Path, encoding: str = "") -> Iterator[Sheet]:
    """Open a file for reading row by row. Raises SheetRefused."""
    kind = kind_of(path)
    try:
        if kind == XLSX:
            with path.open("rb") as raw:
                yield _workbook(raw, path.stat().st_size)
            return
        found = encoding or encoding_of(path)
        codecs.lookup(found)
        with path.open("rb") as raw, _unpacked(raw, path) as binary:
            # A byte that is no character marks its row, not the file.
            text = io.TextIOWrapper(binary, encoding=found, errors="surrogateescape", newline="")
            heading, rows = _csv(text) if kind == CSV else _jsonl(text)
            yield Sheet(kind, found, path.stat().st_size, heading, raw, rows)
    except LookupError:
        raise SheetRefused(_("There is no encoding called “{name}”.").format(name=encoding)) from None
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SheetRefused(_("{path} cannot be read: {reason}.").format(path=path, reason=reason)) from None


def _workbook(raw: IO[bytes], size: int) -> Sheet:
    """The first leaf of a workbook that has headings and rows; its days and times as they are written."""
    try:
        table = read_table(raw, limit=MOST_IN_A_WORKBOOK)
    except TableRefused as refused:
        raise SheetRefused(str(refused)) from None
    return Sheet(XLSX, XLSX, size, list(table.headings), raw, _workbook_rows(table))


def _workbook_rows(table: Table) -> Iterator[Row]:
    try:
        for row in table.rows:
            yield Row(row.number, row.cells, row.problem)
    except TableRefused as refused:
        raise SheetRefused(str(refused)) from None


def kind_of(path: Path) -> str:
    """A workbook, CSV or JSON lines, by the name."""
    endings = [ending.lower() for ending in path.suffixes]
    if endings and endings[-1] == ".gz":
        endings.pop()
    if not endings or endings[-1] not in KINDS:
        raise SheetRefused(
            _("{path} is no workbook, CSV or JSON lines. Save it as .xlsx, .csv or .jsonl.").format(path=path)
        )
    return KINDS[endings[-1]]


def encoding_of(path: Path) -> str:
    """What the file is written in: its mark, else UTF-8 if all of it is, else GB 18030."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as raw, _unpacked(raw, path) as binary:
        part = binary.read(LOOK)
        for mark, name in MARKS.items():
            if part.startswith(mark):
                return name
        try:
            while part:
                decoder.decode(part)
                part = binary.read(LOOK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return CHINESE
    return "utf-8"


def _unpacked(raw: IO[bytes], path: Path) -> Any:
    return gzip.open(raw) if path.suffix.lower() == ".gz" else io.BufferedReader(raw)  # type: ignore[type-var]


def _csv(text: IO[str]) -> tuple[Sequence[str], Iterator[Row]]:
    csv.field_size_limit(LONGEST_CELL)
    first = text.readline()
    reader = csv.reader(chain([first], text), delimiter=_delimiter(first))
    heading = _told_apart(name.strip() for name in next(reader, []))
    if not any(heading):
        raise SheetRefused(_("The file is empty: its first row must name the columns."))
    return heading, _csv_rows(reader, heading)


def _told_apart(names: Iterable[str]) -> list[str]:
    """Two columns of one name are told apart by a number."""
    seen: Counter[str] = Counter()
    heading = []
    for name in names:
        seen[name] += 1
        heading.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    return heading


def _delimiter(line: str) -> str:
    """Whatever parts the names of the columns most often."""
    return max(DELIMITERS, key=line.count)


def _csv_rows(reader: Any, heading: Sequence[str]) -> Iterator[Row]:
    number = 1
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number, {}, _("This row cannot be read: {reason}.").format(reason=error))
            continue
        if any(cell.strip() for cell in cells):
            problem = _("This row has more cells than there are columns.") if len(cells) > len(heading) else ""
            named = dict(zip(heading, map(unquoted, cells), strict=False))
            beyond = {"": DELIMITERS[0].join(cells[len(heading) :])} if problem else {}
            yield _checked(Row(number, named | beyond, problem))


def _jsonl(text: IO[str]) -> tuple[Sequence[str], Iterator[Row]]:
    """Rows name their own values, and not all of them all: the first few hundred tell what there is."""
    rows = _jsonl_rows(text)
    first = list(islice(rows, SAMPLE))
    if not first:
        raise SheetRefused(_("The file is empty."))
    return list(dict.fromkeys(name for row in first for name in row.cells if name)), chain(first, rows)


def _jsonl_rows(text: IO[str]) -> Iterator[Row]:
    for number, line in enumerate(text, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            yield Row(number, {"": line.strip()}, _("This line is not JSON."))
            continue
        if isinstance(row, dict):
            yield _checked(Row(number, dict(_flat(row))))
        else:
            yield Row(number, {"": line.strip()}, _("This line is not an object with named values."))


def _flat(value: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Names of values inside values are joined by dots."""
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _flat(inner, f"{above}{name}.")
        else:
            yield f"{above}{name}", _as_text(inner)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(_as_text, value))
    return str(value)


def _checked(row: Row) -> Row:
    """A row with bytes that are no characters, or halves of characters, is not taken in."""
    try:
        "".join(row.cells.values()).encode()
    except UnicodeEncodeError:
        return Row(row.number, row.cells, row.problem or _("This row is in another encoding: name it with --encoding."))
    return row
