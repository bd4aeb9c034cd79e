"""Every classification clock of an outage's complaints runs out at once; how soon everybody concerned has been told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg

from bench.figures import against_floor
from bench.floor import EVENT, NOW, inserted, literal, pgbench
from bench.ground import Ground
from bench.sweeper import PROCESSES, together

BATCH = 1000  # clocks that share a statement, as the worker has it
RULE, TOLD = "classify", "clock_breached"  # and what its first rung leaves behind


def measure(ground: Ground) -> dict[str, Any]:
    """Clocks a second with several sweepers, each clock looked at once. The floor writes the same rows once more."""
    [(at, tickets)] = ground.ask("SELECT max(due_at), count(*) FROM clock WHERE rule = %s", RULE)
    measured = storm(ground, at)
    assert measured["clocks"] == tickets, f"{measured['clocks']} clocks were due, not {tickets}"
    return measured


def storm(ground: Ground, at: datetime) -> dict[str, Any]:
    """All clocks of `RULE` due at `at`, which must be their first rungs. What is only measured is looked at before."""
    ground.ask("UPDATE clock SET look_at = NULL WHERE rule <> %s AND look_at <= %s", RULE, at)
    [(due,)] = ground.ask("SELECT count(*) FROM clock WHERE look_at <= %s", at)
    spent, looked = together("sweep", at)
    assert looked == due, f"{looked} clocks were looked at, not {due}"
    _check_told_once(ground, due)
    _due_again(ground, at)
    batches = due // BATCH // PROCESSES
    statement = _statement(ground, at)
    floor = BATCH * pgbench(ground, statement, "-c", str(PROCESSES), "-t", str(batches))
    [(left,)] = ground.ask("SELECT count(*) FROM clock WHERE look_at <= %s", at)
    assert left == due - batches * PROCESSES * BATCH
    return against_floor(due / spent, floor, "clocks/s") | {"clocks": due, "sweepers": PROCESSES}


def _check_told_once(ground: Ground, clocks: int) -> None:
    """One event for each clock, and one order for everybody an event tells."""
    [(events, different, told)] = ground.ask(
        "SELECT count(*), count(DISTINCT (ticket_id, facts->>'rule', facts->>'clock', facts->>'step')), "
        "sum(jsonb_array_length(facts->'told')) FROM ticket_event WHERE what = %s",
        TOLD,
    )
    [(orders,)] = ground.ask("SELECT count(*) FROM message_order WHERE template LIKE 'clock_%%'")
    assert events == different == clocks
    assert orders == told


def _due_again(ground: Ground, at: datetime) -> None:
    ground.ask("UPDATE clock SET look_at = due_at, taken = 0 WHERE rule = %s AND taken = 1 AND due_at <= %s", RULE, at)
    ground.settle()


def _statement(ground: Ground, at: datetime) -> str:
    """What the sweep writes for a batch, all made from the rows it wrote for one clock."""
    with psycopg.connect(ground.cluster.url) as database:
        event = inserted(
            database,
            "ticket_event",
            f"what = '{TOLD}'",
            ticket_id="due.ticket_id",
            seq="due.seq",
            happened_at=NOW,
            **EVENT,
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
        told = database.execute("SELECT facts->'told' FROM ticket_event WHERE what = %s LIMIT 1", [TOLD]).fetchone()[0]
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
