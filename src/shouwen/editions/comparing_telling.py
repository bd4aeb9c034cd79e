"""What an edition says about telling and asking, as facts two editions are compared by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shouwen.handbook.calling import Calls, Script
from shouwen.handbook.quiet import QuietHours
from shouwen.handbook.targets import Conditions, written
from shouwen.handbook.telling import Telling
from shouwen.handbook.words import Words

TOLD_FIELDS = {
    "hours": Words("时段", "hours"),
    "steps": Words("节点", "steps"),
    "of": Words("针对", "of"),
    "to": Words("告知对象", "to"),
    "whom": Words("对象", "whom"),
    "within": Words("时限", "within"),
    "attempts": Words("次数", "attempts"),
    "apart": Words("间隔", "apart"),
    "via": Words("方式", "by way of"),
    "scripts": Words("话术", "scripts"),
    "marks": Words("分值", "marks"),
    "weights": Words("权重", "weights"),
    "below": Words("及格线", "worked again below"),
    "in_a_row": Words("连续次数", "in a row"),
    "whose": Words("针对岗位", "whose"),
}


def told_facts(telling: Telling) -> Mapping[str, Mapping[str, str]]:
    """Each part the edition has, with what it says."""
    parts = {
        "quiet": telling.quiet and {"hours": _hours(telling.quiet)},
        "progress": telling.progress and {"steps": "; ".join(map(_step, telling.progress))},
        "delays": telling.delays
        and {"of": "; ".join(f"{_all(one.rules)} ≥{float(one.share):.0%} {one.template}" for one in telling.delays)},
        "copies": telling.copies
        and {"to": "; ".join(f"{one.to}: {one.template} {_when(one.applies)}".strip() for one in telling.copies)},
        "calls": telling.calls and _calls(telling.calls),
        "marking": telling.marking
        and {
            "marks": _pairs(telling.marking.marks),
            "weights": _pairs(telling.marking.weights),
            "below": str(telling.marking.below),
        },
        "reviewing": telling.reviewing and {"within": written(telling.reviewing.within)},
        "coaching": telling.coaching
        and {
            "in_a_row": str(telling.coaching.in_a_row),
            "whose": telling.coaching.whose,
            "within": written(telling.coaching.within),
        },
    }
    return {
        name: {**facts, "source": _source(telling, name)} for name, facts in parts.items() if isinstance(facts, dict)
    }


def _step(one: Any) -> str:
    return f"{one.what} → {one.template} / {one.otherwise} ({_all(one.next)}) {_when(one.applies)}".strip()


def _calls(calls: Calls) -> dict[str, str]:
    lines = (
        f"{one.id} [{_when(one.applies)}]: {' '.join(f'{x.zh} / {x.en}' for x in one.lines)}" for one in calls.scripts
    )
    return {
        "whom": " | ".join(map(_when, calls.applies)),
        "within": written(calls.within),
        "attempts": str(calls.attempts),
        "apart": written(calls.apart),
        "via": _all(calls.via),
        "scripts": "; ".join(lines),
    }


def _said(script: Script) -> str:
    return " ".join(f"{line.zh} / {line.en}" for line in script.lines)


def _hours(quiet: QuietHours) -> str:
    return f"{quiet.begins:%H:%M}–{quiet.ends:%H:%M} {quiet.zone}"


def _source(telling: Telling, name: str) -> str:
    source = telling.sources[name]
    return f"{source.place}: {source.says.zh} / {source.says.en}"


def _when(applies: Conditions) -> str:
    return "; ".join(f"{name}: {_all(values)}" for name, values in applies.stated().items())


def _pairs(values: Mapping[Any, int]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in sorted(values.items()))


def _all(values: Iterable[Any]) -> str:
    return ", ".join(sorted(map(str, values)))
