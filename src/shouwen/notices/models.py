"""A message that has been ordered, and what became of it."""

from __future__ import annotations

import uuid_utils.compat as uuids
from django.db import models


class MessageOrder(models.Model):
    """One message to one recipient: ordered in the statement that records its cause, so never lost and never doubled.

    `recipient` is a reference (`customer:…`, `person:…`, `team:…`); `params` fill the edition's template and hold
    nothing personal; `secret` is a sealed one-time code, if the message carries one.
    """

    ORDERED, DELIVERED, NO_GATEWAY, FAILED = "ordered", "delivered", "no_gateway", "failed"
    STATES = [(state, state) for state in (ORDERED, DELIVERED, NO_GATEWAY, FAILED)]

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    cause = models.CharField(max_length=120, unique=True)
    ticket_id = models.UUIDField(null=True, db_index=True)
    channel = models.CharField(max_length=12)
    recipient = models.CharField(max_length=60)
    template = models.CharField(max_length=60)
    edition = models.CharField(max_length=60)
    params = models.JSONField()
    secret = models.BinaryField(null=True)
    state = models.CharField(max_length=12, choices=STATES, default=ORDERED)
    ordered_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "message_order"
        indexes = [
            models.Index("ordered_at", "id", name="message_to_send", condition=models.Q(state="ordered")),
            models.Index(fields=["recipient", "-ordered_at"], name="message_inbox"),
        ]
