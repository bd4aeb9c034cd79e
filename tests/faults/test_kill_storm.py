"""People at work, a worker beside them, and web, worker and database killed over and over, as a fixed seed has it."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shouwen.cli.processes import wait_until
from tests.cast import MONDAY
from tests.faults import deeds
from tests.faults import storm_deeds as storm
from tests.faults import worker_deeds as work
from tests.faults.children import Child
from tests.faults.test_kill_worker import noted
from tests.faults.turnstiles import PATIENCE, Connection
from tests.faults.world import Desk

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("world")]  # one world for all of them

TICKETS, KILLS, MOST = 12, 12, 10  # at most so many events between two kills: fewer than there are to write
WHOM = {"web": 5, "worker": 4, "database": 3}
NOON, LATE = (MONDAY + timedelta(hours=4)).isoformat(), (MONDAY + timedelta(days=40)).isoformat()
EVENTS = "SELECT count(*) FROM ticket_event"


@dataclass
class Storm:
    """The two processes at work, and who comes instead of a killed one."""

    desk: Desk
    folder: Path

    def __post_init__(self) -> None:
        self.numbers: list[str] = self.desk.ask(storm.take_in_some, TICKETS)
        self.way: list[dict[str, Any]] = self.desk.ask(storm.whole_way)
        self.web, self.worker = self.walkers(), self.workers()

    def walkers(self) -> Child:
        return self.desk.start(storm.walk_all, self.numbers, self.way, str(self.folder))

    def workers(self) -> Child:
        return self.desk.start(storm.work_on, NOON, str(self.folder))

    def kill(self, whom: str) -> None:
        if whom == "web":
            with suppress(ProcessLookupError):  # on a busy machine we may come late, when they have done everything
                self.web.kill()
            self.web = self.walkers()
        elif whom == "worker":
            self.worker.kill()
            self.worker = self.workers()
        else:
            self.desk.world.kill_database()

    def let_them_write(self, events: int) -> None:
        """Until the histories have grown by so many events, or all is done."""
        with self.desk.connect() as connection:
            target = count(connection) + events
            written = wait_until(
                lambda: count(connection) >= target or self.web.answered, at_most=PATIENCE, every=0.002
            )
            assert written, "nobody gets on"


def count(connection: Connection) -> int:
    return connection.execute(EVENTS).fetchone()[0]


@pytest.mark.parametrize("seed", [20_260_302])
def test_whoever_is_killed_every_move_is_made_once_and_every_message_leaves_once(
    desk: Desk, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    victims = dice.choices(list(WHOM), weights=list(WHOM.values()), k=KILLS)
    at_work = Storm(desk, tmp_path)

    for victim in victims:
        at_work.let_them_write(dice.randint(1, MOST))
        at_work.kill(victim)
    at_work.web.result()
    at_work.worker.kill()
    for moment in (NOON, LATE):  # by then the link of a survey not yet sent would have run out
        desk.ask(storm.finish, moment, str(tmp_path))

    assert storm.sent_again(str(tmp_path)) > 0
    every_step_once = [step["name"] for step in at_work.way]
    assert desk.ask(storm.made, at_work.numbers) == dict.fromkeys(at_work.numbers, every_step_once)
    check_the_worker_did_everything_once(desk, tmp_path)
    check_followers_asked_once(desk)
    verified = desk.ask(deeds.sound)
    assert verified["sound"], verified["flaws"]


def check_the_worker_did_everything_once(desk: Desk, folder: Path) -> None:
    rungs = Counter(map(tuple, desk.ask(work.rungs_taken)))
    assert [rung for rung, times in rungs.items() if times > 1] == []
    assert desk.ask(work.rungs_due, LATE) == []
    assert desk.ask(work.untold) == {}
    left, states = Counter(noted(folder, "left")), desk.ask(work.states)
    assert set(left.values()) == {1}
    assert states.keys() <= {"delivered", "sending"}
    assert states["delivered"] <= len(left) <= states["delivered"] + states.get("sending", 0)


def check_followers_asked_once(desk: Desk) -> None:
    """Once each, with one link; not those whose complaint was closed before a worker came back to ask."""
    asked = desk.ask(work.asked_and_reopened)
    assert {line.split()[2] for line in asked} == {"1"}
    assert len(set(asked)) == len(asked) > 0
