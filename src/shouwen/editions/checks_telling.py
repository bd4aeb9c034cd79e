"""Whether what telling.yaml names is there, and its messages have only blanks the desk can fill."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _

from shouwen.editions.checks_words import Forms, Wrong, blanks, check_applies, check_cited, unknown
from shouwen.editions.reading import Place


def check_telling(forms: Forms) -> Wrong:
    """Every template, rule, role and score it names is one the pack has, with blanks the desk can fill."""
    sheet = forms["telling.yaml"]
    for name in type(sheet).model_fields:
        if part := getattr(sheet, name):
            yield from check_cited(forms, part, (name,))
    if sheet.quiet and sheet.quiet.begins == sheet.quiet.ends:
        yield ("quiet", "until"), _("hours of peace end at another time than they begin")
    yield from _check_messages(forms, sheet)
    if sheet.calls:
        yield from _check_calls(forms, sheet.calls)
    if sheet.marking:
        yield from unknown("score", sheet.marking.marks, forms["edition.yaml"].scores, ("marking", "marks"))
        for score in forms["edition.yaml"].scores.keys() - sheet.marking.marks.keys():
            yield ("marking", "marks"), _("score {score} has no marks").format(score=score)


# What a message may name, and by whom it is filled.
FILLED = {
    "progress": {"number", "expected_at"},
    "otherwise": {"number"},
    "delays": {"number", "due_at", "expected_at", "rule"},
    "copies": {"number"},
}


def _check_messages(forms: Forms, sheet: Any) -> Wrong:
    for index, step in enumerate(sheet.progress.steps if sheet.progress else ()):
        place: Place = ("progress", "steps", index)
        yield from check_applies(forms, step.when, (*place, "when"))
        yield from _check_template(forms, step.template, "progress", (*place, "template"))
        yield from _check_template(forms, step.otherwise, "otherwise", (*place, "otherwise"))
    for index, delay in enumerate(sheet.delays.of if sheet.delays else ()):
        place = ("delays", "of", index)
        yield from unknown("rule", delay.rules, {rule.id for rule in forms["clocks.yaml"].clocks}, (*place, "rules"))
        yield from _check_template(forms, delay.template, "delays", (*place, "template"))
    for index, copy in enumerate(sheet.copies.to if sheet.copies else ()):
        place = ("copies", "to", index)
        yield from unknown("role", copy.to, {"concerned", *forms["roles.yaml"].roles}, (*place, "to"))
        yield from check_applies(forms, copy.when, (*place, "when"))
        yield from _check_template(forms, copy.template, "copies", (*place, "template"))


def _check_template(forms: Forms, code: str, part: str, place: Place) -> Wrong:
    templates = forms["templates.yaml"].templates
    yield from unknown("template", code, templates, place)
    strange = set(blanks(templates[code].zh)) - FILLED[part] if code in templates else set()
    for name in sorted(strange):
        yield place, _("nobody fills the blank “{name}” of this template").format(name=name)


def _check_calls(forms: Forms, calls: Any) -> Wrong:
    for index, whom in enumerate(calls.whom):
        yield from check_applies(forms, whom, ("calls", "for", index))
    yield from unknown("feedback channel", calls.via, forms["edition.yaml"].feedback_channels, ("calls", "via"))
    seen = Counter(script.id for script in calls.scripts)
    for index, script in enumerate(calls.scripts):
        place: Place = ("calls", "scripts", index)
        yield from check_applies(forms, script.when, (*place, "when"))
        if seen[script.id] > 1:
            yield (*place, "id"), _("there are two of this {noun}").format(noun=_("script"))
        for line in script.lines:
            if set(blanks(line.zh)) != set(blanks(line.en)):
                yield place, _("the two languages have different blanks")
            for name in sorted(set(blanks(line.zh)) - {"number", "staff_no"}):
                yield place, _("nobody fills the blank “{name}” of this template").format(name=name)
    if any(calls.scripts[-1].when.model_dump().values()):
        yield ("calls", "scripts", len(calls.scripts) - 1), _("the last script must fit everything")
