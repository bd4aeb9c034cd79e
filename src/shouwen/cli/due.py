"""`shouwen due`: when something is due, under which convention, and every stretch of time that leads there."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any, NamedTuple

from shouwen.cli.packs import add_pack, refused, speaking, write
from shouwen.cli.sentences import _, terminal_language
from shouwen.handbook.ledgers import stretches
from shouwen.handbook.reckoning import Pause, reckon
from shouwen.handbook.refusals import Refusal, gettext_noop
from shouwen.handbook.targets import CONVENTIONS, NATURAL, Duration, Kind, TargetRule
from shouwen.handbook.words import Source, Words
from shouwen.handbook.working_time import Calendar, NaturalTime, WorkingCalendar

STATED = "stated"  # the reason of a pause on the command line


class MomentUnreadable(Refusal):
    clause = "X3"
    says = gettext_noop("“{text}” is not a moment. Write 2026-11-22T09:00:00+08:00.")


class ZoneMissing(Refusal):
    clause = "X3"
    says = gettext_noop("“{text}” has no zone. Write 2026-11-22T09:00:00+08:00.")


class PauseUnreadable(Refusal):
    clause = "X2"
    says = gettext_noop("“{text}” is not a pause. Write two moments with “/” between them.")


class NoSuchRule(Refusal):
    clause = "X3"
    says = gettext_noop("The pack has no rule “{rule}”. Its rules: {known}.")


class NoSuchCalendar(Refusal):
    clause = "X3"
    says = gettext_noop("The pack has no calendar “{calendar}”. Its calendars: {known}.")


class CalendarOfTheRule(Refusal):
    clause = "X3"
    says = gettext_noop("The rule “{rule}” has its own calendar: leave --calendar out, or state a --duration.")


class TooFar(Refusal):
    clause = "X3"
    says = gettext_noop("{duration} from {start} is beyond any calendar.")


class Asked(NamedTuple):
    """A rule, and the calendar it is counted by."""

    rule: TargetRule
    calendar: Calendar


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--rule", metavar=_("RULE"), help=_("a rule of the pack (see: shouwen rules)"))
    what.add_argument("--duration", metavar="7wd", help="7wd, 15d, 72h, 30min, 8wh, 30wmin")
    parser.add_argument("--calendar", metavar=_("NAME"), help=_("a calendar of the pack, for wd, wh and wmin"))
    add_pack(parser)
    parser.add_argument("--from", dest="start", metavar="ISO8601", required=True, help=_("from when it counts"))
    parser.add_argument(
        "--pause", dest="pauses", metavar="FROM/TO", action="append", default=[], help=_("it stood still meanwhile")
    )
    parser.add_argument("--json", action="store_true", help=_("as data"))


def run(args: argparse.Namespace) -> int:
    """Print the answer; 2 and why, when there is none."""
    with speaking():
        return _run(args)


def _run(args: argparse.Namespace) -> int:
    from shouwen.editions.reading import BrokenPack

    try:
        start = moment(args.start)
        pauses = [_pause(text) for text in args.pauses]
        rule, calendar = _of_pack(args) if args.rule else _stated(args)
        answer = _answer(rule, calendar, start, pauses)
    except (Refusal, BrokenPack) as refusal:
        return refused(refusal, as_json=args.json, clause="X3")
    write(answer) if args.json else _print(answer)
    return 0


def _answer(rule: TargetRule, calendar: Calendar, start: datetime, pauses: list[Pause]) -> dict[str, Any]:
    try:
        clock = reckon(rule, calendar, start, pauses)
        rows = list(stretches(clock, clock.due_at)) if clock.due_at else []
    except OverflowError:
        raise TooFar(duration=rule.duration, start=start.isoformat()) from None
    zone = calendar.zone if isinstance(calendar, WorkingCalendar) else start.tzinfo
    return {
        "due_at": clock.due_at and clock.due_at.astimezone(zone),
        "rule": rule.id,
        "clause": rule.clause,
        "kind": rule.kind,
        "duration": str(rule.duration),
        "calendar": rule.calendar,
        "provisional": clock.provisional,
        "convention": rule.convention,
        "convention_says": {"zh": CONVENTIONS[rule.convention].zh, "en": CONVENTIONS[rule.convention].en},
        "budget_minutes": _minutes(clock.budget),
        "ledger": [
            {
                "start": row.start.astimezone(zone),
                "end": row.end and row.end.astimezone(zone),
                "counted": row.counted,
                "why": row.why,
                "minutes": _minutes(row.worked) if row.worked is not None else None,
                "calendar_version": row.calendar_version,
            }
            for row in rows
        ],
    }


def _of_pack(args: argparse.Namespace) -> Asked:
    from shouwen.editions.pack import folder_of, open_pack

    if args.calendar:
        raise CalendarOfTheRule(rule=args.rule)
    edition = open_pack(folder_of(args.pack)).edition(1)
    rule = next((rule for rule in edition.rules if rule.id == args.rule), None)
    if rule is None:
        raise NoSuchRule(rule=args.rule, known=", ".join(rule.id for rule in edition.rules))
    return Asked(rule, _calendar(edition.calendars, rule.calendar))


def _stated(args: argparse.Namespace) -> Asked:
    """A duration alone. Of its pack only the calendars are read, and only if it needs one."""
    duration = Duration.parse(args.duration)
    said = Words(args.duration, args.duration)
    name = args.calendar or NATURAL
    calendar = _named(args.pack, name)
    if not duration.is_working:  # every minute counts, whatever else is worked by that calendar
        name, calendar = NATURAL, NaturalTime()
    rule = TargetRule(
        "duration",
        "X3",
        Source(said, "", said),
        said,
        Kind.LIMIT,
        duration,
        name,
        pauses=frozenset({STATED}),
    )
    return Asked(rule, calendar)


def _named(pack: str, name: str) -> Calendar:
    from shouwen.editions.pack import folder_of, open_calendars

    return NaturalTime() if name == NATURAL else _calendar(open_calendars(folder_of(pack)), name)


def _calendar(specs: Any, name: str) -> Calendar:
    from shouwen.editions.working_days import calendar_of

    if name == NATURAL:
        return NaturalTime()
    if name not in specs:
        raise NoSuchCalendar(calendar=name, known=", ".join([NATURAL, *specs]))
    return calendar_of(specs[name])


def moment(text: str) -> datetime:
    """The moment a text names, with its zone. Raises MomentUnreadable, ZoneMissing."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise MomentUnreadable(text=text) from None
    if moment.tzinfo is None:
        raise ZoneMissing(text=text)
    return moment


def _pause(text: str) -> Pause:
    start, between, end = text.partition("/")
    if not between:
        raise PauseUnreadable(text=text)
    return Pause(moment(start.strip()), moment(end.strip()))


def _minutes(span: Any) -> float:
    return round(span.total_seconds() / 60, 3)


def _print(answer: dict[str, Any]) -> None:
    language = "en" if terminal_language() == "en" else "zh"
    due, provisional = f"{answer['due_at']:%Y-%m-%d %H:%M:%S %z}", _("provisional")
    print(_("due {moment}").format(moment=due) + (f"  ({provisional})" if answer["provisional"] else ""))
    print(f"{answer['duration']} {answer['calendar']}: {answer['convention_says'][language]} ({answer['clause']})")
    reasons = {"running": _("running"), "off_duty": _("nobody at work"), f"paused:{STATED}": _("paused")}
    reasons["receipt_day"] = _("the day of receipt is not counted")
    for row in answer["ledger"]:
        counted = _("yes") if row["counted"] else _("no")
        span = f"{row['start']:%Y-%m-%d %H:%M} – {row['end']:%Y-%m-%d %H:%M}"
        print(f"  {span}  {counted:<4} {row['minutes']:>8g}  {reasons.get(row['why'], row['why'])}")
