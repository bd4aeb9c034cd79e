"""What a list can be narrowed to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shouwen.editions.edition import Edition, Term
from shouwen.handbook.authority import Actor
from shouwen.handbook.categories import Category
from shouwen.people.queries import EVERYWHERE

Choices = list[tuple[str, str]]


class Filters(forms.Form):
    """Type, category, priority and region; whatever makes no sense is left out rather than refused."""

    ticket_type = forms.ChoiceField(label=_("Any type"), required=False)
    category = forms.ChoiceField(label=_("Any category"), required=False)
    priority = forms.ChoiceField(label=_("Any priority"), required=False)
    region = forms.ChoiceField(label=_("Any region"), required=False)

    def __init__(self, data: Mapping[str, Any], rules: Edition, actor: Actor) -> None:
        super().__init__(data)
        offered = {
            "ticket_type": _terms(rules.ticket_types),
            "category": _categories(node for node in rules.categories.nodes.values() if node.level <= 2),
            "priority": _terms(rules.priorities),
            "region": _regions(rules.regions, actor),
        }
        for name, choices in offered.items():
            self.fields[name].choices = [("", self.fields[name].label), *choices]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, str]:
        """The filters that are set and make sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def condition(self) -> Q:
        """The tickets that are left."""
        condition = Q()
        for name, value in self.chosen().items():
            condition &= _CONDITIONS[name](value)
        return condition


def _category(code: str) -> Q:
    return Q(category=code) | Q(category__startswith=f"{code}.")


_CONDITIONS = {
    "ticket_type": lambda code: Q(ticket_type=code),
    "category": _category,
    "priority": lambda code: Q(priority=code),
    "region": lambda code: Q(region__startswith=code),
}


def _terms(terms: Mapping[str, Any]) -> Choices:
    return [(code, term.words.spoken(get_language() or "")) for code, term in terms.items()]


def _categories(nodes: Iterable[Category]) -> Choices:
    language = get_language() or ""
    return [(node.code, ("\u3000" * (node.level - 1)) + node.words.spoken(language)) for node in nodes]


def _regions(regions: Mapping[str, Term], actor: Actor) -> Choices:
    """The regions the actor answers for, and those within them."""
    if EVERYWHERE in actor.regions or not actor.regions:
        return _terms(regions)
    return _terms({code: term for code, term in regions.items() if code.startswith(tuple(actor.regions))})
