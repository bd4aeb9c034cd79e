"""`shouwen migrate`: a database that answers, of a version we know, brought up to date and set up for its first day."""

from __future__ import annotations

import argparse
import hashlib
import os
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shouwen.cli.folder import DataFolder
from shouwen.cli.sentences import CannotRun, _

if TYPE_CHECKING:
    import psycopg
    from django.db.migrations.loader import MigrationLoader

OLDEST = 15
ONE_AT_A_TIME = 7_305_818_446  # the advisory lock that hosts of one database take turns by
ANSWERS_WITHIN = 10  # seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demo", action="store_true", help=_("in an empty database, make a demo carrier"))


def run(args: argparse.Namespace) -> int:
    """Check, migrate, set up; quick when there is nothing to do."""
    folder = DataFolder.at(args.data_dir)
    folder.open()
    with _answering_database() as database:
        _refuse_old(database)
        folder.work_on(_address(database, folder))
        database.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        _migrate(folder)
        _leave_demo(folder)
        _set_up(folder, demo=args.demo)
    return 0


def _answering_database() -> psycopg.Connection[Any]:
    import psycopg

    try:
        return psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=ANSWERS_WITHIN, autocommit=True)
    except psycopg.OperationalError as error:
        raise CannotRun(_("The database does not answer: {reason}.").format(reason=_first_line(error))) from None


def _address(database: psycopg.Connection[Any], folder: DataFolder) -> str:
    """Which database this is; the embedded one stays the same when its folder is moved."""
    if database.info.host == str(folder.cluster().socket_folder):
        return "embedded"
    return f"{database.info.host}:{database.info.port}/{database.info.dbname}"


def _refuse_old(database: psycopg.Connection[Any]) -> None:
    theirs = database.info.server_version // 10_000
    if theirs < OLDEST:
        raise CannotRun(
            _("The database is PostgreSQL {theirs}; Shouwen needs {oldest} or newer.").format(
                theirs=theirs, oldest=OLDEST
            )
        )


def _migrate(folder: DataFolder) -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    _refuse_newer(loader)
    if not loader.applied_migrations:
        folder.forget_database()
    known = sorted(".".join(key) for key in loader.disk_migrations)
    missing = set(loader.disk_migrations) - set(loader.applied_migrations)
    if not missing and folder.about_database().get("migrations") == known:
        return
    print(_("Bringing the database up to date ({count} steps) …").format(count=len(missing)), flush=True)
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    folder.note(migrations=known)  # only now: a migration cut short is taken up again


def _refuse_newer(loader: MigrationLoader) -> None:
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    unknown = sorted(set(loader.applied_migrations) - set(loader.disk_migrations) - replaced)
    if unknown:
        raise CannotRun(
            _("The database was changed by a newer Shouwen ({migration}): install that version.").format(
                migration=".".join(unknown[-1])
            )
        )


def _set_up(folder: DataFolder, *, demo: bool) -> None:
    """The first day: the shipped rules; where wanted and nobody works here yet, a demo carrier."""
    from django.conf import settings

    from shouwen.editions.actions import install_shipped_pack
    from shouwen.editions.pack import folder_of
    from shouwen.editions.working_days import TABLES

    at, known, empty = datetime.now(UTC), folder.about_database(), _nobody_works_here()
    if known.get("rules") != (rules := _digest(folder_of(settings.SHOUWEN_PACK), TABLES)):
        install_shipped_pack(at=at)
        folder.note(rules=rules)
    if "set_up" not in known or (known.get("demo") and empty):
        if demo and empty:
            _build_demo(folder)
        folder.note(set_up=at.isoformat())
    folder.note(staffed=not _nobody_works_here())


def _leave_demo(folder: DataFolder) -> None:
    """Where the data is a demo and its administrator wished to leave it: empty it, then take the mark away.

    The mark goes last: a start killed before it finds the demo left, and takes it away then.
    """
    from django.conf import settings
    from django.db import OperationalError

    if not folder.about_database().get("demo"):
        return
    wiring = import_module(settings.SHOUWEN_WIRING)
    try:
        stay = wiring.leave_demo(datetime.now(UTC))
    except OperationalError as error:
        print(
            _("The demo stays for now: its tables are in use ({reason}).").format(reason=_first_line(error)), flush=True
        )
        return
    if stay is not None:
        folder.note(demo=False, accounts=[])
        print(
            _("The demo is left: its complaints and people are gone. {names} can sign in.").format(
                names=", ".join(stay)
            ),
            flush=True,
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")


def _digest(*folders: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(file for folder in folders for file in folder.iterdir() if file.is_file()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _nobody_works_here() -> bool:
    from django.contrib.auth import get_user_model

    return not get_user_model().objects.exists()


def _build_demo(folder: DataFolder) -> None:
    """Make the demo, and before the commit write down how to sign in: a crash must not leave people nobody can be."""
    from django.conf import settings
    from django.db import transaction

    from shouwen.intake.demo import build_demo

    wiring, at = import_module(settings.SHOUWEN_WIRING), datetime.now(UTC)
    print(_("Making a demo carrier …"), flush=True)
    with transaction.atomic():
        if accounts := build_demo(at):
            wiring.furnish_demo(at)
        folder.note(demo=True, accounts=accounts)
    if accounts:
        wiring.look_into_demo(at)
