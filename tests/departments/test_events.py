"""Linking tickets to the event they come of, and telling all their customers once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shouwen.handbook.events import EventIsOver, NobodyToTell, NoSuchEvent
from shouwen.handbook.history import Stage, What
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.refusals import ReasonRequired, RoleNotAllowed
from shouwen.handling.actions import move_ticket
from shouwen.handling.events import broadcast, link_tickets, tell_children
from shouwen.notices.models import MessageOrder
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.news import News
from shouwen.tickets.proof import flaws_of
from shouwen.tickets.queries import history_of
from tests.cast import MONDAY, WHOLE_WAY, Cast, make, take_in, walk

pytestmark = [pytest.mark.django_db, pytest.mark.clause("T4.3")]
TEN = MONDAY + timedelta(hours=1)
NEWS = "光缆被挖断，预计今天 18 时前修复"


def link(cast: Cast, child: Ticket, event: Ticket, who: str = "agent") -> Ticket:
    return move_ticket(
        child.number, Move.LINK, by=cast.actor(who), happened_at=TEN, now=TEN, facts={"parent": event.number}
    )


def tell(cast: Cast, event: Ticket, text: str = NEWS, *, form: str = "1", **how: Any) -> Ticket:
    at = how.pop("at", TEN)
    told = broadcast(event.number, text, by=cast.actor("supervisor"), at=at, form=form, **{"concludes": False, **how})
    carry(event, at)
    return told


def carry(event: Ticket, at: datetime = TEN) -> None:
    """What the follower is told of the last thing that happened, until it has nothing left to do."""
    news = [last_of(event)]
    while tell_children(news, at):
        pass


def last_of(event: Ticket) -> News:
    row = history_of(event.pk)[-1]
    return News(str(event.pk), row.seq, row.what, row.happened_at, row.recorded_at, row.by, dict(row.facts))


def calls(cast: Cast, count: int) -> list[Ticket]:
    return [take_in(cast, phone=f"1990000{n:04}") for n in range(count)]


def whats(ticket: Ticket) -> list[What]:
    return [row.what for row in history_of(ticket.pk)]


def flaws(ticket: Ticket) -> list[object]:
    """What `shouwen verify` would find."""
    row = Ticket.objects.get(pk=ticket.pk)
    return list(flaws_of(row, list(TicketEvent.objects.filter(ticket=row).order_by("seq"))))


def messages(ticket: Ticket) -> list[MessageOrder]:
    return list(MessageOrder.objects.filter(ticket_id=ticket.pk, template="event_news"))


def test_both_histories_say_so_and_both_rows_are_what_they_tell(cast: Cast) -> None:
    event, child = calls(cast, 2)

    link(cast, child, event)

    event.refresh_from_db()
    child.refresh_from_db()
    assert (child.parent, event.children) == (event.number, 1)
    assert history_of(child.pk)[-1].facts["parent"] == event.number
    assert history_of(event.pk)[-1].facts["child"] == child.number
    assert [flaws(ticket) for ticket in (event, child)] == [[], []]


def test_unlinking_takes_a_reason_and_says_where_it_was(cast: Cast) -> None:
    event, child = calls(cast, 2)
    link(cast, child, event)
    how = {"by": cast.actor("agent"), "happened_at": TEN, "now": TEN}
    with pytest.raises(ReasonRequired):
        move_ticket(child.number, Move.UNLINK, **how)

    child = move_ticket(child.number, Move.UNLINK, **how, facts={"reason": "另一处故障"})

    event.refresh_from_db()
    assert (child.parent, event.children) == ("", 0)
    assert history_of(child.pk)[-1].facts["former_event"] == event.number
    assert whats(event)[-1] is What.CHILD_UNLINKED


def test_many_are_linked_by_their_numbers_and_the_others_are_told_why(cast: Cast) -> None:
    event, one, two = calls(cast, 3)
    walked = walk(cast, take_in(cast, phone="19900009999"), until=Move.CLOSE)

    done = link_tickets(
        event.number, [one.number, two.number, one.number, walked.number, "AH-0"], by=cast.actor("agent"), at=TEN
    )

    assert (done.linked, done.unknown) == (2, ["AH-0"])
    assert [number for number, _ in done.refused] == [walked.number]


def test_an_event_out_of_sight_is_none(cast: Cast) -> None:
    [child] = calls(cast, 1)
    elsewhere = take_in(cast, phone="19900005678", region="341204", first_owner=str(cast.other_agent.pk))

    with pytest.raises(NoSuchEvent):
        link(cast, child, elsewhere, "supervisor")


def test_nothing_is_linked_to_what_is_over(cast: Cast) -> None:
    child = take_in(cast, phone="19900005678")
    event = walk(cast, take_in(cast), until=Move.CLOSE)

    with pytest.raises(EventIsOver):
        link(cast, child, event)


def test_all_customers_are_told_once_each_with_their_own_number(cast: Cast) -> None:
    event, *children = calls(cast, 4)
    for child in children:
        link(cast, child, event)

    tell(cast, event)

    for child in children:
        [message] = messages(child)
        assert message.params == {"number": child.number, "text": NEWS}
        assert message.recipient == f"customer:{child.customer_id}"
        assert whats(child)[-1] is What.EVENT_TOLD
        assert flaws(child) == []
    assert len(messages(event)) == 1  # whoever reported it first is a customer too


def test_many_are_told_a_batch_after_the_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Because an outage has thousands of complaints, and nobody may wait until all of them are written."""
    monkeypatch.setattr("shouwen.handling.events.BATCH", 2)
    event, *children = calls(cast, 4)
    for child in children:
        link(cast, child, event)
    broadcast(event.number, NEWS, by=cast.actor("supervisor"), at=TEN, form="1", concludes=False)
    news = [last_of(event)]

    turns = [(tell_children(news, TEN), sum(len(messages(child)) for child in children)) for _ in range(3)]

    assert turns == [(True, 2), (True, 3), (False, 3)]


def test_told_twice_it_is_told_once(cast: Cast) -> None:
    event, child = calls(cast, 2)
    link(cast, child, event)
    tell(cast, event, form="same")
    tell(cast, event, form="same")

    carry(event)

    assert whats(event).count(What.BROADCAST) == 1
    assert whats(child).count(What.EVENT_TOLD) == 1
    assert len(messages(child)) == 1


def test_those_who_are_done_are_not_told_any_more(cast: Cast) -> None:
    event, child, gone = calls(cast, 3)
    for one in (child, gone):
        link(cast, one, event)
    make(cast, gone, (Move.CANCEL, "agent", {"reason": "误投"}), TEN)

    tell(cast, event)

    assert messages(gone) == []
    assert len(messages(child)) == 1


def test_nobody_is_told_where_nobody_is_linked(cast: Cast) -> None:
    [event] = calls(cast, 1)

    with pytest.raises(NobodyToTell):
        tell(cast, event)


@pytest.mark.clause("H5.2")
def test_an_agent_links_and_a_supervisor_tells_all(cast: Cast) -> None:
    event, child = calls(cast, 2)
    link(cast, child, event)

    with pytest.raises(RoleNotAllowed):
        broadcast(event.number, NEWS, concludes=False, by=cast.actor("agent"), at=TEN, form="1")


@pytest.mark.clause("T6.2")
def test_what_identifies_somebody_is_not_told_to_all(cast: Cast) -> None:
    event, child = calls(cast, 2)
    link(cast, child, event)

    tell(cast, event, "请联系 13812345678 王先生")

    assert "13812345678" not in str(messages(child)[0].params)
    assert "13812345678" not in str(history_of(child.pk)[-1].facts)


@pytest.mark.clause("H5.1.3")
def test_the_conclusion_closes_the_loop_where_the_work_is_done_and_nowhere_else(cast: Cast) -> None:
    event, early = calls(cast, 2)
    done = walk(cast, take_in(cast, phone="19900008888"), until=Move.CARRY_OUT)
    for child in (early, done):
        move_ticket(
            child.number,
            Move.LINK,
            by=cast.actor("agent"),
            happened_at=done.changed_at,
            now=done.changed_at,
            facts={"parent": event.number},
        )

    tell(cast, event, concludes=True, at=done.changed_at)

    early.refresh_from_db()
    done.refresh_from_db()
    assert (early.stage, done.stage) == (Stage.RECEIVED, Stage.TOLD)
    told = history_of(done.pk)[-1]
    assert told.what is What.CUSTOMER_TOLD
    assert told.facts["proof"].startswith(event.number)
    assert flaws(done) == []


def test_a_hundred_are_told_in_the_statements_of_one(cast: Cast) -> None:
    event, *children = calls(cast, 3)
    link(cast, children[0], event)

    def asked(form: str) -> int:
        broadcast(event.number, NEWS, concludes=False, by=cast.actor("supervisor"), at=TEN, form=form)
        with CaptureQueriesContext(connection) as queries:
            carry(event)
        return len(queries)

    asked("0")
    one = asked("1")
    for n in range(100):
        link(cast, take_in(cast, phone=f"1990001{n:04}"), event)

    assert asked("2") <= one
    assert MessageOrder.objects.filter(template="event_news", recipient__startswith="customer:").count() > 100


def test_a_ticket_goes_its_whole_way_as_one_of_an_event(cast: Cast) -> None:
    event, child = calls(cast, 2)
    link(cast, child, event)

    walked = walk(cast, child, until=WHOLE_WAY[-1][0])

    assert walked.parent == event.number
    assert flaws(walked) == []
