"""`shouwen edition`: check rules, compare them, live last quarter through under them, put them in force, print them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import UTC, date, datetime, time, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shouwen.cli.packs import refused, speaking, write
from shouwen.cli.sentences import CannotRun, _, terminal_language

CURRENT = "current"
NUMBERS_SHOWN = 20
WORTH_A_PROCESS = 10  # batches
LANGUAGES = {"zh": "zh-hans", "en": "en"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar=_("ACT"))
    check = acts.add_parser("check", help=_("what is wrong or unwise about a pack"))
    check.add_argument("pack", nargs="?", default="cn-telecom-2025", help=_WHICH)
    diff = acts.add_parser("diff", help=_("how one edition differs from another, in words"))
    diff.add_argument("before", help=_WHICH)
    diff.add_argument("after", help=_WHICH)
    replay = acts.add_parser("replay", help=_("live the tickets of a time through under other rules"))
    replay.add_argument("pack", help=_WHICH)
    replay.add_argument("--from", dest="start", metavar="2026-07-01", type=_day, required=True, help=_("received from"))
    replay.add_argument("--to", dest="end", metavar="2026-09-30", type=_day, required=True, help=_("up to, inclusive"))
    publish = acts.add_parser("publish", help=_("make an edition of a pack and put it in force"))
    publish.add_argument("pack", help=_("a shipped pack's name, or a pack's folder"))
    publish.add_argument("--by", default="", help=_("who publishes it, as the desk will show"))
    publish.add_argument("--effective", metavar="ISO8601", help=_("from when it is in force; at once by default"))
    appendices = acts.add_parser("appendices", help=_("write the handbook's appendices as pages to print"))
    appendices.add_argument("pack", nargs="?", default="cn-telecom-2025", help=_WHICH)
    appendices.add_argument("--language", choices=LANGUAGES, help=_("in which language; the terminal's by default"))
    appendices.add_argument("--out", type=Path, required=True, metavar=_("FOLDER"), help=_("the folder to write into"))
    for act in (check, diff, replay, publish, appendices):
        act.add_argument("--json", action="store_true", help=_("as data"))


_WHICH = _("a shipped pack, a pack's folder, a published edition (cn-telecom-2025@1), or: current")


def run(args: argparse.Namespace) -> int:
    """0 when there is nothing to object to, 1 for a pack that is unwise, 2 for one that is broken or missing."""
    named = [getattr(args, name) for name in ("pack", "before", "after") if hasattr(args, name)]
    with ExitStack() as stack:
        if args.act in {"replay", "publish"} or any(name == CURRENT or "@" in name for name in named):
            from shouwen.cli.connection import connected

            stack.enter_context(connected(args.data_dir))
        stack.enter_context(speaking())
        from shouwen.editions.reading import BrokenPack

        try:
            return _ACTS[args.act](args)
        except (BrokenPack, CannotRun) as refusal:
            return refused(refusal, as_json=args.json)


def _check(args: argparse.Namespace) -> int:
    from shouwen.editions.weighing import Weight, weighed

    edition = _edition(args.pack)
    found = weighed(edition, _calendars(edition))
    if args.json:
        write(
            {
                "pack": edition.pack,
                "findings": [
                    {
                        "weight": one.weight,
                        "part": one.part,
                        "clause": one.clause,
                        "zh": one.words.zh,
                        "en": one.words.en,
                    }
                    for one in found
                ],
            }
        )
    else:
        for one in found:
            weight = _("ERROR") if one.weight is Weight.ERROR else _("warning")
            print(f"{weight}  {one.part} {one.clause}: {_spoken(one.words)}")
        print(_("{count} findings.").format(count=len(found)))
    return 1 if any(one.weight is Weight.ERROR for one in found) else 0


def _diff(args: argparse.Namespace) -> int:
    from shouwen.editions.comparing import differences

    found = differences(_edition(args.before), _edition(args.after))
    if args.json:
        write([{**_as_data(one), "zh": one.words.zh, "en": one.words.en} for one in found])
    else:
        for one in found:
            print(_spoken(one.words))
        print(_("{count} differences.").format(count=len(found)))
    return 0


def _as_data(one: Any) -> dict[str, str]:
    return {name: getattr(one, name) for name in ("part", "id", "what", "field", "before", "after")}


def _replay(args: argparse.Namespace) -> int:
    from django.conf import settings

    from shouwen.service_levels.replaying import ids_received

    zone = ZoneInfo(settings.TIME_ZONE)
    start, end = (datetime.combine(day, time(), zone) for day in (args.start, args.end + timedelta(days=1)))
    if end <= start:
        raise CannotRun(_("--to lies before --from."))
    batches = list(ids_received(start, end))
    outcome = _replayed(batches, _edition(args.pack), datetime.now(UTC))
    if args.json:
        write(
            {
                "tickets": outcome.tickets,
                "rules": [
                    {"rule": rule, "clocks": pair(outcome.clocks, rule), "late": pair(outcome.late, rule)}
                    for rule in sorted(outcome.clocks[0] | outcome.clocks[1])
                ],
                "teams": [
                    {"team": team, "tickets": pair(outcome.teams, team)}
                    for team in sorted(outcome.teams[0] | outcome.teams[1])
                ],
                "newly_late": outcome.newly_late,
                "no_longer_late": outcome.no_longer_late,
            }
        )
    else:
        _print_outcome(outcome)
    return 0


def _replayed(batches: list[Any], rules: Any, at: datetime) -> Any:
    """All batches, by as many processes as there are cores once there is work for them."""
    from shouwen.service_levels.replaying import Outcome, lived

    outcome, advance = Outcome(), _progress()
    processes = min(os.cpu_count() or 1, len(batches) // WORTH_A_PROCESS)
    with ExitStack() as stack:
        if processes > 1:
            pool = ProcessPoolExecutor(processes, get_context("spawn"), _start_process, (rules, at))
            parts: Any = stack.enter_context(pool).map(_lived, batches)
        else:
            parts = (lived(batch, rules, at) for batch in batches)
        for part in parts:
            outcome.add(part)
            advance(part.tickets)
    return outcome


_judged_by: list[tuple[Any, datetime]] = []  # in a process of its own


def _start_process(rules: Any, at: datetime) -> None:
    import django

    django.setup()
    _judged_by[:] = [(rules, at)]


def _lived(ids: Any) -> Any:
    from shouwen.service_levels.replaying import lived

    [(rules, at)] = _judged_by
    return lived(ids, rules, at)


def pair(counted: Any, name: str) -> dict[str, int]:
    """What was, and what would have been."""
    return {"was": counted[0][name], "would": counted[1][name]}


def _print_outcome(outcome: Any) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 160)
    table = Table(title=_("{count} tickets lived through").format(count=outcome.tickets), title_justify="left")
    for heading in (_("rule"), _("clocks: was"), _("would be"), _("late: was"), _("would be")):
        table.add_column(heading)
    for rule in sorted(outcome.clocks[0] | outcome.clocks[1]):
        counts = (outcome.clocks[0], outcome.clocks[1], outcome.late[0], outcome.late[1])
        table.add_row(rule, *(str(count[rule]) for count in counts))
    console.print(table)
    teams = Table(title=_("who gets them"), title_justify="left")
    for heading in (_("work"), _("was"), _("would be")):
        teams.add_column(heading)
    for team in sorted(outcome.teams[0] | outcome.teams[1]):
        teams.add_row(team or "-", str(outcome.teams[0][team]), str(outcome.teams[1][team]))
    console.print(teams)
    for says, numbers in ((_("newly late"), outcome.newly_late), (_("no longer late"), outcome.no_longer_late)):
        more = " …" if len(numbers) > NUMBERS_SHOWN else ""
        print(f"{says}: {len(numbers)}  {' '.join(numbers[:NUMBERS_SHOWN])}{more}")


def _progress() -> Callable[[int], None]:
    """So many tickets, on a line of its own that is written over; nothing where nobody is watching."""
    seen = 0

    def advance(tickets: int) -> None:
        nonlocal seen
        seen += tickets
        if sys.stderr.isatty():
            print(f"\r{seen:,}", end="", file=sys.stderr, flush=True)

    return advance


def _publish(args: argparse.Namespace) -> int:
    from shouwen.cli.due import MomentUnreadable, ZoneMissing, moment
    from shouwen.editions.actions import publish_by_hand
    from shouwen.editions.pack import folder_of
    from shouwen.handbook.refusals import Refusal

    try:
        effective_at = moment(args.effective) if args.effective else None
        edition = publish_by_hand(folder_of(args.pack), by=args.by, effective_at=effective_at, at=datetime.now(UTC))
    except (MomentUnreadable, ZoneMissing, Refusal) as wrong:
        return refused(wrong, as_json=args.json)
    if args.json:
        write({"edition": edition.id, "effective_at": edition.effective_at, "published_by": edition.published_by})
    else:
        print(_("{edition} is published.").format(edition=edition.id))
    return 0


def _appendices(args: argparse.Namespace) -> int:
    from shouwen.editions.appendices import TITLES, standing_alone

    edition = _edition(args.pack)
    language = args.language or terminal_language()[:2]
    try:
        args.out.mkdir(parents=True, exist_ok=True)
        for name in TITLES:
            (args.out / f"{name}.html").write_text(standing_alone(edition, name, LANGUAGES[language]), "utf-8")
    except OSError as error:
        raise CannotRun(_("{folder} cannot be written: {why}").format(folder=args.out, why=error.strerror)) from None
    written = [str(args.out / f"{name}.html") for name in TITLES]
    if args.json:
        write({"edition": edition.id, "language": language, "written": written})
    else:
        print("\n".join(written))
    return 0


_ACTS: dict[str, Callable[[argparse.Namespace], int]] = {
    "check": _check,
    "diff": _diff,
    "replay": _replay,
    "publish": _publish,
    "appendices": _appendices,
}


def _edition(name: str) -> Any:
    """Raises BrokenPack, or CannotRun for an edition nobody has published."""
    from shouwen.editions.pack import folder_of, open_pack

    if name != CURRENT and "@" not in name:
        return open_pack(folder_of(name)).edition(1)
    from shouwen.editions.queries import NoEdition, current_edition, edition

    try:
        return current_edition() if name == CURRENT else edition(name)
    except NoEdition as missing:
        raise CannotRun(str(missing)) from None


def _calendars(edition: Any) -> Any:
    from shouwen.editions.working_days import calendar_of

    return {name: calendar_of(spec) for name, spec in edition.calendars.items()}


def _spoken(words: Any) -> str:
    return str(words.en if terminal_language() == "en" else words.zh)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(_("“{text}” is not a day. Write 2026-07-01.").format(text=text)) from None
