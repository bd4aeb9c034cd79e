"""What the rules say about people: their roles, skills and regions, as fields of a form and in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from shouwen.desk.wording import here, region_of
from shouwen.editions.edition import Edition
from shouwen.editions.queries import NoEdition, current_edition
from shouwen.people.queries import EVERYWHERE

NOBODYS = frozenset({"customer", "integration"})  # roles that no member of staff has


class RegionBoxes(forms.CheckboxSelectMultiple):
    """Regions to be ticked by their names, with their codes small; the code of a place within one is typed below."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        return ", ".join(data.getlist(name) if hasattr(data, "getlist") else [data.get(name, "")])

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        codes = codes_in(value or "")
        known = {str(code) for code, _label in self.choices}
        others = ", ".join(code for code in codes if code not in known)
        typed = format_html(
            '<label class="regions-others">{} <input type="text" class="form-control form-control-sm" name="{}" '
            'value="{}" autocomplete="off" spellcheck="false"></label>',
            _("Places within one, by their codes"),
            name,
            others,
        )
        return SafeString(super().render(name, codes, attrs, renderer) + typed)


class Regions(forms.CharField):
    """Codes of regions with commas between them, as a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        codes = list(dict.fromkeys(codes_in(super().clean(value))))
        known = set(rules_if_any().regions) if rules_if_any() else set()
        if wrong := [code for code in codes if not is_region(code, known)]:
            raise forms.ValidationError(_("“%(code)s” is not a region code."), params={"code": wrong[0]})
        return codes


def codes_in(text: str) -> list[str]:
    """Codes with commas between them, Chinese or Western."""
    return [code.strip() for code in text.replace("，", ",").split(",") if code.strip()]


def regions_offered(rules: Edition, kept: Iterable[str]) -> list[tuple[str, str]]:
    """Everywhere, what somebody has, then cities before provinces: a desk is rarely larger than its own."""
    has = set(kept)
    codes = sorted(rules.regions, key=lambda code: (code not in has, -len(code), code))
    named = [(EVERYWHERE, _("everywhere")), *((code, here(rules.regions[code].words)) for code in codes)]
    return [(code, format_html('<span>{} <small class="sub">{}</small></span>', name, code)) for code, name in named]


def regions_shown(codes: Iterable[str], rules: Edition) -> SafeString:
    """Regions by their names, with their codes small; a place within one goes by the name of that one."""
    named = ((_("everywhere") if code == EVERYWHERE else region_of(rules, code), code) for code in codes)
    return format_html_join(
        ", ", '<span class="text-nowrap">{} <small class="sub number-text">{}</small></span>', named
    )


def regions_by_name(rules: Edition) -> dict[str, str]:
    """Codes of regions by what people write: their name in either language, also without 省 or 市.

    What could mean two of them (吉林 is a province and a city) means neither.
    """
    codes = defaultdict[str, set[str]](set)
    for code, term in rules.regions.items():
        for written in (term.words.zh, term.words.zh.rstrip("省市"), term.words.en):
            codes[written.lower()].add(code)
    return {written: found.pop() for written, found in codes.items() if len(found) == 1}


def region_meant(written: str, names: Mapping[str, str], rules: Edition) -> str | None:
    """The code of a region that is written as its code or its name (`regions_by_name`); None for what is neither."""
    code = names.get(written.lower(), written)
    return code if is_region(code, set(rules.regions)) else None


def region_written(code: str, names: Mapping[str, str], rules: Edition) -> str:
    """A region as its reader writes it: by its name, unless that means another too; a place within one by its code."""
    name = here(rules.regions[code].words) if code in rules.regions else code
    return name if names.get(name.lower()) == code else code


def regions_suggested(names: Mapping[str, str], rules: Edition) -> list[tuple[str, str]]:
    """Every region as it is written, with its code; or its name, where it is the code that is written."""
    suggested = []
    for code, term in rules.regions.items():
        written = region_written(code, names, rules)
        suggested.append((written, here(term.words) if written == code else code))
    return suggested


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
