"""Guides to help oneself, as the public pages show them: choices with their lights, and what has been tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import pgettext_lazy

from shouwen.editions.edition import Edition
from shouwen.handbook.guides import ENDS, Choice, Guide, GuideStep, Walk, walk
from shouwen.handbook.words import Words

STATES = {
    "off": pgettext_lazy("light", "off"),
    "on": pgettext_lazy("light", "steady"),
    "blinking": pgettext_lazy("light", "flashing"),
    "red": pgettext_lazy("light", "red"),
    "red_blinking": pgettext_lazy("light", "flashing red"),
}
LONGEST = 400  # characters of an address that say anything
WIDE = 104  # of one light in a picture, and of the picture's margins
MARGIN = 8


@dataclass(frozen=True, slots=True)
class Light:
    """One light of a picture: its name, what it does in a word, and where it stands."""

    name: Words
    state: str
    word: str
    x: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The front of a modem."""

    lights: Sequence[Light]
    width: int

    @property
    def rays(self) -> range:
        """The turns of the rays around a flashing light."""
        return range(0, 360, 45)


@dataclass(frozen=True, slots=True)
class ShownChoice:
    """An answer to press; one that ends the guide is sent, the others are only addresses."""

    words: Words
    said: str
    ends: str
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A step to be shown."""

    step: GuideStep
    choices: Sequence[ShownChoice]
    number: int


def walked(guide: Guide, said: str) -> Walk:
    """The walk that an address tells."""
    return walk(guide, said[:LONGEST].split("."))


def tried_in(rules: Edition, guide: str, said: str) -> tuple[Guide, Walk] | None:
    """The guide somebody went through before complaining, and how far; None where none was."""
    found = rules.guides.get(guide)
    walk_ = walked(found, said) if found else None
    return (found, walk_) if found and walk_ and walk_.taken else None


def shown(guide: Guide, walk_: Walk) -> Shown:
    """The step a walk stands at, with an answer's address and picture."""
    step = walk_.step
    if step is None:
        raise ValueError("a walk that has ended has no step")
    choices = [
        ShownChoice(
            choice.words,
            ".".join((*walk_.said, choice.code)),
            choice.goes if choice.goes in ENDS else "",
            _picture(guide.lights, choice),
        )
        for choice in step.choices
    ]
    return Shown(step, choices, len(walk_.taken) + 1)


def tried_lines(walk_: Walk, language: str = "") -> list[tuple[str, str]]:
    """What was asked and answered, in the reader's language or the carrier's."""
    spoken = language or settings.LANGUAGE_CODE
    return [(step.words.spoken(spoken), choice.words.spoken(spoken)) for step, choice in walk_.taken]


def _picture(names: Mapping[str, Words], choice: Choice) -> Picture | None:
    if not choice.lights:
        return None
    known = [(name, choice.lights[code]) for code, name in names.items() if code in choice.lights]
    lights = [
        Light(name, state, str(STATES[state]), MARGIN + n * WIDE + WIDE // 2) for n, (name, state) in enumerate(known)
    ]
    return Picture(lights, 2 * MARGIN + WIDE * len(lights))
