"""A file of open work moved in with `shouwen import`, from the command's start to its end."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils.timezone import now

from bench.complaints import complaint
from bench.figures import against_floor
from bench.ground import Ground


def measure(ground: Ground, floor: float, tickets: int) -> dict[str, Any]:
    """Rows a second: read, mapped, checked, redacted, sealed, written."""
    ground.clear()
    with tempfile.TemporaryDirectory(prefix="shouwen-bench-") as folder:
        file = Path(folder, "open-work.jsonl")
        _write(file, tickets)
        started = time.perf_counter()
        command = ground.program("import", str(file), "--as", "open")
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        spent = time.perf_counter() - started
    [(made,)] = ground.ask("SELECT count(*) FROM ticket WHERE is_open")
    assert made == tickets
    return against_floor(tickets / spent, floor, "tickets/s")


def _write(file: Path, tickets: int) -> None:
    begins = now() - timedelta(days=1)
    with file.open("w", encoding="utf-8") as out:
        for n in range(tickets):
            said = complaint(n)
            received_at = begins + timedelta(hours=20) * n / tickets
            row = {
                "id": n,
                "received_at": received_at.isoformat(),
                "description": said["text"],
                "category": said["category"],
                "phone": said["phone"],
                "region": said["region"],
            }
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
