"""One process of its own at a piece of the worker's work: `python -m bench.sweeper sweep AT`.

It says when it is ready, begins when told to, and says how much it has done.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import django

PROCESSES = 2  # as on several hosts


def together(work: str, at: datetime) -> tuple[float, int]:
    """Seconds from when all begin until the last has ended, and how much they have done."""
    command = [sys.executable, "-m", "bench.sweeper", work, at.isoformat()]
    sweepers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)
    ]
    assert all(sweeper.stdout.readline() for sweeper in sweepers)  # they are ready
    started = time.perf_counter()
    for sweeper in sweepers:
        sweeper.stdin.close()
    done = sum(int(sweeper.stdout.read()) for sweeper in sweepers)
    return time.perf_counter() - started, done


def _works() -> dict[str, Callable[[datetime], int]]:
    from shouwen.service_levels.settling import settle
    from shouwen.service_levels.sweep import sweep

    return {"sweep": sweep, "settle": settle}


def _all_of(work: Callable[[datetime], int], at: datetime) -> int:
    total = 0
    while done := work(at):
        total += done
    return total


if __name__ == "__main__":
    django.setup()
    [work, moment] = _works()[sys.argv[1]], datetime.fromisoformat(sys.argv[2])
    if sys.argv[1] == "sweep":
        _all_of(work, moment - timedelta(days=365))  # finds nothing, and has everything imported
    print("ready", flush=True)
    sys.stdin.read()
    print(_all_of(work, moment))
