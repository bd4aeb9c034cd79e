"""How one edition differs from another, in words, rule by rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import unified_diff
from itertools import islice
from typing import Any

from shouwen.editions.building import VOCABULARY
from shouwen.editions.comparing_telling import TOLD_FIELDS, told_facts
from shouwen.editions.edition import Edition, Indicator
from shouwen.handbook.guides import Guide, GuideStep
from shouwen.handbook.history import What
from shouwen.handbook.targets import Conditions, Step, TargetRule, written
from shouwen.handbook.words import Words

Facts = Mapping[str, str]
PARTS = {
    "rule": Words("时限", "rule"),
    "category": Words("分类", "category"),
    "priority": Words("优先级", "priority"),
    "route": Words("派单规则", "route"),
    "checklist": Words("取证清单", "checklist"),
    "role": Words("角色", "role"),
    "approval": Words("审批权限", "approval"),
    "template": Words("话术模板", "template"),
    "calendar": Words("日历", "calendar"),
    "ticket type": Words("工单类型", "ticket type"),
    "pause": Words("暂停事由", "pause"),
    "indicator": Words("服务指标", "indicator"),
    "check": Words("评分检查项", "scoring check"),
    "guide": Words("自助排障", "self-help guide"),
    "telling": Words("告知与回访规则", "rule of telling and asking"),
    "field": Words("受理字段", "intake field"),
    "term": Words("用语", "term"),
    "document": Words("依据文件", "document"),
    "edition": Words("规范", "edition"),
}
FIELDS = {
    "clause": Words("条款", "clause"),
    "name": Words("名称", "name"),
    "kind": Words("性质", "kind"),
    "duration": Words("时限", "duration"),
    "calendar": Words("日历", "calendar"),
    "start": Words("起算", "start"),
    "stop": Words("停止", "stop"),
    "ahead": Words("提前", "ahead of the time named by"),
    "wall": Words("延期上限", "longest by agreement"),
    "pauses": Words("可暂停事由", "pauses"),
    "putting off": Words("可顺延次数", "times it may be put off"),
    "applies": Words("适用", "applies"),
    "answerable": Words("责任方", "answerable"),
    "consequences": Words("后果", "consequences"),
    "source": Words("出处", "source"),
    "convention": Words("计算口径", "convention"),
    "appeal": Words("申诉须知", "what to know for an appeal"),
    "goal": Words("目标", "goal"),
    "mark": Words("标记", "mark"),
    "over": Words("统计口径", "period"),
    "measures": Words("测量内容", "what is measured"),
    "from": Words("数据来源", "where it is known from"),
    "points": Words("分值", "points"),
    "moves": Words("操作", "moves"),
    "queues": Words("队列", "queues"),
    "duties": Words("职责", "duties"),
    "rules": Words("规范权限", "rights over the rules"),
    "sees": Words("可见范围", "may see"),
    "team": Words("班组", "team"),
    "required": Words("必填项", "required fields"),
    "optional": Words("选填项", "optional fields"),
    "text": Words("文字", "text"),
    "up_to": Words("限额", "limit"),
    "hours": Words("小时数", "hours"),
    "title": Words("标题", "title"),
    "note": Words("说明", "note"),
    "purpose": Words("用途", "purpose"),
    "evidence": Words("取证清单", "checklist"),
    "needs": Words("操作须说明的内容", "what moves must state"),
    "days": Words("工作日", "days"),
    "shifts": Words("班次", "shifts"),
    "off": Words("放假日", "days off"),
    "on": Words("调休上班日", "make-up days"),
    "archive_years": Words("保存年限", "years kept"),
    "around_the_clock": Words("随时提醒", "told at any hour"),
    "duty_hours": Words("值班时间", "duty hours"),
    "at_once": Words("免打扰时段也发送", "sent in hours of peace too"),
    **TOLD_FIELDS,
}
NAMED_IN = {
    "rule": "rules",
    "category": "categories",
    "priority": "priorities",
    "role": "roles",
    "checklist": "checklists",
    "ticket type": "ticket_types",
    "pause": "pauses",
    "field": "fields",
}
NOTHING = Words("无", "nothing")
TERMS = (*(kind for kind in VOCABULARY if kind != "ticket_types"), "teams", "skills", "regions")  # types are a part
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
        for found in _in_part(part, _facts(before, part), _facts(after, part))
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


def _facts(edition: Edition, part: str) -> Mapping[str, Facts]:
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
