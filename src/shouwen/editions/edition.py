"""An edition: one version of a carrier's rules, read, checked and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from shouwen.handbook.assignment import Route
from shouwen.handbook.authority import ApprovalLimit, Role
from shouwen.handbook.categories import CategoryTree
from shouwen.handbook.escalation import DutyHours
from shouwen.handbook.evidence import Checklist
from shouwen.handbook.guides import Guide
from shouwen.handbook.history import TicketState, What
from shouwen.handbook.lifecycle import Move, Needs
from shouwen.handbook.priority import PriorityRow, Ranking, prioritise
from shouwen.handbook.scorecard import Scorecard
from shouwen.handbook.targets import Kind, TargetRule
from shouwen.handbook.telling import Telling
from shouwen.handbook.words import Source, Words

YES_NO = frozenset({"yes", "no", "true", "false"})


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the edition's vocabulary: a severity, a channel, a cause; with a note where the word is not enough."""

    code: str
    words: Words
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class Priority:
    """How urgent, and how many hours the handbook gives for it (手册 7.2.2)."""

    code: str
    words: Words
    hours: int
    clause: str
    around_the_clock: bool = False  # whatever comes up about it, people hear of it at any hour


@dataclass(frozen=True, slots=True)
class Pause:
    """A reason for which clocks may stop, and the move that gives it (X2)."""

    code: str
    words: Words
    move: Move


@dataclass(frozen=True, slots=True)
class IntakeField:
    """Something asked at intake, with the purpose told to the customer (S1.2a, S1.2c).

    `kind`: text, long_text, choice, yes_no, date, place, phone, money, number. `personal` values go into the vault.
    The `choices` of a yes_no field are what may be answered besides: that it is not known.
    """

    code: str
    words: Words
    purpose: Words
    kind: str = "text"
    choices: tuple[Term, ...] = ()
    personal: bool = False

    @property
    def answers(self) -> frozenset[str]:
        """The codes it may be answered with; none where words are typed."""
        codes = frozenset(choice.code for choice in self.choices)
        return codes | YES_NO if self.kind == "yes_no" else codes


@dataclass(frozen=True, slots=True)
class Template:
    """A text to people with {blanks}, in both languages; never sent while a blank is unfilled."""

    code: str
    kind: str  # message, notice (to staff), reply (spoken or written by staff)
    channel: str  # sms, email, desk, any
    words: Words
    blanks: tuple[str, ...] = ()
    name: Words | None = None  # what staff choose it by
    at_once: bool = False  # even in hours in which customers are left in peace

    @property
    def waits(self) -> bool:
        """False for what its recipient waits for: what says so, and every code."""
        return not self.at_once and "code" not in self.blanks

    def filled(self, language: str, values: Mapping[str, object]) -> str:
        """Raises KeyError for a blank nobody filled."""
        return self.words.spoken(language).format_map(values)


@dataclass(frozen=True, slots=True)
class CalendarSpec:
    """A calendar as a pack writes it: where calendars start; afterwards they have versions of their own."""

    name: str
    zone: str
    days: str | tuple[str, ...]  # a table of holidays by its name, "mon-fri", "all", or weekdays
    shifts: tuple[str, ...]
    off: tuple[date, ...] = ()
    on: tuple[date, ...] = ()
    words: Words | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """For how long the archive is kept at least."""

    years: int
    clause: str
    source: Source


@dataclass(frozen=True, slots=True)
class Indicator:
    """Something measured and reported that is no ticket's clock (X3): a greeting in 30 seconds, 85 % satisfied.

    `unit`: s, min, h, % or score. `over`: what one figure is taken over, as the pack writes it: each, day, month,
    quarter, year, or a cohort such as 30d. It is measured from `events` of the histories, or an outside `system` knows.
    """

    id: str
    clause: str
    source: Source
    name: Words
    measures: Words
    unit: str
    over: str
    at_most: Decimal | None = None
    at_least: Decimal | None = None
    events: tuple[What, ...] = ()
    system: Words | None = None


@dataclass(frozen=True)
class Edition:
    """The rules a ticket lives under. Tickets keep the edition they were accepted under."""

    id: str  # "cn-telecom-2025@1"
    pack: str
    number: int
    title: Words
    recalculates_open: bool
    currency: Words
    appeal_body: Words | None  # to whom a customer may turn who gets no answer, or does not accept it
    documents: Mapping[str, Words]
    ticket_types: Mapping[str, Term]
    paths: Mapping[str, str]  # ticket type → a path of the lifecycle
    needs: Needs
    fields: Mapping[str, IntakeField]
    categories: CategoryTree
    priorities: Mapping[str, Priority]
    priority_table: tuple[PriorityRow, ...]
    rules: tuple[TargetRule, ...]
    calendars: Mapping[str, CalendarSpec]
    teams: Mapping[str, Term]  # the work teams do, as routes name it
    duty: DutyHours
    skills: Mapping[str, Term]
    regions: Mapping[str, Term]
    routes: tuple[Route, ...]
    checklists: Mapping[str, Checklist]
    approval_limits: tuple[ApprovalLimit, ...]
    roles: Mapping[str, Role]
    templates: Mapping[str, Template]
    retention: Retention
    severities: Mapping[str, Term]
    reaches: Mapping[str, Term]
    complexities: Mapping[str, Term]
    customer_levels: Mapping[str, Term]
    channels: Mapping[str, Term]
    feedback_channels: Mapping[str, Term]
    pauses: Mapping[str, Pause]
    causes: Mapping[str, Term]
    overdue_causes: Mapping[str, Term]  # what an overrun came from (S3.4)
    marks: Mapping[str, Term]
    grounds: Mapping[str, Term]  # for which a complaint may be refused
    scores: Mapping[str, Term]
    identity_checks: Mapping[str, Term]
    major_levels: Mapping[str, Term]  # of major complaints, the gravest first (手册 4.1)
    opinion_levels: Mapping[str, Term]  # of public opinion
    bodies: Mapping[str, Term]  # to whom a matter is reported
    scorecard: Scorecard = field(default_factory=Scorecard)
    indicators: tuple[Indicator, ...] = ()
    appeal_brings: tuple[Words, ...] = ()  # what whoever turns to that body should have with them
    appeal_limits: tuple[Words, ...] = ()  # and when it does not take a matter up
    guides: Mapping[str, Guide] = field(default_factory=dict)  # through which customers help themselves
    telling: Telling = field(default_factory=Telling)

    @cached_property
    def measured(self) -> frozenset[str]:
        """Ids of the rules that are only measured."""
        return frozenset(rule.id for rule in self.rules if not rule.leads)

    @cached_property
    def answer_by_law(self) -> TargetRule | None:
        """The shortest time the law gives for an answer to any complaint, from its receipt; None without one."""
        complaint = TicketState(ticket_type="complaint")
        rules = [
            rule
            for rule in self.rules
            if rule.kind is Kind.STATUTORY and What.ACCEPTED in rule.start and What.CUSTOMER_TOLD in rule.stop
            if rule.applies.fit(complaint)
        ]
        return min((rule for rule in rules if rule.duration.span), key=lambda rule: rule.duration.span, default=None)

    @cached_property
    def around_the_clock(self) -> frozenset[str]:
        """The priorities of which people hear at any hour."""
        return frozenset(code for code, priority in self.priorities.items() if priority.around_the_clock)

    def rule(self, rule_id: str) -> TargetRule:
        """Raises KeyError."""
        return self.rules_by_id[rule_id]

    @cached_property
    def rules_by_id(self) -> Mapping[str, TargetRule]:
        return {rule.id: rule for rule in self.rules}

    def path(self, ticket_type: str) -> str:
        """The way through the lifecycle that a ticket of this type takes."""
        return self.paths[ticket_type]

    def checklist(self, category: str) -> Checklist | None:
        """The evidence a ticket of this category needs before a proposal, if any."""
        node = self.categories.nodes.get(category)
        return self.checklists[node.evidence] if node and node.evidence else None

    def guide_for(self, category: str) -> Guide | None:
        """The guide a customer may try before complaining of this category, if there is one."""
        return next((guide for guide in self.guides.values() if category and guide.fits(category)), None)

    def asked_fields(self, category: str) -> tuple[IntakeField, ...]:
        """All that is asked at intake: what must be stated, then what may be left out. Raises CategoryUnknown."""
        return tuple(self.fields[name] for name in self.categories.find(category).asked)

    def prioritise(self, *, severity: str, reach: str, customer_level: str, category: str) -> Ranking:
        """The priority the system sets, and why."""
        asked = (severity, reach, customer_level, category)
        if asked not in self._rankings:
            self._rankings[asked] = prioritise(
                self.priority_table, severity=severity, reach=reach, customer_level=customer_level, category=category
            )
        return self._rankings[asked]

    @cached_property
    def _rankings(self) -> dict[tuple[str, ...], Ranking]:
        """What has been asked before: as many as there are codes to ask with."""
        return {}

    def label(self, kind: str, code: str) -> Words:
        """The words for a code, `kind` being the name of one of the mappings above; an unknown code says itself."""
        if kind == "rules":
            rule = self.rules_by_id.get(code)
            return rule.name if rule else Words(code, code)
        term = (self.categories.nodes if kind == "categories" else getattr(self, kind)).get(code)
        return (term and term.words) or Words(code, code)
