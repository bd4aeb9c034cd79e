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


class AccessCode(models.Model):
    """What opens one ticket to its customer, without an account: a code sent to their phone, or a slip an agent gave.

    One sent to an e-mail address opens nothing: it proves that letters to the address with this `token` arrive. Only
    a keyed hash of a code is kept, and the key is outside the database.
    """

    PHONE, SLIP, EMAIL = "phone", "slip", "email"
    KINDS = [(kind, kind) for kind in (PHONE, SLIP, EMAIL)]

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    kind = models.CharField(max_length=5, choices=KINDS)
    ticket_id = models.UUIDField()
    token = models.CharField(max_length=12, blank=True, db_default="")
    code_hash = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "access_code"
        indexes = [models.Index("ticket_id", "kind", "made_at", name="access_code_of_ticket")]


class Wish(models.Model):
    """When a customer does not want to hear from us, beside the hours in which nobody is disturbed."""

    customer_id = models.UUIDField(primary_key=True)
    begins = models.TimeField()
    ends = models.TimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)

    class Meta:
        db_table = "customer_wish"


class Mailbox(models.Model):
    """A customer's e-mail address, and whether they want to be told there instead of by text message.

    Rows are added and ended, never changed: where a message went, and who had it go there, can be told afterwards.
    """

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    customer_id = models.UUIDField()
    token = models.CharField(max_length=12)
    is_wanted = models.BooleanField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=60, blank=True)

    class Meta:
        db_table = "customer_mailbox"
        constraints = [
            models.UniqueConstraint(
                fields=["customer_id"], name="a_customer_has_one_mailbox", condition=models.Q(ended_at=None)
            )
        ]
        indexes = [models.Index(fields=["customer_id"], name="customer_mailbox_of")]


class CustomerFact(models.Model):
    """One thing known of a customer: a service, a device, a bill, how to treat them. Its words lie in the vault.

    Rows are added and ended, never changed; an ending can be taken back for a few seconds.
    """

    SERVICE, DEVICE, BILL, CARE, REMARK = "service", "device", "bill", "care", "remark"
    KINDS = [(kind, kind) for kind in (SERVICE, DEVICE, BILL, CARE, REMARK)]

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="facts", db_index=False)
    kind = models.CharField(max_length=8, choices=KINDS)
    token = models.CharField(max_length=12)
    source = models.CharField(max_length=60)
    as_of = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=60, blank=True)

    class Meta:
        db_table = "customer_fact"
        indexes = [
            models.Index(
                "customer",
                models.F("as_of").desc(),
                models.F("id").desc(),
                name="customer_fact_known",
                condition=models.Q(ended_at=None),
            )
        ]
