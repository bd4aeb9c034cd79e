"""Pages say by themselves who has them open, ask for news and take their leave: a test is over when they are done too.

Without waiting for them the database would be emptied under a request, which neither of the two takes.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from django.core.signals import request_finished, request_started
from django.test.testcases import TransactionTestCase

STILL_FOR, AT_MOST = 0.15, 10.0  # seconds


class Served:
    """How many requests the live server has in hand, and when it last had one."""

    def __init__(self) -> None:
        self._lock, self._in_hand, self._last_at = threading.Lock(), 0, float("-inf")

    def begins(self, **_: Any) -> None:
        self._count(1)

    def ends(self, **_: Any) -> None:
        self._count(-1)

    def wait(self) -> None:
        """Return once nothing has been asked for a moment; at once where no page was open."""
        until = time.monotonic() + AT_MOST
        while time.monotonic() < until and (self._in_hand > 0 or time.monotonic() - self._last_at < STILL_FOR):
            time.sleep(0.02)
        self._in_hand = 0

    def _count(self, change: int) -> None:
        if threading.current_thread() is threading.main_thread():
            return  # a test's own client is answered before it goes on
        with self._lock:
            self._in_hand += change
            self._last_at = time.monotonic()


served = Served()


def wait_for_pages() -> None:
    """Have every test's database emptied only when its pages have been answered."""
    request_started.connect(served.begins, weak=False)
    request_finished.connect(served.ends, weak=False)
    empty = TransactionTestCase._fixture_teardown

    def patiently(self: TransactionTestCase) -> None:
        served.wait()
        empty(self)

    TransactionTestCase._fixture_teardown = patiently  # type: ignore[method-assign]
