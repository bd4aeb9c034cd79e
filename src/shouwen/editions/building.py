"""From the forms of a pack, all checked, to the plain values of an edition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from shouwen.editions.building_telling import calls, telling
from shouwen.editions.building_words import Sources, conditions, words
from shouwen.editions.checks_words import blanks
from shouwen.editions.edition import (
    CalendarSpec,
    Edition,
    Indicator,
    IntakeField,
    Pause,
    Priority,
    Retention,
    Template,
    Term,
)
from shouwen.editions.guides import build_guide
from shouwen.handbook.assignment import Route
from shouwen.handbook.authority import USUAL_SIGHTS, ApprovalLimit, Role
from shouwen.handbook.categories import Category, CategoryTree
from shouwen.handbook.escalation import DutyHours
from shouwen.handbook.evidence import Checklist, EvidenceItem
from shouwen.handbook.gates import PuttingOff
from shouwen.handbook.lifecycle import Move, Needs
from shouwen.handbook.priority import PriorityRow
from shouwen.handbook.scorecard import Check, Dimension, Scorecard
from shouwen.handbook.targets import Duration, Step, TargetRule, Unit
from shouwen.handbook.words import Words


def build_edition(forms: Mapping[str, Any], number: int) -> Edition:
    """The edition of these forms."""
    edition, categories = forms["edition.yaml"], forms["categories.yaml"]
    priorities, routing = forms["priorities.yaml"], forms["routing.yaml"]
    sources = Sources(edition.documents)
    return Edition(
        id=f"{edition.pack}@{number}",
        pack=edition.pack,
        number=number,
        title=words(edition.title),
        recalculates_open=edition.recalculates_open,
        currency=words(edition.currency),
        appeal_body=words(edition.appeal_body) if edition.appeal_body else None,
        appeal_brings=tuple(map(words, edition.appeal.brings)),
        appeal_limits=tuple(map(words, edition.appeal.limits)),
        documents=sources.documents,
        paths={code: form.path for code, form in edition.ticket_types.items()},
        needs=replace(needs(edition), calls=calls(forms["telling.yaml"].calls)),
        fields={code: intake_field(code, form) for code, form in categories.fields.items()},
        categories=CategoryTree({node.code: node for node in branches(categories.categories)}),
        priorities={code: priority(code, form) for code, form in priorities.priorities.items()},
        priority_table=tuple(priority_row(form) for form in priorities.table),
        rules=tuple(
            target_rule(form, forms["clocks.yaml"].ladders, edition, sources) for form in forms["clocks.yaml"].clocks
        ),
        calendars=calendar_specs(forms["calendars.yaml"]),
        teams=terms(routing.teams),
        duty=duty_hours(routing, forms["roles.yaml"]),
        skills=terms(routing.skills),
        regions=terms(routing.regions),
        routes=tuple(route(form, routing, sources) for form in routing.routes),
        checklists={form.id: checklist(form, sources) for form in forms["evidence.yaml"].checklists},
        approval_limits=tuple(
            ApprovalLimit(form.role, form.up_to, sources.of(form)) for form in forms["authority.yaml"].approvals
        ),
        roles={code: role(code, form) for code, form in forms["roles.yaml"].roles.items()},
        templates={code: template(code, form) for code, form in forms["templates.yaml"].templates.items()},
        retention=retention(forms["retention.yaml"], sources),
        scorecard=scorecard(forms["scoring.yaml"], sources),
        indicators=tuple(indicator(form, sources) for form in forms["indicators.yaml"].indicators),
        guides={form.id: build_guide(form, words, sources.of(form)) for form in forms["guides.yaml"].guides},
        telling=telling(forms["telling.yaml"], sources),
        pauses={code: Pause(code, words(form), form.move) for code, form in edition.pauses.items()},
        **{name: terms(getattr(edition, name)) for name in VOCABULARY},
    )


WHEN_PROMISED = Duration(1, Unit.MINUTES)  # never read: a promise brings its own due time
VOCABULARY = (
    "ticket_types",
    "severities",
    "reaches",
    "complexities",
    "customer_levels",
    "channels",
    "feedback_channels",
    "causes",
    "overdue_causes",
    "marks",
    "grounds",
    "identity_checks",
    "major_levels",
    "opinion_levels",
    "bodies",
    "scores",
)


def terms(forms: Mapping[str, Any]) -> dict[str, Term]:
    return {code: Term(code, words(form), words(form.note) if form.note else None) for code, form in forms.items()}


def needs(edition: Any) -> Needs:
    pauses = {
        move: frozenset(code for code, form in edition.pauses.items() if form.move is move)
        for move in (Move.WAIT, Move.HOLD)
    }
    facts = {move: tuple(names) for move, names in edition.needs.facts.items()}
    return Needs(
        facts,
        frozenset(edition.needs.two_feedbacks),
        pauses,
        putting_off={
            code: PuttingOff(form.putting_off.at_most, conditions(form.putting_off.applies))
            for code, form in edition.pauses.items()
            if form.putting_off
        },
        late_recording=edition.needs.late_recording,
        customer_reopens_within=edition.needs.customer_reopens_within,
    )


def intake_field(code: str, form: Any) -> IntakeField:
    choices = tuple(terms(form.choices).values())
    return IntakeField(code, words(form), words(form.purpose), form.kind, choices, form.personal)


def branches(forms: Mapping[str, Any], above: Category | None = None) -> Iterator[Category]:
    """Every category; what is said above holds below, unless a branch says otherwise."""
    above = above or Category("", Words("", ""))
    for key, form in forms.items():
        node = Category(
            code=f"{above.code}.{key}" if above.code else key,
            words=words(form),
            required=(required := tuple(dict.fromkeys([*above.required, *form.required]))),
            optional=tuple(name for name in dict.fromkeys([*above.optional, *form.optional]) if name not in required),
            evidence=form.evidence or above.evidence,
            duty_to_inform=above.duty_to_inform if form.duty_to_inform is None else form.duty_to_inform,
            severity=form.severity or above.severity,
            complexity=form.complexity or above.complexity,
        )
        yield node
        yield from branches(form.children, node)


def priority(code: str, form: Any) -> Priority:
    return Priority(code, words(form), form.hours, form.clause, form.around_the_clock)


def priority_row(form: Any) -> PriorityRow:
    when = {name: frozenset(values) for name, values in form.when.model_dump().items()}
    return PriorityRow(form.priority, words(form.because), form.clause, **when)


def target_rule(form: Any, ladders: Mapping[str, Any], edition: Any, sources: Sources) -> TargetRule:
    return TargetRule(
        id=form.id,
        clause=form.clause,
        source=sources.of(form),
        name=words(form.name),
        kind=form.kind,
        duration=form.duration or WHEN_PROMISED,
        calendar=form.calendar,
        start=frozenset(event.what for event in form.start),
        stop=frozenset(event.what for event in form.stop),
        pauses=frozenset(form.pauses),
        applies=conditions(form.applies),
        answerable=form.answerable,
        ladder=tuple(
            Step(step.share, step.after, tuple(step.tells), step.escalates, step.around_the_clock)
            for step in ladders[form.ladder]
        ),
        for_promises=form.for_promises,
        working_days=edition.conventions.working_days,
        stated={
            event.what: {name: frozenset(values) for name, values in event.stated.items()}
            for event in (*form.start, *form.stop)
            if event.stated
        },
        ahead=form.ahead,
        wall=form.wall,
        around_the_clock=form.around_the_clock,
    )


def calendar_specs(form: Any) -> dict[str, CalendarSpec]:
    return {
        name: CalendarSpec(
            name=name,
            zone=calendar.zone,
            days=calendar.days if isinstance(calendar.days, str) else tuple(calendar.days),
            shifts=tuple(calendar.shifts),
            off=tuple(calendar.off),
            on=tuple(calendar.on),
            words=words(calendar.words) if calendar.words else None,
        )
        for name, calendar in form.calendars.items()
    }


def duty_hours(routing: Any, roles: Any) -> DutyHours:
    by_team = {code: form.calendar for code, form in routing.teams.items() if form.calendar}
    by_role = {code: form.calendar for code, form in roles.roles.items() if form.calendar}
    return DutyHours(routing.duty_hours, by_team, by_role)


def route(form: Any, file: Any, sources: Sources) -> Route:
    source = sources.of(form if form.source else file)
    return Route(form.id, form.team, conditions(form.when), words(form.words), source, frozenset(form.skills))


def checklist(form: Any, sources: Sources) -> Checklist:
    items = tuple(EvidenceItem(code, words(item), item.required) for code, item in form.items.items())
    return Checklist(form.id, words(form), items, sources.of(form))


def role(code: str, form: Any) -> Role:
    return Role(
        code,
        words(form),
        frozenset(form.moves),
        tuple(form.queues),
        words(form.duties),
        frozenset(form.rules),
        USUAL_SIGHTS.get(code, frozenset()) if form.sees is None else frozenset(form.sees),
        frozenset(form.customer_levels),
    )


def template(code: str, form: Any) -> Template:
    name = words(form.name) if form.name else None
    named = tuple(dict.fromkeys(blanks(form.zh)))
    return Template(code, form.kind, form.channel, words(form), named, name, form.at_once)


def retention(form: Any, sources: Sources) -> Retention:
    return Retention(form.archive_years, form.clause, sources.of(form))


def scorecard(form: Any, sources: Sources) -> Scorecard:
    dimensions = (
        Dimension(code, words(one), words(one.looks_at), one.clause, sources.of(one))
        for code, one in form.dimensions.items()
    )
    checks = (
        Check(one.id, one.dimension, one.points, words(one), one.clause, sources.of(one), frozenset(one.ticket_types))
        for one in form.checks
    )
    return Scorecard(tuple(dimensions), tuple(checks))


def indicator(form: Any, sources: Sources) -> Indicator:
    return Indicator(
        id=form.id,
        clause=form.clause,
        source=sources.of(form),
        name=words(form.name),
        measures=words(form.measures),
        unit=form.unit,
        over=str(form.over),
        at_most=form.goal.at_most,
        at_least=form.goal.at_least,
        events=tuple(form.origin.events),
        system=words(form.origin.system) if form.origin.system else None,
    )
