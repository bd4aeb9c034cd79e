"""`shouwen calendar --notice`: a year of holidays, read from its notice, compared, and published if asked."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shouwen.cli.packs import write
from shouwen.cli.sentences import CannotRun, _, terminal_language
from shouwen.handbook.refusals import Refusal, gettext_noop

WEEKDAYS = {"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "zh_Hans": tuple("一二三四五六日")}


class NoSuchTable(Refusal):
    clause = "X3"
    says = gettext_noop("No calendar keeps the table of holidays “{table}”. The tables: {known}.")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    notice = parser.add_argument_group(_("a year of holidays"))
    notice.add_argument("--notice", metavar=_("FILE"), type=Path, help=_("a CSV typed from the notice: date,kind,name"))
    notice.add_argument("--table", metavar="cn", help=_("whose holidays, where calendars keep several tables"))
    notice.add_argument("--publish", action="store_true", help=_("put it in force; without it, only look"))
    notice.add_argument("--confirm", action="store_true", help=_("it is right although it changes what was published"))
    notice.add_argument("--by", default="carrier", help=_("who publishes it, as the desk will show"))


def take_over(args: argparse.Namespace) -> None:
    """Say what a notice changes; with --publish, change it."""
    from shouwen.editions.holidays import compared, read_notice

    table = _table(args)
    known = _known_rows(table, args)
    try:
        data = args.notice.read_bytes()
    except OSError as error:
        raise CannotRun(f"{args.notice}: {error.strerror}") from None
    notice = read_notice(data, table, known, file=args.notice.name)
    comparison = compared(notice, known)
    published = _published(notice, args) if args.publish else []
    if args.json:
        write(_comparison_as_data(comparison) | {"published": published})
    else:
        _print_comparison(comparison)
        _print_published(published, args)


def _table(args: argparse.Namespace) -> str:
    """The table that is meant; where all calendars keep the same one, that. Raises NoSuchTable."""
    known = _tables_of_pack(args.pack) if args.pack else _tables_of_the_desk()
    if args.table in known:
        return str(args.table)
    if args.table or len(known) != 1:
        raise NoSuchTable(table=args.table or "", known=", ".join(known))
    return known[0]


def _tables_of_pack(pack: str) -> list[str]:
    from shouwen.editions.pack import folder_of, open_calendars
    from shouwen.editions.working_days import names_a_table

    specs = open_calendars(folder_of(pack)).values()
    return sorted({str(spec.days) for spec in specs if names_a_table(spec.days)})


def _tables_of_the_desk() -> list[str]:
    from shouwen.editions.queries import tables_in_use

    return tables_in_use()


def _known_rows(table: str, args: argparse.Namespace) -> Any:
    """The table of holidays as it was shipped, or as this desk knows it."""
    if args.pack:
        from shouwen.editions.working_days import table as shipped

        return shipped(table)
    from shouwen.editions.queries import holiday_rows

    return holiday_rows(table)


def _published(notice: Any, args: argparse.Namespace) -> list[str]:
    from shouwen.editions.actions import publish_holidays

    versions = publish_holidays(notice, args.by, at=datetime.now(UTC), confirmed=args.confirm)
    return [version.id for version in versions]


def _comparison_as_data(comparison: Any) -> dict[str, Any]:
    return {
        "table": comparison.notice.table,
        "year": comparison.notice.year,
        "known": comparison.known,
        "doubts": [str(doubt) for doubt in comparison.doubts],
        "differences": [
            {"date": one.day, "works": one.works, "zh": one.name.zh, "en": one.name.en}
            for one in comparison.differences
        ],
    }


def _print_comparison(comparison: Any) -> None:
    before = _("published before") if comparison.known else _("not published before")
    print(f"{comparison.notice.table} {comparison.notice.year}: {before}")
    for one in comparison.differences:
        weekday = WEEKDAYS[terminal_language()][one.day.weekday()]
        name = one.name.en if terminal_language() == "en" else one.name.zh
        works = _("is worked") if one.works else _("is off")
        print(f"  {one.day} {weekday}  {works}  {name}")
    print(_("{count} days change.").format(count=len(comparison.differences)))
    for doubt in comparison.doubts:
        print(_("warning"), "", doubt)


def _print_published(published: list[str], args: argparse.Namespace) -> None:
    if published:
        says = _("Published: {versions}. What is still running settles by itself.")
        print(says.format(versions=", ".join(published)))
    elif args.publish:
        print(_("It says what was published before: nothing has been changed."))
    else:
        print(_("Nothing has been changed. Put it in force with --publish."))
