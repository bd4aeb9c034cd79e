"""What became of promises: to the minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shouwen.handbook.history import Happening, What
from shouwen.handbook.promises import Kept, promises_of

pytestmark = pytest.mark.clause("T4.5")
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEN = NINE + timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def made(seq: int, name: str = "p1", due: datetime = TEN) -> Happening:
    return Happening(seq, What.PROMISE_MADE, NINE, {"promise": name, "due_at": due.isoformat(), "text": "回电"})


def kept(seq: int, at: datetime, name: str = "p1") -> Happening:
    return Happening(seq, What.PROMISE_KEPT, at, {"promise": name})


@pytest.mark.parametrize(
    ("history", "at", "stands"),
    [
        ([made(1)], TEN - MINUTE, Kept.OPEN),
        ([made(1)], TEN, Kept.BROKEN),
        ([made(1), kept(2, TEN)], TEN + MINUTE, Kept.KEPT),
        ([made(1), kept(2, TEN + MINUTE)], TEN + MINUTE, Kept.LATE),
        ([made(1), made(2, due=TEN + MINUTE)], TEN, Kept.OPEN),  # given anew
        ([made(1), made(2, "p2"), kept(3, NINE, "p2")], TEN, Kept.BROKEN),  # another one was kept
    ],
)
def test_a_promise_is_kept_late_broken_or_open(history: list[Happening], at: datetime, stands: Kept) -> None:
    assert promises_of(history, at)[0].stands is stands


def test_who_promised_nothing_broke_nothing() -> None:
    assert promises_of([Happening(1, What.ACCEPTED, NINE)], TEN) == []


def responded(seq: int, due: datetime = TEN) -> Happening:
    return Happening(seq, What.RESPONDED, NINE, {"expected_at": due.isoformat(), "text": "十点前答复"})


@pytest.mark.parametrize(
    ("after", "at", "stands"),
    [
        ([], TEN - MINUTE, [Kept.OPEN]),
        ([], TEN, [Kept.BROKEN]),
        ([Happening(2, What.CUSTOMER_TOLD, TEN)], TEN + MINUTE, [Kept.KEPT]),
        ([Happening(2, What.CUSTOMER_TOLD, TEN + MINUTE)], TEN + MINUTE, [Kept.LATE]),
        ([responded(2, TEN + MINUTE)], TEN, [Kept.KEPT, Kept.OPEN]),  # they heard, and were named another time
        ([Happening(2, What.WITHDRAWN, TEN)], TEN + MINUTE, []),
    ],
)
def test_the_time_of_an_answer_named_in_a_response_is_a_promise(
    after: list[Happening], at: datetime, stands: list[Kept]
) -> None:
    promises = promises_of([responded(1), *after], at)

    assert [one.stands for one in promises] == stands
