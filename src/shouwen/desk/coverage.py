"""Whether there is somebody for everything the rules name: work of teams, skills, regions, roles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from shouwen.desk.staffing import NOBODYS
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.handbook.assignment import TeamOnDuty
from shouwen.people.models import Person, Team
from shouwen.people.names import team_words
from shouwen.people.queries import HANDLERS, covers

NAMES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Covered:
    """One thing the rules name, and who is there for it."""

    code: str
    words: str
    who: list[str]
    more: int
    needed: bool  # by a route, so that without anybody tickets get stuck

    @property
    def gap(self) -> bool:
        return self.needed and not self.who

    @property
    def told(self) -> list[Any]:
        """The line as a table has it."""
        return [self.code, self.words, len(self.who) + self.more, _(", ").join(self.who), self.gap]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page: its title, what it is about, its lines."""

    title: str
    about: str
    lines: list[Covered]

    @property
    def gaps(self) -> int:
        return sum(line.gap for line in self.lines)


def coverage_of(rules: Edition) -> list[Part]:
    """All of it: three queries."""
    people = list(Person.objects.filter(is_active=True).prefetch_related("teams").order_by("display_name", "id"))
    teams = list(Team.objects.filter(active=True))
    return [
        Part(
            _("Work of teams"),
            _("Every route of the rules needs a team that does its work."),
            list(_works(rules, teams)),
        ),
        Part(_("Skills"), _("A route looks for somebody in the team with these."), list(_skills(rules, people))),
        Part(_("Roles"), _("What each may do and see stands in the rules."), list(_roles(rules, people))),
        Part(
            _("Regions"),
            _("Agents and supervisors see the complaints of their regions."),
            list(_regions(rules, people)),
        ),
    ]


def _works(rules: Edition, teams: Iterable[Team]) -> Iterator[Covered]:
    needed = {route.team for route in rules.routes}
    for code, term in rules.teams.items():
        doing = [team_words(team) for team in teams if TeamOnDuty(team.pk).does(code)]
        yield _covered(code, here(term.words), doing, needed=code in needed)


def _skills(rules: Edition, people: Iterable[Person]) -> Iterator[Covered]:
    needed = frozenset().union(*(route.skills for route in rules.routes))
    for code, term in rules.skills.items():
        able = [str(one) for one in people if code in one.skills and not set(HANDLERS).isdisjoint(one.roles)]
        yield _covered(code, here(term.words), able, needed=code in needed)


def _roles(rules: Edition, people: Iterable[Person]) -> Iterator[Covered]:
    needed = {"agent", "supervisor", "administrator"}
    for code, role in rules.roles.items():
        if code not in NOBODYS:
            yield _covered(
                code, here(role.words), [str(one) for one in people if code in one.roles], needed=code in needed
            )


def _regions(rules: Edition, people: Iterable[Person]) -> Iterator[Covered]:
    at_desk = [one for one in people if {"agent", "supervisor"} & set(one.roles)]
    worked_in = {region for one in people for region in one.regions}
    for code, term in rules.regions.items():
        there = [str(one) for one in at_desk if covers(one.regions, code)]
        if there or code in worked_in:
            yield _covered(code, here(term.words), there, needed=False)


def _covered(code: str, words: str, who: list[str], *, needed: bool) -> Covered:
    return Covered(code, words, who[:NAMES_SHOWN], max(len(who) - NAMES_SHOWN, 0), needed)
