"""The writing side of clocks: parts of a statement. Only `handling` and the sweep may use it (import-linter)."""

CLOCKS = """
    INSERT INTO clock AS known (ticket_id, rule, start_seq, clause, kind, state, started_at, due_at, stopped_at,
        provisional, extended, looks, taken, look_at, calendar_version)
    SELECT r.ticket_id, r.rule, r.start_seq, r.clause, r.kind, r.state, r.started_at, r.due_at, r.stopped_at,
        r.provisional, r.extended, r.looks, r.taken, r.look_at, r.calendar_version
    FROM jsonb_to_recordset(%s::jsonb) AS r(ticket_id uuid, rule text, start_seq integer, clause text, kind text,
        state text, started_at timestamptz, due_at timestamptz, stopped_at timestamptz, provisional boolean,
        extended boolean, looks timestamptz[], taken smallint, look_at timestamptz, calendar_version text)
    ON CONFLICT (ticket_id, rule, start_seq) DO UPDATE SET (state, due_at, stopped_at, provisional, extended, looks,
        taken, look_at, calendar_version) = ROW(excluded.state, excluded.due_at, excluded.stopped_at,
        excluded.provisional, excluded.extended, excluded.looks, excluded.taken, excluded.look_at,
        excluded.calendar_version)
"""

# A clock whose rule no longer applies (another priority, another category) is no clock of the ticket any more.
GONE = """
    DELETE FROM clock USING jsonb_to_recordset(%s::jsonb) AS r(ticket_id uuid, kept text[])
    WHERE clock.ticket_id = r.ticket_id AND NOT clock.rule || '@' || clock.start_seq = ANY(r.kept)
"""
