"""The calendars of a carrier through their versions: what runs counts by the newest, what ended by what was known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from shouwen.handbook.working_time import Calendar, WorkingCalendar

ENDS_SOON = 60  # days


class Published(NamedTuple):
    """One version of a calendar, and since when (aware UTC) it has been known."""

    at: datetime
    calendar: Calendar


class Horizon(NamedTuple):
    """How far a calendar is published: its last day, and how many days are left until it (negative once it is past)."""

    calendar: str
    last_day: date
    days_left: int

    @property
    def ends_soon(self) -> bool:
        """True from 60 days before it on: whoever publishes calendars must know by then."""
        return self.days_left <= ENDS_SOON


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


def horizon(calendar: Calendar, at: datetime) -> Horizon | None:
    """How far this calendar is published, seen from `at` (aware); None where nothing needs publishing."""
    if not isinstance(calendar, WorkingCalendar) or calendar.published_until == date.max:
        return None
    today = at.astimezone(calendar.zone).date()
    return Horizon(calendar.name, calendar.published_until, (calendar.published_until - today).days)


def horizons_near(calendars: Iterable[Calendar], at: datetime) -> list[Horizon]:
    """The horizons that end soon, or have ended, at `at`; the nearest first."""
    found = (horizon(calendar, at) for calendar in calendars)
    return sorted((one for one in found if one and one.ends_soon), key=lambda one: one.days_left)
