"""规范: editions as they were published, and calendars with versions of their own."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class EditionVersion(models.Model):
    """One published edition: the files of its pack as they were read. Never changed."""

    id = models.CharField(primary_key=True, max_length=60)
    pack = models.CharField(_("pack"), max_length=40)
    number = models.PositiveIntegerField(_("number"))
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    published_at = models.DateTimeField(_("published"))
    published_by = models.CharField(_("published by"), max_length=80)
    effective_at = models.DateTimeField(_("in effect from"))

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
