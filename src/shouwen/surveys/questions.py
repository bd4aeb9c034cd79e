"""The questions of a rating as form fields: the same for a customer on a phone and an agent in a call (S4.2b)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shouwen.editions.edition import Edition
from shouwen.handbook.satisfaction import ASPECTS, QUESTIONS, is_below
from shouwen.surveys.queries import Rating

LONGEST_WORDS = 4000
RECOMMENDS = [(str(points), str(points)) for points in range(11)]
YES_NO = [("yes", pgettext_lazy("portal", "Yes")), ("no", pgettext_lazy("portal", "No"))]
ASPECT_LABELS = {
    "result": _("The result"),
    "handling": _("The way we dealt with it"),
    "efficiency": _("How quickly we dealt with it"),
}
ORDER = ("overall", "solved", *ASPECTS, "nps", "words", "again")


def rating_fields(rules: Edition, language: str) -> dict[str, forms.Field]:
    """The first question must be answered, every other may be."""
    scores = [(code, term.words.spoken(language)) for code, term in rules.scores.items()]
    fields: dict[str, forms.Field] = {
        "overall": _scores(_("All in all, how satisfied are you?"), scores, required=True),
        "solved": forms.ChoiceField(
            label=_("Is the matter settled?"), choices=YES_NO, widget=forms.RadioSelect, required=False
        ),
    }
    fields |= {name: _scores(label, scores, required=False) for name, label in ASPECT_LABELS.items()}
    fields["nps"] = forms.TypedChoiceField(
        label=_("Would you recommend us to family and friends?"),
        help_text=_("0: certainly not; 10: certainly."),
        choices=RECOMMENDS,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect(attrs={"class": "nps"}),
    )
    fields["words"] = forms.CharField(
        label=_("Anything you would like to tell us"),
        max_length=LONGEST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    fields["words"].needed_with = "again"  # type: ignore[attr-defined]
    fields["again"] = forms.BooleanField(label=_("I am not satisfied: please take it up again"), required=False)
    return fields


def check_rating(form: forms.Form, said: Mapping[str, Any]) -> None:
    """Whoever asks for another round is below "satisfied" with something, and says what is wrong."""
    scores = [said[name] for name in QUESTIONS if said.get(name)]
    if not said.get("again") or "overall" not in said:
        return
    if not any(map(is_below, scores)):
        form.add_error("again", _("Say first what you are not satisfied with."))
    elif not str(said.get("words") or "").strip():
        form.add_error("words", _("Tell us what is still wrong, so that we can take it up again."))


def rating_of(said: Mapping[str, Any]) -> Rating:
    """What was said, from the cleaned fields."""
    solved = {"yes": True, "no": False}.get(str(said.get("solved")))
    scores = {name: said.get(name) or 0 for name in QUESTIONS}
    return Rating(**scores, nps=said.get("nps"), solved=solved, words=said["words"], again=said["again"])


def _scores(label: Any, scores: list[tuple[str, str]], *, required: bool) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=scores, coerce=int, empty_value=None, required=required, widget=forms.RadioSelect
    )
