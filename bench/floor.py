"""What PostgreSQL alone does: the same rows as the product writes, by pgbench, with no product around it."""

from __future__ import annotations

import re
import subprocess
import tempfile
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
from django.utils.timezone import now

from bench.complaints import draft
from bench.ground import Ground

CLIENTS, THREADS = 16, 2
CLOCKS = 4
NOW = "statement_timestamp()"
EVENT = {
    "recorded_at": NOW,
    "txid": "pg_current_xact_id()::text::bigint",
    "leaf": f"sha256('\\x00'::bytea || int8send((extract(epoch FROM {NOW}) * 1000000)::bigint))",
}


def intake_floor(ground: Ground, seconds: int) -> float:
    """Tickets a second: one statement for a ticket, its first event, four clocks and a message order."""
    ground.clear()
    script = _intake_statement(ground)
    ground.clear()
    return pgbench(ground, script, "-c", str(CLIENTS), "-T", str(seconds))


def pgbench(ground: Ground, statement: str, *options: str) -> float:
    """Transactions a second of this statement, prepared."""
    url = urlsplit(ground.cluster.url)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(" ".join(statement.split()) + ";\n")
        script.flush()
        Path(script.name).chmod(0o644)
        command = [ground.cluster.programs / "pgbench", "-n", "-M", "prepared", "-j", str(THREADS), "-f", script.name]
        done = subprocess.run(
            [*command, *options, "-h", parse_qs(url.query)["host"][0], "-U", url.username, url.path[1:]],
            env={"PGPASSWORD": ground.cluster.password, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"pgbench: {done.stderr[:500]}")
    if failed := re.search(r"number of failed transactions: ([1-9]\d*)", done.stdout):
        raise RuntimeError(f"pgbench: {failed[0]}")
    return float(re.search(r"tps = ([\d.]+)", done.stdout)[1])


def inserted(database: psycopg.Connection, table: str, where: str, **expressions: str) -> tuple[str, str]:
    """The columns of a table, and a row of it as a list of literals with some columns replaced by expressions."""
    columns = database.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        [table],
    ).fetchall()
    names = ", ".join(name for name, _ in columns)
    as_text = ", ".join(f"{name}::text" for name, _ in columns)
    row = database.execute(f"SELECT {as_text} FROM {table} WHERE {where} LIMIT 1").fetchone()
    values = (expressions.get(name) or literal(value, kind) for (name, kind), value in zip(columns, row, strict=True))
    return names, ", ".join(values)


def literal(value: str | None, kind: str) -> str:
    """A constant pgbench does not look for its own variables in: they begin with a colon."""
    if value is None:
        return f"NULL::{kind}"
    escaped = value.replace("\\", "\\\\").replace("'", "''").replace(":", "\\x3a").replace("\n", "\\n")
    return f"E'{escaped}'::{kind}"


def _intake_statement(ground: Ground) -> str:
    """One statement that writes the rows of a complaint the product has just taken in, under a new id."""
    from shouwen.handling.actions import accept

    [sample] = accept([draft(0, now() - timedelta(seconds=1))], now=now())
    of_it = f"ticket_id = '{sample.ticket_id}'"
    number = "'AH-' || translate(right(gen_random_uuid()::text, 12), '-', '')"
    with psycopg.connect(ground.cluster.url) as database:
        ticket = inserted(
            database,
            "ticket",
            f"id = '{sample.ticket_id}'",
            id="uuidv7()",
            number=number,
            received_at=NOW,
            recorded_at=NOW,
            changed_at=NOW,
        )
        event = inserted(database, "ticket_event", of_it, ticket_id="t.id", happened_at=NOW, **EVENT)
        rules = database.execute(f"SELECT rule FROM clock WHERE {of_it} ORDER BY due_at LIMIT {CLOCKS}").fetchall()
        clocks = [inserted(database, "clock", f"{of_it} AND rule = '{rule}'", ticket_id="t.id") for (rule,) in rules]
        order = inserted(
            database,
            "message_order",
            of_it,
            id="uuidv7()",
            ticket_id="t.id",
            cause="t.id || '/1/acknowledgement'",
            ordered_at=NOW,
        )
    assert len(clocks) == CLOCKS
    selected = " UNION ALL ".join(f"SELECT {values} FROM t" for _, values in clocks)
    return f"""
        WITH t AS (INSERT INTO ticket ({ticket[0]}) VALUES ({ticket[1]}) RETURNING id),
        e AS (INSERT INTO ticket_event ({event[0]}) SELECT {event[1]} FROM t),
        c AS (INSERT INTO clock ({clocks[0][0]}) {selected})
        INSERT INTO message_order ({order[0]}) SELECT {order[1]} FROM t
    """
