"""Words to find text by: every two neighbouring Chinese characters, and every Latin word or number.

A run's last character is a term too, so a search for one character (`'网':*`) finds it wherever it stands.
"""

from __future__ import annotations

import re
from operator import add

from shouwen.language.normalising import half_width, normalise

LONGEST_TERM = 40
_CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇々"
_RUNS = re.compile(f"([{_CHINESE}]+)|([^\\W_{_CHINESE}]+)")
_TOKEN = re.compile("⟦[a-z_]+:[0-9A-Z]+⟧")


def search_terms(text: str) -> list[str]:
    """The terms to index a text under, in its order; vault tokens are none."""
    terms: list[str] = []
    for run in _RUNS.finditer(normalise(_TOKEN.sub(" ", text))):
        chinese, latin = run.groups()
        if chinese:
            terms += (*map(add, chinese, chinese[1:]), chinese[-1])
        else:
            terms.append(latin[:LONGEST_TERM])
    return terms


def search_query(text: str) -> str:
    """The `tsquery` that finds texts with all of these words; empty when there is nothing to look for.

    The last Latin word, and a Chinese character alone, match as beginnings: people search while they type.
    """
    return " & ".join(_quoted(term, beginning=is_beginning) for term, is_beginning in _wanted(text))


def says(text: str, words: str) -> bool:
    """Whether a text has all of these words, as `search_query` would find them."""
    terms = search_terms(text)
    known = set(terms)
    return all(
        term in known or (is_beginning and any(one.startswith(term) for one in terms))
        for term, is_beginning in _wanted(words)
    )


def places_of(words: str, text: str) -> list[tuple[int, int]]:
    """Where the words stand in a text, in order and without overlaps: whole phrases, else what is there of them."""
    low = half_width(text).lower()
    if len(low) != len(text):  # a letter that grows when it is made small: then by the letters as they are
        low = half_width(text)
    taken: list[tuple[int, int]] = []
    for run in _RUNS.finditer(normalise(_TOKEN.sub(" ", words))):
        chinese, latin = run.groups()
        spans = _all_places(run[0], low)
        if not spans and chinese:
            spans = [span for pair in map(add, chinese, chinese[1:]) for span in _all_places(pair, low)]
        taken += [span for span in spans if chinese or _begins_word(low, span[0], latin)]
    return _joined(taken)


def _wanted(words: str) -> list[tuple[str, bool]]:
    """The terms a search needs, each with whether it need only be the beginning of one."""
    runs = list(_RUNS.finditer(normalise(_TOKEN.sub(" ", words))))
    wanted: list[tuple[str, bool]] = []
    for run in runs:
        chinese, latin = run.groups()
        if latin:
            wanted.append((latin[:LONGEST_TERM], run is runs[-1] or len(latin) > LONGEST_TERM))
        elif len(chinese) == 1:
            wanted.append((chinese, True))
        else:
            wanted.extend((pair, False) for pair in map(add, chinese, chinese[1:]))
    return list(dict.fromkeys(wanted))


def _all_places(word: str, text: str) -> list[tuple[int, int]]:
    spans, at = [], text.find(word)
    while at >= 0:
        spans.append((at, at + len(word)))
        at = text.find(word, at + len(word))
    return spans


def _begins_word(text: str, at: int, latin: str | None) -> bool:
    """A Latin word is found by its beginning, never in the middle of another."""
    return at == 0 or _RUNS.fullmatch(text[at - 1] + (latin or "")) is None


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _quoted(term: str, *, beginning: bool = False) -> str:
    return f"'{term}'" + (":*" if beginning else "")
