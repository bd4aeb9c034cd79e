"""Who could get the work: those on duty, each with what they have in hand (S3.1, T1.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shouwen.editions.queries import edition
from shouwen.handling.hands import propose_assignment
from shouwen.handling.owners import first_owners, forget_loads
from shouwen.people.models import Person
from shouwen.tickets.queries import open_tickets_of, state_of
from tests.cast import MONDAY, Cast, take_in

SECOND = timedelta(seconds=1)


@pytest.mark.clause("S3.1")
@pytest.mark.parametrize(("back_in", "gets_it"), [(-SECOND, True), (0 * SECOND, True), (SECOND, False)])
def test_whoever_is_back_gets_work_again(cast: Cast, back_in: timedelta, gets_it: bool) -> None:
    ticket = take_in(cast)
    Person.objects.filter(pk=cast.handler.pk).update(away_until=MONDAY + back_in)

    proposed = propose_assignment(state_of(ticket), edition(ticket.edition), MONDAY)

    assert proposed.team == "network-3401"
    assert proposed.handler == (str(cast.handler.pk) if gets_it else None)


@pytest.mark.clause("T1.3")
@pytest.mark.parametrize(("back_in", "gets_it"), [(-SECOND, True), (0 * SECOND, True), (SECOND, False)])
def test_whoever_is_back_owns_new_complaints_again(cast: Cast, back_in: timedelta, gets_it: bool) -> None:
    Person.objects.filter(pk=cast.agent.pk).update(away_until=MONDAY + back_in)
    forget_loads()

    assert first_owners(MONDAY).next_for("340104") == (str(cast.agent.pk) if gets_it else None)


def counts_in(queries: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in queries if "COUNT(" in query["sql"]]


def test_only_the_team_that_gets_it_is_counted(cast: Cast) -> None:
    ticket = take_in(cast)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        propose_assignment(state_of(ticket), edition(ticket.edition), MONDAY)

    [count] = counts_in(queries)
    assert str(cast.handler.pk.hex) in count.replace("-", "")
    assert str(cast.other_handler.pk.hex) not in count.replace("-", "")


def test_only_agents_of_the_region_are_counted_and_only_once_for_a_while(cast: Cast) -> None:
    forget_loads()

    with CaptureQueriesContext(connection) as queries:
        for _ in range(3):
            first_owners(MONDAY).next_for("340104")

    [count] = counts_in(queries)
    assert str(cast.agent.pk.hex) in count.replace("-", "")
    assert str(cast.other_agent.pk.hex) not in count.replace("-", "")


@pytest.mark.parametrize(("post", "index"), [("handler", "ticket_my_work"), ("first_owner", "ticket_my_own")])
def test_what_people_have_in_hand_is_counted_in_an_index(cast: Cast, post: str, index: str) -> None:
    take_in(cast)
    with CaptureQueriesContext(connection) as queries:
        loads = open_tickets_of([str(cast.agent.pk), str(cast.other_agent.pk)], post)
    assert loads == {str(cast.agent.pk): 1, str(cast.other_agent.pk): 0}

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {queries[-1]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert index in plan
