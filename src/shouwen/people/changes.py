"""Who changed what about whom: written down beside every change of people, teams, keys and duties."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shouwen.people.models import Change, Person, Team

Facts = dict[str, Any]


def record(
    kind: str,
    about: object,
    name: str,
    what: str,
    *,
    by: Person | None,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
) -> Change:
    """One row of the log; in the same transaction as what it tells."""
    return Change.objects.create(
        kind=kind, about=str(about)[:40], name=name[:80], what=what, facts=dict(facts or {}), by=by, at=at
    )


def facts_of_person(person: Person) -> Facts:
    """What the log compares of a person; never a password."""
    return {
        "username": person.username,
        "display_name": person.display_name,
        "staff_no": person.staff_no,
        "roles": sorted(person.roles),
        "teams": sorted(person.teams.values_list("code", flat=True)) if person.pk else [],
        "regions": sorted(person.regions),
        "skills": sorted(person.skills),
        "active": person.is_active,
    }


def facts_of_team(team: Team) -> Facts:
    """What the log compares of a team."""
    return {
        "name": team.name,
        "name_en": team.name_en,
        "region": team.region,
        "lead": str(team.lead or ""),
        "active": team.active,
    }


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Facts:
    """What was, and what is now, by field; only what differs."""
    return {
        name: [before.get(name), value]
        for name, value in after.items()
        if before.get(name) != value and (before.get(name) or value)
    }
