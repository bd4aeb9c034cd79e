"""What the rules say about people: their roles, skills and regions, as fields of a form and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.editions.queries import NoEdition, current_edition
from shouwen.people.queries import EVERYWHERE

NOBODYS = frozenset({"customer", "integration"})  # roles that no member of staff has


class Regions(forms.CharField):
    """Codes of regions with commas between them, as a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        codes = [code.strip() for code in super().clean(value).replace("，", ",").split(",") if code.strip()]
        known = set(rules_if_any().regions) if rules_if_any() else set()
        if wrong := [code for code in codes if not is_region(code, known)]:
            raise forms.ValidationError(_("“%(code)s” is not a region code."), params={"code": wrong[0]})
        return codes


def rules_if_any() -> Edition | None:
    """The rules in force, if any have been published yet."""
    try:
        return current_edition()
    except NoEdition:
        return None


def offered(terms: Mapping[str, Any], kept: Iterable[str]) -> list[tuple[str, str]]:
    """What the rules offer, and what somebody has from before."""
    others = [(code, code) for code in kept if code not in terms]
    return [*((code, here(term.words)) for code, term in terms.items()), *others]


def is_region(code: str, known: set[str]) -> bool:
    """Everywhere, a region of the rules, or a place within one."""
    if code == EVERYWHERE:
        return True
    inside = code.isdigit() and 2 <= len(code) <= 12
    return inside and (not known or any(code.startswith(region) for region in known))
