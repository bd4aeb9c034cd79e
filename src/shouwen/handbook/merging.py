"""When two tickets are one matter: which may lead, and until when the merging may be taken back (H2.1.1b).

The older leads, and only where it has a clock for every limit that runs on the younger one, due no later: merging
loses no deadline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shouwen.handbook.clock import ClockState, ServiceClock
from shouwen.handbook.history import Happening, Stage, TicketState, What, open_promises, replay
from shouwen.handbook.lifecycle import OPEN
from shouwen.handbook.refusals import Refusal, gettext_noop
from shouwen.handbook.targets import Kind, TargetRule

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


class LimitsLost(MergeRefused):
    says = gettext_noop(
        "{into} is not under these limits, or has them later: {limits}. Bring it under them first "
        "(reclassify it, dispatch it, resume it), or keep both tickets."
    )


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


def check_limits(into: str, merged: Iterable[ServiceClock], leading: Iterable[ServiceClock], now: datetime) -> None:
    """Raises LimitsLost, naming the rules, unless what runs on the merged ticket is owed on `into` no later."""
    if lost := limits_lost(merged, leading, now):
        raise LimitsLost(into=into, limits=", ".join(lost))


def limits_lost(merged: Iterable[ServiceClock], leading: Iterable[ServiceClock], now: datetime) -> list[str]:
    """The rules whose limits run, or are paused, on the merged ticket and would be lost with it.

    `leading` are the clocks the other one has with the state it will have. A limit is kept there by the latest clock of
    its rule: one that has ended, or one that is due no later. Of a time that was named none but a live one keeps it.
    """
    there: dict[str, list[ServiceClock]] = {}
    for clock in leading:
        there.setdefault(clock.rule.id, []).append(clock)
    lost = [
        clock.rule.id
        for clock in merged
        if clock.stopped_at is None and _binds(clock.rule)
        if not any(_keeps(other, clock, now) for other in _latest(there.get(clock.rule.id, [])))
    ]
    return list(dict.fromkeys(lost))


def _binds(rule: TargetRule) -> bool:
    return rule.kind is not Kind.TARGET and rule.leads


def _latest(of_a_rule: Sequence[ServiceClock]) -> Sequence[ServiceClock]:
    """The clock that counts now; of a rule for named times, each that is live."""
    if of_a_rule and of_a_rule[0].rule.for_promises:
        return [clock for clock in of_a_rule if clock.stopped_at is None]
    return of_a_rule[-1:]


def _keeps(leading: ServiceClock, merged: ServiceClock, now: datetime) -> bool:
    if not _binds(leading.rule) or leading.state is ClockState.VOID:
        return False
    if leading.stopped_at is not None:
        return True
    if leading.state is ClockState.PAUSED and merged.state is not ClockState.PAUSED:
        return False
    return leading.due_from(now) <= merged.due_from(now)


def check_unmerge(history: Sequence[Happening], now: datetime) -> None:
    """Raises MergedTooLongAgo once a merging can no longer be taken back."""
    if not may_be_taken_back(history, now):
        raise MergedTooLongAgo(merged_at=_merged_at(history, now).isoformat())


def may_be_taken_back(history: Sequence[Happening], now: datetime) -> bool:
    """Whether the merging lies so short a time back."""
    return now <= _merged_at(history, now) + MAY_BE_TAKEN_BACK_FOR


def _merged_at(history: Sequence[Happening], now: datetime) -> datetime:
    return max((row.happened_at for row in history if row.what is What.MERGED), default=now)


def merged_into(history: Sequence[Happening]) -> str:
    """The number of the ticket this one goes on as; "" for one that stands alone."""
    told = next((row for row in reversed(history) if row.what in (What.MERGED, What.UNMERGED, What.REOPENED)), None)
    return str(told.facts["into"]) if told and told.what is What.MERGED else ""


def merged_here(history: Iterable[Happening]) -> list[str]:
    """The numbers of the tickets merged into this one that were not given back."""
    here = dict[str, None]()
    for row in history:
        if row.what is What.ABSORBED:
            here[str(row.facts["merged"])] = None
        elif row.what is What.RELEASED:
            here.pop(str(row.facts["merged"]), None)
    return list(here)


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
