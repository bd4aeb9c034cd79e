"""Reading a table somebody sends: a workbook or CSV, row by row; what is wrong is told by sheet, row and column."""

from __future__ import annotations

import csv
import io
import math
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import chain, islice
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from shouwen.screens.tables import ROWS_AT_MOST, unquoted

OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
WORKBOOK = b"PK\x03\x04"
LARGEST_UNPACKED = 500_000_000
MOST_COLUMNS = 200
HEADING_WITHIN = 20  # rows above the headings, as a title is, are passed over
DELIMITERS = ",;\t|"
ERRORS = ("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!")
BROKEN = (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, ParseError, OSError)
Cells = Sequence[Any]


class TableRefused(ValueError):
    """The file cannot be read as a whole; the message says what to do."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its leaf, its number as the spreadsheet shows it, and what its cells say by their headings."""

    sheet: str
    number: int
    cells: Mapping[str, str]
    problem: str = ""
    columns: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)  # heading -> B

    def __getitem__(self, heading: str) -> str:
        return self.cells.get(heading, "")

    def place(self, heading: str = "") -> str:
        """Where something stands: sheet, row, and column if it is about one."""
        named = {"sheet": self.sheet, "row": self.number, "heading": heading, "column": self.columns.get(heading, "")}
        if not heading:
            said = _("Sheet “{sheet}”, row {row}") if self.sheet else _("Row {row}")
        elif self.sheet:
            said = _("Sheet “{sheet}”, row {row}, column {column} “{heading}”")
        else:
            said = _("Row {row}, column “{heading}”")
        return said.format_map(named)


@dataclass(frozen=True, slots=True)
class Table:
    """A table being read: the name of its leaf ("" in CSV), its headings and its rows, once."""

    sheet: str
    headings: Sequence[str]
    rows: Iterator[TableRow]


def read_table(
    file: IO[bytes],
    *,
    needs: Iterable[str] = (),
    fits: Callable[[Table], bool] | None = None,
    limit: int = ROWS_AT_MOST,
) -> Table:
    """The table in a file, by its content: of a workbook the first leaf that has the headings it `needs`.

    Where several kinds of table are welcome, `fits` knows them: then it is the one of them that has rows. Raises
    TableRefused, at once or when a row beyond `limit` is read.
    """
    file.seek(0)
    opening = file.read(8)
    file.seek(0)
    if not opening:
        raise TableRefused(_("The file is empty."))
    if opening.startswith(OLD_WORKBOOK):
        raise TableRefused(
            _("This is a workbook of the old kind, or one with a password. Save it as .xlsx without one.")
        )
    read = _workbook if opening.startswith(WORKBOOK) else _csv
    tables = [table for table in read(file, limit) if table.headings]
    return _filled(tables, fits) if fits and len(tables) > 1 else _fitting(tables, frozenset(needs))


def _workbook(file: IO[bytes], limit: int) -> list[Table]:
    try:
        with zipfile.ZipFile(file) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
                raise TableRefused(_("This workbook unpacks to more than a workbook holds."))
        file.seek(0)
        book = load_workbook(file, read_only=True, data_only=True)
        return [_leaf(sheet, limit) for sheet in book.worksheets if sheet.sheet_state == "visible"]
    except BROKEN as error:
        raise _damaged(error) from error


def _leaf(sheet: Any, limit: int) -> Table:
    sheet.reset_dimensions()  # what a workbook says of its size is not always so
    return _table(sheet.title, enumerate(_leaf_rows(sheet), start=1), limit, _cell)


def _leaf_rows(sheet: Any) -> Iterator[Cells]:
    """A leaf is unpacked and parsed while it is read."""
    try:
        for row in sheet.iter_rows(values_only=True):
            yield row[:MOST_COLUMNS]
    except BROKEN as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> TableRefused:
    if isinstance(error, TableRefused):
        return error
    return TableRefused(_("This file cannot be read as a workbook. Save it anew as .xlsx."))


def _csv(file: IO[bytes], limit: int) -> list[Table]:
    text = _decoded(file.read())
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text.partition("\n")[0]))
    return [_table("", _numbered(rows), limit, unquoted)]


def _numbered(rows: Any) -> Iterator[tuple[int, Cells]]:
    """The rows with the line each begins at."""
    line = 1
    try:
        for row in rows:
            yield line, row[:MOST_COLUMNS]
            line = rows.line_num + 1
    except csv.Error as error:
        raise TableRefused(_("Row {row} cannot be read: {reason}.").format(row=line, reason=error)) from error


def _fitting(tables: Sequence[Table], needs: frozenset[str]) -> Table:
    """The first table with all the headings; a refusal names those that the nearest one lacks."""
    if not tables:
        raise TableRefused(_("The file has no row with headings."))
    best = min(tables, key=lambda table: len(needs.difference(table.headings)))
    if missing := [heading for heading in needs if heading not in best.headings]:
        says = _("The columns {missing} are missing; the file has {there}. The headings stand in its first row.")
        raise TableRefused(says.format(missing=_listed(sorted(missing)), there=_listed(best.headings)))
    return best


def _filled(tables: Sequence[Table], fits: Callable[[Table], bool]) -> Table:
    """The one welcome leaf with rows; where several have some, nobody knows which is meant."""
    opened = [(table, next(table.rows, None)) for table in tables if fits(table)]
    filled = [(table, first) for table, first in opened if first is not None]
    if len(filled) > 1:
        names = _listed([table.sheet for table, _first in filled])
        raise TableRefused(_("Several sheets are filled in ({names}): send one of them at a time.").format(names=names))
    if not filled:
        return tables[0]
    table, first = filled[0]
    return Table(table.sheet, table.headings, chain([first], table.rows))


def _table(sheet: str, rows: Iterable[tuple[int, Cells]], limit: int, cell: Callable[[Any], str]) -> Table:
    rows = iter(rows)
    headings = _headings(rows, cell)
    return Table(sheet, [name for name in headings if name], _rows(sheet, headings, rows, limit, cell))


def _headings(rows: Iterator[tuple[int, Cells]], cell: Callable[[Any], str]) -> list[str]:
    """The first row with more than a title in it; without one there are no headings."""
    for _number, row in islice(rows, HEADING_WITHIN):
        names = [cell(value).strip() for value in row]
        if sum(map(bool, names)) > 1:
            return _once_each(names)
    return []


def _once_each(names: Sequence[str]) -> list[str]:
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        raise TableRefused(_("The column “{heading}” is there twice.").format(heading=twice[0]))
    return list(names)


def _rows(
    sheet: str, headings: Sequence[str], rows: Iterable[tuple[int, Cells]], limit: int, cell: Callable[[Any], str]
) -> Iterator[TableRow]:
    letters = {name: get_column_letter(at) for at, name in enumerate(headings, start=1) if name}
    taken = 0
    for number, row in rows:
        said = [cell(value).strip() for value in row]
        if not any(said):
            continue
        if (taken := taken + 1) > limit:
            raise TableRefused(_("The file has more than {count} rows: part it.").format(count=limit))
        cells = {name: value for name, value in zip(headings, said, strict=False) if name}
        found = TableRow(sheet, number, cells, columns=letters)
        yield TableRow(sheet, number, cells, _problem_of(found, said[len(headings) :]), letters)


def _problem_of(row: TableRow, beyond: Sequence[str]) -> str:
    if any(beyond):
        return _("{place}: it has more cells than there are columns.").format(place=row.place())
    broken = next((name for name, value in row.cells.items() if value in ERRORS), "")
    if broken:
        return _("{place}: its formula has no value.").format(place=row.place(broken))
    garbled = next((name for name, value in row.cells.items() if "\ufffd" in value), "")
    return _("{place}: characters are broken.").format(place=row.place(garbled)) if garbled else ""


def _cell(value: Any) -> str:
    """What a cell of a workbook says: days and moments as they are written, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        exact = "seconds" if value.second else "minutes"
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", exact)
    if isinstance(value, date | time):
        return value.isoformat() if isinstance(value, date) else value.isoformat("minutes")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return str(int(value))
    return str(value)


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("gb18030", "replace")


def _delimiter(line: str) -> str:
    """Whatever parts the headings most often."""
    return max(DELIMITERS, key=line.count)


def _listed(names: Iterable[str]) -> str:
    return _(", ").join(f"“{name}”" for name in names)
