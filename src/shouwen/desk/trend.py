"""Today by the hour: what came in and what was finished, as the wall draws it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils import timezone

from shouwen.desk.counting import capped_counts
from shouwen.desk.wall import COUNTS, Watch, counted_by
from shouwen.tickets.queries import visible_to

MOST = 1000  # shown as 999+
DRAWN = ("received", "finished")
HEIGHT, STEP, BAR = 260, 40, 15  # of the drawing, an hour in it, and a bar; it is stretched to the room there is
ASIDE = 4  # from where an hour begins: its two bars stand in its middle


@dataclass(frozen=True, slots=True)
class Bar:
    """One number of one hour, drawn."""

    code: str
    hour: int
    count: int
    x: int
    y: float
    height: float
    url: str


@dataclass(frozen=True, slots=True)
class Trend:
    """The hours of today so far, with a bar each for what came in and what was finished."""

    bars: list[Bar]
    hours: list[tuple[int, list[int]]]  # every hour of the day, with the numbers of those that have begun
    width: int
    height: int
    most: int


def trend_of(watch: Watch) -> Trend:
    """Today's trend: one query."""
    hours = range(timezone.localtime(watch.at).hour + 1)
    seen = visible_to(watch.actor)
    asked = {
        f"{code}/{hour}": counted_by(COUNTS[code], replace(watch, hour=hour), seen=seen)
        for hour in hours
        for code in DRAWN
    }
    counts = capped_counts(asked, most=MOST)
    most = max(counts.values(), default=0)
    bars = [_bar(code, hour, counts[f"{code}/{hour}"], most) for hour in hours for code in DRAWN]
    numbers = [(hour, [counts[f"{code}/{hour}"] for code in DRAWN] if hour in hours else []) for hour in range(24)]
    return Trend(bars, numbers, 24 * STEP, HEIGHT, most)


def _bar(code: str, hour: int, count: int, most: int) -> Bar:
    height = round(HEIGHT * count / most, 1) if most else 0
    x = hour * STEP + ASIDE + DRAWN.index(code) * (BAR + 2)
    url = f"{reverse('desk:wall_list', args=[code])}?hour={hour}"
    return Bar(code, hour, count, x, HEIGHT - height, height, url)
