"""Merging was a way to lose a deadline, and splitting one to gain time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shouwen.handbook.lifecycle import Move
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
