"""A million open tickets with four running clocks each: the sweep among them, its lateness, and kill -9 in between.

All are copies of a few that the product has taken in and assessed. Three lots of others are still to be classified: one
whose time is up within a single second, one whose time is up now, at so many a second, and one more of these to be
interrupted.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.utils.timezone import now

from bench import clock_sweep, pages
from bench.complaints import draft
from bench.copies import copy_tickets
from bench.figures import percentiles
from bench.ground import Ground
from shouwen.cli.processes import spawn, stop

RULE, CLASSIFIED_WITHIN = clock_sweep.RULE, timedelta(minutes=15)
RUNNING = ("response-24h", "solution-24h", "initial-handling-general", "statutory-answer")
STANDING_FOR = timedelta(hours=11)  # no rung of those four is reached before the twelfth hour
MODELS = 180  # tickets that are copied
MOMENTS = 12  # at which they are received: fifteen different ones at each, as callers who do not wait for each other
AT_ONCE_SHARE = 10  # one in so many is due within the same second
A_SECOND, FOR_SECONDS = 1_000, 30
BEATS = 10  # a second: so often some are due
WORKERS = 2
KILLED_EVERY = (1.0, 3.0)  # seconds
READY_WITHIN = (timedelta(seconds=30), timedelta(minutes=3))  # a lot is made; once more on a busy machine
DONE_WITHIN = 60.0


def measure(ground: Ground, tickets: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """One measure after another on the same tickets."""
    ground.clear()
    yield "fill", _filled(ground, tickets)
    at = now() + timedelta(minutes=10)
    due = [at + timedelta(seconds=n / 50) for n in range(50)]
    _to_classify(ground, due, tickets // AT_ONCE_SHARE, kinds=MODELS // MOMENTS)
    ground.settle()
    yield "sweep_at_size", clock_sweep.storm(ground, at + timedelta(seconds=1))
    ground.settle()  # as autovacuum does within a minute of so many changes
    for name, page in pages.measure(ground).items():
        yield f"{name}_at_size", page
    _hear_no_old_news(ground)
    yield "lateness", _lateness(ground)
    yield "kills", _kills(ground)


def _filled(ground: Ground, tickets: int) -> dict[str, Any]:
    """Tickets somebody has classified, received at twelve moments of the last hours: at each a mix of complaints."""
    started = time.perf_counter()
    _publish_five_rules()
    begins, models = now() - STANDING_FOR, min(MODELS, tickets)
    ids = _taken_in([begins + STANDING_FOR * (n % MOMENTS) / MOMENTS for n in range(models)])
    _assess(ids)
    with _without_terms_index(ground):
        copy_tickets(ground, ids, tickets // models - 1)
    ground.settle()
    [(made, running, size)] = ground.ask(
        "SELECT (SELECT count(*) FROM ticket WHERE is_open), (SELECT count(*) FROM clock WHERE state = 'running'), "
        "pg_database_size(current_database())"
    )
    assert running == len(RUNNING) * made, f"{running} clocks run on {made} tickets"
    _check_sound(after=max(ids))
    return {
        "tickets": made,
        "clocks": running,
        "seconds": round(time.perf_counter() - started),
        "megabytes": size // 2**20,
    }


def _publish_five_rules() -> None:
    """The shipped pack with five of its rules: the one that is swept, and the four that run beside it."""
    from shouwen.editions.actions import publish_pack
    from shouwen.editions.pack import PACKS

    with tempfile.TemporaryDirectory(prefix="shouwen-bench-") as path:
        folder = shutil.copytree(PACKS / "cn-telecom-2025", Path(path, "five-rules"))
        clocks = yaml.safe_load(Path(folder, "clocks.yaml").read_text("utf-8"))
        clocks["clocks"] = [rule for rule in clocks["clocks"] if rule["id"] in {RULE, *RUNNING}]
        Path(folder, "clocks.yaml").write_text(yaml.safe_dump(clocks, allow_unicode=True), "utf-8")
        telling = yaml.safe_load(Path(folder, "telling.yaml").read_text("utf-8"))
        telling.pop("delays")  # of clocks that are not among the five
        Path(folder, "telling.yaml").write_text(yaml.safe_dump(telling, allow_unicode=True), "utf-8")
        publish_pack(folder, "bench", at=now())


def _taken_in(moments: Sequence[datetime]) -> list[str]:
    from shouwen.handling.actions import accept

    first = random.randrange(10**7)
    return [
        accepted.ticket_id for accepted in accept([draft(first + n, at) for n, at in enumerate(moments)], now=now())
    ]


def _assess(ids: Sequence[str]) -> None:
    from shouwen.handbook.lifecycle import Move
    from shouwen.handling.actions import move_ticket
    from shouwen.people.models import Person
    from shouwen.people.queries import actor_for
    from shouwen.tickets.models import Ticket

    supervisor = actor_for(Person.objects.get(username="demo-supervisor"))
    for ticket in Ticket.objects.filter(pk__in=ids):
        at = ticket.received_at + timedelta(minutes=5)
        facts = {"category": ticket.category, "severity": ticket.severity, "reach": ticket.reach}
        move_ticket(ticket.number, Move.ASSESS, by=supervisor, happened_at=at, now=at, facts=facts)


def _to_classify(ground: Ground, due: Sequence[datetime], tickets: int, kinds: int = 1) -> None:
    """Tickets nobody has classified, as many due at each of these moments, of so many kinds at each."""
    ids = _taken_in([at - CLASSIFIED_WITHIN for at in due for _ in range(kinds)])
    copy_tickets(ground, ids, tickets // len(ids) - 1)


def _check_sound(after: str) -> None:
    """A copy is what `shouwen verify` takes for a ticket; some are looked at."""
    from shouwen.cli.verify import flaws_in
    from shouwen.tickets.proof import in_batches

    flaws = list(flaws_in(next(in_batches(after))))
    assert not flaws, flaws[0]


@contextmanager
def _without_terms_index(ground: Ground) -> Iterator[None]:
    """Made once at the end it takes a tenth of the time that keeping it does."""
    [(definition,)] = ground.ask("SELECT pg_get_indexdef('ticket_terms'::regclass)")
    ground.ask("DROP INDEX ticket_terms")
    yield
    ground.ask(definition)


def _hear_no_old_news(ground: Ground) -> None:
    """The followers have read all of it, as they would have while it came in."""
    from shouwen.config.wiring import FOLLOWERS

    ground.ask(
        "INSERT INTO ticket_event_cursor (follower, txid, seq) "
        "SELECT follower, pg_current_xact_id()::text::bigint, 0 FROM unnest(%s::text[]) AS follower "
        "ON CONFLICT (follower) DO UPDATE SET txid = excluded.txid, ticket_id = NULL, seq = 0",
        [follower.name for follower in FOLLOWERS],
    )


def _lateness(ground: Ground) -> dict[str, Any]:
    """From when a clock is due until the database has its event, with workers as `shouwen up` runs them."""
    with _workers(ground):
        due = _stream(ground)
        _wait_until_swept(ground, due[-1])
    milliseconds = [
        1000 * late
        for (late,) in ground.ask(
            "SELECT extract(epoch FROM e.recorded_at - c.due_at)::float FROM clock c JOIN ticket_event e "
            "ON e.ticket_id = c.ticket_id AND e.facts->>'rule' = c.rule WHERE c.rule = %s AND c.due_at = ANY(%s)",
            RULE,
            due,
        )
    ]
    return percentiles(milliseconds, 99) | {"clocks": len(milliseconds), "a_second": A_SECOND, "workers": WORKERS}


def _kills(ground: Ground) -> dict[str, Any]:
    """The same once more, while one worker after the other is killed at random moments and another takes its place."""
    kills, chance = 0, random.Random(7)
    with _workers(ground) as workers:
        due = _stream(ground)
        while now() < due[-1]:
            time.sleep(chance.uniform(*KILLED_EVERY))
            place = chance.randrange(WORKERS)
            workers[place].kill()
            workers[place].wait()
            workers[place] = _worker(ground)
            kills += 1
        _wait_until_swept(ground, due[-1])
    times = ground.ask(
        "SELECT count(e.seq) FROM clock c LEFT JOIN ticket_event e ON e.ticket_id = c.ticket_id "
        "AND e.facts->>'rule' = c.rule WHERE c.rule = %s AND c.due_at = ANY(%s) GROUP BY c.ticket_id",
        RULE,
        due,
    )
    fired = [count for (count,) in times]
    return {"kills": kills, "clocks": len(fired), "missed": fired.count(0), "doubled": sum(n > 1 for n in fired)}


def _stream(ground: Ground) -> list[datetime]:
    """So many a second from a moment on: when."""
    for patience in READY_WITHIN:
        begins = now() + patience
        due = [begins + timedelta(seconds=n / BEATS) for n in range(FOR_SECONDS * BEATS)]
        _to_classify(ground, due, A_SECOND * FOR_SECONDS)
        if now() < begins:
            return due
    raise RuntimeError("The machine is too busy to have the clocks ready before they are due.")


@contextmanager
def _workers(ground: Ground) -> Iterator[list[subprocess.Popen[bytes]]]:
    workers = [_worker(ground) for _ in range(WORKERS)]
    try:
        yield workers
    finally:
        for worker in workers:
            stop(worker)


def _worker(ground: Ground) -> subprocess.Popen[bytes]:
    return spawn(ground.program("worker"), environment=os.environ | {"SHOUWEN_LOG_LEVEL": "ERROR"})


def _wait_until_swept(ground: Ground, until: datetime) -> None:
    deadline = time.monotonic() + FOR_SECONDS + DONE_WITHIN
    while time.monotonic() < deadline:
        time.sleep(1)
        [(left,)] = ground.ask("SELECT count(*) FROM clock WHERE look_at <= %s", until)
        if now() > until and not left:
            return
    raise RuntimeError("The workers do not come to an end.")
