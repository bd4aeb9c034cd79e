"""What changes while a ticket is open: rules, team, priority, category, calendar. What has been judged stays judged."""

from __future__ import annotations

import shutil
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils.timezone import now

from shouwen.editions.actions import publish_calendar, publish_pack
from shouwen.editions.models import CalendarVersion
from shouwen.editions.pack import SHIPPED
from shouwen.handbook.lifecycle import Move
from shouwen.handling.actions import move_ticket
from shouwen.service_levels.models import Clock
from shouwen.service_levels.settling import follow_rules, settle
from shouwen.service_levels.sweep import sweep
from shouwen.tickets.models import Ticket, TicketEvent
from tests.cast import MONDAY, WHOLE_WAY, Cast, make, take_in, walk
from tests.departments.test_handling import everything_wrong_with

pytestmark = pytest.mark.clause("X2", "X3")
HOUR = timedelta(hours=1)
UNTIL = "2026-03-20T09:00:00+08:00"


def clocks_of(ticket: Ticket) -> dict[str, tuple]:
    rows = Clock.objects.filter(ticket=ticket).order_by("start_seq")
    return {f"{row.rule}@{row.start_seq}": (row.state, row.started_at, row.due_at) for row in rows}


def clock(ticket: Ticket, rule: str) -> Clock:
    return Clock.objects.filter(ticket=ticket, rule=rule).latest("start_seq")


def move(cast: Cast, ticket: Ticket, what: Move, who: str, at: datetime, **facts: object) -> Ticket:
    return move_ticket(ticket.number, what, by=cast.actor(who), happened_at=at, now=at, facts=facts)


def wait(cast: Cast, ticket: Ticket, *, since: datetime, until: datetime) -> None:
    facts = {"pause": "waiting_for_customer", "reason": "请补充截图", "until": UNTIL}
    move(cast, ticket, Move.WAIT, "agent", since, **facts)
    move(cast, ticket, Move.RESUME, "agent", until)


def test_new_rules_leave_an_open_ticket_under_those_it_was_accepted_under(cast: Cast, tmp_path: Path) -> None:
    """Because what a customer has been told must not change under them."""
    before = take_in(cast)
    clocks_before = clocks_of(before)
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "pack"))
    clocks = folder / "clocks.yaml"
    clocks.write_text(clocks.read_text("utf-8").replace("duration: 7wd", "duration: 5wd"), "utf-8")

    published = publish_pack(folder, "test", at=MONDAY + HOUR)
    noted = move(cast, before, Move.NOTE, "agent", MONDAY + 2 * HOUR, text="在办")
    after = take_in(cast, received_at=MONDAY + 2 * HOUR, phone="19900005678")

    assert (noted.edition, after.edition) == ("cn-telecom-2025@1", published.id)
    assert clocks_of(before) == clocks_before
    assert clock(after, "handling-general").due_at < clock(before, "handling-general").due_at


def newer_rules(tmp_path: Path, old: str, new: str, *, at: datetime) -> str:
    """A next edition, which says that open tickets follow it and is otherwise changed in one place of its clocks."""
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "pack"))
    for file, was, then in (
        ("edition.yaml", "recalculates_open: false", "recalculates_open: true"),
        ("clocks.yaml", old, new),
    ):
        text = (folder / file).read_text("utf-8")
        assert was in text
        (folder / file).write_text(text.replace(was, then), "utf-8")
    return publish_pack(folder, "test", at=at).id


def test_rules_that_say_so_recalculate_what_is_open_and_never_what_was_judged(cast: Cast, tmp_path: Path) -> None:
    """The proposal came in time under 7 working days and stays in time; the whole handling now has 5."""
    open_one = walk(cast, take_in(cast), until=Move.PROPOSE)
    closed = walk(cast, take_in(cast, phone="19900005678"), until=Move.ARCHIVE)
    judged, archived = clocks_of(open_one)["initial-handling-general@1"], clocks_of(closed)
    running = clock(open_one, "handling-general").due_at

    newest = newer_rules(tmp_path, "duration: 7wd", "duration: 5wd", at=MONDAY + 20 * HOUR)
    moved = [follow_rules(MONDAY + 20 * HOUR), follow_rules(MONDAY + 20 * HOUR)]

    assert moved == [1, 0]
    same_one = Ticket.objects.get(pk=open_one.pk)
    assert same_one.edition == newest
    assert clock(open_one, "handling-general").due_at < running
    assert clocks_of(open_one)["initial-handling-general@1"] == judged
    assert clocks_of(closed) == archived
    for ticket in (open_one, closed):
        assert everything_wrong_with(ticket) == []


def test_what_the_new_rules_have_no_word_for_stays_under_its_own(cast: Cast, tmp_path: Path) -> None:
    """Because nobody could work on it any more: its category, its way and its evidence are not in there."""
    ticket = take_in(cast)
    Ticket.objects.filter(pk=ticket.pk).update(category="network.retired")
    newer_rules(tmp_path, "duration: 72h", "duration: 60h", at=MONDAY + 20 * HOUR)

    assert follow_rules(MONDAY + 20 * HOUR) == 0
    assert Ticket.objects.get(pk=ticket.pk).edition == "cn-telecom-2025@1"


def test_under_new_rules_the_pause_before_them_still_counts_for_nothing(cast: Cast, tmp_path: Path) -> None:
    ticket = walk(cast, take_in(cast), until=Move.ASSESS)
    wait(cast, ticket, since=MONDAY + 2 * HOUR, until=MONDAY + 12 * HOUR)

    newer_rules(tmp_path, "duration: 72h", "duration: 60h", at=MONDAY + 20 * HOUR)
    follow_rules(MONDAY + 20 * HOUR)

    assert clock(ticket, "priority-general").due_at == MONDAY + 70 * HOUR
    assert everything_wrong_with(ticket) == []


def test_handed_to_another_team_the_clock_of_the_whole_goes_on_and_that_of_the_team_begins_anew(cast: Cast) -> None:
    ticket = walk(cast, take_in(cast), until=Move.DISPATCH)
    wait(cast, ticket, since=MONDAY + 3 * HOUR, until=MONDAY + 5 * HOUR)
    whole = clock(ticket, "priority-general").due_at

    move(cast, ticket, Move.TRANSFER, "supervisor", MONDAY + 6 * HOUR, team="billing", reason="属账务问题")

    assert clock(ticket, "priority-general").due_at == whole == MONDAY + 74 * HOUR
    assert clock(ticket, "silent").started_at == MONDAY + 6 * HOUR
    assert everything_wrong_with(ticket) == []


def test_another_priority_brings_another_clock_from_the_receipt_less_the_time_it_stood_still(cast: Cast) -> None:
    ticket = walk(cast, take_in(cast), until=Move.ASSESS)
    wait(cast, ticket, since=MONDAY + 2 * HOUR, until=MONDAY + 12 * HOUR)

    move(cast, ticket, Move.RECLASSIFY, "agent", MONDAY + 13 * HOUR, severity="critical", reason="业务全断")

    assert "priority-general" not in {row.rule for row in Clock.objects.filter(ticket=ticket)}
    emergency = clock(ticket, "priority-emergency")
    assert (emergency.started_at, emergency.due_at) == (MONDAY, MONDAY + 34 * HOUR)
    assert everything_wrong_with(ticket) == []


def test_a_stricter_clock_that_is_late_the_moment_it_comes_tells_so_once(cast: Cast) -> None:
    ticket = walk(cast, take_in(cast), until=Move.ASSESS)
    at = MONDAY + 30 * HOUR

    move(cast, ticket, Move.RECLASSIFY, "agent", at, severity="critical", reason="业务全断")
    while sweep(at):
        pass

    breaches = TicketEvent.objects.filter(ticket=ticket, what="clock_breached", facts__rule="priority-emergency")
    assert [row.happened_at for row in breaches] == [at]


def test_another_category_ends_the_clocks_of_the_old_and_begins_those_of_the_new_where_they_had_begun(
    cast: Cast,
) -> None:
    ticket = walk(cast, take_in(cast), until=Move.DISPATCH)
    assert clock(ticket, "call-the-user").state == "running"

    facts = {"category": "tariff.abnormal_fee.overage", "reason": "实为资费问题"}
    move(cast, ticket, Move.RECLASSIFY, "handler", MONDAY + 3 * HOUR, **facts)

    assert not Clock.objects.filter(ticket=ticket, rule="call-the-user").exists()
    assert clock(ticket, "business-proposal").started_at == MONDAY + 2 * HOUR  # from the dispatch
    assert everything_wrong_with(ticket) == []


def test_a_corrected_calendar_moves_what_runs_and_nothing_that_has_ended(cast: Cast) -> None:
    open_one = walk(cast, take_in(cast), until=Move.PROPOSE)
    archived = walk(cast, take_in(cast, phone="19900005678"), until=Move.ARCHIVE)
    ended, closed = clocks_of(open_one)["initial-handling-general@1"], clocks_of(archived)
    running = clock(open_one, "handling-general").due_at
    content = deepcopy(CalendarVersion.objects.get(id="office@1").content)
    content["exceptions"] |= {"2026-03-03": []}

    publish_calendar("office", content, "test", at=now())
    while settle(now()):
        pass

    assert clock(open_one, "handling-general").due_at == running + timedelta(days=1)
    assert clocks_of(open_one)["initial-handling-general@1"] == ended
    assert clocks_of(archived) == closed


@pytest.mark.clause("S4.1")
def test_reopened_its_clocks_begin_anew_and_the_old_ones_stay_as_they_ended(cast: Cast) -> None:
    ticket = walk(cast, take_in(cast), until=Move.CLOSE)
    before = clocks_of(ticket)

    again = move(cast, ticket, Move.REOPEN, "agent", MONDAY + 48 * HOUR, reason="仍然断线")

    after = clocks_of(ticket)
    assert {name: after[name] for name in before if not name.startswith(("archive", "satisfied"))} == {
        name: row for name, row in before.items() if not name.startswith(("archive", "satisfied"))
    }
    anew = {name for name, row in after.items() if row[0] == "running" and row[1] == MONDAY + 48 * HOUR}
    assert {name.split("@")[0] for name in anew} >= {"first-response", "handling-general", "undispatched"}
    assert again.lead_due_at == MONDAY + 48 * HOUR + timedelta(minutes=30)
    assert everything_wrong_with(ticket) == []


@pytest.mark.clause("X2")
def test_from_a_pause_straight_to_the_next_step_everything_written_down_says_the_pause_is_over(cast: Cast) -> None:
    ticket = walk(cast, take_in(cast), until=Move.DISPATCH)
    facts = {"pause": "waiting_for_customer", "reason": "请补充截图", "until": UNTIL}
    move(cast, ticket, Move.WAIT, "agent", MONDAY + 3 * HOUR, **facts)

    going_on = make(cast, ticket, WHOLE_WAY[3], MONDAY + 13 * HOUR)

    assert (going_on.stage, going_on.standing) == ("investigating", "running")
    assert clock(ticket, "priority-general").due_at == MONDAY + 82 * HOUR
    assert clock(ticket, "pause-ends").state == "met"
    assert everything_wrong_with(ticket) == []
