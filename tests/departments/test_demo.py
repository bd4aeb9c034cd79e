"""The demo carrier: what a newcomer finds after the first start."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.utils import timezone

from shouwen.cli.migrate import _build_demo
from shouwen.config.wiring import furnish_demo, look_into_demo
from shouwen.desk.filters import Asked
from shouwen.desk.macros import macros_for, run_macro
from shouwen.desk.models import Macro, SavedView
from shouwen.desk.rosters import starting
from shouwen.desk.views import views_of
from shouwen.editions.actions import install_shipped_pack
from shouwen.editions.pack import shipped_packs
from shouwen.editions.queries import current_edition
from shouwen.handbook.authority import seeing
from shouwen.intake.demo import build_demo, demo_for
from shouwen.people.duty import WEEK, shifts_between
from shouwen.people.models import Handover, Leave, Person, Shift, Team
from shouwen.people.queries import actor_for, running_at
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import visible_to
from shouwen.vault.models import AccessLog
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


@pytest.fixture(params=shipped_packs())
def furnished(request: pytest.FixtureRequest, settings: Any, db: None) -> datetime:
    settings.SHOUWEN_PACK = request.param
    now = on("2026-03-12 11:00")
    install_shipped_pack(at=now)
    build_demo(now)
    furnish_demo(now)
    look_into_demo(now)
    return now


@pytest.mark.clause("T1.3")
def test_a_newcomer_finds_who_is_on_duty_today_next_week_and_who_covers_for_whom(furnished: datetime) -> None:
    for code in set(Shift.objects.values_list("team", flat=True)):
        team, today = Team.objects.get(pk=code), starting(timezone.localdate(furnished))
        assert shifts_between(team, today, today + timedelta(days=1)), code
        assert len(shifts_between(team, today, today + WEEK)) == 7 * len(
            shifts_between(team, today, today + timedelta(days=1))
        ), "the next week is copied from this one"
    assert Leave.objects.filter(running_at(furnished)).exclude(cover=None).count() == 1
    assert Leave.objects.filter(from_at__gt=furnished).exclude(cover=None).count() == 1


@pytest.mark.clause("T1.3")
def test_a_newcomer_finds_a_list_that_was_taken_over_and_one_that_waits(furnished: datetime) -> None:
    taken, waiting = Handover.objects.order_by("made_at")

    assert taken.confirmed_by not in {None, taken.made_by}
    assert waiting.confirmed_at is None
    assert min(len(taken.content), len(waiting.content)) > 0


def test_a_newcomer_can_run_every_macro(furnished: datetime) -> None:
    rules = current_edition(furnished)
    for macro, (who, stage) in zip(
        Macro.objects.order_by("id"),
        [("agent", "dispatched"), ("agent", "assessed"), ("handler", "investigating")],
        strict=True,
    ):
        person = Person.objects.prefetch_related("teams").get(username=f"demo-{who}")
        actor = seeing(actor_for(person), rules.roles)
        assert macro in macros_for(actor)
        ticket = visible_to(actor).filter(stage=stage, standing="running").order_by("received_at").last()
        ran = run_macro(macro, ticket.number, by=actor, at=furnished)
        assert ran.whole, ran.why


def test_a_newcomer_finds_views_that_say_what_their_addresses_say(furnished: datetime) -> None:
    rules = current_edition(furnished)
    stated = {view["name"]: view["query"] for view in demo_for(rules.pack)["office"]["views"]}

    assert {view.name: view.query for view in SavedView.objects.all()} == stated
    for view in SavedView.objects.select_related("owner"):
        actor = seeing(actor_for(view.owner), rules.roles)
        assert view.pk in {found.id for found in views_of(Asked(rules, actor, furnished))}


@pytest.mark.clause("H7.3.1")
def test_a_newcomer_finds_out_who_saw_what_of_whom_and_why(furnished: datetime) -> None:
    kinds = list(AccessLog.objects.order_by("what").values_list("what", flat=True))

    assert kinds == ["handed_out", "revealed", "revealed"]
    assert all(AccessLog.objects.values_list("reason", flat=True))


@pytest.mark.django_db
def test_a_second_start_makes_nothing_twice() -> None:
    install_shipped_pack(at=timezone.now())
    folder, kinds = Mock(), (Person, Shift, Leave, Handover, Macro, SavedView, AccessLog, Ticket)
    _build_demo(folder)
    made = [kind.objects.count() for kind in kinds]

    _build_demo(folder)

    assert [kind.objects.count() for kind in kinds] == made
    assert all(made)


@pytest.mark.django_db
def test_a_carrier_with_people_gets_no_demo() -> None:
    install_shipped_pack(at=on("2026-03-12 11:00"))
    Person.objects.create(username="first")

    assert build_demo(on("2026-03-12 11:00")) == []
