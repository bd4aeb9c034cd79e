"""People as an administrator keeps them: roles, skills and regions in the words of the rules in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from shouwen.desk.staffing import NOBODYS, Regions, offered, rules_if_any
from shouwen.desk.wording import here
from shouwen.people.admin import PersonAdmin
from shouwen.people.models import Person

admin.site.site_header = _("Shouwen · Administration")
admin.site.site_title = _("Shouwen")
admin.site.index_title = _("People, teams and records")
admin.site.disable_action("delete_selected")
admin.site.login = secure_admin_login(admin.site.login)  # there is one door, with its one-time codes
# What people may do follows from their roles; nothing is sent by mail to sign in; nobody looks at secrets.
for unused in (Group, EmailAddress, Authenticator):
    if admin.site.is_registered(unused):
        admin.site.unregister(unused)


class _OfTheRules(forms.ModelForm):
    """Roles and skills are ticked, not typed; regions must be known."""

    roles = forms.MultipleChoiceField(
        label=_("roles"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What they may do, and which queues they find. Whoever has no role can do nothing."),
    )
    regions = Regions(
        label=_("regions"),
        required=False,
        help_text=_(
            "Whose tickets they see, as region codes with commas between them, such as 3401, 3412; 34 is the whole "
            "province, 0 is everywhere. Handlers see what their teams have, whatever stands here."
        ),
    )
    skills = forms.MultipleChoiceField(
        label=_("skills"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What the routes look for when they choose somebody in a team."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rules = rules_if_any()
        terms_of: dict[str, Mapping[str, Any]] = {
            "roles": {code: role for code, role in rules.roles.items() if code not in NOBODYS} if rules else {},
            "skills": rules.skills if rules else {},
        }
        for name, terms in terms_of.items():
            if name in self.fields:
                self.fields[name].choices = offered(terms, getattr(self.instance, name) or ())  # type: ignore[attr-defined]
        if "teams" in self.fields:  # ticked like the rest
            self.fields["teams"].widget.widget = forms.CheckboxSelectMultiple(choices=self.fields["teams"].choices)  # type: ignore[attr-defined]
            self.fields["teams"].help_text = _("Whose work they take up. A handler without a team is given nothing.")


class StaffForm(_OfTheRules, UserChangeForm):
    """Somebody who works here."""


class NewStaffForm(_OfTheRules, AdminUserCreationForm):
    """Somebody who begins to work here."""


admin.site.unregister(Person)


@admin.register(Person)
class StaffAdmin(PersonAdmin):
    """The list of everybody, and the form of one."""

    form, add_form = StaffForm, NewStaffForm
    filter_horizontal = ()
    add_fieldsets: ClassVar = (
        (None, {"fields": ("username", "display_name", "staff_no", "password1", "password2")}),
        (_("Work"), {"fields": ("roles", "teams", "regions", "skills")}),
    )
    list_display: ClassVar = ("username", "display_name", "staff_no", "role_words", "is_active")

    @admin.display(description=_("roles"))
    def role_words(self, person: Person) -> str:
        rules = rules_if_any()
        words = [here(rules.label("roles", role)) if rules else role for role in person.roles]
        return ", ".join(words) or "—"
