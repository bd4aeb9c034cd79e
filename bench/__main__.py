"""`python -m bench`: every measure in turn on one new installation; the figures go to build/bench.json."""

from __future__ import annotations

import argparse
import json
import os
import platform
from pathlib import Path
from typing import Any

from bench.ground import Ground, ground

OUTPUT = Path("build", "bench.json")
TICKETS, OPEN, SECONDS = 100_000, 1_000_000, 10
GOALS = {
    "intake": "ratio ≥ 0.25, p95 ≤ 50 ms",
    "import": "ratio ≥ 1.0",
    "bulk_intake": "ratio ≥ 1.0",
    "clock_sweep": "≥ 10,000/s",
    "replay": "100,000 in 60 s",
    "recalculation": "100,000 in 60 s",
    "fill": "",
    "sweep_at_size": "≥ 10,000/s, each once",
    "queue_page_at_size": "p95 ≤ 30 ms",
    "ticket_page_at_size": "p95 ≤ 40 ms",
    "search_page_at_size": "p95 ≤ 50 ms",
    "typing_at_size": "p95 ≤ 50 ms",
    "palette_at_size": "p95 ≤ 50 ms",
    "wall_at_size": "",
    "overviews_at_size": "",
    "lateness": "p99 ≤ 5 s",
    "kills": "missed 0, doubled 0",
    "queue_page": "p95 ≤ 30 ms",
    "ticket_page": "p95 ≤ 40 ms",
    "search_page": "p95 ≤ 50 ms",
    "typing": "p95 ≤ 50 ms",
    "palette": "p95 ≤ 50 ms",
    "wall": "",
    "overviews": "",
    "second_start": "≤ 5 s, under 400 MB",
}


def main() -> None:
    args = _parser().parse_args()
    figures: dict[str, Any] = {"machine": machine()}
    with ground() as made:
        for name, measured in measures(made, args):
            figures[name] = measured
            print(f"{name:<19} {_spoken(measured):<76} goal: {GOALS[name]}", flush=True)
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(figures, indent=2) + "\n")
    print(f"written to {OUTPUT}; load when it began: {figures['machine']['load']}")


def measures(made: Ground, args: argparse.Namespace):
    """Each measure as it comes: they follow one another on the same installation, so their order matters."""
    from bench import bulk_intake, clock_sweep, importing, intake, pages, replaying, second_start, size
    from bench.floor import intake_floor

    replaying.fill(made, args.tickets)  # first: the demo's tickets are still there
    yield "replay", replaying.replay(made)
    yield "recalculation", replaying.recalculate(made)
    floor = intake_floor(made, args.seconds)
    yield "intake", intake.measure(made, floor, args.seconds)
    yield "import", importing.measure(made, floor, args.tickets // 10)
    yield "bulk_intake", bulk_intake.measure(made, floor, args.tickets)
    yield from pages.measure(made).items()
    yield "clock_sweep", clock_sweep.measure(made)
    if args.open:
        yield from size.measure(made, args.open)
    yield "second_start", second_start.measure()


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _spoken(measured: dict[str, Any]) -> str:
    return "  ".join(f"{name} {value:,}" if not isinstance(value, str) else value for name, value in measured.items())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--tickets", type=int, default=TICKETS, help="how many are loaded (%(default)s)")
    parser.add_argument("--open", type=int, default=OPEN, help="open tickets at size, 0 for none (%(default)s)")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of floor and intake (%(default)s)")
    return parser


if __name__ == "__main__":
    main()
