"""`shouwen import FILE`: move a spreadsheet in, as finished history or as open work. Safe to run twice."""

from __future__ import annotations

import argparse
import csv
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shouwen.cli.sentences import CannotRun, _, terminal_language

if TYPE_CHECKING:
    from shouwen.handbook.authority import Actor
    from shouwen.intake.importing import Import, Outcome
    from shouwen.intake.mappings import ColumnMapping
    from shouwen.intake.sheets import Sheet

SOME_STAYED_OUT = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", nargs="?", type=Path, metavar=_("FILE"), help=_(".xlsx, .csv or .jsonl, the last two also .gz")
    )
    parser.add_argument(
        "--map", type=Path, metavar=_("FILE"), help=_("what the columns mean; by their names if left out")
    )
    parser.add_argument("--map-template", action="store_true", help=_("print a mapping to fill in, and stop"))
    parser.add_argument(
        "--as",
        dest="as_",
        choices=("history", "open"),
        default="history",
        help=_("finished cases, which fire no clock and no message (default), or open work"),
    )
    parser.add_argument("--dry-run", action="store_true", help=_("say what would happen, and write nothing"))
    parser.add_argument(
        "--report", type=Path, metavar=_("FILE"), help=_("where rows that stay out are written, with the reason")
    )
    parser.add_argument("--by", metavar=_("NAME"), help=_("in whose name; the system's if left out"))
    parser.add_argument("--name", metavar=_("NAME"), help=_("what the source is called: numbers are unique within it"))
    parser.add_argument("--channel", help=_("how they came in, where no column says so"))
    parser.add_argument("--category", help=_("what they are about, where no column says so"))
    parser.add_argument("--zone", help=_("on whose clocks its times are, for example Asia/Shanghai"))
    parser.add_argument("--encoding", help=_("what it is written in; found out if left out"))


def run(args: argparse.Namespace) -> int:
    """0 when every row is in, 3 when some stayed out; the report has them."""
    from django.utils import translation

    with translation.override("zh-hans" if terminal_language() == "zh_Hans" else "en"):
        return _print_template(args) if args.map_template else _import(args)


def _import(args: argparse.Namespace) -> int:
    with _opened(args) as sheet:
        _refuse_report_without_a_place(_report_path(args), args.file)
        mapping = _mapping(args, sheet)
        work = _work(args, mapping, sheet)
        _say_what_columns_mean(mapping, sheet)
        began = time.perf_counter()
        tally = _take(work, sheet, _report_path(args))
        took = time.perf_counter() - began
    stayed_out = tally["refused"] + tally["changed"]
    _say_what_became(tally, took, dry_run=args.dry_run)
    if stayed_out:
        print(_("Rows that stayed out, each with its reason: {path}").format(path=_report_path(args)))
    return SOME_STAYED_OUT if stayed_out else 0


def _print_template(args: argparse.Namespace) -> int:
    from shouwen.intake.mappings import ColumnMapping, template, told_by_names

    language = "zh" if terminal_language() == "zh_Hans" else "en"
    if args.file is None:
        print(template(ColumnMapping(), (), language), end="")
        return 0
    with _opened(args) as sheet:
        print(template(told_by_names(sheet.heading), sheet.heading, language), end="")
    return 0


@contextmanager
def _opened(args: argparse.Namespace) -> Iterator[Sheet]:
    from shouwen.intake.sheets import SheetRefused, opened

    if args.file is None:
        raise CannotRun(_("Name the file to import."))
    try:
        with opened(args.file, args.encoding or "") as sheet:
            yield sheet
    except SheetRefused as refused:
        raise CannotRun(str(refused)) from None


def _mapping(args: argparse.Namespace, sheet: Sheet) -> ColumnMapping:
    """What the columns mean: as the file says, or by their names; the command line beats both."""
    from shouwen.intake.mappings import MappingRefused, read_mapping, told_by_names, with_defaults

    try:
        mapping = read_mapping(args.map) if args.map else told_by_names(sheet.heading)
    except MappingRefused as refused:
        raise CannotRun(str(refused)) from None
    given = {"channel": args.channel or "", "category": args.category or "", "zone": args.zone or ""}
    return with_defaults(mapping, name=args.name or "", stem=args.file.name.partition(".")[0], **given)


def _work(args: argparse.Namespace, mapping: ColumnMapping, sheet: Sheet) -> Import:
    """The import, ready to take rows: rules and names are read, and everything that does not fit is said now."""
    from shouwen.editions.queries import NoEdition, current_edition
    from shouwen.intake.drafting import Drafting
    from shouwen.intake.importing import Import
    from shouwen.intake.mappings import MappingRefused, check_mapping

    now = datetime.now(UTC)
    try:
        rules = current_edition(now)
        check_mapping(mapping, rules, sheet.heading)
        drafting = Drafting(mapping, rules, as_history=args.as_ == "history", by=_actor(args.by), now=now)
    except (NoEdition, MappingRefused) as refused:
        raise CannotRun(str(refused)) from None
    return Import(drafting, mapping, rules, now, dry_run=args.dry_run)


def _actor(name: str | None) -> Actor:
    from shouwen.handbook.authority import SYSTEM
    from shouwen.people.models import Person
    from shouwen.people.queries import actor_for

    if not name:
        return SYSTEM
    person = Person.objects.filter(username=name, is_active=True).first()
    if person is None:
        raise CannotRun(_("Nobody here signs in as {name}.").format(name=name))
    return actor_for(person)


def _take(work: Import, sheet: Sheet, report: Path) -> Counter[str]:
    """Take every row, count what became of it, and write down what stayed out."""
    from django.db import OperationalError

    tally: Counter[str] = Counter()
    with Report(report, sheet) as stayed_out, _progress(sheet) as advance:
        try:
            for outcomes in work.take(sheet):
                tally.update(str(outcome.became) for outcome in outcomes)
                stayed_out.add(outcomes)
                advance(sum(tally.values()))
        except OperationalError as error:
            reason = str(error).strip().partition("\n")[0]
            raise CannotRun(
                _("The database stopped answering: {reason}. {count} rows are in; run the same command again.").format(
                    reason=reason, count=sum(tally.values())
                )
            ) from None
    return tally


class Report:
    """The rows that stayed out, as a table that a spreadsheet opens. Made when there is one, for its owner alone."""

    def __init__(self, path: Path, sheet: Sheet) -> None:
        self._path, self._heading, self._file, self._writer = path, list(sheet.heading), None, None

    def __enter__(self) -> Report:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._file:
            self._file.close()

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Write down those among the outcomes that stayed out."""
        from shouwen.screens.tables import no_formula

        for outcome in outcomes:
            if outcome.reason:
                cells = outcome.row.cells
                beyond = [cells[name] for name in cells.keys() - set(self._heading)]
                said = [outcome.reason, *(cells.get(name, "") for name in self._heading), *beyond]
                self._table().writerow([outcome.row.number, *map(no_formula, said)])

    def _table(self) -> Any:
        if self._writer is None:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._file = open(descriptor, "w", encoding="utf-8-sig", errors="backslashreplace", newline="")  # noqa: SIM115
            self._writer = csv.writer(self._file)
            self._writer.writerow([_("row"), _("reason"), *self._heading])
        return self._writer


def _report_path(args: argparse.Namespace) -> Path:
    """By default beside whoever runs the command, named after the file."""
    return args.report or Path(f"{args.file.name.partition('.')[0]}-stayed-out.csv")


def _refuse_report_without_a_place(path: Path, file: Path) -> None:
    """Say so before anything is written, not when the first row has stayed out."""
    taken = path.is_dir() or (path.exists() and path.samefile(file))
    if taken or not os.access(path.parent, os.W_OK):
        raise CannotRun(_("{path} cannot be written: choose another place with --report.").format(path=path))


@contextmanager
def _progress(sheet: Sheet) -> Iterator[Callable[[int], None]]:
    """A bar by the bytes read; nothing where nobody is watching."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[rows]}"), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=sheet.size or 1, rows="")

        def advance(rows: int) -> None:
            bar.update(task, completed=sheet.read(), rows=_("{count} rows").format(count=rows))

        yield advance


def _say_what_columns_mean(mapping: ColumnMapping, sheet: Sheet) -> None:
    print(_("{encoding}, columns:").format(encoding=sheet.encoding))
    for field, columns in mapping.columns.items():
        print(f"  {field:<16} ← {' + '.join(columns)}")
    for field, value in mapping.always.items():
        print(f"  {field:<16} = {value}")
    for rule, half in mapping.clocks.items():
        print(f"  {rule:<16} ← {' + '.join([*half.due_at, half.spent_minutes]).strip(' +')}")
    unused = [name for name in sheet.heading if name and name not in mapping.named_columns()]
    if unused:
        print(_("  not used: {columns}").format(columns=", ".join(unused)))


def _say_what_became(tally: Counter[str], took: float, *, dry_run: bool) -> None:
    rows = sum(tally.values())
    print(_("{rows} rows in {seconds:.1f} s").format(rows=rows, seconds=took), end="")
    print("" if dry_run else _(" · {speed:.0f} rows/s").format(speed=rows / took if took else 0))
    says = {
        "taken_in": _("would be taken in") if dry_run else _("taken in"),
        "already_there": _("there already"),
        "changed": _("there already, and changed since"),
        "refused": _("refused"),
    }
    for became, words in says.items():
        print(f"  {tally[became]:>8}  {words}")
