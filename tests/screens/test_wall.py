"""The supervisor's wall: every number is the length of the list behind it, and costs little."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from shouwen.desk.counting import capped_counts
from shouwen.desk.loads import counted_people, loads_of_people, loads_of_regions, loads_of_teams, teams_under
from shouwen.desk.trend import trend_of
from shouwen.desk.wall import COUNTS, Watch, answer_rule, counted_by, dispatch_rule, leaf_regions
from shouwen.editions.queries import current_edition
from shouwen.handbook.history import Stage
from shouwen.handbook.moves import Move
from shouwen.people.models import Person
from shouwen.people.queries import actor_for
from shouwen.tickets.models import NEVER, Ticket
from tests.cast import MONDAY, WHOLE_WAY, Cast, make, on, take_in, walk
from tests.departments.conftest import the_carrier
from tests.kept import once
from tests.screens.desk import Desk, brought_to, taken_in, text_of
from tests.screens.test_desk_queues import many

pytestmark = [pytest.mark.django_db, pytest.mark.clause("S3.3")]

NUMBER = re.compile(r'href="([^"]+)" data-count="(\w+)">.*?<b class="wall-number">([0-9+]+)</b>', re.DOTALL)
LOAD = re.compile(r'class="wall-open" href="([^"]+)">([0-9+]+)<')


def watch(person: Person, at: object = None) -> Watch:
    at = at or timezone.now()
    return Watch(actor_for(person), at, current_edition(at))


def number(cast: Cast, code: str, at: object) -> int:
    return counted_by(COUNTS[code], watch(cast.supervisor, at)).count()


def all_listed(desk: Desk, address: str) -> list[str]:
    """The tickets of a list, page after page."""
    found, page = [], address
    while page:
        body = desk.get(page).content.decode()
        found += re.findall(r'data-row[^>]*href="/tickets/([^"]+)"', body)
        further = re.search(r'rel="next" href="([^"]+)"', body)
        page = address.partition("?")[0] + further[1].replace("&amp;", "&") if further else ""
    return found


def test_every_number_is_the_length_of_its_list(cast: Cast) -> None:
    """Because a number that does not lead to its tickets is one more thing to argue about at 17:55."""
    many(cast, 60, region="340104")
    brought_to(cast, Move.PROPOSE, phone="19900005678")
    brought_to(cast, Move.TELL_CUSTOMER, phone="19900008765")
    Ticket.objects.filter(number__in=Ticket.objects.values("number")[:20]).update(
        lead_due_at=timezone.now() - timedelta(minutes=5)
    )
    taken_in(cast, region="341204", phone="19900004321")
    desk = Desk(cast.supervisor)

    body = desk.get("/wall").content.decode()

    numbers = {code: (url, shown) for url, code, shown in NUMBER.findall(body)}
    assert numbers.keys() == COUNTS.keys()
    assert {code: len(all_listed(desk, url)) for code, (url, _) in numbers.items()} == {
        code: int(shown) for code, (_, shown) in numbers.items()
    }
    loads = LOAD.findall(body)
    assert len(loads) > 3
    assert all(len(all_listed(desk, url)) == int(shown) for url, shown in loads)


class CountsAndLists(TestCase):
    """Whatever stands in the rows, a number and its list come from one question."""

    @settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from([stage.value for stage in Stage]),
                st.integers(-3000, 3000),
                st.integers(0, 3000),
                st.sampled_from(["340104", "341204", ""]),
                st.booleans(),
            ),
            max_size=8,
        )
    )
    def test_a_number_counts_what_its_list_holds(self, rows: list[tuple[str, int, int, str, bool]]) -> None:
        cast, at = once("the carrier", the_carrier), MONDAY + timedelta(hours=7)
        for place, (stage, due, age, region, is_open) in enumerate(rows):
            ticket = take_in(cast, phone=f"1990000{place:04}", region=region)
            Ticket.objects.filter(pk=ticket.pk).update(
                stage=stage,
                lead_due_at=at + timedelta(minutes=due),
                received_at=at - timedelta(minutes=age),
                is_open=is_open,
            )
        seen = watch(cast.supervisor, at)
        questions = {code: counted_by(count, seen) for code, count in COUNTS.items()}

        assert capped_counts(questions, most=1000) == {code: len(set(rows)) for code, rows in questions.items()}
        people = loads_of_people(seen, teams_under(seen.actor))
        mine = Ticket.objects.filter(is_open=True, region__in=["340104", ""])
        assert sum(load.open for load in people) == mine.exclude(handler=None).count()
        trend = trend_of(seen)
        received = sum(bar.count for bar in trend.bars if bar.code == "received")
        assert received == counted_by(COUNTS["received"], seen).filter(received_at__lte=at).count()


def test_undispatched_is_what_the_rule_says_to_the_minute(cast: Cast) -> None:
    ticket = take_in(cast, received_at=MONDAY)
    due = timedelta(minutes=30)

    assert number(cast, "undispatched", MONDAY + due - timedelta(seconds=1)) == 0
    assert number(cast, "undispatched", MONDAY + due) == 1

    walk(cast, ticket, until=Move.DISPATCH, hours=0.2)
    assert number(cast, "undispatched", MONDAY + timedelta(hours=5)) == 0


def test_silent_is_what_was_dispatched_two_hours_ago_and_nobody_has_answered(cast: Cast) -> None:
    ticket = walk(cast, take_in(cast), until=Move.DISPATCH, hours=0.2)
    dispatched = MONDAY + timedelta(hours=0.4)

    assert number(cast, "silent", dispatched + timedelta(hours=2, seconds=-1)) == 0
    assert number(cast, "silent", dispatched + timedelta(hours=2)) == 1

    make(cast, ticket, WHOLE_WAY[2], dispatched + timedelta(hours=3))
    assert number(cast, "silent", dispatched + timedelta(days=1)) == 0


def test_the_times_it_counts_by_are_the_editions(cast: Cast) -> None:
    rules = current_edition(MONDAY)

    assert (dispatch_rule(rules).id, answer_rule(rules).id) == ("undispatched", "silent")
    body = Desk(cast.supervisor).get("/wall").content.decode()
    assert "Undispatched over 30 min" in body
    assert "Silent over 2 h" in body


def test_a_day_begins_at_the_carriers_midnight(cast: Cast) -> None:
    take_in(cast, received_at=on("2026-03-02 23:59"))
    take_in(cast, received_at=on("2026-03-03 00:00"), phone="19900005678")

    assert number(cast, "received", on("2026-03-02 23:59")) == 1
    assert number(cast, "received", on("2026-03-03 00:01")) == 1


@pytest.mark.clause("T5.1")
def test_a_repeat_is_the_same_customer_with_the_same_matter_within_thirty_days(cast: Cast) -> None:
    take_in(cast, received_at=on("2026-03-02 09:00"))
    at = on("2026-04-01 09:00")
    assert number(cast, "repeats", at) == 0

    again = take_in(cast, received_at=at)
    take_in(cast, received_at=at, category="tariff.overcharge")
    take_in(cast, received_at=at, phone="19900005678")

    assert list(counted_by(COUNTS["repeats"], watch(cast.supervisor, at))) == [again]
    take_in(cast, received_at=on("2026-06-01 09:00"))
    assert number(cast, "repeats", on("2026-06-01 10:00")) == 0


def test_an_hour_of_the_trend_leads_to_the_tickets_of_that_hour(cast: Cast) -> None:
    take_in(cast, received_at=on("2026-03-02 09:00"))
    take_in(cast, received_at=on("2026-03-02 10:00"), phone="19900005678")
    seen = watch(cast.supervisor, on("2026-03-02 11:30"))

    bars = {bar.hour: bar for bar in trend_of(seen).bars if bar.code == "received"}

    assert {hour: bar.count for hour, bar in bars.items() if bar.count} == {9: 1, 10: 1}
    assert bars[9].url == "/wall/received?hour=9"
    assert counted_by(COUNTS["received"], replace(seen, hour=9)).count() == 1
    assert Desk(cast.supervisor).get("/wall/received?hour=9").status_code == 200


def test_what_is_out_of_sight_is_in_no_number(cast: Cast) -> None:
    taken_in(cast, region="341204")

    seen = watch(cast.supervisor)
    counts = capped_counts({code: counted_by(count, seen) for code, count in COUNTS.items()})

    assert set(counts.values()) == {0}
    assert loads_of_regions(seen) == []
    assert [load.open for load in loads_of_teams(seen, teams_under(seen.actor))] == [0, 0, 0]
    assert "network-3412" not in {team.pk for team in teams_under(seen.actor)}


def test_the_wall_costs_the_same_however_much_there_is(cast: Cast) -> None:
    desk = Desk(cast.supervisor)
    desk.get("/wall")
    with CaptureQueriesContext(connection) as few:
        desk.get("/wall/numbers")
    many(cast, 60)
    with CaptureQueriesContext(connection) as lots:
        desk.get("/wall/numbers")

    assert len(few) == len(lots)
    assert len(lots) <= 14


def test_nothing_is_sent_again_while_nothing_has_changed(cast: Cast) -> None:
    desk = Desk(cast.supervisor)
    first = desk.get("/wall/numbers")
    again = desk.get("/wall/numbers", headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert re.fullmatch(r"\d\d:\d\d:\d\d", again["Counted-At"])

    taken_in(cast)
    assert desk.get("/wall/numbers", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_the_sheet_for_a_wall_screen_has_no_bar_and_is_dark(cast: Cast) -> None:
    body = Desk(cast.supervisor).get("/wall?screen").content.decode()

    assert 'class="bar"' not in body
    assert 'data-bs-theme="dark"' in body


def test_the_longest_bar_of_a_list_is_full_because_by_a_hundred_all_looked_alike(cast: Cast) -> None:
    many(cast, 3)
    bars = re.findall(r'<progress max="(\d+)" value="(\d+)"', Desk(cast.supervisor).get("/wall").content.decode())

    assert "3" in {most for most, _open in bars}
    assert all(int(count) <= int(most) for most, count in bars)


def test_a_region_counts_once_at_its_smallest() -> None:
    assert leaf_regions(["34", "3401", "3402", "11"]) == ["11", "3401", "3402"]


def plan_of(rows: QuerySet[Any]) -> str:
    """How PostgreSQL answers, if it may read a table from end to end only where it must."""
    sql, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}", values)
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize(
    "code", ["undispatched", "silent", "overdue", "due_today", "to_approve", "received", "finished", "repeats"]
)
def test_a_number_is_counted_in_an_index(cast: Cast, code: str) -> None:
    plan = plan_of(counted_by(COUNTS[code], watch(cast.manager)).order_by().values("pk")[:1000])

    assert "Seq Scan" not in plan


def test_repeats_are_looked_up_one_by_one_and_not_joined(cast: Cast) -> None:
    """Because a join reads everybody's tickets of all time: among a million it took a minute."""
    plan = plan_of(counted_by(COUNTS["repeats"], watch(cast.supervisor)).order_by().values("pk")[:1000])

    assert "Join" not in plan
    assert "SubPlan" in plan


def test_what_somebody_has_in_hand_is_counted_among_theirs(cast: Cast) -> None:
    """Because walked along all that is open, each person took half a second among a million."""
    plan = plan_of(counted_people(watch(cast.supervisor), teams_under(actor_for(cast.supervisor))))

    assert plan.count("ticket_my_work") == 2
    assert "ticket_open" not in plan


def test_a_ticket_without_a_running_clock_is_never_due(cast: Cast) -> None:
    ticket = taken_in(cast)
    Ticket.objects.filter(pk=ticket.pk).update(lead_due_at=NEVER)

    seen = watch(cast.supervisor)
    assert not any(counted_by(COUNTS[code], seen).exists() for code in ("due_today", "breaching", "overdue"))


def test_teams_and_people_the_wall_has_no_room_for_are_counted_and_lead_to_the_board(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Because a ninth team was missing, and nothing said so."""
    desk, teams = Desk(cast.supervisor), len(teams_under(actor_for(cast.supervisor)))
    assert teams > 2
    monkeypatch.setattr("shouwen.desk.pages.wall.TEAMS_SHOWN", teams - 1)
    assert "more team" not in text_of(desk.get("/wall"))

    monkeypatch.setattr("shouwen.desk.pages.wall.TEAMS_SHOWN", teams - 2)
    assert '<a href="/load">and 2 more teams</a>' in desk.get("/wall").content.decode()
