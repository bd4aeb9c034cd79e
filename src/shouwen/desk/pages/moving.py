"""Moving the old spreadsheets in: a template, a look at what a table would do, and taking it in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from shouwen.desk.header import rules_for
from shouwen.desk.pages.door import DeskPage, is_fragment
from shouwen.editions.edition import Edition
from shouwen.handling.owners import forget_loads
from shouwen.intake.importing import Became
from shouwen.intake.mappings import MappingRefused
from shouwen.intake.moving import Asked, look, stayed_out, template
from shouwen.intake.sheets import SheetRefused
from shouwen.screens.tables import XLSX, workbook_to_fill_in

NOT_KEPT = gettext_lazy("The file is read and not kept: it is full of personal data.")
LOOK, TAKE_IN, REPORT = "look", "take_in", "report"
NAMES = {
    Became.TAKEN_IN: gettext_lazy("taken in"),
    Became.ALREADY_THERE: gettext_lazy("there already"),
    Became.CHANGED: gettext_lazy("there already, and changed since"),
    Became.REFUSED: gettext_lazy("refused"),
}
WOULD = {Became.TAKEN_IN: gettext_lazy("would be taken in")}
TONES = {Became.TAKEN_IN: " term-calm", Became.CHANGED: " term-heed", Became.REFUSED: " term-late"}


def table_field(help_text: Any, *, accept: str = ".xlsx,.csv") -> forms.FileField:
    """Where a table is chosen."""
    widget = forms.FileInput(attrs={"accept": accept})
    return forms.FileField(label=gettext_lazy("Table (.xlsx or .csv)"), help_text=help_text, widget=widget)


class MovingForm(forms.Form):
    """A table, and what its rows are."""

    file = table_field(NOT_KEPT, accept=".xlsx,.csv,.tsv,.jsonl")
    as_ = forms.ChoiceField(
        label=gettext_lazy("What its rows are"),
        choices=[
            ("open", gettext_lazy("open cases, which go on here; finished ones among them become history")),
            ("history", gettext_lazy("finished cases: no clock runs, no message is sent")),
        ],
        initial="open",
        widget=forms.RadioSelect,
    )
    category = forms.ChoiceField(label=gettext_lazy("Category, where no column says it"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Channel, where no column says it"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, rules: Edition) -> None:
        super().__init__(*args)
        language = get_language() or ""
        for name, terms in (("category", rules.categories.nodes), ("channel", rules.channels)):
            offered = [(code, term.words.spoken(language)) for code, term in terms.items()]
            self.fields[name].choices = [("", "—"), *offered]  # type: ignore[attr-defined]

    def asked(self) -> Asked:
        said = self.cleaned_data
        return Asked(said["file"], said["as_"] == "history", said["category"], said["channel"])


class MovingDoor(DeskPage):
    """Tables are moved in by administrators and supervisors."""

    roles = frozenset({"administrator", "supervisor"})


class MovingTemplate(MovingDoor):
    """A workbook to fill in."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        leaves = template(rules_for(request, self.at))
        return workbook_to_fill_in(_("Complaints, to fill in"), leaves, at=self.at)


class MovingPage(MovingDoor):
    """A table is looked at, and once it has been looked at, taken in."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(MovingForm(rules=rules_for(request, self.at)))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        rules = rules_for(request, self.at)
        form = MovingForm(request.POST, request.FILES, rules=rules)
        if not form.is_valid():
            return self._show(form, status=422)
        try:
            return self._do(form, rules)
        except (SheetRefused, MappingRefused) as refused:
            for line in str(refused).splitlines():
                form.add_error("file", line)
            return self._show(form, status=422)

    def _do(self, form: MovingForm, rules: Edition) -> HttpResponseBase:
        asked, act = form.asked(), self.request.POST.get("act", LOOK)
        if act == REPORT:
            headings, rows = stayed_out(asked, rules, by=self.actor, at=self.at)
            return self.file_of(XLSX, _("Rows that stayed out"), headings, rows)
        found = look(asked, rules, by=self.actor, at=self.at)
        taken = act == TAKE_IN and form.cleaned_data["seen"] == found.digest
        if taken:
            found = look(asked, rules, by=self.actor, at=self.at, take_in=True)
            forget_loads()
        names = NAMES if taken else NAMES | WOULD
        counts = [(names[one], found.counted[one], TONES.get(one, "")) for one in Became if found.counted[one]]
        other = act == TAKE_IN and not taken
        return self._show(form, found=found, counts=counts, taken=taken, other=other)

    def _show(self, form: MovingForm, status: int = 200, **found: Any) -> HttpResponse:
        if is_fragment(self.request):
            return render(self.request, "desk/_moving_result.html", {"form": form, **found})
        return render(self.request, "desk/moving.html", {"form": form, **found}, status=status)
