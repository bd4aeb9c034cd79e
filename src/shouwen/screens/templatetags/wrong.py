"""What a refused form says first, before the page it stands on: what is wrong, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import template
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm, BoundField
from django.utils.translation import gettext

from shouwen.handbook.refusals import Refusal

register = template.Library()


@register.inclusion_tag("shared/wrong.html")
def wrong(*forms: BaseForm | None, refusal: Refusal | None = None) -> dict[str, Any]:
    """The summary of whatever was refused on a page: `{% wrong form other refusal=refusal %}`."""
    shown = [form for form in forms if form is not None and form.errors]
    return {
        "refusal": refusal,
        "sentences": [sentence for form in shown for sentence in form.errors.get(NON_FIELD_ERRORS, ())],
        "fields": [line for form in shown for line in _fields(form)],
    }


def _fields(form: BaseForm) -> Iterator[tuple[str, str]]:
    """Where each refused field is, and what is wrong with it."""
    for name, errors in form.errors.items():
        if name != NON_FIELD_ERRORS:
            bound = form[name]
            yield _place(bound), " ".join(_naming(bound, str(error)) for error in errors)


def _place(bound: BoundField) -> str:
    """The id of what can be answered; nothing where the reader has nothing to answer."""
    if bound.is_hidden:
        return str(getattr(bound.field, "shown_at", ""))
    return bound.id_for_label or f"{bound.auto_id}_0"


def _naming(bound: BoundField, error: str) -> str:
    label = str(bound.label)
    if bound.is_hidden or label in error:
        return error
    return gettext("%(field)s: %(error)s") % {"field": label, "error": error}
