"""The writing side of clocks: parts of a statement. Only `handling` and the sweep may use it (import-linter)."""

# What stands as it was is not written again: of a dozen clocks a move touches two.
CLOCKS = """
    INSERT INTO clock AS known (ticket_id, rule, start_seq, clause, kind, state, started_at, due_at, stopped_at,
        provisional, extended, looks, taken, look_at, calendar_version)
    SELECT r.ticket_id, r.rule, r.start_seq, r.clause, r.kind, r.state, r.started_at, r.due_at, r.stopped_at,
        r.provisional, r.extended, r.looks, r.taken, r.look_at, r.calendar_version
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, rule text, start_seq integer, clause text, kind text,
        state text, started_at timestamptz, due_at timestamptz, stopped_at timestamptz, provisional boolean,
        extended boolean, looks timestamptz[], taken smallint, look_at timestamptz, calendar_version text)
    ON CONFLICT (ticket_id, rule, start_seq) DO UPDATE SET (state, due_at, stopped_at, provisional, extended, looks,
        taken, look_at, calendar_version) = ROW(excluded.state, excluded.due_at, excluded.stopped_at,
        excluded.provisional, excluded.extended, excluded.looks, excluded.taken, excluded.look_at,
        excluded.calendar_version)
    WHERE (known.state, known.due_at, known.stopped_at, known.provisional, known.extended, known.looks, known.taken,
        known.look_at, known.calendar_version) IS DISTINCT FROM (excluded.state, excluded.due_at, excluded.stopped_at,
        excluded.provisional, excluded.extended, excluded.looks, excluded.taken, excluded.look_at,
        excluded.calendar_version)
"""

# The clocks that new tickets bring along from elsewhere: nothing can be there before them.
FRESH = """
    INSERT INTO clock (ticket_id, rule, start_seq, clause, kind, state, started_at, due_at, stopped_at, provisional,
        extended, looks, taken, look_at, calendar_version)
    SELECT r.ticket_id, r.rule, r.start_seq, r.clause, r.kind, r.state, r.started_at, r.due_at, r.stopped_at,
        r.provisional, r.extended, r.looks, r.taken, r.look_at, r.calendar_version
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, rule text, start_seq integer, clause text, kind text,
        state text, started_at timestamptz, due_at timestamptz, stopped_at timestamptz, provisional boolean,
        extended boolean, looks timestamptz[], taken smallint, look_at timestamptz, calendar_version text)
"""

# Those natural time counts, as spans from the start that all tickets of a kind share (`opening`).
OPENED = """
    INSERT INTO clock (ticket_id, rule, start_seq, clause, kind, state, started_at, due_at, stopped_at, provisional,
        extended, looks, taken, look_at, calendar_version)
    SELECT r.ticket_id, o.rule, 1, o.clause, o.kind, 'running', r.started_at, r.started_at + o.due_in, NULL, false,
        false, ARRAY(SELECT r.started_at + look_in FROM unnest(o.looks_in) AS look_in), 0,
        r.started_at + o.looks_in[1], ''
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, started_at timestamptz, opening integer)
    JOIN json_to_recordset(%s::json) AS o(opening integer, rule text, clause text, kind text, due_in interval,
        looks_in interval[]) ON o.opening = r.opening
"""

# Those working time counts, each with its own due time.
WORKED = """
    INSERT INTO clock (ticket_id, rule, start_seq, clause, kind, state, started_at, due_at, stopped_at, provisional,
        extended, looks, taken, look_at, calendar_version)
    SELECT r.ticket_id, o.rule, 1, o.clause, o.kind, 'running', r.started_at, r.due_at, NULL, r.provisional, false,
        r.looks, 0, r.looks[1], o.calendar_version
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, rule text, started_at timestamptz, due_at timestamptz,
        provisional boolean, looks timestamptz[])
    JOIN json_to_recordset(%s::json) AS o(rule text, clause text, kind text, calendar_version text) ON o.rule = r.rule
"""

# A clock whose rule no longer applies (another priority, another category) is no clock of the ticket any more.
GONE = """
    DELETE FROM clock USING json_to_recordset(%s::json) AS r(ticket_id uuid, kept text[])
    WHERE clock.ticket_id = r.ticket_id AND NOT clock.rule || '@' || clock.start_seq = ANY(r.kept)
"""
