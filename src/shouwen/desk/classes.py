"""The categories somebody may mean by what they typed: their names in the reader's language."""

from __future__ import annotations

from django.db.models import Q

from shouwen.desk.filters import DEEPEST, QUESTIONS
from shouwen.desk.filters import Asked as Narrowed
from shouwen.desk.rows import filed
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.handbook.categories import Category
from shouwen.language.normalising import normalise

SHORTEST, SHORTEST_LATIN = 2, 3
MOST = 4  # of what more share is no category's name


def categories_meant(typed: str, rules: Edition) -> list[Category]:
    """Those called so; where none is, those whose name has these words, unless they are many. None within another."""
    words = normalise(typed)
    if len(words) < (SHORTEST_LATIN if words.isascii() else SHORTEST):
        return []
    named = [(normalise(here(node.words)), node) for node in rules.categories.nodes.values() if node.level <= DEEPEST]
    meant = [node for name, node in named if name == words] or [node for name, node in named if _has(name, words)]
    codes = {node.code for node in meant}
    outermost = [node for node in meant if not any(node.code.startswith(f"{code}.") for code in codes)]
    return outermost if len(outermost) <= MOST else []


def in_categories(categories: list[Category], narrowed: Narrowed) -> Q:
    """The tickets of these categories and of what lies within them."""
    return QUESTIONS["category"].leaves([node.code for node in categories], narrowed)


def full_name(category: Category, rules: Edition) -> str:
    """The name with those above it, which tell two of one name apart."""
    found = filed(rules, category.code)
    return " › ".join(filter(None, (found.above, found.leaf)))


def _has(name: str, words: str) -> bool:
    """A Latin word is meant from its beginning on."""
    return f" {words}" in f" {name}" if words.isascii() else words in name
