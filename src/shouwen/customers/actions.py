"""A new customer, as part of the statement that takes in their first complaint."""

CUSTOMERS = """
    INSERT INTO customer (id, identity_index, phone_token, name_token, level, region, recorded_at)
    SELECT r.id, decode(r.identity_index, 'hex'), r.phone_token, r.name_token, r.level, r.region, statement_timestamp()
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, id uuid, identity_index text, phone_token text,
        name_token text, level text, region text)
"""
