"""Words to find text by: every two neighbouring Chinese characters, and every Latin word or number.

A run's last character is a term too, so a search for one character (`'网':*`) finds it wherever it stands.
"""

from __future__ import annotations

import re
from operator import add

from shouwen.language.normalising import normalise

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
    wanted: list[str] = []
    runs = list(_RUNS.finditer(normalise(_TOKEN.sub(" ", text))))
    for run in runs:
        chinese, latin = run.groups()
        if latin:
            wanted.append(_quoted(latin[:LONGEST_TERM], beginning=run is runs[-1] or len(latin) > LONGEST_TERM))
        elif len(chinese) == 1:
            wanted.append(_quoted(chinese, beginning=True))
        else:
            wanted.extend(_quoted(chinese[i : i + 2]) for i in range(len(chinese) - 1))
    return " & ".join(dict.fromkeys(wanted))


def _quoted(term: str, *, beginning: bool = False) -> str:
    return f"'{term}'" + (":*" if beginning else "")
