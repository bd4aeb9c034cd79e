"""The access log, to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from shouwen.vault.models import AccessLog


@admin.register(AccessLog)
class AccessLogAdmin(admin.ModelAdmin):
    """Nobody adds, changes or deletes what the log says, whoever they are."""

    list_display = ["at", "what", "who", "about", "reason"]
    list_filter = ["what"]
    search_fields = ["name", "username", "staff_no", "about"]
    date_hierarchy = "at"
    fields = ["at", "what", "who", "about", "reason", "subject", "item"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessLog]:
        """Each row with the name of whoever it was; those who have left are kept, so they still have one."""
        person = get_user_model().objects.annotate(key=Cast("pk", TextField())).filter(key=OuterRef("by"))
        known = {
            name: Subquery(person.values(column)[:1])
            for name, column in (("name", "display_name"), ("username", "username"), ("staff_no", "staff_no"))
        }
        return super().get_queryset(request).annotate(**known)

    @admin.display(description=_("by"), ordering="by")
    def who(self, access: Any) -> str:
        """Name and staff number, or else the name to sign in with; what is no person says itself."""
        if not access.username:
            return str(access.by)
        return f"{access.name or access.username} · {access.staff_no or access.username}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
