"""Leave with a cover: nobody on holiday is told of a breach alone, and what they own stays theirs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shouwen.handbook.lifecycle import Move
from shouwen.handling.hands import propose_assignment
from shouwen.handling.owners import first_owners, forget_loads
from shouwen.notices.models import MessageOrder
from shouwen.people.leaves import CoverAway, LeaveBackwards, LeaveTwice, end_leave, take_leave
from shouwen.people.models import Change, Leave, Person, Team
from shouwen.people.queries import actor_for, on_duty, roster
from shouwen.service_levels.sweep import sweep
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import state_of, visible_to
from tests.cast import MONDAY, Cast, on, take_in, walk

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def away(person: Person, cover: Person | None = None, *, days: int = 14) -> Leave:
    return take_leave(
        person, from_at=MONDAY - DAY, until_at=MONDAY + days * DAY, cover=cover, by=None, at=MONDAY - 2 * DAY
    )


def told_of_breaches(ticket: Ticket, at: datetime) -> set[str]:
    while sweep(at, batch=100):
        pass
    orders = MessageOrder.objects.filter(ticket_id=ticket.pk, template="clock_breached")
    return set(orders.values_list("recipient", flat=True))


def at_work(cast: Cast) -> Ticket:
    return walk(cast, take_in(cast), until=Move.INVESTIGATE)


@pytest.mark.clause("T1.3", "S3.3")
def test_a_handler_on_leave_is_not_told_alone(cast: Cast) -> None:
    """Because a breach that only somebody at the seaside hears of is nobody's."""
    colleague = cast.other_handler
    Team.objects.filter(pk="network-3401").update(lead=cast.other_agent)
    away(cast.handler, colleague)

    told = told_of_breaches(at_work(cast), MONDAY + 5 * DAY)

    assert {f"person:{one.pk}" for one in (cast.handler, colleague, cast.other_agent)} <= told


@pytest.mark.clause("T1.3")
@pytest.mark.parametrize(("moment", "sees"), [(MONDAY, True), (MONDAY - 2 * DAY, False), (MONDAY + 14 * DAY, False)])
def test_whoever_stands_in_sees_what_they_are_told_of_as_long_as_the_leave_lasts(cast, moment, sees):
    """Because a breach told to somebody for whom the ticket does not exist is told to nobody."""
    away(cast.agent, cast.other_agent)
    ticket = at_work(cast)  # in a region the other does not answer for

    found = visible_to(actor_for(cast.other_agent, moment)).filter(pk=ticket.pk)

    assert found.exists() is sees


def test_whom_one_stands_in_for_costs_no_query_of_its_own(cast, django_assert_num_queries):
    away(cast.agent, cast.handler)
    with django_assert_num_queries(1):
        actor = actor_for(cast.handler, MONDAY)
    assert actor.stands_in_for == {str(cast.agent.pk)}
    assert actor.teams == actor_for(cast.handler).teams != frozenset()


@pytest.mark.clause("T1.3")
def test_first_ownership_stays_with_whoever_is_away(cast: Cast) -> None:
    away(cast.agent, cast.other_agent)
    ticket = at_work(cast)

    told_of_breaches(ticket, MONDAY + 5 * DAY)

    assert Ticket.objects.get(pk=ticket.pk).first_owner_id == cast.agent.pk


@pytest.mark.clause("T1.3")
def test_where_nobody_stands_in_the_supervisor_is_told_too(cast: Cast) -> None:
    Team.objects.update(lead=None)
    away(cast.handler)

    assert f"person:{cast.supervisor.pk}" in told_of_breaches(at_work(cast), MONDAY + 5 * DAY)


def test_a_cover_who_is_away_themselves_stands_in_for_nobody(cast: Cast) -> None:
    away(cast.handler, cast.other_handler, days=2)
    Leave.objects.create(person=cast.other_handler, from_at=MONDAY, until_at=MONDAY + DAY)

    assert roster(MONDAY + timedelta(hours=1)).stand_ins[str(cast.handler.pk)] == ()


EDGES = [
    ("2026-03-02 08:59", False),
    ("2026-03-02 09:00", True),
    ("2026-03-04 17:59", True),
    ("2026-03-04 18:00", False),
]


@pytest.mark.parametrize(("moment", "gone"), EDGES)
def test_a_leave_holds_from_its_first_moment_to_its_last(cast: Cast, moment: str, gone: bool) -> None:
    take_leave(
        cast.agent,
        from_at=on("2026-03-02 09:00"),
        until_at=on("2026-03-04 18:00"),
        cover=None,
        by=None,
        at=on("2026-02-27 09:00"),
    )

    assert (cast.agent not in on_duty("agent", on(moment))) is gone
    assert (str(cast.agent.pk) in roster(on(moment)).stand_ins) is gone


@pytest.mark.clause("T1.3")
def test_whoever_is_away_is_given_nothing_new(cast: Cast) -> None:
    away(cast.agent)
    away(cast.handler)
    forget_loads()

    assert first_owners(MONDAY).next_for("340104") is None
    proposed = propose_assignment(state_of(take_in(cast)), rules_of(cast), MONDAY)
    assert (proposed.team, proposed.handler) == ("network-3401", None)


def rules_of(cast: Cast):
    from shouwen.editions.queries import current_edition

    return current_edition(MONDAY)


def test_a_leave_is_ended_once_and_both_are_written_down(cast: Cast) -> None:
    leave = away(cast.agent, cast.other_agent)

    assert end_leave(leave, by=cast.administrator, at=MONDAY)
    assert not end_leave(leave, by=cast.administrator, at=MONDAY)

    assert cast.agent in on_duty("agent", MONDAY)
    assert list(Change.objects.filter(kind="leave").order_by("id").values_list("what", "by")) == [
        ("made", None),
        ("ended", cast.administrator.pk),
    ]


def test_leaves_that_make_no_sense_are_refused(cast: Cast) -> None:
    away(cast.other_agent)
    span = {"from_at": MONDAY, "until_at": MONDAY + DAY, "by": None, "at": MONDAY}

    with pytest.raises(CoverAway):
        take_leave(cast.agent, cover=cast.other_agent, **span)
    with pytest.raises(CoverAway):
        take_leave(cast.agent, cover=cast.agent, **span)
    with pytest.raises(LeaveTwice):
        take_leave(cast.other_agent, cover=None, **span)
    with pytest.raises(LeaveBackwards):
        take_leave(cast.agent, cover=None, **{**span, "until_at": MONDAY})
    assert Leave.objects.count() == 1


def test_a_roster_costs_three_queries_however_many_are_away(cast: Cast, django_assert_num_queries) -> None:
    away(cast.agent, cast.other_agent)
    away(cast.handler)

    with django_assert_num_queries(4):  # leads, people, their teams, who is away
        roster(MONDAY)
