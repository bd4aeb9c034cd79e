"""Finding a category by what people call it, instead of walking down the tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shouwen.handbook.categories import CategoryTree

AT_MOST = 12


@dataclass(frozen=True, slots=True)
class Found:
    """A category with the words on the way down to it."""

    code: str
    path: tuple[str, ...]


def categories_called(words: str, tree: CategoryTree, language: str) -> Sequence[Found]:
    """The categories whose way down has all of these words, in Chinese or English; their own name counts first."""
    wanted = words.casefold().split()
    if not wanted:
        return []
    ranked = []
    for node in tree.at_intake():
        path = tree.path(node.code)
        own = f"{node.words.zh} {node.words.en}".casefold()
        whole = " ".join(f"{step.words.zh} {step.words.en}" for step in path).casefold()
        if all(word in whole for word in wanted):
            found = Found(node.code, tuple(step.words.spoken(language) for step in path))
            ranked.append((not any(word in own for word in wanted), found))
    return [found for _, found in sorted(ranked, key=lambda row: row[0])][:AT_MOST]
