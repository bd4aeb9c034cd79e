"""Teams: the list of them, the form of one, and whether every route, skill and region has somebody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from shouwen.desk.coverage import coverage_of
from shouwen.desk.fields import Suggesting
from shouwen.desk.header import rules_for
from shouwen.desk.pages.people import StaffPage
from shouwen.desk.pages.places import neighbours, places_in
from shouwen.desk.paging import page_of
from shouwen.desk.people_tables import team_columns, team_rows
from shouwen.desk.staff import BY_NAME
from shouwen.desk.staffing import region_meant, region_written, regions_by_name, regions_suggested
from shouwen.desk.told_changes import told_changes
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.people.actions import save_team
from shouwen.people.models import Change, Person, Team
from shouwen.screens.tables import kind_asked
from shouwen.screens.taking import answers_in_words
from shouwen.tickets.models import Ticket

BY_CODE = ("code",)
SLUG = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")
CHANGES_SHOWN = 10


class TeamFilters(forms.Form):
    """What the list of teams can be narrowed to."""

    q = forms.CharField(label=gettext_lazy("Code or name"), required=False, max_length=80)
    state = forms.ChoiceField(
        label=gettext_lazy("In service or not"),
        required=False,
        choices=[
            ("", gettext_lazy("In service or not")),
            ("active", gettext_lazy("in service")),
            ("inactive", gettext_lazy("out of service")),
        ],
    )

    def teams(self) -> QuerySet[Team]:
        self.is_valid()
        teams = Team.objects.all()
        if words := (self.cleaned_data.get("q") or "").strip():
            teams = teams.filter(Q(code__icontains=words) | Q(name__icontains=words) | Q(name_en__icontains=words))
        if state := self.cleaned_data.get("state"):
            teams = teams.filter(active=state == "active")
        return teams


class TeamForm(forms.Form):
    """A team. Its code says which work it does, and where."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=40)
    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=80, required=False)
    region = forms.CharField(
        label=gettext_lazy("Region"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("The region whose complaints it works on, by its name or code; empty is everywhere."),
    )
    lead = forms.ModelChoiceField(
        Person.objects.none(),
        label=gettext_lazy("Lead"),
        required=False,
        empty_label="—",
        help_text=gettext_lazy("Hands out what nobody was chosen for, and hears of what runs late."),
    )
    active = forms.BooleanField(
        label=gettext_lazy("In service"),
        required=False,
        initial=True,
        help_text=gettext_lazy("A team out of service is dispatched nothing any more; transfer its tickets first."),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, rules: Edition, team: Team | None = None) -> None:
        self.rules, self.team, self.regions = rules, team, regions_by_name(rules)
        names = ("code", "name", "name_en", "region", "active")
        initial = {**{name: getattr(team, name) for name in names}, "lead": team.lead_id} if team else {}
        if team:
            initial["region"] = region_written(team.region, self.regions, rules)
        super().__init__(data, initial=initial)
        works = _(", ").join(f"{code} ({here(term.words)})" for code, term in rules.teams.items())
        self.fields["code"].help_text = _(
            "The work of the routing table, or the work, a hyphen and a place, such as network-3401. Work: {works}"
        ).format(works=works)
        if team:
            self.fields["code"].disabled = True
            self.fields["code"].help_text = _("Histories name it, so it stays.")
        self.fields["region"].widget = Suggesting(regions_suggested(self.regions, rules))
        people = Person.objects.filter(is_active=True).order_by(*BY_NAME)
        self.fields["lead"].queryset = people  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].strip().lower()
        if not SLUG.match(code):
            raise forms.ValidationError(_("Small letters, digits and hyphens."))
        if not self.team and Team.objects.filter(pk=code).exists():
            raise forms.ValidationError(_("There is a team of this code."))
        return code

    def clean_region(self) -> str:
        written = self.cleaned_data["region"].strip()
        code = region_meant(written, self.regions, self.rules) if written else ""
        if code is None:
            raise forms.ValidationError(_("“{value}” is no region: write its name or its code.").format(value=written))
        return code


class TeamsPage(StaffPage):
    """All teams."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        filters = TeamFilters(request.GET)
        teams = filters.teams().select_related("lead")
        if kind := kind_asked(request):
            rows = team_rows(teams.order_by(*BY_CODE))
            return self.file_of(kind, _("Teams"), team_columns(), rows, narrowed=answers_in_words(filters))
        counted = teams.annotate(people=Count("members", filter=Q(members__is_active=True)))
        page = page_of(counted, BY_CODE, **places_in(request))
        context = {
            "rows": page.rows,
            "filters": filters,
            "narrowed": any(filters.cleaned_data.values()),
            "rules": rules_for(request, self.at),
            **neighbours(request, page),
        }
        return render(request, "desk/teams.html", context)


class TeamPage(StaffPage):
    """One team, or a new one."""

    def get(self, request: HttpRequest, code: str = "") -> HttpResponse:
        team = self._team(code)
        return self._show(TeamForm(rules=rules_for(request, self.at), team=team), team)

    def post(self, request: HttpRequest, code: str = "") -> HttpResponse:
        team = self._team(code)
        form = TeamForm(request.POST, rules=rules_for(request, self.at), team=team)
        if not form.is_valid():
            return self._show(form, team, status=422)
        saved = save_team(form.cleaned_data.pop("code"), form.cleaned_data, by=self.me, at=self.at)
        messages.success(request, _("Saved."))
        return redirect("desk:team", saved.pk)

    def _team(self, code: str) -> Team | None:
        return get_object_or_404(Team.objects.select_related("lead"), pk=code) if code else None

    def _show(self, form: TeamForm, team: Team | None, status: int = 200) -> HttpResponse:
        context: dict[str, Any] = {"form": form, "team": team}
        if team:
            changes = Change.objects.filter(kind=Change.TEAM, about=team.pk).select_related("by")
            newest = changes.order_by("-at", "-id")[:CHANGES_SHOWN]
            context |= {
                "members": team.members.filter(is_active=True).order_by(*BY_NAME),
                "open": Ticket.objects.filter(team=team.pk, is_open=True).count(),
                "changes": told_changes(newest, rules_for(self.request, self.at)),
            }
        return render(self.request, "desk/team.html", context, status=status)


class CoveragePage(StaffPage):
    """Who does which work, has which skill, and answers for which region; and where nobody does."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        parts = coverage_of(rules_for(request, self.at))
        if kind := kind_asked(request):
            headings = ["", _("Code"), pgettext("of a thing", "Name"), _("How many"), _("Who is there"), _("Gap")]
            rows = ([part.title, *line.told] for part in parts for line in part.lines)
            return self.file_of(kind, _("Skills and regions"), headings, rows)
        return render(request, "desk/coverage.html", {"parts": parts})
