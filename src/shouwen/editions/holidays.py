"""A year of holidays as somebody typed it from the authority's notice: read, doubted, compared with what is known.

The form is a CSV with the columns `date`, `kind` (off, or on for a make-up day) and `name`, in English or in Chinese,
as a text editor or a spreadsheet saves it. A notice is of one year; the last days of the December before may stand in
it, because a New Year holiday may begin there.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from shouwen.editions.reading import Problem
from shouwen.handbook.refusals import Refusal, gettext_noop
from shouwen.handbook.words import Words

Row = Mapping[str, str]  # date, kind, holiday_zh, holiday_en, year: a row of a table of holidays

OFF, ON = "off", "on"
LONGEST = 100_000  # bytes
COLUMNS = {"日期": "date", "类型": "kind", "安排": "kind", "名称": "name", "节日": "name", "英文名称": "name_en"}
KINDS = {"off": OFF, "休": OFF, "放假": OFF, "休息": OFF, "on": ON, "班": ON, "上班": ON}
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_SATURDAY = 5


class BrokenNotice(ValueError):
    """A notice that cannot be taken over, with every problem found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class YearsMissing(Refusal):
    clause = "X3"
    says = gettext_noop("“{table}” is known until {known}; the notice for {next} comes before the one for {year}.")


class ConfirmationNeeded(Refusal):
    clause = "X3"
    says = gettext_noop(
        "The notice for {year} changes days that have been published, or looks odd: confirm that it is right."
    )


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notice says about a year of a table of holidays."""

    table: str
    year: int
    rows: tuple[Row, ...]
    doubts: tuple[Problem, ...]  # what may be a slip of the pen


@dataclass(frozen=True, slots=True)
class Difference:
    """A day that is worked from now on and was not, or the other way round; `name` is the holiday it belongs to."""

    day: date
    works: bool
    name: Words


@dataclass(frozen=True, slots=True)
class Comparison:
    """A notice beside what is known of its year."""

    notice: Notice
    known: bool  # whether the year has been published before
    differences: tuple[Difference, ...]
    doubts: tuple[Problem, ...]

    @property
    def asks(self) -> bool:
        """True when somebody must say that it is right: it changes what is published, or looks odd."""
        return bool(self.doubts or (self.known and self.differences))


def read_notice(data: bytes, table: str, known: Sequence[Row], *, file: str = "notice.csv") -> Notice:
    """The notice in a CSV file; the rows `known` of its table tell how holidays are called. Raises BrokenNotice."""
    problems: list[Problem] = []
    days: dict[date, tuple[int, str, Words]] = {}
    names = _names_in(known)
    for line, fields in _lines(data, file):
        day, kind = _day_of(fields), KINDS.get(fields.get("kind", "").strip().lower())
        if day is None:
            problems.append(_wrong(file, line, _("“{text}” is not a date: write 2027-02-06"), fields.get("date", "")))
        elif kind is None:
            problems.append(_wrong(file, line, _("“{text}” is neither off nor on"), fields.get("kind", "")))
        elif day in days:
            problems.append(_wrong(file, line, _("{text} is given twice"), day))
        else:
            days[day] = line, kind, _words(fields, names)
    year = max(days, default=date.min).year
    problems += [
        _wrong(file, line, _("{text} is not of {year}, the year of the notice"), day, year=year)
        for day, (line, _kind, _name) in days.items()
        if day.year != year and (day.year, day.month) != (year - 1, 12)
    ]
    if not days and not problems:
        problems.append(Problem(file, 0, "", _("it has no days in it")))
    if problems:
        raise BrokenNotice(problems)
    rows = tuple(_row(day, kind, name, year) for day, (_line, kind, name) in sorted(days.items()))
    return Notice(table, year, rows, tuple(_doubts(days, file)))


def compared(notice: Notice, known: Sequence[Row]) -> Comparison:
    """The notice beside the rows its table has so far. Raises YearsMissing for one that would leave a year out."""
    years = {int(row["year"]) for row in known}
    last = max(years, default=notice.year - 1)
    if notice.year > last + 1:
        raise YearsMissing(table=notice.table, known=last, next=last + 1, year=notice.year)
    before, after = _days(known), _days(with_year(known, notice))
    differences = tuple(
        Difference(day, _works(day, after), _name(after.get(day) or before[day]))
        for day in sorted(before.keys() | after.keys())
        if _works(day, before) != _works(day, after)
    )
    return Comparison(notice, notice.year in years, differences, (*notice.doubts, *_too_few(notice, known)))


def with_year(known: Iterable[Row], notice: Notice) -> list[Row]:
    """The rows of a table once this notice holds."""
    return sorted(
        [*(row for row in known if int(row["year"]) != notice.year), *notice.rows], key=lambda row: row["date"]
    )


def named_days(rows: Iterable[Row]) -> dict[date, Words]:
    """What each day of a table belongs to."""
    return {date.fromisoformat(row["date"]): _name(row) for row in rows}


def _lines(data: bytes, file: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines with their columns by name. Raises BrokenNotice for what is no table with these columns."""
    if len(data) > LONGEST:
        raise BrokenNotice([Problem(file, 0, "", _("the file is too long"))])
    rows = csv.reader(io.StringIO(text_of(data, file)), delimiter=",")
    try:
        heads = [COLUMNS.get(head.strip(), head.strip().lower()) for head in next(rows, [])]
        if missing := {"date", "kind"} - set(heads):
            says = _("the first line names the columns: date,kind,name; “{name}” is missing")
            raise BrokenNotice([Problem(file, 1, "", says.format(name=min(missing)))])
        for fields in rows:
            if any(field.strip() for field in fields):
                yield rows.line_num, dict(zip(heads, fields, strict=False))
    except csv.Error:
        raise BrokenNotice([Problem(file, rows.line_num, "", _("this is not CSV"))]) from None


def text_of(data: bytes, file: str = "") -> str:
    """What stands in a file, saved by a text editor or by a Chinese spreadsheet. Raises BrokenNotice."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BrokenNotice([Problem(file, 0, "", _("it cannot be read as UTF-8 text"))])


def _day_of(fields: Mapping[str, str]) -> date | None:
    written = _DATE.fullmatch(fields.get("date", "").strip())
    try:
        return date(*map(int, written.groups())) if written else None
    except ValueError:
        return None


def _names_in(known: Iterable[Row]) -> dict[str, Words]:
    return {name: _name(row) for row in known for name in (row["holiday_zh"], row["holiday_en"])}


def _words(fields: Mapping[str, str], names: Mapping[str, Words]) -> Words:
    """A holiday's name in both languages, where it has been known before or is given in both."""
    zh, en = fields.get("name", "").strip()[:40], fields.get("name_en", "").strip()[:40]
    return Words(zh or en, en) if en else names.get(zh, Words(zh, zh))


def _row(day: date, kind: str, name: Words, year: int) -> Row:
    return {
        "date": day.isoformat(),
        "kind": kind,
        "holiday_zh": name.zh,
        "holiday_en": name.en,
        "year": str(year),
    }


def _wrong(file: str, line: int, says: str, text: object, **blanks: object) -> Problem:
    return Problem(file, line, "", says.format(text=str(text)[:40], **blanks))


def _doubts(days: Mapping[date, tuple[int, str, Words]], file: str) -> Iterator[Problem]:
    for day, (line, kind, _name) in days.items():
        if kind == ON and day.weekday() < _SATURDAY:
            yield _wrong(file, line, _("{text} is a make-up day on a weekday"), day)


def _too_few(notice: Notice, known: Sequence[Row]) -> Iterator[Problem]:
    """A notice with much fewer days off than the year before was perhaps not typed to its end."""
    before = sum(_weekday_off(row) for row in known if int(row["year"]) == notice.year - 1)
    now = sum(map(_weekday_off, notice.rows))
    if now * 2 < before:
        says = _("{now} weekdays off, where the year before had {before}: is anything missing?")
        yield Problem("", 0, "", says.format(now=now, before=before))


def _weekday_off(row: Row) -> bool:
    return row["kind"] == OFF and date.fromisoformat(row["date"]).weekday() < _SATURDAY


def _days(rows: Iterable[Row]) -> dict[date, Row]:
    return {date.fromisoformat(row["date"]): row for row in rows}


def _works(day: date, rows: Mapping[date, Row]) -> bool:
    row = rows.get(day)
    return day.weekday() < _SATURDAY if row is None else row["kind"] == ON


def _name(row: Row) -> Words:
    return Words(row["holiday_zh"], row["holiday_en"])
