"""What a complaint must state before it is taken in: what its business needs, and no more (SOP 一(二))."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta

import phonenumbers
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shouwen.editions.edition import Edition, IntakeField
from shouwen.handbook.categories import INTAKE_LEVEL, Category, level
from shouwen.handbook.gates import CLOCK_SKEW
from shouwen.handbook.words import Words
from shouwen.handling.actions import Draft

LONGEST_TEXT = 10_000
LONGEST_ANSWER = 500
LONGEST_NAME = 80
MOBILE = re.compile("1[3-9][0-9]{9}")
MONEY = re.compile(r"[¥￥£$€]?\s*(\d{1,9}|\d{1,3}([,，]\d{3}){1,2})(\.\d{1,2})?\s*")
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
OLDEST = timedelta(days=366)  # a letter may lie about, but not for years; older ones come in by import

Errors = Mapping[str, list[str]]
Wrong = Iterator[tuple[str, str]]


class DraftRefused(ValueError):
    """A draft cannot be taken in as it is. `errors` says for each field, in the reader's language, what to do."""

    def __init__(self, errors: Errors) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{name}: {' '.join(says)}" for name, says in errors.items()))


def check(draft: Draft, edition: Edition, *, now: datetime, complete: bool = True) -> None:
    """Raises DraftRefused with everything that is wrong at once.

    Without `complete` (a moved-in spreadsheet) the questions of the category may stay unanswered, and a case that has
    been verified has its fourth level.
    """
    errors: dict[str, list[str]] = defaultdict(list)
    for field, sentence in _problems(draft, edition, now, complete):
        errors[field].append(sentence)
    if errors:
        raise DraftRefused(dict(errors))


def _problems(draft: Draft, edition: Edition, now: datetime, complete: bool) -> Wrong:
    yield from _characters(draft)
    yield from _text(draft)
    yield from _category(draft, edition, complete)
    yield from _vocabulary(draft, edition)
    yield from _contacts(draft, complete)
    yield from _times(draft, now, complete)
    category = edition.categories.nodes.get(draft.category)
    if category and complete:
        yield from _answers(draft, edition, category)
    elif category:
        yield from _answers_given(draft, edition)


def _characters(draft: Draft) -> Wrong:
    """PostgreSQL keeps every character but one."""
    said = {f.name: value for f in fields(draft) if isinstance(value := getattr(draft, f.name), str)}
    for name, value in (said | dict(draft.details) | {"key": "".join(draft.key)}).items():
        if "\x00" in value:
            yield name, _("The text holds characters that cannot be kept.")


def _text(draft: Draft) -> Wrong:
    if not draft.text.strip():
        yield "text", _("Say what happened.")
    if len(draft.text) > LONGEST_TEXT:
        yield "text", _("At most {count} characters, please.").format(count=LONGEST_TEXT)
    if len(draft.title) > 200:
        yield "title", _("At most {count} characters, please.").format(count=200)
    if len(draft.requested) > LONGEST_ANSWER:
        yield "requested", _("At most {count} characters, please.").format(count=LONGEST_ANSWER)


def _category(draft: Draft, edition: Edition, complete: bool) -> Wrong:
    if draft.category not in edition.categories.nodes:
        yield "category", _("Choose what it is about.")
    elif complete and level(draft.category) > INTAKE_LEVEL:
        yield "category", _("The fourth level is set after verification: choose one of the first three.")


def _vocabulary(draft: Draft, edition: Edition) -> Wrong:
    for name, code, known in (
        ("ticket_type", draft.ticket_type, edition.ticket_types),
        ("channel", draft.channel, edition.channels),
        ("severity", draft.severity, edition.severities),
        ("reach", draft.reach, edition.reaches),
        ("complexity", draft.complexity, edition.complexities),
        ("customer_level", draft.customer_level, edition.customer_levels),
    ):
        if code and code not in known:
            yield name, _("“{code}” is not known here.").format(code=code[:40])
    if draft.region and not _known_place(draft.region, edition):
        yield "region", _("“{code}” is not known here.").format(code=draft.region[:40])


def _known_place(region: str, edition: Edition) -> bool:
    """A region of the edition, or a place within one: 340104 lies in 3401."""
    inside = region.isdigit() and len(region) <= 12
    return inside and any(region[:depth] in edition.regions for depth in range(2, len(region) + 1))


def _contacts(draft: Draft, complete: bool) -> Wrong:
    if not draft.phone and not draft.account and draft.source in {"form", "portal"}:
        yield "phone", _("A number to call back on is needed.")
    for name, number in (("phone", draft.phone), ("informant_phone", draft.informant_phone)):
        if number and not complete and not plausible_phone(number):  # an old list may have local numbers
            yield name, _("This is not a telephone number.")
        elif number and complete and not can_be_called(number):
            yield name, _("This is not a telephone number: write a mobile number, or a landline with its area code.")
    for name, value in (("name", draft.name), ("informant_name", draft.informant_name), ("account", draft.account)):
        if len(value) > LONGEST_NAME:
            yield name, _("At most {count} characters, please.").format(count=LONGEST_NAME)


def plausible_phone(text: str) -> bool:
    """True for what can be dialled, in the carrier's own country unless it says otherwise."""
    if MOBILE.fullmatch(text) and settings.SHOUWEN_COUNTRY == "CN":  # nearly all of them; no need of the whole plan
        return True
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, settings.SHOUWEN_COUNTRY))
    except phonenumbers.NumberParseException:
        return False


def can_be_called(text: str) -> bool:
    """True for a number that can be called from anywhere: a service code or a number without its area code cannot."""
    if MOBILE.fullmatch(text) and settings.SHOUWEN_COUNTRY == "CN":
        return True
    try:
        number = phonenumbers.parse(text, settings.SHOUWEN_COUNTRY)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE


def _times(draft: Draft, now: datetime, complete: bool) -> Wrong:
    if draft.received_at > now + CLOCK_SKEW:
        yield "received_at", _("This lies in the future.")
    elif complete and draft.received_at < now - OLDEST:
        yield "received_at", _("This is more than a year ago: take it in by import.")


def _answers(draft: Draft, edition: Edition, category: Category) -> Wrong:
    language = get_language() or settings.LANGUAGE_CODE
    for field in edition.asked_fields(category.code):
        answer = draft.details.get(field.code, "").strip()
        if not answer and field.code in category.required:
            yield field.code, _("Please answer: {question}").format(question=field.words.spoken(language))
        elif answer and (problem := _wrong_answer(field, answer) or _wrong_kind(field, answer, edition.currency)):
            yield field.code, problem
    for name in draft.details.keys() - edition.fields.keys():
        yield name, _("This is not asked for a complaint of this kind.")
    if category.duty_to_inform and not draft.informed:
        yield "informed", _("Confirm that the customer was told the tariff, when it takes effect and how to cancel.")


def _answers_given(draft: Draft, edition: Edition) -> Wrong:
    for name, answer in draft.details.items():
        if answer and (problem := _wrong_answer(edition.fields[name], answer)):
            yield name, problem


def _wrong_answer(field: IntakeField, answer: str) -> str:
    if field.kind == "choice" and answer not in field.answers:
        return _("“{code}” is not one of the choices.").format(code=answer[:40])
    if len(answer) > LONGEST_ANSWER:
        return _("At most {count} characters, please.").format(count=LONGEST_ANSWER)
    if field.kind == "phone" and not plausible_phone(answer):
        return _("This is not a telephone number.")
    return ""


def _wrong_kind(field: IntakeField, answer: str, currency: Words) -> str:
    """What somebody types now can still be put right; what a spreadsheet brings stays as it is."""
    if field.kind == "money" and not MONEY.fullmatch(answer.removesuffix(currency.zh).removesuffix(currency.en)):
        return _("Write the amount as a number, such as 128.50.")
    if field.kind == "number" and not NUMBER.fullmatch(answer):
        return _("Write a number, such as 3 or 2.5.")
    if field.kind == "date" and not _is_date(answer):
        return _("Write the date as year, month and day, such as 2026-11-22.")
    if field.kind == "yes_no" and answer not in field.answers:
        return _("Answer yes or no.")
    return ""


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
