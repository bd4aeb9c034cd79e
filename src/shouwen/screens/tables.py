"""Tables as files: any table that is shown, as a workbook or as CSV. No cell of it is ever taken for a formula."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import IO, Any
from unicodedata import east_asian_width

import xlsxwriter
from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from shouwen.screens.taking import Taking

XLSX, CSV = "xlsx", "csv"
KINDS = (XLSX, CSV)
ASKED = "as"  # the part of an address that asks for the shown table as a file: ?as=xlsx
WHICH = "table"  # of a page with several tables: which of them a CSV file holds, counted from 1
ROWS_AT_MOST = 100_000
FORMULA_OPENERS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
LONGEST_CELL = 32_767  # what a workbook holds
LARGEST_NUMBER = 10**15  # beyond it a spreadsheet rounds
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
IN_MEMORY = 1 << 20
SAMPLE = 200  # rows whose texts say how wide the columns are
NARROWEST, WIDEST = 8, 60
CHOICES_UNTIL = 2_000  # rows below the headings that offer their choices


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and in a workbook to fill in what it means and which values it takes."""

    heading: str
    means: str = ""
    choices: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf of a workbook: its name, its columns (a heading alone will do) and its rows."""

    name: str
    columns: Sequence[Column | str]
    rows: Iterable[Sequence[Any]]


def kind_asked(request: HttpRequest) -> str:
    """As what kind of file the shown table is asked for; "" where a page is."""
    asked = request.GET.get(ASKED, "")
    return asked if asked in KINDS else ""


def table_response(
    name: str,
    columns: Sequence[Column | str],
    rows: Iterable[Sequence[Any]],
    taking: Taking,
    *,
    kind: str = XLSX,
    limit: int = ROWS_AT_MOST,
) -> FileResponse:
    """A table as a file to keep, which says who took it away, when, from where and how narrowed.

    Rows are taken one by one. Texts stay texts, dates are dates where the carrier is, and a table cut off says so.
    """
    return tables_response(name, [Leaf(name, columns, rows)], taking, kind=kind, limit=limit)


def which_asked(request: HttpRequest) -> int:
    """Which table of a page with several of them is asked for, counted from 1."""
    asked = request.GET.get(WHICH, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 3 else 1


def tables_response(
    name: str,
    leaves: Sequence[Leaf],
    taking: Taking,
    *,
    kind: str = XLSX,
    which: int = 1,
    limit: int = ROWS_AT_MOST,
) -> FileResponse:
    """Several tables: the leaves of one workbook; of CSV, which has no leaves, the one that was asked for."""
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 -- the answer closes it
    if kind == XLSX:
        _write_workbook(file, leaves, taking, limit=limit, about=name)
    else:
        one = leaves[which - 1] if 0 < which <= len(leaves) else leaves[0]
        name = name if len(leaves) == 1 else f"{name}-{one.name}"
        _write_csv(file, _columns(one.columns), one.rows, limit)
    return _to_keep(file, taking.named(name, kind), kind)


def workbook_to_fill_in(name: str, leaves: Iterable[Leaf], *, at: datetime) -> FileResponse:
    """A workbook nobody's data is in: named with its day, and silent about who fetched it."""
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 -- the answer closes it
    _write_workbook(file, leaves, Taking(at), limit=ROWS_AT_MOST)
    return _to_keep(file, f"{name}-{timezone.localtime(at):%Y-%m-%d}.{XLSX}", XLSX)


def no_formula(cell: str) -> str:
    """The cell as a spreadsheet may open it: what would be taken for a formula is quoted, as spreadsheets quote it."""
    return f"'{cell}" if cell.lstrip("'").startswith(FORMULA_OPENERS) else cell


def unquoted(cell: str) -> str:
    """The cell as it was before `no_formula`."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_OPENERS) else cell


def _to_keep(file: IO[bytes], filename: str, kind: str) -> FileResponse:
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=filename)
    answer["Content-Type"] = (
        "text/csv; charset=utf-8"
        if kind == CSV
        else "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer["Cache-Control"] = "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _columns(columns: Sequence[Column | str]) -> list[Column]:
    return [column if isinstance(column, Column) else Column(str(column)) for column in columns]


def _up_to(rows: Iterable[Sequence[Any]], limit: int) -> Iterator[Sequence[Any]]:
    """So many rows, and where there are more a last one that says so."""
    rows = iter(rows)
    yield from islice(rows, limit)
    if next(rows, None) is not None:
        says = _("Only the first {count} rows are here: narrow the list with its filters, and take the rest apart.")
        yield [says.format(count=limit)]


def _write_csv(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Any]], limit: int) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)  # type: ignore[arg-type]
    table = csv.writer(text)
    table.writerow([no_formula(_text(column.heading)) for column in columns])
    for row in _up_to(rows, limit):
        table.writerow([_csv_cell(value) for value in row])
    text.detach()


def _csv_cell(value: Any) -> str:
    value = _plain(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}" if value.second else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, str):
        return no_formula(value)
    return "" if value is None else str(value)  # a number below nought is no formula


def _write_workbook(file: IO[bytes], leaves: Iterable[Leaf], taking: Taking, *, limit: int, about: str = "") -> None:
    """The leaves, and after them one `about` the file, where it is to say something of itself."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"author": taking.by, "created": timezone.localtime(taking.at).replace(tzinfo=None)})
    formats, footer, counts = _Formats(book), _footer(taking), {}
    for leaf in leaves:
        sheet = book.add_worksheet(_leaf_name(leaf.name))
        counts[sheet.name] = _write_leaf(sheet, leaf, formats, limit, footer)
    if about:
        said = Leaf(_("About this file"), [_("About this file"), ""], taking.lines(about, counts))
        _write_leaf(book.add_worksheet(_leaf_name(said.name)), said, formats, ROWS_AT_MOST, footer)
    book.close()


class _Formats:
    """How the cells of a workbook look."""

    def __init__(self, book: Workbook) -> None:
        self.heading = book.add_format({"bold": True, "bg_color": "#E9EEF5", "bottom": 1, "quote_prefix": True})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.text = book.add_format({"num_format": "@"})
        # What a spreadsheet would take for a formula once somebody has been in the cell.
        self.quoted = book.add_format({"num_format": "@", "quote_prefix": True})


def _write_leaf(sheet: Worksheet, leaf: Leaf, formats: _Formats, limit: int, footer: str) -> int:
    """Writes a leaf; how many rows of its table are in it."""
    columns, rows = _columns(leaf.columns), _up_to(leaf.rows, limit)
    first = [[_plain(value) for value in row] for row in islice(rows, SAMPLE)]
    for number, column in enumerate(columns):
        sheet.set_column(number, number, _width(column.heading, [row[number] for row in first if len(row) > number]))
        if column.choices:
            _offer(sheet, number, column)
    for number, column in enumerate(columns):
        sheet.write_string(0, number, _text(column.heading), formats.heading)
        if column.means:
            sheet.write_comment(0, number, column.means, {"width": 280, "height": 110})
    last = 0
    for last, row in enumerate(chain(first, rows), start=1):
        for number, value in enumerate(row):
            _write_cell(sheet, last, number, _plain(value), formats)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(last, 1), max(len(columns) - 1, 0))
    _for_paper(sheet, footer)
    return min(last, limit)


def _for_paper(sheet: Worksheet, footer: str) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer(footer)


def _offer(sheet: Worksheet, number: int, column: Column) -> None:
    """A list to choose from; one too long for a cell's list is told by the column's meaning alone."""
    if sum(len(choice) + 1 for choice in column.choices) <= 255:
        rule = {"validate": "list", "source": [_text(choice) for choice in column.choices], "error_type": "warning"}
        sheet.data_validation(1, number, CHOICES_UNTIL, number, rule)


def _write_cell(sheet: Worksheet, row: int, number: int, value: Any, formats: _Formats) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, number, value, formats.moment)
    elif isinstance(value, date):
        sheet.write_datetime(row, number, datetime(value.year, value.month, value.day), formats.day)  # noqa: DTZ001
    elif isinstance(value, str):
        opens = value.startswith((*FORMULA_OPENERS, "'"))
        sheet.write_string(row, number, value, formats.quoted if opens else formats.text)
    else:
        sheet.write_number(row, number, value)


def _plain(value: Any) -> Any:
    """A value a cell can hold: text, a number, a day, or a moment as the clock on the carrier's wall shows it."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
        return value if value.year >= 1900 else value.isoformat(" ")
    if isinstance(value, date):
        return value if value.year >= 1900 else value.isoformat()
    if value is None:
        return None
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float | Decimal):
        return value if abs(value) < LARGEST_NUMBER else str(value)  # nor is "not a number" one
    return _text(value)


def _text(value: Any) -> str:
    """What a cell can hold of a text: no control characters, no halves of characters, and not without end."""
    text = UNFIT.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def _width(heading: str, values: Iterable[Any]) -> float:
    """As wide as its longest text, within reason; a Chinese character is two letters wide."""
    longest = max(_wide(heading) + 3, *(_wide(_csv_cell(value)) for value in values), NARROWEST)
    return min(longest + 1, WIDEST)


def _wide(text: str) -> int:
    line = text.partition("\n")[0][:WIDEST]
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in line)


def _leaf_name(name: str) -> str:
    """A leaf's name as spreadsheets allow it."""
    return "".join(one for one in _text(name) if one not in "[]:*?/\\'\n\t")[:31].strip() or "1"


def _footer(taking: Taking) -> str:
    taken = f"{taking.by} {timezone.localtime(taking.at):%Y-%m-%d %H:%M}".strip().replace("&", "&&")
    return f"&L{taken[:200]}&R&P / &N"
