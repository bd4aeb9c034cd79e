"""Overruns: what ran out, the talk about it, and whether the measure agreed then was seen to (S3.3, S3.4).

An overrun is a clock whose breach the history records. Talks are never changed: who has to put something right talks
again, and the later one stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shouwen.handbook.facts import instant
from shouwen.handbook.history import Happening, What
from shouwen.handbook.refusals import Refusal, gettext_noop


class NotOverrun(Refusal):
    clause = "S3.3"
    says = gettext_noop("No time limit of this ticket has run out under that name.")


class NoSuchMeasure(Refusal):
    clause = "S3.3"
    says = gettext_noop("No measure was agreed there, or a later talk has taken its place.")


@dataclass(frozen=True, slots=True)
class Overrun:
    """A clock of a ticket that ran out."""

    rule: str
    start_seq: int
    due_at: datetime
    breached_at: datetime
    seq: int

    @property
    def name(self) -> str:
        """How facts and addresses name it: as its clock is named."""
        return f"{self.rule}@{self.start_seq}"


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk about an overrun, and what became of its measure (None: nobody has looked yet)."""

    row: Happening
    stands: bool
    followed: Happening | None = None

    @property
    def seq(self) -> int:
        return self.row.seq

    @property
    def overrun(self) -> str:
        return str(self.row.facts["overrun"])

    @property
    def has_measure(self) -> bool:
        return bool(self.row.facts.get("measure"))


def overruns_of(history: Iterable[Happening]) -> list[Overrun]:
    """The overruns of a ticket, each clock once, in the order in which they were recorded."""
    found = {}
    for row in history:
        if row.what is What.CLOCK_BREACHED:
            facts = row.facts
            one = Overrun(str(facts["rule"]), int(facts["clock"]), instant(facts["due_at"]), row.happened_at, row.seq)
            found[one.name] = one
    return list(found.values())


def talks_of(history: Sequence[Happening]) -> list[Talk]:
    """Every talk on record, those another has taken the place of too."""
    rows = [row for row in history if row.what is What.OVERDUE_TALKED]
    last = {str(row.facts["overrun"]): row.seq for row in rows}
    followed = {str(row.facts.get("talk")): row for row in history if row.what is What.MEASURE_FOLLOWED}
    return [Talk(row, last[str(row.facts["overrun"])] == row.seq, followed.get(str(row.seq))) for row in rows]


def check_overrun(history: Sequence[Happening], name: str) -> Talk | None:
    """The talk about this overrun that stands, if there was one. Raises NotOverrun."""
    if name not in {one.name for one in overruns_of(history)}:
        raise NotOverrun()
    return next((talk for talk in talks_of(history) if talk.stands and talk.overrun == name), None)


def check_measure(history: Sequence[Happening], seq: str) -> Talk:
    """The talk whose measure is followed up. Raises NoSuchMeasure."""
    for talk in talks_of(history):
        if str(talk.seq) == seq and talk.stands and talk.has_measure:
            return talk
    raise NoSuchMeasure()
