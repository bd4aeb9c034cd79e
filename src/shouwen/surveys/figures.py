"""How satisfied customers are, by month and team: one question to the outcomes for each figure's whole table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth

from shouwen.handbook.authority import Actor
from shouwen.handbook.satisfaction import ASPECTS, DETRACTS, PROMOTES, SATISFIED, Tally
from shouwen.people.queries import EVERYWHERE
from shouwen.surveys.models import Outcome

COHORT_FOR = timedelta(days=30)  # H7.2.4
IN_TIME = Q(rated_at__lte=F("handled_at") + COHORT_FOR)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one team's customers said in a month; `team` is "" for the desk itself."""

    month: date
    team: str
    tally: Tally
    first_round: int = 0  # tickets told of a result for the first time
    first_contact: int = 0  # of these, settled at the first contact and not reopened (T6.3)
    vias: Mapping[str, int] = field(default_factory=dict)  # by which ways results were told (H2.3.3)
    handled: int = 0
    cohort: Tally = field(default_factory=Tally)  # of those handled in the month, what was said within 30 days

    @property
    def first_contact_resolution(self) -> Fraction | None:
        return Fraction(self.first_contact, self.first_round) if self.first_round else None

    def via_share(self, via: str) -> Fraction | None:
        return Fraction(self.vias.get(via, 0), self.tally.told) if self.tally.told else None


def outcomes_for(actor: Actor) -> QuerySet[Outcome]:
    """The outcomes whose figures an actor may see: of their regions and teams."""
    if EVERYWHERE in actor.regions:
        return Outcome.objects.all()
    seen = Q(team__in=actor.teams)
    for prefix in actor.regions:
        seen |= Q(region__startswith=prefix)
    return Outcome.objects.filter(seen | Q(region="") if actor.regions else seen)


def figures(outcomes: QuerySet[Outcome], since: date, until: date) -> list[Figures]:
    """The figures of every team in every month from `since` up to, not including, `until` (both firsts of a month)."""
    told = _by_month(outcomes, "told_at", since, until)
    handled = _by_month(outcomes, "handled_at", since, until)
    rows = {_key(row): row for row in told.annotate(**COUNTS)}
    vias: dict[tuple[date, str], dict[str, int]] = defaultdict(dict)
    for row in told.values("month", "team", "via").annotate(told=Count("id")):
        vias[_key(row)][row["via"]] = row["told"]
    cohorts = {_key(row): row for row in handled.annotate(**COHORT)}
    keys = sorted(rows.keys() | cohorts.keys(), key=lambda key: (-key[0].toordinal(), key[1]))
    return [_figures(key, rows.get(key, {}), vias[key], cohorts.get(key, {})) for key in keys]


def summed(rows: Iterable[Figures], month: date, team: str = "") -> Figures:
    """The figures of several teams together."""
    rows = list(rows)
    vias: dict[str, int] = defaultdict(int)
    for row in rows:
        for via, count in row.vias.items():
            vias[via] += count
    return Figures(
        month,
        team,
        _sum(row.tally for row in rows),
        sum(row.first_round for row in rows),
        sum(row.first_contact for row in rows),
        vias,
        sum(row.handled for row in rows),
        _sum(row.cohort for row in rows),
    )


def month_of(at: datetime) -> date:
    """The first day of the month of a moment, where the carrier is."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date().replace(day=1)


def months_before(month: date, count: int) -> date:
    """The first day of the month so many months earlier."""
    index = month.year * 12 + month.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)


def begins_at(month: date) -> datetime:
    """The moment a month begins, where the carrier is."""
    return datetime(month.year, month.month, 1, tzinfo=ZoneInfo(settings.TIME_ZONE))


RATED = Q(rated_at__isnull=False)
COUNTS: dict[str, Any] = {
    "told": Count("id"),
    "asked": Count("asked_at"),
    "rated": Count("id", filter=RATED),
    "satisfied": Count("id", filter=Q(overall__lte=SATISFIED)),
    "recommending": Count("nps"),
    "promoters": Count("id", filter=Q(nps__gte=PROMOTES)),
    "detractors": Count("id", filter=Q(nps__lte=DETRACTS)),
    **{f"{name}_said": Count(name) for name in ASPECTS},
    **{f"{name}_good": Count("id", filter=Q(**{f"{name}__lte": SATISFIED})) for name in ASPECTS},
    "first_round": Count("id", filter=Q(round=1)),
    "first_contact": Count("id", filter=Q(round=1, at_contact=True, reopened_at__isnull=True)),
}
COHORT: dict[str, Any] = {
    "told": Count("id"),
    "rated": Count("id", filter=IN_TIME),
    "satisfied": Count("id", filter=IN_TIME & Q(overall__lte=SATISFIED)),
}


def _by_month(outcomes: QuerySet[Outcome], moment: str, since: date, until: date) -> Any:
    inside = {f"{moment}__gte": begins_at(since), f"{moment}__lt": begins_at(until)}
    month = TruncMonth(moment, tzinfo=ZoneInfo(settings.TIME_ZONE))
    return outcomes.filter(**inside).annotate(month=month).values("month", "team").order_by("month", "team")


def _key(row: Mapping[str, Any]) -> tuple[date, str]:
    return row["month"].date(), row["team"]


def _figures(
    key: tuple[date, str], row: Mapping[str, Any], vias: Mapping[str, int], cohort: Mapping[str, Any]
) -> Figures:
    aspects = {name: (row.get(f"{name}_good", 0), row.get(f"{name}_said", 0)) for name in ASPECTS}
    tally = Tally(**{name: row.get(name, 0) for name in COUNTED}, aspects=aspects)
    within = Tally(**{name: cohort.get(name, 0) for name in ("told", "rated", "satisfied")})
    counts = {name: row.get(name, 0) for name in ("first_round", "first_contact")}
    return Figures(*key, tally, **counts, vias=vias, handled=cohort.get("told", 0), cohort=within)


COUNTED = ("told", "asked", "rated", "satisfied", "promoters", "detractors", "recommending")


def _sum(tallies: Iterable[Tally]) -> Tally:
    tallies = list(tallies)
    pairs = {name: [one.aspects.get(name, (0, 0)) for one in tallies] for name in ASPECTS}
    aspects = {name: (sum(good for good, _ in of), sum(said for _, said in of)) for name, of in pairs.items()}
    return Tally(**{name: sum(getattr(one, name) for one in tallies) for name in COUNTED}, aspects=aspects)
