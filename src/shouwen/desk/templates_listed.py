"""The templates of a draft as a list by kind: what each says, and whether that is other than now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shouwen.desk.replies import BEGINNING
from shouwen.desk.template_forms import KINDS, readings
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.editions.filled import fills_of
from shouwen.handbook.blanks import BRACED
from shouwen.handbook.words import Words


@dataclass(frozen=True, slots=True)
class Listed:
    """One template."""

    code: str
    name: str
    words: str
    parts: int  # of a text message; 0 for what is none
    state: str  # "new" or "changed" beside the rules in force, or ""
    unsent: bool  # the desk sends it at no event


def templates_listed(
    templates: Mapping[str, Any], telling: Mapping[str, Any], rules: Edition, at: datetime
) -> list[tuple[str, str, list[Listed]]]:
    """By kind, with what the kind is called."""
    rows: dict[str, list[Listed]] = {kind: [] for kind in KINDS}
    for code, one in templates.items():
        rows[one["kind"]].append(_listed(code, one, telling, rules, at))
    return [(kind, str(KINDS[kind]), listed) for kind, listed in rows.items()]


def _listed(code: str, one: Mapping[str, Any], telling: Mapping[str, Any], rules: Edition, at: datetime) -> Listed:
    words = here(Words(one["zh"], one["en"]))
    lengths = [reading.length for reading in readings(one, rules, at, as_sms=one["channel"] == "sms")]
    parts = max((length.parts for length in lengths if length), default=0)
    unsent = one["kind"] != "reply" and fills_of(code, telling) is None
    return Listed(code, name_in(one, words), words, parts, _state(code, one, rules), unsent)


def name_in(one: Mapping[str, Any], words: str) -> str:
    """What a template is called; one without a name by how it begins."""
    if name := one.get("name"):
        return here(Words(name["zh"], name["en"]))
    begins = BRACED.sub("…", words)
    return begins if len(begins) <= BEGINNING else f"{begins[:BEGINNING]}…"


def _state(code: str, one: Mapping[str, Any], rules: Edition) -> str:
    known = rules.templates.get(code)
    if known is None:
        return "new"
    name = Words(**one["name"]) if one.get("name") else None
    same = (known.words, known.name, known.channel, known.at_once) == (
        Words(one["zh"], one["en"]),
        name,
        one["channel"],
        one.get("at_once", False),
    )
    return "" if same else "changed"
