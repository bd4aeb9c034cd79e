"""规范: editions as they were published, and calendars with versions of their own."""

from __future__ import annotations

import uuid_utils.compat as uuids
from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.handbook.rulemaking import DraftState


class EditionVersion(models.Model):
    """One published edition: the files of its pack as they were read. Its rules never change."""

    INSTALLER, COMMAND_LINE, DESK = "installer", "command_line", "desk"
    ORIGINS = [(origin, origin) for origin in (INSTALLER, COMMAND_LINE, DESK)]

    id = models.CharField(primary_key=True, max_length=60)
    pack = models.CharField(_("pack"), max_length=40)
    number = models.PositiveIntegerField(_("number"))
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    published_at = models.DateTimeField(_("published"))
    published_by = models.CharField(_("published by"), max_length=80)
    effective_at = models.DateTimeField(_("in effect from"))
    origin = models.CharField(max_length=12, choices=ORIGINS, blank=True, db_default="")  # "": before this was kept
    approved_by = models.CharField(max_length=80, blank=True, db_default="")
    calendars_started_at = models.DateTimeField(null=True)  # None: they start when it takes effect

    class Meta:
        db_table = "edition_version"
        ordering = ("-effective_at", "-published_at")
        constraints = [
            models.UniqueConstraint(fields=["pack", "number"], name="an_edition_has_its_own_number_in_the_pack"),
            models.UniqueConstraint(fields=["pack", "digest"], name="the_same_rules_are_published_once"),
        ]
        verbose_name = _("edition")
        verbose_name_plural = _("editions")

    def __str__(self) -> str:
        return self.id


class HolidayYear(models.Model):
    """One year of a table of holidays, as somebody typed it from the authority's notice; the newest number holds."""

    id = models.CharField(primary_key=True, max_length=60)
    table = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    rows = models.JSONField()
    published_at = models.DateTimeField(_("published"))
    published_by = models.CharField(_("published by"), max_length=80)

    class Meta:
        db_table = "holiday_year"
        ordering = ("table", "year", "-number")
        constraints = [
            models.UniqueConstraint(fields=["table", "year", "number"], name="a_year_of_holidays_has_its_own_number"),
        ]

    def __str__(self) -> str:
        return self.id


class CalendarVersion(models.Model):
    """One version of a calendar, with every day off and make-up day written out."""

    id = models.CharField(primary_key=True, max_length=60)
    name = models.CharField(_("name"), max_length=40)
    number = models.PositiveIntegerField(_("number"))
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    published_until = models.DateField(_("published until"))
    published_at = models.DateTimeField(_("published"))
    published_by = models.CharField(_("published by"), max_length=80)

    class Meta:
        db_table = "calendar_version"
        ordering = ("name", "-number")
        constraints = [
            models.UniqueConstraint(fields=["name", "number"], name="a_calendar_version_has_its_own_number"),
        ]
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")

    def __str__(self) -> str:
        return self.id

    @property
    def published_from(self) -> str:
        """The pack it was written in, or whoever published it."""
        return self.published_by.partition(":")[2] or self.published_by


class EditionDraft(models.Model):
    """Rules somebody is writing: the files as they stand now. What has become of it is told by its events."""

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    name = models.CharField(max_length=80)
    base = models.CharField(max_length=60, blank=True)  # the edition it started from, "" for an uploaded one
    content = models.JSONField()
    digest = models.CharField(max_length=64)  # over every character of the content
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in DraftState])
    begun_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    edition = models.CharField(max_length=60, blank=True, default="")  # which it became

    class Meta:
        db_table = "edition_draft"
        ordering = ("-changed_at",)

    def __str__(self) -> str:
        return self.name


class DraftEvent(models.Model):
    """Something that happened to a draft. Only added; `digest` is of the content as it was then."""

    draft = models.ForeignKey(EditionDraft, models.CASCADE, related_name="events")
    what = models.CharField(max_length=10)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    facts = models.JSONField()

    class Meta:
        db_table = "edition_draft_event"
        ordering = ("id",)
