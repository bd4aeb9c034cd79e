"""An installation to measure: made as `shouwen up` makes one, in a folder that goes away with the run."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from shouwen.cli.connection import environment
from shouwen.cli.folder import DataFolder
from shouwen.cli.postgres import OWNER, Cluster
from shouwen.cli.processes import spawn, stop, wait_until

TAKEN_IN = "ticket, ticket_event, ticket_task, clock, message_order, intake_key, customer, vault_item, data_subject"
STARTS_WITHIN = 60.0  # seconds


@dataclass(frozen=True)
class Ground:
    """The embedded database with its normal, durable settings, migrated, with the demo's people and rules."""

    folder: DataFolder
    cluster: Cluster

    def ask(self, question: str, *values: object) -> list[tuple]:
        """Rows from the database, apart from Django's connections."""
        with psycopg.connect(self.cluster.url, autocommit=True) as database:
            asked = database.execute(question, values or None)
            return asked.fetchall() if asked.description else []

    def settle(self) -> None:
        """Have everything written and counted, so that one measure does not pay for the one before."""
        superuser = self.cluster.url.replace(f"//{OWNER}:", "//postgres:")
        with psycopg.connect(superuser, autocommit=True) as database:
            database.execute("VACUUM ANALYZE")
            database.execute("CHECKPOINT")

    def clear(self) -> None:
        """Throw away what has been taken in."""
        self.ask(f"TRUNCATE {TAKEN_IN} CASCADE")
        self.settle()

    def program(self, *words: str) -> Sequence[str]:
        """One of our commands on this installation."""
        return [sys.executable, "-m", "shouwen.cli.main", *words, "--data-dir", str(self.folder.path)]

    @contextmanager
    def web(self) -> Iterator[int]:
        """The port of a web server started as `shouwen up` starts it."""
        port = free_port()
        process = spawn(self.program("web", "--port", str(port)), environment=os.environ)
        try:
            if not wait_until(lambda: answers(port), at_most=STARTS_WITHIN):
                raise RuntimeError("The web server does not answer.")
            yield port
        finally:
            stop(process)


@contextmanager
def ground() -> Iterator[Ground]:
    """A new installation, with Django set up on it in this process."""
    path = Path(tempfile.mkdtemp(prefix="shouwen-bench-"))
    try:
        folder = DataFolder.at(str(path))
        folder.open()
        cluster = folder.cluster()
        cluster.prepare()
        process = cluster.run()
        try:
            os.environ.update(environment(folder, cluster.url), SHOUWEN_DEMO="1", SHOUWEN_LOG_LEVEL="WARNING")
            made = Ground(folder, cluster)
            subprocess.run(made.program("migrate", "--demo"), check=True)
            _set_up_django()
            yield made
        finally:
            _let_go_of_connections()
            cluster.end(process)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def answers(port: int) -> bool:
    """Whether a web server gives a page on this port."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/accounts/login/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _set_up_django() -> None:
    import django

    django.setup()


def _let_go_of_connections() -> None:
    from django.db import connection

    connection.close()
    if pool := getattr(connection, "pool", None):
        pool.close()
