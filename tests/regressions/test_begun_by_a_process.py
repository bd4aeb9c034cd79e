"""A ticket nobody typed in had no clocks: whichever way it comes, they begin with its receipt."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils.timezone import now

from shouwen.cli.main import main
from shouwen.handbook.lifecycle import Move
from shouwen.handling.actions import move_ticket
from shouwen.people.actions import make_api_key
from shouwen.service_levels.models import Clock
from shouwen.tickets.models import NEVER, Ticket
from shouwen.tickets.queries import history_of
from tests.api.test_tickets import send
from tests.cast import MONDAY, Cast, take_in
from tests.departments.test_handling import everything_wrong_with
from tests.departments.test_intake_import import HEADING, OPEN

pytestmark = pytest.mark.clause("X3", "H2.1.1")
EVERY_COMPLAINT = {"classify", "first-response", "response-24h", "undispatched", "statutory-answer"}


def running(ticket: Ticket) -> dict[str, Clock]:
    return {clock.rule: clock for clock in Clock.objects.filter(ticket=ticket, state="running")}


def check_clocks_run_from_the_receipt(ticket: Ticket) -> None:
    clocks = running(ticket)
    assert clocks.keys() >= EVERY_COMPLAINT
    assert {clock.started_at for clock in clocks.values()} == {ticket.received_at}
    assert ticket.lead_due_at < NEVER
    assert everything_wrong_with(ticket) == []


def test_sent_in_by_another_system(cast: Cast) -> None:
    secret = make_api_key("测试系统", ["tickets:create"], by=cast.administrator)[1]

    number = send(secret).json()["number"]

    check_clocks_run_from_the_receipt(Ticket.objects.get(number=number))


def test_moved_in_as_open_work(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its stage has behind it has ended, the rest goes on from the receipt."""
    monkeypatch.chdir(tmp_path)
    with (tmp_path / "open.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([HEADING, OPEN])

    with pytest.raises(SystemExit, match="0"):
        main(["import", "open.csv", "--as", "open"])

    ticket = Ticket.objects.get()
    assert running(ticket)["statutory-answer"].due_at == ticket.received_at + timedelta(days=15)
    assert "undispatched" not in running(ticket)
    assert everything_wrong_with(ticket) == []


def test_split_off_from_another_ticket(cast: Cast) -> None:
    origin = take_in(cast)
    facts = {"other_category": "tariff.abnormal_fee.overage", "text": "另外多扣了 20 元。"}
    at = MONDAY + timedelta(hours=5)

    move_ticket(origin.number, Move.SPLIT, by=cast.actor("agent"), happened_at=at, now=at, facts=facts)

    part = Ticket.objects.get(number=history_of(origin.pk)[-1].facts["split_off"])
    assert part.received_at == origin.received_at
    check_clocks_run_from_the_receipt(part)


def test_taken_in_as_history_it_has_none_and_is_shown_without(cast: Cast) -> None:
    """No clock is legal: such a ticket sorts after every other and is looked at by no sweep."""
    ticket = take_in(cast, is_history=True, received_at=MONDAY, now=now())

    assert not Clock.objects.filter(ticket=ticket).exists()
    assert ticket.lead_due_at == NEVER
    assert everything_wrong_with(ticket) == []
