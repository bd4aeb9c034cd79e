"""A carrier to try things on: invented, and plainly so. Its complaints go through the same doors as real ones.

Who works there and what its customers say stands in `demos`, one file for each shipped pack.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.utils.timezone import now as current_time

from shouwen.editions.edition import Edition
from shouwen.editions.queries import current_edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.lifecycle import Move
from shouwen.handling.actions import Draft, accept, move_ticket
from shouwen.handling.owners import forget_loads
from shouwen.people.actions import make_person
from shouwen.people.models import Person, Team
from shouwen.people.queries import actor_for
from shouwen.surveys.actions import take_rating
from shouwen.surveys.queries import Rating
from shouwen.tickets.models import Ticket

DEMOS = Path(__file__).parent / "demos"
TAKEN_BY_AGENTS = frozenset({"hotline", "store", "letter"})
Facts = dict[str, Any]
Account = tuple[str, str, str]  # role, name, password
Script = Callable[["_Story"], None]


def build_demo(now: datetime | None = None) -> list[Account]:
    """Make the demo carrier once: its people as (role, name, password).

    Nothing if anybody works here already, or if there is no demo for the rules in force.
    """
    now = now or current_time()
    rules = current_edition(now)
    if Person.objects.exists() or not (DEMOS / f"{rules.pack}.yaml").is_file():
        return []
    cast = demo_for(rules.pack)
    accounts = _make_teams(cast)
    for number, subject in enumerate(cast["complaints"]):
        SCRIPTS[subject["until"]](_Story(number, subject, cast, rules, now))
    accounts += _hire(cast["colleagues"])
    forget_loads()
    return accounts


def demo_for(pack: str) -> dict[str, Any]:
    """The demo carrier under this pack: teams, people, complaints and what is said on their way."""
    made: dict[str, Any] = yaml.safe_load((DEMOS / f"{pack}.yaml").read_text("utf-8"))
    return made


def _make_teams(cast: Facts) -> list[Account]:
    for code, team in cast["teams"].items():
        Team.objects.create(code=code, name=team["name"], name_en=team["en"], region=team["region"])
    accounts = list(_hire(cast["people"]))
    elsewhere = cast["elsewhere"]
    Team.objects.filter(region=elsewhere).update(lead=Person.objects.get(username="demo-handler-2"))
    Team.objects.exclude(region=elsewhere).update(lead=Person.objects.get(username="demo-handler"))
    forget_loads()
    return accounts


def _hire(people: Facts) -> Iterator[Account]:
    for username, person in people.items():
        password = secrets.token_urlsafe(12)
        make_person(
            username,
            display_name=person["name"],
            roles=person["roles"],
            teams=Team.objects.filter(code__in=person.get("teams", [])),
            regions=person.get("regions", []),
            skills=person.get("skills", []),
            password=password,
        )
        yield person["roles"][0], username, password


class _Story:
    """One complaint on its way: each move a while after the one before."""

    def __init__(self, number: int, subject: Facts, cast: Facts, rules: Edition, now: datetime) -> None:
        self.category, self.cast, self.rules, self.now = subject["about"], cast, rules, now
        self.at = now - timedelta(hours=subject["hours"])
        self.rating: Facts = subject.get("rating", {})
        self.suffix = "-2" if subject.get("elsewhere") else ""
        [answer] = accept([self._draft(number, subject)], now=now)
        self.number = answer.number

    def _draft(self, number: int, subject: Facts) -> Draft:
        channel = subject.get("channel", "hotline")
        agent = Person.objects.get(username=f"demo-agent{self.suffix}") if channel in TAKEN_BY_AGENTS else None
        informant = subject.get("informant")
        asked = [field.code for field in self.rules.asked_fields(self.category)]
        return Draft(
            key=("demo", str(number)),
            text=subject["text"],
            category=self.category,
            received_at=self.at,
            channel=channel,
            ticket_type=subject.get("type", "complaint"),
            phone=f"{self.cast['phones']}{number:02}",
            name=self.says("customer", number=number + 1),
            region=self.cast["elsewhere" if self.suffix else "here"],
            severity=subject.get("severity", ""),
            reach=subject.get("reach", "single"),
            customer_level=subject.get("level", "ordinary"),
            details={code: self.cast["answers"][code] for code in asked if code in self.cast["answers"]},
            informed=True,
            informant_name=self.says("informant") if informant else "",
            informant_phone=f"{self.cast['phones']}99" if informant else "",
            by=actor_for(agent) if agent else Actor("customer", roles=frozenset({"customer"})),
            first_owner=str(agent.pk) if agent else None,
            source="form" if agent else "portal",
        )

    def says(self, what: str, **blanks: object) -> str:
        """Something that is said on the way."""
        return str(self.cast["says"][what]).format(**blanks)

    def make(self, move: Move, who: str, *, after: float, **facts: Any) -> None:
        """A move `after` so many minutes more; never later than now."""
        self.at = min(self.at + timedelta(minutes=after), self.now)
        number = "" if who in {"supervisor", "manager"} else self.suffix
        actor = actor_for(Person.objects.get(username=f"demo-{who}{number}"))
        move_ticket(self.number, move, by=actor, happened_at=self.at, now=self.at, facts=facts)

    def rate(self, *, after: float) -> None:
        """What its customer says of the result, if the story tells."""
        if self.rating:
            self.at = min(self.at + timedelta(minutes=after), self.now)
            ticket = Ticket.objects.get(number=self.number)
            by = Actor("customer", str(ticket.customer_id), roles=frozenset({"customer"}))
            take_rating(ticket.pk, Rating(**self.rating), by=by, at=self.at, source="portal")

    def later(self, hours: float) -> str:
        """A time ahead of now, as a fact."""
        return (self.now + timedelta(hours=hours)).isoformat()

    def evidence(self) -> None:
        checklist = self.rules.checklist(self.category)
        for item in checklist.items if checklist else ():
            finding = self.says("finding", item=item.words.spoken(self.cast["language"]))
            self.make(Move.RECORD_EVIDENCE, "handler", after=5, item=item.code, finding=finding)


def _assessed(story: _Story) -> None:
    story.make(Move.ASSESS, "agent", after=8, category=story.category, severity="ordinary", reach="single")


def _dispatched(story: _Story) -> None:
    _assessed(story)
    story.make(Move.DISPATCH, "agent", after=10)


def _responded(story: _Story) -> None:
    _dispatched(story)
    story.make(Move.RESPOND, "agent", after=20, via="phone", text=story.says("responded"), expected_at=story.later(20))


def _investigating(story: _Story) -> None:
    _responded(story)
    story.make(Move.INVESTIGATE, "handler", after=30)


def _promised(story: _Story) -> None:
    _investigating(story)
    story.make(Move.PROMISE, "handler", after=10, due_at=story.later(2), text=story.says("promised"))


def _helped(story: _Story) -> None:
    _investigating(story)
    asked = {"to_team": story.cast["helping_team"], "asked": story.says("asked_for_help"), "due_at": story.later(4)}
    story.make(Move.ASSIGN_TASK, "handler", after=10, **asked)


def _waiting(story: _Story) -> None:
    _investigating(story)
    reason = story.says("waiting")
    story.make(Move.WAIT, "handler", after=15, pause="waiting_for_customer", reason=reason, until=story.later(24))


def _held(story: _Story) -> None:
    _investigating(story)
    reason = story.says("held")
    story.make(Move.HOLD, "handler", after=15, pause="agreed_appointment", reason=reason, until=story.later(48))


def _proposed(story: _Story) -> None:
    _investigating(story)
    story.evidence()
    story.make(Move.PROPOSE, "handler", after=30, text=story.says("proposed"), cause="technical", compensation="50")


def _carried_out(story: _Story) -> None:
    _proposed(story)
    story.make(Move.APPROVE, "supervisor", after=40)
    story.make(Move.CARRY_OUT, "handler", after=60, work=story.says("carried_out"))


def _told(story: _Story) -> None:
    _carried_out(story)
    story.make(Move.TELL_CUSTOMER, "agent", after=20, via="phone", proof=story.says("proof"), text=story.says("told"))


def _rated(story: _Story) -> None:
    _told(story)
    story.rate(after=45)


def _archived(story: _Story) -> None:
    _rated(story)
    story.make(Move.FOLLOW_UP, "agent", after=60, via="phone", outcome=story.says("content"), satisfied=True)
    story.make(Move.CLOSE, "agent", after=5, outcome=story.says("closed"))
    story.make(Move.ARCHIVE, "supervisor", after=60)


def _reopened(story: _Story) -> None:
    _told(story)
    story.make(Move.REOPEN, "agent", after=120, reason=story.says("reopened"))


def _transferred(story: _Story) -> None:
    _dispatched(story)
    story.make(Move.TRANSFER, "supervisor", after=30, team=story.cast["other_team"], reason=story.says("transferred"))


def _withdrawn(story: _Story) -> None:
    _assessed(story)
    story.make(Move.WITHDRAW, "agent", after=30, reason=story.says("withdrawn"), evidence=story.says("proof"))


def _received(story: _Story) -> None:
    """Only just in."""


SCRIPTS: dict[str, Script] = {
    "assessed": _assessed,
    "dispatched": _dispatched,
    "responded": _responded,
    "investigating": _investigating,
    "promised": _promised,
    "helped": _helped,
    "waiting": _waiting,
    "held": _held,
    "proposed": _proposed,
    "carried_out": _carried_out,
    "told": _told,
    "rated": _rated,
    "archived": _archived,
    "reopened": _reopened,
    "transferred": _transferred,
    "withdrawn": _withdrawn,
    "received": _received,
}
