"""The sweep: every due clock is looked at exactly once, however late and by however many (design §6)."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shouwen.editions.actions import install_shipped_pack
from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.handling.actions import accept
from shouwen.notices.models import MessageOrder
from shouwen.people.models import Person
from shouwen.service_levels.models import Clock
from shouwen.service_levels.sweep import sweep
from shouwen.tickets.models import Ticket, TicketEvent
from tests.cast import MONDAY, WHOLE_WAY, Cast, draft, hire, make, take_in
from tests.departments.test_handling import everything_wrong_with

RUNGS = (What.CLOCK_WARNED, What.CLOCK_BREACHED, What.ESCALATED)


def rungs(ticket: Ticket) -> list[tuple[str, str, int]]:
    """Every rung taken on a ticket: what, rule, step."""
    rows = TicketEvent.objects.filter(ticket=ticket, what__in=RUNGS).order_by("seq")
    return [(row.what, row.facts["rule"], row.facts["step"]) for row in rows]


def sweep_all(at) -> int:
    done = 0
    while looked := sweep(at, batch=100):
        done += looked
    return done


@pytest.mark.clause("S3.3")
def test_thirty_minutes_without_dispatch_reach_the_supervisor(cast: Cast) -> None:
    ticket = take_in(cast)
    breached = MONDAY + timedelta(minutes=30)

    sweep_all(breached - timedelta(seconds=1))
    before = [rung for rung in rungs(ticket) if rung[0] == What.CLOCK_BREACHED and "undispatched" in rung[1]]
    sweep_all(breached)
    after = [rung for rung in rungs(ticket) if rung[0] == What.CLOCK_BREACHED and "undispatched" in rung[1]]

    assert (len(before), len(after)) == (0, 1)
    told = MessageOrder.objects.filter(ticket_id=ticket.pk, recipient=f"person:{cast.supervisor.pk}")
    assert told.filter(template="clock_breached").exists()


@pytest.mark.clause("T1.3", "S3.3")
def test_a_complaint_from_nowhere_known_has_an_owner_and_its_overrun_reaches_every_supervisor(cast: Cast) -> None:
    ticket = take_in(cast, region="", first_owner=None)

    sweep_all(MONDAY + timedelta(minutes=30))

    assert ticket.first_owner_id in (cast.agent.pk, cast.other_agent.pk)
    assert MessageOrder.objects.filter(ticket_id=ticket.pk, recipient=f"person:{cast.supervisor.pk}").exists()


@pytest.mark.clause("S3.3", "T5.2")
def test_where_somebody_has_left_the_house_their_team_is_told(cast: Cast) -> None:
    ticket = take_in(cast)
    for step in WHOLE_WAY[:2]:
        ticket = make(cast, ticket, step, MONDAY)
    Person.objects.filter(pk__in=[cast.handler.pk, cast.agent.pk]).update(is_active=False)

    sweep_all(MONDAY + timedelta(hours=3))

    told = set(MessageOrder.objects.filter(ticket_id=ticket.pk, template__startswith="clock_").values_list("recipient"))
    assert not told & {(f"person:{cast.handler.pk}",), (f"person:{cast.agent.pk}",)}
    assert ("team:network-3401",) in told


@pytest.mark.clause("S3.3")
def test_what_was_done_in_time_never_fires(cast: Cast) -> None:
    ticket = take_in(cast)
    for minutes, step in ((5, WHOLE_WAY[0]), (10, WHOLE_WAY[1])):
        ticket = make(cast, ticket, step, MONDAY + timedelta(minutes=minutes))

    sweep_all(MONDAY + timedelta(minutes=31))

    assert not [rung for rung in rungs(ticket) if "undispatched" in rung[1]]


def test_a_sweep_that_comes_days_late_takes_every_rung_once(cast: Cast) -> None:
    ticket = take_in(cast)
    late = MONDAY + timedelta(days=40)

    sweep_all(late)
    first = rungs(ticket)
    sweep_all(late)

    assert rungs(ticket) == first
    assert Counter(first).most_common(1)[0][1] == 1
    assert {rule for what, rule, _ in first if what == What.CLOCK_BREACHED} == set(
        Clock.objects.filter(ticket=ticket, due_at__lte=late, state="running").values_list("rule", flat=True)
    )
    assert everything_wrong_with(ticket) == []


def test_a_batch_takes_as_many_queries_as_one_clock(cast: Cast) -> None:
    take_in(cast)
    with CaptureQueriesContext(connection) as one:
        sweep(MONDAY + timedelta(minutes=30), batch=1)
    accept([draft(phone=f"199000002{n:02}") for n in range(50)], now=MONDAY)
    with CaptureQueriesContext(connection) as many:
        assert sweep(MONDAY + timedelta(minutes=30), batch=40) == 40

    assert len(many) <= len(one)


def test_clocks_that_were_not_derived_from_the_whole_history_are_derived_anew_before_they_fire(cast: Cast) -> None:
    ticket = take_in(cast)
    Ticket.objects.filter(pk=ticket.pk).update(replayed_seq=0)
    Clock.objects.filter(ticket=ticket).update(due_at=MONDAY, looks=[MONDAY], look_at=MONDAY)

    sweep_all(MONDAY + timedelta(seconds=1))

    assert rungs(ticket) == []
    assert everything_wrong_with(ticket) == []


def test_a_ticket_somebody_works_on_is_left_for_the_next_sweep(cast: Cast) -> None:
    """A move holds the row's lock; the sweep neither waits nor misses it afterwards."""
    ticket = take_in(cast)
    make(cast, ticket, (Move.NOTE, "agent", {"text": "在办"}), MONDAY)
    due = Clock.objects.filter(ticket=ticket, look_at__lte=MONDAY + timedelta(minutes=30)).count()

    assert sweep_all(MONDAY + timedelta(minutes=30)) >= due > 0


@pytest.mark.django_db(transaction=True)
def test_many_sweepers_at_once_fire_everything_exactly_once() -> None:
    install_shipped_pack(at=MONDAY)
    cast = hire()
    accept([draft(phone=f"1990000{n:04}", by=cast.actor("agent")) for n in range(120)], now=MONDAY)
    at = MONDAY + timedelta(hours=3)

    def run(_: int) -> int:
        try:
            done = 0
            while looked := sweep(at, batch=37):
                done += looked
            return done
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    sweep_all(at)

    taken = Counter(
        (row.ticket_id, row.facts["rule"], row.facts["clock"], row.facts["step"])
        for row in TicketEvent.objects.filter(what__in=RUNGS)
    )
    assert set(taken.values()) == {1}
    assert not Clock.objects.filter(look_at__lte=at).exists()
    expected = sum(1 for clock in Clock.objects.all() for look in clock.looks if look <= at)
    assert len(taken) == expected > 0
