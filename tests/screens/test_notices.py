"""The inbox: a row a ticket however much was told of it, read together or one by one, and a badge that stays right."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from shouwen.notices.actions import order_messages, order_row
from shouwen.notices.models import MessageOrder
from shouwen.notices.queries import inbox_of
from shouwen.people.queries import actor_for
from shouwen.tickets.models import Ticket
from tests.cast import Cast
from tests.screens.desk import Desk, taken_in, text_of
from tests.screens.test_desk_queues import counted

pytestmark = [pytest.mark.django_db, pytest.mark.clause("T4.3")]


def tell(cast: Cast, ticket: Ticket | None, count: int = 1, to: str = "", channel: str = "desk") -> list[MessageOrder]:
    """So many notices about a ticket, or about none; the last of them is the newest."""
    made = MessageOrder.objects.count()
    for n in range(made, made + count):
        row = order_row(
            cause=f"test/{n}",
            ticket_id=str(ticket.pk) if ticket else None,
            recipient=to or f"person:{cast.handler.pk}",
            channel=channel,
            template="mentioned",
            edition=ticket.edition if ticket else Ticket.objects.first().edition,
            params={"number": ticket.number if ticket else f"N-{n}"},
        )
        order_messages([row])
    return list(MessageOrder.objects.filter(cause__startswith="test/").order_by("ordered_at", "id"))[-count:]


def rows(desk: Desk, page: str = "/notices") -> list[str]:
    """The notices that lead a row, by their ids, in their order."""
    return re.findall(r'<a data-row href="/notices/([^"]+)"', desk.get(page).content.decode())


def test_a_ticket_has_one_row_led_by_what_was_told_last(cast: Cast) -> None:
    """Because fifty rows about six tickets are read by nobody on their first morning."""
    one, two = taken_in(cast), taken_in(cast, phone="19900005678")
    tell(cast, one, 3)
    last_of_two = tell(cast, two)[0]
    last_of_one = tell(cast, one)[0]
    desk = Desk(cast.handler)

    assert rows(desk) == [str(last_of_one.pk), str(last_of_two.pk)]
    said = text_of(desk.get("/notices"))
    assert "3 earlier about this ticket · 3 unread" in said
    assert counted(desk, "Notices") == "5"


def test_what_is_held_for_the_morning_costs_the_badge_nothing(cast: Cast) -> None:
    """Because a night's hundred thousand reminders to one supervisor were walked through on every page (100 ms)."""
    told, held = tell(cast, taken_in(cast), 3), tell(cast, taken_in(cast, phone="19900005678"), 300)
    MessageOrder.objects.filter(pk__in=[one.pk for one in held]).update(not_before=now() + timedelta(hours=9))
    unread = inbox_of(actor_for(cast.handler), now()).filter(read_at=None)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE message_order")

    plan = unread.order_by().explain()

    assert "message_to_be_read" in plan
    assert "COALESCE(not_before, ordered_at) <=" in plan.split("Filter")[0]
    assert set(unread) == set(told)


def test_the_row_opens_to_the_rest_and_leads_to_all_of_a_long_one(cast: Cast) -> None:
    ticket = taken_in(cast)
    notices = tell(cast, ticket, 14)
    desk = Desk(cast.handler)

    body = desk.get("/notices").content.decode()

    shown = set(re.findall(r'href="/notices/([0-9a-f-]{36})"', body))
    assert shown == {str(one.pk) for one in notices[-11:]}
    assert f'href="?ticket={ticket.pk}"' in body
    assert "All 14 about this ticket" in body
    assert rows(desk, f"/notices?ticket={ticket.pk}") == [str(one.pk) for one in reversed(notices)]
    assert rows(desk, "/notices?ticket=nonsense") == [str(notices[-1].pk)]


def test_what_is_about_no_ticket_has_a_row_of_its_own(cast: Cast) -> None:
    taken_in(cast)
    first, second = tell(cast, None, 2)

    assert rows(Desk(cast.handler)) == [str(second.pk), str(first.pk)]


def test_all_of_a_ticket_is_read_at_once_and_nothing_else(cast: Cast) -> None:
    one, two = taken_in(cast), taken_in(cast, phone="19900005678")
    newest = tell(cast, one, 12)[-1]
    tell(cast, two, 2)
    tell(cast, one, 1, to=f"person:{cast.agent.pk}")
    desk = Desk(cast.handler)

    desk.post(f"/notices/{newest.pk}/reading", {"earlier": "1"})

    assert counted(desk, "Notices") == "2"
    assert MessageOrder.objects.filter(recipient=f"person:{cast.agent.pk}", cause__startswith="test/", read_at=None)
    page = desk.get("/notices").content.decode()
    assert len(re.findall(r'<tr [^>]*class="is-unread">', page)) == 1


def test_what_came_after_the_page_was_read_stays_unread(cast: Cast) -> None:
    """Because nobody has read what came between the page and the press of the button."""
    ticket = taken_in(cast)
    shown = tell(cast, ticket, 2)[-1]
    since = tell(cast, ticket)[0]
    desk = Desk(cast.handler)

    desk.post(f"/notices/{shown.pk}/reading", {"earlier": "1"})

    assert list(MessageOrder.objects.filter(cause__startswith="test/", read_at=None)) == [since]
    assert counted(desk, "Notices") == "1"


def test_opening_one_reads_that_one_alone(cast: Cast) -> None:
    ticket = taken_in(cast)
    newest = tell(cast, ticket, 3)[-1]
    desk = Desk(cast.handler)

    desk.get(f"/notices/{newest.pk}")

    assert counted(desk, "Notices") == "2"
    assert "2 earlier about this ticket · 2 unread" in text_of(desk.get("/notices"))


def test_nobody_reads_a_ticket_away_for_others(cast: Cast) -> None:
    ticket = taken_in(cast)
    newest = tell(cast, ticket, 2)[-1]

    Desk(cast.other_handler).post(f"/notices/{newest.pk}/reading", {"earlier": "1"})

    assert MessageOrder.objects.filter(cause__startswith="test/", read_at=None).count() == 2


def test_pages_of_the_inbox_hold_each_ticket_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (("ROWS", 2), ("BATCH", 2)):
        monkeypatch.setattr(f"shouwen.desk.paging.{name}", size)
    tickets = [taken_in(cast, phone=f"1990000567{n}") for n in range(5)]
    for _round in range(2):
        for ticket in tickets:
            tell(cast, ticket)
    desk, found, page = Desk(cast.handler), [], "/notices"

    while page:
        body = desk.get(page).content.decode()
        found += re.findall(r'<a data-row href="/notices/([^"]+)"', body)
        further = re.search(r'rel="next" href="([^"]+)"', body)
        page = "/notices" + further[1].replace("&amp;", "&") if further else ""

    told_of = MessageOrder.objects.in_bulk(found)
    assert len(found) == 5
    assert {one.ticket_id for one in told_of.values()} == {ticket.pk for ticket in tickets}


def test_the_inbox_costs_the_same_however_much_was_told(cast: Cast) -> None:
    one = taken_in(cast)
    tell(cast, one, 2)
    desk = Desk(cast.handler)
    desk.get("/notices")
    with CaptureQueriesContext(connection) as few:
        desk.get("/notices")
    for n in range(6):
        tell(cast, taken_in(cast, phone=f"1990000567{n}"), 7)
    with CaptureQueriesContext(connection) as many:
        desk.get("/notices")

    assert len(many) == len(few)
    # Whose turn it is, who leads, what stands behind them, the badge.
    assert sum("message_order" in query["sql"] for query in many) <= 5
