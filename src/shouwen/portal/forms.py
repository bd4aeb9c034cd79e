"""The forms customers fill in. What a complaint must state is checked by `intake`; here it is asked for."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shouwen.editions.edition import Edition, IntakeField
from shouwen.handbook.authority import Actor
from shouwen.handbook.categories import INTAKE_LEVEL, level
from shouwen.handbook.evidence import CHECKED
from shouwen.handbook.guides import Guide
from shouwen.handling.actions import Draft
from shouwen.intake.checking import LONGEST_ANSWER, LONGEST_NAME, LONGEST_TEXT
from shouwen.intake.questions import KINDS, offered
from shouwen.portal.guides import tried_in, tried_lines
from shouwen.portal.telling import HowTold, offers_letters
from shouwen.surveys.queries import Rating
from shouwen.surveys.questions import check_rating, rating_fields, rating_of

ASKED = "asked_"
FEW = 3  # choices that can all be shown at once
DEEP_ENOUGH = 2  # the level a customer must choose; the third they may leave to us
# What the desk finds out with the customer before it dispatches (U4.4): nothing a customer could answer alone.
ASKED_BY_THE_DESK = {CHECKED: "no"}


NEXT_QUESTIONS = (_("What is it about?"), _("More exactly"), _("And what best describes it?"))


class NamingForm(forms.Form):
    """A form whose errors name the field that was left empty."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.name_fields()

    def name_fields(self) -> None:
        for field in self.fields.values():
            field.error_messages["required"] = _("Please fill in: %(field)s") % {"field": field.label or ""}


def new_form_name() -> str:
    """A name for one form that was handed out: sent twice, it counts once."""
    return secrets.token_hex(16)


def _address(label: Any) -> forms.EmailField:
    return forms.EmailField(
        label=label,
        max_length=120,
        required=False,
        widget=forms.EmailInput(attrs={"inputmode": "email", "autocomplete": "email", "autocapitalize": "none"}),
        error_messages={"invalid": _("This is no e-mail address: write it like name@example.com.")},
    )


class ComplaintForm(NamingForm):
    """A complaint from the public page. What it asks for depends on what it is about, as far as that is chosen."""

    form = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput, initial=new_form_name)
    category = forms.CharField(required=False, widget=forms.HiddenInput)
    guide = forms.CharField(required=False, widget=forms.HiddenInput)
    said = forms.CharField(required=False, widget=forms.HiddenInput)
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}))
    text = forms.CharField(
        label=_("What happened?"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("When, where, what you have tried. Please leave out ID card numbers, bank cards and passwords."),
    )
    requested = forms.CharField(
        label=_("What would you like us to do?"),
        max_length=LONGEST_ANSWER,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    region = forms.ChoiceField(label=_("Where do you use the service?"), widget=forms.Select)
    phone = forms.CharField(
        label=_("Phone number"),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )
    name = forms.CharField(
        label=_("How may we address you?"),
        max_length=LONGEST_NAME,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    email = _address(_("E-mail address"))

    def __init__(self, rules: Edition, language: str, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self._rules, self._language = rules, language
        if not offers_letters():
            del self.fields["email"]
        self.fields["category"].shown_at = "about-label"  # type: ignore[attr-defined]
        self.fields["region"].choices = self._places()
        self.about = self._chosen()
        self.tried = tried_in(rules, self._typed("guide"), self._typed("said"))
        self.questions = self._add_questions()
        if self.asks_now and self._rules.categories.find(self.about).duty_to_inform:
            self.fields["informed"] = forms.BooleanField(label=_("I have read this."), required=True)
        self.name_fields()

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """What it is about as far as it is chosen: the words of each level, and the code to go back to from there."""
        path = self._rules.categories.path(self.about) if self.about else ()
        return [(node.words.spoken(self._language), node.parent) for node in path]

    @property
    def branches(self) -> list[tuple[str, str]]:
        """What may be chosen next: codes and words."""
        if level(self.about) >= INTAKE_LEVEL:
            return []
        nodes = self._rules.categories.children(self.about)
        return [(node.code, node.words.spoken(self._language)) for node in nodes]

    @property
    def next_question(self) -> str:
        """What is asked about the next level."""
        return str(NEXT_QUESTIONS[min(level(self.about), INTAKE_LEVEL - 1)])

    @property
    def asks_now(self) -> bool:
        """True once enough has been chosen to know what must be asked."""
        return bool(self.about) and (level(self.about) >= DEEP_ENOUGH or not self.branches)

    @property
    def asked(self) -> list[tuple[forms.BoundField, str]]:
        """The questions of the category, each with what the answer is for."""
        return [(self[ASKED + field.code], field.purpose.spoken(self._language)) for field in self.questions]

    @property
    def tried_lines(self) -> list[tuple[str, str]]:
        """What was tried before, and seen."""
        return tried_lines(self.tried[1], self._language) if self.tried else []

    @property
    def guide_here(self) -> Guide | None:
        """A guide that may help with what has been chosen, if it has not been tried."""
        return None if self.tried else self._rules.guide_for(self.about)

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Answers to questions that are not asked just now: chosen otherwise, they may be asked again."""
        typed = self.data if self.is_bound else self.initial
        return [(name, typed[name]) for name in typed if name.startswith(ASKED) and name not in self.fields]

    def clean_category(self) -> str:
        if not self.asks_now:
            raise forms.ValidationError(_("Choose what it is about."))
        return self.about

    def draft(self, *, at: datetime) -> Draft:
        """What the form says, to be checked and accepted."""
        said = self.cleaned_data
        details = {field.code: said.get(ASKED + field.code, "") for field in self.questions}
        wanted = self._rules.categories.find(self.about).required if self.about else ()
        details |= {code: answer for code, answer in ASKED_BY_THE_DESK.items() if code in wanted}
        return Draft(
            key=("portal", said.get("form", "")),
            text=said.get("text", ""),
            requested=said.get("requested", ""),
            category=self.about,
            details=details,
            informed=said.get("informed", False),
            region=said.get("region", ""),
            phone=said.get("phone", ""),
            name=said.get("name", ""),
            email=said.get("email", ""),
            received_at=at,
            channel="web",
            source="portal",
            by=Actor("customer"),
        )

    def show_refused(self, errors: Mapping[str, Iterable[str]]) -> None:
        """Put what the check found beside the fields it is about."""
        for name, sentences in errors.items():
            field = next((known for known in (name, ASKED + name) if known in self.fields), None)
            for sentence in sentences:
                if field is None or not self.has_error(field):
                    self.add_error(field, sentence)

    def _typed(self, name: str) -> str:
        return str((self.data if self.is_bound else self.initial).get(name) or "")

    def _chosen(self) -> str:
        """The category so far; nothing for a code the edition does not know, or knows only once it is verified."""
        code = self._typed("category")
        return code if code in self._rules.categories.nodes and level(code) <= INTAKE_LEVEL else ""

    def _add_questions(self) -> list[IntakeField]:
        if not self.asks_now:
            return []
        asked = [field for field in self._rules.asked_fields(self.about) if field.code not in ASKED_BY_THE_DESK]
        must = self._rules.categories.find(self.about).required
        for field in asked:
            question = self.fields[ASKED + field.code] = _question(field, self._language)
            question.required = question.widget.is_required = field.code in must
        return asked

    def _places(self) -> list[tuple[str, Any]]:
        """Provinces, and where the branch names its cities these below their province."""
        named = {code: term.words.spoken(self._language) for code, term in self._rules.regions.items()}
        places: list[tuple[str, Any]] = [("", pgettext_lazy("portal", "Choose"))]
        for code, name in named.items():
            within = [(inner, inner_name) for inner, inner_name in named.items() if inner != code and inner[:2] == code]
            if len(code) == 2 and within:
                places.append((name, [*within, (code, _("Elsewhere in %(place)s") % {"place": name})]))
            elif len(code) == 2 or code[:2] not in named:
                places.append((code, name))
        return places


def _question(field: IntakeField, language: str) -> forms.Field:
    """One question of a category as a form asks it."""
    label = field.words.spoken(language)
    if field.kind == "yes_no":
        both = [("yes", pgettext_lazy("portal", "Yes")), ("no", pgettext_lazy("portal", "No"))]
        return _choice(label, [*both, *offered(field, language)])
    if field.choices:
        return _choice(label, offered(field, language))
    attrs = KINDS.get(field.kind, {})
    widget = forms.Textarea(attrs={"rows": 3}) if field.kind == "long_text" else forms.TextInput(attrs=attrs)
    return forms.CharField(label=label, max_length=LONGEST_ANSWER, widget=widget)


def _choice(label: str, choices: list[tuple[str, Any]]) -> forms.ChoiceField:
    if len(choices) <= FEW:
        return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)
    return forms.ChoiceField(label=label, choices=[("", pgettext_lazy("portal", "Choose")), *choices])


class TrackForm(NamingForm):
    """Which complaint, and the phone it was made with."""

    number = forms.CharField(
        label=_("Number of your complaint"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    phone = forms.CharField(
        label=_("Phone number"),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )


class CodeForm(NamingForm):
    """The code that came by text message."""

    code = forms.CharField(
        label=_("Code from the text message"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class TellingForm(NamingForm):
    """By which way a customer wants to be told, and where; an address that is known need not be typed again."""

    way = forms.ChoiceField(label=_("How may we tell you?"), widget=forms.RadioSelect)
    email = _address(_("E-mail address"))

    def __init__(self, told: HowTold, data: Any = None) -> None:
        chosen = "email" if told.by_letter or not told.phone else "sms"
        super().__init__(data, initial={"way": chosen})
        self.told = told
        texts = _("By text message to {phone}").format(phone=told.phone)
        self.fields["way"].choices = [  # type: ignore[attr-defined]
            *([("sms", texts)] if told.phone else []),
            ("email", _("By e-mail")),
        ]
        if told.known:
            kept = _("Leave it empty for {address}.").format(address=told.known)
            self.fields["email"].help_text = kept

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("way") == "email" and "email" not in self.errors and not (said.get("email") or self.told.known):
            self.add_error("email", _("Please write the address we may write to."))
        return said


class MailboxCodeForm(NamingForm):
    """The code that came by e-mail."""

    code = forms.CharField(
        label=_("Code from the e-mail"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class SlipForm(NamingForm):
    """A complaint's number, and the code an agent handed out for it."""

    number = TrackForm.base_fields["number"]
    slip = forms.CharField(
        label=_("Code an agent gave you"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class AdditionForm(NamingForm):
    """More about a complaint."""

    form = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput, initial=new_form_name)
    text = forms.CharField(
        label=_("What would you like to add?"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4})
    )


class ReopenForm(NamingForm):
    """Not satisfied: what is still wrong."""

    form = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput, initial=new_form_name)
    reason = forms.CharField(
        label=_("What is still wrong?"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4})
    )


class RatingForm(NamingForm):
    """How satisfied the customer is, in the edition's steps (S4.2b, H7.2.4); all but the first question is optional."""

    form = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput, initial=new_form_name, required=False)

    def __init__(self, rules: Edition, language: str, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields |= rating_fields(rules, language)
        self.name_fields()

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        check_rating(self, said)
        return said

    def rating(self) -> Rating:
        return rating_of(self.cleaned_data)
