"""Who becomes the first-contact owner (首问责任人) of what no agent has typed in (T1.3)."""

from __future__ import annotations

import threading
import time
from datetime import datetime

from shouwen.people.queries import covers, on_duty
from shouwen.tickets.queries import open_tickets_of

FRESH_FOR = 5.0  # seconds for which loads read from the database are good enough to share work out by


class FirstOwners:
    """Agents on duty and how many open tickets each owns, counted when a region first asks for them.

    What is given out counts at once.
    """

    def __init__(self, agents: list[tuple[str, frozenset[str]]]) -> None:
        self._agents, self._load = agents, dict[str, int]()
        self._lock = threading.Lock()

    def next_for(self, region: str) -> str | None:
        """The agent for this region who owns least; None when nobody covers it."""
        with self._lock:
            able = [agent for agent, regions in self._agents if covers(regions, region)]
            if not able:
                return None
            if uncounted := [agent for agent in able if agent not in self._load]:
                self._load |= open_tickets_of(uncounted, "first_owner")
            chosen = min(able, key=lambda agent: (self._load[agent], agent))
            self._load[chosen] += 1
            return chosen


_held: list[tuple[float, FirstOwners]] = []


def first_owners(at: datetime) -> FirstOwners:
    """The agents on duty at `at`, read anew when the last reading is some seconds old."""
    if not _held or time.monotonic() - _held[0][0] > FRESH_FOR:
        _held[:] = [(time.monotonic(), _read(at))]
    return _held[0][1]


def forget_loads() -> None:
    """Read anew at the next question: after people were hired or let go."""
    _held.clear()


def _read(at: datetime) -> FirstOwners:
    return FirstOwners([(str(agent.pk), frozenset(agent.regions)) for agent in on_duty("agent", at)])
