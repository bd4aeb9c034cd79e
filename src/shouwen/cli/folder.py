"""The data folder: the marker that says whose it is, the keys, the lock, the embedded database.

shouwen.json    which version wrote here last, what is known of its database (0600)
secrets.json    the keys, for its owner's eyes only (0600); back it up apart from the database
shouwen.lock    held by whoever runs the database; the kernel lets go of it when that process dies
postgres/       the embedded database, owned by the user it runs as
"""

from __future__ import annotations

import base64
import errno
import fcntl
import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shouwen
from shouwen.cli.accounts import name_of
from shouwen.cli.postgres import Cluster
from shouwen.cli.sentences import CannotRun, _

MEGABYTE = 1024 * 1024
LEAST_FREE = 300  # megabytes
NOT_OURS_TO_MIND = {"lost+found"}


def default_folder() -> Path:
    """Where the data is kept when nobody says otherwise."""
    if named := os.environ.get("SHOUWEN_DATA_DIR"):
        return Path(named)
    if os.geteuid() == 0:
        return Path("/var/lib/shouwen")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "shouwen"


@dataclass(slots=True)
class DataFolder:
    """One installation's data."""

    path: Path

    @classmethod
    def at(cls, named: str | None) -> DataFolder:
        return cls((Path(named) if named else default_folder()).expanduser().absolute())

    @property
    def secrets(self) -> Path:
        return self.path / "secrets.json"

    def open(self) -> None:
        """Make the folder if it is new, and refuse one that is not ours to use."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse_foreign()
            self._refuse_others()
            if os.geteuid() == 0:  # the database's user passes through; the files stay closed to it
                self.path.chmod(0o711)
            with self.path.joinpath("shouwen.lock").open("a"):
                pass
        except (PermissionError, FileExistsError, NotADirectoryError) as error:
            raise CannotRun(
                _("The data folder {folder} cannot be used by {user}: {reason}. Name another with --data-dir.").format(
                    folder=self.path, user=name_of(os.geteuid()), reason=error.strerror
                )
            ) from None
        except OSError as error:
            raise CannotRun(
                _("The data folder {folder} cannot be used: {reason}.").format(folder=self.path, reason=error.strerror)
            ) from None
        self._refuse_newer()

    def refuse_full(self) -> None:
        """A database on a full disk stops in the middle of its work: better not to start."""
        least = int(os.environ.get("SHOUWEN_LEAST_FREE_MB") or LEAST_FREE)
        free = shutil.disk_usage(self.path).free // MEGABYTE
        if free < least:
            raise CannotRun(
                _("Only {free} MB are free for {folder}, and at least {least} MB are needed.").format(
                    free=free, folder=self.path, least=least
                )
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder: nobody else starts its database meanwhile."""
        with self.path.joinpath("shouwen.lock").open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InUse(
                    _("Shouwen already runs on {folder} (process {pid}).").format(
                        folder=self.path, pid=lock.read().strip() or "?"
                    )
                ) from None
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield

    def keys(self) -> dict[str, Any]:
        """The secrets, made on the first call and never again: what they seal cannot be read with others."""
        if not self.secrets.exists():
            if any(self.marks().get("databases", {}).values()):
                raise CannotRun(
                    _("The secrets file {file} is gone: put it back from your backup.").format(file=self.secrets)
                )
            self._write(self.secrets, new_keys(), place=_link)
        try:
            return json.loads(self.secrets.read_text())
        except (OSError, ValueError) as error:
            raise CannotRun(
                _("The secrets in {file} cannot be read: {reason}").format(file=self.secrets, reason=error)
            ) from None

    def cluster(self) -> Cluster:
        """The embedded database."""
        return Cluster(self.path / "postgres", self.keys()["database_password"], copies=self.path / "programs")

    def marks(self) -> dict[str, Any]:
        """What the marker file says; nothing for a new folder."""
        try:
            return json.loads(self.path.joinpath("shouwen.json").read_text())
        except FileNotFoundError:
            return {}
        except ValueError:
            raise CannotRun(
                _("{file} is not what Shouwen wrote there.").format(file=self.path / "shouwen.json")
            ) from None

    def about_database(self) -> dict[str, Any]:
        """What is known of the database last worked on."""
        marks = self.marks()
        return marks.get("databases", {}).get(marks.get("current"), {})

    def work_on(self, database: str) -> None:
        """Name the database that facts are about from now on: what is true of one is not of another."""
        if self.marks().get("current") != database:
            self._mark(current=database)

    def note(self, **facts: Any) -> None:
        """Write down facts about the database, beside what was known."""
        self._note(self.about_database() | facts)

    def forget_database(self) -> None:
        """The database is new, whatever was known of one in its place."""
        self._note({})

    def _note(self, facts: dict[str, Any]) -> None:
        marks = self.marks()
        self._mark(databases=marks.get("databases", {}) | {marks["current"]: facts})

    def _mark(self, **facts: Any) -> None:
        self._write(self.path / "shouwen.json", self.marks() | {"version": shouwen.__version__} | facts)

    def _refuse_foreign(self) -> None:
        if self.path.joinpath("shouwen.lock").exists():
            return
        if any(entry.name not in NOT_OURS_TO_MIND for entry in self.path.iterdir()):
            raise CannotRun(
                _("{folder} holds other files: name an empty or a new folder with --data-dir.").format(folder=self.path)
            )

    def _refuse_others(self) -> None:
        """Above all root, whose files in it would lock its owner out."""
        lock = self.path / "shouwen.lock"
        if lock.exists() and (owner := lock.stat().st_uid) != os.geteuid():
            raise PermissionError(errno.EPERM, _("it belongs to {owner}").format(owner=name_of(owner)))

    def _refuse_newer(self) -> None:
        theirs = str(self.marks().get("version", "0"))
        if _comparable(theirs) > _comparable(shouwen.__version__):
            raise CannotRun(
                _("The data in {folder} is of Shouwen {theirs}, newer than this {ours}: install that version.").format(
                    folder=self.path, theirs=theirs, ours=shouwen.__version__
                )
            )

    def _write(self, file: Path, content: Any, place: Callable[[str, Path], None] = os.replace) -> None:
        """Whole or not at all, and for the owner alone."""
        descriptor, half = tempfile.mkstemp(dir=self.path, prefix=".new-")
        with os.fdopen(descriptor, "w") as out:
            json.dump(content, out, indent=2, ensure_ascii=False)
            out.flush()
            os.fsync(out.fileno())
        place(half, file)


class InUse(CannotRun):
    """Another process holds the data folder."""


def _link(half: str, file: Path) -> None:
    """Put the file in its place unless somebody was quicker."""
    with suppress(FileExistsError):
        os.link(half, file)
    os.unlink(half)


def new_keys() -> dict[str, Any]:
    return {
        "django_secret_key": secrets.token_urlsafe(50),
        "master_keys": {"1": _key()},
        "master_key_id": "1",
        "blind_index_key": _key(),
        "database_password": secrets.token_urlsafe(24),
    }


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _comparable(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))
