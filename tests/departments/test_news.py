"""News travels by the history: every follower hears of every event, in order, at least once (design §4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import connection

from shouwen.editions.actions import install_shipped_pack
from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.handling.actions import accept
from shouwen.tickets.models import Ticket
from shouwen.tickets.news import Follower, News, follow
from tests.cast import MONDAY, draft, hire, take_in, walk
from tests.following import read_all


def listener(heard: list[News], *wants: What, fails_at: int = 0) -> Follower:
    """A follower that remembers what it was told, and stumbles once if asked to."""
    calls = iter(range(1, 1000))

    def take(news: Sequence[News], at: datetime) -> None:
        if next(calls) == fails_at:
            raise RuntimeError("stumbled")
        heard.extend(news)

    return Follower("listener", frozenset(wants), take)


@pytest.mark.django_db(transaction=True)
def test_a_follower_hears_what_it_wants_in_the_order_it_was_written() -> None:
    install_shipped_pack(at=MONDAY)
    cast = hire()
    ticket = walk(cast, take_in(cast), until=Move.TELL_CUSTOMER)
    heard: list[News] = []

    read_all(listener(heard, What.ACCEPTED, What.CUSTOMER_TOLD), MONDAY, batch=3)

    assert [(news.what, news.ticket_id) for news in heard] == [
        (What.ACCEPTED, str(ticket.pk)),
        (What.CUSTOMER_TOLD, str(ticket.pk)),
    ]
    assert heard[1].facts["proof"]


@pytest.mark.django_db(transaction=True)
def test_what_a_follower_did_not_finish_it_is_told_again() -> None:
    install_shipped_pack(at=MONDAY)
    hire()
    accept([draft(phone=f"1990000{n:04}") for n in range(5)], now=MONDAY)
    heard: list[News] = []
    stumbling = listener(heard, What.ACCEPTED, fails_at=1)

    with pytest.raises(RuntimeError):
        read_all(stumbling, MONDAY)
    read_all(stumbling, MONDAY)

    assert len(heard) == 5


@pytest.mark.django_db(transaction=True)
def test_who_says_it_has_not_finished_keeps_what_it_did_and_is_told_the_same_again() -> None:
    install_shipped_pack(at=MONDAY)
    hire()
    accept([draft()], now=MONDAY)
    told: list[str] = []

    def take(news: Sequence[News], at: datetime) -> bool:
        told.extend(one.ticket_id for one in news)
        Ticket.objects.filter(pk=news[0].ticket_id).update(title=f"{len(told)}")
        return len(told) < 3

    read_all(Follower("listener", frozenset({What.ACCEPTED}), take), MONDAY)

    assert len(told) == 3
    assert len(set(told)) == 1
    assert Ticket.objects.get().title == "3"


@pytest.mark.django_db(transaction=True)
def test_an_event_of_a_slow_transaction_is_not_passed_over() -> None:
    """Another connection writes later but commits first; the cursor waits for the older transaction."""
    install_shipped_pack(at=MONDAY)
    hire()
    [answer] = accept([draft()], now=MONDAY)
    heard: list[News] = []
    follower = listener(heard, What.ACCEPTED, What.NOTED)
    read_all(follower, MONDAY)
    copy = """
        INSERT INTO ticket_event (ticket_id, seq, what, happened_at, recorded_at, actor, source, facts, leaf, txid)
        SELECT ticket_id, %s, 'noted', happened_at, recorded_at, actor, source, facts, leaf,
            pg_current_xact_id()::text::bigint
        FROM ticket_event WHERE ticket_id = %s AND seq = 1
    """
    options = connection.get_connection_params()
    place = {name: options[name] for name in ("dbname", "user", "password", "host", "port") if options.get(name)}
    with psycopg.connect(**place) as slow, psycopg.connect(**place) as quick:
        slow.execute(copy, [2, answer.ticket_id])
        quick.execute(copy, [3, answer.ticket_id])
        quick.commit()
        follow(follower, MONDAY)
        assert [news.seq for news in heard] == [1]  # 3 is there, but 2 may still come
        slow.commit()
    read_all(follower, MONDAY)

    assert [news.seq for news in heard] == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_events_nobody_wants_only_move_the_cursor() -> None:
    install_shipped_pack(at=MONDAY)
    hire()
    accept([draft()], now=MONDAY + timedelta(hours=1))
    heard: list[News] = []

    read_all(listener(heard, What.ARCHIVED), MONDAY)

    assert heard == []
    assert Ticket.objects.count() == 1
