"""A whole installation, at work over HTTP, with its processes killed in the middle of every step of a complaint."""

from __future__ import annotations

import json
import os
import random
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from shouwen.cli.folder import DataFolder
from shouwen.cli.postgres import DATABASE
from shouwen.cli.processes import wait_until
from shouwen.desk.asks import NOUNS
from shouwen.handbook.moves import RECORDED_AS, Move
from tests.faults import deeds
from tests.faults import intake_deeds as intake
from tests.faults import worker_deeds as work
from tests.faults.children import Children
from tests.faults.installation import Installation, gone
from tests.faults.memory import roomy_memory
from tests.faults.turnstiles import BUILD, PATIENCE, Connection, Held, Place, holding
from tests.faults.visitor import NO_ANSWER, Visitor
from tests.screens.portal import COMPLAINT

pytestmark = pytest.mark.slow

DONE, CHANGED = 302, 409
PASSWORD = "known to this test alone"
HOW_OFTEN = (
    "SELECT count(*) FROM ticket_event e JOIN ticket t ON t.id = e.ticket_id WHERE t.number = %s AND e.what = %s"
)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def ahead(hours: float) -> str:
    return f"{datetime.now(SHANGHAI) + timedelta(hours=hours):%Y-%m-%dT%H:%M}"


JUDGED = {"category": "network.coverage.weak", "severity": "ordinary", "reach": "single", "customer_level": "ordinary"}
# The whole way as it is typed in; the evidence comes before the proposal, and the survey goes out by itself.
STEPS: list[tuple[Move, str, dict[str, Any]]] = [
    (Move.ASSESS, "agent", JUDGED | {"complexity": "general"}),
    (Move.DISPATCH, "agent", {"team": "network-3401"}),
    (Move.RESPOND, "agent", {"via": "phone", "text": "先核实基站", "expected_at": ahead(30)}),
    (Move.INVESTIGATE, "handler", {}),
    (Move.PROPOSE, "handler", {"text": "调整邻区参数", "cause": "technical"}),
    (Move.APPROVE, "supervisor", {}),
    (Move.CARRY_OUT, "handler", {"work": "参数已调整并复测"}),
    (Move.TELL_CUSTOMER, "agent", {"via": "phone", "proof": "录音 11", "text": "已优化"}),
    (Move.FOLLOW_UP, "agent", {"via": "phone", "outcome": "已恢复", "satisfied": "true"}),
    (Move.CLOSE, "agent", {"outcome": "已解决"}),
    (Move.ARCHIVE, "supervisor", {}),
]
# A database that dies again soon is started again later and later, so it dies no more often than this.
VICTIMS = ["web process"] * 6 + ["web", "worker", "supervisor"] + ["database"] * 2
PLACES = [Place.TICKET, Place.EVENT, Place.CLOCK, Place.COMMIT]


@dataclass
class Carrier:
    """An installation with staff and turnstiles, and somebody who looks into its database."""

    installation: Installation
    children: Children

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.installation.port}"

    def ask(self, deed: Any, *arguments: Any) -> Any:
        return self.children.start(deed, *arguments, database=DATABASE).result()

    def connect(self) -> Connection:
        url = DataFolder(self.installation.folder).cluster().url
        return psycopg.connect(url, user="postgres", autocommit=True)

    def holding(self, place: Place) -> AbstractContextManager[Held]:
        return holding(place, self.connect)

    def fetch(self, question: str, *values: Any) -> Any:
        with self.connect() as connection:
            return connection.execute(question, values).fetchone()[0]

    def signed_in(self, name: str) -> Visitor:
        visitor = Visitor(self.base)
        visitor.sign_in(name, PASSWORD)
        return visitor

    def kill(self, part: str) -> None:
        """kill -9, and wait until it has been replaced and there is a database."""
        before, everything = self.installation.processes(), self.installation.everything()
        os.kill(before[part], signal.SIGKILL)
        if part == "supervisor":
            assert wait_until(lambda: gone(everything), at_most=PATIENCE)
            self.installation.start("--no-demo")
        back = wait_until(lambda: self.installation.processes().get(part) not in {None, before[part]}, at_most=PATIENCE)
        assert back, f"the {part} did not come back: {self.installation.last_words()}"
        assert wait_until(self.installation.database_answers, at_most=PATIENCE)

    def wait_until_a_page_comes(self) -> None:
        assert wait_until(lambda: self.installation.page() == 200, at_most=PATIENCE)

    def gone(self) -> bool:
        return self.installation.process.poll() is not None


@pytest.fixture(scope="module")
def carrier() -> Iterator[Carrier]:
    with tempfile.TemporaryDirectory(prefix="shouwen-desk-", dir=roomy_memory()) as folder:
        Path(folder).chmod(0o711)
        installation = Installation(Path(folder) / "data")
        data = DataFolder(installation.folder)
        try:
            installation.start("--no-demo")
            environment = {"DATABASE_URL": data.cluster().url, "SHOUWEN_SECRETS": str(data.secrets)}
            children = Children(Path(folder), environment)
            made = Carrier(installation, children)
            made.ask(deeds.hire_with, PASSWORD)
            with made.connect() as connection:
                connection.execute(BUILD)
            yield made
            children.end()
        finally:
            installation.clear_away()


@dataclass
class Step:
    """A filled-in form, and its sender."""

    visitor: Visitor
    path: str
    form: dict[str, Any]

    def send(self) -> int:
        return self.visitor.post(self.path, self.form)[0]


def send_and_kill(carrier: Carrier, step: Step, victim: str, place: Place) -> int:
    """Send it, kill somebody when the move has come to that place; what its sender was answered."""
    with ThreadPoolExecutor(1) as browser:
        with carrier.holding(place) as held:
            answer = browser.submit(step.send)
            held.wait_for(1, of=carrier)
            carrier.kill(victim)
        status = answer.result()
    carrier.wait_until_a_page_comes()
    return status


@pytest.mark.parametrize("seed", [20_260_302])
def test_one_complaint_goes_the_whole_way_with_somebody_killed_at_every_step(carrier: Carrier, seed: int) -> None:
    dice = random.Random(seed)
    victims = dice.sample(VICTIMS, len(VICTIMS))
    people = {name: carrier.signed_in(name) for name in ("agent", "handler", "supervisor")}
    number = carrier.ask(deeds.take_in_one)

    for (move, who, facts), victim in zip(STEPS, victims, strict=True):
        place = dice.choice(PLACES)
        if move is Move.PROPOSE:
            carrier.ask(deeds.record_evidence_now, number)
        path = f"/tickets/{number}/{NOUNS[move]}"
        step = Step(people[who], path, facts | people[who].hidden(path))

        answered = send_and_kill(carrier, step, victim, place)
        there = carrier.fetch(HOW_OFTEN, number, RECORDED_AS[move])
        assert there == 1 or (answered != DONE and there == 0), f"{move}: {victim} killed while {place}, {answered}"
        assert step.send() == (CHANGED if there else DONE)
        assert carrier.fetch(HOW_OFTEN, number, RECORDED_AS[move]) == 1

        if move is Move.TELL_CUSTOMER:  # the worker asks the customer, whoever was killed
            asked = wait_until(lambda: carrier.fetch(HOW_OFTEN, number, "survey_sent") == 1, at_most=PATIENCE)
            assert asked

    assert carrier.fetch("SELECT stage FROM ticket WHERE number = %s", number) == "archived"
    verified = json.loads(carrier.installation.run("verify", "--json").stdout)
    assert verified["sound"], verified["flaws"]


TOLD = {name: value for name, value in COMPLAINT.items() if name != "category"}
PICKED = {"about_1": "network", "about_2": "network.coverage", "about_3": "network.coverage.weak"}
BY_TELEPHONE = TOLD | PICKED | {"channel": "hotline", "ticket_type": "complaint", "reach": "single"}


@pytest.mark.clause("H2.1.1b")
@pytest.mark.parametrize(
    ("who", "path", "form"), [("agent", "/intake/new", BY_TELEPHONE), ("", "/portal/submit", COMPLAINT)]
)
def test_a_form_sent_again_because_nobody_answered_is_one_complaint(
    carrier: Carrier, who: str, path: str, form: dict[str, str]
) -> None:
    visitor = carrier.signed_in(who) if who else Visitor(carrier.base)
    sent, before = Step(visitor, path, form | visitor.hidden(path)), carrier.fetch("SELECT count(*) FROM ticket")

    assert send_and_kill(carrier, sent, "web process", Place.COMMIT) == NO_ANSWER
    assert carrier.fetch("SELECT count(*) FROM ticket") == before + 1
    assert sent.send() == DONE

    assert carrier.fetch("SELECT count(*) FROM ticket") == before + 1


def test_the_worker_killed_among_due_clocks_fires_each_of_them_once(carrier: Carrier) -> None:
    before = carrier.fetch("SELECT count(*) FROM ticket")

    with carrier.holding(Place.ORDER) as held:
        late = carrier.children.start(deeds.take_in_overdue, 30, database=DATABASE)
        assert wait_until(lambda: len(held.waiting()) > 0, at_most=PATIENCE)
        carrier.kill("worker")
    late.result()
    now = datetime.now(UTC).isoformat()
    fired = wait_until(lambda: carrier.ask(work.rungs_due, now) == [], at_most=PATIENCE)

    assert fired
    assert carrier.fetch("SELECT count(*) FROM ticket") == before + 30
    rungs = Counter(map(tuple, carrier.ask(work.rungs_taken)))
    assert len(rungs) >= 30
    assert set(rungs.values()) == {1}
    assert carrier.ask(work.untold) == {}
    verified = carrier.ask(deeds.sound)
    assert verified["sound"], verified["flaws"]


@pytest.mark.clause("H2.1.1b")
@pytest.mark.parametrize("victim", ["web process", "database"])
def test_callers_of_the_api_who_heard_nothing_send_again_and_get_one_ticket_each(carrier: Carrier, victim: str) -> None:
    secret, keys = carrier.ask(intake.make_key), [f"{victim}-{n}" for n in range(8)]
    caller = Visitor(carrier.base)

    def post(key: str) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {secret}", "Idempotency_Key": key}
        return caller.send("/api/v1/tickets", intake.complaint(key, f"1990050{keys.index(key):04}"), **headers)

    with ThreadPoolExecutor(len(keys)) as callers:
        with carrier.holding(Place.COMMIT) as held:
            answers = [callers.submit(post, key) for key in keys]
            held.wait_for(1, of=carrier)
            carrier.kill(victim)
        first = {key: answer.result() for key, answer in zip(keys, answers, strict=True)}
    carrier.wait_until_a_page_comes()
    heard = {key: json.loads(said)["number"] for key, (status, said) in first.items() if status == 201}
    again = {key: post(key) for key in keys}

    assert {status for status, _ in again.values()} == {201}
    numbers = {key: json.loads(said)["number"] for key, (_, said) in again.items()}
    assert heard.items() <= numbers.items()
    assert carrier.ask(intake.numbers_taken_in, keys) == numbers
    assert len(set(numbers.values())) == len(keys)
    assert NO_ANSWER in {status for status, _ in first.values()} or victim == "database"


def test_the_database_of_an_installation_is_set_to_keep_what_it_has_committed(carrier: Carrier) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert carrier.fetch("SELECT current_setting(%s)", setting) == "on"
