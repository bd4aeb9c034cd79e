"""Places in the middle of a transaction where everybody can be held, counted and let go.

Triggers that exist only in these tests ask for a shared advisory lock. As long as nobody holds it that costs nothing;
when a test holds it, whoever comes by waits there, inside the statement or inside the commit, and PostgreSQL itself
tells who. So "killed in the middle" is a place that is known, not a moment that was lucky.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import psycopg

from shouwen.cli.processes import wait_until

PATIENCE = 60.0  # seconds, for machines that are busy; nothing waits longer than it has to
Connection = psycopg.Connection[Any]


class Place(StrEnum):
    """How far a transaction has come when its process is killed."""

    TICKET = "asking for the ticket"  # before its first word has been written
    EVENT = "writing the event"
    CLOCK = "writing the clocks"
    ORDER = "writing the message orders"
    COMMIT = "committing"  # the server has been told to commit, and has not done so
    ANSWER = "answering"  # committed on disk, and nobody has heard of it


INSIDE = [Place.EVENT, Place.CLOCK, Place.ORDER]
LOCKS = {Place.EVENT: 1, Place.CLOCK: 2, Place.ORDER: 3, Place.COMMIT: 4}

BUILD = """
    CREATE FUNCTION turnstile() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(TG_ARGV[0]::bigint);
        RETURN NEW;
    END $$;
    CREATE TRIGGER turnstile BEFORE INSERT ON ticket_event FOR EACH ROW EXECUTE FUNCTION turnstile('1');
    CREATE TRIGGER turnstile BEFORE INSERT OR UPDATE ON clock FOR EACH ROW EXECUTE FUNCTION turnstile('2');
    CREATE TRIGGER turnstile BEFORE INSERT OR UPDATE ON message_order FOR EACH ROW EXECUTE FUNCTION turnstile('3');
    CREATE CONSTRAINT TRIGGER last_turnstile AFTER INSERT ON ticket_event DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION turnstile('4');
"""

WAITING = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event = ANY(%s)
"""
ROW, ADVISORY, STANDBY = ["transactionid", "tuple"], ["advisory"], ["SyncRep"]
WAITS_AS = {Place.TICKET: ROW, Place.ANSWER: STANDBY}


class Ends(Protocol):
    """A process."""

    def gone(self) -> bool: ...


@dataclass
class Held:
    """Somebody stands in the way at this place; `connection` is theirs."""

    place: Place
    connection: Connection

    def waiting(self) -> list[int]:
        """The server processes that wait here."""
        self.connection.execute("SELECT pg_stat_clear_snapshot()")  # inside a transaction it would stand still
        rows = self.connection.execute(WAITING, [WAITS_AS.get(self.place, ADVISORY)]).fetchall()
        return [pid for (pid,) in rows]

    def wait_for(self, count: int, *, of: Ends) -> None:
        """Until so many wait here; `of` is the process they belong to, which must not end before that."""
        wait_until(lambda: len(self.waiting()) == count or of.gone(), at_most=PATIENCE)
        waiting = len(self.waiting())
        assert waiting == count, f"{waiting} instead of {count} wait while {self.place}"


@contextmanager
def holding(place: Place, connect: Callable[[], Connection]) -> Iterator[Held]:
    """Hold everybody who comes to this place for as long as the block runs. The database may be killed meanwhile."""
    held = Held(place, connect())
    try:
        _shut(place, held.connection)
        yield held
    finally:
        held.connection = _alive(held.connection) or connect()
        _open(held)
        held.connection.close()


def _shut(place: Place, connection: Connection) -> None:
    if place is Place.TICKET:
        connection.execute("BEGIN")
        connection.execute("SELECT FROM ticket FOR UPDATE")
    elif place is Place.ANSWER:  # the cluster has been promised a standby that never comes
        connection.execute(_commits("on", connection))
    else:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCKS[place]])


def _open(held: Held) -> None:
    """A lock goes with its connection; a setting does not, nor does whoever was told to wait by it."""
    if held.place is Place.ANSWER:
        held.connection.execute(_commits("local", held.connection))
        for pid in held.waiting():
            held.connection.execute("SELECT pg_cancel_backend(%s)", [pid])


def _alive(connection: Connection) -> Connection | None:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return None
    return connection


def _commits(how: str, connection: Connection) -> str:
    """From the next connection on: `local` is committed once it is on disk, `on` once a standby has it too."""
    return f'ALTER DATABASE "{connection.info.dbname}" SET synchronous_commit = {how}'
