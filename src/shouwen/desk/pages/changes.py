"""Who changed what about people, teams, keys and duties: a log to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.desk.header import rules_for
from shouwen.desk.pages.door import DeskPage
from shouwen.desk.pages.places import neighbours, places_in
from shouwen.desk.paging import page_of
from shouwen.desk.told_changes import KINDS, told_changes
from shouwen.editions.edition import Edition
from shouwen.handbook.authority import Sight
from shouwen.people.models import Change
from shouwen.people.queries import people_named
from shouwen.screens.tables import ROWS_AT_MOST, kind_asked
from shouwen.screens.taking import answers_in_words

NEWEST = ("-at", "-id")
TOGETHER = 1000


class ChangeFilters(forms.Form):
    """What the log can be narrowed to."""

    q = forms.CharField(label=gettext_lazy("About whom, or by whom"), required=False, max_length=80)
    kind = forms.ChoiceField(label=gettext_lazy("Anything"), required=False)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.fields["kind"].choices = [("", self.fields["kind"].label), *KINDS.items()]  # type: ignore[attr-defined]

    def condition(self) -> Q:
        self.is_valid()
        condition = Q()
        if words := (self.cleaned_data.get("q") or "").strip():
            condition &= Q(name__icontains=words) | Q(by__in=people_named(words).values("pk"))
        if self.cleaned_data.get("kind"):
            condition &= Q(kind=self.cleaned_data["kind"])
        return condition


class ChangesPage(DeskPage):
    """The log, newest first; nobody changes it."""

    shows = Sight.ACCESS_LOG

    def get(self, request: HttpRequest) -> HttpResponseBase:
        rules, filters = rules_for(request, self.at), ChangeFilters(request.GET)
        changes = Change.objects.select_related("by").filter(filters.condition())
        if kind := kind_asked(request):
            headings = [
                _("When"),
                _("By whom"),
                _("About what"),
                _("Name"),
                _("What happened"),
                _("What was and what is"),
            ]
            rows = _rows(changes.order_by(*NEWEST), rules)
            return self.file_of(kind, _("Changes of people"), headings, rows, narrowed=answers_in_words(filters))
        page = page_of(changes, NEWEST, **places_in(request))
        context = {
            "rows": told_changes(page.rows, rules),
            "filters": filters,
            "narrowed": any(filters.cleaned_data.values()),
            **neighbours(request, page),
        }
        return render(request, "desk/changes.html", context)


def _rows(changes: QuerySet[Change], rules: Edition) -> Iterator[list[Any]]:
    for start in range(0, ROWS_AT_MOST + 1, TOGETHER):
        told = told_changes(changes[start : start + TOGETHER], rules)
        yield from ([one.at, one.by, one.kind, one.name, one.what, one.said] for one in told)
        if len(told) < TOGETHER:
            return
