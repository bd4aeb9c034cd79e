"""From when on people are told what their clocks have come to: in their duty hours, unless it is urgent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from shouwen.editions.edition import Edition
from shouwen.handbook.escalation import told_from
from shouwen.handbook.working_time import Calendar, NaturalTime
from shouwen.people.queries import Roster

AT_ANY_HOUR = NaturalTime()  # of a calendar nobody has published


class Hours:
    """What people may be told at one moment, and what waits for the beginning of their hours. For a whole batch."""

    def __init__(self, at: datetime, on_duty: Roster, calendars: Mapping[str, Calendar]) -> None:
        self._at, self._on_duty, self._calendars = at, on_duty, calendars
        self._known: dict[tuple[str, str], datetime | None] = {}
        self._begin: dict[frozenset[str], datetime] = {}

    def held(self, recipients: Iterable[str], rules: Edition) -> dict[str, datetime]:
        """When those of the recipients who are off duty are on duty again."""
        begins = ((recipient, self._not_before(recipient, rules)) for recipient in recipients)
        return {recipient: at for recipient, at in begins if at is not None}

    def _not_before(self, recipient: str, rules: Edition) -> datetime | None:
        """When `recipient` ("person:…", "team:…") is on duty again; None for somebody who is."""
        asked = (rules.id, recipient)
        if asked not in self._known:
            begins = self._begins(self._calendars_of(recipient, rules))
            self._known[asked] = begins if begins > self._at else None
        return self._known[asked]

    def _calendars_of(self, recipient: str, rules: Edition) -> frozenset[str]:
        kind, _, name = recipient.partition(":")
        if kind == "team":
            return rules.duty.calendars_of([name])
        return rules.duty.calendars_of(*self._on_duty.posts.get(name, ((), ())))

    def _begins(self, names: frozenset[str]) -> datetime:
        if names not in self._begin:
            duty = [self._calendars.get(name, AT_ANY_HOUR) for name in names]
            self._begin[names] = told_from(self._at, duty)
        return self._begin[names]
