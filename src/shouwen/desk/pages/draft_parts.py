"""Parts of a draft in forms, for who knows no YAML: each is saved as a change of the draft like any other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from shouwen.desk.draft_parts import ROUTING, TELLING, Edit, edit_part, entry_of
from shouwen.desk.pages.drafts import DraftDoor
from shouwen.desk.rule_forms import QuietForm, name_forms, twice
from shouwen.editions.models import EditionDraft
from shouwen.editions.reading import BrokenPack, Place
from shouwen.editions.rewriting import ABSENT
from shouwen.handbook.refusals import Refusal


class PartDoor(DraftDoor):
    """A part of one file; a file that is wrong as it stands is mended in its text first."""

    file: ClassVar[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().dispatch(request, *args, **kwargs)
        except BrokenPack:
            messages.warning(request, _("This file has errors the form cannot read past: mend them here first."))
            return redirect("desk:draft_file", kwargs["draft"], self.file)

    def entry(self, draft: EditionDraft, *place: str | int) -> Any:
        """What the draft says there; None for nothing. Raises BrokenPack."""
        return entry_of(draft, self.file, place)

    def save(self, draft: EditionDraft, edits: Iterable[Edit]) -> list[str] | Refusal:
        """What is wrong, if it was not saved."""
        seen = self.request.POST.get("seen", "")
        try:
            edit_part(draft, self.file, edits, seen=seen, by=self.actor, at=self.at)
        except BrokenPack as broken:
            return [f"{one.rule}: {one.sentence}" if one.rule else one.sentence for one in broken.problems]
        except Refusal as refusal:
            return refusal
        messages.success(self.request, _("Saved."))
        return []

    def page(
        self, template: str, draft: EditionDraft, context: dict[str, Any], wrong: list[str] | Refusal | None = None
    ) -> HttpResponse:
        """The form with what was typed; `seen` is what was read when it was opened."""
        refused = isinstance(wrong, Refusal)
        status = 409 if refused else 422 if wrong is not None else 200
        context |= {
            "draft": draft,
            "seen": self.request.POST.get("seen") if refused else draft.digest,
            "may_change": self.may_change(draft),
            "refusal": wrong if refused else None,
            "wrong": [] if refused else wrong,
        }
        return render(self.request, template, context, status=status)


class QuietHours(PartDoor):
    """The hours in which customers are left in peace."""

    file = TELLING

    def get(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        kept = self.draft(draft)
        return self.page("desk/draft_quiet.html", kept, {"form": QuietForm.of(self.entry(kept, "quiet"), _zone())})

    def post(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        kept, form = self.draft(draft), QuietForm(request.POST)
        known = self.entry(kept, "quiet")
        if not form.is_valid():
            return self.page("desk/draft_quiet.html", kept, {"form": form}, [])
        entry = form.entry(known)
        edits = [] if entry == known else [Edit(("quiet",), ABSENT if entry is None else entry)]
        if wrong := self.save(kept, edits):
            return self.page("desk/draft_quiet.html", kept, {"form": form}, wrong)
        return redirect("desk:draft", kept.pk)


class NamesPage(PartDoor):
    """Skills or regions: every one in a row, and rows for new ones."""

    file = ROUTING
    part: str = ""

    def get(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        kept = self.draft(draft)
        return self._show(kept, name_forms(self.part, self._known(kept)))

    def post(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        kept = self.draft(draft)
        known = self._known(kept)
        rows = name_forms(self.part, known, request.POST)
        right = [row.is_valid() for row in rows]  # each says what is wrong with it
        if not all(right) or twice(rows):
            return self._show(kept, rows, [])
        said = [change for row in rows if (change := row.change())]
        if wrong := self.save(kept, self._edits(known, said)):
            return self._show(kept, rows, wrong)
        return redirect(request.path)

    def _known(self, draft: EditionDraft) -> dict[str, Any]:
        return self.entry(draft, self.part) or {}

    def _edits(self, known: dict[str, Any], said: list[tuple[str, dict[str, str] | None]]) -> Iterable[Edit]:
        before = list(known)
        for code, names in said:
            place: Place = (self.part, code)
            if names is None:
                yield Edit(place, ABSENT)
            elif names != known.get(code):
                yield Edit(place, names, after=max((one for one in before if one < code), default=""))

    def _show(self, draft: EditionDraft, rows: list[Any], wrong: list[str] | Refusal | None = None) -> HttpResponse:
        context = {"rows": rows, "part": self.part, "regions": self.part == "regions", "title": TITLES[self.part]()}
        if isinstance(wrong, list) and not wrong:
            context["row_errors"] = [(row.kept, said) for row in rows for said in _errors(row)]
        return self.page("desk/draft_names.html", draft, context, wrong)


TITLES = {"skills": lambda: _("Skills"), "regions": lambda: _("Regions")}


def _errors(row: forms.Form) -> Iterable[str]:
    return (str(error) for errors in row.errors.values() for error in errors)


def _zone() -> str:
    return str(settings.TIME_ZONE)
