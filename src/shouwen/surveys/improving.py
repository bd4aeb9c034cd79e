"""A month below the mark opens an improvement: somebody says what will be done, and later what it did (H3.1.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from shouwen.editions.edition import Edition
from shouwen.editions.queries import NoEdition, current_edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.satisfaction import in_tenths
from shouwen.notices.actions import order_messages, order_row
from shouwen.people.models import Team
from shouwen.people.queries import EVERYWHERE, roster
from shouwen.surveys.figures import COHORT_FOR, Figures, begins_at, figures, month_of, months_before
from shouwen.surveys.models import Improvement, Outcome

NOTICE = "satisfaction_below"
GOALS = {Improvement.MONTH: "satisfaction", Improvement.COHORT: "satisfaction-30d"}  # indicators of the edition
LOOKS_BACK = 3  # months: a cohort is known a month after its own


def open_improvements(at: datetime) -> int:
    """Open one for each team whose finished month, or whose cohort, is below its goal; how many new ones."""
    try:
        rules = current_edition(at)
    except NoEdition:
        return 0
    present = month_of(at)
    rows = figures(Outcome.objects.all(), months_before(present, LOOKS_BACK), present)
    found = [one for row in rows for one in _below(row, rules, at)]
    if not found:
        return 0
    known = set(Improvement.objects.filter(month__in={one.month for one in found}).values_list(*WHICH))
    new = [one for one in found if (one.month, one.team, one.measured) not in known]
    Improvement.objects.bulk_create(new, ignore_conflicts=True)
    order_messages([order for one in new for order in _notices(one, rules)])
    return len(new)


@transaction.atomic
def plan_improvement(improvement_id: UUID, *, measure: str, due_on: date, by: Actor) -> None:
    """Write down what will be done, and by when."""
    planned = {"measure": measure.strip(), "due_on": due_on, "planned_by": by.ref}
    Improvement.objects.filter(pk=improvement_id, done_at=None).update(**planned)


@transaction.atomic
def finish_improvement(improvement_id: UUID, *, effect: str, by: Actor, at: datetime) -> None:
    """Write down that it is done and what it did; once."""
    done = {"effect": effect.strip(), "done_by": by.ref, "done_at": at}
    Improvement.objects.filter(pk=improvement_id, done_at=None).exclude(measure="").update(**done)


def improvements_for(actor: Actor) -> QuerySet[Improvement]:
    """Those of the teams an actor answers for, the newest months first."""
    newest = Improvement.objects.order_by("-month", "team", "measured")
    if EVERYWHERE in actor.regions:
        return newest
    covered = Q(region="")
    for prefix in actor.regions:
        covered |= Q(region__startswith=prefix)
    teams = set(Team.objects.filter(covered).values_list("code", flat=True)) | set(actor.teams)
    return newest.filter(team__in=["", *teams])


WHICH = ("month", "team", "measured")


def _below(row: Figures, rules: Edition, at: datetime) -> Iterator[Improvement]:
    known_from = {Improvement.MONTH: begins_at(_after(row.month)), Improvement.COHORT: None}
    known_from[Improvement.COHORT] = known_from[Improvement.MONTH] + COHORT_FOR  # type: ignore[operator]
    tallies = {Improvement.MONTH: row.tally, Improvement.COHORT: row.cohort}
    for measured, indicator in GOALS.items():
        goal, figure, rated = _goal(rules, indicator), tallies[measured].satisfaction, tallies[measured].rated
        if goal is None or figure is None or at < (known_from[measured] or at) or figure * 100 >= Fraction(goal):
            continue
        yield Improvement(
            month=row.month,
            team=row.team,
            measured=measured,
            figure=in_tenths(figure, goal),
            goal=goal,
            rated=rated,
            opened_at=at,
        )


def _goal(rules: Edition, indicator: str) -> Decimal | None:
    return next((one.at_least for one in rules.indicators if one.id == indicator), None)


def _after(month: date) -> date:
    return months_before(month, -1)


def _notices(one: Improvement, rules: Edition) -> Iterable[dict[str, Any]]:
    if NOTICE not in rules.templates:
        return
    team = Team.objects.filter(pk=one.team).first()
    region = team.region if team else ""
    for person in roster().holders("supervisor", team=one.team or None, region=region):
        yield order_row(
            cause=f"improvement/{one.month}/{one.team}/{one.measured}/{person}",
            recipient=f"person:{person}",
            channel="desk",
            template=NOTICE,
            edition=rules.id,
            params={
                "month": f"{one.month:%Y-%m}",
                "team": str(team or "—"),
                "figure": str(one.figure),
                "goal": f"{one.goal.normalize():f}",
                "improvement": str(one.pk),
            },
        )
