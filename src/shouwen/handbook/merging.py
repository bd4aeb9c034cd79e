"""When two tickets are one matter: which may lead, and until when the merging may be taken back (H2.1.1b).

The older leads. It has every clock the younger one has, begun no later, so that merging loses no deadline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shouwen.handbook.history import Happening, Stage, TicketState, What, open_promises, replay
from shouwen.handbook.lifecycle import OPEN
from shouwen.handbook.refusals import Refusal, gettext_noop

MAY_BE_TAKEN_BACK_FOR = timedelta(hours=24)
MAY_LEAD = frozenset(OPEN) - {Stage.TOLD, Stage.FOLLOWED_UP}
MORE_URGENT = {"zh": "并入的工单更急", "en": "the ticket merged into it is more urgent"}


class MergeRefused(Refusal):
    clause = "H2.1.1b"


class NoSuchLead(MergeRefused):
    says = gettext_noop("There is no ticket {into} that you may see.")


class MergedIntoItself(MergeRefused):
    says = gettext_noop("A ticket is not merged into itself.")


class LeadOfAnother(MergeRefused):
    says = gettext_noop("{into} is another customer's: what each of them is owed stays apart.")


class LeadOfAnotherType(MergeRefused):
    says = gettext_noop("{into} is of another type and has other time limits: reclassify one of the two first.")


class LeadYounger(MergeRefused):
    says = gettext_noop(
        "{into} came in later. The older one leads, or time limits would be lost: merge {into} instead."
    )


class LeadDone(MergeRefused):
    says = gettext_noop("{into} is finished, or its customer has been told the result: have it taken up again first.")


class PromiseInTheWay(MergeRefused):
    clause = "T4.5"
    says = gettext_noop("A promise to the customer is open on this ticket: keep it before you merge.")


class GoesOnElsewhere(MergeRefused):
    says = gettext_noop("This matter goes on as {into}: take that one up again.")


class MergedTooLongAgo(MergeRefused):
    says = gettext_noop("It was merged at {merged_at}: that can be taken back for 24 hours.")


@dataclass(frozen=True, slots=True)
class Side:
    """One of two tickets: what it is, and when it was received (aware UTC)."""

    state: TicketState
    received_at: datetime


def check_merge(merged: Side, leading: Side, history: Sequence[Happening]) -> None:
    """Raises a MergeRefused unless `leading` may take over `merged`, whose history is given."""
    into = leading.state.number
    if into == merged.state.number:
        raise MergedIntoItself()
    if merged.state.customer is None or leading.state.customer != merged.state.customer:
        raise LeadOfAnother(into=into)
    if leading.state.stage not in MAY_LEAD:
        raise LeadDone(into=into)
    if leading.state.ticket_type != merged.state.ticket_type:
        raise LeadOfAnotherType(into=into)
    if leading.received_at > merged.received_at:
        raise LeadYounger(into=into)
    if open_promises(history):
        raise PromiseInTheWay()


def check_unmerge(history: Sequence[Happening], now: datetime) -> None:
    """Raises MergedTooLongAgo once a merging can no longer be taken back."""
    merged_at = max((row.happened_at for row in history if row.what is What.MERGED), default=now)
    if now > merged_at + MAY_BE_TAKEN_BACK_FOR:
        raise MergedTooLongAgo(merged_at=merged_at.isoformat())


def merged_into(history: Sequence[Happening]) -> str:
    """The number of the ticket this one goes on as; "" for one that stands alone."""
    told = next((row for row in reversed(history) if row.what in (What.MERGED, What.UNMERGED, What.REOPENED)), None)
    return str(told.facts["into"]) if told and told.what is What.MERGED else ""


def check_stands_alone(history: Sequence[Happening]) -> None:
    """Raises GoesOnElsewhere for what would take a merged ticket up again, or rate it."""
    if into := merged_into(history):
        raise GoesOnElsewhere(into=into)


def absorbing(leading: TicketState, merged: TicketState, hours: Mapping[str, int]) -> dict[str, object]:
    """What taking over a matter changes: the stricter of the two priorities. `hours` by priority, fewer is stricter."""
    known = leading.priority in hours and merged.priority in hours
    stricter = known and hours[merged.priority] < hours[leading.priority]
    changed = {"priority": merged.priority, "priority_why": MORE_URGENT} if stricter else {}
    return {"merged": merged.number, **changed}


def releasing(history: Sequence[Happening], number: str) -> dict[str, object]:
    """What giving it back changes: the priority is what it would be if the matter had never been taken over."""
    taken = max((row.seq for row in history if row.what is What.ABSORBED and row.facts["merged"] == number), default=0)
    others = [row for row in history if row.seq != taken]
    if (before := replay(others).priority) == replay(history).priority:
        return {"merged": number}
    why = next((row.facts["priority_why"] for row in reversed(others) if "priority_why" in row.facts), "")
    return {"merged": number, "priority": before, "priority_why": why}
