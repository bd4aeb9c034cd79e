"""Who is in a ticket at this moment, in the list and on its page: a warning, never a lock."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shouwen.desk.models import Presence
from shouwen.desk.presence import be_present, leave, present_in
from shouwen.handbook.moves import Move
from shouwen.people.models import Person
from shouwen.tickets.models import Ticket
from tests.cast import Cast
from tests.screens.desk import Desk, ahead, brought_to, taken_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.clause("T1.3")]

SECOND = timedelta(seconds=1)


def names(cast: Cast, ticket_id: object, at: datetime, *, beside: str = "supervisor") -> list[str]:
    found = present_in([ticket_id], at=at, beside=cast.actor(beside)).get(ticket_id, [])
    return [one.name for one in found]


def test_whoever_has_a_ticket_open_is_shown_to_the_others_and_not_to_themselves(cast: Cast) -> None:
    ticket = taken_in(cast)
    agent, supervisor = Desk(cast.agent), Desk(cast.supervisor)

    assert text_of(agent.post("/presence", {"number": ticket.number})) == ""
    said = text_of(supervisor.post("/presence", {"number": ticket.number, "typing": "1"}))
    assert said == "坐席甲 looking at it"
    assert text_of(agent.post("/presence", {"number": ticket.number})) == "主管甲 writing here now"


def test_a_list_asks_for_all_its_tickets_at_once_and_hears_nothing_where_nothing_changed(cast: Cast) -> None:
    one, two = taken_in(cast), taken_in(cast, phone="19900005678")
    Desk(cast.agent).post("/presence", {"number": one.number})
    desk, asked = Desk(cast.supervisor), {"number": [one.number, two.number]}

    first = desk.get("/presence", asked)
    again = desk.get("/presence", asked, headers={"If-None-Match": first["ETag"]})

    assert set(first.json()) == {one.number}
    assert "坐席甲 looking at it" in first.json()[one.number]
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(("after", "shown"), [(50 * SECOND - SECOND, True), (50 * SECOND, False)])
def test_who_says_nothing_more_is_gone_within_a_minute(cast: Cast, after: timedelta, shown: bool) -> None:
    """Because a computer that was switched off says no goodbye."""
    ticket, now = taken_in(cast), timezone.now()
    be_present(cast.actor("agent"), [ticket.pk], at=now)

    assert bool(names(cast, ticket.pk, now + after)) is shown


def test_what_is_said_again_at_once_writes_nothing(cast: Cast) -> None:
    ticket, now = taken_in(cast), timezone.now()
    agent = cast.actor("agent")
    be_present(agent, [ticket.pk], at=now)
    be_present(agent, [ticket.pk], at=now + 14 * SECOND)
    assert Presence.objects.get().seen_at == now

    be_present(agent, [ticket.pk], at=now + 16 * SECOND)
    assert Presence.objects.get().seen_at == now + 16 * SECOND


def test_beginning_to_write_is_told_at_once(cast: Cast) -> None:
    ticket, now = taken_in(cast), timezone.now()
    be_present(cast.actor("agent"), [ticket.pk], at=now)
    be_present(cast.actor("agent"), [ticket.pk], at=now + SECOND, typing=True)

    [there] = present_in([ticket.pk], at=now + SECOND, beside=cast.actor("supervisor"))[ticket.pk]
    assert there.typing


def test_closing_a_ticket_is_leaving_it(cast: Cast) -> None:
    ticket = taken_in(cast)
    desk = Desk(cast.agent)
    desk.post("/presence", {"number": ticket.number})

    assert desk.post("/presence", {"number": ticket.number, "leaving": "1"}).status_code == 204
    assert names(cast, ticket.pk, timezone.now()) == []


def test_old_rows_go_when_their_person_looks_at_something_else(cast: Cast) -> None:
    one, two = taken_in(cast), taken_in(cast, phone="19900005678")
    now, agent = timezone.now(), cast.actor("agent")
    be_present(agent, [one.pk], at=now - timedelta(minutes=11))
    be_present(agent, [two.pk], at=now)

    assert [row.ticket_id for row in Presence.objects.all()] == [two.pk]
    leave(agent, [two.pk])
    assert not Presence.objects.exists()


@pytest.mark.clause("H7.3.1")
def test_nobody_is_in_a_ticket_they_may_not_see_nor_sees_who_is(cast: Cast) -> None:
    elsewhere = taken_in(cast, region="341204", first_owner=str(cast.other_agent.pk))
    Desk(cast.manager).post("/presence", {"number": elsewhere.number})
    stranger = Desk(cast.supervisor)

    assert stranger.get("/presence", {"number": elsewhere.number}).json() == {}
    assert text_of(stranger.post("/presence", {"number": elsewhere.number})) == ""
    assert Presence.objects.count() == 1


def test_a_beat_costs_the_same_in_one_ticket_and_in_many(cast: Cast) -> None:
    tickets = [taken_in(cast, phone=f"1990000{n:04}") for n in range(6)]
    desk = Desk(cast.agent)
    desk.post("/presence", {"number": tickets[0].number})
    with CaptureQueriesContext(connection) as one:
        desk.post("/presence", {"number": tickets[0].number})
    with CaptureQueriesContext(connection) as many:
        desk.post("/presence", {"number": [ticket.number for ticket in tickets]})

    assert len(many) == len(one) <= 7


def beat(person: Person, ticket: Ticket, *, language: str = "en") -> str:
    """What whoever has had this ticket open since it was read hears."""
    said = Desk(person, language=language).post("/presence", {"number": ticket.number, "seen": ticket.last_seq})
    return text_of(said).strip()


def test_whoever_has_a_ticket_open_hears_what_a_colleague_records_in_it(cast: Cast) -> None:
    """Because the page stayed as it was, with its old buttons, while the first response had long been recorded."""
    ticket = brought_to(cast, Move.DISPATCH)
    assert beat(cast.supervisor, ticket) == ""

    Desk(cast.agent).make(ticket, Move.RESPOND, via="phone", text="先核实基站", expected_at=ahead(30))

    assert beat(cast.supervisor, ticket) == "坐席甲, just now: First response given Show"
    assert beat(cast.supervisor, ticket, language="zh-hans") == "坐席甲 刚刚：首次响应 显示"


def test_what_one_has_recorded_oneself_is_no_news(cast: Cast) -> None:
    ticket = taken_in(cast)
    Desk(cast.agent).make(ticket, Move.NOTE, text="客户语气平和")

    assert beat(cast.agent, ticket) == ""
    assert "坐席甲, just now: Note" in beat(cast.supervisor, ticket)


def test_of_several_the_newest_is_named_and_the_others_are_counted(cast: Cast) -> None:
    ticket = taken_in(cast)
    for text in ("一", "二", "三"):
        Desk(cast.agent).make(ticket, Move.NOTE, text=text)

    assert beat(cast.supervisor, ticket) == "坐席甲, just now: Note and 2 more Show"


@pytest.mark.clause("H7.3.1")
def test_a_ticket_that_has_left_ones_sight_says_so_and_not_what_became_of_it(cast: Cast) -> None:
    elsewhere = taken_in(cast, region="341204", first_owner=str(cast.other_agent.pk))
    assert beat(cast.supervisor, elsewhere) == "This ticket is no longer among those you see."


@pytest.mark.parametrize("seen", ["", "-1", "one", "9" * 30, "²"])
def test_a_beat_that_says_no_event_hears_of_none(cast: Cast, seen: str) -> None:
    ticket = taken_in(cast)
    answer = Desk(cast.supervisor).post("/presence", {"number": ticket.number, "seen": seen})
    assert (answer.status_code, text_of(answer)) == (200, "")


def test_a_beat_costs_no_more_for_listening_and_news_cost_two_questions(cast: Cast) -> None:
    ticket = taken_in(cast)
    supervisor = Desk(cast.supervisor)

    def cost(**said: object) -> int:
        with CaptureQueriesContext(connection) as asked:
            supervisor.post("/presence", {"number": ticket.number, **said})
        return len(asked)

    cost()
    deaf, still = cost(), cost(seen=ticket.last_seq)
    Desk(cast.agent).make(ticket, Move.NOTE, text="客户语气平和")

    assert still == deaf
    assert cost(seen=ticket.last_seq) == deaf + 2
