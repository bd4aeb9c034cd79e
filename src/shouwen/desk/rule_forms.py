"""The forms of what else a branch makes its own: hours of peace, scripts of calls, skills and regions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from shouwen.desk.template_forms import WORDS, blanks_in
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.handbook.words import Words

SAID_IN_CALLS = frozenset({"number", "staff_no"})
NEW_LINES, NEW_ROWS, MOST_LINES = 2, 3, 40
BOTH = {"required": gettext_lazy("A line is said in both languages.")}
CODES = {"skills": r"^[a-z][a-z0-9_]*$", "regions": r"^[0-9]{1,12}$"}


class QuietForm(forms.Form):
    """When customers are left in peace, and where that is laid down."""

    on = forms.BooleanField(label=gettext_lazy("Customers are left in peace at certain hours"), required=False)
    begins = forms.TimeField(
        label=pgettext_lazy("hours of peace", "From"), widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    ends = forms.TimeField(
        label=pgettext_lazy("hours of peace", "until"),
        widget=forms.TimeInput({"type": "time"}, "%H:%M"),
    )
    zone = forms.CharField(label=gettext_lazy("Time zone"), max_length=40)
    clause = forms.CharField(label=gettext_lazy("Clause of the handbook"), max_length=12)
    where = forms.CharField(label=gettext_lazy("Where it stands"), max_length=100)
    says_zh = forms.CharField(label=gettext_lazy("What it says there, in Chinese"), max_length=200)
    says_en = forms.CharField(label=gettext_lazy("What it says there, in English"), max_length=200)

    use_required_attribute = False  # nothing is needed once it is switched off

    def __init__(self, data: Any = None, **given: Any) -> None:
        super().__init__(data, **given)
        if data is not None and not data.get("on"):
            for field in self.fields.values():
                field.required = False

    @classmethod
    def of(cls, known: Mapping[str, Any] | None, zone: str) -> QuietForm:
        if not known:
            return cls(initial={"zone": zone})
        says = known["source"]["says"]
        told = {"begins": known["from"], "ends": known["until"], "where": known["source"]["place"]}
        told |= {"says_zh": says["zh"], "says_en": says["en"]}
        return cls(initial={"on": True, "zone": known["zone"], "clause": known["clause"], **told})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("on") and cleaned.get("begins") is not None and cleaned["begins"] == cleaned.get("ends"):
            self.add_error("ends", _("hours of peace end at another time than they begin"))
        return cleaned

    def entry(self, known: Mapping[str, Any] | None) -> dict[str, Any] | None:
        said = self.cleaned_data
        if not said["on"]:
            return None
        source = {**(known or {}).get("source", {}), "place": said["where"]}
        source["says"] = {"zh": said["says_zh"], "en": said["says_en"]}
        hours = {"from": f"{said['begins']:%H:%M}", "until": f"{said['ends']:%H:%M}", "zone": said["zone"]}
        return hours | {"clause": said["clause"], "source": source}


class LineForm(forms.Form):
    """One thing that is said in a call."""

    use_required_attribute = False
    zh = forms.CharField(label=pgettext_lazy("language", "Chinese"), max_length=500, error_messages=BOTH)
    en = forms.CharField(label=pgettext_lazy("language", "English"), max_length=500, error_messages=BOTH)

    def __init__(self, place: int, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, prefix=f"l{place}", initial=initial, empty_permitted=True)
        self.place = place
        for name in WORDS:
            self.fields[name].widget = forms.Textarea(attrs={"rows": 2})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        used = {}
        for name in WORDS:
            try:
                used[name] = blanks_in(cleaned.get(name, ""))
            except forms.ValidationError as error:
                self.add_error(name, error)
                continue
            if strange := used[name] - SAID_IN_CALLS:
                said = _("Nobody fills %(unknown)s in a call. It may have: %(known)s")
                known = " ".join(f"{{{one}}}" for one in sorted(SAID_IN_CALLS))
                unknown = " ".join(f"{{{one}}}" for one in sorted(strange))
                self.add_error(name, said % {"unknown": unknown, "known": known})
        if not self.errors and used["zh"] != used["en"]:
            self.add_error("en", _("The two languages have different blanks."))
        return cleaned

    @property
    def is_empty(self) -> bool:
        return not any(self.cleaned_data.get(name) for name in WORDS)


class ScriptForm(forms.Form):
    """What is asked in a call of one kind, and after which tickets."""

    id = forms.RegexField(
        r"^[a-z0-9][a-z0-9_-]*$",
        label=pgettext_lazy("of a script", "Code"),
        max_length=60,
        help_text=gettext_lazy("Small letters, digits, - and _; it stays as it is once the script is there."),
    )
    zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=60)
    en = forms.CharField(label=gettext_lazy("Name in English"), max_length=60)
    ticket_type = forms.MultipleChoiceField(
        label=gettext_lazy("Used after"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "None ticked: after every ticket no script above it fits. The last one fits everything."
        ),
    )

    def __init__(self, rules: Edition, known: Mapping[str, Any] | None, taken: Any, data: Any = None) -> None:
        types = (known or {}).get("when", {}).get("ticket_type", [])
        super().__init__(data, initial={**(known or {}), "ticket_type": types})
        self.known, self.taken = known, taken
        self.fields["ticket_type"].choices = [(code, here(one.words)) for code, one in rules.ticket_types.items()]  # type: ignore[attr-defined]
        if known is not None:
            del self.fields["id"]
        self.lines = list(_lines_posted(data) if data is not None else _lines_of(known))

    def clean_id(self) -> str:
        code: str = self.cleaned_data["id"]
        if code in self.taken:
            raise forms.ValidationError(_("There is a script of this code already."))
        return code

    def is_valid(self) -> bool:
        right = all([super().is_valid(), *(line.is_valid() for line in self.lines)])
        if right and all(line.is_empty for line in self.lines):
            self.add_error(None, _("A script says something: fill in a line."))
            return False
        return right

    def entry(self) -> dict[str, Any]:
        said, known = self.cleaned_data, dict(self.known or {})
        when = {**known.pop("when", {}), "ticket_type": said["ticket_type"]}
        when = {name: values for name, values in when.items() if values}
        lines = [{name: line.cleaned_data[name] for name in WORDS} for line in self.lines if not line.is_empty]
        made = {"id": said.get("id") or known.get("id"), "zh": said["zh"], "en": said["en"]}
        return known | made | ({"when": when} if when else {}) | {"lines": lines}


def _lines_of(known: Mapping[str, Any] | None) -> Iterator[LineForm]:
    kept = (known or {}).get("lines", [])
    for place in range(len(kept) + NEW_LINES):
        yield LineForm(place, initial=kept[place] if place < len(kept) else None)


def _lines_posted(data: Any) -> Iterator[LineForm]:
    """In the order in which they stood."""
    for place in data.getlist("line")[:MOST_LINES]:
        if place.isdecimal() and len(place) <= len(str(MOST_LINES)):
            yield LineForm(int(place), data)


class NameForm(forms.Form):
    """A skill or a region: its code and its names."""

    code = forms.CharField(label=pgettext_lazy("of a skill or region", "Code"), required=False, max_length=20)
    zh = forms.CharField(label=pgettext_lazy("language", "Chinese"), required=False, max_length=60)
    en = forms.CharField(label=pgettext_lazy("language", "English"), required=False, max_length=60)
    gone = forms.BooleanField(label=gettext_lazy("Take out"), required=False)

    def __init__(self, place: int, part: str, known: Mapping[str, Any], data: Any = None, *, code: str = "") -> None:
        super().__init__(data, prefix=f"r{place}", initial=known.get(code))
        self.place, self.part, self.known, self.kept = place, part, known, code
        if code:
            del self.fields["code"]
        else:
            del self.fields["gone"]
        for bound in self:
            is_tick = bound.name == "gone"
            bound.field.widget.attrs |= (
                {"class": "form-check-input"}
                if is_tick
                else {
                    "class": "form-control",
                    "placeholder": bound.label,
                }
            )

    @property
    def parent(self) -> str:
        """The region this one lies in: its name and its code."""
        within = (code for code in self.known if code != self.kept and self.kept.startswith(code))
        code = max(within, key=len, default="")
        return f"{here(Words(**self.known[code]))} {code}" if code else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("gone") or not (self.kept or any(cleaned.get(name) for name in ("code", *WORDS))):
            return cleaned
        for name in self.fields.keys() - {"gone"}:
            if not cleaned.get(name):
                self.add_error(name, self.fields[name].error_messages["required"])
        if code := cleaned.get("code"):
            self._check_new(code)
        return cleaned

    def _check_new(self, code: str) -> None:
        if code in self.known:
            self.add_error("code", _("This code is taken."))
        elif not forms.RegexField(CODES[self.part]).regex.fullmatch(code):
            said = {
                "skills": _("A code has small letters, digits and _ and begins with a letter."),
                "regions": _("A code has digits: those the codes of the places in it begin with."),
            }
            self.add_error("code", said[self.part])

    def change(self) -> tuple[str, dict[str, str] | None] | None:
        """The code with its names, or with None where it is to go; None where nothing was said."""
        said = self.cleaned_data
        if said.get("gone"):
            return self.kept, None
        code = self.kept or said["code"]
        return (code, {name: said[name] for name in WORDS}) if code else None


def name_forms(part: str, known: Mapping[str, Any], data: Any = None) -> list[NameForm]:
    """One for each that is there, and a few for new ones."""
    codes = [*known, *[""] * NEW_ROWS]
    return [NameForm(place, part, known, data, code=code) for place, code in enumerate(codes)]


def twice(rows: list[NameForm]) -> bool:
    """True when two new rows have the same code: the second is told so."""
    seen: set[str] = set()
    for row in rows:
        code = row.cleaned_data.get("code")
        if code and code in seen:
            row.add_error("code", _("This code is taken."))
            return True
        seen |= {code} if code else set()
    return False
