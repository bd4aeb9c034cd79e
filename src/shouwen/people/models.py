"""人员: who works here, in which teams, and which systems may call in."""

from __future__ import annotations

from typing import Any

import uuid_utils.compat as uuids
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

ADMINISTRATOR = "administrator"


class Team(models.Model):
    """A team, by its code in the routing table of the edition."""

    code = models.SlugField(_("code"), primary_key=True, max_length=40)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    region = models.CharField(_("region"), max_length=12, blank=True, help_text=_("Region code prefix; empty is all."))
    lead = models.ForeignKey(
        "Person", models.SET_NULL, null=True, blank=True, related_name="leads", verbose_name=_("lead")
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        db_table = "team"
        ordering = ("code",)
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class Person(AbstractUser):
    """A member of staff. What they may do follows from their roles, their teams and their regions, on every request."""

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    display_name = models.CharField(_("name"), max_length=80)
    staff_no = models.CharField(_("staff number"), max_length=20, blank=True)
    roles = ArrayField(models.CharField(max_length=30), verbose_name=_("roles"), default=list, blank=True)
    teams = models.ManyToManyField(Team, related_name="members", verbose_name=_("teams"), blank=True)
    regions = ArrayField(
        models.CharField(max_length=12, blank=True),
        verbose_name=_("regions"),
        default=list,
        blank=True,
        help_text=_("Region code prefixes, for example 3401; a single 0 is everywhere."),
    )
    skills = ArrayField(models.CharField(max_length=40), verbose_name=_("skills"), default=list, blank=True)
    away_until = models.DateTimeField(_("away until"), null=True, blank=True)

    first_name = None
    last_name = None

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Whoever administers may enter the administration, and nobody else: Django's two flags say nothing more."""
        self.is_staff = self.is_superuser = ADMINISTRATOR in self.roles
        if (only := kwargs.get("update_fields")) is not None and "roles" in only:
            kwargs["update_fields"] = {*only, "is_staff", "is_superuser"}
        super().save(*args, **kwargs)

    class Meta:
        db_table = "person"
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class ApiKey(models.Model):
    """A key with which another system calls in. Only a hash of it is kept."""

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("prefix"), max_length=12, unique=True, editable=False)
    key_hash = models.BinaryField(max_length=32, editable=False)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"), default=list)
    regions = ArrayField(
        models.CharField(max_length=12, blank=True), verbose_name=_("regions"), default=list, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(Person, models.PROTECT, null=True, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_on = models.DateField(_("last used"), null=True, editable=False)

    class Meta:
        db_table = "api_key"
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
