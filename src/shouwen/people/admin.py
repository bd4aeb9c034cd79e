from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from shouwen.people.models import Person, Team


class _NeverDeleted(admin.ModelAdmin):
    """Histories name people and teams for years: they are taken out of service instead."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Person)
class PersonAdmin(_NeverDeleted, UserAdmin):
    list_display = ("username", "display_name", "roles", "is_active")
    list_filter = ("is_active", "teams")
    search_fields = ("username", "display_name", "staff_no")
    ordering = ("username",)
    filter_horizontal = ("teams",)
    fieldsets: ClassVar = (
        (
            None,
            {
                "fields": ("username", "password", "display_name", "staff_no", "is_active"),
                "description": _(
                    "Nobody is deleted, because the histories of their tickets name them. Whoever leaves is made "
                    "inactive and cannot sign in any more; hand their tickets over first."
                ),
            },
        ),
        (_("Work"), {"fields": ("roles", "teams", "regions", "skills", "away_until")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "display_name", "roles", "teams", "regions", "password1", "password2")}),
    )


@admin.register(Team)
class TeamAdmin(_NeverDeleted):
    list_display = ("code", "name", "region", "lead", "active")
    search_fields = ("code", "name")
    fieldsets: ClassVar = (
        (
            None,
            {
                "fields": ("code", "name", "name_en", "region", "lead", "active"),
                "description": _(
                    "No team is deleted, because the histories of its tickets name it. One that is not active is "
                    "dispatched nothing any more; transfer its tickets first."
                ),
            },
        ),
    )
