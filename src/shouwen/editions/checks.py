"""What the form of a pack cannot tell: that every name it uses is a name it knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from shouwen.editions import guides, working_days
from shouwen.editions.checks_clocks import check_clocks
from shouwen.editions.checks_telling import check_telling
from shouwen.editions.checks_words import (
    Forms,
    Wrong,
    blanks,
    branches,
    calendars_of,
    categories_of,
    check_applies,
    check_cited,
    check_clause,
    given,
    repeated,
    unknown,
)
from shouwen.editions.edition import YES_NO
from shouwen.editions.reading import Place, Problem, Sheet, owner
from shouwen.handbook.authority import Sight
from shouwen.handbook.lifecycle import PATHS
from shouwen.handbook.targets import NATURAL

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
LEVELS = 4
FULL_MARKS = 100


def problems(forms: Forms, sheets: Mapping[str, Sheet]) -> Iterator[Problem]:
    """Everything wrong between the files of a pack whose forms are right; of its calendars also alone."""
    for file in forms.keys() & CHECKS.keys() & sheets.keys():
        for place, sentence in CHECKS[file](forms):
            yield sheets[file].problem(place, owner_of(sheets[file], place), sentence)


def owner_of(sheet: Sheet, place: Place) -> str:
    return owner(sheet.data, place, {key: _(noun) for key, noun in NOUNS.items()})


def check_edition(forms: Forms) -> Wrong:
    edition = forms["edition.yaml"]
    for code, ticket_type in edition.ticket_types.items():
        yield from unknown("path", ticket_type.path, PATHS, ("ticket_types", code, "path"))
    for code, pause in edition.pauses.items():
        if pause.putting_off:
            place: Place = ("pauses", code, "putting_off")
            yield from check_applies(forms, pause.putting_off.applies, (*place, "applies"))
            yield from check_cited(forms, pause.putting_off, place)


def check_categories(forms: Forms) -> Wrong:
    edition, sheet = forms["edition.yaml"], forms["categories.yaml"]
    checklists = {checklist.id for checklist in forms["evidence.yaml"].checklists}
    for _code, place, node, level in branches(sheet.categories):
        if level > LEVELS:
            yield place, _("a category has four levels at most")
        yield from unknown("field", node.required, sheet.fields, (*place, "required"))
        yield from unknown("field", node.optional, sheet.fields, (*place, "optional"))
        for name in sorted({*node.required} & {*node.optional}):
            yield (*place, "optional"), _('"{name}" is required here: it cannot be left out as well').format(name=name)
        yield from unknown("checklist", given(node.evidence), checklists, (*place, "evidence"))
        yield from unknown("severity", given(node.severity), edition.severities, (*place, "severity"))
        yield from unknown("complexity", given(node.complexity), edition.complexities, (*place, "complexity"))
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
        yield from check_clause(forms, priority.clause, ("priorities", code, "clause"))
    for index, row in enumerate(sheet.table):
        place: Place = ("table", index)
        yield from unknown("priority", row.priority, sheet.priorities, (*place, "priority"))
        yield from unknown("severity", row.when.severity, edition.severities, (*place, "when", "severity"))
        yield from unknown("reach", row.when.reach, edition.reaches, (*place, "when", "reach"))
        levels = edition.customer_levels
        yield from unknown("customer level", row.when.customer_level, levels, (*place, "when", "customer_level"))
        yield from unknown("category", row.when.category, categories_of(forms), (*place, "when", "category"))
        yield from check_clause(forms, row.clause, (*place, "clause"))
    if any(sheet.table[-1].when.model_dump().values()):
        yield ("table", len(sheet.table) - 1), _("the last line must fit everything")


def check_calendars(forms: Forms) -> Wrong:
    for name, calendar in forms["calendars.yaml"].calendars.items():
        place: Place = ("calendars", name)
        if name == NATURAL:
            yield place, _("“natural” is the calendar in which every minute counts; choose another name")
        yield from working_days.wrongs(name, calendar, place)


def check_routing(forms: Forms) -> Wrong:
    sheet = forms["routing.yaml"]
    yield from repeated("route", [route.id for route in sheet.routes], "routes")
    yield from unknown("calendar", sheet.duty_hours, calendars_of(forms), ("duty_hours",))
    for code, team in sheet.teams.items():
        yield from unknown("calendar", given(team.calendar), calendars_of(forms), ("teams", code, "calendar"))
    for index, route in enumerate(sheet.routes):
        place: Place = ("routes", index)
        yield from unknown("team", route.team, sheet.teams, (*place, "team"))
        yield from unknown("skill", route.skills, sheet.skills, (*place, "skills"))
        yield from check_applies(forms, route.when, (*place, "when"))
        if (route.clause is None) != (route.source is None):
            yield place, _("a clause and its source go together")
        elif route.clause:
            yield from check_cited(forms, route, place)
    yield from check_cited(forms, sheet, ())
    if any(sheet.routes[-1].when.model_dump().values()):
        yield ("routes", len(sheet.routes) - 1), _("the last route must fit everything")


def check_roles(forms: Forms) -> Wrong:
    for code, role in forms["roles.yaml"].roles.items():
        place: Place = ("roles", code)
        yield from unknown("calendar", given(role.calendar), calendars_of(forms), (*place, "calendar"))
        levels = forms["edition.yaml"].customer_levels
        yield from unknown("customer level", role.customer_levels, levels, (*place, "customer_levels"))
        if bool(role.customer_levels) != (Sight.CUSTOMER_LEVELS in (role.sees or ())):
            yield (*place, "sees"), _("who sees tickets by their customers' levels names the levels")


def check_evidence(forms: Forms) -> Wrong:
    checklists = forms["evidence.yaml"].checklists
    yield from repeated("checklist", [checklist.id for checklist in checklists], "checklists")
    for index, checklist in enumerate(checklists):
        yield from check_cited(forms, checklist, ("checklists", index))


def check_authority(forms: Forms) -> Wrong:
    for index, limit in enumerate(forms["authority.yaml"].approvals):
        place: Place = ("approvals", index)
        yield from unknown("role", limit.role, forms["roles.yaml"].roles, (*place, "role"))
        yield from check_cited(forms, limit, place)


def check_templates(forms: Forms) -> Wrong:
    for code, template in forms["templates.yaml"].templates.items():
        place: Place = ("templates", code)
        yield from check_clause(forms, template.clause, (*place, "clause"))
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
    yield from check_cited(forms, forms["retention.yaml"], ())


def check_scoring(forms: Forms) -> Wrong:
    sheet, ticket_types = forms["scoring.yaml"], forms["edition.yaml"].ticket_types
    yield from repeated("check", [check.id for check in sheet.checks], "checks")
    for code, dimension in sheet.dimensions.items():
        yield from check_cited(forms, dimension, ("dimensions", code))
    for index, check in enumerate(sheet.checks):
        place: Place = ("checks", index)
        yield from unknown("dimension", check.dimension, sheet.dimensions, (*place, "dimension"))
        yield from unknown("ticket type", check.ticket_types, ticket_types, (*place, "ticket_types"))
        yield from check_cited(forms, check, place)
    if sheet.checks and (points := sum(check.points for check in sheet.checks)) != FULL_MARKS:
        yield ("checks",), _("the points of all checks make {points} instead of 100").format(points=points)


def check_indicators(forms: Forms) -> Wrong:
    indicators = forms["indicators.yaml"].indicators
    yield from repeated("indicator", [indicator.id for indicator in indicators], "indicators")
    for index, indicator in enumerate(indicators):
        place: Place = ("indicators", index)
        yield from check_cited(forms, indicator, place)
        if indicator.goal.at_most is not None and indicator.goal.at_least is not None:
            yield (*place, "goal"), _("a goal is at most or at least something, not both")
        if bool(indicator.origin.events) == bool(indicator.origin.system):
            yield (*place, "from"), _("it is measured from events or from a system: one of the two")


def check_guides(forms: Forms) -> Wrong:
    edition, fields = forms["edition.yaml"], forms["categories.yaml"].fields
    sheet, categories = forms["guides.yaml"].guides, categories_of(forms)
    yield from repeated("guide", [guide.id for guide in sheet], "guides")
    for index, guide in enumerate(sheet):
        place: Place = ("guides", index)
        yield from check_cited(forms, guide, place)
        yield from unknown("mark", guide.mark, edition.marks, (*place, "mark"))
        yield from unknown("category", guide.categories, categories, (*place, "categories"))
        yield from guides.wrongs(guide, place)
        for code, step in guide.steps.items():
            for name, choice in step.answers.items():
                here: Place = (*place, "steps", code, "answers", name)
                yield from unknown("category", given(choice.category), categories, (*here, "category"))
                yield from unknown("field", choice.fills, fields, (*here, "fills"))


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
