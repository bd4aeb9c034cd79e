"""免打扰: messages to customers wait; what a customer waits for does not."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from shouwen.customers.access import make_code
from shouwen.customers.actions import erase_customer, wish_for_peace
from shouwen.customers.models import Wish
from shouwen.customers.queries import phone_of, wishes_of
from shouwen.handbook.authority import SYSTEM
from shouwen.notices.actions import order_messages, order_row
from shouwen.notices.delivery import deliver
from shouwen.notices.gateways import NotNow
from shouwen.notices.models import MessageOrder
from shouwen.tickets.models import Ticket
from tests.cast import Cast, on, take_in
from tests.departments.test_notices import Outside, outside

__all__ = ["outside"]
EVENING, NIGHT, MORNING = on("2026-03-02 20:30"), on("2026-03-02 22:00"), on("2026-03-03 08:00")
pytestmark = pytest.mark.clause("T4.3")


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    taken = take_in(cast)
    MessageOrder.objects.all().delete()
    return taken


def order(
    ticket: Ticket, template: str = "result_told", recipient: str = "", channel: str = "sms", **params: str
) -> None:
    to = recipient or f"customer:{ticket.customer_id}"
    row = order_row(
        cause=f"test/{template}",
        ticket_id=str(ticket.pk),
        recipient=to,
        channel=channel,
        template=template,
        edition=ticket.edition,
        params={"number": ticket.number, **params},
    )
    order_messages([row])


def send(at: datetime) -> int:
    return deliver(at, phone_of=phone_of, wishes_of=wishes_of)


def state() -> tuple[str, datetime | None, int]:
    one = MessageOrder.objects.get()
    return one.state, one.not_before, one.tries


def by_template() -> dict[str, str]:
    return dict(MessageOrder.objects.values_list("template", "state"))


def test_at_night_a_message_waits_for_the_morning_and_then_goes(ticket, outside):
    order(ticket)

    send(NIGHT)
    assert state() == ("ordered", MORNING, 0)
    assert send(MORNING - timedelta(seconds=1)) == 0

    send(MORNING)
    assert state()[0] == "delivered"
    assert len(outside.sent) == 1


@pytest.mark.parametrize(("second_at", "sent"), [("20:59:59", 2), ("21:00", 1)])
def test_a_slow_gateway_carries_no_batch_into_the_hours_of_peace(ticket, outside, second_at, sent):
    """Because a batch of two hundred takes its time, and the hour is what the customer hears the phone at."""
    order(ticket)
    order(ticket, "case_closed")
    passed = (on(f"2026-03-02 {second_at}") - EVENING).total_seconds()
    seconds = iter([0, 0, passed, passed])

    deliver(EVENING, phone_of=phone_of, wishes_of=wishes_of, stopwatch=lambda: next(seconds))

    assert len(outside.sent) == sent
    waiting = MessageOrder.objects.filter(state="ordered")
    assert [one.not_before for one in waiting] == [MORNING] * (2 - sent)


def test_of_the_steps_of_one_night_only_the_last_is_told_in_the_morning(ticket, outside):
    """Because nobody wants to hear at eight, one after the other, what was so at ten, at eleven and at two."""
    for template in ("progress_dispatched", "progress_verifying", "progress_done"):
        order(ticket, template, expected_at=on("2026-03-03 18:00").isoformat())
    send(NIGHT)

    send(MORNING)

    assert by_template() == {
        "progress_dispatched": "overtaken",
        "progress_verifying": "overtaken",
        "progress_done": "delivered",
    }


@pytest.mark.clause("H5.1.3")
def test_an_outcome_is_told_whatever_follows_it(ticket, outside):
    for template in ("progress_done", "result_told", "case_closed"):
        order(ticket, template, expected_at=on("2026-03-03 18:00").isoformat())
    send(NIGHT)

    send(MORNING)

    assert by_template() == {"progress_done": "overtaken", "result_told": "delivered", "case_closed": "delivered"}


@pytest.mark.parametrize(("expected", "says"), [("2026-03-03 07:00", False), ("2026-03-03 09:00", True)])
def test_a_time_that_passed_in_the_night_is_not_named_in_the_morning(ticket, outside, expected, says):
    """Because a time that has passed is no promise any more (`expected_by`)."""
    order(ticket, "progress_verifying", expected_at=on(expected).isoformat())
    send(NIGHT)

    send(MORNING)

    assert len(outside.sent) == 1
    assert (expected in outside.sent[0].text) is says


def test_what_never_waited_is_all_sent(ticket, outside):
    for template in ("progress_dispatched", "progress_verifying"):
        order(ticket, template, expected_at=on("2026-03-03 18:00").isoformat())

    send(EVENING)

    assert set(by_template().values()) == {"delivered"}


@pytest.mark.clause("S2.1a", "S1.1b")
@pytest.mark.parametrize("template", ["phone_code", "acknowledgement"])
def test_what_the_customer_waits_for_goes_at_once(ticket, outside, template):
    assert make_code(ticket.pk, at=NIGHT)
    order(ticket, template, code="271828", minutes="10")

    send(NIGHT)

    assert state()[0] == "delivered"


def test_staff_are_told_by_their_duty_hours_not_by_these(cast, ticket, settings, outside):
    settings.SHOUWEN_GATEWAYS = {"email": "tests.departments.test_notices.Outside"}
    type(cast.agent).objects.filter(pk=cast.agent.pk).update(email="agent@carrier.example")
    order(ticket, "work_dispatched", recipient=f"person:{cast.agent.pk}", channel="email")

    send(NIGHT)

    assert state()[0] == "delivered"


def test_what_came_to_nothing_in_the_evening_is_not_tried_again_at_night(ticket, outside):
    order(ticket)
    Outside.mood = NotNow("busy")
    send(on("2026-03-02 20:59"))
    Outside.mood = None

    send(on("2026-03-02 21:05"))

    assert state() == ("ordered", MORNING, 1)
    assert outside.sent == []


def test_a_customer_may_wish_for_more_peace(ticket, outside):
    wish_for_peace(ticket.customer_id, (time(20), time(10)), by=SYSTEM, at=EVENING)
    order(ticket)

    send(EVENING)
    assert state() == ("ordered", on("2026-03-03 10:00"), 0)

    wish_for_peace(ticket.customer_id, None, by=SYSTEM, at=EVENING)
    assert wishes_of([str(ticket.customer_id)]) == {}


def test_their_wish_and_the_carriers_hours_hold_together(ticket, outside):
    wish_for_peace(ticket.customer_id, (time(8), time(9)), by=SYSTEM, at=EVENING)
    order(ticket)

    send(NIGHT)
    send(MORNING)

    assert state() == ("ordered", on("2026-03-03 09:00"), 0)


def test_without_a_gateway_a_message_waits_all_the_same_so_that_the_outbox_shows_what_would_happen(ticket, settings):
    settings.SHOUWEN_GATEWAYS = {}
    order(ticket)

    send(NIGHT)
    assert state() == ("ordered", MORNING, 0)
    send(MORNING)
    assert state()[0] == "no_gateway"


@pytest.mark.clause("T6.2")
def test_a_wish_is_forgotten_with_its_customer(ticket):
    wish_for_peace(ticket.customer_id, (time(20), time(10)), by=SYSTEM, at=EVENING)

    erase_customer(ticket.customer_id, not_before=EVENING, by="system", reason="三年已满", at=EVENING)

    assert not Wish.objects.exists()
