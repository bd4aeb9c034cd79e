"""A week of a team's duty roster as its page shows it, and the same as a table in and out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from shouwen.handbook.authority import Actor, Sight
from shouwen.people.actions import UNDO_WITHIN
from shouwen.people.duty import Entry, leaves_in, shifts_between
from shouwen.people.models import Leave, Person, Shift, Team
from shouwen.people.queries import covers
from shouwen.screens.days import day_in
from shouwen.screens.table_reading import Table, TableRefused
from shouwen.screens.tables import Column

DAYS = 7
HEADINGS = {
    "on": gettext_lazy("Day"),
    "starts": gettext_lazy("Begins"),
    "ends": gettext_lazy("Ends"),
    "username": gettext_lazy("Name to sign in with"),
    "name": gettext_lazy("Name"),
    "note": gettext_lazy("Note"),
}
NEEDED = ("on", "starts", "ends", "username")
KEEPERS = frozenset({"supervisor", "manager"})
CLOCK = re.compile(r"^([01]?\d|2[0-4])[:：]([0-5]\d)(?::00)?$")


@dataclass(frozen=True, slots=True)
class DutyDay:
    """One day of a week."""

    on: date
    today: bool
    shifts: list[Shift]
    leaves: list[Leave]


def teams_seen(actor: Actor) -> list[Team]:
    """The teams whose rosters somebody may read: their own, those of their regions; all of them for administrators."""
    teams = Team.objects.filter(active=True).select_related("lead").order_by("code")
    if "administrator" in actor.roles:
        return list(teams)
    return [team for team in teams if team.pk in actor.teams or _oversees(actor, team)]


def may_keep(actor: Actor, team: Team) -> bool:
    """True for who may change a team's roster: its lead, who oversees its region, and administrators."""
    return "administrator" in actor.roles or str(team.lead_id) == actor.id or _oversees(actor, team)


def _oversees(actor: Actor, team: Team) -> bool:
    sees = Sight.REGIONS in actor.sights and bool(actor.roles & KEEPERS)
    return sees and covers(actor.regions, team.region)


def week_of(text: str, today: date) -> date:
    """The Monday of the week a text names by one of its days; of this week, where it names none."""
    day = day_in(text) or today
    return day - timedelta(days=day.weekday())


def days_of(team: Team, monday: date, today: date) -> list[DutyDay]:
    """The seven days from Monday, with who is on duty and who is away: three queries."""
    start, end = starting(monday), starting(monday + timedelta(days=DAYS))
    shifts = list(shifts_between(team, start, end))
    leaves = leaves_in(members_of(team), start, end)
    days = []
    for offset in range(DAYS):
        on = monday + timedelta(days=offset)
        here = [shift for shift in shifts if timezone.localdate(shift.starts_at) == on]
        away = [one for one in leaves if one.from_at < starting(on + timedelta(days=1)) and one.until_at > starting(on)]
        days.append(DutyDay(on, on == today, here, away))
    return days


def members_of(team: Team) -> list[Person]:
    return list(team.members.filter(is_active=True).order_by("display_name", "id"))


def starting(on: date) -> datetime:
    """When a day begins where the carrier is."""
    return datetime.combine(on, time.min, timezone.get_default_timezone())


def columns() -> list[Column]:
    """The columns of a roster, each with what it means."""
    means = {
        "on": _("Such as 2026-03-02."),
        "starts": _("Such as 08:00."),
        "ends": _("Such as 17:30; not later than the beginning means the next day."),
        "username": _("Whoever is on duty; they are members of the team."),
        "name": _("To read by; it is not taken in."),
    }
    return [Column(str(words), means.get(name, "")) for name, words in HEADINGS.items()]


def rows(shifts: Iterable[Shift]) -> Iterator[list[Any]]:
    """Shifts as they are exported, and as they can be imported again."""
    for shift in shifts:
        starts, ends = timezone.localtime(shift.starts_at), timezone.localtime(shift.ends_at)
        person = shift.person
        yield [starts.date(), f"{starts:%H:%M}", f"{ends:%H:%M}", person.username, str(person), shift.note]


def entries_in(table: Table, team: Team) -> tuple[list[tuple[str, Entry]], list[str]]:
    """The shifts a table states, each with its place, and what is wrong with the other rows. Raises TableRefused."""
    names = _fields()
    missing = set(NEEDED) - {names.get(heading, "") for heading in table.headings}
    if missing:
        lacking = "、".join(str(HEADINGS[name]) for name in NEEDED if name in missing)
        raise TableRefused(
            _("The columns {missing} are missing: download the week for an example.").format(missing=lacking)
        )
    people = {one.username.lower(): one for one in members_of(team)}
    entries, wrong = [], []
    for row in table.rows:
        said = {names[heading]: value for heading, value in row.cells.items() if heading in names}
        try:
            entries.append((row.place(), _entry(said, people)))
        except ValueError as reason:
            wrong.append(f"{row.place()}: {row.problem or reason}")
    return entries, wrong


def kept_of(shift: Shift, at: datetime) -> dict[str, str]:
    """What a session keeps of a shift that is taken out."""
    return {
        "team": shift.team_id,
        "person": str(shift.person_id),
        "starts_at": shift.starts_at.isoformat(),
        "ends_at": shift.ends_at.isoformat(),
        "note": shift.note,
        "at": at.isoformat(),
    }


def entry_again(kept: Mapping[str, str] | None, team: Team, at: datetime) -> Entry | None:
    """The shift of this team that was taken out a moment ago, to be entered again; None once it is too late."""
    if not kept or kept["team"] != team.pk or at - datetime.fromisoformat(kept["at"]) > UNDO_WITHIN:
        return None
    person = team.members.filter(pk=kept["person"], is_active=True).first()
    moments = (datetime.fromisoformat(kept[name]) for name in ("starts_at", "ends_at"))
    return Entry(person, *moments, kept["note"]) if person else None


def _entry(said: Mapping[str, str], people: Mapping[str, Person]) -> Entry:
    username = said.get("username", "")  # a row's last cells, empty, are no cells
    person = people.get(username.lower())
    if person is None:
        raise ValueError(_("“{value}” is not a member of the team.").format(value=username))
    on = _day(said.get("on", ""))
    starts, ends = _moment(on, said.get("starts", "")), _moment(on, said.get("ends", ""))
    return Entry(person, starts, ends if ends > starts else ends + timedelta(days=1), said.get("note", "")[:80])


def _day(text: str) -> date:
    day = day_in(text[:10].replace("/", "-"))
    if day is None:
        raise ValueError(_("“{value}” is not a day: write it as 2026-03-02.").format(value=text))
    return day


def _moment(on: date, text: str) -> datetime:
    found = CLOCK.match(text.split(" ")[-1])
    if not found:
        raise ValueError(_("“{value}” is not a time: write it as 08:30.").format(value=text))
    return starting(on) + timedelta(hours=int(found[1]), minutes=int(found[2]))


def _fields() -> dict[str, str]:
    """Fields by their headings, in every language of the desk."""
    found = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            found |= {str(words): name for name, words in HEADINGS.items()}
    return found
