"""How soon a desk that has been set up before shows its first page, and how much memory it then holds."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.ground import answers, free_port
from shouwen.cli.processes import spawn, stop, wait_until

STARTS_WITHIN = 120.0  # seconds
SETTLES_WITHIN = 3.0
NOT_INHERITED = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "SHOUWEN_")


def measure() -> dict[str, Any]:
    """Seconds of the second `shouwen up` on an installation of its own, and the megabytes of all its processes."""
    with tempfile.TemporaryDirectory(prefix="shouwen-bench-") as path:
        _start(path, lambda pid: 0)
        seconds, megabytes = _start(path, _resident)
    return {"value": round(seconds, 2), "unit": "s", "resident_mb": megabytes}


def _start(path: str, look: Callable[[int], int]) -> tuple[float, int]:
    """Start, look at what runs, stop: the seconds to the first page, and what was seen."""
    port = free_port()
    command = [sys.executable, "-m", "shouwen.cli.main", "up", "--port", str(port), "--data-dir", path]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
    started = time.perf_counter()
    process = spawn(command, environment=inherited, output=subprocess.DEVNULL)
    try:
        if not wait_until(lambda: answers(port), at_most=STARTS_WITHIN):
            raise RuntimeError("The desk does not answer.")
        seconds = time.perf_counter() - started
        time.sleep(SETTLES_WITHIN)
        return seconds, look(process.pid)
    finally:
        stop(process, patience=STARTS_WITHIN)


def _resident(pid: int) -> int:
    """Megabytes of a process and all it has started; what several of them share counts once (PSS)."""
    kilobytes = 0
    for one in _family(pid):
        with suppress(OSError):  # it has ended meanwhile
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return round(kilobytes / 1024)


def _family(pid: int) -> list[int]:
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [pid, *(one for child in children for one in _family(child))]
