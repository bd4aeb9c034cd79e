"""A ticket on paper: the record of a case as the handbook lists it, with places for seal and signatures (H5.3.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from shouwen.desk.clocks import ShownClock
from shouwen.desk.customers import Masked
from shouwen.desk.sheet import Sheet
from shouwen.desk.telling import Told
from shouwen.desk.wording import here
from shouwen.handbook.clock import ClockState
from shouwen.handbook.history import FINISHED, Happening, Stage, What, in_round
from shouwen.handbook.lives import RUNGS
from shouwen.handbook.targets import Kind

NO_STEPS = RUNGS | {What.ACCEPTED, What.RULES_CHANGED}  # the clocks have a table of their own
FILED = FINISHED - {Stage.MERGED}


@dataclass(frozen=True, slots=True)
class Said:
    """One thing the record says: how it is called, and what it is."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One time limit, and whether it was kept."""

    clock: ShownClock
    stands: str


@dataclass(frozen=True)
class Paper:
    """The record of one ticket. `full` when names and numbers stand on it unmasked."""

    sheet: Sheet
    values: Mapping[str, Masked]
    full: bool
    printed_by: str

    @property
    def is_archive(self) -> bool:
        """True for a case that is over: its record goes into the archive."""
        return self.sheet.state.stage in FILED

    @property
    def steps(self) -> list[Told]:
        """What was done, in its order."""
        return [row for row in self.sheet.told if row.what not in NO_STEPS]

    @property
    def result(self) -> list[Said]:
        """What was found and done about it, the last of each in this round."""
        wanted = (
            (What.PROPOSED, "text", _("Solution")),
            (What.CARRIED_OUT, "work", _("Work done")),
        )
        return self._last_of(wanted)

    @property
    def settlement(self) -> list[Said]:
        """How it was settled, and what the customer said of it."""
        wanted = (
            (What.ANSWERED_AT_CONTACT, "text", _("Answer at contact")),
            (What.REJECTED, "reason", _("Why it was not taken up")),
            (What.WITHDRAWN, "reason", _("Why it was withdrawn")),
            (What.CANCELLED, "reason", _("Why it was cancelled")),
            (What.CUSTOMER_TOLD, "text", _("What the customer was told")),
            (What.CUSTOMER_TOLD, "proof", _("Proof")),
            (What.FOLLOWED_UP, "outcome", _("What the customer said")),
            (What.RATED, "words", _("In the customer's words")),
            (What.CLOSED, "outcome", _("Final outcome")),
        )
        said = self._last_of(wanted)
        via = self._fact(What.CUSTOMER_TOLD, "via")
        if via:
            said.insert(0, Said(_("Manner"), str(self._term("feedback_channels", via))))
        satisfied = self._fact(What.FOLLOWED_UP, "satisfied")
        if satisfied is not None:
            said.append(Said(_("Satisfied"), _("yes") if satisfied else _("no")))
        return said

    @property
    def limits(self) -> list[Kept]:
        """The binding time limits, with whether each was kept."""
        bound = [clock for clock in self.sheet.clocks if clock.kind != Kind.TARGET and clock.state != ClockState.VOID]
        return [Kept(clock, _stands(clock, self.sheet.at)) for clock in bound]

    @property
    def compensation(self) -> str:
        """The compensation proposed last, if there is one."""
        amount = str(self._fact(What.PROPOSED, "compensation") or "0")
        return "" if amount in ("0", "0.00") else f"{amount} {self._spoken(self.sheet.rules.currency)}"

    def _last_of(self, wanted: Sequence[tuple[What, str, str]]) -> list[Said]:
        return [Said(label, str(text)) for what, fact, label in wanted if (text := self._fact(what, fact))]

    def _fact(self, what: What, fact: str) -> Any:
        rows: list[Happening] = [row for row in in_round(self.sheet.history) if row.what is what]
        return rows[-1].facts.get(fact) if rows else None

    def _term(self, kind: str, code: Any) -> str:
        return self._spoken(self.sheet.rules.label(kind, str(code)))

    def _spoken(self, words: Any) -> str:
        return here(words)


def paper_of(sheet: Sheet, *, printed_by: str, revealed: Mapping[Any, str | None] | None = None) -> Paper:
    """The record of a ticket; with what was `revealed` to whoever prints it, in full."""
    if revealed is None:
        return Paper(sheet, sheet.values, False, printed_by)
    values = {
        token: replace(value, shown=str(revealed[token])) if revealed.get(token) else value
        for token, value in sheet.values.items()
    }
    return Paper(replace(sheet, values=values), values, True, printed_by)


def _stands(clock: ShownClock, at: datetime) -> str:
    if clock.stopped_at is not None:
        late = clock.due_at is not None and clock.stopped_at > clock.due_at
        return _("overrun") if late else _("kept in time")
    if clock.state == ClockState.PAUSED:
        return _("paused")
    return _("overrun") if clock.due_at is not None and clock.due_at <= at else _("running")
