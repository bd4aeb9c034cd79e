"""The questions of a category as fields of a form: asked at the moment of choice, each with its purpose (S1.2a)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwen.editions.edition import IntakeField
from shouwen.intake.checking import LONGEST_ANSWER

KINDS = {
    "phone": {"type": "tel", "inputmode": "tel", "autocomplete": "off"},
    "date": {"type": "date"},
    "money": {"inputmode": "decimal", "placeholder": "0.00"},
    "number": {"inputmode": "decimal"},
}


def question(field: IntakeField, language: str) -> forms.Field:
    """One question; whether it has been answered is for `checking` to say."""
    label = field.words.spoken(language)
    if field.kind == "yes_no":
        return _choice(label, [("yes", _("Yes")), ("no", _("No")), *offered(field, language)])
    if field.choices:
        return _choice(label, offered(field, language))
    if field.kind == "long_text":
        return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": 2, "maxlength": LONGEST_ANSWER}))
    attrs = {"maxlength": LONGEST_ANSWER, "autocomplete": "off", **KINDS.get(field.kind, {})}
    return forms.CharField(label=label, widget=forms.TextInput(attrs=attrs))


def offered(field: IntakeField, language: str) -> list[tuple[str, Any]]:
    """The choices a field has of its own, in a reader's words."""
    return [(term.code, term.words.spoken(language)) for term in field.choices]


def _choice(label: str, choices: list[tuple[str, Any]]) -> forms.Field:
    """What was chosen before another category was picked may not be a choice here: it is asked again, not refused."""
    return forms.CharField(label=label, widget=forms.Select(choices=[("", "—"), *choices]))
