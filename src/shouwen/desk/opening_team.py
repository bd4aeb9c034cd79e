"""The team that a page of one team opens on, where its address names none."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest

from shouwen.handbook.authority import Actor
from shouwen.people.models import Team

LAST = "team"  # in the session: the team somebody looked at last


def opening_team(teams: Sequence[Team], actor: Actor, request: HttpRequest) -> Team | None:
    """The reader's own, if that is one; else the one they looked at last; else the nearest of these.

    Nearest is the team they lead, then those they belong to, those of a region before those that work everywhere.
    """
    own = [team for team in teams if team.pk in actor.teams]
    if len(own) == 1:
        return own[0]
    last = request.session.get(LAST)
    return min(teams, key=lambda team: (team.pk != last, *_distance(team, actor)), default=None)


def remember(team: Team, request: HttpRequest) -> None:
    """The next page of one team opens on it."""
    if request.session.get(LAST) != team.pk:
        request.session[LAST] = team.pk


def _distance(team: Team, actor: Actor) -> tuple[bool, bool, bool, str]:
    return str(team.lead_id) != actor.id, team.pk not in actor.teams, not team.region, team.pk
