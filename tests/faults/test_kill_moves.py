"""kill -9 in the middle of every move: it is wholly there or not at all, and sent again it counts once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from shouwen.handbook.lifecycle import Move
from tests.faults import deeds
from tests.faults.children import Child
from tests.faults.turnstiles import INSIDE, Place
from tests.faults.world import Desk, World

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("world")]  # one world for all of them

BEFORE_THE_COMMIT = [Place.TICKET, *INSIDE]
Papers = list[dict[str, Any]]


@contextmanager
def everybody_stands(place: Place, papers: Papers, desk: Desk) -> Iterator[Child]:
    """A web process whose every thread has come to this place of its move, and goes no further."""
    with desk.holding(place) as held:
        web = desk.start(deeds.send_all, papers, str(desk.answers))
        held.wait_for(len(papers), of=web)
        assert desk.answered() == {}
        yield web


def sizes_after(desk: Desk, papers: Papers, before: dict[str, tuple[int, str]]) -> dict[str, int]:
    """How large each table is when each of these moves has been made once."""
    sizes = Counter({table: rows for table, (rows, _) in before.items()})
    for paper in papers:
        sizes.update(desk.world.adds[paper["name"]])
    return dict(sizes)


def sizes(desk: Desk) -> dict[str, int]:
    return {table: rows for table, (rows, _) in desk.rows().items()}


def check_sent_again_counts_once(desk: Desk, papers: Papers, before: dict[str, tuple[int, str]]) -> None:
    """Nothing of these moves is there yet; their senders try again, and then once more."""
    assert set(desk.ask(deeds.send_each, papers).values()) == {"done"}
    check_everything_is_there_once(desk, papers, before)


def check_everything_is_there_once(desk: Desk, papers: Papers, before: dict[str, tuple[int, str]]) -> None:
    assert sizes(desk) == sizes_after(desk, papers, before)
    there = desk.rows()
    desk.ask(deeds.send_each, papers)
    assert desk.rows() == there, "sent again, it was written again"
    verified = desk.ask(deeds.sound)
    assert verified["sound"], verified["flaws"]


def test_every_move_there_is_is_killed_here(world: World) -> None:
    assert {paper["move"] for paper in world.papers} == set(Move)


@pytest.mark.parametrize("place", BEFORE_THE_COMMIT)
def test_a_web_process_killed_before_its_commit_has_changed_nothing(desk: Desk, place: Place) -> None:
    papers, before = desk.world.papers_through(place), desk.rows()

    with everybody_stands(place, papers, desk) as web:
        web.kill()
    desk.wait_until_quiet()

    assert desk.answered() == {}
    assert desk.rows() == before
    check_sent_again_counts_once(desk, papers, before)


@pytest.mark.parametrize("place", [Place.COMMIT, Place.ANSWER])
def test_a_web_process_killed_after_its_commit_has_done_everything(desk: Desk, place: Place) -> None:
    """Nobody has been answered, so everybody sends the form again: the second attempt meets the first."""
    papers, before = desk.world.papers, desk.rows()

    with everybody_stands(place, papers, desk) as web:
        web.kill()
    desk.wait_until_quiet()

    assert desk.answered() == {}
    check_everything_is_there_once(desk, papers, before)


@pytest.mark.parametrize("place", [*BEFORE_THE_COMMIT, Place.COMMIT])
def test_a_database_killed_before_the_commit_was_on_disk_has_changed_nothing(desk: Desk, place: Place) -> None:
    papers, before = desk.world.papers_through(place), desk.rows()

    with everybody_stands(place, papers, desk) as web:
        desk.world.kill_database()
    web.result()

    assert "done" not in desk.answered().values()
    assert desk.rows() == before
    check_sent_again_counts_once(desk, papers, before)


def test_a_database_killed_after_the_commit_was_on_disk_has_kept_everything(desk: Desk) -> None:
    papers, before = desk.world.papers, desk.rows()

    with everybody_stands(Place.ANSWER, papers, desk) as web:
        desk.world.kill_database()
    web.result()

    assert "done" not in desk.answered().values()
    check_everything_is_there_once(desk, papers, before)


def test_what_was_answered_outlives_a_database_killed_at_once(desk: Desk) -> None:
    papers, before = desk.world.papers, desk.rows()

    desk.start(deeds.send_all, papers, str(desk.answers)).result()
    desk.world.kill_database()

    assert set(desk.answered().values()) == {"done"}
    check_everything_is_there_once(desk, papers, before)
