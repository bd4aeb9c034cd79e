"""Leave with a named cover: whoever is away is not given new work, and what falls due is told to others too."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from shouwen.handbook.refusals import Refusal, gettext_noop
from shouwen.people.changes import record
from shouwen.people.models import Change, Leave, Person


class CoverAway(Refusal):
    """A cover who is away covers nothing."""

    clause = "T1.3"
    says = gettext_noop("{cover} is away for a part of this time: name somebody who is there.")


class LeaveTwice(Refusal):
    """One leave at a time."""

    clause = "T1.3"
    says = gettext_noop("{name} is on leave for a part of this time already: change that leave instead.")


class LeaveBackwards(Refusal):
    """A leave ends after it begins, and not in the past."""

    clause = "T1.3"
    says = gettext_noop("A leave ends after it begins, and not before now.")


@transaction.atomic
def take_leave(
    person: Person,
    *,
    from_at: datetime,
    until_at: datetime,
    cover: Person | None,
    reason: str = "",
    by: Person | None,
    at: datetime,
) -> Leave:
    """Somebody is away from then until then. Raises LeaveBackwards, LeaveTwice or CoverAway."""
    Person.objects.select_for_update().get(pk=person.pk)
    if until_at <= from_at or until_at <= at:
        raise LeaveBackwards()
    if overlapping(person, from_at, until_at).exists():
        raise LeaveTwice(name=str(person))
    if cover and (not cover.is_active or cover.pk == person.pk or overlapping(cover, from_at, until_at).exists()):
        raise CoverAway(cover=str(cover))
    leave = Leave.objects.create(person=person, from_at=from_at, until_at=until_at, cover=cover, reason=reason)
    facts = {"from": [None, from_at.isoformat()], "until": [None, until_at.isoformat()]}
    facts["cover"] = [None, str(cover) if cover else ""]
    record(Change.LEAVE, person.pk, str(person), "made", by=by, at=at, facts=facts)
    return leave


@transaction.atomic
def end_leave(leave: Leave, *, by: Person | None, at: datetime) -> bool:
    """A leave that has not begun is cancelled, one that runs ends now. False where it had ended already."""
    if leave.cancelled_at or leave.until_at <= at:
        return False
    leave.cancelled_at = at
    leave.save(update_fields=["cancelled_at"])
    record(Change.LEAVE, leave.person_id, str(leave.person), "ended", by=by, at=at)
    return True


def overlapping(person: Person, from_at: datetime, until_at: datetime) -> QuerySet[Leave]:
    """Leaves of a person that touch this time."""
    return Leave.objects.filter(person=person, cancelled_at=None, from_at__lt=until_at, until_at__gt=from_at)
