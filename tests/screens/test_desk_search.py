"""One box finds a number, a phone and words."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from tests.screens.desk import Desk, address, taken_in, text_of
from tests.screens.test_desk_queues import listed, many

pytestmark = pytest.mark.django_db


def test_a_number_leads_to_its_ticket_however_it_is_typed(cast: Cast) -> None:
    ticket = taken_in(cast)

    for typed in (ticket.number, ticket.number.lower().replace("-", " ")):
        assert Desk(cast.agent).get("/search", {"q": typed})["Location"] == address(ticket)


@pytest.mark.clause("T6.2")
@pytest.mark.parametrize("typed", ["19900001234", "199 0000 1234", "+86 199-0000-1234"])
def test_a_phone_finds_the_tickets_of_whoever_has_it(cast: Cast, typed: str) -> None:
    ticket = taken_in(cast, phone="19900001234")
    taken_in(cast, phone="19900005678")

    assert listed(Desk(cast.agent), f"/search?q={typed.replace('+', '%2B')}") == [ticket.number]


def test_a_phone_that_was_looked_for_is_not_written_into_the_page(cast: Cast) -> None:
    taken_in(cast, phone="19900001234")

    assert "19900001234" not in Desk(cast.agent).get("/search?q=19900001234").content.decode().replace(
        "/search?q=19900001234", ""
    )


@pytest.mark.parametrize(
    ("words", "found"),
    [("光猫红灯", True), ("红灯 宽带", True), ("红灯 话费", False), ("光", True), ("ONU", True), ("；，", False)],
)
def test_words_find_the_complaints_that_have_all_of_them(cast: Cast, words: str, found: bool) -> None:
    ticket = taken_in(cast, text="家里宽带断了，光猫红灯一直闪，ONU 重启无效")
    taken_in(cast, text="营业厅排队太久", phone="19900005678", category="service.attitude.store")

    assert listed(Desk(cast.agent), f"/search?q={words}") == ([ticket.number] if found else [])


def test_words_find_what_was_said_and_never_who_said_it(cast: Cast) -> None:
    taken_in(cast, text="我叫王小明，电话 13800138000，宽带断了", name="王小明", phone="13800138000")

    assert listed(Desk(cast.agent), "/search?q=王小明") == []


def test_the_newest_come_first_fifty_a_page(cast: Cast) -> None:
    numbers = many(cast, 55, text="基站信号不好")

    assert listed(Desk(cast.agent), "/search?q=基站信号") == numbers[:50]


def test_a_search_costs_the_same_however_much_it_finds(cast: Cast) -> None:
    desk = Desk(cast.agent)
    many(cast, 1, text="基站信号不好")
    desk.get("/search?q=基站")
    with CaptureQueriesContext(connection) as one:
        desk.get("/search?q=基站")
    many(cast, 60, text="基站信号不好")
    with CaptureQueriesContext(connection) as sixty:
        desk.get("/search?q=基站")

    assert len(sixty) == len(one)


def test_nothing_found_says_what_to_do(cast: Cast) -> None:
    assert "use fewer words" in text_of(Desk(cast.agent).get("/search?q=没有这样的话"))
    assert "Type a ticket number" in text_of(Desk(cast.agent).get("/search"))
