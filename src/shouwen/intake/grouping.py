"""Callers who come at the same time share one statement; nobody is answered before its commit (design §8).

Whoever comes first leads: takes everybody waiting, does the work once for all, hands out the answers and passes the
lead on. No thread of its own, nothing held in memory that its sender has not been told to wait for.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

LARGEST_GROUP = 200


class _Waiting(Generic[Asked, Answer]):
    """One caller: what they ask, and what they are told."""

    __slots__ = ("answer", "asked", "error", "leads", "woken")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.answer: Answer | None = None
        self.error: BaseException | None = None
        self.leads = False
        self.woken = threading.Lock()  # held until the answer, or the lead, is there; a fifth of an Event's price
        self.woken.acquire()


class Grouping(Generic[Asked, Answer]):
    """Answers callers in groups. `work` answers a list in its order, or raises for all of it."""

    def __init__(self, work: Callable[[Sequence[Asked]], Sequence[Answer]], *, largest: int = LARGEST_GROUP) -> None:
        self._work, self._largest = work, largest
        self._lock = threading.Lock()
        self._queue: deque[_Waiting[Asked, Answer]] = deque()
        self._led = False

    def ask(self, asked: Asked) -> Answer:
        """The answer, once the group this caller fell into has been committed. Raises what `work` raised for it."""
        mine: _Waiting[Asked, Answer] = _Waiting(asked)
        with self._lock:
            self._queue.append(mine)
            if not self._led:
                self._led = mine.leads = True
        if not mine.leads:
            mine.woken.acquire()
        if mine.leads:
            self._lead()
        if mine.error is not None:
            raise mine.error
        return mine.answer  # type: ignore[return-value]

    def _lead(self) -> None:
        with self._lock:
            group = [self._queue.popleft() for _ in range(min(len(self._queue), self._largest))]
        try:
            self._answer(group)
        finally:
            with self._lock:
                following = self._queue[0] if self._queue else None
                self._led = following is not None
                if following:
                    following.leads = True
            for waiting in group:
                waiting.woken.release()
            if following:
                following.woken.release()

    def _answer(self, group: Sequence[_Waiting[Asked, Answer]]) -> None:
        try:
            answers = self._work([waiting.asked for waiting in group])
        except Exception as error:
            if len(group) == 1:
                group[0].error = error
                return
            for waiting in group:  # one bad request must not fail its neighbours
                self._answer([waiting])
            return
        except BaseException as error:
            for waiting in group:
                waiting.error = error
            raise
        for waiting, answer in zip(group, answers, strict=True):
            waiting.answer = answer
