"""Pickers ask for a colleague or a ticket while somebody types."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shouwen.people.actions import make_person
from shouwen.people.models import Person
from tests.cast import Cast
from tests.screens.desk import Desk, taken_in
from tests.screens.test_desk_queues import many

pytestmark = pytest.mark.django_db


def looked_up(desk: Desk, what: str, typed: str, **only: str) -> list[dict[str, Any]]:
    answer = desk.post(f"/lookup/{what}", {"q": typed, **only})
    assert answer["Cache-Control"] == "no-store"
    return answer.json()["found"]


def names(desk: Desk, typed: str, **only: str) -> list[str]:
    return [person["name"] for person in looked_up(desk, "people", typed, **only)]


@pytest.mark.parametrize("typed", ["处理甲", "理甲", "handler", "HAND", "E1007", "clj", "cl"])
def test_a_colleague_is_found_by_name_initials_user_name_or_staff_number(cast: Cast, typed: str) -> None:
    Person.objects.filter(pk=cast.handler.pk).update(staff_no="E1007")

    assert "处理甲" in names(Desk(cast.agent), typed)


def test_only_active_people_of_the_role_and_team_that_will_do(cast: Cast) -> None:
    make_person("gone", display_name="处理丙", roles=["handler"])
    Person.objects.filter(username="gone").update(is_active=False)
    desk = Desk(cast.agent)

    assert names(desk, "处理") == ["处理乙", "处理甲"]
    assert names(desk, "甲", role="supervisor") == ["主管甲"]
    assert names(desk, "处理", team="billing") == ["处理乙"]


def test_whose_name_begins_so_comes_first_and_the_own_team_before_the_rest(cast: Cast) -> None:
    for username, name in (("a", "王甲处"), ("b", "处理己"), ("c", "处理戊")):
        make_person(username, display_name=name, roles=["handler"])
    mate = Person.objects.get(username="c")
    mate.teams.set(cast.agent.teams.all())

    found = names(Desk(cast.agent), "处")

    assert found[0] == "处理戊"
    assert found[-1] == "王甲处"


def test_before_anything_is_typed_the_own_team_is_offered(cast: Cast) -> None:
    make_person("c", display_name="同班", roles=["agent"]).teams.set(cast.agent.teams.all())

    assert set(names(Desk(cast.agent), "")) == {"同班", "坐席甲"}


def test_whoever_is_away_is_found_and_said_to_be(cast: Cast) -> None:
    Person.objects.filter(pk=cast.handler.pk).update(away_until=timezone.now() + timedelta(days=1))

    assert [one["is_away"] for one in looked_up(Desk(cast.agent), "people", "处理甲")] == [True]


@pytest.mark.parametrize("typed", ["number", "beginning", "19900001234", "光猫"])
def test_a_ticket_is_found_by_what_somebody_has_of_it(cast: Cast, typed: str) -> None:
    ticket = taken_in(cast, text="光猫红灯，请回电 13800138000", phone="19900001234")
    words = {"number": ticket.number, "beginning": ticket.number[:7].lower()}.get(typed, typed)

    [found] = looked_up(Desk(cast.agent), "tickets", words)

    assert found["number"] == ticket.number
    assert found["is_open"]
    assert "⟦" not in found["title"]
    assert "received" in found["note"]


def test_a_ticket_that_may_not_be_chosen_is_not_offered(cast: Cast) -> None:
    ticket, other = taken_in(cast, text="光猫红灯"), taken_in(cast, text="光猫红灯", phone="19900005678")

    found = looked_up(Desk(cast.agent), "tickets", "光猫", but=ticket.number, open="1")

    assert [one["number"] for one in found] == [other.number]


def test_a_lookup_costs_no_more_however_much_there_is(cast: Cast) -> None:
    desk = Desk(cast.agent)
    many(cast, 60, text="基站信号不好")
    for n in range(20):
        make_person(f"p{n}", display_name=f"处理{n}", roles=["handler"]).teams.set(cast.agent.teams.all())
    for what, typed, most in (("people", "cl", 7), ("tickets", "基站", 10)):
        with CaptureQueriesContext(connection) as asked:
            assert len(looked_up(desk, what, typed)) == 8
        assert len(asked) <= most


def test_an_administrator_looks_up_people_and_no_tickets(cast: Cast) -> None:
    desk = Desk(cast.administrator)

    assert names(desk, "处理甲") == ["处理甲"]
    assert desk.post("/lookup/tickets", {"q": "信号"}).status_code == 403
