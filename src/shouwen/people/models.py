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


class SpentCode(models.Model):
    """The last time step whose one-time code somebody has used: what lies before it opens nothing any more."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="+")
    step = models.BigIntegerField()  # half minutes since 1970

    class Meta:
        db_table = "spent_code"


class WrongCode(models.Model):
    """How many one-time or recovery codes somebody has tried since when; a right one takes the row away."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="+")
    tried = models.PositiveSmallIntegerField()
    since = models.DateTimeField()

    class Meta:
        db_table = "wrong_code"


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


class PasswordLink(models.Model):
    """A link with which somebody sets their own password, once. Only a hash of it is kept."""

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="password_links")
    key_hash = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "password_link"


class Change(models.Model):
    """Who changed what about people, teams, keys and duties. Rows are only ever added."""

    PERSON, TEAM, KEY, LEAVE, DUTY, SETUP = "person", "team", "key", "leave", "duty", "setup"
    KINDS = [(kind, kind) for kind in (PERSON, TEAM, KEY, LEAVE, DUTY, SETUP)]

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")  # none: from the command line
    kind = models.CharField(max_length=10, choices=KINDS)
    about = models.CharField(max_length=40)  # the id of the person or key, the code of the team
    name = models.CharField(max_length=80)  # as it was called then
    what = models.CharField(max_length=24)
    facts = models.JSONField(default=dict)  # of a change: what was, and what is now, by field

    class Meta:
        db_table = "people_change"
        indexes = [
            models.Index("at", "id", name="people_change_newest"),
            models.Index("kind", "about", "at", name="people_change_about"),
        ]


class Leave(models.Model):
    """Somebody is away for a time, and who stands in for them. Ownership of tickets stays where it is."""

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="leaves", verbose_name=_("who is away"))
    from_at = models.DateTimeField(_("from"))
    until_at = models.DateTimeField(_("until"))
    cover = models.ForeignKey(Person, models.PROTECT, null=True, related_name="covers", verbose_name=_("cover"))
    reason = models.CharField(_("reason"), max_length=80, blank=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "leave"
        constraints = [
            models.CheckConstraint(
                name="a_leave_ends_after_it_begins", condition=models.Q(until_at__gt=models.F("from_at"))
            ),
            models.CheckConstraint(
                name="nobody_covers_for_themselves",
                condition=models.Q(cover=None) | ~models.Q(cover=models.F("person")),
            ),
        ]
        indexes = [models.Index("until_at", name="leave_running", condition=models.Q(cancelled_at=None))]


class Shift(models.Model):
    """An entry of a team's duty roster (值班表): who is on duty from when until when."""

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="shifts", verbose_name=_("team"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="shifts", verbose_name=_("who is on duty"))
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    note = models.CharField(_("note"), max_length=80, blank=True)

    class Meta:
        db_table = "duty_shift"
        constraints = [
            models.CheckConstraint(
                name="a_shift_ends_after_it_begins", condition=models.Q(ends_at__gt=models.F("starts_at"))
            ),
            models.UniqueConstraint(
                fields=["team", "person", "starts_at"], name="nobody_begins_twice_at_once_in_a_team"
            ),
        ]
        indexes = [models.Index("team", "starts_at", name="duty_shift_of_team")]


class Handover(models.Model):
    """A shift handover list (交接班清单): what one shift leaves to the next, kept as it was handed over."""

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="handovers")
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    notes = models.TextField(blank=True)
    content = models.JSONField()  # the numbers under each heading, with a note to each
    left_out = models.PositiveIntegerField(default=0, db_default=0)  # open tickets beyond what a list holds
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    remark = models.TextField(blank=True)

    class Meta:
        db_table = "shift_handover"
        constraints = [
            models.CheckConstraint(
                name="who_hands_over_does_not_take_over",
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("made_by")),
            ),
        ]
        indexes = [models.Index("team", "made_at", "id", name="shift_handover_of_team")]
