"""A customer, with references into the vault."""

from __future__ import annotations

import uuid_utils.compat as uuids
from django.db import models


class Customer(models.Model):
    """A customer of the carrier, found by the phone number they call from or, without one, by their account.

    `id` is also the id of the data subject in the vault, so erasing the subject's key leaves a row without a person.
    Somebody who gave neither number nor account (a letter) is a customer of their own.
    """

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    identity_index = models.BinaryField(max_length=32, unique=True, null=True)
    phone_token = models.CharField(max_length=12, blank=True)
    name_token = models.CharField(max_length=12, blank=True)
    level = models.CharField(max_length=20, default="ordinary")
    region = models.CharField(max_length=12, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "customer"
