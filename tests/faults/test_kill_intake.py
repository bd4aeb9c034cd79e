"""kill -9 while complaints are taken in: each key stands for one ticket, and what was answered is there."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from shouwen.cli.processes import wait_until
from tests.faults import deeds, intake_deeds
from tests.faults.children import Child
from tests.faults.turnstiles import PATIENCE, Place
from tests.faults.world import Desk

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("world")]  # one world for all of them

KEYS = [str(number) for number in range(1, 25)]  # more callers than one group's leader has met when it starts
ROWS, BAD = 620, {3, 560, 619}
FIRST_BATCH, LATER = 499, "T-580"  # how many of its rows are taken in, and a row of the second batch


@pytest.fixture
def secret(desk: Desk) -> str:
    return desk.ask(intake_deeds.make_key)


@contextmanager
def callers_stand(place: Place, secret: str, desk: Desk) -> Iterator[Child]:
    """A web process whose first group of callers has come to this place; the others wait for the next group."""
    with desk.holding(place) as held:
        web = desk.start(intake_deeds.post_all, secret, KEYS, str(desk.answers))
        held.wait_for(1, of=web)
        assert desk.answered() == {}
        yield web


def check_each_key_is_one_ticket(desk: Desk, secret: str, before: dict[str, Any]) -> None:
    """Everybody sends again what they have heard nothing of, and those who have heard it hear it once more."""
    heard = {key: number for key, number in desk.answered().items() if not number.startswith("failed")}
    there = desk.ask(intake_deeds.numbers_taken_in, KEYS)
    assert heard.items() <= there.items(), "what was answered is not there"

    again = desk.ask(intake_deeds.post_each, secret, KEYS)

    assert there.items() <= again.items(), "what was there got a second answer"
    assert len(set(again.values())) == len(KEYS)
    assert rows_more(desk, before, "ticket") == rows_more(desk, before, "intake_key") == len(KEYS)
    assert rows_more(desk, before, "customer") == rows_more(desk, before, "message_order") == len(KEYS)
    verified = desk.ask(deeds.sound)
    assert verified["sound"], verified["flaws"]


def rows_more(desk: Desk, before: dict[str, Any], table: str) -> int:
    return desk.rows()[table][0] - before[table][0]


@pytest.mark.clause("H2.1.1b")
@pytest.mark.parametrize("place", [Place.EVENT, Place.COMMIT, Place.ANSWER])
def test_a_web_process_killed_while_it_takes_in_leaves_whole_tickets(desk: Desk, secret: str, place: Place) -> None:
    """One statement is one transaction: once it is on its way, the server finishes it without the dead client."""
    before = desk.rows()

    with callers_stand(place, secret, desk) as web:
        web.kill()
    desk.wait_until_quiet()

    assert desk.answered() == {}
    assert 0 < rows_more(desk, before, "ticket") < len(KEYS)
    check_each_key_is_one_ticket(desk, secret, before)


@pytest.mark.clause("H2.1.1b")
@pytest.mark.parametrize("place", [Place.EVENT, Place.COMMIT, Place.ANSWER])
def test_a_database_killed_while_it_takes_in_leaves_whole_tickets(desk: Desk, secret: str, place: Place) -> None:
    """Callers who were still waiting for their group may be taken in by the database that comes back."""
    before = desk.rows()

    with callers_stand(place, secret, desk) as web:
        desk.world.kill_database()
        kept = rows_more(desk, before, "ticket")
    web.result()

    assert kept > 0 or place is not Place.ANSWER
    check_each_key_is_one_ticket(desk, secret, before)


@pytest.mark.clause("H5.3.3")
@pytest.mark.parametrize("victim", ["import", "database"])
def test_an_import_killed_in_the_middle_goes_on_when_it_is_run_again(desk: Desk, tmp_path: Path, victim: str) -> None:
    sheet, report = tmp_path / "branch.csv", tmp_path / "stayed-out.csv"
    intake_deeds.write_sheet(sheet, ROWS, BAD)
    before = desk.rows()

    with somebody_has_key(LATER, desk):
        killed = desk.start(intake_deeds.import_sheet, str(sheet), str(report))
        assert wait_until(lambda: rows_more(desk, before, "ticket") == FIRST_BATCH, at_most=PATIENCE)
        desk.wait_for_lock()
        killed.kill() if victim == "import" else desk.world.kill_database()
    if victim == "database":
        code, said = killed.result()
        assert (code, "run the same command again" in said or "再运行" in said) == (1, True), said
    desk.wait_until_quiet()

    code, said = desk.ask(intake_deeds.import_sheet, str(sheet), str(report))
    assert code == 3, said
    assert rows_more(desk, before, "ticket") == rows_more(desk, before, "intake_key") == ROWS - len(BAD)
    with report.open(encoding="utf-8-sig", newline="") as file:
        assert {row[2] for row in list(csv.reader(file))[1:]} == {f"T-{number}" for number in BAD}
    verified = desk.ask(deeds.sound)
    assert verified["sound"], verified["flaws"]


@contextmanager
def somebody_has_key(key: str, desk: Desk) -> Iterator[None]:
    """Another import is about to take in the row of this key: whoever comes to it waits what becomes of that."""
    row = "('import:branch', %s, gen_random_uuid(), 'AH-0', '', 0, now())"
    connection = desk.connect()
    connection.execute("BEGIN")
    connection.execute(f"INSERT INTO intake_key VALUES {row}", [key])
    yield
    connection.close()
