"""Duty rosters (值班表): who is on duty in a team from when until when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from shouwen.handbook.refusals import Refusal, gettext_noop
from shouwen.people.changes import record
from shouwen.people.leaves import overlapping
from shouwen.people.models import Change, Leave, Person, Shift, Team

WEEK = timedelta(days=7)
LONGEST = timedelta(hours=24)


class ShiftBackwards(Refusal):
    """A shift is a part of a day."""

    clause = "T1.3"
    says = gettext_noop("A shift ends after it begins, and lasts 24 hours at most.")


class OnDutyAlready(Refusal):
    """Nobody is in two places at once."""

    clause = "T1.3"
    says = gettext_noop("{name} is on duty for a part of this time already.")


class AwayThen(Refusal):
    """Whoever is on leave is not on duty."""

    clause = "T1.3"
    says = gettext_noop("{name} is on leave for a part of this time.")


@dataclass(frozen=True, slots=True)
class Entry:
    """A shift to be entered."""

    person: Person
    starts_at: datetime
    ends_at: datetime
    note: str = ""


def shifts_between(team: Team, start: datetime, end: datetime) -> QuerySet[Shift]:
    """A team's shifts that begin in this time, in their order."""
    shifts = Shift.objects.filter(team=team, starts_at__gte=start, starts_at__lt=end)
    return shifts.select_related("person").order_by("starts_at", "person__display_name", "id")


def on_shift(team: Team, at: datetime) -> QuerySet[Shift]:
    """The shifts of a team under way at `at`."""
    running = Shift.objects.filter(team=team, starts_at__lte=at, starts_at__gt=at - LONGEST, ends_at__gt=at)
    return running.select_related("person").order_by("starts_at", "id")


@transaction.atomic
def enter_shifts(team: Team, entries: Sequence[Entry], *, by: Person, at: datetime) -> list[Shift]:
    """All of these shifts, or, where one is refused, none. Raises ShiftBackwards, OnDutyAlready or AwayThen."""
    Team.objects.select_for_update().get(pk=team.pk)
    made = []
    for entry in entries:
        check_shift(entry)
        made.append(
            Shift.objects.create(
                team=team, person=entry.person, starts_at=entry.starts_at, ends_at=entry.ends_at, note=entry.note
            )
        )
    if made:
        _record(team, "made", made, by=by, at=at)
    return made


def check_shift(entry: Entry) -> None:
    """Raises ShiftBackwards, OnDutyAlready or AwayThen."""
    if not timedelta(0) < entry.ends_at - entry.starts_at <= LONGEST:
        raise ShiftBackwards()
    taken = Shift.objects.filter(person=entry.person, starts_at__lt=entry.ends_at, ends_at__gt=entry.starts_at)
    if taken.exists():
        raise OnDutyAlready(name=str(entry.person))
    if overlapping(entry.person, entry.starts_at, entry.ends_at).exists():
        raise AwayThen(name=str(entry.person))


@transaction.atomic
def remove_shift(shift: Shift, *, by: Person, at: datetime) -> None:
    """A shift that is not worked after all."""
    _record(shift.team, "ended", [shift], by=by, at=at)
    shift.delete()


@transaction.atomic
def copy_week(team: Team, start: datetime, *, by: Person, at: datetime) -> tuple[int, list[str]]:
    """The shifts of the week before once more in the week from `start`: how many, and who was left out and why not.

    At the same hours by the clock on the wall, also where it is put back in between.
    """
    Team.objects.select_for_update().get(pk=team.pk)
    made, left = [], []
    for shift in shifts_between(team, start - WEEK, start):
        starts, ends = (timezone.localtime(moment) + WEEK for moment in (shift.starts_at, shift.ends_at))
        entry = Entry(shift.person, starts, ends, shift.note)
        if not shift.person.is_active:
            continue
        try:
            with transaction.atomic():
                made += enter_quietly(team, entry)
        except (OnDutyAlready, AwayThen) as refusal:
            left.append(str(refusal.facts["name"]))
    if made:
        _record(team, "made", made, by=by, at=at)
    return len(made), list(dict.fromkeys(left))


def enter_quietly(team: Team, entry: Entry) -> list[Shift]:
    """One shift, of which the caller keeps the record."""
    check_shift(entry)
    return [
        Shift.objects.create(
            team=team, person=entry.person, starts_at=entry.starts_at, ends_at=entry.ends_at, note=entry.note
        )
    ]


def leaves_in(people: Iterable[Person], start: datetime, end: datetime) -> list[Leave]:
    """The leaves of these people that touch this time."""
    leaves = Leave.objects.filter(person__in=list(people), cancelled_at=None, from_at__lt=end, until_at__gt=start)
    return list(leaves.select_related("person", "cover").order_by("from_at"))


def _record(team: Team, what: str, shifts: Sequence[Shift], *, by: Person, at: datetime) -> None:
    """The log names who and when; a copied week is one row."""
    said = [f"{shift.person} {shift.starts_at.isoformat(timespec='minutes')}" for shift in shifts]
    before, after = (said, []) if what == "ended" else ([], said)
    record(Change.DUTY, team.pk, team.name, what, by=by, at=at, facts={"shifts": [before, after]})
