"""The figures of satisfaction as a table: of a month by team, and how the whole went over the last months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.satisfaction import ASPECTS, in_tenths
from shouwen.people.models import Team
from shouwen.people.names import team_words
from shouwen.screens.tables import Leaf
from shouwen.surveys.figures import Figures, figures, month_of, months_before, outcomes_for, summed

LOOKS_BACK = 6  # months


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as it is shown, with its number for a file, and whether it is below its mark."""

    shown: str
    value: Any = None
    below: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row: a team or a month, and its figures."""

    name: str
    cells: tuple[Cell, ...]
    month: date


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table of a month."""

    month: date
    earlier: date
    later: date | None
    headings: list[str]
    lines: list[Line]  # by team, the whole first
    trend: list[Line]  # by month, the whole
    teams: dict[str, str]
    goals: dict[str, str]

    def leaves(self) -> list[Leaf]:
        """As a file holds it: the month by team, and how the whole went over the last months."""
        by_team, by_month = tables()
        months = [_("Month"), *self.headings[1:]]
        return [Leaf(by_team, self.headings, _cells(self.lines)), Leaf(by_month, months, _cells(self.trend))]


def tables() -> list[str]:
    """What the tables of the page are called."""
    return [_("By team"), _("The last months, all together")]


def _cells(lines: Sequence[Line]) -> list[list[Any]]:
    return [[line.name, *(cell.value for cell in line.cells)] for line in lines]


def month_asked(text: str, at: datetime) -> date:
    """The month that is asked for; what makes no sense, or lies ahead, is the present one."""
    present = month_of(at)
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        return present
    return min(month, present)


def sheet_of(actor: Actor, month: date, rules: Edition, *, at: datetime) -> Sheet:
    """The figures an actor may see: three queries, whatever the number of teams."""
    after = months_before(month, -1)
    rows = figures(outcomes_for(actor), months_before(month, LOOKS_BACK - 1), after)
    of_month = [row for row in rows if row.month == month]
    teams = names_of_teams({row.team for row in rows})
    table = _Table(rules)
    lines = [table.line(_("All together"), summed(of_month, month))] if of_month else []
    lines += [table.line(teams[row.team], row) for row in of_month]
    months = sorted({row.month for row in rows}, reverse=True)
    trend = [table.line(f"{one:%Y-%m}", summed([row for row in rows if row.month == one], one)) for one in months]
    later = after if after <= month_of(at) else None
    return Sheet(month, months_before(month, 1), later, table.headings, lines, trend, teams, table.goals)


class _Table:
    """Headings and cells, in the same order."""

    def __init__(self, rules: Edition) -> None:
        self.rules = rules
        self.vias = {code: here(term.words) for code, term in rules.feedback_channels.items()}
        indicators = {one.id: one.at_least for one in rules.indicators}
        self.month_goal, self.cohort_goal = indicators.get("satisfaction"), indicators.get("satisfaction-30d")
        self.goals = {
            name: f"{goal.normalize():f} %"
            for name, goal in (("month", self.month_goal), ("cohort", self.cohort_goal))
            if goal is not None
        }

    @property
    def headings(self) -> list[str]:
        return [
            _("Team"),
            _("Told of a result"),
            _("Rated"),
            _("Response"),
            pgettext("figure", "Satisfied"),
            _("Satisfied within 30 days of handling"),
            _("NPS"),
            _("Result"),
            pgettext("aspect", "Handling"),
            _("Speed"),
            _("Settled at first contact"),
            *self.vias.values(),
        ]

    def line(self, name: str, row: Figures) -> Line:
        cells = [
            _count(row.tally.told),
            _count(row.tally.rated),
            _share(row.tally.response),
            _share(row.tally.satisfaction, self.month_goal),
            _share(row.cohort.satisfaction, self.cohort_goal),
            Cell("—" if row.tally.nps is None else f"{row.tally.nps:+d}", row.tally.nps),
            *(_share(row.tally.aspect(aspect)) for aspect in ASPECTS),
            _share(row.first_contact_resolution),
            *(_share(row.via_share(via)) for via in self.vias),
        ]
        return Line(name, tuple(cells), row.month)


def _count(number: int) -> Cell:
    return Cell(str(number), number)


def _share(share: Fraction | None, goal: Any = None) -> Cell:
    """In per cent with one decimal, and whether it is below its mark."""
    if share is None:
        return Cell("—")
    percent = float(in_tenths(share, goal))
    return Cell(f"{percent:.1f} %", percent, goal is not None and share * 100 < Fraction(goal))


def names_of_teams(codes: set[str]) -> dict[str, str]:
    known = {team.pk: team_words(team) for team in Team.objects.filter(pk__in=codes)}
    return {code: known.get(code, code) or _("at the desk") for code in codes}
