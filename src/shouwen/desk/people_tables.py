"""People and teams as tables: taken away, and as a workbook to fill in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.desk.staff import roles_of
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.people.models import Leave, Person, Team
from shouwen.screens.tables import Column, Leaf

PEOPLE, TEAMS = "people", "teams"
ROWS_AT_MOST = 5_000
PERSON_HEADINGS = {
    "username": gettext_lazy("Name to sign in with"),
    "display_name": gettext_lazy("Name"),
    "staff_no": gettext_lazy("Staff number"),
    "roles": gettext_lazy("Roles"),
    "teams": gettext_lazy("Teams"),
    "regions": gettext_lazy("Regions"),
    "skills": gettext_lazy("Skills"),
    "active": gettext_lazy("Can sign in"),
}
TEAM_HEADINGS = {
    "code": gettext_lazy("Team code"),
    "name": gettext_lazy("Team name"),
    "name_en": gettext_lazy("English name"),
    "region": gettext_lazy("Region"),
    "lead": gettext_lazy("Lead's sign-in name"),
    "active": gettext_lazy("In service"),
}
HEADINGS = {PEOPLE: PERSON_HEADINGS, TEAMS: TEAM_HEADINGS}
NEEDED = {PEOPLE: ("username", "display_name"), TEAMS: ("code", "name")}


def people_columns(rules: Edition) -> list[Column]:
    """The columns of people, each with what it means."""
    roles = _("Several with “、” between them. Known: {known}").format(
        known=listed(name for _code, name in roles_of(rules))
    )
    skills = _("Several with “、” between them. Known: {known}").format(known=listed(_names(rules.skills)))
    means = {
        "username": _("Who it is: the name stands for one person, and is never given to another."),
        "display_name": _("As colleagues and histories name them."),
        "roles": roles,
        "teams": _("Codes or names of teams, several with “、” between them."),
        "regions": _(
            "Codes or names of regions, several with “、” between them; 34 is the whole province, 0 is everywhere."
        ),
        "skills": skills,
        "active": _("“no” shuts somebody out; hand over what is theirs first."),
    }
    choices = {"active": (_("yes"), _("no"))}
    return [Column(str(words), means.get(name, ""), choices.get(name, ())) for name, words in PERSON_HEADINGS.items()]


def people_rows(people: Iterable[Person], rules: Edition) -> Iterator[list[Any]]:
    """People as they are exported, and as they can be imported again."""
    for person in people:
        yield [
            person.username,
            person.display_name,
            person.staff_no,
            listed(here(rules.label("roles", role)) for role in person.roles),
            listed(team.pk for team in person.teams.all()),
            listed(person.regions),
            listed(here(rules.label("skills", skill)) for skill in person.skills),
            person.is_active,
        ]


def tables() -> list[str]:
    """What the tables of the list of people are called."""
    return [_("People"), _("Leave and covers")]


def leave_leaf(people: QuerySet[Person], at: datetime) -> Leaf:
    """The leave these people are on, and the leave to come, each with who stands in."""
    ahead = Leave.objects.filter(person__in=people.order_by().values("pk"), cancelled_at=None, until_at__gt=at)
    headings = [_("Name"), _("Staff number"), _("Away from"), _("Away until"), _("Cover"), _("Reason")]
    rows = (
        [str(one.person), one.person.staff_no, one.from_at, one.until_at, str(one.cover or ""), one.reason]
        for one in ahead.select_related("person", "cover").order_by("from_at", "id")
    )
    return Leaf(tables()[1], headings, rows)


def team_columns() -> list[Column]:
    """The columns of teams, each with what it means."""
    means = {
        "code": _("Small letters, digits and hyphens, such as network-3401: the work of the routing table, and where."),
        "region": _("The region whose complaints the team works on, by its code or its name; empty is everywhere."),
        "lead": _("Who hands out what nobody was chosen for, and hears of what runs late."),
        "active": _("“no” takes it out of service: it is dispatched nothing any more."),
    }
    choices = {"active": (_("yes"), _("no"))}
    return [Column(str(words), means.get(name, ""), choices.get(name, ())) for name, words in TEAM_HEADINGS.items()]


def team_rows(teams: Iterable[Team]) -> Iterator[list[Any]]:
    """Teams as they are exported, and as they can be imported again."""
    for team in teams:
        lead = team.lead.username if team.lead else ""
        yield [team.pk, team.name, team.name_en, team.region, lead, team.active]


def templates(rules: Edition) -> list[Leaf]:
    """A workbook to fill in: people, teams, and what the codes mean."""
    codes: list[list[Any]] = [
        [_("Role"), name, here(rules.roles[code].duties or rules.roles[code].words)] for code, name in roles_of(rules)
    ]
    codes += [[_("Skill"), here(term.words), code] for code, term in rules.skills.items()]
    codes += [[_("Work of teams"), code, here(term.words)] for code, term in rules.teams.items()]
    codes += [[_("Region"), code, here(term.words)] for code, term in rules.regions.items()]
    return [
        Leaf(_("People"), people_columns(rules), []),
        Leaf(_("Teams"), team_columns(), []),
        Leaf(_("What may be written"), [_("Kind"), _("Write"), _("Meaning")], codes),
    ]


def _names(terms: Mapping[str, Any]) -> Iterator[str]:
    return (here(term.words) for term in terms.values())


def listed(words: Iterable[str]) -> str:
    return "、".join(words)
