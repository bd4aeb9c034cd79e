"""The one-time code or link a message carries: sealed under its recipient's key, opened only to be sent."""

from __future__ import annotations

from uuid import UUID

from shouwen.notices.models import MessageOrder
from shouwen.vault.queries import subject_keys
from shouwen.vault.sealing import Kind, SubjectKey, seal, unseal

ID_BYTES = 16


def sealed_code(subject: SubjectKey, cause: str, code: str) -> bytes:
    """The code as an order's `secret`; it opens only in the order with this cause."""
    row = seal(subject, Kind.TEXT, code, token=cause)
    return row.id.bytes + row.ciphertext


def opened_code(order: MessageOrder) -> str | None:
    """The code an order carries; None when it carries none any more, or its recipient was erased. Raises SealBroken."""
    kind, _, recipient = order.recipient.partition(":")
    if order.secret is None or kind != "customer":
        return None
    subject = subject_keys([UUID(recipient)]).get(UUID(recipient))
    if subject is None:
        return None
    secret = bytes(order.secret)
    return unseal(
        subject,
        item_id=UUID(bytes=secret[:ID_BYTES]),
        token=order.cause,
        kind=Kind.TEXT,
        ciphertext=secret[ID_BYTES:],
    )
