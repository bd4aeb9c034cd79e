"""The panes beside a conversation: which of them a ticket has something for, and which one somebody had open last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shouwen.handbook.authority import Actor

if TYPE_CHECKING:
    from shouwen.desk.sheet import Sheet

PERSON_SHOWN = 12  # the end of a person's id is what tells them apart in the name of a cookie


@dataclass(frozen=True, slots=True)
class Pane:
    """One tab: its address, its name, its template, what it counts, and whether there is anything in it."""

    code: str
    name: Any
    template: str
    has: Callable[[Sheet], object] = lambda sheet: True
    count: Callable[[Sheet], int] = lambda sheet: 0


@dataclass(frozen=True, slots=True)
class Tab:
    """A pane as a ticket's page offers it."""

    pane: Pane
    chosen: bool
    count: int


PANES: Mapping[str, Pane] = {
    pane.code: pane
    for pane in (
        Pane("clocks", _("Clocks"), "desk/_clocks.html"),
        Pane("customer", _("Customer"), "desk/_customer.html"),
        Pane(
            "work",
            pgettext_lazy("pane", "Work"),
            "desk/_work.html",
            lambda sheet: sheet.evidence or sheet.tasks,
            lambda sheet: sheet.left_to_do,
        ),
        Pane(
            "linked",
            pgettext_lazy("pane", "Linked"),
            "desk/_linked.html",
            lambda sheet: sheet.linked,
            lambda sheet: sheet.linked,
        ),
        Pane("facts", _("Ticket"), "desk/_facts.html"),
    )
}
FIRST, WORK = "clocks", "work"


def cookie_of(actor: Actor) -> str:
    """Under which name a browser keeps which pane this person had open: a PC at the counter has several readers."""
    return f"pane_{actor.id.replace('-', '')[-PERSON_SHOWN:]}"


def tabs_of(sheet: Sheet, wanted: str) -> list[Tab]:
    """The tabs with something in them: open is the wanted one, else what the reader was asked for, else the first."""
    panes = [pane for pane in PANES.values() if pane.has(sheet)]
    asked = WORK if any(task.mine for task in sheet.tasks) else FIRST
    chosen = wanted if any(pane.code == wanted for pane in panes) else asked
    return [Tab(pane, pane.code == chosen, pane.count(sheet)) for pane in panes]
