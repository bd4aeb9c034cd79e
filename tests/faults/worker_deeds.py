"""What the worker does, loop by loop, in a process that may be killed while it does it."""

from __future__ import annotations

import fcntl
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from shouwen.config.wiring import FOLLOWERS
from shouwen.customers.queries import phone_of
from shouwen.handbook.history import What
from shouwen.handbook.lives import RUNGS
from shouwen.notices.delivery import deliver
from shouwen.notices.gateways import Message
from shouwen.notices.models import MessageOrder
from shouwen.service_levels.models import Clock
from shouwen.service_levels.sweep import sweep
from shouwen.tickets.models import TicketEvent
from shouwen.tickets.news import follow

Work = Callable[[datetime], int]


def sweep_all(at: str, batch: int) -> int:
    return until_done(lambda moment: sweep(moment, batch=batch), at)


def follow_all(at: str) -> int:
    return sum(until_done(lambda moment, one=follower: follow(one, moment), at) for follower in FOLLOWERS)


def until_done(work: Work, at: str) -> int:
    """Turn after turn until there is nothing left; how much was done."""
    done, moment = 0, datetime.fromisoformat(at)
    while handled := work(moment):
        done += handled
    return done


# Clocks


def rungs_due(at: str) -> list[list[Any]]:
    """Every rung of every ladder that nobody has taken and whose time has come: ticket, rule, clock, step."""
    moment = datetime.fromisoformat(at)
    return sorted(
        [str(clock.ticket_id), clock.rule, clock.start_seq, step]
        for clock in Clock.objects.exclude(look_at=None)
        for step in range(clock.taken, len(clock.looks))
        if clock.looks[step] <= moment
    )


def rungs_reached(at: str) -> list[list[Any]]:
    """Those and the ones that had been taken before."""
    return sorted([*rungs_taken(), *rungs_due(at)])


def rungs_taken() -> list[list[Any]]:
    """Every rung the histories tell of, as often as they tell of it."""
    rows = TicketEvent.objects.filter(what__in=RUNGS)
    return sorted([str(row.ticket_id), row.facts["rule"], row.facts["clock"], row.facts["step"]] for row in rows)


def untold() -> dict[str, int]:
    """Messages by which a rung says somebody was told, less those that were ordered; none where that is the same."""
    told = Counter(
        f"{row.ticket_id}/{row.seq}/{somebody}"
        for row in TicketEvent.objects.filter(what__in=RUNGS)
        for somebody in row.facts["told"]
    )
    told.subtract(MessageOrder.objects.filter(template__startswith="clock_").values_list("cause", flat=True))
    return {cause: count for cause, count in told.items() if count}


# News


def asked_and_reopened() -> list[str]:
    """What followers have made of the news, ticket by ticket; a survey with its order, or without."""
    rows = TicketEvent.objects.filter(what__in=[What.SURVEY_SENT, What.REOPENED], source="survey")
    links = Counter(map(str, MessageOrder.objects.filter(template="survey_link").values_list("ticket_id", flat=True)))
    return sorted(
        f"{row.what} {row.ticket.number} {links[str(row.ticket_id)]}" for row in rows.select_related("ticket")
    )


# Messages


class Outside:
    """A gateway whose other side is a folder: it notes what it is asked and what has left, and waits where it must."""

    repeats_safely = False
    folder = Path()

    def send(self, message: Message) -> None:
        self._note("asked", message)
        self._wait("before")
        self._note("left", message)
        self._wait("after")

    def _note(self, what: str, message: Message) -> None:
        with (self.folder / what).open("a") as book:
            book.write(f"{message.id}\n")

    def _wait(self, gate: str) -> None:
        with (self.folder / gate).open("a") as file:
            fcntl.flock(file, fcntl.LOCK_SH)


class Knowing(Outside):
    """One whose other side knows a message again by its id."""

    repeats_safely = True


@contextmanager
def shut(folder: Path, gate: str):
    """Whoever sends a message stops at this gate."""
    with (folder / gate).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def deliver_all(at: str, folder: str, gateway: str) -> int:
    settings.SHOUWEN_GATEWAYS = {"sms": f"{__name__}.{gateway}"}
    Outside.folder = Path(folder)
    return until_done(lambda moment: deliver(moment, phone_of=phone_of), at)


def states() -> dict[str, int]:
    """How many messages to phones are in which state."""
    return dict(Counter(MessageOrder.objects.filter(channel="sms").values_list("state", flat=True)))
