"""YAML that remembers its lines, so that whatever is wrong with a pack can be pointed at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import yaml
from django.utils.translation import gettext as _

Place = tuple[str | int, ...]
KINDS = frozenset({"map", "seq", "str", "bool", "int", "float", "null", "timestamp"})
DEEPEST = 30
LONGEST = 400_000  # characters in one file; the shipped ones have a tenth of it


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a pack: where it stands, what it belongs to, and a sentence."""

    file: str
    line: int
    rule: str
    sentence: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where} {self.rule}: {self.sentence}" if self.rule else f"{where}: {self.sentence}"


class BrokenPack(ValueError):
    """A pack that cannot become an edition, with every problem found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(slots=True)
class Sheet:
    """One file of a pack: its data, the line of every value in it, and what was wrong already."""

    file: str
    data: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, place: Place) -> int:
        """The line of a value; where it is missing, the line of what should hold it."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, place: Place, rule: str, sentence: str) -> Problem:
        return Problem(self.file, self.line(place), rule, sentence)

    def blame(self, node: yaml.Node, sentence: str) -> None:
        self.problems.append(Problem(self.file, node.start_mark.line + 1, "", sentence))


def read_sheet(file: str, text: str) -> Sheet:
    """The data of one file. Syntax errors, repeated keys, aliases and odd types become problems of the sheet."""
    sheet = Sheet(file)
    if len(text) > LONGEST:
        sheet.problems.append(Problem(file, 0, "", _("the file is too long")))
        return sheet
    try:
        _read_into(sheet, text)
    except yaml.YAMLError as error:
        sheet.problems.append(Problem(file, _line_of(error), "", _said_by(error)))
    return sheet


def _read_into(sheet: Sheet, text: str) -> None:
    if line := _too_deep(text):
        sheet.problems.append(Problem(sheet.file, line, "", _("it is nested too deeply")))
        return
    loader = Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            sheet.problems.append(Problem(sheet.file, 1, "", _("the file is empty")))
        else:
            sheet.data = _Reader(sheet, loader).value(node, ())
    finally:
        loader.dispose()


def _too_deep(text: str) -> int:
    """The line on which nesting goes too deep, else 0: the C parser would follow it until the stack ends."""
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return event.start_mark.line + 1
    return 0


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML 1.2's plain values. In 1.1 the keys "on" and "off" of a calendar would be true and false."""


Loader.yaml_implicit_resolvers = {}
for _tag, _form, _first in (
    ("bool", r"true|false", "tf"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?[0-9]+\.[0-9]+", "-+0123456789"),
    ("null", r"~|null|", ["~", "n", ""]),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "0123456789"),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_form})$"), list(_first))


class _Reader:
    """Turns YAML nodes into data, noting lines on the way."""

    def __init__(self, sheet: Sheet, loader: Any) -> None:
        self.sheet = sheet
        self.loader = loader
        self.seen: set[int] = set()

    def value(self, node: yaml.Node, place: Place) -> Any:
        self.sheet.lines.setdefault(place, node.start_mark.line + 1)
        if id(node) in self.seen:
            self.sheet.blame(node, _("write it out: packs have no aliases"))
            return None
        self.seen.add(id(node))
        if node.tag.removeprefix("tag:yaml.org,2002:") not in KINDS:
            self.sheet.blame(node, _("“{tag}” means nothing in a pack").format(tag=node.tag))
            return None
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, place))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _pairs(self, node: yaml.MappingNode, place: Place) -> Iterator[tuple[str, Any]]:
        known: set[str] = set()
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if not isinstance(key_node, yaml.ScalarNode):
                self.sheet.blame(key_node, _("a name is a plain word"))
                continue
            if key in known:
                self.sheet.blame(key_node, _("“{key}” is given twice").format(key=key))
            known.add(key)
            self.sheet.lines[(*place, key)] = key_node.start_mark.line + 1
            yield key, self.value(value_node, (*place, key))

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            return self.loader.construct_object(node)
        except (yaml.YAMLError, ValueError):
            self.sheet.blame(node, _("“{value}” cannot be read").format(value=node.value))
            return None


def _line_of(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1


def _said_by(error: yaml.YAMLError) -> str:
    said = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return _("this is not YAML: {said}").format(said=said)


def owner(data: Any, place: Place, nouns: Mapping[str, str]) -> str:
    """What a place belongs to, for people: "rule first-response", "category network.coverage"."""
    if not place or place[0] not in nouns:
        return ""
    noun = nouns[str(place[0])]
    if len(place) > 1 and isinstance(place[1], int):
        item = data[place[0]][place[1]]
        return f"{noun} {item.get('id', place[1] + 1) if isinstance(item, dict) else place[1] + 1}"
    names = [str(step) for step in place[1:2]]
    for above, step in pairwise(place[2:]):
        if above == "children":
            names.append(str(step))
    return f"{noun} {'.'.join(names)}" if names else ""
