"""`shouwen calendar`: a month as a calendar counts it, day by day."""

from __future__ import annotations

import argparse
import re
import sys
from calendar import monthrange
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, NamedTuple

from shouwen.cli import holidays
from shouwen.cli.packs import add_pack, refused, speaking, write
from shouwen.cli.sentences import CannotRun, _, terminal_language
from shouwen.handbook.calendars import horizon
from shouwen.handbook.refusals import Refusal, gettext_noop
from shouwen.handbook.words import Words
from shouwen.handbook.working_time import WorkingCalendar

SHIPPED = "cn-telecom-2025"
Names = Mapping[date, Words]  # the holidays of a calendar's table


class Shown(NamedTuple):
    """A calendar, and what its holidays are called."""

    calendar: WorkingCalendar
    names: Names


class MonthUnreadable(Refusal):
    clause = "X3"
    says = gettext_noop("“{text}” is not a month. Write 2026-10.")


class NoSuchCalendar(Refusal):
    clause = "X3"
    says = gettext_noop("There is no calendar “{calendar}”. The calendars: {known}.")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", default="office", help=_("the calendar's name (office)"))
    parser.add_argument("--month", metavar="2026-10", help=_("which month; the present one by default"))
    add_pack(parser, default="", says=_("a pack's calendars instead of this desk's: its name or folder"))
    holidays.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help=_("as data"))


def run(args: argparse.Namespace) -> int:
    """Print the month, or what a notice changes; 2 and why, when there is none."""
    from shouwen.cli.connection import connected, holds_a_desk

    if not args.pack and not args.publish and not holds_a_desk(args.data_dir):
        args.pack = SHIPPED
        print(_("No desk here: the calendars of {pack}.").format(pack=SHIPPED), file=sys.stderr)
    if args.pack and args.publish:
        raise CannotRun(_("A notice is published at a desk, not in a pack: leave --pack out."))

    with ExitStack() as stack:
        if not args.pack:
            stack.enter_context(connected(args.data_dir))
        stack.enter_context(speaking())
        from shouwen.editions.holidays import BrokenNotice
        from shouwen.editions.reading import BrokenPack

        try:
            holidays.take_over(args) if args.notice else _show(args)
        except (Refusal, BrokenPack, BrokenNotice) as refusal:
            return refused(refusal, as_json=args.json, clause="X3")
    return 0


def _show(args: argparse.Namespace) -> None:
    year, month = _month(args.month)
    calendar, names = _shown(args)
    days = [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]
    write(as_data(calendar, names, days)) if args.json else _print(calendar, names, days)


def as_data(calendar: WorkingCalendar, names: Names, days: list[date]) -> dict[str, Any]:
    """The month as plain data: for each day whether it is worked, in which shifts, and why if it is an exception."""
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
                "name": {"zh": names[day].zh, "en": names[day].en} if day in names else None,
                "published": day <= calendar.published_until,
            }
            for day in days
        ],
    }


def _shown(args: argparse.Namespace) -> Shown:
    known = _of_pack(args.pack) if args.pack else _of_the_desk()
    if args.name not in known:
        raise NoSuchCalendar(calendar=args.name, known=", ".join(known))
    return known[args.name]()


def _of_pack(pack: str) -> Mapping[str, Callable[[], Shown]]:
    from shouwen.editions.holidays import named_days
    from shouwen.editions.pack import folder_of, open_calendars
    from shouwen.editions.working_days import calendar_of, names_a_table, table

    def shown(spec: Any) -> Shown:
        return Shown(calendar_of(spec), named_days(table(spec.days)) if names_a_table(spec.days) else {})

    return {name: partial(shown, spec) for name, spec in open_calendars(folder_of(pack)).items()}


def _of_the_desk() -> Mapping[str, Callable[[], Shown]]:
    from shouwen.editions.holidays import named_days
    from shouwen.editions.queries import holiday_rows, newest_calendars
    from shouwen.editions.working_days import names_a_table, working_calendar

    def shown(row: Any) -> Shown:
        days = row.content["days"]
        names = named_days(holiday_rows(days)) if names_a_table(days) else {}
        return Shown(working_calendar(row.name, row.content, row.id), names)

    return {name: partial(shown, row) for name, row in newest_calendars().items()}


def _month(text: str | None) -> tuple[int, int]:
    if text is None:
        today = date.today()  # noqa: DTZ011 -- what is on the wall
        return today.year, today.month
    written = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
    if written is None or written[1] == "0000":
        raise MonthUnreadable(text=text)
    return int(written[1]), int(written[2])


def _print(calendar: WorkingCalendar, names: Names, days: list[date]) -> None:
    """A wall calendar: a day off in brackets, an exception with a star, an unpublished day with a question mark."""
    worked = sum(map(calendar.is_working_day, days))
    print(
        f"{calendar.name} {calendar.version}  {days[0]:%Y-%m}  {calendar.zone.key}  "
        + _("working days:")
        + f" {worked}"
    )
    print(" ".join(f"{name:^5}" for name in holidays.WEEKDAYS[terminal_language()]))
    cells = [" " * 5] * days[0].weekday() + [_cell(calendar, day) for day in days]
    for week in range(0, len(cells), 7):
        print(" ".join(cells[week : week + 7]).rstrip())
    shifts = sorted({" ".join(map(str, calendar.shifts_on(day))) for day in days if calendar.is_working_day(day)})
    print(_("(12) day off   * other than the week's pattern   ? not published yet") + f"   {'; '.join(shifts)}")
    for day in days:
        if day in names:
            print(f"  {day:%m-%d}  {names[day].en if terminal_language() == 'en' else names[day].zh}")
    ends = horizon(calendar, datetime.now(UTC))
    if ends and ends.ends_soon:
        says = _("Published until {day}, {count} days from now; what is due later is provisional. The next year:")
        print(says.format(day=ends.last_day, count=ends.days_left), "shouwen calendar --notice FILE")


def _cell(calendar: WorkingCalendar, day: date) -> str:
    number = f"{day.day}" if calendar.is_working_day(day) else f"({day.day})"
    mark = "?" if day > calendar.published_until else "*" if day in calendar.exceptions else ""
    return f"{number + mark:^5}"
