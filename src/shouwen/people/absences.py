"""Who is away, or soon will be: by leave, with whoever covers for them, or by their own word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from shouwen.people.models import Leave, Person
from shouwen.people.queries import running_at

SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Absence:
    """A time somebody is away, and who covers for them."""

    from_at: datetime | None  # none where they went without saying since when
    until_at: datetime
    cover: str

    def runs(self, at: datetime) -> bool:
        """False for what is only planned."""
        return self.from_at is None or self.from_at <= at


def is_away(at: datetime) -> Any:
    """Whether a person is away at `at`: a column of a question about people."""
    on_leave = Exists(Leave.objects.filter(running_at(at), person=OuterRef("pk")))
    return ExpressionWrapper(Q(away_until__isnull=False, away_until__gt=at) | on_leave, BooleanField())


def absences_of(people: Iterable[Person], at: datetime) -> Mapping[UUID, Absence]:
    """The absence of each of these people that runs at `at`, or begins first within a week: one query."""
    people = list(people)
    touching = Leave.objects.filter(person__in=people, cancelled_at=None, from_at__lte=at + SOON, until_at__gt=at)
    leaves = touching.select_related("cover").order_by("-from_at", "id")
    found = {leave.person_id: Absence(leave.from_at, leave.until_at, str(leave.cover or "")) for leave in leaves}
    for person in people:
        said, leave = person.away_until, found.get(person.pk)
        if said and said > at and not (leave and leave.runs(at) and leave.until_at >= said):
            found[person.pk] = Absence(None, said, leave.cover if leave and leave.runs(at) else "")
    return found
