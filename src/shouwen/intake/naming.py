"""What the cells of a spreadsheet name: codes and words of the rules, people, teams, stages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from shouwen.editions.edition import Edition
from shouwen.handbook.history import Stage, Standing
from shouwen.people.models import Person, Team

VOCABULARIES = {
    "ticket_type": "ticket_types",
    "channel": "channels",
    "severity": "severities",
    "reach": "reaches",
    "complexity": "complexities",
    "customer_level": "customer_levels",
    "region": "regions",
    "pause": "pauses",
}

# How spreadsheets call where a case stands.
STAGES = {
    Stage.RECEIVED: "已受理/受理/待处理/新建/未处理/new/open",
    Stage.ASSESSED: "已初判/初判/待派单",
    Stage.DISPATCHED: "已派单/派单",
    Stage.INVESTIGATING: "处理中/核实中/调查中/办理中/in progress",
    Stage.PROPOSED: "待审批",
    Stage.APPROVED: "已审批",
    Stage.CARRIED_OUT: "已处理/已执行/待告知/resolved/solved",
    Stage.TOLD: "已告知/已反馈/待回访",
    Stage.FOLLOWED_UP: "已回访",
    Stage.CLOSED: "已关闭/关闭/已办结/办结/已完成/closed",
    Stage.ARCHIVED: "已归档/归档/archived",
    Stage.REJECTED: "不予受理/rejected",
    Stage.CANCELLED: "已撤销/cancelled",
    Stage.WITHDRAWN: "已撤诉/withdrawn",
    Stage.MERGED: "已并单/已合并/merged",
}
STANDINGS = {
    Standing.RUNNING: "正常/running",
    Standing.WAITING: "待用户/待客户/pending/waiting",
    Standing.HELD: "挂起/on hold/held",
}

Names = Mapping[str, str]


def names_in(rules: Edition) -> dict[str, Names]:
    """For each field of the rules, codes by what people may call them; a word two codes share names neither."""
    names: dict[str, Names] = {field: _named(getattr(rules, kind).items()) for field, kind in VOCABULARIES.items()}
    names["category"] = _named((node.code, node) for node in rules.categories.nodes.values())
    names["stage"] = _listed(STAGES)
    names["standing"] = _listed(STANDINGS)
    return names


def people_by_name() -> Names:
    """Ids of everybody active by user name, staff number and name."""
    rows = Person.objects.filter(is_active=True).values_list("pk", "username", "staff_no", "display_name")
    return _unique((name, str(pk)) for pk, *names in rows for name in dict.fromkeys(names) if name)


def teams_by_name() -> Names:
    """Codes of the teams by code and name."""
    rows = Team.objects.filter(active=True).values_list("code", "name", "name_en")
    return _unique((name, code) for code, *names in rows for name in dict.fromkeys([code, *names]) if name)


def _named(terms: Iterable[tuple[str, Any]]) -> Names:
    terms = list(terms)
    by_words = _unique((word, code) for code, term in terms for word in {term.words.zh, term.words.en})
    return {**by_words, **{code.casefold(): code for code, _ in terms}}


def _listed(words: Mapping[Any, str]) -> Names:
    return {name: str(code) for code, names in words.items() for name in [str(code), *names.split("/")]}


def _unique(pairs: Iterable[tuple[str, str]]) -> Names:
    pairs = [(name.strip().casefold(), code) for name, code in pairs]
    count = Counter(name for name, _ in pairs)
    return {name: code for name, code in pairs if count[name] == 1}
