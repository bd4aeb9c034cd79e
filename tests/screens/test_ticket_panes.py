"""The three panes of a ticket's page: what each shows, when it is read, and the way on from where the ticket stands."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shouwen.desk.panes import PANES, cookie_of
from shouwen.desk.timeline import AT_ONCE
from shouwen.handbook.moves import Move
from shouwen.people.queries import actor_for
from shouwen.service_levels.sweep import sweep
from tests.cast import Cast
from tests.screens.desk import HTMX, Desk, address, ahead, brought_to, taken_in, text_of

pytestmark = pytest.mark.django_db


def tabs_of(page: str) -> list[str]:
    return re.findall(r'role="tab" id="tab-([a-z]+)"', page)


def test_only_panes_with_something_in_them_have_a_tab(cast: Cast) -> None:
    ticket = brought_to(cast, Move.ASSESS)
    assert tabs_of(Desk(cast.agent).open(ticket).content.decode()) == ["clocks", "customer", "work", "facts"]

    taken_in(cast)

    assert "linked" in tabs_of(Desk(cast.agent).open(ticket).content.decode())


def test_a_closed_pane_is_fetched_when_it_is_opened(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    desk = Desk(cast.handler)
    page = desk.open(ticket).content.decode()
    for code in tabs_of(page):
        shown = desk.get(f"{address(ticket)}/panes/{code}", headers=HTMX)

        assert shown.status_code == 200
        assert "<html" not in shown.content.decode()
        assert (f'data-place="{code}"' in page) == (code == "clocks")
    assert desk.get(f"{address(ticket)}/panes/nonsense").status_code == 404
    assert desk.get(f"{address(ticket)}/panes/facts").url == f"{address(ticket)}?pane=facts"  # without a script


def test_the_pane_somebody_had_open_comes_with_the_next_ticket(cast: Cast) -> None:
    """For that person: at a shared PC the next one finds their own."""
    ticket = brought_to(cast, Move.INVESTIGATE)
    desk = Desk(cast.supervisor)
    desk.cookies[cookie_of(actor_for(cast.supervisor))] = "facts"

    assert 'data-place="facts"' in desk.get(address(ticket)).content.decode()
    desk.cookies[cookie_of(actor_for(cast.agent))] = "customer"
    assert 'data-place="facts"' in desk.get(address(ticket)).content.decode()
    desk.cookies[cookie_of(actor_for(cast.supervisor))] = "nonsense"
    assert 'data-place="clocks"' in desk.get(address(ticket)).content.decode()


def test_going_to_the_next_ticket_brings_that_ticket_alone(cast: Cast) -> None:
    ticket = taken_in(cast)
    page = Desk(cast.agent).get(address(ticket), headers=HTMX)
    body = page.content.decode()

    assert page["HX-Push-Url"] == address(ticket)
    assert "<html" not in body
    assert f'id="ticket" class="ticket" data-number="{ticket.number}"' in body
    assert f'data-number="{ticket.number}" hidden' in body  # and says who is there


@pytest.mark.clause("T4.3")
def test_what_went_to_the_customer_stands_apart_from_what_stayed_inside(cast: Cast) -> None:
    ticket = taken_in(cast, acknowledge=True)
    desk = Desk(cast.agent)
    desk.make(ticket, Move.NOTE, text="客户情绪激动")
    desk.make(ticket, Move.RESPOND, via="phone", text="已联系", expected_at=ahead(24))
    while sweep(timezone.now()):
        pass
    rows = re.findall(r'<li[^>]* data-side="(\w+)">(.*?)</li>', desk.open(ticket).content.decode(), re.DOTALL)
    said = {side: re.sub(r"<[^>]+>", " ", body) for side, body in reversed(rows)}

    assert "to the customer" in said["to"]
    assert "internal only" in said["note"]
    assert "客户情绪激动" in said["note"]
    assert "from the customer" in said["from"]
    assert "clocks" in said
    assert any("Your complaint has been received" in body for side, body in rows if side == "to")  # sent by the desk


def test_a_long_history_comes_in_two_parts_and_costs_the_same(cast: Cast) -> None:
    ticket = taken_in(cast)
    desk = Desk(cast.agent)
    desk.open(ticket)
    with CaptureQueriesContext(connection) as short:
        desk.open(ticket)
    for n in range(AT_ONCE + 5):
        desk.make(ticket, Move.NOTE, text=f"第 {n} 条")
    with CaptureQueriesContext(connection) as long:
        page = desk.open(ticket).content.decode()

    assert len(long) == len(short) <= 18
    assert page.count('data-side="note"') == AT_ONCE
    assert "6 earlier rows" in page
    whole = desk.get(f"{address(ticket)}/history", headers=HTMX).content.decode()
    assert whole.count('data-side="note"') == AT_ONCE + 5
    assert "第 0 条" in text_of(desk.get(f"{address(ticket)}?history=whole"))


@pytest.mark.clause("H2.4", "T2")
def test_the_way_on_says_what_each_next_stage_needs_and_offers_only_what_may_be_done(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    ways = {who: Desk(getattr(cast, who)).open(ticket).content.decode() for who in ("handler", "agent")}
    ahead_of = {
        who: re.sub(r"<[^>]+>", " ", page.partition("way-ahead")[2].partition("</details>")[0])
        for who, page in ways.items()
    }

    assert "evidence still missing" in ahead_of["handler"]
    assert "Root cause" in ahead_of["handler"] or "Cause" in ahead_of["handler"]
    assert f'href="{address(ticket, Move.PROPOSE)}"' in ways["handler"].partition("way-ahead")[2]
    assert f'href="{address(ticket, Move.PROPOSE)}"' not in ways["agent"].partition("way-ahead")[2]
    assert "Done by: Handler" in ahead_of["agent"]


@pytest.mark.clause("H2.1.1b")
def test_another_matter_is_split_off_from_what_the_customer_said(cast: Cast) -> None:
    ticket = taken_in(cast, text="宽带慢，另外上月多扣了 20 元")
    desk = Desk(cast.agent)
    assert f'href="{address(ticket, Move.SPLIT)}?quoted=1"' in desk.open(ticket).content.decode()

    dialog = desk.get(address(ticket, Move.SPLIT), {"quoted": "1"}, headers=HTMX)

    assert "另外上月多扣了 20 元</textarea>" in dialog.content.decode()
    assert "</textarea>" in desk.get(address(ticket, Move.SPLIT), {"quoted": "x"}, headers=HTMX).content.decode()


@pytest.mark.parametrize("pane", sorted(PANES))
def test_no_pane_shows_a_code_instead_of_a_word(cast: Cast, pane: str) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    taken_in(cast)

    said = text_of(Desk(cast.handler, language="zh-hans").get(f"{address(ticket)}/panes/{pane}", headers=HTMX))

    assert not re.search(r"\b[a-z]+(?:_[a-z]+)+\b", said)
