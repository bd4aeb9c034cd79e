"""The clocks of the shipped pack, as docs/handbook/examples/shipped-clocks.md tells them, and who may move them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shouwen.editions.pack import SHIPPED, open_pack
from shouwen.editions.working_days import calendar_of
from shouwen.handbook.clock import ServiceClock, clocks
from shouwen.handbook.history import Happening, What
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.refusals import ExtensionBeyondWall, NotExtensible, PutOffBefore
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of
from tests.cast import MONDAY, Cast, make, on, take_in, walk
from tests.examples import code, codes, examples
from tests.handbook.times import SHANGHAI
from tests.handbook.times import on as at_shanghai

PAGE = "examples/shipped-clocks.md"
EDITION = open_pack(SHIPPED).edition(1)
ORDINARY = {
    "ticket_type": "complaint",
    "category": "tariff.refund.not_paid",
    "priority": "general",
    "complexity": "general",
    "customer_level": "ordinary",
    "channel": "hotline",
}
CALENDARS = {name: calendar_of(spec) for name, spec in EDITION.calendars.items()}
HOUR = timedelta(hours=1)


def told(cell: str) -> list[Happening]:
    """The history a cell tells; the first event states what an ordinary ticket is, unless it says otherwise."""
    history = []
    for seq, event in enumerate(codes(cell), start=1):
        day, time, what, *written = event.split(" ")
        stated: dict[str, Any] = dict(ORDINARY) if seq == 1 else {}
        for name, _, value in (fact.partition("=") for fact in written):
            stated[name] = {"yes": True, "no": False}.get(value, value)
        history.append(Happening(seq, What(what), at_shanghai(f"{day} {time}"), stated))
    return history


def as_cell(clock: ServiceClock | None) -> tuple[str, str]:
    """State and due time, as the table writes them."""
    if clock is None:
        return "none", ""
    return clock.state, f"{clock.due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if clock.due_at else ""


@pytest.mark.clause("X1", "X3", "S2.1a", "S2.2a", "S3.1a", "S3.3", "S4.2", "U2.2", "U3.4", "U5.1", "H3.1.1", "H4.2")
@pytest.mark.clause("H5.1.2", "H5.1.3", "H5.3.2", "H7.2.1", "H7.2.4", "T5.3")
@pytest.mark.parametrize("row", [pytest.param(row, id=row["because"]) for row in examples(PAGE, "stories")])
def test_a_clock_of_the_shipped_pack_stands_as_its_history_tells(row: dict[str, str]) -> None:
    by_id = {clock.id: clock for clock in clocks(told(row["history"]), EDITION.rules, CALENDARS)}
    clock = by_id.get(code(row["clock"]))

    assert as_cell(clock) == (code(row["state"]), code(row["due"])), row["because"]


@pytest.mark.clause("X3")
def test_every_rule_has_somebody_who_answers_for_it_and_says_what_follows() -> None:
    for rule in EDITION.rules:
        assert rule.answerable, rule.id
        assert rule.ladder, rule.id


def appointment(until: str) -> tuple[Move, str, dict[str, Any]]:
    reason = {"pause": "agreed_appointment", "reason": "与客户约好", "until": f"{until}:00+08:00"}
    return Move.HOLD, "handler", reason


@pytest.fixture
def weak_signal(cast: Cast) -> Ticket:
    """A network case on its engineer's desk."""
    return walk(cast, take_in(cast, category="network.coverage.weak"), until=Move.INVESTIGATE, hours=0.1)


@pytest.mark.clause("U2.2")
def test_an_appointment_may_be_put_off_once_and_no_more(cast: Cast, weak_signal: Ticket) -> None:
    ticket = make(cast, weak_signal, appointment("2026-03-03T15:00"), MONDAY + HOUR)
    for hours, until in ((2, "2026-03-04T15:00"),):
        ticket = make(cast, ticket, (Move.RESUME, "handler", {}), MONDAY + hours * HOUR)
        ticket = make(cast, ticket, appointment(until), MONDAY + hours * HOUR)
    ticket = make(cast, ticket, (Move.RESUME, "handler", {}), MONDAY + 3 * HOUR)

    with pytest.raises(PutOffBefore) as refused:
        make(cast, ticket, appointment("2026-03-05T15:00"), MONDAY + 3 * HOUR)
    assert refused.value.clause == "U2.2"


@pytest.mark.clause("U2.2")
def test_what_the_customer_puts_off_is_no_postponement_of_ours(cast: Cast, weak_signal: Ticket) -> None:
    ticket = make(cast, weak_signal, appointment("2026-03-03T15:00"), MONDAY + HOUR)
    ticket = make(cast, ticket, (Move.RESUME, "handler", {}), MONDAY + 2 * HOUR)
    ticket = make(cast, ticket, appointment("2026-03-04T15:00"), MONDAY + 2 * HOUR)
    ticket = make(cast, ticket, (Move.RESUME, "handler", {}), MONDAY + 3 * HOUR)
    waiting = {"pause": "waiting_for_customer", "reason": "客户外出", "until": "2026-03-05T09:00:00+08:00"}
    ticket = make(cast, ticket, (Move.WAIT, "handler", waiting), MONDAY + 3 * HOUR)
    ticket = make(cast, ticket, (Move.RESUME, "handler", {}), MONDAY + 4 * HOUR)

    ticket = make(cast, ticket, appointment("2026-03-06T15:00"), MONDAY + 4 * HOUR)

    assert ticket.standing == "held"


@pytest.mark.clause("U2.2", "S3.1a")
def test_whoever_arrives_is_at_work_again(cast: Cast, weak_signal: Ticket) -> None:
    ticket = make(cast, weak_signal, appointment("2026-03-02T15:00"), MONDAY + HOUR)
    ticket = make(cast, ticket, (Move.ARRIVE, "handler", {}), MONDAY + 5 * HOUR)

    assert ticket.standing == "running"


@pytest.fixture
def enterprise_line(cast: Cast) -> Ticket:
    """A fault of a local enterprise customer's line, dispatched at 09:12."""
    taken_in = take_in(cast, category="network.group_line", customer_level="enterprise", ticket_type="fault")
    return walk(cast, taken_in, until=Move.DISPATCH, hours=0.1)


def extension(rule: str, until: str) -> tuple[Move, str, dict[str, Any]]:
    agreed = {"rule": rule, "until": f"{until}:00+08:00", "evidence": "客户书面同意", "reason": "无备件"}
    return Move.AGREE_EXTENSION, "handler", agreed


@pytest.mark.clause("U5.1")
def test_a_repair_takes_longer_with_the_customers_consent_up_to_the_wall(cast: Cast, enterprise_line: Ticket) -> None:
    ticket = make(cast, enterprise_line, extension("group-repair-local", "2026-03-03T08:00"), MONDAY + 2 * HOUR)

    with pytest.raises(ExtensionBeyondWall) as refused:
        make(cast, ticket, extension("group-repair-local", "2026-03-03T10:00"), MONDAY + 3 * HOUR)
    assert refused.value.clause == "U5.1"
    with pytest.raises(NotExtensible):
        make(cast, ticket, extension("group-repair-wall", "2026-03-03T10:00"), MONDAY + 3 * HOUR)


@pytest.mark.clause("H4.1", "H4.2")
def test_what_is_declared_major_is_led_by_management_and_has_its_time(cast: Cast) -> None:
    ticket = walk(cast, take_in(cast), until=Move.ASSESS, hours=0.1)

    ticket = make(cast, ticket, (Move.DECLARE_MAJOR, "agent", {"level": "two", "text": "媒体已跟进"}), MONDAY + HOUR)

    assert ticket.complexity == "major"
    running = ticket.clocks.filter(state="running").values_list("rule", flat=True)
    assert {"major-response-two", "handling-major", "handling-major-48h"} <= set(running)
    assert history_of(ticket.pk)[-1].facts["level"] == "two"


@pytest.mark.clause("U2.0")
def test_what_is_beyond_somebody_is_reported_upward_and_says_to_whom(cast: Cast) -> None:
    ticket = walk(cast, take_in(cast), until=Move.ASSESS, hours=0.1)

    make(
        cast, ticket, (Move.REPORT, "agent", {"reported_to": "department", "text": "超出权限"}), on("2026-03-02 12:00")
    )

    assert history_of(ticket.pk)[-1].what is What.REPORTED
