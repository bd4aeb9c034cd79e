"""One sweeper in a process of its own: `python -m bench.sweeper AT` says when it is ready and begins when told to."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import django


def sweep_all(at: datetime) -> int:
    """Sweep until nothing is due; how many clocks this sweeper looked at."""
    from shouwen.service_levels.sweep import sweep

    total = 0
    while looked := sweep(at):
        total += looked
    return total


if __name__ == "__main__":
    django.setup()
    moment = datetime.fromisoformat(sys.argv[1])
    sweep_all(moment - timedelta(days=365))  # finds nothing, and has everything imported
    print("ready", flush=True)
    sys.stdin.read()
    print(sweep_all(moment))
