"""People and teams from a table: compared with what is here row by row, and taken over in one transaction."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from shouwen.desk.people_tables import HEADINGS, NEEDED, PEOPLE, PERSON_HEADINGS, TEAMS, listed
from shouwen.desk.staffing import region_meant, regions_by_name
from shouwen.editions.edition import Edition
from shouwen.handbook.refusals import Refusal
from shouwen.people.actions import save_person, save_team, set_active
from shouwen.people.changes import difference, facts_of_person, facts_of_team
from shouwen.people.models import Person, Team
from shouwen.screens.table_reading import Table, TableRefused
from shouwen.screens.templatetags.spoken import refusal_text

APART = re.compile(r"[、,，;；\n]+")
SEVERAL = frozenset({"roles", "teams", "regions", "skills"})
SLUG = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")
USERNAME = re.compile(r"^[\w.@+-]{1,150}$")


class Became(StrEnum):
    """What a row would do."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Compared:
    """One row beside what is here: what it would do, how it differs, or why it is refused; and what it says."""

    place: str
    name: str
    became: Became
    wanted: Mapping[str, Any] = field(default_factory=dict)
    differs: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    said: Mapping[str, str] = field(default_factory=dict)


def kind_of_table(table: Table) -> str:
    """Whether it is about teams or people. Raises TableRefused."""
    known = {kind: _headings(kind) for kind in (TEAMS, PEOPLE)}
    for kind, names in known.items():
        found = {names.get(heading) for heading in table.headings}
        if found.issuperset(NEEDED[kind]):
            return kind
    needed = listed(str(HEADINGS[PEOPLE][name]) for name in NEEDED[PEOPLE])
    teams = listed(str(HEADINGS[TEAMS][name]) for name in NEEDED[TEAMS])
    raise TableRefused(
        _("A table of people has the columns {people}, one of teams {teams}. The template has all of them.").format(
            people=needed, teams=teams
        )
    )


def is_of_staff(table: Table) -> bool:
    """Whether it is about teams or people at all."""
    try:
        return bool(kind_of_table(table))
    except TableRefused:
        return False


def compared(kind: str, table: Table, rules: Edition) -> list[Compared]:
    """Every row beside what is here; nothing is written. Raises TableRefused."""
    names, reader, met = _headings(kind), reader_of(kind, rules), set[str]()
    rows = []
    for row in table.rows:
        said = {names[heading]: value for heading, value in row.cells.items() if heading in names}
        key = said.get(NEEDED[kind][0], "")
        problem = row.problem or (_("{key} stands in the table twice.").format(key=key) if key.lower() in met else "")
        met.add(key.lower())
        rows.append(_refused(row.place(), said, problem) if problem else _compared(reader, row.place(), said))
    return rows


def take_over(kind: str, rows: Sequence[Compared], rules: Edition, *, by: Person, at: datetime) -> list[Compared]:
    """What became of each: all of them are taken over, or, where one is refused by now, none."""
    with transaction.atomic():
        reader = reader_of(kind, rules)
        outcomes = [_taken_over(reader, row, by=by, at=at) for row in rows]
        if any(one.became is Became.REFUSED for one in outcomes):
            transaction.set_rollback(True)
    return outcomes


def _taken_over(reader: Reader, row: Compared, *, by: Person, at: datetime) -> Compared:
    one = _compared(reader, row.place, row.said)
    try:
        with transaction.atomic():
            if one.became in (Became.NEW, Became.CHANGED):
                reader.save(one, by=by, at=at)
    except Refusal as refusal:
        return _refused(row.place, row.said, refusal_text(refusal))
    return one


def _compared(reader: Reader, place: str, said: Mapping[str, str]) -> Compared:
    try:
        return reader.compare(place, said)
    except Unfit as unfit:
        return _refused(place, said, str(unfit))


def _refused(place: str, said: Mapping[str, str], reason: str) -> Compared:
    name = said.get("display_name") or said.get("name") or said.get("username") or said.get("code") or ""
    return Compared(place, name, Became.REFUSED, reason=reason, said=said)


class Unfit(ValueError):
    """A row says something that cannot be."""


class PeopleReader:
    """Rows of people, read against who is here."""

    def __init__(self, rules: Edition) -> None:
        self.rules = rules
        self.here = {one.username.lower(): one for one in Person.objects.prefetch_related("teams")}
        self.numbers = {one.staff_no: username for username, one in self.here.items() if one.staff_no}
        self.regions = regions_by_name(rules)
        self.codes = {"roles": _by_name(rules.roles), "skills": _by_name(rules.skills), "teams": _team_codes()}

    def compare(self, place: str, said: Mapping[str, str]) -> Compared:
        wanted = self._wanted(said)
        person = self.here.get(wanted["username"].lower())
        before = facts_of_person(person) if person else {"active": True}
        self._take_number(wanted, person)
        if person:
            wanted["username"] = person.username
        after = {**before, **{name: sorted(v) if isinstance(v, list) else v for name, v in wanted.items()}}
        differs = difference(before, after)
        became = Became.NEW if person is None else Became.CHANGED if differs else Became.UNCHANGED
        return Compared(place, wanted["display_name"], became, wanted, differs, said=said)

    def save(self, one: Compared, *, by: Person, at: datetime) -> None:
        wanted = dict(one.wanted)
        active, teams = wanted.pop("active", None), wanted.pop("teams", None)
        if teams is not None:
            wanted["teams"] = Team.objects.filter(pk__in=teams)
        person = save_person(self.here.get(wanted["username"].lower()), wanted, by=by, at=at)
        if active is not None:
            set_active(person, active, by=by, at=at)

    def _take_number(self, wanted: Mapping[str, Any], person: Person | None) -> None:
        """A staff number is one person's, in the table as among those who are here; what they have is left alone."""
        number, username = wanted.get("staff_no", ""), wanted["username"].lower()
        if not number or (person and person.staff_no == number):
            return
        if self.numbers.setdefault(number, username) != username:
            raise Unfit(_("Somebody else has this staff number."))

    def _wanted(self, said: Mapping[str, str]) -> dict[str, Any]:
        """The facts a row states; an empty cell of several things takes them away, a column left out leaves them."""
        if not USERNAME.match(said.get("username", "")):
            raise Unfit(_("“{value}” is no name to sign in with.").format(value=said.get("username", "")))
        if not said.get("display_name"):
            raise Unfit(_("The name is missing."))
        wanted: dict[str, Any] = {name: said[name] for name in ("username", "display_name", "staff_no") if name in said}
        _check_lengths(wanted, {"display_name": 80, "staff_no": 20})
        for name in SEVERAL & said.keys():
            wanted[name] = [self._code(name, one) for one in _parts(said[name])]
        if said.get("active"):
            wanted["active"] = _yes(said["active"])
        return wanted

    def _code(self, name: str, value: str) -> str:
        if name == "regions":
            return _region(value, self.regions, self.rules)
        code = self.codes[name].get(value.lower())
        if code is None:
            raise Unfit(
                _("“{value}” under “{heading}” is not known.").format(value=value, heading=PERSON_HEADINGS[name])
            )
        return code


class TeamReader:
    """Rows of teams, read against those there are."""

    def __init__(self, rules: Edition) -> None:
        self.rules = rules
        self.here = {team.pk: team for team in Team.objects.select_related("lead")}
        self.regions = regions_by_name(rules)
        self.people = {one.username.lower(): one for one in Person.objects.filter(is_active=True)}

    def compare(self, place: str, said: Mapping[str, str]) -> Compared:
        wanted = self._wanted(said)
        team = self.here.get(wanted["code"])
        before = facts_of_team(team) if team else {"active": True}
        after = {name: str(v or "") if name == "lead" else v for name, v in wanted.items() if name != "code"}
        differs = difference(before, {**before, **after})
        became = Became.NEW if team is None else Became.CHANGED if differs else Became.UNCHANGED
        return Compared(place, wanted["name"], became, wanted, differs, said=said)

    def save(self, one: Compared, *, by: Person, at: datetime) -> None:
        wanted = dict(one.wanted)
        save_team(wanted.pop("code"), wanted, by=by, at=at)

    def _wanted(self, said: Mapping[str, str]) -> dict[str, Any]:
        code = said.get("code", "").lower()
        if not SLUG.match(code):
            raise Unfit(_("“{value}” is no team code.").format(value=said.get("code", "")))
        if not said.get("name"):
            raise Unfit(_("The name is missing."))
        wanted: dict[str, Any] = {"code": code}
        wanted |= {name: said[name] for name in ("name", "name_en", "region") if name in said}
        _check_lengths(wanted, {"name": 80, "name_en": 80, "region": 40})
        if wanted.get("region"):
            wanted["region"] = _region(wanted["region"], self.regions, self.rules)
        if "lead" in said:
            wanted["lead"] = self._lead(said["lead"])
        if said.get("active"):
            wanted["active"] = _yes(said["active"])
        return wanted

    def _lead(self, username: str) -> Person | None:
        if username and username.lower() not in self.people:
            raise Unfit(_("Nobody who works here signs in as “{value}”.").format(value=username))
        return self.people.get(username.lower())


Reader = PeopleReader | TeamReader


def reader_of(kind: str, rules: Edition) -> Reader:
    return PeopleReader(rules) if kind == PEOPLE else TeamReader(rules)


def _headings(kind: str) -> dict[str, str]:
    """Fields by their headings, in every language of the desk."""
    found = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            found |= {str(words): name for name, words in HEADINGS[kind].items()}
    return found


def _region(value: str, names: Mapping[str, str], rules: Edition) -> str:
    """The code of a region that is written as its code or its name. Raises Unfit."""
    code = region_meant(value, names, rules)
    if code is None:
        raise Unfit(_("“{value}” is no region: write its name or its code.").format(value=value))
    return code


def _by_name(terms: Mapping[str, Any]) -> dict[str, str]:
    """Codes by what people write: the code, or the words in either language."""
    return {written.lower(): code for code, term in terms.items() for written in (code, term.words.zh, term.words.en)}


def _team_codes() -> dict[str, str]:
    teams = list(Team.objects.all())
    return {written.lower(): team.pk for team in teams for written in (team.pk, team.name, team.name_en) if written}


def _parts(value: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in APART.split(value) if part.strip()))


def _yes(value: str) -> bool:
    known = {"yes": True, "no": False, "是": True, "否": False, "true": True, "false": False, "1": True, "0": False}
    if value.lower() not in known:
        raise Unfit(_("Write yes or no, not “{value}”.").format(value=value))
    return known[value.lower()]


def _check_lengths(wanted: Mapping[str, Any], longest: Mapping[str, int]) -> None:
    for name, most in longest.items():
        if len(str(wanted.get(name, ""))) > most:
            raise Unfit(
                _("“{value}…” is longer than {most} characters.").format(value=str(wanted[name])[:20], most=most)
            )
