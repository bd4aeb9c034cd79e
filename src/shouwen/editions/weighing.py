"""What is unwise about an edition although nothing in it is wrong: against the law, one another, or the way.

`reading` and `checks` refuse what cannot be an edition. What is found here may be published by who has read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from shouwen.editions.edition import Edition
from shouwen.handbook.authority import RulesRight
from shouwen.handbook.history import Stage, TicketState, What
from shouwen.handbook.lifecycle import PATHS, STANDINGS, Move, moves_from
from shouwen.handbook.meter import given
from shouwen.handbook.moves import RECORDED_AS
from shouwen.handbook.targets import NATURAL, Kind, TargetRule
from shouwen.handbook.words import Words
from shouwen.handbook.working_time import Calendar, NaturalTime, WorkingCalendar

DAY = timedelta(days=1)
RECEIVED = time(10)
# Up to where an answer to the customer comes: a limit on any of these binds the answer too.
BEFORE_THE_ANSWER = frozenset(
    {What.VALIDATED, What.ASSESSED, What.DISPATCHED, What.RESPONDED, What.INVESTIGATION_STARTED, What.EVIDENCE_RECORDED}
    | {What.TEST_DECIDED, What.VISIT_CONFIRMED, What.ARRIVED, What.PROPOSED, What.APPROVED, What.CARRIED_OUT}
    | {What.CUSTOMER_TOLD, What.ANSWERED_AT_CONTACT}
)
BY_ITSELF = frozenset({Move.SEND_SURVEY})  # nobody need have the role


class Weight(StrEnum):
    """How serious a finding is."""

    ERROR = "error"  # it can never do what it says
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One unwise thing: how serious, of which part of the edition, and a sentence."""

    weight: Weight
    part: str  # "rule handling-major", "ticket type enquiry"
    words: Words
    clause: str = ""


Findings = Iterator[Finding]


def weighed(edition: Edition, calendars: Mapping[str, Calendar]) -> list[Finding]:
    """Everything unwise about an edition counted by these calendars, the serious first."""
    ways = {code: _Way(edition, code) for code in edition.ticket_types}
    found = [
        *(finding for rule in edition.rules for finding in _of_rule(rule, ways)),
        *_without_the_law(edition),
        *_same_twice(edition),
        *_looser_targets(edition, calendars),
        *_outlasting_the_law(edition, calendars),
        *(finding for way in ways.values() for finding in way.findings()),
        *_moves_nobody_makes(edition),
        *_idle_pauses(edition),
        *_rules_nobody_changes(edition),
    ]
    return sorted(found, key=lambda finding: finding.weight)


class _Way:
    """How far a type of ticket can come when only the edition's roles move it, and what can happen on the way."""

    def __init__(self, edition: Edition, ticket_type: str) -> None:
        self.ticket_type, self.path = ticket_type, edition.path(ticket_type)
        self.made = BY_ITSELF.union(*(role.moves for role in edition.roles.values()))
        self.stages: set[Stage] = set()
        self.events: set[What] = {What.ACCEPTED}
        self._walk([Stage.RECEIVED])

    def findings(self) -> Findings:
        """Stages of the path that no ticket of this type comes to."""
        for stage in dict.fromkeys(PATHS[self.path].values()):
            if stage not in self.stages:
                zh = f"没有角色能把这类工单办到“{stage}”环节"
                en = f"no role can bring a ticket of this type to “{stage}”"
                yield Finding(Weight.ERROR, f"ticket type {self.ticket_type}", Words(zh, en))

    def _walk(self, ahead: list[Stage]) -> None:
        while ahead:
            stage = ahead.pop()
            if stage in self.stages:
                continue
            self.stages.add(stage)
            for move in moves_from(TicketState(stage=stage, ticket_type=self.ticket_type), self.path):
                if move in self.made:
                    self.events.add(RECORDED_AS[move])
                    if move in STANDINGS and Move.RESUME in self.made:
                        self.events.add(What.RESUMED)
                    ahead.append(PATHS[self.path].get((stage, move), stage))


def _of_rule(rule: TargetRule, ways: Mapping[str, _Way]) -> Findings:
    types = rule.applies.ticket_type or ways.keys()
    events = set[What]().union(*(ways[code].events for code in types if code in ways))
    if not events & rule.start:
        words = Words("它的起算事件在适用的工单上不会发生", "none of its start events can happen on a ticket it is for")
        yield Finding(Weight.ERROR, f"rule {rule.id}", words, rule.clause)
    elif not events & rule.stop:
        words = Words(
            "它的停止事件在适用的工单上不会发生，只会超时", "nothing that stops it can happen: it can only be missed"
        )
        yield Finding(Weight.ERROR, f"rule {rule.id}", words, rule.clause)
    if rule.stop <= rule.start and not rule.for_promises:
        words = Words("使它停止的事件同时又使它重新起算", "whatever stops it begins it anew")
        yield Finding(Weight.ERROR, f"rule {rule.id}", words, rule.clause)
    if not rule.ladder:
        words = Words("到期了也没有任何后果", "nothing follows when it is not kept")
        yield Finding(Weight.WARNING, f"rule {rule.id}", words, rule.clause)


def _without_the_law(edition: Edition) -> Findings:
    """What goes the full way is somebody's complaint, and the law gives them a time."""
    lawful = [rule for rule in edition.rules if rule.kind is Kind.STATUTORY]
    for code, path in edition.paths.items():
        if path == "full" and not any(code in (rule.applies.ticket_type or [code]) for rule in lawful):
            words = Words(
                "没有法定时限：无从判断哪条规则长于法律", "no rule is the law's: nothing can be told to outlast it"
            )
            yield Finding(Weight.WARNING, f"ticket type {code}", words)


def _same_twice(edition: Edition) -> Findings:
    seen: dict[object, TargetRule] = {}
    for rule in edition.rules:
        heard = frozenset((what, *asked) for what, facts in rule.stated.items() for asked in facts.items())
        given_by = (rule.duration, rule.calendar, rule.for_promises, rule.ahead, rule.wall)
        key = (given_by, rule.start, rule.stop, heard, rule.pauses, rule.applies)
        first = seen.setdefault(key, rule)
        if first is not rule:
            words = Words(f"与 {first.id} 完全相同", f"it says the same as {first.id}")
            yield Finding(Weight.WARNING, f"rule {rule.id}", words, rule.clause)


def _looser_targets(edition: Edition, calendars: Mapping[str, Calendar]) -> Findings:
    """A target is stricter than the limit on the same work, or it warns of nothing."""
    limits = [rule for rule in edition.rules if rule.kind is not Kind.TARGET and not rule.for_promises]
    for target in edition.rules:
        if target.kind is not Kind.TARGET or target.for_promises:
            continue
        for limit in limits:
            same = target.start & limit.start and limit.stop <= target.stop and _overlap(target, limit)
            if same and _shortest(target, calendars) > _longest(limit, calendars):
                words = Words(
                    f"内部目标比不得超过的 {limit.id} 还宽", f"this target is looser than the limit {limit.id}"
                )
                yield Finding(Weight.WARNING, f"rule {target.id}", words, target.clause)


def _outlasting_the_law(edition: Edition, calendars: Mapping[str, Calendar]) -> Findings:
    statutory = [rule for rule in edition.rules if rule.kind is Kind.STATUTORY]
    for rule in edition.rules:
        if rule.kind is Kind.STATUTORY or rule.for_promises or not rule.stop <= BEFORE_THE_ANSWER:
            continue
        for law in statutory:
            if rule.start & law.start and law.stop & BEFORE_THE_ANSWER and _overlap(rule, law):
                yield from _against(rule, law, calendars)


def _against(rule: TargetRule, law: TargetRule, calendars: Mapping[str, Calendar]) -> Findings:
    allowed = _shortest(law, calendars)
    if _shortest(rule, calendars) > allowed:
        zh, en = (
            f"任何时候都长于法定的 {law.duration}（{law.id}）",
            f"it always outlasts the law's {law.duration} ({law.id})",
        )
    elif (longest := _longest(rule, calendars)) > allowed:
        days = f"{longest / DAY:.1f}"
        zh = f"遇长假可达 {days} 个自然日，长于法定的 {law.duration}（{law.id}）"
        en = f"across holidays it lasts up to {days} natural days and outlasts the law's {law.duration} ({law.id})"
    else:
        return
    yield Finding(Weight.WARNING, f"rule {rule.id}", Words(zh, en), rule.clause)


def _moves_nobody_makes(edition: Edition) -> Findings:
    made = BY_ITSELF.union(*(role.moves for role in edition.roles.values()))
    for move in Move:
        if move not in made:
            yield Finding(
                Weight.WARNING, f"move {move}", Words("没有任何角色可以做这一步", "no role may make this move")
            )


def _rules_nobody_changes(edition: Edition) -> Findings:
    for right in RulesRight:
        if not any(right in role.rules for role in edition.roles.values()):
            zh, en = (
                "没有任何角色有此权限，规范只能从命令行修改",
                "no role has it: rules can be changed from the command line only",
            )
            yield Finding(Weight.WARNING, f"rules {right}", Words(zh, en))


def _idle_pauses(edition: Edition) -> Findings:
    used = frozenset[str]().union(*(rule.pauses for rule in edition.rules))
    for code in edition.pauses:
        if code not in used:
            yield Finding(Weight.WARNING, f"pause {code}", Words("不暂停任何时限", "it stops no clock"))


def _overlap(one: TargetRule, other: TargetRule) -> bool:
    """Whether a ticket may be under both."""
    theirs = other.applies.stated()
    return all(name not in theirs or _meet(name, mine, theirs[name]) for name, mine in one.applies.stated().items())


def _meet(name: str, mine: frozenset[str], theirs: frozenset[str]) -> bool:
    if name != "category":
        return bool(mine & theirs)
    return any(f"{a}.".startswith(f"{b}.") or f"{b}.".startswith(f"{a}.") for a in mine for b in theirs)


def _shortest(rule: TargetRule, calendars: Mapping[str, Calendar]) -> timedelta:
    return min(_lengths(rule, calendars))


def _longest(rule: TargetRule, calendars: Mapping[str, Calendar]) -> timedelta:
    return max(_lengths(rule, calendars))


def _lengths(rule: TargetRule, calendars: Mapping[str, Calendar]) -> Iterator[timedelta]:
    """How long it is in natural time, begun on any working day of the last two published years."""
    if rule.duration.span is not None and not rule.duration.is_working:
        yield rule.duration.span
        return
    calendar = calendars.get(rule.calendar, NaturalTime()) if rule.calendar != NATURAL else NaturalTime()
    if not isinstance(calendar, WorkingCalendar):
        yield rule.duration.span or timedelta(0)
        return
    year = min(calendar.published_until.year, date.today().year + 1)  # noqa: DTZ011 -- any two years with holidays do
    for n in range(2 * 365 - 40):
        day = date(year - 1, 1, 1) + n * DAY
        if calendar.is_working_day(day):
            start = datetime.combine(day, RECEIVED, calendar.zone).astimezone(UTC)
            yield given(rule, calendar, start).due_at - start
