"""Where the databases that are killed lie: in memory, if there is room."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108  each folder in it is one test's alone
ROOM = 4 * 2**30  # bytes: a gigabyte of log for each database, and their copies


def roomy_memory() -> Path | None:
    """A folder whose files the kernel alone holds; None where there is none, and then a disk has to do.

    The kernel outlives every kill here, whether it has written to a disk or not, and in memory nobody waits for it.
    """
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        return None
    programs_run_there = not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
    return MEMORY if programs_run_there else None
