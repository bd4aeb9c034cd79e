"""`shouwen manage publish_pack FOLDER`: check a pack, and make an edition of it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now
from django.utils.translation import gettext as _

from shouwen.editions.actions import publish_pack
from shouwen.editions.pack import open_pack
from shouwen.editions.reading import BrokenPack


class Command(BaseCommand):
    help = "Check a pack of rules and publish it as an edition. The rules it replaces stay with their tickets."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder with the pack's YAML files")
        parser.add_argument("--check", action="store_true", help="only look for problems; publish nothing")
        parser.add_argument("--by", default="carrier", help="who publishes it, as the desk will show")

    def handle(self, *, folder: Path, check: bool, by: str, **options: Any) -> None:
        try:
            if check:
                pack = open_pack(folder)
                self.stdout.write(_("{pack} has no problems.").format(pack=pack.name))
            else:
                edition = publish_pack(folder, by, at=now())
                self.stdout.write(_("{edition} is published.").format(edition=edition.id))
        except BrokenPack as broken:
            raise CommandError(str(broken)) from None
