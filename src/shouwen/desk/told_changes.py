"""The log of changes about people in words: what was, and what is now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.people.models import Change, Team
from shouwen.people.names import team_words
from shouwen.screens.templatetags.times import moment

KINDS = {
    Change.PERSON: gettext_lazy("Person"),
    Change.TEAM: gettext_lazy("Team"),
    Change.KEY: gettext_lazy("API key"),
    Change.LEAVE: gettext_lazy("Leave"),
    Change.DUTY: gettext_lazy("Duty roster"),
    Change.SETUP: gettext_lazy("First steps"),
}
WHATS = {
    "made": gettext_lazy("entered"),
    "changed": gettext_lazy("changed"),
    "deactivated": gettext_lazy("shut out"),
    "activated": gettext_lazy("let in again"),
    "link_made": gettext_lazy("link to set a password made"),
    "password_set": gettext_lazy("password set with a link"),
    "revoked": gettext_lazy("revoked"),
    "restored": gettext_lazy("revocation undone"),
    "ended": gettext_lazy("ended or cancelled"),
    "ticked": gettext_lazy("said to be done"),
    "unticked": gettext_lazy("not done after all"),
    "tried": gettext_lazy("test message sent"),
    "trial_failed": gettext_lazy("test message not sent"),
    "demo_wished": gettext_lazy("leaving the demo wished"),
    "demo_kept": gettext_lazy("to stay in the demo after all"),
    "demo_left": gettext_lazy("demo left"),
    "second_factor_set": gettext_lazy("one-time codes set up"),
    "second_factor_reset": gettext_lazy("one-time codes taken away"),
}
FIELDS = {
    "username": gettext_lazy("name to sign in with"),
    "display_name": gettext_lazy("name"),
    "staff_no": gettext_lazy("staff number"),
    "roles": gettext_lazy("roles"),
    "teams": gettext_lazy("teams"),
    "regions": gettext_lazy("regions"),
    "skills": gettext_lazy("skills"),
    "active": gettext_lazy("can sign in"),
    "name": gettext_lazy("name"),
    "name_en": gettext_lazy("English name"),
    "region": gettext_lazy("region"),
    "lead": gettext_lazy("lead"),
    "scopes": gettext_lazy("what it may do"),
    "from": gettext_lazy("from"),
    "until": gettext_lazy("until"),
    "cover": gettext_lazy("cover"),
    "shifts": gettext_lazy("shifts"),
    "days": gettext_lazy("days"),
    "tickets": gettext_lazy("tickets"),
    "people": gettext_lazy("people"),
}


@dataclass(frozen=True, slots=True)
class ToldChange:
    """One row of the log, in words."""

    at: datetime
    by: str
    kind: str
    name: str
    what: str
    facts: list[tuple[str, str, str]]  # field, what was, what is now

    @property
    def said(self) -> str:
        """The facts in one line."""
        sentence = _("%(field)s: %(before)s → %(after)s")
        return _("; ").join(
            sentence % {"field": field, "before": before, "after": after} for field, before, after in self.facts
        )


def told_changes(changes: Iterable[Change], rules: Edition) -> list[ToldChange]:
    """These rows, which come with their `by`, in words: one query for the names of teams."""
    changes = list(changes)
    teams = names_of_teams() if any("teams" in change.facts for change in changes) else {}
    return [_told(change, rules, teams) for change in changes]


def names_of_teams() -> dict[str, str]:
    """The names of all teams, by their codes."""
    return {team.pk: team_words(team) for team in Team.objects.all()}


def told_facts(facts: Mapping[str, Any], rules: Edition, teams: dict[str, str]) -> list[tuple[str, str, str]]:
    """A difference in words: field, what was, what is now."""
    return [
        (str(FIELDS.get(name, name)), _value(name, before, rules, teams), _value(name, after, rules, teams))
        for name, (before, after) in facts.items()
    ]


def _told(change: Change, rules: Edition, teams: dict[str, str]) -> ToldChange:
    return ToldChange(
        change.at,
        str(change.by or _("the command line")),
        str(KINDS.get(change.kind, change.kind)),
        change.name,
        str(WHATS.get(change.what, change.what)),
        told_facts(change.facts, rules, teams),
    )


def _value(name: str, value: Any, rules: Edition, teams: dict[str, str]) -> str:
    if value in (None, "", []):
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return _(", ").join(_of_list(name, str(one), rules, teams) for one in value)
    if name in {"from", "until"}:
        return moment(datetime.fromisoformat(str(value)))
    return str(value)


def _of_list(name: str, code: str, rules: Edition, teams: dict[str, str]) -> str:
    if name == "teams":
        return teams.get(code, code)
    if name == "shifts":
        return _shift(code)
    return here(rules.label(name, code)) if name in {"roles", "skills"} else code


def _shift(text: str) -> str:
    """Who, and from when: it is kept as a name and a moment of the world's clock."""
    who, _space, at = text.rpartition(" ")
    return f"{who} {moment(datetime.fromisoformat(at))}"
