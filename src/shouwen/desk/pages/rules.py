"""The rules: which edition is in force, what came before it, and the handbook's appendices, for everybody to read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from shouwen.desk.appendix_tables import leaves_of
from shouwen.desk.drafts import STATES, TONES, has_a_hand_in_rules, people_named, published_by
from shouwen.desk.header import rules_for
from shouwen.desk.pages.door import DeskPage
from shouwen.desk.shown_tables import drafts_leaf, editions_leaf
from shouwen.editions.appendices import TITLES, appendix
from shouwen.editions.archives import zip_of
from shouwen.editions.edition import Edition
from shouwen.editions.models import EditionDraft, EditionVersion
from shouwen.editions.queries import NoEdition, edition
from shouwen.editions.reading import BrokenPack
from shouwen.handbook.authority import RulesRight
from shouwen.handbook.refusals import Refusal
from shouwen.handbook.rulemaking import OPEN, DraftState, holds_right
from shouwen.screens.tables import kind_asked

EDITIONS_SHOWN = 50
DRAFTS_SHOWN = 50


class BeginForm(forms.Form):
    """A new draft: from the edition in force, or from what is uploaded."""

    name = forms.CharField(label=_("Name of the draft"), max_length=80)
    file = forms.FileField(
        label=_("A pack of your own"),
        required=False,
        help_text=_("A zip of YAML files. Without one the draft starts from the edition in force."),
        widget=forms.FileInput(attrs={"accept": ".zip,.yaml"}),
    )


class RulesDesk(DeskPage):
    """What shows the page of the rules."""

    def show_rules(
        self,
        form: BeginForm,
        *,
        refusal: Refusal | None = None,
        broken: BrokenPack | None = None,
        status: int = 200,
    ) -> HttpResponse:
        return render(self.request, "desk/rules.html", self.shown(form, refusal, broken), status=status)

    def shown(
        self, form: BeginForm, refusal: Refusal | None = None, broken: BrokenPack | None = None
    ) -> dict[str, Any]:
        """What the page says: the editions, and the drafts for who has a hand in them."""
        rules = rules_for(self.request, self.at)
        hand = has_a_hand_in_rules(rules, self.actor)
        editions = list(EditionVersion.objects.defer("content")[:EDITIONS_SHOWN])
        names = people_named(ref for one in editions for ref in (one.published_by, one.approved_by))
        drafts = EditionDraft.objects.defer("content")
        thrown_away = drafts.filter(state=DraftState.DISCARDED) if hand else drafts.none()
        return {
            "rules": rules,
            "editions": [
                {
                    "version": one,
                    "by": published_by(one, names),
                    "approved_by": names.of(one.approved_by) if one.approved_by else "",
                    "standing": _standing(one, rules, self.at),
                }
                for one in editions
            ],
            "appendices": TITLES.items(),
            "hand": hand,
            "may_draft": holds_right(rules.roles, self.actor, RulesRight.DRAFT),
            "drafts": [_listed(one) for one in drafts.filter(state__in=OPEN)[:DRAFTS_SHOWN]] if hand else [],
            "thrown_away": [_listed(one) for one in thrown_away[:DRAFTS_SHOWN]],
            "alone": settings.SHOUWEN_RULES_ALONE,
            "form": form,
            "refusal": refusal,
            "broken": broken,
            "tables": [pgettext("list", "Editions"), _("Drafts")] if hand else [],
        }


class RulesPage(RulesDesk):
    """The edition in force and those before and after it; the drafts, for who has a hand in them."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if kind := kind_asked(request):
            shown = self.shown(BeginForm())
            drafts = [drafts_leaf([*shown["drafts"], *shown["thrown_away"]])] if shown["hand"] else []
            return self.files_of(kind, gettext("Rules"), [editions_leaf(shown["editions"]), *drafts])
        return self.show_rules(BeginForm())


class AppendixPage(DeskPage):
    """One of the handbook's appendices, of the edition in force or another that was published."""

    def get(self, request: HttpRequest, name: str) -> HttpResponseBase:
        if name not in TITLES:
            raise Http404
        rules = rules_for(request, self.at)
        asked = request.GET.get("edition", "")
        try:
            shown = edition(asked) if asked and asked != rules.id else rules
        except (NoEdition, BrokenPack):
            raise Http404 from None
        page = appendix(shown, name)
        leaves = leaves_of(page)
        if kind := kind_asked(request):
            return self.files_of(kind, str(TITLES[name]), leaves)
        context = {**page, "appendices": TITLES.items(), "in_force": shown is rules}
        context["tables"] = [leaf.name for leaf in leaves] if len(leaves) > 1 else []
        return render(request, "desk/appendix.html", context)


class PackOfEdition(DeskPage):
    """The files of an edition, to keep or to work on."""

    def get(self, request: HttpRequest, edition_id: str) -> HttpResponse:
        version = get_object_or_404(EditionVersion, pk=edition_id)
        return zip_answer(f"{version.pk.replace('@', '-')}.zip", version.content)


def zip_answer(name: str, texts: dict[str, str]) -> HttpResponse:
    """The files of a pack as an attachment."""
    answer = HttpResponse(zip_of(texts), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _standing(version: EditionVersion, rules: Edition, at: object) -> str:
    if version.pk == rules.id:
        return "in_force"
    return "ahead" if version.effective_at > at else "past"  # type: ignore[operator]


def _listed(draft: EditionDraft) -> dict[str, object]:
    state = DraftState(draft.state)
    return {"draft": draft, "state": STATES[state], "tone": TONES.get(state, "")}
