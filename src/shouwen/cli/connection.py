"""Giving a command its database: the one named in the environment, the one that runs, or one started for its while."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from shouwen.cli.folder import DataFolder, InUse
from shouwen.cli.postgres import Cluster
from shouwen.cli.processes import wait_until
from shouwen.cli.sentences import CannotRun, _

SETTINGS = "shouwen.config.settings"
STARTING = 60.0  # seconds to wait for a database that another process is starting


def environment(folder: DataFolder, database_url: str) -> dict[str, str]:
    """What Django's settings read, beside what is set already."""
    return {
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", SETTINGS),
        "DATABASE_URL": database_url,
        "SHOUWEN_DATA_DIR": str(folder.path),
        "SHOUWEN_SECRETS": os.environ.get("SHOUWEN_SECRETS", str(folder.secrets)),
    }


def holds_a_desk(data_dir: str | None) -> bool:
    """Whether there is an installation to ask: a database that is named, or a folder one has been set up in."""
    return bool(os.environ.get("DATABASE_URL") or DataFolder.at(data_dir).marks().get("current"))


@contextmanager
def connected(data_dir: str | None, *, makes: bool = False) -> Iterator[None]:
    """Django set up on this installation's database for as long as the command runs.

    Only what `makes` an installation may find none. Raises CannotRun.
    """
    if _told_everything():
        _set_up_django()
        yield
        return
    folder = DataFolder.at(data_dir)
    if not makes and not holds_a_desk(data_dir):
        raise CannotRun(
            _(
                "There is no desk in {folder} yet: name its folder with --data-dir, or make one with “shouwen up”."
            ).format(folder=folder.path)
        )
    folder.open()
    folder.keys()
    with _database(folder) as url:
        os.environ.update(environment(folder, url))
        _set_up_django()
        yield


def _told_everything() -> bool:
    return bool(os.environ.get("DATABASE_URL") and os.environ.get("SHOUWEN_SECRETS"))


@contextmanager
def _database(folder: DataFolder) -> Iterator[str]:
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    cluster = folder.cluster()
    with ExitStack() as stack:
        try:
            stack.enter_context(folder.locked())
        except InUse:
            _wait_for(cluster)
        else:
            cluster.prepare()
            stack.callback(cluster.end, cluster.run())
        yield cluster.url


def _wait_for(cluster: Cluster) -> None:
    if not wait_until(cluster.ready, at_most=STARTING):
        raise CannotRun(_("The database in {folder} is not ready.").format(folder=cluster.folder))


def _set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise CannotRun(str(error)) from None
