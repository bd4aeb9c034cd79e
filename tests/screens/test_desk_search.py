"""One box finds a number, a phone and words."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shouwen.desk import finding
from tests.cast import Cast
from tests.screens.desk import Desk, address, taken_in, text_of
from tests.screens.test_desk_queues import listed, many

pytestmark = pytest.mark.django_db


def looked_for(desk: Desk, typed: str) -> list[str]:
    """The tickets listed for what somebody typed into the box."""
    answer = desk.post("/search", {"q": typed})
    return listed(desk, answer["Location"])


def test_a_number_leads_to_its_ticket_however_it_is_typed(cast: Cast) -> None:
    ticket = taken_in(cast)

    for typed in (ticket.number, ticket.number.lower().replace("-", " ")):
        assert Desk(cast.agent).post("/search", {"q": typed})["Location"] == address(ticket)


@pytest.mark.clause("T6.2")
@pytest.mark.parametrize("typed", ["19900001234", "199 0000 1234", "+86 199-0000-1234"])
def test_a_phone_finds_the_tickets_of_whoever_has_it(cast: Cast, typed: str) -> None:
    ticket = taken_in(cast, phone="19900001234")
    taken_in(cast, phone="19900005678")

    assert looked_for(Desk(cast.agent), typed) == [ticket.number]


def test_a_phone_nobody_has_finds_nothing(cast: Cast) -> None:
    taken_in(cast, phone="19900001234")

    assert looked_for(Desk(cast.agent), "19900005678") == []


@pytest.mark.clause("T1.3b")
@pytest.mark.parametrize("way", ["post", "get"])
def test_a_phone_that_was_looked_for_stands_in_no_address_and_no_page(cast: Cast, way: str) -> None:
    taken_in(cast, phone="19900001234")
    desk = Desk(cast.agent)

    answer = getattr(desk, way)("/search", {"q": "19900001234"})

    assert "19900001234" not in answer["Location"]
    assert "19900001234" not in desk.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("callers", ["nobody", "x", "00000000-0000-0000-0000-000000000000"])
def test_an_address_that_names_no_customer_finds_nothing(cast: Cast, callers: str) -> None:
    taken_in(cast)

    assert "Nothing found" in text_of(Desk(cast.agent).get(f"/search?of={callers}"))


def test_a_caller_s_tickets_are_found_only_by_who_may_see_them(cast: Cast) -> None:
    ticket = taken_in(cast, phone="19900001234")

    assert listed(Desk(cast.other_agent), f"/search?of={ticket.customer_id}") == []


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


def test_a_search_costs_no_more_however_much_it_finds(cast: Cast) -> None:
    desk = Desk(cast.agent)
    many(cast, 1, text="基站信号不好")
    desk.get("/search?q=基站")
    with CaptureQueriesContext(connection) as one:
        desk.get("/search?q=基站")
    many(cast, 60, text="基站信号不好")
    with CaptureQueriesContext(connection) as sixty:
        desk.get("/search?q=基站")

    assert len(sixty) <= len(one)


def test_nothing_found_says_what_to_do(cast: Cast) -> None:
    assert "use fewer words" in text_of(Desk(cast.agent).get("/search?q=没有这样的话"))
    assert "Type a ticket number" in text_of(Desk(cast.agent).get("/search"))


def test_words_too_rare_for_the_newest_tickets_are_found_by_their_index(cast: Cast) -> None:
    old = taken_in(cast, text="卫星电话打不通")
    many(cast, 3, text="基站信号不好")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finding, "WALKED", 2)
        assert listed(Desk(cast.agent), "/search?q=卫星电话") == [old.number]


def test_pages_of_what_was_found_go_on_and_back(cast: Cast) -> None:
    numbers = many(cast, 55, text="基站信号不好")
    desk = Desk(cast.agent)
    further = re.search(r'rel="next" href="([^"]+)"', desk.get("/search?q=基站信号").content.decode())
    assert further
    second = desk.get(f"/search{unescape(further[1])}").content.decode()
    earlier = re.search(r'rel="prev" href="([^"]+)"', second)
    assert earlier

    assert listed(desk, f"/search{unescape(further[1])}") == numbers[50:]
    assert listed(desk, f"/search{unescape(earlier[1])}") == numbers[:50]


@pytest.mark.parametrize(("who", "has_it"), [("agent", True), ("handler", True), ("administrator", False)])
def test_only_who_sees_tickets_is_offered_to_look_for_them(cast: Cast, who: str, has_it: bool) -> None:
    assert ('id="quick"' in Desk(getattr(cast, who)).get("/notices").content.decode()) is has_it
