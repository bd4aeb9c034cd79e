"""A carrier in England under the pack `uk-ofcom`: other holidays, a zone with summer time, other law, other money."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils.translation import override

from shouwen.desk.telling import FACTS
from shouwen.editions.actions import install_shipped_pack
from shouwen.editions.pack import PACKS, SHIPPED, folder_of, open_pack, shipped_packs
from shouwen.editions.queries import calendars_now, current_edition
from shouwen.editions.weighing import Weight, weighed
from shouwen.editions.working_days import calendar_of
from shouwen.handbook.clock import ClockState
from shouwen.handbook.history import Stage
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.reckoning import reckon
from shouwen.handbook.targets import NATURAL
from shouwen.handbook.working_time import NaturalTime
from shouwen.handling.actions import Draft, accept, move_ticket
from shouwen.handling.owners import forget_loads
from shouwen.people.actions import make_person
from shouwen.people.models import Person, Team
from shouwen.people.queries import actor_for
from shouwen.portal.queries import rights_under
from shouwen.service_levels.models import Clock
from shouwen.tickets.models import Ticket
from tests.departments.test_handling import everything_wrong_with

pytestmark = pytest.mark.clause("X3")
EDITION = open_pack(PACKS / "uk-ofcom").edition(1)
CALENDARS = {name: calendar_of(spec) for name, spec in EDITION.calendars.items()} | {NATURAL: NaturalTime()}


@pytest.mark.parametrize("name", shipped_packs())
def test_every_pack_that_comes_with_the_program_can_be_put_in_force_as_it_is(name: str) -> None:
    edition = open_pack(folder_of(name)).edition(1)
    calendars = {name: calendar_of(spec) for name, spec in edition.calendars.items()}

    assert [found for found in weighed(edition, calendars) if found.weight is Weight.ERROR] == []


@pytest.mark.parametrize("name", shipped_packs())
def test_every_pack_has_the_texts_the_program_sends_and_the_roles_it_knows(name: str) -> None:
    first, other = open_pack(SHIPPED).edition(1), open_pack(folder_of(name)).edition(1)

    assert other.templates.keys() == first.templates.keys()
    assert other.roles.keys() == first.roles.keys()
    for code, role in other.roles.items():
        assert role.moves <= first.roles[code].moves, code  # a minimal pack leaves out what it has no words for


@pytest.mark.parametrize(
    ("rule", "start", "due", "because"),
    [
        ("acknowledge", "2026-03-27T10:00+00:00", "2026-04-07T17:30+01:00", "Good Friday, Easter Monday, summer time"),
        ("repair", "2026-12-24T12:00+00:00", "2026-12-30T17:30+00:00", "Christmas on a Friday, Boxing Day moved"),
        ("on-site", "2026-10-24T10:00+01:00", "2026-10-26T17:00+00:00", "Saturday is worked; winter time began"),
        ("on-site", "2026-03-28T10:00+00:00", "2026-03-30T17:00+01:00", "Saturday is worked; summer time began"),
        (
            "six-weeks",
            "2026-10-01T10:00+01:00",
            "2026-11-12T09:00+00:00",
            "42 days of 24 hours each",
        ),
        ("acknowledge", "2026-08-28T16:00+01:00", "2026-09-07T17:30+01:00", "the summer bank holiday"),
    ],
)
def test_due_times_keep_england_s_holidays_and_its_two_clock_changes(
    rule: str, start: str, due: str, because: str
) -> None:
    counted = EDITION.rule(rule)

    clock = reckon(counted, CALENDARS[counted.calendar], datetime.fromisoformat(start))

    assert clock.due_at == datetime.fromisoformat(due), because


def test_the_law_and_the_money_are_the_pack_s() -> None:
    received = datetime(2026, 10, 1, 9, tzinfo=UTC)

    rights = rights_under(EDITION, received)

    assert (rights.span, rights.answer_by) == (timedelta(weeks=6), received + timedelta(weeks=6))
    assert rights.body
    assert "dispute resolution" in rights.body.en
    assert EDITION.currency.en == "pounds"
    assert open_pack(SHIPPED).edition(1).answer_by_law.id == "statutory-answer"


@pytest.fixture
def england(db: None, settings: Any) -> dict[str, Person]:
    settings.SHOUWEN_PACK, settings.SHOUWEN_COUNTRY = "uk-ofcom", "GB"
    install_shipped_pack(at=datetime(2026, 1, 2, 9, tzinfo=UTC))
    forget_loads()
    network = Team.objects.create(code="network", name="Mobile network")
    return {
        "agent": make_person("agent", display_name="Agent", roles=["agent"], regions=["07"]),
        "handler": make_person("handler", display_name="Handler", roles=["handler"], teams=[network], regions=["07"]),
        "supervisor": make_person("supervisor", display_name="Supervisor", roles=["supervisor"], regions=["07"]),
    }


def test_a_desk_stays_with_the_pack_it_began_with(england: dict[str, Person], settings: Any) -> None:
    settings.SHOUWEN_PACK = "cn-telecom-2025"

    install_shipped_pack(at=datetime(2026, 6, 1, 9, tzinfo=UTC))

    assert current_edition(datetime(2026, 6, 2, 9, tzinfo=UTC)).pack == "uk-ofcom"
    assert calendars_now()["office"].zone.key == "Europe/London"


def test_a_complaint_goes_all_the_way_from_receipt_to_archive(england: dict[str, Person]) -> None:
    at = datetime(2026, 4, 2, 9, tzinfo=UTC)  # Maundy Thursday
    ticket = received(england["agent"], at)
    due = Clock.objects.get(ticket=ticket, rule="acknowledge").due_at

    for number, (move, who, facts) in enumerate(WAY, 1):
        moment = at + timedelta(hours=number)
        by = actor_for(england[who])
        move_ticket(ticket.number, move, by=by, happened_at=moment, now=moment, facts=facts)

    ticket.refresh_from_db()
    assert ticket.stage == Stage.ARCHIVED
    assert (ticket.edition, due) == ("uk-ofcom@1", datetime(2026, 4, 13, 16, 30, tzinfo=UTC))
    assert set(Clock.objects.filter(ticket=ticket).values_list("state", flat=True)) <= {ClockState.MET, ClockState.VOID}
    assert everything_wrong_with(ticket) == []


def test_the_money_is_spoken_in_the_edition_s_currency(england: dict[str, Person]) -> None:
    class Teller:
        rules = current_edition(datetime(2026, 4, 2, 9, tzinfo=UTC))

    _label, speak = FACTS["compensation"]
    with override("en"):
        assert speak(Teller(), "25.00") == "25.00 pounds"  # type: ignore[arg-type]


WAY: list[tuple[Move, str, dict[str, Any]]] = [
    (Move.ASSESS, "agent", {"category": "network.mobile.weak_signal", "severity": "ordinary", "reach": "single"}),
    (Move.DISPATCH, "agent", {}),
    (Move.RESPOND, "agent", {"via": "phone", "text": "We have it.", "expected_at": "2026-04-08T09:00:00+01:00"}),
    (Move.INVESTIGATE, "handler", {}),
    (Move.RECORD_EVIDENCE, "handler", {"item": "mast", "finding": "An alarm on the mast."}),
    (Move.PROPOSE, "handler", {"text": "The mast is repaired.", "cause": "technical", "compensation": "25"}),
    (Move.APPROVE, "supervisor", {}),
    (Move.CARRY_OUT, "handler", {"work": "Repaired and tested."}),
    (Move.TELL_CUSTOMER, "agent", {"via": "phone", "proof": "recording 17", "text": "It works again."}),
    (Move.SEND_SURVEY, "agent", {}),
    (Move.FOLLOW_UP, "agent", {"via": "phone", "outcome": "Content", "satisfied": True}),
    (Move.CLOSE, "agent", {"outcome": "Settled"}),
    (Move.ARCHIVE, "supervisor", {}),
]
_keys = itertools.count()


def received(agent: Person, at: datetime) -> Ticket:
    draft = Draft(
        key=("england", str(next(_keys))),
        text="There is hardly any signal at my house.",
        category="network.mobile.weak_signal",
        received_at=at,
        channel="hotline",
        phone="07911123456",
        name="Somebody",
        region="07",
        by=actor_for(agent),
        first_owner=str(agent.pk),
    )
    [answer] = accept([draft], now=at)
    return Ticket.objects.get(pk=answer.ticket_id)
