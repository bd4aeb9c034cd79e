"""The files of a draft: got as a zip, read and written one by one, put in the place of what is there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.desk.pages.drafts import DraftDoor, Step, UploadForm, uploaded
from shouwen.desk.pages.rules import zip_answer
from shouwen.editions.drafting import change_draft
from shouwen.editions.models import EditionDraft
from shouwen.editions.pack import problems_of
from shouwen.editions.reading import BrokenPack, Problem
from shouwen.editions.schema import FILES, MAY_BE_MISSING
from shouwen.handbook.refusals import Refusal


class PackOfDraft(DraftDoor):
    """The files of a draft, as a zip."""

    def get(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        return zip_answer(f"draft-{draft}.zip", self.draft(draft).content)


class FilePage(DraftDoor):
    """One file of a draft, to read and to change, with what is wrong in it."""

    def get(self, request: HttpRequest, draft: UUID, file: str) -> HttpResponse:
        kept = self._with_file(draft, file)
        return self._show(kept, file, kept.content.get(file, ""))

    def post(self, request: HttpRequest, draft: UUID, file: str) -> HttpResponse:
        kept = self._with_file(draft, file)
        text = None if "remove" in request.POST else request.POST.get("text", "").replace("\r\n", "\n")
        seen = request.POST.get("seen", "")
        try:
            kept = change_draft(kept.pk, {file: text}, seen=seen, by=self.actor, at=self.at)
        except BrokenPack as broken:
            return self._show(kept, file, text or "", broken=broken, status=422)
        except Refusal as refusal:
            return self._show(kept, file, text or "", refusal=refusal, seen=seen, status=409)
        messages.success(request, _("Saved."))
        if text is None:
            return redirect("desk:draft", kept.pk)
        return redirect("desk:draft_file", kept.pk, file)

    def _with_file(self, draft: UUID, file: str) -> EditionDraft:
        kept = self.draft(draft)
        if file not in FILES and file not in kept.content:
            raise Http404
        return kept

    def _show(self, kept: EditionDraft, file: str, text: str, *, status: int = 200, **more: Any) -> HttpResponse:
        problems = problems_of({**kept.content, file: text}) if text or file in kept.content else ()
        lines = text.split("\n")
        context = {
            "draft": kept,
            "file": file,
            "text": text,
            "rows": min(max(len(lines) + 2, 12), 40),
            "problems": [(one, _line(lines, one)) for one in problems if one.file == file],
            "may_change": self.may_change(kept),
            "removable": file in kept.content and (file not in FILES or file in MAY_BE_MISSING),
            "seen": kept.digest,
            **more,
        }
        return render(self.request, "desk/draft_file.html", context, status=status)


class Upload(Step):
    done = gettext_lazy("Saved.")  # type: ignore[assignment]

    def act(self, draft: EditionDraft, seen: str) -> HttpResponse | None:
        form = UploadForm(self.request.POST, self.request.FILES)
        if not form.is_valid():
            return self.show(draft, upload_form=form, status=422)
        file = form.cleaned_data["file"]
        texts: dict[str, str | None] = dict(uploaded(file))
        if not file.name.endswith(".yaml"):
            texts = {**dict.fromkeys(draft.content), **texts}
        change_draft(draft.pk, texts, seen=seen, by=self.actor, at=self.at)
        return None


def _line(lines: list[str], problem: Problem) -> str:
    """The line a problem stands on."""
    return lines[problem.line - 1] if 0 < problem.line <= len(lines) else ""
