"""Child processes: they die with whoever started them, and are started again when they die alone."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

from shouwen.cli.accounts import Account
from shouwen.cli.sentences import CannotRun

PR_SET_PDEATHSIG = 1
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
HEALTHY_AFTER = 60.0  # a child that lived this long has earned a quick restart


class StopAsked(Exception):
    """Somebody pressed Ctrl-C, closed the terminal, or asked with SIGTERM."""


class _Stop:
    """Whether we were asked to stop.

    A handler that raised would do so anywhere, in the middle of taking a lock too, which then nobody gives back. So it
    only remembers, and we look where it is safe. Further requests change nothing: the order of stopping is kept.
    """

    def __init__(self) -> None:
        self.asked = False
        self.heard = False

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True

    def check(self) -> None:
        """Raise StopAsked, once."""
        if self.asked and not self.heard:
            self.heard = True
            raise StopAsked


stopping = _Stop()
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with(parent: int, by: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel send this process a signal when its parent dies, even by kill -9."""
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, int(by))
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def dying_with_us(by: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """What a child runs before its program so that it does not outlive this process."""
    return partial(die_with, os.getpid(), by)


def spawn(
    arguments: Sequence[str | Path],
    *,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
    orphaned: signal.Signals = signal.SIGKILL,
    held: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, so that Ctrl-C reaches it only through us and in our order.

    A `held` one reads its standard input to the end before it goes to work.
    """
    rights: dict[str, Any] = account.as_subprocess() if account else {}
    return subprocess.Popen(
        arguments,
        env=None if environment is None else dict(environment),
        stdin=subprocess.PIPE if held else subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd="/",
        umask=0o077,
        start_new_session=True,
        preexec_fn=dying_with_us(orphaned),  # noqa: PLW1509  we start children from one thread only
        **rights,
    )


def stop(process: subprocess.Popen[bytes], *, by: signal.Signals = signal.SIGTERM, patience: float = 15.0) -> None:
    """Ask a child to end; one that will not is ended, with everything it started."""
    if process.poll() is None:
        process.send_signal(by)
    with suppress(subprocess.TimeoutExpired):
        process.wait(patience)
    _kill_session(process)
    process.wait()


def _kill_session(process: subprocess.Popen[bytes]) -> None:
    """What a dead child left running is in the session it led."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


@dataclass(slots=True)
class Kept:
    """A child process that is started again whenever it dies, after growing pauses."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    stop_by: signal.Signals = signal.SIGTERM
    patience: float = 15.0
    process: subprocess.Popen[bytes] | None = None
    started: float = field(default=0.0)
    pause: float = field(default=FIRST_PAUSE)
    next_try: float = field(default=0.0)

    def look(self, now: float) -> str | None:
        """Start it if it is due; returns how it died when it has just died."""
        if self.process is None:
            if now >= self.next_try:
                self._start(now)
            return None
        if self.process.poll() is None:
            return None
        ended = how_it_ended(self.process.returncode)
        _kill_session(self.process)
        self.process = None
        self._wait_longer(now, healthy=now - self.started >= HEALTHY_AFTER)
        return ended

    def end(self) -> None:
        """Stop it for good."""
        if self.process is not None:
            stop(self.process, by=self.stop_by, patience=self.patience)
            self.process = None

    def _start(self, now: float) -> None:
        try:
            self.process, self.started = self.start(), now
        except (CannotRun, OSError) as error:
            print(f"{self.name}: {error}", file=sys.stderr, flush=True)
            self._wait_longer(now, healthy=False)

    def _wait_longer(self, now: float, *, healthy: bool) -> None:
        self.pause = FIRST_PAUSE if healthy else self.pause
        self.next_try = now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)


def how_it_ended(returncode: int) -> str:
    """`exit 1`, `SIGKILL`."""
    if returncode >= 0:
        return f"exit {returncode}"
    try:
        return signal.Signals(-returncode).name
    except ValueError:
        return f"signal {-returncode}"


def running_in(folder: Path, program: str) -> set[int]:
    """The processes of this program that work in this folder."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is none of ours
            name = Path(os.readlink(entry / "exe")).name.removesuffix(" (deleted)")
            if name == program and os.path.samefile(entry / "cwd", folder):
                found.add(int(entry.name))
    return found


def wait_until(condition: Callable[[], bool], *, at_most: float, every: float = 0.02) -> bool:
    """Whether the condition came true in time. Raises StopAsked."""
    deadline = time.monotonic() + at_most
    while not condition():
        stopping.check()
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True
