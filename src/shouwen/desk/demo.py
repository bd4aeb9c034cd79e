"""What only comes of working at a desk for a while, for the demo carrier: made through its people's own doors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from shouwen.desk.filters import Asked
from shouwen.desk.handovers import lines_of
from shouwen.desk.listing import Listing
from shouwen.desk.macros import save_macro
from shouwen.desk.models import Macro
from shouwen.desk.queues import queues_of
from shouwen.desk.rosters import DAYS, starting, week_of
from shouwen.desk.views import save_view
from shouwen.editions.edition import Edition
from shouwen.editions.queries import current_edition
from shouwen.handbook.authority import Actor, seeing
from shouwen.intake.demo import demo_for
from shouwen.people.duty import Entry, copy_week, enter_shifts
from shouwen.people.handovers import confirm_handover, hand_over_shift
from shouwen.people.leaves import take_leave
from shouwen.people.models import Person, Team
from shouwen.people.queries import actor_for
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import visible_to
from shouwen.vault.actions import record_handing_out, reveal

Facts = dict[str, Any]
WEEK = timedelta(days=DAYS)


@dataclass(frozen=True, slots=True)
class _Office:
    """Who works there, under which rules, and what its file says they did."""

    cast: Facts
    rules: Edition
    people: dict[str, Person]
    at: datetime

    @property
    def today(self) -> date:
        return timezone.localdate(self.at)

    def actor(self, username: str) -> Actor:
        return seeing(actor_for(self.people[username]), self.rules.roles)


def furnish_demo(at: datetime) -> None:
    """Rosters of two weeks, leave with its cover, shift handovers, macros, saved views, papers handed out."""
    office = _office(at)
    for furnish in (_rosters, _leaves, _handovers, _macros, _views, _papers):
        furnish(office)


def look_into_demo(at: datetime) -> None:
    """Somebody looks at a number in full and says why: not before the demo is there, a log is written at once."""
    office = _office(at)
    for seen in office.cast["revealed"]:
        ticket = _first(office, seen)
        if ticket and ticket.customer and ticket.customer.phone_token:
            by = str(office.people[seen["who"]].pk)
            reveal([ticket.customer.phone_token], by=by, reason=seen["reason"], at=at, about=ticket.number)


def _office(at: datetime) -> _Office:
    rules = current_edition(at)
    people = {person.username: person for person in Person.objects.prefetch_related("teams")}
    return _Office(demo_for(rules.pack)["office"], rules, people, at)


def _rosters(office: _Office) -> None:
    """This week as it was entered, the next one copied from it."""
    monday = week_of("", office.today)
    by = office.people[office.cast["keeper"]]
    for code, shifts in office.cast["rosters"].items():
        team = Team.objects.get(pk=code)
        days = [monday + timedelta(days=day) for day in range(DAYS)]
        enter_shifts(team, [_entry(office, shift, on) for on in days for shift in shifts], by=by, at=office.at)
        copy_week(team, starting(monday) + WEEK, by=by, at=office.at)


def _entry(office: _Office, shift: Facts, on: date) -> Entry:
    begins, ends = (starting(on) + timedelta(hours=shift[name]) for name in ("from", "until"))
    return Entry(office.people[shift["who"]], begins, ends, shift["note"])


def _leaves(office: _Office) -> None:
    for leave in office.cast["leaves"]:
        first, last = (office.today + timedelta(days=leave[name]) for name in ("from", "until"))
        take_leave(
            office.people[leave["who"]],
            from_at=starting(first),
            until_at=starting(last),
            cover=office.people[leave["cover"]],
            reason=leave["reason"],
            by=office.people[office.cast["keeper"]],
            at=office.at,
        )


def _handovers(office: _Office) -> None:
    """The team's tickets as they stand; one list is taken over, the newest still waits for the next shift."""
    for said in office.cast["handovers"]:
        team, by, made_at = Team.objects.get(pk=said["team"]), said["who"], office.at - timedelta(hours=said["hours"])
        lines = lines_of(team, office.actor(by), office.at)
        kept = [line.kept() | {"note": said["note"] if place == 0 else ""} for place, line in enumerate(lines)]
        handover = hand_over_shift(team, kept, notes=said["notes"], by=office.people[by], at=made_at)
        if to := said.get("to"):
            at = min(made_at + timedelta(minutes=10), office.at)
            confirm_handover(handover.pk, remark=said["remark"], by=office.people[to], at=at)


def _macros(office: _Office) -> None:
    owner = office.people[office.cast["keeper"]]
    for said in office.cast["macros"]:
        team = Team.objects.get(pk=said["team"]) if "team" in said else None
        shared = Macro.TEAM if team else Macro.EVERYBODY
        macro = Macro(name=said["name"], owner=owner, shared=shared, team=team, steps=said["steps"])
        save_macro(macro, by=owner, at=office.at)


def _views(office: _Office) -> None:
    for said in office.cast["views"]:
        actor = office.actor(said["who"])
        asked = Asked(office.rules, actor, office.at)
        queue = next(queue for queue in queues_of(actor, office.rules) if queue.code == said["queue"])
        listing = Listing.read(queue, QueryDict(said["query"]), asked)
        shared, _between, whom = said.get("shared", "private").partition(":")
        save_view(actor, listing, at=office.at, name=said["name"], shared=shared, shared_with=whom)


def _papers(office: _Office) -> None:
    """What left the house about a customer, and why."""
    for paper in office.cast["papers"]:
        if ticket := _first(office, paper):
            by = str(office.people[paper["who"]].pk)
            record_handing_out(
                ticket.number, subject_id=ticket.customer_id, by=by, reason=paper["reason"], at=office.at
            )


def _first(office: _Office, said: Facts) -> Ticket | None:
    """The oldest ticket of this stage that this person may see."""
    seen = visible_to(office.actor(said["who"])).filter(stage=said["stage"])
    return seen.select_related("customer").order_by("received_at", "id").first()
