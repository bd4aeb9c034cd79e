"""The handbook's appendices as workbooks: the tables a page of the rules shows, for those who live in spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.editions.appendices import Duty, Process, Side
from shouwen.editions.appendix_limits import Limit, Measured
from shouwen.editions.appendix_words import Cited
from shouwen.screens.tables import Leaf

Row = tuple[Any, ...]


def leaves_of(shown: Mapping[str, Any]) -> list[Leaf]:
    """An appendix, as its page shows it, as the leaves of a workbook."""
    name = shown["name"]
    if name == "time-limits":
        return [_limits(shown["limits"]), _indicators(shown["indicators"])]
    if name == "scoring":
        return [_checks(shown["sides"])]
    if name == "duties":
        return [_duties(shown["duties"])]
    return [_process(one) for one in shown["processes"]]


def _limits(limits: Iterable[Limit]) -> Leaf:
    columns = [
        _("What must be done"),
        _("Kind"),
        _("By when"),
        _("Counted by"),
        _("From"),
        _("Until"),
        _("For which tickets"),
        _("Stands still for"),
        _("Answerable"),
        _("What follows"),
        *_origin(),
    ]
    rows = (
        (
            one.name,
            one.kind,
            one.given,
            one.counted,
            one.starts,
            one.stops,
            one.applies or _("all"),
            one.pauses or _("nothing"),
            one.answerable,
            "\n".join(one.ladder),
            *_cited(one.cited),
        )
        for one in limits
    )
    return Leaf(_("Time limits"), columns, rows)


def _indicators(indicators: Iterable[Measured]) -> Leaf:
    columns = [_("Indicator"), _("What is measured"), _("Goal"), _("Taken over"), _("Known from"), *_origin()]
    rows = ((one.name, one.measures, one.goal, one.period, one.known_from, *_cited(one.cited)) for one in indicators)
    return Leaf(_("Service indicators"), columns, rows)


def _checks(sides: Iterable[Side]) -> Leaf:
    columns = [_("Dimension"), pgettext("noun", "Check"), _("Points"), _("Asked of"), *_origin()]
    rows = (
        (side.name, one.question, one.points, one.applies or _("all"), *_cited(one.cited))
        for side in sides
        for one in side.checks
    )
    return Leaf(_("Scoring rules"), columns, rows)


def _duties(duties: Iterable[Duty]) -> Leaf:
    columns = [
        _("Role"),
        _("Duties"),
        _("May do with a ticket"),
        _("May see"),
        _("May approve"),
        _("May do with the rules"),
    ]
    return Leaf(_("Duties"), columns, map(_duty, duties))


def _duty(one: Duty) -> Row:
    return (
        one.name,
        one.duties,
        _(", ").join(one.moves),
        _(", ").join(one.sees),
        one.approves,
        _(", ").join(one.rules),
    )


def _process(process: Process) -> Leaf:
    columns = [pgettext("noun", "Move"), pgettext("stage", "From"), pgettext("stage", "To"), _("Who may")]
    return Leaf(process.ticket_types, columns, _transitions(process))


def _transitions(process: Process) -> Iterator[Row]:
    return ((one.move, one.sources, one.target, one.roles) for one in process.transitions)


def _origin() -> list[str]:
    return [_("Document"), _("Place in it"), _("What it demands")]


def _cited(cited: Cited) -> Row:
    return (cited.document, cited.place, cited.says)
