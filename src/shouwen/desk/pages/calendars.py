"""Calendars: a month of any of them for everybody; the next year's holidays for who looks after them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.desk.header import rules_for
from shouwen.desk.months import EARLIEST, LATEST, month_of
from shouwen.desk.pages.door import DeskPage
from shouwen.desk.shown_tables import month_leaf
from shouwen.desk.wording import here
from shouwen.editions.actions import publish_holidays
from shouwen.editions.holidays import BrokenNotice, Notice, compared, named_days, read_notice, text_of
from shouwen.editions.queries import holiday_rows, newest_calendars, tables_in_use
from shouwen.editions.working_days import names_a_table, working_calendar
from shouwen.handbook.calendars import horizon
from shouwen.handbook.refusals import Refusal
from shouwen.screens.tables import kind_asked
from shouwen.screens.templatetags.times import weekdays

LOOKS_AFTER = "administrator"
LONGEST_TEXT = 50_000
HEADS = gettext_lazy("date,kind,name")
SAMPLE = gettext_lazy("2027-01-01,off,New Year's Day\n2027-02-20,on,Spring Festival")


class CalendarPage(DeskPage):
    """A month of one calendar; without a name, of the first."""

    def get(self, request: HttpRequest, name: str = "") -> HttpResponseBase:
        newest, rules = newest_calendars(), rules_for(request, self.at)
        names = [*(code for code in rules.calendars if code in newest), *sorted(newest.keys() - rules.calendars.keys())]
        name = name or next(iter(names), "")
        if name not in newest:
            raise Http404
        version = newest[name]
        working = working_calendar(name, version.content, version.id)
        days = version.content["days"]
        today = self.at.astimezone(working.zone).date()
        holidays = named_days(holiday_rows(days)) if names_a_table(days) else {}
        month = month_of(working, holidays, first_of(request.GET.get("month", ""), today), today)
        if kind := kind_asked(request):
            leaf = month_leaf(month, here(rules.label("calendars", name)))
            return self.files_of(kind, leaf.name, [leaf])
        context = {
            "calendars": [(code, rules.label("calendars", code)) for code in names],
            "name": name,
            "version": version,
            "working": working,
            "month": month,
            "this_month": today.replace(day=1),
            "weekdays": weekdays(),
            "horizon": horizon(working, self.at),
            "may_publish": LOOKS_AFTER in self.actor.roles,
        }
        return render(request, "desk/calendar.html", context)


def first_of(text: str, today: date) -> date:
    """The first day of the month that is asked for; of the present one, if it is none."""
    written = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
    asked = date(int(written[1]), int(written[2]), 1) if written and written[1] != "0000" else today.replace(day=1)
    return min(max(asked, EARLIEST), LATEST)


class NoticeForm(forms.Form):
    """A year of holidays, as a file or as text."""

    table = forms.ChoiceField(label=gettext_lazy("Table of holidays"), widget=forms.Select)
    file = forms.FileField(
        label=gettext_lazy("CSV file"), required=False, widget=forms.FileInput(attrs={"accept": ".csv,text/csv"})
    )
    text = forms.CharField(
        label=gettext_lazy("or its lines"),
        required=False,
        max_length=LONGEST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One line a day: date, off or on, the holiday's name. The first line names the columns."
        ),
    )

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.fields["table"].choices = [(name, name) for name in tables_in_use()]

    def clean(self) -> dict[str, Any]:
        wanted = super().clean() or {}
        if not wanted.get("file") and not wanted.get("text", "").strip():
            raise forms.ValidationError(_("Choose a file, or type the lines."))
        return wanted

    @property
    def data_given(self) -> bytes:
        """What was given, as bytes: the file where there is one."""
        file = self.cleaned_data.get("file")
        return file.read() if file else self.cleaned_data["text"].encode()


class HolidaysPage(DeskPage):
    """A notice is looked at first: what it changes, what looks odd. Then it is published."""

    roles = frozenset({LOOKS_AFTER})

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(NoticeForm(initial={"text": f"{HEADS}\n"}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NoticeForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form, status=422)
        table, data = form.cleaned_data["table"], form.data_given
        try:
            return self._look(table, data)
        except BrokenNotice as broken:
            return self.show(_with(table, data), status=422, problems=broken.problems)
        except Refusal as refusal:
            return self.show(_with(table, data), status=409, refusal=refusal)

    def _look(self, table: str, data: bytes) -> HttpResponse:
        known = holiday_rows(table)
        notice = read_notice(data, table, known)
        comparison = compared(notice, known)
        confirmed = "confirmed" in self.request.POST
        if "publish" in self.request.POST and (confirmed or not comparison.asks):
            return self._publish(notice)
        rules = rules_for(self.request, self.at)
        keeping = [
            here(rules.label("calendars", name))
            for name, row in newest_calendars().items()
            if row.content["days"] == table
        ]
        return self.show(_with(table, data), comparison=comparison, keeping=keeping)

    def _publish(self, notice: Notice) -> HttpResponse:
        by = self.request.user.get_username()
        versions = publish_holidays(notice, by, at=self.at, confirmed=True)
        if versions:
            said = _("Published: %(versions)s. What is still running settles by itself.")
            messages.success(self.request, said % {"versions": ", ".join(version.id for version in versions)})
        else:
            messages.info(self.request, _("It says what was published before: nothing has been changed."))
        shown = reverse("desk:calendar", args=[versions[0].name]) if versions else reverse("desk:calendars")
        return redirect(f"{shown}?month={notice.year}-01")

    def show(self, form: NoticeForm, status: int = 200, **found: Any) -> HttpResponse:
        return render(
            self.request, "desk/holidays.html", {"form": form, "sample": f"{HEADS}\n{SAMPLE}", **found}, status=status
        )


def _with(table: str, data: bytes) -> NoticeForm:
    """The form with what was given, as text that can be put right."""
    return NoticeForm(initial={"table": table, "text": _readable(data)})


def _readable(data: bytes) -> str:
    try:
        return text_of(data)[:LONGEST_TEXT]
    except BrokenNotice:
        return ""
