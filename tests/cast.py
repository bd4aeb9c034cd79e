"""The fixed cast of the tests: a small carrier, its people, and complaints to take in."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shouwen.handbook.authority import Actor
from shouwen.handbook.lifecycle import Move
from shouwen.handling.actions import Draft, accept, move_ticket
from shouwen.handling.owners import forget_loads
from shouwen.people.actions import make_person
from shouwen.people.models import Person, Team
from shouwen.people.queries import actor_for
from shouwen.tickets.models import Ticket
from tests.kept import once

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday 2026-03-02 09:00 in Shanghai
_keys = itertools.count(1)


def on(text: str) -> datetime:
    """A moment in Shanghai, as aware UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@dataclass(frozen=True)
class Cast:
    """Who works at the test carrier."""

    agent: Person
    other_agent: Person
    handler: Person
    other_handler: Person
    supervisor: Person
    manager: Person
    administrator: Person

    def actor(self, who: str) -> Actor:
        return actor_for(getattr(self, who))


def hire() -> Cast:
    """Two regions, the teams of the shipped routes, one person a role and some to be strangers."""
    forget_loads()
    teams = {
        code: Team.objects.create(code=code, name=f"班组 {code}", region=region)
        for code, region in (("network-3401", "3401"), ("billing", ""), ("service", ""), ("network-3412", "3412"))
    }
    cast = Cast(
        agent=make_person("agent", display_name="坐席甲", roles=["agent"], regions=["3401"], teams=[teams["service"]]),
        other_agent=make_person("other-agent", display_name="坐席乙", roles=["agent"], regions=["3412"]),
        handler=make_person(
            "handler",
            display_name="处理甲",
            roles=["handler"],
            teams=[teams["network-3401"]],
            skills=["radio", "fibre"],
        ),
        other_handler=make_person("other-handler", display_name="处理乙", roles=["handler"], teams=[teams["billing"]]),
        supervisor=make_person("supervisor", display_name="主管甲", roles=["supervisor"], regions=["3401"]),
        manager=make_person("manager", display_name="经理甲", roles=["manager"], regions=["0"]),
        administrator=make_person("administrator", display_name="管理员", roles=["administrator"]),
    )
    Team.objects.filter(code="network-3401").update(lead=cast.handler)
    return cast


def draft(**changes: Any) -> Draft:
    """A complaint about weak coverage, telephoned in on a Monday morning."""
    plain = Draft(
        key=("test", str(next(_keys))),
        text="家里信号很弱，经常断线，已经一周了。",
        category="network.coverage.weak",
        received_at=MONDAY,
        channel="hotline",
        phone="19900001234",
        name="某客户",
        region="340104",
        severity="ordinary",
    )
    return replace(plain, **changes)


def take_in(cast: Cast, *, now: datetime | None = None, **changes: Any) -> Ticket:
    """Accept one complaint through the agent."""
    given = {"by": cast.actor("agent"), "first_owner": str(cast.agent.pk), **changes}
    one = draft(**given)
    [answer] = accept([one], now=now or one.received_at)
    return Ticket.objects.get(pk=answer.ticket_id)


Step = tuple[Move, str, dict[str, Any]]

# The whole way of an ordinary network complaint: the move, who makes it, what they state.
WHOLE_WAY: list[Step] = [
    (Move.ASSESS, "agent", {"category": "network.coverage.weak", "severity": "ordinary", "reach": "single"}),
    (Move.DISPATCH, "agent", {"team": "network-3401"}),
    (
        Move.RESPOND,
        "agent",
        {"via": "phone", "text": "先核实基站", "expected_at": "2026-03-04T09:00:00+08:00"},
    ),
    (Move.INVESTIGATE, "handler", {}),
    (Move.PROPOSE, "handler", {"text": "调整邻区参数", "cause": "technical"}),
    (Move.APPROVE, "supervisor", {}),
    (Move.CARRY_OUT, "handler", {"work": "参数已调整并复测"}),
    (Move.TELL_CUSTOMER, "agent", {"via": "phone", "proof": "通话录音编号 20260305-11", "text": "已优化"}),
    (Move.SEND_SURVEY, "agent", {}),
    (Move.FOLLOW_UP, "agent", {"via": "phone", "outcome": "已恢复", "satisfied": True}),
    (Move.CLOSE, "agent", {"outcome": "已解决"}),
    (Move.ARCHIVE, "supervisor", {}),
]


def make(cast: Cast, ticket: Ticket, step: Step, at: datetime) -> Ticket:
    """Make one step of the way at a moment, with the evidence its category asks for before a proposal."""
    move, who, facts = step
    if move is Move.PROPOSE:
        record_evidence(cast, ticket, at)
    return move_ticket(ticket.number, move, by=cast.actor(who), happened_at=at, now=at, facts=facts)


def record_evidence(cast: Cast, ticket: Ticket, at: datetime) -> None:
    """Put every required item of the checklist on the table."""
    from shouwen.editions.queries import edition

    checklist = edition(ticket.edition).checklist(ticket.category)
    for item in checklist.items if checklist else ():
        facts = {"item": item.code, "finding": "已核实"}
        move_ticket(ticket.number, Move.RECORD_EVIDENCE, by=cast.actor("handler"), happened_at=at, now=at, facts=facts)


def walked(cast: Cast, until: Move) -> Ticket:
    """The complaint of `draft`, gone the whole way up to and including `until`: the first thing a test does."""
    return once(("walked", until), lambda: walk(cast, take_in(cast), until=until))


def walk(cast: Cast, ticket: Ticket, *, until: Move, hours: float = 1) -> Ticket:
    """Go the whole way up to and including `until`, one step every so many hours after the receipt."""
    at = ticket.received_at
    for step in WHOLE_WAY:
        at += timedelta(hours=hours)
        ticket = make(cast, ticket, step, at)
        if step[0] is until:
            return ticket
    raise ValueError(f"{until} is not on the way")
