"""kill -9 while the first start sets everything up: the same command begins anew, and nobody is half hired."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from shouwen.cli.folder import DataFolder
from shouwen.cli.processes import wait_until
from shouwen.intake.demo import demo_for
from tests.faults.installation import Installation, gone
from tests.faults.memory import roomy_memory
from tests.faults.turnstiles import PATIENCE, WAITING, Connection
from tests.faults.visitor import Visitor

pytestmark = pytest.mark.slow
DEMO = demo_for("cn-telecom-2025")
PEOPLE = {**DEMO["people"], **DEMO["colleagues"]}


@pytest.fixture
def new() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="shouwen-first-", dir=roomy_memory()) as folder:
        Path(folder).chmod(0o711)
        installation = Installation(Path(folder) / "data")
        yield installation
        installation.clear_away()


def test_a_first_start_killed_while_it_makes_the_demo_makes_it_whole_the_next_time(new: Installation) -> None:
    new.process = subprocess.Popen(
        **new.command("up", "--port", str(new.port)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    connection = connected(new)
    stop_it_in_the_demo(connection)
    everything = new.everything()
    new.process.kill()
    new.process.wait()
    connection.close()
    assert wait_until(lambda: gone(everything), at_most=PATIENCE)

    new.start()

    accounts = DataFolder(new.folder).about_database()["accounts"]
    assert len(accounts) == len(PEOPLE)
    _role, name, password = accounts[0]
    Visitor(f"http://127.0.0.1:{new.port}").sign_in(name, password)
    with new.database() as database:
        assert database.execute("SELECT count(*) FROM person").fetchone() == (len(PEOPLE),)
    assert new.run("verify").returncode == 0


def connected(new: Installation) -> Connection:
    """As soon as there is a database."""
    assert wait_until((new.folder / "postgres" / "made").exists, at_most=PATIENCE)
    return psycopg.connect(DataFolder(new.folder).cluster().url, autocommit=True)


def stop_it_in_the_demo(connection: Connection) -> None:
    """As soon as the rules have been published nobody writes events any more, which the demo does next."""
    assert wait_until(lambda: published(connection), at_most=PATIENCE)
    connection.execute("BEGIN")
    connection.execute("LOCK TABLE ticket_event IN SHARE MODE NOWAIT")
    stopped = wait_until(lambda: waits_for_a_table(connection), at_most=PATIENCE)
    assert stopped, "the demo did not come to its first complaint"


def published(connection: Connection) -> bool:
    if connection.execute("SELECT to_regclass('edition_version')").fetchone() == (None,):
        return False
    return connection.execute("SELECT count(*) FROM edition_version").fetchone() != (0,)


def waits_for_a_table(connection: Connection) -> bool:
    connection.execute("SELECT pg_stat_clear_snapshot()")
    return connection.execute(WAITING, [["relation"]]).fetchone() is not None
