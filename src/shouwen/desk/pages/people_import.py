"""Moving people and teams in from a table: a template, a comparison row by row, and all of it taken over at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from shouwen.desk.header import rules_for
from shouwen.desk.pages.moving import table_field
from shouwen.desk.pages.people import StaffPage
from shouwen.desk.people_reading import Became, Compared, compared, is_of_staff, kind_of_table, take_over
from shouwen.desk.people_tables import PEOPLE, ROWS_AT_MOST, TEAMS, templates
from shouwen.desk.told_changes import names_of_teams, told_facts
from shouwen.editions.edition import Edition
from shouwen.screens.table_reading import TableRefused, read_table
from shouwen.screens.tables import workbook_to_fill_in

SALT = "shouwen.people.import"
HOLDS_FOR = 3600  # seconds a comparison may be looked at before it is taken over
LISTS = {PEOPLE: "desk:people", TEAMS: "desk:teams"}
NAMES = {
    Became.NEW: gettext_lazy("new"),
    Became.CHANGED: gettext_lazy("changed"),
    Became.UNCHANGED: gettext_lazy("unchanged"),
    Became.REFUSED: gettext_lazy("refused"),
}
TONES = {Became.NEW: " term-calm", Became.CHANGED: " term-heed", Became.REFUSED: " term-late"}


class FileForm(forms.Form):
    """A table of people or of teams."""

    file = table_field(
        gettext_lazy("Of people or of teams: the columns tell which. Nothing is changed before you have seen it.")
    )


class PeopleTemplate(StaffPage):
    """A workbook to fill in."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        leaves = templates(rules_for(request, self.at))
        return workbook_to_fill_in(_("People and teams, to fill in"), leaves, at=self.at)


class PeopleImport(StaffPage):
    """A table is sent, and shown beside what is here."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(FileForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = FileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form, status=422)
        rules = rules_for(request, self.at)
        try:
            table = read_table(form.cleaned_data["file"], fits=is_of_staff, limit=ROWS_AT_MOST)
            kind = kind_of_table(table)
            rows = compared(kind, table, rules)
        except TableRefused as refused:
            form.add_error("file", str(refused))
            return self.show(form, status=422)
        if not rows:
            form.add_error("file", _("No row is filled in below the headings."))
            return self.show(form, status=422)
        return self.show(FileForm(), kind=kind, rows=rows)

    def show(
        self, form: FileForm, status: int = 200, *, kind: str = "", rows: Sequence[Compared] = (), again: bool = False
    ) -> HttpResponse:
        """The page, with a comparison where there is one; `again` where taking it over was refused."""
        rules = rules_for(self.request, self.at)
        to_do = [[row.place, dict(row.said)] for row in rows if row.became in (Became.NEW, Became.CHANGED)]
        teams = names_of_teams() if rows else {}
        counted = Counter(row.became for row in rows)
        context = {
            "form": form,
            "kind": kind,
            "again": again,
            "rows": [self._row(row, rules, teams) for row in rows],
            "counts": [(NAMES[one], counted[one], TONES.get(one, "")) for one in Became if counted[one]],
            "to_do": len(to_do),
            "ticket": signing.dumps([kind, to_do], salt=SALT, compress=True) if to_do and not again else "",
        }
        return render(self.request, "desk/people_import.html", context, status=status)

    def _row(self, row: Compared, rules: Edition, teams: dict[str, str]) -> tuple[Any, ...]:
        return row, NAMES[row.became], TONES.get(row.became, ""), told_facts(row.differs, rules, teams)


class PeopleTakeover(PeopleImport):
    """What was shown is taken over, in one transaction."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("desk:people_import")

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            kind, rows = signing.loads(request.POST.get("ticket", ""), salt=SALT, max_age=HOLDS_FOR)
        except signing.BadSignature:
            messages.error(request, _("This comparison is too old or was altered: send the table again."))
            return redirect("desk:people_import")
        shown = [Compared(place, "", Became.CHANGED, said=said) for place, said in rows]
        outcomes = take_over(kind, shown, rules_for(request, self.at), by=self.me, at=self.at)
        if any(one.became is Became.REFUSED for one in outcomes):
            return self.show(FileForm(), status=409, kind=kind, rows=outcomes, again=True)
        messages.success(request, _said(outcomes))
        return redirect(LISTS[kind])


def _said(outcomes: Sequence[Compared]) -> str:
    done: Any = sum(one.became in (Became.NEW, Became.CHANGED) for one in outcomes)
    return ngettext("%(n)d row taken over.", "%(n)d rows taken over.", done) % {"n": done}
