"""A process that has everything loaded and forks a child for each deed: real processes to kill, without the wait.

It reads one JSON object a line: which function, on which database, with what, and where the answer goes. The answer is
a file that is there whole or not at all, once the function has returned: what a client would have heard.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shouwen.cli.processes import die_with, dying_with_us, wait_until
from tests.faults.turnstiles import PATIENCE

ROOT = Path(__file__).parents[2]
LOADED = ["tests.faults.deeds", "tests.faults.intake_deeds", "tests.faults.worker_deeds", "shouwen.config.urls"]


class Failed(Exception):
    """A deed ended with an error; says how."""


@dataclass
class Child:
    """A process doing one deed."""

    pid: int
    answer: Path

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        assert wait_until(self.gone, at_most=PATIENCE)

    def gone(self) -> bool:
        return not Path("/proc", str(self.pid)).exists()

    @property
    def answered(self) -> bool:
        return self.answer.exists()

    def result(self) -> Any:
        """What the deed returned, once it has. Raises Failed for what it raised, or if it died."""
        wait_until(lambda: self.answered or self.gone(), at_most=PATIENCE)
        if not self.answered:
            raise Failed(f"process {self.pid} died or is late")
        said = json.loads(self.answer.read_text())
        if "raised" in said:
            raise Failed(said["raised"])
        return said["returned"]


class Children:
    """The test's side: starts the process, asks it for children."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder, self._count = folder, 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.children"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, **environment},
            preexec_fn=dying_with_us(),  # noqa: PLW1509  we have no threads when it starts
        )

    def start(self, deed: Callable[..., Any], *arguments: Any, database: str) -> Child:
        """A child that does this on that database; arguments and answer are what JSON can say."""
        return self._order(deed, arguments, database, fork=True)

    def teach(self, deed: Callable[..., Any], *, database: str) -> None:
        """Have it done by the process itself, so that every later child remembers it."""
        self._order(deed, (), database, fork=False).result()

    def _order(self, deed: Callable[..., Any], arguments: Sequence[Any], database: str, *, fork: bool) -> Child:
        self._count += 1
        answer = self._folder / f"answer-{self._count}"
        order = {
            "module": deed.__module__,
            "name": deed.__name__,
            "arguments": arguments,
            "database": database,
            "answer": str(answer),
            "fork": fork,
        }
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return Child(int(self._process.stdout.readline()), answer)

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


def serve() -> None:
    """Fork a child for every line; the kernel buries them."""
    import django

    django.setup()
    from django.db import connection

    # A pool has threads, and threads do not survive a fork. Whole processes with pools are killed in `test_kill_desk`.
    connection.settings_dict["OPTIONS"].pop("pool")
    for module in LOADED:
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    me = os.getpid()
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork() if order["fork"] else me
        if pid:
            sys.stdout.write(f"{pid}\n")
            sys.stdout.flush()
        if pid == me:
            _answer(order)
        elif not pid:
            _do_and_end(order, me)


def _do_and_end(order: Mapping[str, Any], parent: int) -> None:
    status = 1
    try:
        die_with(parent)
        os.close(0)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _answer(order)
        status = 0
    finally:
        os._exit(status)


def _answer(order: Mapping[str, Any]) -> None:
    from django.db import connection, connections

    connection.settings_dict["NAME"] = order["database"]
    try:
        deed = getattr(importlib.import_module(order["module"]), order["name"])
        said = {"returned": deed(*order["arguments"])}
    except Exception:
        said = {"raised": traceback.format_exc()}
    connections.close_all()
    write_whole(Path(order["answer"]), said)


def write_whole(file: Path, content: Any) -> None:
    """So that whoever sees it can read all of it."""
    half = file.with_name(f".{file.name}")
    half.write_text(json.dumps(content, default=str, ensure_ascii=False))
    half.rename(file)


if __name__ == "__main__":
    serve()
