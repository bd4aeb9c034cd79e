"""The `shouwen` command: finds the subcommand, gives it a database to work on, and says plainly what went wrong."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import shouwen
from shouwen.cli.sentences import CannotRun, _


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand: a module with `add_arguments(parser)` and `run(args) -> int`, imported when it is called."""

    module: str
    says: str
    connects: bool = True  # whether it finds Django set up and the database running


COMMANDS = {
    "up": Command("shouwen.cli.up", _("start everything: database, web, worker"), connects=False),
    "web": Command("shouwen.cli.web", _("start the web server alone")),
    "worker": Command("shouwen.cli.worker", _("start the worker alone: clocks, messages, news")),
    "migrate": Command("shouwen.cli.migrate", _("bring the database up to this version")),
    "administrator": Command("shouwen.cli.administrator", _("make an administrator, or give one a new password")),
    "import": Command("shouwen.cli.import_", _("move a spreadsheet in, as finished history or as open work")),
    "explain": Command("shouwen.cli.explain", _("show why a ticket is due when it is: every interval, counted or not")),
    "rules": Command("shouwen.cli.rules", _("list the clocks of a pack, each with its source"), connects=False),
    "due": Command("shouwen.cli.due", _("say when something is due, and which minutes lead there"), connects=False),
    "calendar": Command("shouwen.cli.calendar", _("show a month as a calendar counts it"), connects=False),
    "edition": Command("shouwen.cli.edition", _("check, compare, replay and publish rules"), connects=False),
    "verify": Command("shouwen.cli.verify", _("find events that were changed and rows their history does not explain")),
    "manage": Command("shouwen.cli.manage", _("run one of Django's own commands")),
}

MAKES_A_DESK = ("migrate", "manage")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        sys.exit(_run(given))
    except CannotRun as refusal:
        print(f"shouwen: {refusal}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `shouwen explain … | head`
        sys.stderr.close()
        sys.exit(0)


def _run(given: list[str]) -> int:
    args = _parser(given).parse_args(given)
    command = COMMANDS[args.command]
    module = importlib.import_module(command.module)
    with _connected(args) if command.connects else nullcontext():
        return module.run(args)


def _connected(args: argparse.Namespace):
    from shouwen.cli.connection import connected

    return connected(args.data_dir, makes=args.command in MAKES_A_DESK)


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """Only the called subcommand's module is imported: `shouwen --help` answers at once."""
    parser = argparse.ArgumentParser(prog="shouwen", description=_("The complaint desk that can always answer why."))
    parser.add_argument("--version", action="version", version=f"shouwen {shouwen.__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar=_("COMMAND"), required=True)
    for name, command in COMMANDS.items():
        sub = subparsers.add_parser(name, help=command.says, description=command.says)
        sub.add_argument("--data-dir", metavar=_("FOLDER"), help=_("where the data is kept"))
        if name in given:
            importlib.import_module(command.module).add_arguments(sub)
    return parser


if __name__ == "__main__":
    main()
