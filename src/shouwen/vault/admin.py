"""The access log, to read."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from shouwen.vault.models import AccessLog


@admin.register(AccessLog)
class AccessLogAdmin(admin.ModelAdmin):
    """Nobody adds, changes or deletes what the log says, whoever they are."""

    list_display = ["at", "what", "by", "about", "reason"]
    list_filter = ["what"]
    search_fields = ["by", "about"]
    date_hierarchy = "at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
