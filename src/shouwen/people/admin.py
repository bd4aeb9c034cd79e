from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from shouwen.people.changes import difference, facts_of_person, facts_of_team, record
from shouwen.people.models import Change, Person, Team


class _NeverDeleted(admin.ModelAdmin):
    """Histories name people and teams for years: they are taken out of service instead."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    facts: ClassVar[Callable[[Any], dict[str, Any]]]
    kind: ClassVar[str]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """As at the desk, the log says what was before."""
        request.before = type(self).facts(type(obj).objects.get(pk=obj.pk)) if change else {}  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        by: Any = request.user
        obj, changed = form.instance, difference(request.before, type(self).facts(form.instance))  # type: ignore[attr-defined]
        if changed:
            what = "changed" if change else "made"
            record(self.kind, obj.pk, str(obj), what, by=by, at=now(), facts=changed)


@admin.register(Person)
class PersonAdmin(_NeverDeleted, UserAdmin):
    facts = staticmethod(facts_of_person)
    kind = Change.PERSON

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
    facts = staticmethod(facts_of_team)
    kind = Change.TEAM
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
