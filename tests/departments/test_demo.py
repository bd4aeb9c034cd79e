"""The demo carrier: what a newcomer finds after the first start."""

from __future__ import annotations

from typing import Any

import pytest

from shouwen.editions.actions import install_shipped_pack
from shouwen.editions.pack import shipped_packs
from shouwen.intake.demo import build_demo
from shouwen.people.models import Person
from shouwen.tickets.models import Ticket
from tests.cast import on
from tests.departments.test_handling import everything_wrong_with


@pytest.mark.django_db
@pytest.mark.parametrize("pack", shipped_packs())
def test_the_demo_shows_tickets_at_every_stage_and_each_is_sound(pack: str, settings: Any) -> None:
    settings.SHOUWEN_PACK = pack
    now = on("2026-03-12 11:00")
    install_shipped_pack(at=now)

    accounts = build_demo(now)

    assert {role for role, _, _ in accounts} >= {"agent", "handler", "supervisor", "administrator"}
    assert len({password for _, _, password in accounts}) == len(accounts)
    stages = set(Ticket.objects.values_list("stage", flat=True))
    assert stages >= {"received", "assessed", "dispatched", "investigating", "proposed", "carried_out", "told"}
    assert "archived" in stages
    assert set(Ticket.objects.values_list("standing", flat=True)) == {"running", "waiting", "held"}
    assert [flaw for ticket in Ticket.objects.all() for flaw in everything_wrong_with(ticket)] == []


@pytest.mark.django_db
def test_a_carrier_with_people_gets_no_demo() -> None:
    install_shipped_pack(at=on("2026-03-12 11:00"))
    Person.objects.create(username="first")

    assert build_demo(on("2026-03-12 11:00")) == []
