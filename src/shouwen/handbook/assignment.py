"""Who gets the work: by business, customer level, place, skill and load (SOP 三)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shouwen.handbook.history import TicketState
from shouwen.handbook.targets import Conditions
from shouwen.handbook.words import Source, Words


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the routing table: what fits it goes to a team that does `team`'s work."""

    id: str
    team: str
    applies: Conditions
    words: Words
    source: Source
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TeamOnDuty:
    """A team that can take work.

    "installation" and "installation-3401" do the same work; a region of "" is everywhere.
    """

    code: str
    region: str = ""
    open_tickets: int = 0

    def does(self, work: str) -> bool:
        return self.code == work or self.code.startswith(f"{work}-")

    def covers(self, region: str) -> bool:
        return region.startswith(self.region)


@dataclass(frozen=True, slots=True)
class PersonOnDuty:
    """Somebody in a team; a person of two teams is on duty twice."""

    id: str
    team: str
    skills: frozenset[str] = frozenset()
    open_tickets: int = 0
    away: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where the work goes and why, sentence by sentence. Without a handler the team's lead hands it out."""

    team: str | None
    handler: str | None
    why: tuple[Words, ...]
    route: str | None = None


NOWHERE: Mapping[str, Words] = {}
NO_ROUTE = Words("没有可承接的班组，由主管派单", "no team on duty takes this work: the supervisor dispatches it")
NOBODY = Words(
    "班组内暂无具备所需技能的在岗人员，由班组长分派",
    "nobody in the team is on duty with the skills needed: its lead assigns it",
)


def assign(
    ticket: TicketState,
    routes: Sequence[Route],
    teams: Iterable[TeamOnDuty],
    people: Iterable[PersonOnDuty],
    places: Mapping[str, Words] = NOWHERE,
) -> Assignment:
    """The first route that fits and that some team on duty serves. `places` are names of regions by their codes.

    In the team: the person with the skills who has least in hand.
    """
    on_duty = list(teams)
    for route in routes:
        if route.applies.fit(ticket) and (team := team_for(route.team, ticket.region, on_duty)):
            return _within(team, route, people, places)
    return Assignment(None, None, (NO_ROUTE,))


def assign_in(team: str, ticket: TicketState, routes: Sequence[Route], people: Iterable[PersonOnDuty]) -> Assignment:
    """In a team that somebody chose: the person with the skills its work needs who has least in hand."""
    its = (route for route in routes if route.applies.fit(ticket) and TeamOnDuty(team).does(route.team))
    route = next(its, None)
    person = person_for(team, route.skills if route else frozenset(), people)
    return Assignment(team, person.id if person else None, (_by_load(person.open_tickets) if person else NOBODY,))


def team_for(work: str, region: str, teams: Iterable[TeamOnDuty]) -> TeamOnDuty | None:
    """The team that does this work nearest to the place: longest region code, then fewest open tickets, then code."""
    able = [team for team in teams if team.does(work) and team.covers(region)]
    return min(able, key=lambda team: (-len(team.region), team.open_tickets, team.code), default=None)


def person_for(team: str, skills: frozenset[str], people: Iterable[PersonOnDuty]) -> PersonOnDuty | None:
    """The person of the team with all the skills and the fewest open tickets; among equals always the same one."""
    able = [one for one in people if one.team == team and not one.away and skills <= one.skills]
    return min(able, key=lambda one: (one.open_tickets, one.id), default=None)


def _within(team: TeamOnDuty, route: Route, people: Iterable[PersonOnDuty], places: Mapping[str, Words]) -> Assignment:
    person = person_for(team.code, route.skills, people)
    why = [route.words]
    if team.region:
        why.append(_by_place(places.get(team.region, Words(team.region, team.region))))
    why.append(_by_load(person.open_tickets) if person else NOBODY)
    return Assignment(team.code, person.id if person else None, tuple(why), route.id)


def _by_place(place: Words) -> Words:
    return Words(f"{place.zh}归属地班组", f"{place.en} belongs to its local team")


def _by_load(open_tickets: int) -> Words:
    return Words(f"在手工单最少：{open_tickets} 件", f"fewest tickets in hand: {open_tickets}")
