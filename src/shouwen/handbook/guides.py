"""自助排障: what a customer is led through before a fault is reported, as a tree of questions (S2.1b)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shouwen.handbook.words import Source, Words

SOLVED, UNSOLVED = "solved", "unsolved"
ENDS = frozenset({SOLVED, UNSOLVED})
# What a light can be seen to do. Nobody has to tell colours apart: each has words and a shape of its own.
LIGHTS = ("off", "on", "blinking", "red", "red_blinking")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a step: where it leads, and what the complaint knows by it, should there be one.

    `lights` are those it is told by; `fills` answers questions of the intake form.
    """

    code: str
    words: Words
    goes: str
    lights: Mapping[str, str] = field(default_factory=dict)
    category: str = ""
    fills: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GuideStep:
    """One question, with what to do first, what to take care of, and for how many seconds to wait."""

    code: str
    words: Words
    choices: tuple[Choice, ...]
    does: tuple[Words, ...] = ()
    care: Words | None = None
    wait: int = 0

    def choice(self, code: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.code == code), None)


@dataclass(frozen=True, slots=True)
class Guide:
    """A tree of steps for the faults of some categories; the ticket of a failed attempt gets its `mark`."""

    id: str
    words: Words
    about: Words
    clause: str
    source: Source
    categories: tuple[str, ...]
    mark: str
    lights: Mapping[str, Words]
    begins: str
    steps: Mapping[str, GuideStep]

    def fits(self, category: str) -> bool:
        """True for its categories and all below them."""
        return any(f"{category}.".startswith(f"{branch}.") for branch in self.categories)


@dataclass(frozen=True, slots=True)
class Walk:
    """How far somebody came: the steps with what they answered, then either the next step or the end."""

    taken: tuple[tuple[GuideStep, Choice], ...]
    step: GuideStep | None
    end: str = ""

    @property
    def said(self) -> tuple[str, ...]:
        return tuple(choice.code for _step, choice in self.taken)

    @property
    def category(self) -> str:
        """What it turned out to be about, as far as the last answer that told."""
        return next((choice.category for _step, choice in reversed(self.taken) if choice.category), "")

    @property
    def fills(self) -> Mapping[str, Words]:
        """Answers to questions of the intake form; what was seen last holds."""
        return {name: words for _step, choice in self.taken for name, words in choice.fills.items()}


def walk(guide: Guide, said: Sequence[str]) -> Walk:
    """Follow answers from the beginning; from the first that is none of the choices on, the rest is as not said."""
    taken: list[tuple[GuideStep, Choice]] = []
    at = guide.begins
    for code in said:
        step = guide.steps.get(at)
        choice = step.choice(code) if step else None
        if step is None or choice is None:
            break
        taken.append((step, choice))
        at = choice.goes
    return Walk(tuple(taken), guide.steps.get(at), at if at in ENDS else "")


def flaws(begins: str, leads: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """What is wrong with a tree, given by where each step leads: the step, and "unknown", "circle" or "unreachable"."""
    reached, open_steps = set[str](), list[str]()

    def visit(step: str) -> Iterator[tuple[str, str]]:
        if step in open_steps:
            yield open_steps[-1], "circle"
        elif step not in reached and step in leads:
            reached.add(step)
            open_steps.append(step)
            for leads_to in leads[step]:
                yield from visit(leads_to)
            open_steps.pop()

    yield from visit(begins)
    for step in leads:
        if step not in reached:
            yield step, "unreachable"
