"""A customer's chance to say how satisfied they are."""

from __future__ import annotations

import uuid_utils.compat as uuids
from django.db import models


class Survey(models.Model):
    """A link to rate one round of a ticket. Only a hash of its token is kept; the answer is in the ticket's history."""

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    ticket_id = models.UUIDField(db_index=True)
    round = models.PositiveSmallIntegerField()
    token_hash = models.BinaryField(max_length=32, unique=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "survey"
