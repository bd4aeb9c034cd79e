"""The agent's form: what a caller says, asked in the order of the call."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwen.editions.edition import Edition, IntakeField, Term
from shouwen.handbook.authority import Actor
from shouwen.handbook.categories import INTAKE_LEVEL
from shouwen.handling.actions import Draft
from shouwen.intake.checking import LONGEST_ANSWER, LONGEST_NAME, LONGEST_TEXT, Errors
from shouwen.intake.documented import LONGEST_KEY
from shouwen.intake.questions import question

ABOUT = "about_"  # one choice for each level of the category
ASKED = "asked_"  # the answers to its questions
MINUTE_FORMAT = "%Y-%m-%dT%H:%M"
USUAL_CHANNEL = "hotline"
MUST = ("channel", "ticket_type", "reach", "text")
EITHER = ("phone", "account")  # one of them will do
NOT_BY_AGENTS = frozenset({"system"})

Data = Mapping[str, Any]
NOTHING: Data = {}


def new_key() -> str:
    """The name of one form that was handed out: however often it is sent, it counts once."""
    return secrets.token_hex(16)


class _Line(forms.CharField):
    """A short text whose length `checking` judges, in its own words."""

    def __init__(self, label: Any, *, longest: int = LONGEST_NAME, help_text: Any = "", **attrs: Any) -> None:
        widget = forms.TextInput(attrs={"maxlength": longest, "autocomplete": "off", **attrs})
        super().__init__(label=label, help_text=help_text, widget=widget)


class TakingInForm(forms.Form):
    """A complaint as an agent types it in. What it asks for depends on the category, as far as that is chosen.

    Reads what was typed; whether that is enough is `checking`'s to say, once, for every way in.
    """

    use_required_attribute = False  # the check says more, and says everything at once

    phone = _Line(_("Caller's number"), type="tel", inputmode="tel", help_text=_("Or an account, if there is none."))
    name = _Line(_("Name"))
    account = _Line(_("Account"), help_text=_("Broadband or customer account."))
    channel = forms.CharField(label=_("Came in by"), widget=forms.Select, initial=USUAL_CHANNEL)
    received_at = forms.DateTimeField(
        label=_("Received at"),
        input_formats=[MINUTE_FORMAT],
        widget=forms.DateTimeInput(format=MINUTE_FORMAT, attrs={"type": "datetime-local"}),
        help_text=_("Only if it was not just now: a letter, a message left."),
    )
    region = forms.CharField(label=_("Region"), widget=forms.Select)
    ticket_type = forms.CharField(label=_("Kind"), widget=forms.Select, initial="complaint")
    text = forms.CharField(
        label=_("What happened"),
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": LONGEST_TEXT}),
        help_text=_(
            "In the customer's words. Numbers in it, names that are recognised and addresses with building and room "
            "are locked away by themselves; other names and addresses are not. Some categories ask for the address "
            "once they are chosen: what stands there is found in these words too."
        ),
    )
    requested = forms.CharField(
        label=_("What the customer asks for"), widget=forms.Textarea(attrs={"rows": 2, "maxlength": LONGEST_ANSWER})
    )
    severity = forms.CharField(label=_("Severity"), widget=forms.Select)
    reach = forms.CharField(label=_("Reach"), widget=forms.Select, initial="single")
    customer_level = forms.CharField(label=_("Customer"), widget=forms.Select)
    informant_name = _Line(_("Reported by"), help_text=_("Whoever reports it for the customer: also told the result."))
    informant_phone = _Line(_("Their number"), type="tel", inputmode="tel")

    def __init__(
        self, rules: Edition, language: str, typed: Data = NOTHING, *, sent: bool = False, category: str | None = None
    ) -> None:
        """`typed` is what stands in the form, to be judged once it is `sent`.

        `category` is what was just picked; without it the levels chosen one by one count.
        """
        self._rules, self._language = rules, language
        self.category = self._chosen(typed) if category is None else category
        typed = {**typed, **self._levels_of(self.category)}
        super().__init__(typed if sent else None, initial=typed)
        self.key = _own_key(str(typed.get("key") or "")) or new_key()
        self._fill_choices()
        self.levels = self._add_levels()
        self.questions = self._add_questions()
        for field in self.fields.values():
            field.required = False

    @property
    def about(self) -> list[forms.BoundField]:
        """What it is about: a choice for each level, down to the first that is open."""
        return [self[name] for name in self.levels]

    @property
    def asked(self) -> list[tuple[forms.BoundField, str]]:
        """The questions of the category, each with what the answer is for."""
        return [(self[ASKED + field.code], field.purpose.spoken(self._language)) for field in self.questions]

    @property
    def must_inform(self) -> bool:
        """True when the customer has to be told the terms before this is taken in (S1.2b)."""
        node = self._rules.categories.nodes.get(self.category)
        return bool(node and node.duty_to_inform)

    def draft(self, *, by: Actor, at: datetime) -> Draft:
        """What the form says, to be checked and accepted. Its agent is its first-contact owner."""
        said = {name: value.strip() if isinstance(value, str) else value for name, value in self.cleaned_data.items()}
        return Draft(
            key=(f"form:{by.id}", self.key),
            text=said["text"],
            category=self.category,
            received_at=said["received_at"] or at,
            channel=said["channel"],
            ticket_type=said["ticket_type"],
            phone=said["phone"],
            name=said["name"],
            account=said["account"],
            informant_name=said["informant_name"],
            informant_phone=said["informant_phone"],
            region=said["region"],
            severity=said["severity"],
            reach=said["reach"] or "single",
            customer_level=said["customer_level"],
            details={field.code: said[ASKED + field.code] for field in self.questions},
            requested=said["requested"],
            informed=bool(said.get("informed")),
            by=by,
            first_owner=by.id if "agent" in by.roles else None,
            source="form",
        )

    def show_refused(self, errors: Errors) -> None:
        """Put what the check found beside the fields it is about."""
        beside = {"category": self.levels[-1]}
        for name, sentences in errors.items():
            places = (beside.get(name, name), ASKED + name)
            field = next((place for place in places if place in self.fields), None)
            for sentence in sentences:
                self.add_error(field, sentence)

    def ready_to_show(self) -> TakingInForm:
        """Marks what cannot be left out, for the reader: reading what was sent needs no such mark."""
        for name in (*MUST, *self.levels[:1], *(ASKED + code for code in self._must_answer())):
            self.fields[name].required = True
        for name in EITHER:
            self.fields[name].either = _("number or account: at least one")  # type: ignore[attr-defined]
        return self

    def _must_answer(self) -> tuple[str, ...]:
        return self._rules.categories.find(self.category).required if self.category else ()

    def _fill_choices(self) -> None:
        rules = self._rules
        by_category = ("", _("as the category says"))
        by_customer = ("", _("as known"))
        channels = {code: term for code, term in rules.channels.items() if code not in NOT_BY_AGENTS}
        self._offer("channel", self._words(channels.values()))
        self._offer("region", [("", "—"), *self._words(rules.regions.values())])
        self._offer("ticket_type", self._words(rules.ticket_types.values()))
        self._offer("severity", [by_category, *self._words(rules.severities.values())])
        self._offer("reach", self._words(rules.reaches.values()))
        self._offer("customer_level", [by_customer, *self._words(rules.customer_levels.values())])

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        self.fields[name].widget.choices = choices

    def _words(self, terms: Iterable[Term]) -> list[tuple[str, str]]:
        return [
            (term.code, " · ".join(words.spoken(self._language) for words in (term.words, term.note) if words))
            for term in terms
        ]

    def _chosen(self, typed: Data) -> str:
        """The deepest level chosen whose parents were chosen too."""
        chosen = ""
        for depth in range(1, INTAKE_LEVEL + 1):
            picked = typed.get(f"{ABOUT}{depth}", "")
            if picked not in {branch.code for branch in self._rules.categories.children(chosen)}:
                break
            chosen = picked
        return chosen

    def _levels_of(self, category: str) -> dict[str, str]:
        """The choice at each level that leads to a category."""
        path = self._rules.categories.path(category) if category else ()
        codes = [*(node.code for node in path), *[""] * INTAKE_LEVEL][:INTAKE_LEVEL]
        return {f"{ABOUT}{depth}": code for depth, code in enumerate(codes, start=1)}

    def _add_levels(self) -> list[str]:
        """A choice for each level whose parent is chosen."""
        above = ["", *filter(None, self._levels_of(self.category).values())][:INTAKE_LEVEL]
        for depth, code in enumerate(above, start=1):
            branches = [(one.code, one.words.spoken(self._language)) for one in self._rules.categories.children(code)]
            if branches:
                self.fields[f"{ABOUT}{depth}"] = self._level(depth, branches)
        return [name for name in self.fields if name.startswith(ABOUT)]

    def _level(self, depth: int, choices: list[tuple[str, str]]) -> forms.Field:
        label = (_("Category"), _("Second level"), _("Third level"))[depth - 1]
        return forms.CharField(label=label, widget=forms.Select(choices=[("", "—"), *choices]))

    def _add_questions(self) -> list[IntakeField]:
        asked = list(self._rules.asked_fields(self.category)) if self.category else []
        for field in asked:
            self.fields[ASKED + field.code] = question(field, self._language)
        if self.must_inform:
            self.fields["informed"] = forms.BooleanField(
                label=_("The customer has been told the tariff, when it takes effect and how to cancel.")
            )
        return asked


def _own_key(text: str) -> str:
    """The form's own key as it came back; none where something else has been put there."""
    return text if text.isprintable() and len(text) <= LONGEST_KEY else ""
