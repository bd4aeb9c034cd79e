"""What pages of rules, calendars, clocks, loads and macros show, as the tables of a file: the words of the screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.desk.drafts import DraftSheet
from shouwen.desk.loads import MOST, Load
from shouwen.desk.macros import preview_of
from shouwen.desk.models import Macro
from shouwen.desk.months import Month
from shouwen.desk.views import View
from shouwen.people.models import Person
from shouwen.people.names import team_words
from shouwen.screens.tables import Leaf
from shouwen.screens.templatetags.spoken import spoken
from shouwen.screens.templatetags.times import weekdays
from shouwen.service_levels.ledgers import ClockLedger, Entry


def macros_leaf(macros: Iterable[Macro]) -> Leaf:
    """The macros, with what each does."""
    headings = [pgettext("of a macro", "Name"), _("What it does"), _("Who may run it")]
    headings += [pgettext("of a macro", "Version"), pgettext("draft", "Changed")]
    rows = [[one.name, preview_of(one), _who_runs(one), one.version, one.changed_at] for one in macros]
    return Leaf(_("Macros"), headings, rows)


def views_leaf(views: Sequence[View]) -> Leaf:
    """The saved views, with the queue each is of and how it is narrowed."""
    headings = [_("View"), _("Queue"), _("Filters"), _("Who finds it"), _("Whose it is"), _("In the bar")]
    owners = Person.objects.in_bulk({one.row.owner_id for one in views})
    rows = [
        [
            one.row.name,
            str(one.listing.queue.name),
            _("; ").join(map(str, one.listing.filters.names())),
            one.row.get_shared_display(),
            str(owners[one.row.owner_id]),
            not one.hidden,
        ]
        for one in views
    ]
    return Leaf(_("Views"), headings, rows)


def editions_leaf(editions: Iterable[dict[str, Any]]) -> Leaf:
    """The editions as the page of the rules lists them."""
    headings = [_("Edition"), _("State"), _("In force from"), pgettext("edition", "Published")]
    headings += [_("Published by"), _("Approved by")]
    words = {"in_force": _("in force"), "ahead": pgettext("edition", "to come")}
    rows = [
        [
            one["version"].pk,
            words.get(one["standing"], ""),
            one["version"].effective_at,
            one["version"].published_at,
            str(one["by"]),
            str(one["approved_by"]),
        ]
        for one in editions
    ]
    return Leaf(pgettext("list", "Editions"), headings, rows)


def drafts_leaf(drafts: Iterable[dict[str, Any]]) -> Leaf:
    """The drafts of rules, those thrown away among them."""
    headings = [pgettext("noun", "Draft"), _("State"), pgettext("draft", "Changed")]
    rows = [[one["draft"].name, str(one["state"]), one["draft"].changed_at] for one in drafts]
    return Leaf(_("Drafts"), headings, rows)


def draft_tables() -> list[str]:
    """The names of the tables of a draft."""
    return [_("What would be other"), _("Changed lines"), _("What is wrong or unwise")]


def draft_leaves(sheet: DraftSheet) -> list[Leaf]:
    """What a draft would change, in sentences and line by line, and what is wrong or unwise about it."""
    changed, lines, wrong = draft_tables()
    problems = [[one.file, one.line, one.rule, one.sentence] for one in sheet.problems]
    unwise = [[one.part, None, "", one.says] for one in sheet.findings]
    return [
        Leaf(changed, [_("Part"), changed], ([part, said] for part, every in sheet.differences for said in every)),
        Leaf(
            lines,
            [_("File"), pgettext("of a line", "Mark"), _("Line")],
            ([one.file, mark, line] for one in sheet.changed for mark, line in one.lines),
        ),
        Leaf(wrong, [_("File or part"), _("Line"), _("Rule"), _("What is wrong")], [*problems, *unwise]),
    ]


def month_leaf(month: Month, name: str) -> Leaf:
    """A month of a calendar, a row a day."""
    headings = [_("Day"), _("Weekday"), _("Worked or off"), _("Shifts"), _("Holiday")]
    headings.append(pgettext("calendar", "Published"))
    days = [day for week in month.weeks for day in week if day]
    usual = " / ".join(month.shifts)
    rows = [
        [
            day.on,
            _weekday(day.on),
            pgettext("calendar", "on") if day.works else pgettext("calendar", "off"),
            (day.shifts or usual) if day.works else "",
            spoken(day.name) if day.name else _("the team's own") if day.is_exception else "",
            day.known,
        ]
        for day in days
    ]
    return Leaf(f"{name} {month.first:%Y-%m}", headings, rows)


def loads_leaf(name: str, whose: str, loads: Iterable[Load]) -> Leaf:
    """Who has how much in hand, as far as the wall counts."""
    headings = [whose, _("In hand"), _("Overdue"), _("Away")]
    rows = [[one.name, _up_to(one.open), _up_to(one.overdue), _("away") if one.away else ""] for one in loads]
    return Leaf(name, headings, rows)


def ledger_tables() -> list[str]:
    """The names of the tables of a ledger."""
    return [_("Clocks"), _("Stretches of time"), _("Shift by shift")]


def ledger_leaves(clocks: Sequence[ClockLedger]) -> list[Leaf]:
    """Every clock of a ticket, each stretch of its time, and each shift of that."""
    names = ledger_tables()
    stretches = [(clock, row) for clock in clocks for row in clock.entries]
    shifts = [(clock, shift) for clock, row in stretches for shift in row.shifts]
    return [
        Leaf(names[0], _clock_headings(), map(_clock, clocks)),
        Leaf(names[1], _stretch_headings(), _stretches(stretches)),
        Leaf(names[2], _stretch_headings(), _stretches(shifts)),
    ]


def _clock_headings() -> list[str]:
    times = [pgettext("ledger", "Given"), _("Counted by"), pgettext("ledger", "Spent"), pgettext("ledger", "Of")]
    standing = [_("State"), _("Due"), pgettext("ledger", "Provisional")]
    return [_("Clock"), _("Kind"), *times, *standing, _("Document"), _("What it demands"), _("Clause")]


def _clock(one: ClockLedger) -> list[Any]:
    said = [one.name, one.kind, one.given, one.calendar, one.used, one.budget, one.standing, one.due_at]
    return [*said, one.provisional, one.source, one.says, one.clause]


def _stretch_headings() -> list[str]:
    headings = [_("Clock"), pgettext("ledger", "From"), pgettext("ledger", "To"), pgettext("ledger", "Counts")]
    return [*headings, _("What counted"), _("Time counted"), _("In whose hands"), _("Version of the calendar")]


def _stretches(rows: Iterable[tuple[ClockLedger, Entry]]) -> Iterator[list[Any]]:
    for clock, row in rows:
        yield [clock.name, row.start, row.end, row.counted, row.why, row.worked, row.by, row.calendar_version]


def _who_runs(macro: Macro) -> str:
    if macro.shared == Macro.TEAM:
        return team_words(macro.team)
    return _("only me") if macro.shared == Macro.OWN else _("everybody")


def _up_to(count: int) -> int | str:
    return count if count < MOST else f"{MOST - 1}+"


def _weekday(on: date) -> str:
    return weekdays()[on.weekday()]
