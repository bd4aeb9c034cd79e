"""Every classification clock of an outage's complaints runs out at once; how soon everybody concerned has been told."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import datetime
from typing import Any

import psycopg

from bench.figures import against_floor
from bench.floor import EVENT, NOW, inserted, literal, pgbench
from bench.ground import Ground

SWEEPERS = 2
BATCH = 1000  # clocks that share a statement, as the worker has it
RULE = "classify"


def measure(ground: Ground) -> dict[str, Any]:
    """Clocks a second with several sweepers, each clock looked at once. The floor writes the same rows once more."""
    [(at, tickets)] = ground.ask("SELECT max(due_at), count(*) FROM clock WHERE rule = %s", RULE)
    [(due,)] = ground.ask("SELECT count(*) FROM clock WHERE look_at <= %s", at)
    assert due == tickets, f"{due} clocks are due, not {tickets}"
    spent, looked = _sweep_together(at)
    assert looked == tickets, f"{looked} clocks were looked at, not {tickets}"
    _check_told_once(ground, tickets)
    _due_again(ground)
    batches = tickets // BATCH // SWEEPERS
    statement = _statement(ground, at)
    floor = BATCH * pgbench(ground, statement, "-c", str(SWEEPERS), "-t", str(batches))
    [(left,)] = ground.ask("SELECT count(*) FROM clock WHERE look_at <= %s", at)
    assert left == tickets - batches * SWEEPERS * BATCH
    return against_floor(tickets / spent, floor, "clocks/s") | {"clocks": tickets, "sweepers": SWEEPERS}


def _sweep_together(at: datetime) -> tuple[float, int]:
    """Seconds from when all begin until the last has ended, and how many clocks they looked at.

    Each sweeper is a process of its own, as on several hosts.
    """
    command = [sys.executable, "-m", "bench.sweeper", at.isoformat()]
    sweepers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(SWEEPERS)
    ]
    assert all(sweeper.stdout.readline() for sweeper in sweepers)  # they are ready
    started = time.perf_counter()
    for sweeper in sweepers:
        sweeper.stdin.close()
    looked = sum(int(sweeper.stdout.read()) for sweeper in sweepers)
    return time.perf_counter() - started, looked


def _check_told_once(ground: Ground, clocks: int) -> None:
    """One event for each clock, and one order for everybody an event tells."""
    [(events, different, told)] = ground.ask(
        "SELECT count(*), count(DISTINCT (ticket_id, facts->>'rule', facts->>'clock', facts->>'step')), "
        "sum(jsonb_array_length(facts->'told')) FROM ticket_event WHERE what <> 'accepted'"
    )
    [(orders,)] = ground.ask("SELECT count(*) FROM message_order WHERE template LIKE 'clock_%%'")
    assert events == different == clocks
    assert orders == told


def _due_again(ground: Ground) -> None:
    ground.ask("UPDATE clock SET look_at = due_at, taken = 0 WHERE rule = %s", RULE)
    ground.settle()


def _statement(ground: Ground, at: datetime) -> str:
    """What the sweep writes for a batch, all made from the rows it wrote for one clock."""
    with psycopg.connect(ground.cluster.url) as database:
        event = inserted(
            database, "ticket_event", "seq = 2", ticket_id="due.ticket_id", seq="due.seq", happened_at=NOW, **EVENT
        )
        order = inserted(
            database,
            "message_order",
            "template LIKE 'clock_%'",
            id="uuidv7()",
            cause="due.ticket_id || '/' || due.seq || '/' || told.whom",
            ticket_id="due.ticket_id",
            recipient="told.whom",
            ordered_at=NOW,
            delivered_at=NOW,
        )
        told = database.execute("SELECT facts->'told' FROM ticket_event WHERE seq = 2 LIMIT 1").fetchone()[0]
    recipients = ", ".join(f"('{to.replace(':', '/')}')" for to in told)
    return f"""
        WITH due AS (
            SELECT c.ticket_id, c.rule, c.start_seq, c.looks, t.last_seq + 1 AS seq
            FROM clock c JOIN ticket t ON t.id = c.ticket_id
            WHERE c.look_at <= {literal(at.isoformat(), "timestamptz")}
            ORDER BY c.look_at LIMIT {BATCH} FOR UPDATE OF c, t SKIP LOCKED
        ),
        e AS (INSERT INTO ticket_event ({event[0]}) SELECT {event[1]} FROM due),
        a AS (UPDATE ticket SET last_seq = due.seq, replayed_seq = due.seq, changed_at = {NOW} FROM due
              WHERE ticket.id = due.ticket_id),
        l AS (UPDATE clock SET taken = 1, look_at = due.looks[2] FROM due
              WHERE clock.ticket_id = due.ticket_id AND clock.rule = due.rule AND clock.start_seq = due.start_seq)
        INSERT INTO message_order ({order[0]}) SELECT {order[1]} FROM due, (VALUES {recipients}) AS told(whom)
    """
