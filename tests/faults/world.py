"""A carrier with a ticket for every move, kept durably; each test gets a copy of it to kill processes in."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from shouwen.cli.folder import new_keys
from shouwen.cli.postgres import DATABASE, Cluster
from shouwen.cli.processes import wait_until
from tests.faults import deeds
from tests.faults.children import Child, Children
from tests.faults.memory import roomy_memory
from tests.faults.turnstiles import PATIENCE, ROW, WAITING, Connection, Held, Place, holding

# What is committed is on disk. "on" would wait for a standby that never comes: that is how `Place.ANSWER` holds people.
DURABLE = {"synchronous_commit": "local", "synchronous_standby_names": "nobody"}
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
DIGESTS = "SELECT '{0}', count(*), md5(string_agg(r::text, '|' ORDER BY r::text)) FROM \"{0}\" r"


class World:
    """The cluster, the process that forks children, and the database they are copied from."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="shouwen-faults-", dir=roomy_memory()))
        self.folder.chmod(0o711)
        self.copies = count(1)
        keys, secrets = new_keys(), self.folder / "secrets.json"
        secrets.write_text(json.dumps(keys))
        self.cluster = Cluster(
            self.folder / "postgres", keys["database_password"], settings=DURABLE, makes_databases=True
        )
        self.cluster.prepare()
        self.process = self.cluster.run()
        environment = {"DATABASE_URL": self.cluster.url, "SHOUWEN_SECRETS": str(secrets)}
        self.children = Children(self.folder, environment)

    def build(self) -> None:
        """The carrier, its tickets, the forms for every move, and what each adds when nothing disturbs it."""
        self.papers: list[dict[str, Any]] = self._ask(deeds.build)
        self.children.teach(deeds.warm_up, database=DATABASE)
        with self.copy() as desk:
            self.adds: dict[str, dict[str, int]] = desk.ask(deeds.sizes_by_paper, self.papers)

    def _ask(self, deed: Callable[..., Any], *arguments: Any) -> Any:
        return self.children.start(deed, *arguments, database=DATABASE).result()

    def connect(self, database: str) -> Connection:
        """As the database's own administrator."""
        own = {"user": "postgres", "options": "-c synchronous_commit=local"}  # whatever is asked of everybody else
        return psycopg.connect(self.cluster.url, dbname=database, autocommit=True, **own)

    def papers_through(self, place: Place) -> list[dict[str, Any]]:
        """The forms whose moves come by this place: not every move orders a message."""
        return [
            paper for paper in self.papers if place is not Place.ORDER or self.adds[paper["name"]].get("message_order")
        ]

    @contextmanager
    def copy(self) -> Iterator[Desk]:
        name = f"copy_{next(self.copies)}"
        answers = self.folder / name
        answers.mkdir()
        with self.connect("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{DATABASE}"')
        yield Desk(self, name, answers)
        with self.connect("postgres") as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def kill_database(self) -> None:
        """Every server process at once, as when the machine loses power; then started again."""
        for pid in self.cluster.leftovers():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process = self.cluster.run()

    def end(self) -> None:
        self.children.end()
        self.cluster.end(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Desk:
    """One copy, and the processes at work on it."""

    world: World
    name: str
    answers: Path

    def start(self, deed: Callable[..., Any], *arguments: Any) -> Child:
        return self.world.children.start(deed, *arguments, database=self.name)

    def ask(self, deed: Callable[..., Any], *arguments: Any) -> Any:
        return self.start(deed, *arguments).result()

    def web(self, papers: list[dict[str, Any]]) -> Child:
        """A process that sends all these forms at once."""
        return self.start(deeds.send_all, papers, str(self.answers))

    def answered(self) -> dict[str, str]:
        """What has been answered so far, by the form's name."""
        return {file.name: json.loads(file.read_text()) for file in self.answers.glob("[!.]*")}

    def holding(self, place: Place) -> AbstractContextManager[Held]:
        """Everybody at work on this copy stops when they come to this place."""
        return holding(place, self.connect)

    def connect(self) -> Connection:
        return self.world.connect(self.name)

    def wait_for_lock(self) -> None:
        """Until somebody waits for what a transaction that has not ended is about to write."""
        with self.connect() as connection:
            waiting = wait_until(lambda: connection.execute(WAITING, [ROW]).fetchone() is not None, at_most=PATIENCE)
            assert waiting, "nobody came to wait"

    def wait_until_quiet(self) -> None:
        """Until no server process works for anybody any more: what a dead client had asked for is done or undone."""
        with self.connect() as connection:
            quiet = wait_until(lambda: connection.execute(OTHERS).fetchone() == (0,), at_most=PATIENCE)
            assert quiet, "a killed process's transactions have not ended"

    def rows(self) -> dict[str, tuple[int, str]]:
        """Everything there is, table by table: how many rows, and a digest of all they hold."""
        with self.connect() as connection:
            tables = [name for (name,) in connection.execute(deeds.TABLES)]
            found = connection.execute(" UNION ALL ".join(DIGESTS.format(name) for name in tables)).fetchall()
        return {name: (rows, digest) for name, rows, digest in found}
