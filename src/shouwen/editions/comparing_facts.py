"""An edition as facts, part by part: what two editions are compared by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from shouwen.editions.building import VOCABULARY
from shouwen.editions.comparing_telling import told_facts
from shouwen.editions.edition import Edition, Indicator
from shouwen.handbook.guides import Guide, GuideStep
from shouwen.handbook.history import What
from shouwen.handbook.targets import Conditions, Step, TargetRule, written
from shouwen.handbook.words import Words

Facts = Mapping[str, str]
TERMS = (*(kind for kind in VOCABULARY if kind != "ticket_types"), "teams", "skills", "regions")  # types are a part


def facts_of(edition: Edition, part: str) -> Mapping[str, Facts]:
    return _READERS[part](edition)


def _rule(rule: TargetRule) -> Facts:
    return {
        "name": _both(rule.name),
        "kind": rule.kind,
        "duration": "" if rule.for_promises else str(rule.duration),
        "ahead": written(rule.ahead) if rule.ahead else "",
        "wall": written(rule.wall) if rule.wall else "",
        "calendar": rule.calendar,
        "start": _events(rule, rule.start),
        "stop": _events(rule, rule.stop),
        "pauses": _listed(rule.pauses),
        "applies": _conditions(rule.applies),
        "answerable": rule.answerable,
        "around_the_clock": "" if not rule.around_the_clock else "✓",
        "consequences": ", ".join(map(_step, rule.ladder)),
        "clause": rule.clause,
        "source": f"{rule.source.place}: {_both(rule.source.says)}",
        "convention": rule.convention,
    }


def _events(rule: TargetRule, events: Iterable[What]) -> str:
    return ", ".join(sorted(_event(what, rule.stated.get(what, {})) for what in events))


def _event(what: What, stated: Mapping[str, frozenset[str]]) -> str:
    asked = "; ".join(f"{name}: {_listed(values)}" for name, values in stated.items())
    return f"{what} ({asked})" if asked else str(what)


def _indicator(one: Indicator) -> Facts:
    goals = {"at_most": one.at_most, "at_least": one.at_least}
    return {
        "name": _both(one.name),
        "measures": _both(one.measures),
        "goal": ", ".join(f"{name} {mark} {one.unit}" for name, mark in goals.items() if mark is not None),
        "over": one.over,
        "from": _both(one.system) if one.system else ", ".join(one.events),
        "clause": one.clause,
    }


def _guide(guide: Guide) -> Facts:
    return {
        "name": _both(guide.words),
        "purpose": _both(guide.about),
        "applies": _listed(guide.categories),
        "mark": guide.mark,
        "clause": guide.clause,
        "start": guide.begins,
    } | {f"step {code}": _guide_step(step) for code, step in guide.steps.items()}


def _guide_step(step: GuideStep) -> str:
    wait = f"{step.wait} s" if step.wait else ""
    answers = [f"{_both(choice.words)} → {choice.goes}" for choice in step.choices]
    return "; ".join(filter(None, [_both(step.words), *map(_both, step.does), wait, *answers]))


def _step(step: Step) -> str:
    when = f"{float(step.share * 100):g}%" if step.share is not None else f"+{written(step.after or timedelta(0))}"
    marks = [mark for mark, marked in (("↑", step.escalates), ("24h", step.around_the_clock)) if marked]
    return " ".join([f"{when} → {' '.join(step.tells) or '-'}", *marks])


def _putting_off(edition: Edition, pause: str) -> str:
    allowed = edition.needs.putting_off.get(pause)
    return f"{allowed.at_most}: {_conditions(allowed.applies)}" if allowed else ""


def _conditions(applies: Conditions) -> str:
    return "; ".join(f"{name}: {_listed(values)}" for name, values in applies.stated().items())


def _duty(edition: Edition) -> str:
    own = {**edition.duty.teams, **edition.duty.roles}
    return "; ".join([edition.duty.otherwise, *(f"{code}: {calendar}" for code, calendar in sorted(own.items()))])


def _listed(values: Iterable[Any]) -> str:
    return ", ".join(sorted(map(str, values)))


def _both(words: Words) -> str:
    return f"{words.zh} / {words.en}"


_READERS: dict[str, Any] = {
    "edition": lambda edition: {
        "conditions": {
            "recalculates_open": str(edition.recalculates_open),
            "duty_hours": _duty(edition),
            "archive_years": str(edition.retention.years),
            "title": _both(edition.title),
            "appeal": "; ".join(map(_both, (*edition.appeal_brings, *edition.appeal_limits))),
            "late_recording": str(edition.needs.late_recording),
            "customer_reopens_within": str(edition.needs.customer_reopens_within),
            "two_feedbacks": _listed(edition.needs.two_feedbacks),
            "needs": "; ".join(f"{move}: {', '.join(facts)}" for move, facts in sorted(edition.needs.facts.items())),
        }
    },
    "rule": lambda edition: {rule.id: _rule(rule) for rule in edition.rules},
    "category": lambda edition: {
        code: {
            "name": _both(node.words),
            "required": ", ".join(node.required),
            "optional": ", ".join(node.optional),
            "evidence": node.evidence or "",
            "duty_to_inform": str(node.duty_to_inform),
            "severity": node.severity,
            "complexity": node.complexity,
        }
        for code, node in edition.categories.nodes.items()
    },
    "priority": lambda edition: {
        code: {
            "name": _both(one.words),
            "hours": str(one.hours),
            "clause": one.clause,
            "around_the_clock": "✓" if one.around_the_clock else "",
        }
        for code, one in edition.priorities.items()
    },
    "route": lambda edition: {
        route.id: {"team": route.team, "applies": _conditions(route.applies), "skills": _listed(route.skills)}
        for route in edition.routes
    },
    "checklist": lambda edition: {
        code: {"name": _both(one.words), "items": ", ".join(item.code for item in one.items)}
        for code, one in edition.checklists.items()
    },
    "role": lambda edition: {
        code: {
            "name": _both(role.words),
            "duties": _both(role.duties) if role.duties else "",
            "moves": _listed(role.moves),
            "queues": ", ".join(role.queues),
            "rules": _listed(role.rules),
            "sees": _listed([*role.sees, *role.customer_levels]),
        }
        for code, role in edition.roles.items()
    },
    "approval": lambda edition: {limit.role: {"up_to": str(limit.up_to)} for limit in edition.approval_limits},
    "template": lambda edition: {
        code: {
            "text": _both(one.words),
            "channel": one.channel,
            "name": _both(one.name) if one.name else "",
            "at_once": "✓" if one.at_once else "",
        }
        for code, one in edition.templates.items()
    },
    "calendar": lambda edition: {
        name: {
            "zone": spec.zone,
            "days": spec.days if isinstance(spec.days, str) else ", ".join(spec.days),
            "shifts": ", ".join(spec.shifts),
            "off": ", ".join(map(str, spec.off)),
            "on": ", ".join(map(str, spec.on)),
        }
        for name, spec in edition.calendars.items()
    },
    "ticket type": lambda edition: {
        code: {"name": _both(term.words), "path": edition.paths[code]} for code, term in edition.ticket_types.items()
    },
    "pause": lambda edition: {
        code: {"name": _both(one.words), "move": one.move, "putting off": _putting_off(edition, code)}
        for code, one in edition.pauses.items()
    },
    "indicator": lambda edition: {one.id: _indicator(one) for one in edition.indicators},
    "check": lambda edition: {
        one.id: {
            "name": _both(one.words),
            "points": str(one.points),
            "dimension": one.dimension,
            "applies": _listed(one.ticket_types),
            "clause": one.clause,
        }
        for one in edition.scorecard.checks
    },
    "guide": lambda edition: {code: _guide(guide) for code, guide in edition.guides.items()},
    "telling": lambda edition: told_facts(edition.telling),
    "field": lambda edition: {
        code: {
            "name": _both(one.words),
            "purpose": _both(one.purpose),
            "kind": one.kind,
            "choices": ", ".join(choice.code for choice in one.choices),
            "personal": str(one.personal),
        }
        for code, one in edition.fields.items()
    },
    "term": lambda edition: {
        f"{kind}.{code}": {"name": _both(term.words), "note": _both(term.note) if term.note else ""}
        for kind in TERMS
        for code, term in getattr(edition, kind).items()
    },
    "document": lambda edition: {code: {"name": _both(words)} for code, words in edition.documents.items()},
}
