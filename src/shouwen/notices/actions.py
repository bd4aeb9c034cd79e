"""Ordering messages. The rows go into the statement that records their cause."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import connection
from uuid_utils import uuid7

LONGEST_CAUSE = 120
ORDERS = """
    INSERT INTO message_order (id, cause, ticket_id, channel, recipient, template, edition, params, secret, state,
        ordered_at, not_before, delivered_at, tries, error)
    SELECT r.id, r.cause, r.ticket_id, r.channel, r.recipient, r.template, r.edition, r.params,
        decode(r.secret, 'hex'), CASE r.channel WHEN 'desk' THEN 'delivered' ELSE 'ordered' END, statement_timestamp(),
        r.not_before, CASE r.channel WHEN 'desk' THEN COALESCE(r.not_before, statement_timestamp()) END, 0, ''
    FROM json_to_recordset(%s::json) AS r(id uuid, cause text, ticket_id uuid, channel text, recipient text,
        template text, edition text, params jsonb, secret text, not_before timestamptz)
    ON CONFLICT (cause) DO NOTHING
"""

# A warning that waits for somebody's duty hours says nothing any more once its clock has ended.
MOOT = """
    UPDATE message_order SET read_at = r.at
    FROM json_to_recordset(%s::json) AS r(ticket_id uuid, at timestamptz, rules text[])
    WHERE message_order.ticket_id = r.ticket_id AND message_order.channel = 'desk'
        AND message_order.template = 'clock_warned' AND message_order.not_before > r.at
        AND message_order.read_at IS NULL AND message_order.params ->> 'rule' = ANY(r.rules)
"""


def order_row(
    *,
    cause: str,
    recipient: str,
    channel: str,
    template: str,
    edition: str,
    params: Mapping[str, Any],
    ticket_id: str | None = None,
    secret: bytes | None = None,
    not_before: datetime | None = None,
) -> dict[str, Any]:
    """A message order as `ORDERS` takes it.

    The same `cause` is ordered once, however often it is written; one too long to be kept is kept as its digest. A
    message to the desk (`channel` "desk") is delivered by being there; every other waits for the worker. Before
    `not_before` nobody sees or sends it.
    """
    return {
        "id": str(uuid7()),
        "cause": cause if len(cause) <= LONGEST_CAUSE else f"sha256:{sha256(cause.encode()).hexdigest()}",
        "ticket_id": ticket_id,
        "channel": channel,
        "recipient": recipient,
        "template": template,
        "edition": edition,
        "params": params,
        "secret": secret.hex() if secret else None,
        "not_before": not_before,
    }


def order_messages(rows: Sequence[Mapping[str, Any]]) -> None:
    """Write orders in the transaction of whatever caused them, where that is no change to a ticket."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(ORDERS, [json.dumps(list(rows), default=str, ensure_ascii=False)])
