"""A message that has been ordered, and what became of it."""

from __future__ import annotations

from datetime import datetime

import uuid_utils.compat as uuids
from django.db import models
from django.db.models.functions import Coalesce

TOLD_AT = Coalesce("not_before", "ordered_at")  # a notice on the desk: at once, or when its recipient is on duty again

TO_MAILBOX = "mailbox"  # the parameter that names, by its token, an address its customer is not yet written to


class MessageOrder(models.Model):
    """One message to one recipient: ordered in the statement that records its cause, so never lost and never doubled.

    `recipient` is a reference (`customer:…`, `person:…`, `team:…`); `params` fill the edition's template and hold
    nothing personal; `secret` is a sealed one-time code or link, if the message carries one. What the states mean is
    told in `notices.delivery`.
    """

    ORDERED, SENDING, DELIVERED = "ordered", "sending", "delivered"
    NO_GATEWAY, FAILED, UNKNOWN, OVERTAKEN = "no_gateway", "failed", "unknown", "overtaken"
    STUCK = (NO_GATEWAY, FAILED, UNKNOWN)
    STATES = [(state, state) for state in (ORDERED, SENDING, DELIVERED, NO_GATEWAY, FAILED, UNKNOWN, OVERTAKEN)]

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    cause = models.CharField(max_length=120)
    ticket_id = models.UUIDField(null=True, db_index=True)
    channel = models.CharField(max_length=12)
    recipient = models.CharField(max_length=60)
    template = models.CharField(max_length=60)
    edition = models.CharField(max_length=60)
    params = models.JSONField()
    secret = models.BinaryField(null=True)
    state = models.CharField(max_length=12, choices=STATES, default=ORDERED)
    ordered_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True)  # when its recipient is on duty again
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    try_at = models.DateTimeField(null=True)  # ordered: not before then; sending: when it was claimed
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "message_order"
        constraints = [models.UniqueConstraint(fields=["cause"], name="a_cause_orders_once")]
        indexes = [
            models.Index(
                "ordered_at", "id", name="message_to_send", condition=models.Q(state__in=("ordered", "sending"))
            ),
            models.Index(fields=["recipient", "-ordered_at"], name="message_inbox"),
            models.Index(
                "recipient",
                TOLD_AT,
                name="message_to_be_read",
                condition=models.Q(channel="desk", read_at__isnull=True),
            ),
            models.Index(
                models.F("ordered_at").desc(),
                models.F("id").desc(),
                name="message_outbox",
                condition=~models.Q(channel="desk"),
            ),
        ]

    def expired(self, at: datetime) -> bool:
        """True when it is no longer worth sending: the code in it has run out."""
        expires = self.params.get("expires_at")
        return bool(expires) and datetime.fromisoformat(expires) <= at

    def may_go_again(self, at: datetime) -> bool:
        """True for one that went nowhere, or may have, and is still worth sending."""
        return self.state in self.STUCK and not self.expired(at)
