"""`shouwen manage …`: Django's own commands, such as `dbshell` or `changepassword`."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("django", nargs=argparse.REMAINDER, metavar="…")


def run(args: argparse.Namespace) -> int:
    """Hand the rest of the line to Django."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["shouwen manage", *args.django])
    return 0
