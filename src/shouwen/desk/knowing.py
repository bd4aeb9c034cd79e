"""What the rules in force say, as lines to be found: appendices, time limits, indicators, scoring, duties, guides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from shouwen.desk.wording import here, language
from shouwen.editions.appendices import TITLES, Asked, Duty, Side, appendix
from shouwen.editions.appendix_limits import Limit, Measured, duration_words, goal_of
from shouwen.editions.appendix_words import Cited
from shouwen.editions.edition import Edition
from shouwen.handbook.guides import Guide
from shouwen.handbook.targets import TargetRule
from shouwen.language.normalising import normalise


@dataclass(frozen=True, slots=True)
class Line:
    """One thing the rules say: its name, where it stands, what is said beside it, and all of its text."""

    name: str
    url: str
    note: str
    icon: str
    text: str
    low: str  # the text as it is compared


_kept: dict[str, tuple[Edition, list[Line]]] = {}  # by language: the edition they were written from, and they


def lines_of(rules: Edition) -> list[Line]:
    """All of them, in the reader's language: written once for an edition, since somebody asks at every key."""
    edition, lines = _kept.get(language(), (None, []))
    if edition is not rules:
        lines = _written(rules)
        _kept[language()] = rules, lines
    return lines


def _written(rules: Edition) -> list[Line]:
    appendices = {name: appendix(rules, name) for name in ("time-limits", "scoring", "duties")}
    return [
        *(_line(str(title), _address(name), "", "book", "") for name, title in TITLES.items()),
        *_limits(rules, appendices["time-limits"]),
        *_checks(appendices["scoring"]["sides"]),
        *_duties(appendices["duties"]["duties"]),
        *map(_guide, rules.guides.values()),
    ]


def _limits(rules: Edition, content: dict[str, Any]) -> Iterator[Line]:
    of_rule: dict[str, TargetRule] = {rule.id: rule for rule in rules.rules}
    limits: list[Limit] = content["limits"]
    for one in limits:
        rule = of_rule[one.id]
        given = "" if rule.for_promises else duration_words(rule.duration)
        said = (one.kind, one.given, one.counted, one.starts, one.stops, one.pauses, one.applies, one.answerable)
        text = _text(*said, *one.ladder, *_cited(one.cited))
        yield _line(one.name, f"{_address('time-limits')}#{one.id}", _text(given, rule.clause), "clock", text)
    of_indicator = {indicator.id: indicator for indicator in rules.indicators}
    measured: list[Measured] = content["indicators"]
    for each in measured:
        indicator = of_indicator[each.id]
        text = _text(each.measures, each.goal, each.period, each.known_from, *_cited(each.cited))
        note = _text(goal_of(indicator), indicator.clause)
        yield _line(each.name, f"{_address('time-limits')}#{each.id}", note, "target", text)


def _checks(sides: Iterable[Side]) -> Iterator[Line]:
    """A check has no name of its own: its question is it."""
    for number, side in enumerate(sides, 1):
        questions: tuple[Asked, ...] = side.checks
        said = (text for check in questions for text in (check.question, *_cited(check.cited)))
        yield _line(
            side.name, f"{_address('scoring')}#side-{number}", "", "clipboard-check", _text(side.looks_at, *said)
        )


def _duties(duties: Iterable[Duty]) -> Iterator[Line]:
    for number, one in enumerate(duties, 1):
        text = _text(one.duties, *one.moves, *one.sees, one.approves, *one.rules)
        yield _line(one.name, f"{_address('duties')}#duty-{number}", str(TITLES["duties"]), "user", text)


def _guide(guide: Guide) -> Line:
    steps = (here(words) for step in guide.steps.values() for words in (step.words, *step.does, step.care) if words)
    url = reverse("portal:guide", args=[guide.id])
    return _line(here(guide.words), url, guide.clause, "route", _text(here(guide.about), *steps))


def _line(name: str, url: str, note: str, icon: str, text: str) -> Line:
    return Line(name, url, note, icon, text, normalise(text))


def _cited(cited: Cited) -> tuple[str, ...]:
    return cited.says, cited.document, cited.place


def _address(name: str) -> str:
    return reverse("desk:appendix", args=[name])


def _text(*said: str) -> str:
    return " · ".join(filter(None, said))
