"""The names behind the ids in a history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shouwen.handbook.history import Happening
from shouwen.people.models import ApiKey, Person, Team

PEOPLE = ("first_owner", "handler", "concerned", "measure_owner")
TEAMS = ("team", "lead_team", "to_team")


@dataclass(frozen=True, slots=True)
class Names:
    """Names of people, teams and connected systems, read once for a page."""

    people: Mapping[str, str]
    teams: Mapping[str, str]
    systems: Mapping[str, str]

    def of(self, ref: str) -> str:
        """Whom a reference such as "person:0190…" means."""
        kind, _colon, name = ref.partition(":")
        if kind == "person":
            return self.people.get(name) or _("somebody who has left")
        if kind == "team":
            return self.team(name)
        if kind == "integration":
            return self.systems.get(name) or _("a connected system")
        return _("the customer") if kind == "customer" else _("the system")

    def team(self, code: str) -> str:
        return self.teams.get(code, code)


def names_in(history: Iterable[Happening]) -> Names:
    """The names this history needs: one query for people, one for teams, and one for systems if there are any."""
    people, teams, systems = set[str](), set[str](), set[str]()
    known = {"person": people, "team": teams, "integration": systems}
    for row in history:
        people.update(str(row.facts[name]) for name in PEOPLE if row.facts.get(name))
        teams.update(str(row.facts[name]) for name in TEAMS if row.facts.get(name))
        for ref in (row.by, *(row.facts.get("told") or ()), *(row.facts.get("mentioned") or ())):
            kind, _colon, name = str(ref).partition(":")
            known.get(kind, set()).add(name)
    return Names(
        {str(person.pk): str(person) for person in Person.objects.filter(pk__in=_ids(people))},
        {team.pk: team_words(team) for team in Team.objects.filter(pk__in=teams)},
        {str(key.pk): key.name for key in ApiKey.objects.filter(pk__in=_ids(systems))} if systems else {},
    )


def team_words(team: Team | None) -> str:
    """A team's name in the reader's language."""
    if team is None:
        return ""
    english = (get_language() or "").startswith("en")
    return team.name_en if english and team.name_en else team.name


def _ids(names: Iterable[str]) -> list[UUID]:
    """Those of the names that are ids: an imported history may name somebody this desk never knew."""
    ids = []
    for name in names:
        try:
            ids.append(UUID(name))
        except ValueError:
            continue
    return ids
