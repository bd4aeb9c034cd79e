"""Who becomes the first-contact owner (首问责任人) of what no agent has typed in (T1.3)."""

from __future__ import annotations

import threading
import time

from django.db.models import Count

from shouwen.people.models import Person
from shouwen.people.queries import covers
from shouwen.tickets.models import Ticket

FRESH_FOR = 5.0  # seconds for which loads read from the database are good enough to share work out by


class FirstOwners:
    """Agents on duty and how many open tickets each owns; what is given out counts at once."""

    def __init__(self, agents: list[tuple[str, frozenset[str]]], load: dict[str, int]) -> None:
        self._agents, self._load = agents, load
        self._lock = threading.Lock()

    def next_for(self, region: str) -> str | None:
        """The agent for this region who owns least; None when nobody covers it."""
        with self._lock:
            able = [agent for agent, regions in self._agents if covers(regions, region)]
            if not able:
                return None
            chosen = min(able, key=lambda agent: (self._load.get(agent, 0), agent))
            self._load[chosen] = self._load.get(chosen, 0) + 1
            return chosen


_held: list[tuple[float, FirstOwners]] = []


def first_owners() -> FirstOwners:
    """The agents on duty, read anew when the last reading is some seconds old."""
    if not _held or time.monotonic() - _held[0][0] > FRESH_FOR:
        _held[:] = [(time.monotonic(), _read())]
    return _held[0][1]


def forget_loads() -> None:
    """Read anew at the next question: after people were hired or let go."""
    _held.clear()


def _read() -> FirstOwners:
    agents = Person.objects.filter(is_active=True, roles__contains=["agent"], away_until=None)
    rows = [(str(agent.pk), frozenset(agent.regions)) for agent in agents]
    owned = Ticket.objects.filter(is_open=True, first_owner__in=[agent for agent, _ in rows])
    load = dict(owned.values_list("first_owner").annotate(Count("id")))
    return FirstOwners(rows, {str(agent): count for agent, count in load.items()})
