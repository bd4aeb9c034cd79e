"""What is known of customers, brought in from a table: a template, a look at what it would do, and writing it down."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext_lazy

from shouwen.customers.facts import LONGEST_SOURCE
from shouwen.desk.header import rules_for
from shouwen.desk.menu import LANGUAGES, writes_known
from shouwen.desk.pages.door import DeskPage, is_fragment
from shouwen.desk.pages.moving import LOOK, NOT_KEPT, REPORT, TAKE_IN, table_field
from shouwen.desk.templatetags.customers import CARE_NAMES
from shouwen.intake.known import ROWS_AT_MOST, Became, Found, KnownTable, report
from shouwen.intake.known_rows import Defaults, template
from shouwen.screens.days import DayField
from shouwen.screens.table_reading import TableRefused, read_table
from shouwen.screens.tables import XLSX, workbook_to_fill_in

NAMES = {
    Became.NEW: pgettext_lazy("known row", "written down"),
    Became.RENEWED: pgettext_lazy("known row", "known before, now as of a later day"),
    Became.THERE: gettext_lazy("there already"),
    Became.STRANGER: pgettext_lazy("known row", "no customer here"),
    Became.REFUSED: gettext_lazy("refused"),
}
WOULD = {
    Became.NEW: pgettext_lazy("known row", "would be written down"),
    Became.RENEWED: pgettext_lazy("known row", "known before, would be as of a later day"),
}
TONES = {Became.NEW: " term-calm", Became.STRANGER: " term-heed", Became.REFUSED: " term-late"}


class KnownForm(forms.Form):
    """A table, and what all of it has in common."""

    file = table_field(NOT_KEPT)
    source = forms.CharField(
        label=gettext_lazy("Where it is known from, where no column says it"), required=False, max_length=LONGEST_SOURCE
    )
    as_of = DayField(label=gettext_lazy("As of which day, where no column says it"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class KnownDoor(DeskPage):
    """Administrators bring in what is known of anybody; who may write it by hand, of the customers they see."""

    def _may_enter(self) -> bool:
        return writes_known(self.actor, rules_for(self.request, self.at))

    @property
    def everybody(self) -> bool:
        return "administrator" in self.actor.roles


class KnownTemplate(KnownDoor):
    """A workbook to fill in."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        leaves = template([str(words) for words in CARE_NAMES.values()])
        return workbook_to_fill_in(_("What is known of customers, to fill in"), leaves, at=self.at)


class KnownPage(KnownDoor):
    """A table is looked at, and once it has been looked at, written down."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(KnownForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = KnownForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._show(form, status=422)
        try:
            return self._do(form)
        except TableRefused as refused:
            form.add_error("file", str(refused))
            return self._show(form, status=422)

    def _do(self, form: KnownForm) -> HttpResponseBase:
        act, digest = self.request.POST.get("act", LOOK), _digest(form.cleaned_data["file"])
        if act == REPORT:
            headings, rows = report(self._table(form))
            return self.file_of(XLSX, _("Rows that stayed out"), headings, rows)
        taken = act == TAKE_IN and form.cleaned_data["seen"] == digest
        found = self._table(form).found(write=taken)
        other = act == TAKE_IN and not taken
        return self._show(form, found=found, digest=digest, counts=_counts(found, taken), taken=taken, other=other)

    def _table(self, form: KnownForm) -> KnownTable:
        said = form.cleaned_data
        table = read_table(said["file"], limit=ROWS_AT_MOST)
        defaults = Defaults(said["source"], said["as_of"])
        return KnownTable(table, defaults, _cares(), by=self.actor, everybody=self.everybody, at=self.at)

    def _show(self, form: KnownForm, status: int = 200, **found: Any) -> HttpResponse:
        if is_fragment(self.request):
            return render(self.request, "desk/_known_result.html", {"form": form, **found})
        return render(self.request, "desk/known.html", {"form": form, **found}, status=status)


def _digest(file: UploadedFile) -> str:
    """What tells the file that was looked at from another."""
    digest = hashlib.sha256()
    file.seek(0)
    for part in file.chunks():
        digest.update(part)
    return digest.hexdigest()


def _counts(found: Found, taken: bool) -> list[tuple[Any, int, str]]:
    names = NAMES if taken else NAMES | WOULD
    return [(names[one], found.counted[one], TONES.get(one, "")) for one in Became if found.counted[one]]


def _cares() -> dict[str, str]:
    """Codes of how customers are treated by what they are called in either language, in full or up to the colon."""
    found = {code: code for code in CARE_NAMES}
    for language in LANGUAGES:
        with override(language):
            for code, name in CARE_NAMES.items():
                words = str(name).replace("：", ":")
                found |= {words: code, words.partition(":")[0]: code}
    return found
