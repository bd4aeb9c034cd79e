"""People as the desk's own pages keep them: how the list is narrowed, the form of one, what still hangs on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db.models import Prefetch, Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.desk.staffing import NOBODYS, RegionBoxes, Regions, offered, regions_offered, regions_shown
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.people.absences import is_away
from shouwen.people.models import Leave, Person, Team
from shouwen.people.names import team_words
from shouwen.people.queries import people_named, running_at

ACTIVE, AWAY, INACTIVE = "active", "away", "inactive"
STATES = {
    ACTIVE: gettext_lazy("works here"),
    AWAY: gettext_lazy("on leave"),
    INACTIVE: gettext_lazy("cannot sign in"),
}
BY_NAME = ("display_name", "id")


class StaffFilters(forms.Form):
    """What the list of people can be narrowed to."""

    q = forms.CharField(label=gettext_lazy("Name, sign-in name or staff number"), required=False, max_length=80)
    role = forms.ChoiceField(label=gettext_lazy("Any role"), required=False)
    team = forms.ChoiceField(label=gettext_lazy("Any team"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("Works here or not"), required=False)

    def __init__(self, data: Mapping[str, Any], rules: Edition) -> None:
        super().__init__(data)
        choices: dict[str, Iterable[tuple[str, Any]]] = {
            "role": roles_of(rules),
            "team": [(team.pk, team_words(team)) for team in Team.objects.all()],
            "state": STATES.items(),
        }
        for name, offers in choices.items():
            self.fields[name].choices = [("", self.fields[name].label), *offers]  # type: ignore[attr-defined]

    def people(self, at: datetime) -> QuerySet[Person]:
        """Those who are left; what makes no sense is left out."""
        self.is_valid()
        asked, people = self.cleaned_data, Person.objects.all()
        if words := (asked.get("q") or "").strip():
            people = people_named(words)
        if asked.get("role"):
            people = people.filter(roles__contains=[asked["role"]])
        if asked.get("team"):
            people = people.filter(teams=asked["team"])
        return people.filter(_IN_STATE[asked["state"]](at)) if asked.get("state") else people

    @property
    def narrowed(self) -> bool:
        return any(self.cleaned_data.values())


def _away(at: datetime) -> Q:
    return Q(is_away(at), is_active=True)


_IN_STATE = {
    ACTIVE: lambda at: Q(is_active=True),
    AWAY: _away,
    INACTIVE: lambda at: Q(is_active=False),
}


def with_leaves(people: QuerySet[Person], at: datetime) -> QuerySet[Person]:
    """People with their teams, and with the leave they are on."""
    running = Leave.objects.filter(running_at(at)).select_related("cover")
    return people.prefetch_related("teams", Prefetch("leaves", running, to_attr="running"))


@dataclass(frozen=True, slots=True)
class StaffRow:
    """Somebody in the list."""

    person: Person
    roles: str
    teams: str
    regions: SafeString
    skills: str
    state: str
    state_words: str
    until: datetime | None  # of a leave
    cover: str


def staff_rows(people: Iterable[Person], rules: Edition, at: datetime) -> list[StaffRow]:
    """The rows of these people, who come `with_leaves`."""
    return [staff_row(person, rules, at) for person in people]


def staff_row(person: Person, rules: Edition, at: datetime) -> StaffRow:
    running = next(iter(person.running), None)  # type: ignore[attr-defined]
    until = running.until_at if running else person.away_until
    state = INACTIVE if not person.is_active else AWAY if until and until > at else ACTIVE
    return StaffRow(
        person,
        _listed(here(rules.label("roles", role)) for role in person.roles),
        _listed(map(team_words, person.teams.all())),
        regions_shown(person.regions, rules),
        _listed(here(rules.label("skills", skill)) for skill in person.skills),
        state,
        str(STATES[state]),
        until if state == AWAY else None,
        str(running.cover or "") if running else "",
    )


class PersonForm(forms.Form):
    """Somebody who works here: who they are, what they do, whose work they take up."""

    username = forms.CharField(
        label=gettext_lazy("Name to sign in with"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text=gettext_lazy("Letters, digits and @ . + - _; a staff number will do."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    display_name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    staff_no = forms.CharField(label=gettext_lazy("Staff number"), max_length=20, required=False)
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices-explained"}),
        help_text=gettext_lazy("What they may do, and which queues they find. Whoever has no role can do nothing."),
    )
    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(),
        label=gettext_lazy("Teams"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices-many"}),
        help_text=gettext_lazy("Whose work they take up. A handler without a team is given nothing."),
    )
    regions = Regions(
        label=gettext_lazy("Regions"),
        required=False,
        max_length=400,
        widget=RegionBoxes(attrs={"class": "choices-many choices-columns"}),
        help_text=gettext_lazy(
            "Whose tickets they see; a province holds its cities. Handlers see what their teams have, whatever is "
            "ticked here."
        ),
    )
    skills = forms.MultipleChoiceField(
        label=gettext_lazy("Skills"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("What the routes look for when they choose somebody in a team."),
    )

    def __init__(self, *args: Any, rules: Edition, person: Person | None = None) -> None:
        self.person = person
        super().__init__(*args, initial=facts_in_form(person) if person else None)
        kept = person.teams.values("pk") if person else []
        self.fields["teams"].queryset = Team.objects.filter(Q(active=True) | Q(pk__in=kept))  # type: ignore[attr-defined]
        self.fields["teams"].label_from_instance = team_words  # type: ignore[attr-defined]
        self.fields["roles"].choices = _with_duties(rules, person.roles if person else ())  # type: ignore[attr-defined]
        self.fields["regions"].widget.choices = regions_offered(rules, person.regions if person else ())
        self.fields["skills"].choices = offered(rules.skills, person.skills if person else ())  # type: ignore[attr-defined]

    def clean_username(self) -> str:
        name = self.cleaned_data["username"]
        if self._others().filter(username__iexact=name).exists():
            raise forms.ValidationError(_("Somebody else signs in with this name."))
        return name

    def clean_staff_no(self) -> str:
        number = self.cleaned_data["staff_no"].strip()
        if number and self._others().filter(staff_no=number).exists():
            raise forms.ValidationError(_("Somebody else has this staff number."))
        return number

    def _others(self) -> QuerySet[Person]:
        return Person.objects.exclude(pk=self.person.pk) if self.person else Person.objects.all()


def facts_in_form(person: Person) -> dict[str, Any]:
    """What stands in the form of somebody."""
    names = ("username", "display_name", "staff_no", "roles", "regions", "skills")
    return {**{name: getattr(person, name) for name in names}, "teams": [team.pk for team in person.teams.all()]}


def roles_of(rules: Edition) -> list[tuple[str, str]]:
    """The roles members of staff may have."""
    return [(code, here(role.words)) for code, role in rules.roles.items() if code not in NOBODYS]


def _with_duties(rules: Edition, kept: Iterable[str]) -> list[tuple[str, Any]]:
    """Roles with their duties; one that somebody has from before says itself."""
    explained = [
        (code, format_html("<span><b>{}</b><span>{}</span></span>", here(role.words), here(role.duties)))
        for code, role in rules.roles.items()
        if code not in NOBODYS and role.duties
    ]
    known = {code for code, _words in explained}
    return [*explained, *((code, code) for code in kept if code not in known)]


def _listed(words: Iterable[str]) -> str:
    return _(", ").join(words)
