"""How much each person, team and region has in hand: counted in indexes, and only as far as a badge goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, OuterRef, Q, QuerySet
from django.urls import reverse

from shouwen.desk.counting import capped_counts
from shouwen.desk.wall import Watch, leaf_regions
from shouwen.desk.wording import here
from shouwen.handbook.authority import Actor, Sight
from shouwen.people.absences import is_away
from shouwen.people.models import Person, Team
from shouwen.people.names import team_words
from shouwen.people.queries import AT_WORK, EVERYWHERE, covers
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import visible_to

MOST = 100  # shown as 99+


@dataclass(frozen=True, slots=True)
class Load:
    """What somebody, a team or a region has in hand, and how much of it is overdue."""

    name: str
    note: str
    url: str
    open: int
    overdue: int
    away: bool = False

    @property
    def in_time(self) -> int:
        return max(self.open - self.overdue, 0)


def teams_under(actor: Actor) -> list[Team]:
    """The teams an actor answers for: their own, and those of their regions; a team without a region works for all."""
    teams = Team.objects.filter(active=True).order_by("code")
    sees_regions = Sight.REGIONS in actor.sights
    return [team for team in teams if team.pk in actor.teams or (sees_regions and covers(actor.regions, team.region))]


def people_of(teams: Iterable[Team]) -> QuerySet[Person]:
    """Everybody in these teams whose work tickets are."""
    codes = [team.pk for team in teams]
    within = Person.teams.through.objects.filter(team_id__in=codes).values("person_id")
    return Person.objects.filter(is_active=True, pk__in=within, roles__overlap=AT_WORK)


def counted_people(watch: Watch, teams: Iterable[Team]) -> QuerySet[Person]:
    """Everybody in these teams with `in_hand` and `overdue`."""
    return people_of(teams).annotate(**_counted(watch, "handler"))


def loads_of_people(watch: Watch, teams: Iterable[Team]) -> list[Load]:
    """People by what they have in hand, the most burdened first: one query, and one for their teams."""
    people = counted_people(watch, teams).annotate(away=is_away(watch.at)).prefetch_related("teams")
    shown = [_person(person) for person in people]
    return sorted(shown, key=lambda load: (-load.overdue, -load.open, load.name))


def loads_of_teams(watch: Watch, teams: Iterable[Team]) -> list[Load]:
    """Teams by what they have in hand: one query."""
    counted = Team.objects.filter(pk__in=[team.pk for team in teams]).annotate(**_counted(watch, "team"))
    shown = [_load(team_words(team), "", "desk:wall_team", team.pk, team) for team in counted]
    return sorted(shown, key=lambda load: (-load.overdue, -load.open, load.name))


def loads_of_regions(watch: Watch) -> list[Load]:
    """The regions an actor answers for that have anything open: one query."""
    codes = leaf_regions(regions_under(watch))
    seen = visible_to(watch.actor).filter(is_open=True)
    every = {code: seen.filter(region__startswith=code) for code in codes}
    late = {f"{code}/late": rows.filter(lead_due_at__lte=watch.at) for code, rows in every.items()}
    counts = capped_counts({**every, **late}, most=MOST)
    shown = [
        Load(
            here(watch.rules.label("regions", code)),
            code,
            reverse("desk:wall_region", args=[code]),
            counts[code],
            counts[f"{code}/late"],
        )
        for code in codes
        if counts[code]
    ]
    return sorted(shown, key=lambda load: (-load.open, -load.overdue, load.note))


def regions_under(watch: Watch) -> list[str]:
    """The edition's regions within the actor's, and the actor's own where the edition names none of them."""
    prefixes = watch.actor.regions
    if EVERYWHERE in prefixes:
        return list(watch.rules.regions)
    within = [code for code in watch.rules.regions if code.startswith(tuple(prefixes))]
    return [*within, *(prefix for prefix in prefixes if not any(code.startswith(prefix) for code in within))]


def open_and_overdue(watch: Watch, held: Q, *, late: bool) -> QuerySet[Ticket]:
    """The tickets such a number counts."""
    rows = visible_to(watch.actor).filter(held, is_open=True)
    return rows.filter(lead_due_at__lte=watch.at) if late else rows


def _counted(watch: Watch, post: str) -> dict[str, Any]:
    held = visible_to(watch.actor).filter(**{post: OuterRef("pk"), "is_open": True})
    return {"in_hand": _capped(held), "overdue": _capped(held.filter(lead_due_at__lte=watch.at))}


def _capped(rows: QuerySet[Ticket]) -> Func:
    """How many of these rows there are for each row outside, up to `MOST`.

    They are asked for in order, with a value that the index of all open tickets lacks: else PostgreSQL, for which
    everybody has as many as the average, walks all that is open rather than what is in these hands.
    """
    found = ArraySubquery(rows.order_by("lead_due_at", "id").values("changed_at")[:MOST])
    return Func(found, function="cardinality", output_field=IntegerField())


def _person(person: Any) -> Load:
    teams = "、".join(team_words(team) for team in person.teams.all())
    return _load(str(person), teams, "desk:wall_person", person.pk, person, away=person.away)


def _load(name: str, note: str, page: str, key: Any, row: Any, *, away: bool = False) -> Load:
    return Load(name, note, reverse(page, args=[key]), row.in_hand, row.overdue, away)
