"""Guides to help oneself: what is wrong with a tree as a pack writes it, and the tree it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from shouwen.editions.reading import Place
from shouwen.handbook.categories import INTAKE_LEVEL, level
from shouwen.handbook.guides import ENDS, Choice, Guide, GuideStep, flaws
from shouwen.handbook.words import Source, Words


def wrongs(form: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Answers that lead nowhere, circles, steps nobody comes to, lights the guide does not name."""
    says = {
        "circle": _("its answers lead back to a step before it: nobody would come to an end"),
        "unreachable": _("no answer leads here"),
    }
    if form.begins not in form.steps:
        yield (*place, "begins"), _('unknown step "{name}"').format(name=form.begins)
        return
    for code, step in form.steps.items():
        here: Place = (*place, "steps", code)
        if code in ENDS:
            yield here, _("“{name}” is an end: call the step otherwise").format(name=code)
        for name, choice in step.answers.items():
            yield from _choice_wrongs(form, choice, (*here, "answers", name))
    leads = {code: [choice.goes for choice in step.answers.values()] for code, step in form.steps.items()}
    for code, flaw in flaws(form.begins, leads):
        yield (*place, "steps", code), says[flaw]


def _choice_wrongs(form: Any, choice: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if choice.goes not in form.steps and choice.goes not in ENDS:
        yield (*place, "goes"), _('unknown step "{name}"').format(name=choice.goes)
    if choice.category and level(choice.category) > INTAKE_LEVEL:
        yield (*place, "category"), _("The fourth level is set after verification: choose one of the first three.")
    for light in choice.lights:
        if light not in form.lights:
            yield (*place, "lights", light), _('unknown light "{name}"').format(name=light)


def build_guide(form: Any, words: Callable[[Any], Words], source: Source) -> Guide:
    """The guide of this form."""
    return Guide(
        id=form.id,
        words=words(form),
        about=words(form.about),
        clause=form.clause,
        source=source,
        categories=tuple(form.categories),
        mark=form.mark,
        lights={code: words(light) for code, light in form.lights.items()},
        begins=form.begins,
        steps={code: _step(code, step, words) for code, step in form.steps.items()},
    )


def _step(code: str, form: Any, words: Callable[[Any], Words]) -> GuideStep:
    choices = tuple(
        Choice(
            name,
            words(choice),
            choice.goes,
            dict(choice.lights),
            choice.category or "",
            {field: words(answer) for field, answer in choice.fills.items()},
        )
        for name, choice in form.answers.items()
    )
    care = words(form.care) if form.care else None
    return GuideStep(code, words(form), choices, tuple(map(words, form.does)), care, form.wait_seconds)
