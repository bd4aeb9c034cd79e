"""Whoever looks after calendars hears in time that one of them ends: 60 days before, and oftener as it comes nearer."""

from __future__ import annotations

import logging
from datetime import datetime

from shouwen.editions.edition import Edition
from shouwen.editions.queries import rules_in_force
from shouwen.handbook.calendars import ENDS_SOON, Horizon, horizons_near
from shouwen.notices.actions import order_messages, order_row
from shouwen.people.queries import roster

log = logging.getLogger(__name__)

TEMPLATE = "calendar_ends"
TOLD = ("administrator", "supervisor")
TOLD_AT = (0, 7, 14, 30, ENDS_SOON)  # days left; each is told once, and late where nobody was there to tell it


def warn_of_horizons(at: datetime) -> int:
    """Log every calendar that ends soon at `at` (aware), and tell those who look after it; any number may, or twice."""
    in_force = rules_in_force(at)
    near = horizons_near(in_force.calendars.values(), at)
    for one in near:
        log.warning("The calendar %s is published until %s: %d days left.", one.calendar, one.last_day, one.days_left)
    if TEMPLATE in in_force.edition.templates:  # an edition made before there was one has nothing to say it with
        order_messages([row for one in near for row in _orders(one, in_force.edition)])
    return 0


def _orders(ending: Horizon, rules: Edition) -> list[dict[str, object]]:
    told_at = min(days for days in TOLD_AT if ending.days_left <= days)
    by_role = roster().by_role
    people = sorted({person for role in TOLD for person, *_rest in by_role.get(role, ())})
    return [
        order_row(
            cause=f"calendar/{ending.calendar}/{ending.last_day}/{told_at}/{person}",
            recipient=f"person:{person}",
            channel=rules.templates[TEMPLATE].channel,
            template=TEMPLATE,
            edition=rules.id,
            params={"calendar": ending.calendar, "last_day": ending.last_day, "days": max(ending.days_left, 0)},
        )
        for person in people
    ]
