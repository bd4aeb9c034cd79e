"""What the vault keeps: people's keys, their sealed values, and who looked at them."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class DataSubject(models.Model):
    """A person whose data is kept. Without the wrapped key nobody reads it again: that is how a person is erased."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    wrapped_key = models.BinaryField(null=True)
    master_key_id = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "data_subject"
        constraints = [
            models.CheckConstraint(
                name="an_erased_subject_has_no_key",
                condition=models.Q(erased_at__isnull=True, wrapped_key__isnull=False)
                | models.Q(erased_at__isnull=False, wrapped_key__isnull=True),
            )
        ]


class VaultItem(models.Model):
    """One sealed value; its token stands for it in text and history."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    token = models.TextField()
    subject = models.ForeignKey(DataSubject, on_delete=models.PROTECT, related_name="items")
    kind = models.TextField()
    ciphertext = models.BinaryField()
    blind_index = models.BinaryField(null=True)
    words = SearchVectorField(null=True)  # keyed hashes of its parts
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "vault_item"
        constraints = [models.UniqueConstraint(fields=["token"], name="a_token_names_one_value")]
        indexes = [
            models.Index(
                fields=["kind", "blind_index"],
                name="vault_item_found_by_value",
                condition=models.Q(blind_index__isnull=False),
            ),
            GinIndex(fields=["words"], name="vault_item_found_by_part"),
        ]


class VaultFile(models.Model):
    """A file kept for a person, sealed in pieces. `digest` is the SHA-256 of the pieces as they lie here, in order.

    Its name and the small picture of it are sealed too; `media` is what it is by its content (`vault.contents`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject = models.ForeignKey(DataSubject, on_delete=models.PROTECT, related_name="files")
    media = models.TextField()
    size = models.BigIntegerField()
    pieces = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    name = models.BinaryField()
    thumbnail = models.BinaryField(null=True)
    kept_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "vault_file"


class VaultPiece(models.Model):
    """One sealed piece of a file."""

    pk = models.CompositePrimaryKey("file_id", "place")
    file = models.ForeignKey(VaultFile, on_delete=models.PROTECT, related_name="+", db_index=False)
    place = models.PositiveIntegerField()
    ciphertext = models.BinaryField()

    class Meta:
        db_table = "vault_piece"


class AccessLog(models.Model):
    """Who saw, handed out or erased whose data, why and when. Rows are only ever added.

    What was handed out about a ticket may be about nobody who is known.
    """

    class What(models.TextChoices):
        REVEALED = "revealed", _("Revealed")
        ERASED = "erased", _("Erased")
        HANDED_OUT = "handed_out", _("Handed out")
        OPENED = "opened", _("Opened")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    what = models.TextField(_("what"), choices=What)
    subject = models.ForeignKey(
        DataSubject, on_delete=models.PROTECT, null=True, related_name="accesses", verbose_name=_("person")
    )
    item = models.ForeignKey(
        VaultItem, on_delete=models.PROTECT, null=True, related_name="accesses", verbose_name=_("value")
    )
    by = models.TextField(_("by"))
    reason = models.TextField(_("reason"))
    about = models.TextField(_("ticket"), blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "vault_access"
        verbose_name = _("access to personal data")
        verbose_name_plural = _("accesses to personal data")
        constraints = [
            models.CheckConstraint(name="an_access_says_why", condition=models.Q(reason__regex=r"\S")),
            models.CheckConstraint(
                name="a_reveal_names_its_value",
                condition=~models.Q(what="revealed") | models.Q(item__isnull=False),
            ),
            models.CheckConstraint(
                name="an_access_names_its_person_or_ticket",
                condition=models.Q(subject__isnull=False) | (models.Q(what="handed_out") & ~models.Q(about="")),
            ),
        ]
        indexes = [models.Index(fields=["subject", "at"], name="vault_access_to_a_person")]
