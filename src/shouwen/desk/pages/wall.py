"""The supervisor's wall: numbers that count themselves anew, and behind each the very tickets it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from shouwen.desk.counting import capped_counts
from shouwen.desk.header import rules_for
from shouwen.desk.listing import found_first
from shouwen.desk.loads import (
    Load,
    loads_of_people,
    loads_of_regions,
    loads_of_teams,
    open_and_overdue,
    people_of,
    teams_under,
)
from shouwen.desk.menu import OVERSEERS
from shouwen.desk.pages.door import DeskPage
from shouwen.desk.pages.living import known_tickets, living_list
from shouwen.desk.pages.places import places_in
from shouwen.desk.pages.queues import BY_DUE
from shouwen.desk.paging import page_of
from shouwen.desk.rows import rows_of
from shouwen.desk.shown_tables import loads_leaf
from shouwen.desk.trend import MOST, trend_of
from shouwen.desk.wall import COUNTS, Watch, counted_by, shown_counts
from shouwen.desk.wording import here
from shouwen.people.models import Team
from shouwen.people.names import team_words
from shouwen.screens.tables import Leaf, kind_asked
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import visible_to

EVERY = 20  # seconds between two counts
PEOPLE_SHOWN, TEAMS_SHOWN, REGIONS_SHOWN = 14, 8, 8


class Wall(DeskPage):
    """What every page of the wall knows."""

    roles = OVERSEERS

    def watch(self, hour: int | None = None) -> Watch:
        return Watch(self.actor, self.at, rules_for(self.request, self.at), hour)


class WallPage(Wall):
    """The wall itself; with `?screen` as one dark sheet for a screen on a wall."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if kind := kind_asked(request):
            return self.files_of(kind, _("Wall"), self.leaves())
        context = {
            **numbers_of(self.watch()),
            "screen": "screen" in request.GET,
            "counted_at": counted_at(self.at),
            "every": EVERY,
            "tables": [name for name, _whose in _tables()],
        }
        return render(request, "desk/wall.html", context)

    def leaves(self) -> list[Leaf]:
        """Who has how much in hand: everybody, where the wall has room for some."""
        watch, teams = self.watch(), teams_under(self.actor)
        loads = loads_of_people(watch, teams), loads_of_teams(watch, teams), loads_of_regions(watch)
        return [loads_leaf(name, whose, of_it) for (name, whose), of_it in zip(_tables(), loads, strict=True)]


def _tables() -> list[tuple[str, str]]:
    """The tables of the wall, and whose load each holds."""
    return [
        (_("In hand, by person"), _("Person")),
        (_("In hand, by team"), _("Team")),
        (_("Open, by region"), _("Region")),
    ]


class WallNumbers(Wall):
    """The numbers alone: 304 while none has changed, and either way when they were counted."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        body = render_to_string("desk/_wall.html", numbers_of(self.watch()), request).encode()
        etag = quote_etag(sha256(body).hexdigest()[:32])
        response = HttpResponse(body)
        response["ETag"] = etag
        response["Cache-Control"] = "private, no-cache"
        answer = get_conditional_response(request, etag=etag, response=response) or response
        answer["Counted-At"] = counted_at(self.at)
        return answer


@dataclass(frozen=True, slots=True)
class Behind:
    """The tickets behind a number of the wall, in their order, and what their list says while it is empty."""

    name: str
    tickets: QuerySet[Ticket]
    order: tuple[str, ...]
    empty: str
    teaches: str


class WallList(Wall):
    """The tickets one number of the wall counts."""

    def get(self, request: HttpRequest, **where: Any) -> HttpResponseBase:
        behind = self.behind(**where)
        page = page_of(behind.tickets, behind.order, **places_in(request), take=found_first)
        return living_list(
            self,
            "desk/wall_list.html",
            page,
            known_tickets(page),
            lambda: {"behind": behind, "rows": rows_of(page.rows, self.at, personal=self.sees_personal)},
        )

    def behind(self, **where: Any) -> Behind:
        """What stands behind the number that was pressed. Raises Http404."""
        watch, count = self.watch(_hour(self.request)), COUNTS.get(where["code"])
        if count is None or count not in shown_counts(watch.rules):
            raise Http404
        name = count.said(watch.rules)
        if watch.hour is not None:
            name = _("%(name)s, from %(hour)d:00") % {"name": name, "hour": watch.hour}
        return Behind(name, counted_by(count, watch), count.order, str(count.empty), str(count.teaches))

    def load(self, name: str, held: Q) -> Behind:
        """What somebody has in hand; with `?overdue` what of it is overdue."""
        late = "overdue" in self.request.GET
        tickets = open_and_overdue(self.watch(), held, late=late)
        return Behind(
            _("%(name)s: overdue") % {"name": name} if late else name,
            tickets,
            BY_DUE,
            _("Nothing is in hand here"),
            _("Whatever is open and in these hands is listed here."),
        )


class WallPerson(WallList):
    """What one person of the actor's teams has in hand; with `?team=` what they have of that team."""

    def behind(self, **where: Any) -> Behind:
        teams = teams_under(self.actor)
        found = get_object_or_404(people_of(teams), pk=where["person"])
        team = next((one for one in teams if one.pk == self.request.GET.get("team")), None)
        if team:
            return self.load(f"{found} · {team_words(team)}", Q(handler=found.pk, team=team.pk))
        return self.load(str(found), Q(handler=found.pk))


class WallTeam(WallList):
    """What one of the actor's teams has in hand; with `?unclaimed` what nobody in it has taken up."""

    def behind(self, **where: Any) -> Behind:
        found = next((one for one in teams_under(self.actor) if one.pk == where["team"]), None)
        if found is None:
            raise Http404
        if "unclaimed" in self.request.GET:
            return self.load(_("%(team)s: nobody yet") % {"team": team_words(found)}, Q(team=found.pk, handler=None))
        return self.load(team_words(found), Q(team=found.pk))


class WallRegion(WallList):
    """What is open in a region, as far as the actor may see it."""

    def behind(self, **where: Any) -> Behind:
        region = where["region"]
        return self.load(here(self.watch().rules.label("regions", region)), Q(region__startswith=region))


def numbers_of(watch: Watch) -> dict[str, Any]:
    """Everything the wall shows: a query each for the numbers, the trend, people, their teams, teams and regions."""
    counts, seen = shown_counts(watch.rules), visible_to(watch.actor)
    found = capped_counts({count.code: counted_by(count, watch, seen=seen) for count in counts}, most=MOST)
    teams: list[Team] = teams_under(watch.actor)
    people, people_left = _first_of(loads_of_people(watch, teams), PEOPLE_SHOWN)
    in_teams, teams_left = _first_of(loads_of_teams(watch, teams), TEAMS_SHOWN)
    regions, regions_left = _first_of(loads_of_regions(watch), REGIONS_SHOWN)
    return {
        "tiles": [
            (count, count.said(watch.rules), found[count.code], reverse("desk:wall_list", args=[count.code]))
            for count in counts
        ],
        "trend": trend_of(watch),
        "people": people,
        "people_left": people_left,
        "teams": in_teams,
        "teams_left": teams_left,
        "regions": regions,
        "regions_left": regions_left,
    }


def _first_of(loads: list[Load], most: int) -> tuple[list[Load], int]:
    """The first of them, and how many are left; a single one has the room of the line that would say so."""
    shown = most if len(loads) > most + 1 else len(loads)
    return loads[:shown], len(loads) - shown


def counted_at(at: datetime) -> str:
    """A time of day to the second, by the carrier's clock."""
    return f"{localtime(at):%H:%M:%S}"


def _hour(request: HttpRequest) -> int | None:
    asked = request.GET.get("hour", "")
    return int(asked) if asked.isdecimal() and len(asked) < 3 and int(asked) < 24 else None
