"""The form a template is written in, with what is wrong at its field; and how it will read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from shouwen.desk.template_blanks import IN_REPLIES, Blank, blanks_shown, examples
from shouwen.editions.checks_words import blanks
from shouwen.editions.edition import Edition
from shouwen.editions.filled import Fills, fills_of
from shouwen.language.text_messages import Length, length_of

KINDS = {
    "message": gettext_lazy("Messages to customers"),
    "notice": gettext_lazy("Notices to staff"),
    "reply": gettext_lazy("Wording for staff to say or write"),
}
CHANNEL_OF = {"message": "sms", "notice": "desk", "reply": "any"}
CHANNELS = [("sms", gettext_lazy("text message")), ("email", gettext_lazy("e-mail"))]
CODE = r"^[a-z][a-z0-9_]*$"
WORDS = ("zh", "en")
LONGEST = 1000


def _words(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}))


class TemplateForm(forms.Form):
    """One template: its words in both languages, with blanks the desk can fill."""

    code = forms.RegexField(
        CODE,
        label=pgettext_lazy("of a template", "Code"),
        max_length=40,
        help_text=gettext_lazy("Small letters, digits and _; it stays as it is once the template is there."),
        widget=forms.TextInput(attrs={"autocapitalize": "off", "spellcheck": "false"}),
    )
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=60)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=60)
    zh = _words(gettext_lazy("Words in Chinese"))
    en = _words(gettext_lazy("Words in English"))
    channel = forms.ChoiceField(label=gettext_lazy("Sent as"), choices=CHANNELS)
    at_once = forms.BooleanField(
        label=gettext_lazy("Sent in the hours of peace too: the customer waits for it"), required=False
    )
    clause = forms.CharField(
        label=gettext_lazy("Clause of the handbook"), max_length=12, help_text=gettext_lazy("Such as T4.3.")
    )

    def __init__(
        self,
        data: Any = None,
        *,
        kind: str,
        code: str,
        known: Mapping[str, Any] | None,
        taken: Mapping[str, Any],
        telling: Mapping[str, Any],
    ) -> None:
        super().__init__(data, initial=_initial(known or {"clause": _usual_clause(kind, taken)}))
        self.kind, self.template_code, self.known, self.taken = kind, code, known, taken
        self.fills = fills_of(code, telling) if code else None
        if known is not None:
            del self.fields["code"]
        if kind == "notice":
            self.fields["name_zh"].required = self.fields["name_en"].required = False
        if kind != "message":
            del self.fields["channel"], self.fields["at_once"]

    @property
    def blanks(self) -> list[Blank]:
        """Those to choose from."""
        if self.kind == "reply":
            return blanks_shown({*IN_REPLIES, *self._used()})
        fills = self.fills or Fills(frozenset({"number", *self._used()}))
        return blanks_shown(fills.known, fills.needed)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if code in self.taken:
            raise forms.ValidationError(_("There is a template of this code already."))
        return code

    def clean_zh(self) -> str:
        return self._checked("zh")

    def clean_en(self) -> str:
        return self._checked("en")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        zh, en = (set(blanks(cleaned[name])) if name in cleaned else None for name in WORDS)
        if zh is not None and en is not None and zh != en:
            for name, missing in (("zh", en - zh), ("en", zh - en)):
                if missing:
                    said = _("The other language has these blanks too: %(blanks)s")
                    self.add_error(name, said % {"blanks": _listed(missing)})
        if bool(cleaned.get("name_zh")) != bool(cleaned.get("name_en")):
            self.add_error("name_en" if cleaned.get("name_zh") else "name_zh", _("A name has both languages."))
        return cleaned

    def entry(self) -> dict[str, Any]:
        """As the file keeps it; what the form does not ask stays as it was."""
        said = self.cleaned_data
        made = dict(self.known or {})
        if said["name_zh"]:
            made["name"] = {"zh": said["name_zh"], "en": said["name_en"]}
        else:
            made.pop("name", None)
        made |= {name: said[name] for name in WORDS}
        made["kind"] = self.kind
        made["channel"] = said.get("channel") or made.get("channel") or CHANNEL_OF[self.kind]
        if said.get("at_once"):
            made["at_once"] = True
        elif made.get("at_once") and "at_once" in self.fields:
            del made["at_once"]
        return made | {"clause": said["clause"]}

    def _checked(self, name: str) -> str:
        """The words, once every blank in them is one the desk fills and none is missing."""
        words = str(self.cleaned_data[name]).replace("\r\n", "\n").strip()
        used = blanks_in(words)
        if self.fills and (unknown := used - self.fills.known):
            known = _listed(self.fills.known)
            said = _("Nobody fills %(unknown)s in this template. It may have: %(known)s")
            raise forms.ValidationError(said % {"unknown": _listed(unknown), "known": known})
        if self.fills and (missing := self.fills.needed - used):
            said = _("This template says nothing without %(missing)s.")
            raise forms.ValidationError(said % {"missing": _listed(missing)})
        return words

    def _used(self) -> set[str]:
        """What is in the words as they were kept."""
        return {name for language in WORDS for name in blanks((self.known or {}).get(language, ""))}


@dataclass(frozen=True, slots=True)
class Reading:
    """A template as it will read in one language, with examples in its blanks."""

    language: str
    text: str
    length: Length | None  # of a text message
    wrong: str = ""


def readings(words: Mapping[str, str], rules: Edition, at: datetime, *, as_sms: bool) -> list[Reading]:
    """Both languages."""
    return [_reading(language, words.get(language, ""), rules, at, as_sms=as_sms) for language in WORDS]


def _reading(language: str, words: str, rules: Edition, at: datetime, *, as_sms: bool) -> Reading:
    try:
        names = blanks_in(words)
    except forms.ValidationError as error:
        return Reading(language, words, None, error.messages[0])
    values: defaultdict[str, str] = defaultdict(lambda: "……", examples(rules, language, at))
    text = words.format_map(values | {name: values[name] for name in names})
    return Reading(language, text, length_of(text) if as_sms else None)


def blanks_in(words: str) -> set[str]:
    """The names in the braces. Raises ValidationError."""
    try:
        found = [part for part in Formatter().parse(words) if part[1] is not None]
    except ValueError:
        found = [("", "", "", None)]
    if not all(name and name.isidentifier() and not spec and not how for _text, name, spec, how in found):
        raise forms.ValidationError(
            _("A blank is a name in braces, such as %(blank)s; a brace of its own is written twice.")
            % {"blank": "{number}"}
        )
    return {str(name) for _text, name, _spec, _how in found}


def _listed(names: Any) -> str:
    return " ".join(f"{{{name}}}" for name in sorted(names))


def _initial(known: Mapping[str, Any]) -> dict[str, Any]:
    name = known.get("name") or {}
    return {**known, "name_zh": name.get("zh", ""), "name_en": name.get("en", "")}


def _usual_clause(kind: str, taken: Mapping[str, Any]) -> str:
    return next((str(one["clause"]) for one in taken.values() if one["kind"] == kind), "")
