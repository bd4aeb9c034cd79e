"""What the form of a pack cannot tell: that every name it uses is a name it knows."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from shouwen.editions import guides, working_days
from shouwen.editions.edition import YES_NO
from shouwen.editions.reading import Place, Problem, Sheet, owner
from shouwen.handbook.authority import Sight
from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import PATHS
from shouwen.handbook.lives import OWED
from shouwen.handbook.targets import NATURAL, Kind

NOUNS = {
    "clocks": "rule",
    "ladders": "ladder",
    "categories": "category",
    "fields": "field",
    "routes": "route",
    "table": "line",
    "checklists": "checklist",
    "calendars": "calendar",
    "roles": "role",
    "approvals": "approval",
    "templates": "template",
    "indicators": "indicator",
    "dimensions": "dimension",
    "checks": "check",
    "guides": "guide",
}
POSITIONS = frozenset({"handler", "first_owner", "team_lead"})  # beside the roles, who can answer for a clock
LEVELS = 4
FULL_MARKS = 100

Wrong = Iterator[tuple[Place, str]]
Forms = Mapping[str, Any]


def problems(forms: Forms, sheets: Mapping[str, Sheet]) -> Iterator[Problem]:
    """Everything wrong between the files of a pack whose forms are right; of its calendars also alone."""
    for file in forms.keys() & CHECKS.keys() & sheets.keys():
        for place, sentence in CHECKS[file](forms):
            yield sheets[file].problem(place, owner_of(sheets[file], place), sentence)


def owner_of(sheet: Sheet, place: Place) -> str:
    return owner(sheet.data, place, {key: _(noun) for key, noun in NOUNS.items()})


def unknown(noun: str, used: Iterable[str], known: Collection[str], place: Place) -> Wrong:
    """A problem for every name used that is not known; a list of names has its own lines."""
    for index, name in enumerate([used] if isinstance(used, str) else used):
        if name not in known:
            where = place if isinstance(used, str) else (*place, index)
            yield where, _('unknown {noun} "{name}"').format(noun=_(noun), name=name)


def categories_of(forms: Forms) -> set[str]:
    """The codes of all categories."""
    return {code for code, *_rest in _branches(forms["categories.yaml"].categories)}


def calendars_of(forms: Forms) -> set[str]:
    """The names of all calendars."""
    return {NATURAL, *forms["calendars.yaml"].calendars}


def check_edition(forms: Forms) -> Wrong:
    edition = forms["edition.yaml"]
    for code, ticket_type in edition.ticket_types.items():
        yield from unknown("path", ticket_type.path, PATHS, ("ticket_types", code, "path"))
    for code, pause in edition.pauses.items():
        if pause.putting_off:
            place: Place = ("pauses", code, "putting_off")
            yield from _check_applies(forms, pause.putting_off.applies, (*place, "applies"))
            yield from _cited(forms, pause.putting_off, place)


def check_categories(forms: Forms) -> Wrong:
    edition, sheet = forms["edition.yaml"], forms["categories.yaml"]
    checklists = {checklist.id for checklist in forms["evidence.yaml"].checklists}
    for _code, place, node, level in _branches(sheet.categories):
        if level > LEVELS:
            yield place, _("a category has four levels at most")
        yield from unknown("field", node.required, sheet.fields, (*place, "required"))
        yield from unknown("field", node.optional, sheet.fields, (*place, "optional"))
        for name in sorted({*node.required} & {*node.optional}):
            yield (*place, "optional"), _('"{name}" is required here: it cannot be left out as well').format(name=name)
        yield from unknown("checklist", _given(node.evidence), checklists, (*place, "evidence"))
        yield from unknown("severity", _given(node.severity), edition.severities, (*place, "severity"))
        yield from unknown("complexity", _given(node.complexity), edition.complexities, (*place, "complexity"))
    for code, field in sheet.fields.items():
        yield from _check_choices(field, ("fields", code))


def _check_choices(field: Any, place: Place) -> Wrong:
    """A yes_no field may have more answers than its two: that it is not known."""
    if field.kind == "yes_no":
        for code in sorted(YES_NO & field.choices.keys()):
            yield (*place, "choices"), _('"{name}" is an answer of every yes_no field: leave it out').format(name=code)
    elif (field.kind == "choice") != bool(field.choices):
        yield place, _("a field has choices exactly when its kind is choice")


def check_priorities(forms: Forms) -> Wrong:
    edition, sheet = forms["edition.yaml"], forms["priorities.yaml"]
    for code, priority in sheet.priorities.items():
        yield from _clause(forms, priority.clause, ("priorities", code, "clause"))
    for index, row in enumerate(sheet.table):
        place: Place = ("table", index)
        yield from unknown("priority", row.priority, sheet.priorities, (*place, "priority"))
        yield from unknown("severity", row.when.severity, edition.severities, (*place, "when", "severity"))
        yield from unknown("reach", row.when.reach, edition.reaches, (*place, "when", "reach"))
        levels = edition.customer_levels
        yield from unknown("customer level", row.when.customer_level, levels, (*place, "when", "customer_level"))
        yield from unknown("category", row.when.category, categories_of(forms), (*place, "when", "category"))
        yield from _clause(forms, row.clause, (*place, "clause"))
    if any(sheet.table[-1].when.model_dump().values()):
        yield ("table", len(sheet.table) - 1), _("the last line must fit everything")


def check_clocks(forms: Forms) -> Wrong:
    sheet = forms["clocks.yaml"]
    posts = POSITIONS | forms["roles.yaml"].roles.keys()
    for name, steps in sheet.ladders.items():
        for index, step in enumerate(steps):
            place: Place = ("ladders", name, index)
            yield from unknown("role", step.tells, posts, (*place, "tells"))
            if (step.share is None) == (step.after is None):
                yield place, _("a step has either a share or a time after")
        if [*steps] != sorted(steps, key=_rung):
            yield ("ladders", name), _("warnings first, then the steps after the due time, each in its order")
    yield from _repeated("rule", [rule.id for rule in sheet.clocks], "clocks")
    for index, rule in enumerate(sheet.clocks):
        yield from _check_rule(forms, rule, ("clocks", index), posts)


def _check_rule(forms: Forms, rule: Any, place: Place, posts: Collection[str]) -> Wrong:
    calendars = calendars_of(forms)
    yield from unknown("calendar", rule.calendar, calendars, (*place, "calendar"))
    yield from unknown("pause", rule.pauses, forms["edition.yaml"].pauses, (*place, "pauses"))
    yield from unknown("role", rule.answerable, posts, (*place, "answerable"))
    yield from unknown("ladder", rule.ladder, forms["clocks.yaml"].ladders, (*place, "ladder"))
    yield from _check_applies(forms, rule.applies, (*place, "applies"))
    yield from _check_events(forms, rule, place)
    yield from _cited(forms, rule, place)
    if rule.ahead and not rule.for_promises:
        yield (*place, "ahead"), _("only what is due at a time that is named can be due ahead of it")
    if rule.wall and rule.kind is Kind.STATUTORY:
        yield (*place, "wall"), _("nothing extends what the law sets")
    if rule.for_promises:
        for index, event in enumerate(rule.start):
            if event.what not in OWED:
                says = _("“{event}” names no time by which something is owed; these do: {known}")
                yield (*place, "start", index), says.format(event=event.what, known=", ".join(OWED))
        if rule.duration is not None:
            yield (*place, "duration"), _("it is due when its start says; a duration would not be read")
        return
    if rule.duration is None:
        yield place, _("“duration” is missing")
    elif rule.duration.is_working == (rule.calendar == NATURAL):
        says = _("{duration} needs a working calendar") if rule.duration.is_working else _("{duration} is natural time")
        yield (*place, "calendar"), says.format(duration=rule.duration)
    if not rule.start:
        yield (*place, "start"), _("nothing starts it")
    if rule.pauses and rule.kind is Kind.STATUTORY:
        yield (*place, "pauses"), _("nothing pauses what the law sets")


def _check_events(forms: Forms, rule: Any, place: Place) -> Wrong:
    """The facts that events must state are those the edition has a vocabulary for."""
    edition = forms["edition.yaml"]
    heard: dict[What, Any] = {}
    for side in ("start", "stop"):
        for index, event in enumerate(getattr(rule, side)):
            where: Place = (*place, side, index)
            if heard.setdefault(event.what, event.stated) != event.stated:
                yield where, _("one event cannot be heard in two ways by the same rule")
            if event.stated and event.what is What.ACCEPTED:
                yield where, _("which tickets it is for is said under “applies”")
                continue
            for name, values in event.stated.items():
                if name in TRUTHS:
                    yield from unknown("value", values, ("true", "false"), where)
                elif name in STATED:
                    yield from unknown("value", values, getattr(edition, STATED[name]), where)
                else:
                    yield from unknown("fact", [name], STATED, where)


# The facts a rule may ask of an event, and the vocabulary each is taken from.
STATED = {
    "cause": "causes",
    "ground": "grounds",
    "identity": "identity_checks",
    "level": "major_levels",
    "mark": "marks",
    "opinion": "opinion_levels",
    "overdue_cause": "overdue_causes",
    "pause": "pauses",
    "reported_to": "bodies",
    "via": "feedback_channels",
}
TRUTHS = ("consistent", "satisfied", "urban")


def _check_applies(forms: Forms, applies: Any, place: Place) -> Wrong:
    edition = forms["edition.yaml"]
    known = {
        "ticket_type": edition.ticket_types,
        "category": categories_of(forms),
        "priority": forms["priorities.yaml"].priorities,
        "complexity": edition.complexities,
        "customer_level": edition.customer_levels,
        "channel": edition.channels,
        "mark": edition.marks,
    }
    for name, names in known.items():
        yield from unknown(name.replace("_", " "), getattr(applies, name), names, (*place, name))


def check_calendars(forms: Forms) -> Wrong:
    for name, calendar in forms["calendars.yaml"].calendars.items():
        place: Place = ("calendars", name)
        if name == NATURAL:
            yield place, _("“natural” is the calendar in which every minute counts; choose another name")
        yield from working_days.wrongs(name, calendar, place)


def check_routing(forms: Forms) -> Wrong:
    sheet = forms["routing.yaml"]
    yield from _repeated("route", [route.id for route in sheet.routes], "routes")
    yield from unknown("calendar", sheet.duty_hours, calendars_of(forms), ("duty_hours",))
    for code, team in sheet.teams.items():
        yield from unknown("calendar", _given(team.calendar), calendars_of(forms), ("teams", code, "calendar"))
    for index, route in enumerate(sheet.routes):
        place: Place = ("routes", index)
        yield from unknown("team", route.team, sheet.teams, (*place, "team"))
        yield from unknown("skill", route.skills, sheet.skills, (*place, "skills"))
        yield from _check_applies(forms, route.when, (*place, "when"))
        if (route.clause is None) != (route.source is None):
            yield place, _("a clause and its source go together")
        elif route.clause:
            yield from _cited(forms, route, place)
    yield from _cited(forms, sheet, ())
    if any(sheet.routes[-1].when.model_dump().values()):
        yield ("routes", len(sheet.routes) - 1), _("the last route must fit everything")


def check_roles(forms: Forms) -> Wrong:
    for code, role in forms["roles.yaml"].roles.items():
        place: Place = ("roles", code)
        yield from unknown("calendar", _given(role.calendar), calendars_of(forms), (*place, "calendar"))
        levels = forms["edition.yaml"].customer_levels
        yield from unknown("customer level", role.customer_levels, levels, (*place, "customer_levels"))
        if bool(role.customer_levels) != (Sight.CUSTOMER_LEVELS in (role.sees or ())):
            yield (*place, "sees"), _("who sees tickets by their customers' levels names the levels")


def check_evidence(forms: Forms) -> Wrong:
    checklists = forms["evidence.yaml"].checklists
    yield from _repeated("checklist", [checklist.id for checklist in checklists], "checklists")
    for index, checklist in enumerate(checklists):
        yield from _cited(forms, checklist, ("checklists", index))


def check_authority(forms: Forms) -> Wrong:
    for index, limit in enumerate(forms["authority.yaml"].approvals):
        place: Place = ("approvals", index)
        yield from unknown("role", limit.role, forms["roles.yaml"].roles, (*place, "role"))
        yield from _cited(forms, limit, place)


def check_templates(forms: Forms) -> Wrong:
    for code, template in forms["templates.yaml"].templates.items():
        place: Place = ("templates", code)
        yield from _clause(forms, template.clause, (*place, "clause"))
        try:
            zh, en = blanks(template.zh), blanks(template.en)
        except ValueError:
            yield place, _("a blank is written {{name}}, and a brace of its own twice").format()
            continue
        if set(zh) != set(en):
            yield place, _("the two languages have different blanks")
        if not all(name.isidentifier() for name in zh + en):
            yield place, _("a blank is a plain name")


def check_retention(forms: Forms) -> Wrong:
    yield from _cited(forms, forms["retention.yaml"], ())


def check_scoring(forms: Forms) -> Wrong:
    sheet, ticket_types = forms["scoring.yaml"], forms["edition.yaml"].ticket_types
    yield from _repeated("check", [check.id for check in sheet.checks], "checks")
    for code, dimension in sheet.dimensions.items():
        yield from _cited(forms, dimension, ("dimensions", code))
    for index, check in enumerate(sheet.checks):
        place: Place = ("checks", index)
        yield from unknown("dimension", check.dimension, sheet.dimensions, (*place, "dimension"))
        yield from unknown("ticket type", check.ticket_types, ticket_types, (*place, "ticket_types"))
        yield from _cited(forms, check, place)
    if sheet.checks and (points := sum(check.points for check in sheet.checks)) != FULL_MARKS:
        yield ("checks",), _("the points of all checks make {points} instead of 100").format(points=points)


def check_indicators(forms: Forms) -> Wrong:
    indicators = forms["indicators.yaml"].indicators
    yield from _repeated("indicator", [indicator.id for indicator in indicators], "indicators")
    for index, indicator in enumerate(indicators):
        place: Place = ("indicators", index)
        yield from _cited(forms, indicator, place)
        if indicator.goal.at_most is not None and indicator.goal.at_least is not None:
            yield (*place, "goal"), _("a goal is at most or at least something, not both")
        if bool(indicator.origin.events) == bool(indicator.origin.system):
            yield (*place, "from"), _("it is measured from events or from a system: one of the two")


def check_guides(forms: Forms) -> Wrong:
    edition, fields = forms["edition.yaml"], forms["categories.yaml"].fields
    sheet, categories = forms["guides.yaml"].guides, categories_of(forms)
    yield from _repeated("guide", [guide.id for guide in sheet], "guides")
    for index, guide in enumerate(sheet):
        place: Place = ("guides", index)
        yield from _cited(forms, guide, place)
        yield from unknown("mark", guide.mark, edition.marks, (*place, "mark"))
        yield from unknown("category", guide.categories, categories, (*place, "categories"))
        yield from guides.wrongs(guide, place)
        for code, step in guide.steps.items():
            for name, choice in step.answers.items():
                here: Place = (*place, "steps", code, "answers", name)
                yield from unknown("category", _given(choice.category), categories, (*here, "category"))
                yield from unknown("field", choice.fills, fields, (*here, "fills"))


def blanks(text: str) -> list[str]:
    """The names of the {blanks} in a text, in their order. Raises ValueError for a brace that is never closed."""
    return [name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None]


def check_telling(forms: Forms) -> Wrong:
    """Every template, rule, role and score it names is one the pack has, with blanks the desk can fill."""
    sheet = forms["telling.yaml"]
    for name in type(sheet).model_fields:
        if part := getattr(sheet, name):
            yield from _cited(forms, part, (name,))
    if sheet.quiet and sheet.quiet.begins == sheet.quiet.ends:
        yield ("quiet", "until"), _("hours of peace end at another time than they begin")
    yield from _check_messages(forms, sheet)
    if sheet.calls:
        yield from _check_calls(forms, sheet.calls)
    if sheet.marking:
        yield from unknown("score", sheet.marking.marks, forms["edition.yaml"].scores, ("marking", "marks"))
        for score in forms["edition.yaml"].scores.keys() - sheet.marking.marks.keys():
            yield ("marking", "marks"), _("score {score} has no marks").format(score=score)


# What a message may name, and by whom it is filled.
FILLED = {
    "progress": {"number", "expected_at"},
    "otherwise": {"number"},
    "delays": {"number", "due_at", "expected_at", "rule"},
    "copies": {"number"},
}


def _check_messages(forms: Forms, sheet: Any) -> Wrong:
    for index, step in enumerate(sheet.progress.steps if sheet.progress else ()):
        place: Place = ("progress", "steps", index)
        yield from _check_applies(forms, step.when, (*place, "when"))
        yield from _check_template(forms, step.template, "progress", (*place, "template"))
        yield from _check_template(forms, step.otherwise, "otherwise", (*place, "otherwise"))
    for index, delay in enumerate(sheet.delays.of if sheet.delays else ()):
        place = ("delays", "of", index)
        yield from unknown("rule", delay.rules, {rule.id for rule in forms["clocks.yaml"].clocks}, (*place, "rules"))
        yield from _check_template(forms, delay.template, "delays", (*place, "template"))
    for index, copy in enumerate(sheet.copies.to if sheet.copies else ()):
        place = ("copies", "to", index)
        yield from unknown("role", copy.to, {"concerned", *forms["roles.yaml"].roles}, (*place, "to"))
        yield from _check_applies(forms, copy.when, (*place, "when"))
        yield from _check_template(forms, copy.template, "copies", (*place, "template"))


def _check_template(forms: Forms, code: str, part: str, place: Place) -> Wrong:
    templates = forms["templates.yaml"].templates
    yield from unknown("template", code, templates, place)
    strange = set(blanks(templates[code].zh)) - FILLED[part] if code in templates else set()
    for name in sorted(strange):
        yield place, _("nobody fills the blank “{name}” of this template").format(name=name)


def _check_calls(forms: Forms, calls: Any) -> Wrong:
    for index, whom in enumerate(calls.whom):
        yield from _check_applies(forms, whom, ("calls", "for", index))
    yield from unknown("feedback channel", calls.via, forms["edition.yaml"].feedback_channels, ("calls", "via"))
    seen = Counter(script.id for script in calls.scripts)
    for index, script in enumerate(calls.scripts):
        place: Place = ("calls", "scripts", index)
        yield from _check_applies(forms, script.when, (*place, "when"))
        if seen[script.id] > 1:
            yield (*place, "id"), _("there are two of this {noun}").format(noun=_("script"))
        for line in script.lines:
            if set(blanks(line.zh)) != set(blanks(line.en)):
                yield place, _("the two languages have different blanks")
            for name in sorted(set(blanks(line.zh)) - {"number", "staff_no"}):
                yield place, _("nobody fills the blank “{name}” of this template").format(name=name)
    if any(calls.scripts[-1].when.model_dump().values()):
        yield ("calls", "scripts", len(calls.scripts) - 1), _("the last script must fit everything")


CHECKS: dict[str, Callable[[Forms], Wrong]] = {
    "edition.yaml": check_edition,
    "categories.yaml": check_categories,
    "priorities.yaml": check_priorities,
    "clocks.yaml": check_clocks,
    "calendars.yaml": check_calendars,
    "routing.yaml": check_routing,
    "roles.yaml": check_roles,
    "evidence.yaml": check_evidence,
    "authority.yaml": check_authority,
    "templates.yaml": check_templates,
    "retention.yaml": check_retention,
    "scoring.yaml": check_scoring,
    "indicators.yaml": check_indicators,
    "guides.yaml": check_guides,
    "telling.yaml": check_telling,
}


def _cited(forms: Forms, item: Any, place: Place) -> Wrong:
    """A clause and its source, both of documents the edition names."""
    yield from _clause(forms, item.clause, (*place, "clause"))
    if item.source.document is not None:
        documents = forms["edition.yaml"].documents
        yield from unknown("document", item.source.document, documents, (*place, "source", "document"))


def _clause(forms: Forms, clause: str, place: Place) -> Wrong:
    if document_of(clause) not in forms["edition.yaml"].documents:
        yield place, _('clause "{clause}" is of no document of this edition').format(clause=clause)


def document_of(clause: str) -> str:
    """The letter a clause begins with names its document."""
    return clause.rstrip(string.ascii_lowercase).rstrip("0123456789.")


def _repeated(noun: str, ids: list[str], key: str) -> Wrong:
    seen = Counter[str]()
    for index, name in enumerate(ids):
        seen[name] += 1
        if seen[name] > 1:
            yield (key, index, "id"), _("there are two of this {noun}").format(noun=_(noun))


def _rung(step: Any) -> tuple[bool, Any]:
    return (step.share is None, step.after if step.share is None else step.share)


def _given(value: str | None) -> list[str] | str:
    return [] if value is None else value


def _branches(
    nodes: Mapping[str, Any], code: str = "", place: Place = ("categories",), level: int = 1
) -> Iterator[Any]:
    for key, node in nodes.items():
        full, here = f"{code}.{key}" if code else key, (*place, key)
        yield full, here, node, level
        yield from _branches(node.children, full, (*here, "children"), level + 1)
