"""Vault rows as parts of a larger statement, for whoever writes a person's data together with its cause."""

from __future__ import annotations

from typing import Any

from shouwen.vault.sealing import SubjectKey, VaultRow

SUBJECTS = """
    INSERT INTO data_subject (id, wrapped_key, master_key_id, created_at)
    SELECT r.id, decode(r.wrapped_key, 'hex'), r.master_key_id, statement_timestamp()
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, id uuid, wrapped_key text, master_key_id text)
"""

ITEMS = """
    INSERT INTO vault_item (id, token, subject_id, kind, ciphertext, blind_index, words, created_at)
    SELECT r.id, r.token, r.subject_id, r.kind, decode(r.ciphertext, 'hex'), decode(r.blind_index, 'hex'),
        array_to_tsvector(string_to_array(r.words, ' ')), statement_timestamp()
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, id uuid, token text, subject_id uuid, kind text,
        ciphertext text, blind_index text, words text)
"""


def subject_row(key: SubjectKey, ticket_id: str) -> dict[str, Any]:
    """A new data subject as `SUBJECTS` takes it."""
    return {
        "ticket_id": ticket_id,
        "id": key.subject_id,
        "wrapped_key": key.wrapped.hex(),
        "master_key_id": key.master_key_id,
    }


def item_row(row: VaultRow, ticket_id: str) -> dict[str, Any]:
    """A sealed value as `ITEMS` takes it."""
    return {
        "ticket_id": ticket_id,
        "id": row.id,
        "token": row.token,
        "subject_id": row.subject_id,
        "kind": row.kind,
        "ciphertext": row.ciphertext.hex(),
        "blind_index": row.blind_index.hex() if row.blind_index else None,
        "words": row.words,
    }
