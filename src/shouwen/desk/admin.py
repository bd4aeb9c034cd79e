"""People as an administrator keeps them: roles, skills and regions in the words of the rules in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.editions.queries import NoEdition, current_edition
from shouwen.people.admin import PersonAdmin
from shouwen.people.models import Person
from shouwen.people.queries import EVERYWHERE

NOBODYS = frozenset({"customer", "integration"})  # roles that no member of staff has

admin.site.site_header = _("Shouwen · Administration")
admin.site.site_title = _("Shouwen")
admin.site.index_title = _("People, teams and records")
admin.site.disable_action("delete_selected")
for unused in (Group, EmailAddress):  # what people may do follows from their roles; nothing is sent by mail to sign in
    if admin.site.is_registered(unused):
        admin.site.unregister(unused)


class _Regions(forms.CharField):
    """Codes of regions with commas between them, as a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        codes = [code.strip() for code in super().clean(value).replace("，", ",").split(",") if code.strip()]
        known = set(_rules().regions) if _rules() else set()
        if wrong := [code for code in codes if not _is_region(code, known)]:
            raise forms.ValidationError(_("“%(code)s” is not a region code."), params={"code": wrong[0]})
        return codes


class _OfTheRules(forms.ModelForm):
    """Roles and skills are ticked, not typed; regions must be known."""

    roles = forms.MultipleChoiceField(
        label=_("roles"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What they may do, and which queues they find. Whoever has no role can do nothing."),
    )
    regions = _Regions(
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
        rules = _rules()
        offered: dict[str, Mapping[str, Any]] = {
            "roles": {code: role for code, role in rules.roles.items() if code not in NOBODYS} if rules else {},
            "skills": rules.skills if rules else {},
        }
        for name, terms in offered.items():
            if name in self.fields:
                self.fields[name].choices = _choices(terms, getattr(self.instance, name) or ())  # type: ignore[attr-defined]
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
        rules = _rules()
        words = [here(rules.label("roles", role)) if rules else role for role in person.roles]
        return ", ".join(words) or "—"


def _rules() -> Edition | None:
    """The rules in force, if any have been published yet."""
    try:
        return current_edition()
    except NoEdition:
        return None


def _choices(terms: Mapping[str, Any], kept: Iterable[str]) -> list[tuple[str, str]]:
    """What the rules offer, and what somebody has from before."""
    others = [(code, code) for code in kept if code not in terms]
    return [*((code, here(term.words)) for code, term in terms.items()), *others]


def _is_region(code: str, known: set[str]) -> bool:
    """Everywhere, a region of the rules, or a place within one."""
    if code == EVERYWHERE:
        return True
    inside = code.isdigit() and 2 <= len(code) <= 12
    return inside and (not known or any(code.startswith(region) for region in known))
