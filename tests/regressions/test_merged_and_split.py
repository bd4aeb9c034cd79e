"""Merging was a way to lose a deadline, and splitting one to gain time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.merging import LimitsLost
from shouwen.handling.actions import move_ticket
from shouwen.service_levels.models import Clock
from shouwen.service_levels.sweep import sweep
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.queries import history_of
from tests.cast import MONDAY, Cast, take_in, walk

HOUR = timedelta(hours=1)


def move(cast: Cast, ticket: Ticket, what: Move, at, **facts: object) -> None:
    move_ticket(ticket.number, what, by=cast.actor("agent"), happened_at=at, now=at, facts=facts)


def clocks(ticket: Ticket) -> dict[str, Clock]:
    """The latest clock of each rule that counts from the receipt."""
    own = Clock.objects.filter(ticket=ticket, start_seq=1)
    return {clock.rule: clock for clock in own if clock.rule != "archive-without-handling"}


@pytest.mark.clause("H2.1.1b", "X1")
@pytest.mark.parametrize("severity", ["ordinary", "critical"])
def test_whatever_was_owed_on_the_merged_ticket_is_owed_on_the_leading_one_no_later(cast: Cast, severity: str) -> None:
    leading = walk(cast, take_in(cast), until=Move.DISPATCH)
    merged = take_in(cast, received_at=MONDAY + 4 * HOUR, severity=severity)
    owed = {rule: clock.due_at for rule, clock in clocks(merged).items()}

    move(cast, merged, Move.MERGE, MONDAY + 5 * HOUR, into=leading.number, reason="同一事项")

    there = clocks(leading)
    assert owed.keys() <= there.keys()
    assert all(there[rule].due_at <= due_at for rule, due_at in owed.items())
    assert {clock.state for clock in clocks(merged).values()} == {"void"}


def dispatched(cast: Cast, category: str, **changes: object) -> Ticket:
    """Taken in about this, and sent to the team at the same hour as every other."""
    ticket = take_in(cast, category=category, **changes)
    move(cast, ticket, Move.ASSESS, DISPATCHED_AT, category=category, severity=ticket.severity, reach="single")
    move(cast, ticket, Move.DISPATCH, DISPATCHED_AT, team="network-3401")
    return ticket


DISPATCHED_AT = MONDAY + 3 * HOUR


@pytest.mark.clause("H2.1.1b", "S3.1a")
def test_who_waits_for_a_visit_is_not_merged_into_a_matter_nobody_visits(cast: Cast) -> None:
    leading = dispatched(cast, "network.coverage.weak")
    merged = dispatched(cast, "network.broadband", received_at=MONDAY + HOUR, severity="critical")

    with pytest.raises(LimitsLost) as refused:
        move(cast, merged, Move.MERGE, MONDAY + 4 * HOUR, into=leading.number, reason="同一事项")

    assert set(refused.value.facts["limits"].split(", ")) == {"technical-response", "on-site"}
    assert history_of(leading.pk)[-1].what != What.ABSORBED


@pytest.mark.clause("H2.1.1b", "X2")
def test_nothing_is_merged_into_a_ticket_that_stands_still_while_it_goes_on_itself(cast: Cast) -> None:
    leading, merged = dispatched(cast, "network.broadband"), dispatched(cast, "network.broadband", severity="critical")
    hold = {"pause": "agreed_appointment", "reason": "约定上门", "until": "2026-03-04T09:00:00+08:00"}
    merge = {"into": leading.number, "reason": "同一事项"}
    move_ticket(
        leading.number, Move.HOLD, by=cast.actor("handler"), happened_at=DISPATCHED_AT, now=DISPATCHED_AT, facts=hold
    )

    with pytest.raises(LimitsLost):
        move(cast, merged, Move.MERGE, DISPATCHED_AT + HOUR, **merge)


@pytest.mark.clause("H2.1.1b", "H7.2.2")
@pytest.mark.parametrize("severities", [("ordinary", "critical"), ("critical", "ordinary"), ("ordinary", "ordinary")])
def test_of_one_category_and_level_two_merge_however_urgent_either_is(cast: Cast, severities: tuple[str, str]) -> None:
    older, younger = severities
    leading = dispatched(cast, "network.broadband", severity=older)
    merged = dispatched(cast, "network.broadband", severity=younger, received_at=MONDAY + HOUR)

    move(cast, merged, Move.MERGE, MONDAY + 4 * HOUR, into=leading.number, reason="同一事项")

    assert history_of(leading.pk)[-1].what == What.ABSORBED


@pytest.mark.clause("H2.1.1b")
def test_a_merged_ticket_warns_nobody(cast: Cast) -> None:
    leading = take_in(cast)
    merged = take_in(cast, received_at=MONDAY + HOUR)
    move(cast, merged, Move.MERGE, MONDAY + HOUR, into=leading.number, reason="同一事项")

    while sweep(MONDAY + timedelta(days=6)):
        pass

    fired = TicketEvent.objects.filter(what="clock_breached")
    assert fired.filter(ticket=leading).exists()
    assert not fired.filter(ticket=merged).exists()


@pytest.mark.clause("H2.1.1b")
def test_what_came_due_while_it_was_merged_by_mistake_is_told_as_soon_as_that_is_taken_back(cast: Cast) -> None:
    leading = take_in(cast)
    merged = take_in(cast, received_at=MONDAY + HOUR)
    move(cast, merged, Move.MERGE, MONDAY + HOUR, into=leading.number, reason="同一事项")
    back_at = MONDAY + 3 * HOUR

    move(cast, merged, Move.UNMERGE, back_at, reason="并错了")
    while sweep(back_at):
        pass

    breached = TicketEvent.objects.filter(ticket=merged, what="clock_breached")
    assert {row.facts["rule"] for row in breached} >= {"classify", "undispatched", "first-response"}
    assert {row.happened_at for row in breached} == {back_at}


@pytest.mark.clause("U3.1", "X1")
def test_nothing_is_gained_by_splitting(cast: Cast) -> None:
    origin = take_in(cast)
    owed = {rule: clock.due_at for rule, clock in clocks(origin).items()}
    facts = {"other_category": origin.category, "text": "办公室信号也弱。"}

    move(cast, origin, Move.SPLIT, MONDAY + timedelta(days=3), **facts)

    part = Ticket.objects.get(number=history_of(origin.pk)[-1].facts["split_off"])
    assert {rule: clock.due_at for rule, clock in clocks(part).items()} == owed
