from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _

from shouwen.people.models import Person, Team


@admin.register(Person)
class PersonAdmin(UserAdmin):
    list_display = ("username", "display_name", "roles", "is_active")
    list_filter = ("is_active", "teams")
    search_fields = ("username", "display_name", "staff_no")
    ordering = ("username",)
    filter_horizontal = ("teams",)
    fieldsets = (
        (None, {"fields": ("username", "password", "display_name", "staff_no", "is_active")}),
        (_("Work"), {"fields": ("roles", "teams", "regions", "skills", "away_until")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "display_name", "roles", "teams", "regions", "password1", "password2")}),
    )


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    list_display = ("code", "name", "region", "lead", "active")
    search_fields = ("code", "name")
