"""How a table was taken away: by whom, when, from which page and how narrowed; its file says so wherever it goes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.screens.templatetags.times import moment

UNFIT_IN_NAMES = re.compile(r"[^\w-]+")


@dataclass(frozen=True, slots=True)
class Taking:
    """That somebody takes a table away: `by` stands on its prints, the number in the file's name."""

    at: datetime
    by: str = ""
    number: str = ""
    page: str = ""
    narrowed: Sequence[str] = ()  # its filters in words
    purpose: str = ""
    edition: str = ""

    def named(self, name: str, kind: str) -> str:
        """The file's name: a CSV has no other room for who took it and when."""
        said = [name, f"{timezone.localtime(self.at):%Y-%m-%d-%H%M}", UNFIT_IN_NAMES.sub("", self.number)]
        return f"{'-'.join(filter(None, said))}.{kind}"

    @property
    def whole_name(self) -> str:
        """Who took it, with their number."""
        return f"{self.by} ({self.number})" if self.by and self.number else self.by or self.number

    def lines(self, name: str, counts: Mapping[str, int]) -> Iterator[list[Any]]:
        """What a file says about itself, `counts` being the rows of each of its leaves."""
        yield [pgettext("file", "Table"), name]
        yield [pgettext("file", "Page"), self.page]
        yield [_("Filters"), _("; ").join(self.narrowed) or pgettext("filters", "none")]
        rows = pgettext("file", "Rows")
        for leaf, count in counts.items():
            yield [f"{rows}: {leaf}" if len(counts) > 1 else rows, count]
        yield [_("Taken away by"), self.whole_name]
        yield [_("Taken away at"), f"{moment(self.at)} ({timezone.get_current_timezone_name()})"]
        if self.purpose:
            yield [_("What it is for"), self.purpose]
        yield [_("Rules in force then"), self.edition]


def answers_in_words(form: forms.BaseForm) -> list[str]:
    """What a form of filters was answered: choices by their names, the rest with its question; nonsense left out."""
    form.is_valid()
    said = []
    for bound in form.visible_fields():
        value = form.cleaned_data.get(bound.name)
        choices = dict(getattr(bound.field, "choices", ()) or ())
        if value in (None, "", False):
            continue
        words = choices[value] if value in choices else _("%(what)s: %(value)s") % {"what": bound.label, "value": value}
        said.append(str(words))
    return said
