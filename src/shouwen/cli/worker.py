"""`shouwen worker`: everything that happens without anybody clicking: clocks, messages, followers of the history."""

from __future__ import annotations

import argparse
import importlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread

from shouwen.cli.processes import stopping
from shouwen.cli.sentences import _

log = logging.getLogger("shouwen.worker")

LOOK_EVERY = 0.2  # seconds between looks whether we were asked to stop
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
BATCH_ENDS_WITHIN = 30.0  # seconds


@dataclass(slots=True)
class Loop:
    """A recurring piece of work: does what is due at a moment, says how much that was, rests when it was nothing."""

    name: str
    work: Callable[[datetime], int]
    rest: float
    pause: float = field(default=FIRST_PAUSE)

    def turn(self, at: datetime) -> float:
        """One turn; how many seconds to wait before the next. An error is logged and tried again, later and later."""
        from django.db import DatabaseError, InterfaceError

        try:
            handled = self.work(at)
        except (DatabaseError, InterfaceError) as error:
            log.warning("%s: the database refused (%s); again in %.0f s", self.name, type(error).__name__, self.pause)
            return self._longer()
        except Exception:
            log.exception("%s: failed; again in %.0f s", self.name, self.pause)
            return self._longer()
        if self.pause > FIRST_PAUSE:
            log.info("%s: works again", self.name)
        self.pause = FIRST_PAUSE
        return 0.0 if handled else self.rest

    def _longer(self) -> float:
        pause = self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)
        return pause


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help=_("do what is due now, then end"))


def run(args: argparse.Namespace) -> int:
    """Run every loop of the wiring table until told to stop."""
    loops = wired_loops()
    if args.once:
        return _run_once(loops)
    stopping.listen()
    ending = Event()
    threads = [Thread(target=keep_turning, args=(loop, ending), name=loop.name, daemon=True) for loop in loops]
    for thread in threads:
        thread.start()
    while not stopping.asked:
        time.sleep(LOOK_EVERY)
    ending.set()
    for thread in threads:
        thread.join(BATCH_ENDS_WITHIN)
    return 0


def wired_loops() -> list[Loop]:
    """The loops of `config/wiring.py`."""
    from django.conf import settings

    return [Loop(*row) for row in importlib.import_module(settings.SHOUWEN_WIRING).LOOPS]


def keep_turning(loop: Loop, ending: Event) -> None:
    """Turn after turn, giving the connection back in between."""
    from django.db import close_old_connections, connection

    while not ending.is_set():
        close_old_connections()
        wait = loop.turn(datetime.now(UTC))
        connection.close()
        ending.wait(wait)


def _run_once(loops: list[Loop]) -> int:
    failed = 0
    for loop in loops:
        while (wait := loop.turn(datetime.now(UTC))) == 0.0:
            pass
        failed += wait != loop.rest
    return 1 if failed else 0
