"""Reminded at midnight (Zammad #4432, GLPI #22678): people hear of a clock in their duty hours; it never waits."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils.timezone import now

from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.notices.actions import order_messages, order_row
from shouwen.notices.models import MessageOrder
from shouwen.notices.queries import inbox_of
from shouwen.service_levels.sweep import sweep
from shouwen.tickets.models import Ticket, TicketEvent
from tests.cast import WHOLE_WAY, Cast, make, on, take_in
from tests.screens.desk import Desk, text_of

pytestmark = pytest.mark.clause("S3.3", "X3")


def dispatched(cast: Cast, at: str, severity: str = "ordinary", **changes: object) -> Ticket:
    """Taken in and dispatched at once: the team has two hours to answer, and is warned after one and a half."""
    ticket = take_in(cast, received_at=on(at), **changes)
    for move, who, facts in WHOLE_WAY[:2]:
        judged = {"severity": severity} if move is Move.ASSESS else {}
        ticket = make(cast, ticket, (move, who, facts | judged), on(at))
    return ticket


def sweep_all(at: datetime) -> None:
    while sweep(at):
        pass


def reminders(ticket: Ticket, person: object, rule: str) -> list[MessageOrder]:
    """What a person was told of one clock, in order."""
    orders = MessageOrder.objects.filter(ticket_id=ticket.pk, recipient=f"person:{person.pk}", params__rule=rule)
    return list(orders.order_by("ordered_at", "cause"))


def test_a_reminder_at_night_waits_for_the_morning_and_the_clock_does_not(cast: Cast) -> None:
    ticket = dispatched(cast, "2026-03-02 22:00")
    evening, morning = on("2026-03-03 00:00"), on("2026-03-03 08:30")

    sweep_all(evening)

    breach = TicketEvent.objects.get(ticket=ticket, what=What.CLOCK_BREACHED, facts__rule="silent")
    assert breach.happened_at == evening
    assert breach.facts["held"] == {f"person:{cast.handler.pk}": morning.isoformat()}  # who was told, and when
    assert f"{cast.handler} 2026-03-03" in text_of(Desk(cast.supervisor).open(ticket))
    held = reminders(ticket, cast.handler, "silent")
    assert [order.not_before for order in held] == [morning] * 2  # the warning and the breach
    inbox = inbox_of(cast.actor("handler"), morning - timedelta(seconds=1)).filter(ticket_id=ticket.pk)
    assert not inbox.filter(template__startswith="clock_").exists()
    assert inbox_of(cast.actor("handler"), morning).filter(pk__in=[order.pk for order in held]).count() == 2


def test_a_warning_that_waited_for_the_morning_is_not_told_when_its_work_was_done_at_night(cast: Cast) -> None:
    """And the breach is: it did happen."""
    warned, late = dispatched(cast, "2026-03-02 22:00"), dispatched(cast, "2026-03-02 21:00", phone="19900005678")
    night, morning = on("2026-03-02 23:40"), on("2026-03-03 08:30")
    sweep_all(night)

    for ticket in (warned, late):
        move, who, facts = WHOLE_WAY[3]
        make(cast, ticket, (move, who, facts), night)

    told = inbox_of(cast.actor("handler"), morning).filter(params__rule="silent")
    assert [(order.ticket_id, order.template) for order in told] == [(late.pk, "clock_breached")]
    assert reminders(warned, cast.handler, "silent") != []  # the history of what was ordered stays


def test_what_is_held_back_is_told_once_however_often_the_sweep_comes(cast: Cast) -> None:
    ticket = dispatched(cast, "2026-03-02 22:00")

    for at in ("2026-03-03 00:00", "2026-03-03 00:01", "2026-03-03 08:30"):
        sweep_all(on(at))

    assert len(reminders(ticket, cast.handler, "silent")) == 2


def test_escalation_is_not_put_off_because_a_reminder_was(cast: Cast) -> None:
    ticket = dispatched(cast, "2026-03-02 22:00")

    sweep_all(on("2026-03-03 00:00"))
    sweep_all(on("2026-03-03 02:00"))

    escalated = TicketEvent.objects.get(ticket=ticket, what=What.ESCALATED, facts__rule="silent")
    assert escalated.happened_at == on("2026-03-03 02:00")
    [told] = reminders(ticket, cast.supervisor, "silent")
    assert told.not_before == on("2026-03-03 08:30")


def test_whoever_works_round_the_clock_is_reminded_at_any_hour(cast: Cast) -> None:
    """The agent's team answers the hotline, 7×24."""
    ticket = dispatched(cast, "2026-03-02 22:00")

    sweep_all(on("2026-03-03 00:00"))

    told = reminders(ticket, cast.agent, "first-response")
    assert told
    assert {order.not_before for order in told} == {None}


def test_an_emergency_is_told_at_any_hour(cast: Cast) -> None:
    ticket = dispatched(cast, "2026-03-02 22:00", severity="critical")
    assert ticket.priority == "emergency"

    sweep_all(on("2026-03-03 00:00"))

    assert [order.not_before for order in reminders(ticket, cast.handler, "silent")] == [None, None]


def test_the_make_up_saturday_is_a_day_of_duty_and_the_swapped_monday_is_none(cast: Cast) -> None:
    """Saturday 14 February 2026 is worked in exchange for the Spring Festival, which begins on the 16th."""
    eve, holiday = dispatched(cast, "2026-02-13 18:00"), dispatched(cast, "2026-02-16 09:00", phone="19900005678")

    sweep_all(on("2026-02-13 20:00"))
    sweep_all(on("2026-02-16 11:00"))

    assert {order.not_before for order in reminders(eve, cast.handler, "silent")} == {on("2026-02-14 08:30")}
    assert {order.not_before for order in reminders(holiday, cast.handler, "silent")} == {on("2026-02-24 08:30")}


def test_a_team_is_told_by_its_own_hours(cast: Cast) -> None:
    ticket = dispatched(cast, "2026-03-02 22:00")
    type(cast.handler).objects.filter(pk=cast.handler.pk).update(is_active=False)

    sweep_all(on("2026-03-03 00:00"))

    orders = MessageOrder.objects.filter(ticket_id=ticket.pk, recipient="team:network-3401", params__rule="silent")
    assert {order.not_before for order in orders} == {on("2026-03-03 08:30")}


def test_the_desk_neither_shows_nor_counts_what_is_not_yet_to_be_told(cast: Cast) -> None:
    ticket = take_in(cast)
    params = {"number": ticket.number, "rule": "silent", "due_at": ticket.received_at.isoformat()}
    common = {"recipient": f"person:{cast.agent.pk}", "channel": "desk", "template": "clock_warned"}
    rows = [
        order_row(cause=cause, edition=ticket.edition, params=params, not_before=not_before, **common)
        for cause, not_before in (("told", None), ("held", now() + timedelta(days=1)))
    ]
    order_messages(rows)
    held = MessageOrder.objects.get(cause="held")
    desk = Desk(cast.agent)

    assert text_of(desk.get("/notices")).count(ticket.number) == 1
    assert desk.get(f"/notices/{held.pk}").status_code == 404
    assert desk.post("/notices/reading").status_code == 302
    assert MessageOrder.objects.get(cause="held").read_at is None
    assert MessageOrder.objects.get(cause="told").read_at is not None
