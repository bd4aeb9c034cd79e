"""Whom the database runs as. PostgreSQL refuses to run as root, so root lends it an unprivileged user."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shouwen.cli.sentences import CannotRun, _

UNPRIVILEGED = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int

    @classmethod
    def named(cls, name: str) -> Account:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            raise CannotRun(
                _("SHOUWEN_DB_USER names {user}, whom this machine does not know.").format(user=name)
            ) from None
        return cls(name, entry.pw_uid, entry.pw_gid)

    def as_subprocess(self) -> dict[str, Any]:
        """The arguments that make `subprocess` run something as this user and nothing more."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def reaches(self, folder: Path) -> bool:
        """Whether this user can enter the folder: asked of the system, so that access lists count too."""
        asked = ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)]
        done = subprocess.run(asked, capture_output=True, check=False, cwd="/", **self.as_subprocess())
        return done.returncode == 0


def database_account(folder: Path) -> Account | None:
    """Whom the database in this folder runs as; None means: as whoever we are.

    A database that exists keeps its owner, whatever the environment says today.
    """
    if os.geteuid() != 0:
        return None
    if folder.is_dir() and (owner := folder.stat().st_uid):
        return Account(name_of(owner), owner, folder.stat().st_gid)
    account = Account.named(os.environ.get("SHOUWEN_DB_USER", UNPRIVILEGED))
    if account.uid == 0:
        raise CannotRun(_("PostgreSQL does not run as root: name another user in SHOUWEN_DB_USER."))
    return account


def name_of(uid: int) -> str:
    """The name of a user, or the number of one without."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
