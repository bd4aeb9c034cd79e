"""Callers who come at the same time share the work; each gets their own answer."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from shouwen.intake.grouping import Grouping


def test_each_caller_gets_their_own_answer() -> None:
    grouping: Grouping[int, int] = Grouping(lambda asked: [number * 2 for number in asked])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(grouping.ask, range(500))) == [number * 2 for number in range(500)]


def test_those_who_wait_while_one_works_are_answered_together() -> None:
    sizes: list[int] = []
    first_is_in, others_wait = threading.Event(), threading.Event()

    def work(asked: Sequence[int]) -> list[int]:
        sizes.append(len(asked))
        if len(sizes) == 1:
            first_is_in.set()
            others_wait.wait(10)
        return list(asked)

    grouping: Grouping[int, int] = Grouping(work)
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(grouping.ask, 0)
        first_is_in.wait(10)
        others = [pool.submit(grouping.ask, number) for number in range(1, 6)]
        while len(grouping._queue) < 5:  # they are all waiting
            pass
        others_wait.set()
        assert [first.result(), *(other.result() for other in others)] == [0, 1, 2, 3, 4, 5]

    assert sizes == [1, 5]


def test_one_bad_request_fails_alone() -> None:
    def work(asked: Sequence[int]) -> list[int]:
        if 3 in asked:
            raise ValueError("three")
        return list(asked)

    grouping: Grouping[int, int] = Grouping(work)
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(grouping.ask, number) for number in range(8)]

    assert [future.result() for place, future in enumerate(futures) if place != 3] == [0, 1, 2, 4, 5, 6, 7]
    with pytest.raises(ValueError, match="three"):
        futures[3].result()


def test_nobody_waits_for_ever_behind_a_leader_that_failed() -> None:
    answers = iter([RuntimeError("down"), None])

    def work(asked: Sequence[int]) -> list[int]:
        if error := next(answers, None):
            raise error
        return list(asked)

    grouping: Grouping[int, int] = Grouping(work)
    with pytest.raises(RuntimeError):
        grouping.ask(1)

    assert grouping.ask(2) == 2
