"""What a draft has the desk say, in forms: templates by kind, and the scripts of calls."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from shouwen.desk.draft_parts import TELLING, TEMPLATES, Edit, part_of
from shouwen.desk.header import rules_for
from shouwen.desk.pages.draft_parts import PartDoor
from shouwen.desk.rule_forms import ScriptForm
from shouwen.desk.template_forms import KINDS, TemplateForm, readings
from shouwen.desk.templates_listed import name_in, templates_listed
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.editions.filled import BY_CODE
from shouwen.editions.models import EditionDraft
from shouwen.editions.reading import BrokenPack
from shouwen.editions.rewriting import ABSENT
from shouwen.handbook.refusals import Refusal
from shouwen.handbook.words import Words

Wrong = list[str] | Refusal | None


class TemplatesPage(PartDoor):
    """Every template of the draft, by kind."""

    file = TEMPLATES

    def get(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        kept = self.draft(draft)
        listed = templates_listed(
            self.entry(kept, "templates") or {},
            _telling(kept),
            rules_for(request, self.at),
            self.at,
        )
        return self.page("desk/draft_templates.html", kept, {"kinds": listed})


class TemplateDoor(PartDoor):
    """The form of one template."""

    file = TEMPLATES

    def form(self, draft: EditionDraft, code: str, data: Any = None) -> TemplateForm:
        """Raises Http404."""
        taken = self.entry(draft, "templates") or {}
        if code and code not in taken:
            raise Http404
        kind = taken[code]["kind"] if code else self.request.GET.get("kind", "message")
        if kind not in KINDS:
            raise Http404
        telling = _telling(draft)
        named = code or (data.get("code", "") if data is not None else "")
        return TemplateForm(
            data,
            kind=kind,
            code=named,
            known=taken.get(code),
            taken=taken,
            telling=telling,
        )

    def show_form(self, draft: EditionDraft, form: TemplateForm, wrong: Wrong = None) -> HttpResponse:
        words = {name: form[name].value() or "" for name in ("zh", "en")}
        as_sms = (form["channel"].value() or "sms") == "sms" if "channel" in form.fields else False
        rules = rules_for(self.request, self.at)
        context = {
            "form": form,
            "name": name_in(form.known, here(_words(form.known))) if form.known else "",
            "code": form.template_code if form.known is not None else "",
            "kind": KINDS[form.kind],
            "stays": form.template_code in BY_CODE,
            "unsent": form.kind != "reply" and form.known is not None and form.fills is None,
            "readings": readings(words, rules, self.at, as_sms=as_sms),
        }
        return self.page("desk/draft_template.html", draft, context, wrong)


class TemplatePage(TemplateDoor):
    """One template: read, changed, or a new one of a kind."""

    def get(self, request: HttpRequest, draft: UUID, code: str = "") -> HttpResponse:
        kept = self.draft(draft)
        return self.show_form(kept, self.form(kept, code))

    def post(self, request: HttpRequest, draft: UUID, code: str = "") -> HttpResponse:
        kept = self.draft(draft)
        form = self.form(kept, code, request.POST)
        if not form.is_valid():
            return self.show_form(kept, form, [])
        place, after = (
            form.cleaned_data.get("code") or code,
            _last_of(form.kind, form.taken),
        )
        edits = [Edit(("templates", place), form.entry(), after=after)] if form.entry() != form.known else []
        if wrong := self.save(kept, edits):
            return self.show_form(kept, form, wrong)
        return redirect("desk:draft_templates", kept.pk)


class TemplatePreview(PartDoor):
    """How what is being typed will read."""

    file = TEMPLATES

    def post(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        self.draft(draft)
        words = {name: request.POST.get(name, "")[:2000] for name in ("zh", "en")}
        as_sms = request.POST.get("channel") == "sms"
        shown = readings(words, rules_for(request, self.at), self.at, as_sms=as_sms)
        return render(request, "desk/_template_readings.html", {"readings": shown})


class TemplateRemoval(TemplateDoor):
    """A template nobody is to use any more; one the rules still name stays, and the page says who names it."""

    def post(self, request: HttpRequest, draft: UUID, code: str) -> HttpResponse:
        kept = self.draft(draft)
        if code not in (self.entry(kept, "templates") or {}):
            raise Http404
        own = [_("The program itself sends this: its words may be other, but it stays.")] if code in BY_CODE else None
        if wrong := own or self.save(kept, [Edit(("templates", code), ABSENT)]):
            return self.show_form(kept, self.form(kept, code), wrong)
        return redirect("desk:draft_templates", kept.pk)


class ScriptsPage(PartDoor):
    """The scripts of calls, in the order in which they are tried."""

    file = TELLING

    def get(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        kept = self.draft(draft)
        rules = rules_for(request, self.at)
        scripts = [_script_row(one, rules) for one in self.entry(kept, "calls", "scripts") or []]
        return self.page("desk/draft_scripts.html", kept, {"scripts": scripts})


class ScriptDoor(PartDoor):
    """The form of one script."""

    file = TELLING

    def form(self, draft: EditionDraft, script: str, data: Any = None) -> ScriptForm:
        """Raises Http404."""
        scripts = _scripts(self.entry(draft, "calls", "scripts"))
        if not scripts or (script and script not in scripts):
            raise Http404
        return ScriptForm(rules_for(self.request, self.at), scripts.get(script), scripts, data)

    def show_form(self, draft: EditionDraft, form: ScriptForm, wrong: Wrong = None) -> HttpResponse:
        name = here(_words(form.known)) if form.known else ""
        context = {
            "form": form,
            "script": form.known,
            "name": name,
            "only": len(form.taken) == 1,
        }
        return self.page("desk/draft_script.html", draft, context, wrong)


class ScriptPage(ScriptDoor):
    """One script, line by line."""

    def get(self, request: HttpRequest, draft: UUID, script: str = "") -> HttpResponse:
        kept = self.draft(draft)
        return self.show_form(kept, self.form(kept, script))

    def post(self, request: HttpRequest, draft: UUID, script: str = "") -> HttpResponse:
        kept = self.draft(draft)
        form = self.form(kept, script, request.POST)
        if not form.is_valid():
            return self.show_form(kept, form, [])
        if wrong := self.save(
            kept,
            [Edit(("calls", "scripts"), self._with(form.entry(), script, form.taken))],
        ):
            return self.show_form(kept, form, wrong)
        return redirect("desk:draft_scripts", kept.pk)

    def _with(self, entry: dict[str, Any], script: str, scripts: dict[str, Any]) -> list[Any]:
        """A new one comes before the last, which fits everything."""
        if script:
            return [entry if code == script else one for code, one in scripts.items()]
        *first, last = scripts.values()
        return [*first, entry, last]


class ScriptRemoval(ScriptDoor):
    """A script that is asked no longer."""

    def post(self, request: HttpRequest, draft: UUID, script: str) -> HttpResponse:
        kept = self.draft(draft)
        scripts = _scripts(self.entry(kept, "calls", "scripts"))
        if script not in scripts:
            raise Http404
        left = [one for code, one in scripts.items() if code != script]
        if wrong := self.save(kept, [Edit(("calls", "scripts"), left)]):
            return self.show_form(kept, self.form(kept, script), wrong)
        return redirect("desk:draft_scripts", kept.pk)


def _script_row(script: dict[str, Any], rules: Edition) -> tuple[str, str, str, list[str]]:
    """Its code and name, after which tickets, and its lines."""
    types = script.get("when", {}).get("ticket_type", [])
    after = _(", ").join(here(rules.label("ticket_types", code)) for code in types) or _("everything else")
    return (
        script["id"],
        here(_words(script)),
        after,
        [here(_words(line)) for line in script["lines"]],
    )


def _words(said: Any) -> Words:
    return Words(said["zh"], said["en"])


def _scripts(kept: list[Any] | None) -> dict[str, Any]:
    return {one["id"]: one for one in kept or []}


def _telling(draft: EditionDraft) -> dict[str, Any]:
    """What telling.yaml says; nothing where it is wrong, which is its own page's matter."""
    try:
        return part_of(draft, TELLING)
    except BrokenPack:
        return {}


def _last_of(kind: str, templates: dict[str, Any]) -> str:
    return next((code for code, one in reversed(templates.items()) if one["kind"] == kind), "")
