"""`shouwen calendar`: a month as a calendar counts it, day by day; and a year of holidays read from its notice."""

from __future__ import annotations

import argparse
import re
from calendar import monthrange
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from shouwen.cli.packs import add_pack, refused, speaking, write
from shouwen.cli.sentences import CannotRun, _, terminal_language
from shouwen.handbook.calendars import horizon
from shouwen.handbook.refusals import Refusal, gettext_noop
from shouwen.handbook.targets import NATURAL
from shouwen.handbook.working_time import WorkingCalendar

DAYS = {"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "zh_Hans": tuple("一二三四五六日")}


class MonthUnreadable(Refusal):
    clause = "X3"
    says = gettext_noop("“{text}” is not a month. Write 2026-10.")


class NoSuchTable(Refusal):
    clause = "X3"
    says = gettext_noop("There is no table of holidays “{table}”. The tables: {known}.")


class NoSuchCalendar(Refusal):
    clause = "X3"
    says = gettext_noop("There is no calendar “{calendar}”. The calendars: {known}.")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", default="office", help=_("the calendar's name (office)"))
    parser.add_argument("--month", metavar="2026-10", help=_("which month; the present one by default"))
    add_pack(parser, default="", says=_("a pack's calendars instead of this desk's: its name or folder"))
    notice = parser.add_argument_group(_("a year of holidays"))
    notice.add_argument("--notice", metavar=_("FILE"), type=Path, help=_("a CSV typed from the notice: date,kind,name"))
    notice.add_argument("--table", metavar="cn", default="cn", help=_("whose holidays (cn)"))
    notice.add_argument("--publish", action="store_true", help=_("put it in force; without it, only look"))
    notice.add_argument("--confirm", action="store_true", help=_("it is right although it changes what was published"))
    notice.add_argument("--by", default="carrier", help=_("who publishes it, as the desk will show"))
    parser.add_argument("--json", action="store_true", help=_("as data"))


def run(args: argparse.Namespace) -> int:
    """Print the month, or what a notice changes; 2 and why, when there is none."""
    from shouwen.cli.connection import connected

    if args.pack and args.publish:
        raise CannotRun(_("A notice is published at a desk, not in a pack: leave --pack out."))

    with ExitStack() as stack:
        if not args.pack:
            stack.enter_context(connected(args.data_dir))
        stack.enter_context(speaking())
        from shouwen.editions.holidays import BrokenNotice
        from shouwen.editions.reading import BrokenPack

        try:
            _take_over(args) if args.notice else _show(args)
        except (Refusal, BrokenPack, BrokenNotice) as refusal:
            return refused(refusal, as_json=args.json)
    return 0


def _show(args: argparse.Namespace) -> None:
    year, month = _month(args.month)
    calendar = _calendar(args)
    days = [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]
    write(as_data(calendar, days)) if args.json else _print(calendar, days)


def _take_over(args: argparse.Namespace) -> None:
    """Say what a notice changes; with --publish, change it."""
    from shouwen.editions.holidays import compared, read_notice

    known = _known_rows(args)
    try:
        data = args.notice.read_bytes()
    except OSError as error:
        raise CannotRun(f"{args.notice}: {error.strerror}") from None
    notice = read_notice(data, args.table, known, file=args.notice.name)
    comparison = compared(notice, known)
    published = _published(notice, args) if args.publish else []
    if args.json:
        write(_comparison_as_data(comparison) | {"published": published})
    else:
        _print_comparison(comparison)
        _print_published(published, args)


def _known_rows(args: argparse.Namespace) -> Any:
    """The table of holidays as it was shipped, or as this desk knows it."""
    from shouwen.editions.working_days import table, tables

    if args.table not in tables():
        raise NoSuchTable(table=args.table, known=", ".join(tables()))
    if args.pack:
        return table(args.table)
    from shouwen.editions.queries import holiday_rows

    return holiday_rows(args.table)


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
        weekday = DAYS[terminal_language()][one.day.weekday()]
        name = one.name.en if terminal_language() == "en" else one.name.zh
        works = _("is worked") if one.works else _("is off")
        print(f"  {one.day} {weekday}  {works}  {name}")
    print(_("{count} days change.").format(count=len(comparison.differences)))
    for doubt in comparison.doubts:
        print(f"{_('warning')}  {doubt}")


def _print_published(published: list[str], args: argparse.Namespace) -> None:
    if published:
        says = _("Published: {versions}. What is still running settles by itself.")
        print(says.format(versions=", ".join(published)))
    elif args.publish:
        print(_("It says what was published before: nothing has been changed."))
    else:
        print(_("Nothing has been changed. Put it in force with --publish."))


def as_data(calendar: WorkingCalendar, days: list[date]) -> dict[str, Any]:
    """The month as plain data: for each day whether it is worked, in which shifts, and whether it is an exception."""
    ends = horizon(calendar, datetime.now(UTC))
    return {
        "calendar": calendar.name,
        "version": calendar.version,
        "zone": calendar.zone.key,
        "published_until": None if calendar.published_until == date.max else calendar.published_until,
        "days_left": ends and ends.days_left,
        "ends_soon": bool(ends and ends.ends_soon),
        "working_days": sum(map(calendar.is_working_day, days)),
        "days": [
            {
                "date": day,
                "working": calendar.is_working_day(day),
                "shifts": [str(shift) for shift in calendar.shifts_on(day)],
                "exception": day in calendar.exceptions,
                "published": day <= calendar.published_until,
            }
            for day in days
        ],
    }


def _calendar(args: argparse.Namespace) -> WorkingCalendar:
    known = _of_pack(args.pack) if args.pack else _of_the_desk()
    if args.name not in known:
        raise NoSuchCalendar(calendar=args.name, known=", ".join(known))
    return known[args.name]


def _of_pack(pack: str) -> Mapping[str, WorkingCalendar]:
    from shouwen.editions.pack import folder_of, open_calendars
    from shouwen.editions.working_days import calendar_of

    return {name: calendar_of(spec) for name, spec in open_calendars(folder_of(pack)).items()}


def _of_the_desk() -> Mapping[str, WorkingCalendar]:
    from shouwen.editions.queries import calendars_now

    calendars = calendars_now()
    return {name: calendars[name] for name in calendars if name != NATURAL}


def _month(text: str | None) -> tuple[int, int]:
    if text is None:
        today = date.today()  # noqa: DTZ011 -- what is on the wall
        return today.year, today.month
    written = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
    if written is None or written[1] == "0000":
        raise MonthUnreadable(text=text)
    return int(written[1]), int(written[2])


def _print(calendar: WorkingCalendar, days: list[date]) -> None:
    """A wall calendar: a day off in brackets, an exception with a star, an unpublished day with a question mark."""
    worked = sum(map(calendar.is_working_day, days))
    print(
        f"{calendar.name} {calendar.version}  {days[0]:%Y-%m}  {calendar.zone.key}  "
        + _("working days:")
        + f" {worked}"
    )
    print(" ".join(f"{name:^5}" for name in DAYS[terminal_language()]))
    cells = [" " * 5] * days[0].weekday() + [_cell(calendar, day) for day in days]
    for week in range(0, len(cells), 7):
        print(" ".join(cells[week : week + 7]).rstrip())
    shifts = sorted({" ".join(map(str, calendar.shifts_on(day))) for day in days if calendar.is_working_day(day)})
    print(_("(12) day off   * other than the week's pattern   ? not published yet") + f"   {'; '.join(shifts)}")
    ends = horizon(calendar, datetime.now(UTC))
    if ends and ends.ends_soon:
        says = _("Published until {day}, {count} days from now; what is due later is provisional. The next year:")
        print(says.format(day=ends.last_day, count=ends.days_left), "shouwen calendar --notice FILE")


def _cell(calendar: WorkingCalendar, day: date) -> str:
    number = f"{day.day}" if calendar.is_working_day(day) else f"({day.day})"
    mark = "?" if day > calendar.published_until else "*" if day in calendar.exceptions else ""
    return f"{number + mark:^5}"
