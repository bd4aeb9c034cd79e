"""How one edition differs from another, in words, rule by rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import unified_diff
from itertools import islice

from shouwen.editions.comparing_facts import Facts, facts_of
from shouwen.editions.comparing_words import FIELDS, NAMED_IN, NOTHING, PARTS
from shouwen.editions.edition import Edition
from shouwen.handbook.words import Words

LINES_AROUND = 2


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is other: `what` is added, removed or changed; of a change, the field and both values."""

    part: str
    id: str
    what: str
    field: str = ""
    before: str = ""
    after: str = ""
    name: Words | None = None  # what people call it

    @property
    def words(self) -> Words:
        """The difference as a sentence."""
        of = self._named
        if self.what == "added":
            return Words(f"新增{of.zh}：{self.after}", f"{of.en} is new: {self.after}")
        if self.what == "removed":
            return Words(f"删除{of.zh}：{self.before}", f"{of.en} is gone: {self.before}")
        field = FIELDS.get(self.field, Words(self.field, self.field))
        before, after = self.before or NOTHING.zh, self.after or NOTHING.zh
        was, now = self.before or NOTHING.en, self.after or NOTHING.en
        return Words(
            f"{of.zh}的{field.zh}由“{before}”改为“{after}”",
            f"{of.en}: {field.en} was “{was}” and is “{now}”",
        )

    @property
    def _named(self) -> Words:
        """The part, its name where it has one, and the code it is written by."""
        part = PARTS[self.part]
        if self.name is None:
            return Words(f"{part.zh} {self.id} ", f"{part.en} {self.id}")
        return Words(f"{part.zh}“{self.name.zh}”（{self.id}）", f"{part.en} “{self.name.en}” ({self.id})")


def differences(before: Edition, after: Edition) -> list[Difference]:
    """Everything that is other in `after`, in the order of the parts."""
    return [
        replace(found, name=name_of(part, found.id, before) or name_of(part, found.id, after))
        for part in PARTS
        for found in _in_part(part, facts_of(before, part), facts_of(after, part))
    ]


def name_of(part: str, code: str, edition: Edition) -> Words | None:
    """What an edition calls a thing; None for what has no name there."""
    if part not in NAMED_IN:
        return None
    name = edition.label(NAMED_IN[part], code)
    return None if name == Words(code, code) else name


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file of a pack that says something else, with its changed lines and those around them."""

    file: str
    lines: tuple[tuple[str, str], ...]  # "+", "-", " " or "@", and the line


def changed_files(before: Mapping[str, str], after: Mapping[str, str]) -> list[ChangedFile]:
    """The texts of two packs line by line: whatever has no sentence of its own is here too."""
    return [
        ChangedFile(file, tuple(_changed_lines(before.get(file, ""), after.get(file, ""))))
        for file in sorted(before.keys() | after.keys())
        if before.get(file, "") != after.get(file, "")
    ]


def _changed_lines(before: str, after: str) -> Iterator[tuple[str, str]]:
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=LINES_AROUND)
    for line in islice(lines, 2, None):
        yield line[:1], line[1:]


def _in_part(part: str, before: Mapping[str, Facts], after: Mapping[str, Facts]) -> Iterator[Difference]:
    for name in dict.fromkeys([*before, *after]):
        if name not in before:
            yield Difference(part, name, "added", after=_summary(after[name]))
        elif name not in after:
            yield Difference(part, name, "removed", before=_summary(before[name]))
        else:
            was, now = before[name], after[name]
            for field in dict.fromkeys([*was, *now]):
                if was.get(field, "") != now.get(field, ""):
                    yield Difference(part, name, "changed", field, was.get(field, ""), now.get(field, ""))


def _summary(facts: Facts) -> str:
    return "; ".join(value for value in facts.values() if value)
