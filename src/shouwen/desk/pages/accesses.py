"""The access log at the desk: who saw or handed out whose data, when and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.desk.pages.door import DeskPage
from shouwen.desk.pages.places import neighbours, places_in
from shouwen.desk.paging import page_of
from shouwen.handbook.authority import Sight
from shouwen.handbook.numbers import normalise_number
from shouwen.people.models import Person
from shouwen.people.queries import people_named
from shouwen.screens.days import DayField
from shouwen.screens.tables import ROWS_AT_MOST, kind_asked
from shouwen.screens.taking import answers_in_words
from shouwen.vault.models import AccessLog

NEWEST = ("-at", "-id")


class AccessFilters(forms.Form):
    """What the log can be narrowed to."""

    q = forms.CharField(label=gettext_lazy("Name, staff number or ticket"), required=False, max_length=80)
    what = forms.ChoiceField(label=gettext_lazy("Kind of access"), required=False)
    since = DayField(label=gettext_lazy("From day"), required=False)
    until = DayField(label=gettext_lazy("To day"), required=False)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.fields["what"].choices = [("", self.fields["what"].label), *AccessLog.What.choices]  # type: ignore[attr-defined]

    def condition(self) -> Q:
        """The rows that are left; what makes no sense is left out."""
        self.is_valid()
        asked, condition = self.cleaned_data, Q()
        if words := (asked.get("q") or "").strip():
            who = [str(pk) for pk in people_named(words).values_list("pk", flat=True)[:200]]
            condition &= Q(by__in=who) | Q(about=normalise_number(words) or words)
        if asked.get("what"):
            condition &= Q(what=asked["what"])
        if asked.get("since"):
            condition &= Q(at__gte=_start_of(asked["since"]))
        if asked.get("until"):
            condition &= Q(at__lt=_start_of(asked["until"] + timedelta(days=1)))
        return condition


class AccessLogPage(DeskPage):
    """The log, newest first. Nobody changes it, and who reads it sees no personal data in it."""

    shows = Sight.ACCESS_LOG

    def get(self, request: HttpRequest) -> HttpResponseBase:
        filters = AccessFilters(request.GET)
        accesses = AccessLog.objects.select_related("item").filter(filters.condition())
        if kind := kind_asked(request):
            headings = [_("When"), _("Who"), _("Kind of access"), _("Kind of data"), _("Ticket"), _("Reason")]
            rows = _rows(accesses.order_by(*NEWEST)[: ROWS_AT_MOST + 1])
            return self.file_of(kind, _("Access log"), headings, rows, narrowed=answers_in_words(filters))
        page = page_of(accesses, NEWEST, **places_in(request))
        context = {
            "rows": shown(page.rows),
            "filters": filters,
            "narrowed": any(filters.cleaned_data.values()),
            **neighbours(request, page),
        }
        return render(request, "desk/access_log.html", context)


def shown(accesses: Iterable[AccessLog]) -> list[tuple[AccessLog, str]]:
    """The rows with who it was: one query for all the names."""
    accesses = list(accesses)
    names = _names(access.by for access in accesses)
    return [(access, names.get(access.by, access.by)) for access in accesses]


def _rows(accesses: QuerySet[AccessLog]) -> Iterator[list[Any]]:
    names: dict[str, str] = {}
    for access in accesses.iterator(chunk_size=1000):
        if access.by not in names:
            names |= {access.by: access.by} | _names([access.by])
        kind = access.item.kind if access.item else ""
        yield [access.at, names[access.by], access.get_what_display(), kind, access.about, access.reason]


def _names(refs: Iterable[str]) -> dict[str, str]:
    """Names by the ids a log has; what is no person says itself."""
    ids = []
    for ref in set(refs):
        try:
            ids.append(UUID(ref))
        except ValueError:
            continue
    people = Person.objects.filter(pk__in=ids).only("display_name", "username", "staff_no")
    return {str(one.pk): f"{one} · {one.staff_no or one.username}" for one in people}


def _start_of(day: Any) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())
