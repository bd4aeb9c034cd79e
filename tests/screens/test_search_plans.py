"""Every way of finding a ticket has its index: nothing is looked through from one end to the other."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from tests.screens.desk import HTMX, Desk, taken_in

pytestmark = pytest.mark.django_db
LARGE = "ticket|ticket_event|vault_item|customer"


def plans_of(desk: Desk, words: str, **filters: str) -> list[str]:
    """How PostgreSQL answers all that a search asks, if it may read a table from end to end only where it must."""
    with CaptureQueriesContext(connection) as asked:
        assert desk.post("/search", {"q": words, "typing": "1", **filters}, headers=HTMX).status_code == 200
    plans = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in asked:
            if query["sql"].startswith("SELECT"):
                cursor.execute(f"EXPLAIN {query['sql']}")
                plans.append("\n".join(row for (row,) in cursor.fetchall()))
    return plans


def read_through(desk: Desk, words: str, **filters: str) -> list[str]:
    """The plans that read a large table from end to end."""
    return [plan for plan in plans_of(desk, words, **filters) if re.search(rf"Seq Scan on ({LARGE})\b", plan)]


@pytest.mark.parametrize("who", ["agent", "manager"])
def test_rare_words_are_left_to_the_index_of_terms_however_few_are_wanted(cast: Cast, who: str) -> None:
    """Because told that ten will do, PostgreSQL hopes to meet them soon and walks a million tickets."""
    taken_in(cast)

    plans = plans_of(Desk(getattr(cast, who)), "卫星电话")

    assert any("ticket_terms" in plan and "ticket_newest" not in plan for plan in plans)


@pytest.mark.parametrize("who", ["agent", "handler", "supervisor", "manager"])
@pytest.mark.parametrize(
    "words",
    [
        "number",
        "AH-7K3",
        "7k3mp",
        "19900001234",
        "1234",
        "滨湖小区",
        "欧阳小红",
        "宽带",
        "宽",
        "资费争议",
        "卫星电话 19900001234",
        "TS-2025/00817",
    ],
)
def test_every_kind_of_search_has_an_index(cast: Cast, who: str, words: str) -> None:
    given = {"category": "network.broadband.drops", "details": {"service_address": "滨湖小区 12 栋"}}
    ticket = taken_in(cast, phone="19900001234", name="欧阳小红", text="宽带断了", **given)

    assert read_through(Desk(getattr(cast, who)), words.replace("number", ticket.number)) == []


@pytest.mark.parametrize("who", ["agent", "handler", "manager"])
@pytest.mark.parametrize("filters", [{"state": "open"}, {"stage": "proposed"}, {"whose": "mine"}, {"days": "7"}])
def test_filters_alone_are_walked_from_the_newest(cast: Cast, who: str, filters: dict[str, str]) -> None:
    taken_in(cast)

    assert read_through(Desk(getattr(cast, who)), "", **filters) == []


@pytest.mark.parametrize("who", ["agent", "handler", "manager"])
def test_tickets_of_a_category_are_walked_from_the_newest(cast: Cast, who: str) -> None:
    taken_in(cast, text="每月多扣十元", category="network.broadband.drops", details={"service_address": "滨湖 1 号"})
    desk = Desk(getattr(cast, who), language="zh-hans")

    assert read_through(desk, "家庭宽带") == []
