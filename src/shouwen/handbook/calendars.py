"""The calendars of a carrier through their versions: what runs counts by the newest, what ended by what was known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from shouwen.handbook.working_time import Calendar


class Published(NamedTuple):
    """One version of a calendar, and since when (aware UTC) it has been known."""

    at: datetime
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Calendars(Mapping[str, Calendar]):
    """The newest version of every calendar, by name; and the one that was the newest at any moment.

    So a corrected holiday moves what is still running and never what has been judged (requirements X3).
    """

    versions: Mapping[str, tuple[Published, ...]]  # oldest first, at least one

    def __getitem__(self, name: str) -> Calendar:
        return self.versions[name][-1].calendar

    def __iter__(self) -> Iterator[str]:
        return iter(self.versions)

    def __len__(self) -> int:
        return len(self.versions)

    def known_at(self, name: str, at: datetime) -> Calendar:
        """The version that was the newest at `at`; before anything had been published, the first."""
        versions = self.versions[name]
        return next((known.calendar for known in reversed(versions) if known.at <= at), versions[0].calendar)
