"""kill -9 of the worker, and of the database under it: every clock fires once, every message leaves once at most."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shouwen.cli.processes import wait_until
from tests.cast import MONDAY
from tests.faults import deeds
from tests.faults import worker_deeds as work
from tests.faults.children import Child
from tests.faults.turnstiles import INSIDE, PATIENCE, Place
from tests.faults.world import Desk

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("world")]  # one world for all of them

LATE = (MONDAY + timedelta(days=40)).isoformat()  # every clock of every ticket has run out by then
EVENING = (MONDAY + timedelta(hours=11)).isoformat()  # eight in Shanghai: customers are not left in peace yet
EVERY, SOME, ONE = 100_000, 20, 1  # clocks a batch
KILLS, MOST = 6, 8  # of two sweepers each, after so many events at most
EVENTS = "SELECT count(*) FROM ticket_event"

Kill = Callable[[Desk, Child], None]


def kill_worker(desk: Desk, worker: Child) -> None:
    worker.kill()


def kill_database(desk: Desk, worker: Child) -> None:
    desk.world.kill_database()


KILLED = [(kill_worker, place) for place in [*INSIDE, Place.COMMIT, Place.ANSWER]]
KILLED += [(kill_database, place) for place in [Place.COMMIT, Place.ANSWER]]
in_the_middle = pytest.mark.parametrize(
    ("kill", "place"), KILLED, ids=[f"{kill.__name__}, {place}" for kill, place in KILLED]
)


def cut_short(desk: Desk, kill: Kill, place: Place, deed: Callable[..., Any], *arguments: Any) -> None:
    """Start it, kill it when it has come to that place, and wait until the server has done with it."""
    with desk.holding(place) as held:
        worker = desk.start(deed, *arguments)
        held.wait_for(1, of=worker)
        kill(desk, worker)
    wait_until(worker.gone, at_most=PATIENCE)
    desk.wait_until_quiet()


def is_there(kill: Kill, place: Place) -> bool:
    """Whether what was cut short there has been done: a server that was told to commit needs nobody to hear of it."""
    return place is Place.ANSWER or (place is Place.COMMIT and kill is kill_worker)


def check_sound(desk: Desk) -> None:
    verified = desk.ask(deeds.sound)
    assert verified["sound"], verified["flaws"]


@in_the_middle
def test_every_clock_fires_exactly_once_although_the_sweep_was_cut_short(desk: Desk, kill: Kill, place: Place) -> None:
    due, before = desk.ask(work.rungs_reached, LATE), desk.rows()

    cut_short(desk, kill, place, work.sweep_all, LATE, EVERY)
    assert (desk.rows() == before) is not is_there(kill, place)
    desk.ask(work.sweep_all, LATE, EVERY)

    assert len(due) > 100
    assert desk.ask(work.rungs_taken) == due
    assert desk.ask(work.untold) == {}
    check_sound(desk)


def test_another_worker_carries_on_with_the_clocks_a_killed_one_had_claimed(desk: Desk) -> None:
    due = desk.ask(work.rungs_reached, LATE)

    with desk.holding(Place.EVENT) as held:
        first = desk.start(work.sweep_all, LATE, SOME)
        held.wait_for(1, of=first)
        second = desk.start(work.sweep_all, LATE, SOME)
        held.wait_for(2, of=second)
        first.kill()
    assert second.result() > 0
    desk.wait_until_quiet()
    desk.ask(work.sweep_all, LATE, SOME)

    assert desk.ask(work.rungs_taken) == due
    assert desk.ask(work.untold) == {}
    check_sound(desk)


def test_sweepers_killed_at_random_miss_no_clock_and_fire_none_twice(desk: Desk) -> None:
    """Two at a time look at one clock after the other, and are killed once they have come a little further."""
    due, chance = desk.ask(work.rungs_reached, LATE), random.Random(20_260_302)

    with desk.connect() as connection:
        for _ in range(KILLS):
            sweepers = [desk.start(work.sweep_all, LATE, ONE) for _ in range(2)]
            [(told,)] = connection.execute(EVENTS)
            further = told + chance.randint(1, MOST)
            wait_until(lambda goal=further: connection.execute(EVENTS).fetchone()[0] >= goal, at_most=PATIENCE)
            for sweeper in sweepers:
                sweeper.kill()
    desk.wait_until_quiet()

    assert desk.ask(work.sweep_all, LATE, EVERY) > 0  # there was still something to look at
    assert desk.ask(work.rungs_taken) == due
    assert desk.ask(work.untold) == {}
    check_sound(desk)


@in_the_middle
def test_followers_act_once_on_news_they_are_told_again(desk: Desk, kill: Kill, place: Place) -> None:
    """Whoever was told the result is asked once how satisfied they are; whoever was not is worked for once more."""
    ratings = [paper for paper in desk.world.papers if paper["move"] == "rate"]
    with desk.world.copy() as undisturbed:
        undisturbed.ask(deeds.send_each, ratings)
        undisturbed.ask(work.follow_all, EVENING)
        expected = undisturbed.ask(work.asked_and_reopened)
    desk.ask(deeds.send_each, ratings)

    cut_short(desk, kill, place, work.follow_all, EVENING)
    desk.ask(work.follow_all, EVENING)

    assert {line.split()[0] for line in expected} == {"survey_sent", "reopened"}
    assert desk.ask(work.asked_and_reopened) == expected
    check_sound(desk)


def noted(folder: Path, what: str) -> list[str]:
    book = folder / what
    return book.read_text().split() if book.exists() else []


def let_the_claim_run_out(desk: Desk) -> None:
    """Ten minutes later: a claim holds longer than any gateway takes, and a test does not wait for it."""
    with desk.connect() as connection:
        connection.execute("UPDATE message_order SET try_at = try_at - interval '11 minutes' WHERE state = 'sending'")


@pytest.mark.parametrize(
    ("kill", "gate", "gateway", "times", "state"),
    [
        (kill_worker, "before", "Outside", 0, "unknown"),
        (kill_worker, "after", "Outside", 1, "unknown"),
        (kill_worker, "before", "Knowing", 1, "delivered"),
        (kill_worker, "after", "Knowing", 2, "delivered"),  # the other side knows it again by its id
        (kill_database, "before", "Outside", 1, "unknown"),  # it leaves, and nobody can write that down
        (kill_database, "before", "Knowing", 2, "delivered"),
    ],
)
def test_a_message_leaves_once_at_most_or_is_known_again(
    desk: Desk, tmp_path: Path, kill: Kill, gate: str, gateway: str, times: int, state: str
) -> None:
    ordered = desk.ask(work.states)["ordered"]
    with work.shut(tmp_path, gate):
        worker = desk.start(work.deliver_all, EVENING, str(tmp_path), gateway)
        reached = "asked" if gate == "before" else "left"
        assert wait_until(lambda: noted(tmp_path, reached) != [], at_most=PATIENCE)
        kill(desk, worker)
    wait_until(worker.gone, at_most=PATIENCE)
    [cut_short] = noted(tmp_path, "asked")

    desk.ask(work.deliver_all, EVENING, str(tmp_path), gateway)
    assert desk.ask(work.states) == {"sending": 1, "delivered": ordered - 1}
    let_the_claim_run_out(desk)
    desk.ask(work.deliver_all, EVENING, str(tmp_path), gateway)

    left = Counter(noted(tmp_path, "left"))
    assert left.pop(cut_short, 0) == times
    assert set(left.values()) == {1}
    assert desk.ask(work.states) == Counter({state: 1}) + Counter({"delivered": ordered - 1})


@pytest.mark.parametrize("kill", [kill_worker, kill_database])
def test_a_claim_that_was_never_committed_is_no_claim(desk: Desk, tmp_path: Path, kill: Kill) -> None:
    ordered = desk.ask(work.states)["ordered"]

    cut_short(desk, kill, Place.ORDER, work.deliver_all, EVENING, str(tmp_path), "Outside")
    assert noted(tmp_path, "asked") == []
    desk.ask(work.deliver_all, EVENING, str(tmp_path), "Outside")
    let_the_claim_run_out(desk)
    desk.ask(work.deliver_all, EVENING, str(tmp_path), "Outside")

    left = Counter(noted(tmp_path, "left"))
    assert set(left.values()) == {1}
    assert len(left) + desk.ask(work.states).get("unknown", 0) == ordered
