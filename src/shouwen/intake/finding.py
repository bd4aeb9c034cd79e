"""Finding a category by what people call it, instead of walking down the tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shouwen.editions.edition import Edition
from shouwen.handbook.categories import Category
from shouwen.handbook.words import Words

AT_MOST = 12


@dataclass(frozen=True, slots=True)
class Found:
    """A category with the words on the way down to it."""

    code: str
    path: tuple[str, ...]


def categories_called(words: str, rules: Edition, language: str) -> Sequence[Found]:
    """The categories that all of these words speak of, in Chinese or English.

    Their own name counts first, then the way down to them, then what may be found and what is looked at there.
    """
    wanted = words.casefold().split()
    if not wanted:
        return []
    tree, causes = rules.categories, _causes(rules)
    ranked = []
    for node in tree.at_intake():
        path = tree.path(node.code)
        whole = _said(step.words for step in path)
        beside = f"{whole} {_said(causes[node.code])} {_looked_at(node, rules)}"
        if all(word in beside for word in wanted):
            found = Found(node.code, tuple(step.words.spoken(language) for step in path))
            ranked.append((_rank(wanted, _said([node.words]), whole), found))
    return [found for _, found in sorted(ranked, key=lambda row: row[0])][:AT_MOST]


def _rank(wanted: Sequence[str], own: str, whole: str) -> int:
    if not all(word in whole for word in wanted):
        return 2
    return 0 if any(word in own for word in wanted) else 1


def _causes(rules: Edition) -> Mapping[str, list[Words]]:
    """What may turn out to lie behind each category, by its code."""
    below: dict[str, list[Words]] = defaultdict(list)
    for node in rules.categories.nodes.values():
        below[node.parent].append(node.words)
    return below


def _looked_at(node: Category, rules: Edition) -> str:
    checklist = rules.checklist(node.code)
    return _said([checklist.words, *(item.words for item in checklist.items)]) if checklist else ""


def _said(several: Iterable[Words]) -> str:
    return " ".join(f"{words.zh} {words.en}" for words in several).casefold()
