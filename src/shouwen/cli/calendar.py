"""`shouwen calendar`: a month as a calendar counts it, day by day."""

from __future__ import annotations

import argparse
import re
from calendar import monthrange
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from typing import Any

from shouwen.cli.packs import add_pack, refused, speaking, write
from shouwen.cli.sentences import _, terminal_language
from shouwen.handbook.refusals import Refusal, gettext_noop
from shouwen.handbook.targets import NATURAL
from shouwen.handbook.working_time import WorkingCalendar

DAYS = {"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "zh_Hans": tuple("一二三四五六日")}


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
    parser.add_argument("--json", action="store_true", help=_("as data"))


def run(args: argparse.Namespace) -> int:
    """Print the month; 2 and why, when there is none."""
    from shouwen.cli.connection import connected

    with ExitStack() as stack:
        if not args.pack:
            stack.enter_context(connected(args.data_dir))
        stack.enter_context(speaking())
        from shouwen.editions.reading import BrokenPack

        try:
            year, month = _month(args.month)
            calendar = _calendar(args)
        except (Refusal, BrokenPack) as refusal:
            return refused(refusal, as_json=args.json)
        days = [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]
        write(as_data(calendar, days)) if args.json else _print(calendar, days)
    return 0


def as_data(calendar: WorkingCalendar, days: list[date]) -> dict[str, Any]:
    """The month as plain data: for each day whether it is worked, in which shifts, and whether it is an exception."""
    return {
        "calendar": calendar.name,
        "version": calendar.version,
        "zone": calendar.zone.key,
        "published_until": None if calendar.published_until == date.max else calendar.published_until,
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


def _cell(calendar: WorkingCalendar, day: date) -> str:
    number = f"{day.day}" if calendar.is_working_day(day) else f"({day.day})"
    mark = "?" if day > calendar.published_until else "*" if day in calendar.exceptions else ""
    return f"{number + mark:^5}"
