"""The collaboration ledger: what each team was asked for, when it answered, and by how much too late."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shouwen.desk.collaboration import (
    IN_TIME,
    LATE,
    OPEN,
    TOO_LATE,
    ledger_rows,
    state_of_task,
    sums_by_team,
    tasks_for,
)
from shouwen.handbook.moves import Move
from shouwen.tickets.models import Task, Ticket
from tests.cast import Cast, on
from tests.screens.desk import Desk, ahead, brought_to, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.clause("S3.1", "H7.2.3")]


def asked(cast: Cast, words: str = "核对三个月账单", **changes: object) -> Task:
    """The network team asks billing for something."""
    ticket = brought_to(cast, Move.INVESTIGATE, **changes)
    Desk(cast.handler).make(ticket, Move.ASSIGN_TASK, to_team="billing", asked=words, due_at=ahead(4))
    return Task.objects.select_related("ticket", "ticket__lead_team", "team").get(ticket=ticket)


def as_of(task: Task, **columns: object) -> Task:
    Task.objects.filter(ticket=task.ticket, task=task.task).update(**columns)
    return Task.objects.select_related("ticket", "ticket__lead_team", "team").get(ticket=task.ticket)


def test_it_lists_what_was_asked_of_whom_and_the_answer(cast: Cast) -> None:
    task = asked(cast)
    Desk(cast.other_handler).make(task.ticket, Move.ANSWER_TASK, task=task.task, text="账单无误")

    said = text_of(Desk(cast.supervisor).get("/collaboration"))

    for part in (task.ticket.number, "核对三个月账单", "账单无误", "班组 billing", "answered in time"):
        assert part in said


@pytest.mark.parametrize(
    ("due", "answered", "state"), [(1, None, OPEN), (0, None, LATE), (1, 1, IN_TIME), (1, 2, TOO_LATE)]
)
def test_a_task_is_answered_or_not_and_in_time_or_not(cast: Cast, due: int, answered: int | None, state: str) -> None:
    at = on("2026-03-02 09:00")
    hour = timedelta(hours=1)
    task = Task(due_at=at + due * hour, answered_at=None if answered is None else at + answered * hour)

    assert state_of_task(task, at) == state


def test_how_late_is_counted_in_the_time_the_team_works(cast: Cast) -> None:
    """Because an office that closes on Friday is not late by a weekend on Monday."""
    friday, monday = on("2026-03-06 17:00"), on("2026-03-09 10:00")
    task = as_of(asked(cast), due_at=friday, answered_at=monday)

    [row] = ledger_rows([task], timezone.now())

    assert "3" not in row.late.split()[0]  # not the nearly three days of the calendar
    assert row.late


def test_filters_narrow_it_by_team_state_month_and_ticket(cast: Cast) -> None:
    one = asked(cast)
    two = as_of(asked(cast, "核实套餐", phone="19900005678"), due_at=timezone.now() - timedelta(hours=1))
    desk = Desk(cast.supervisor)

    assert "核实套餐" not in text_of(desk.get("/collaboration?state=open"))
    assert "核对三个月账单" not in text_of(desk.get("/collaboration?state=late"))
    assert "核对三个月账单" not in text_of(desk.get(f"/collaboration?ticket={two.ticket.number.lower()}"))
    assert "Nothing here fits" in text_of(desk.get("/collaboration?team=service"))
    assert "核对三个月账单" in text_of(desk.get(f"/collaboration?month={timezone.localtime(one.assigned_at):%Y-%m}"))
    assert desk.get("/collaboration?team=nonsense&month=2020-99&state=x").status_code == 200


def test_the_sums_of_a_team_are_those_of_its_tasks(cast: Cast) -> None:
    now = timezone.now()
    for place, columns in enumerate(
        (
            {"answered_at": now, "due_at": now},
            {"answered_at": now, "due_at": now - timedelta(hours=1)},
            {"due_at": now - timedelta(hours=1)},
            {},
        )
    ):
        as_of(asked(cast, phone=f"1990000{place:04}"), **columns)

    [sums] = sums_by_team(tasks_for(cast.actor("supervisor")), now - timedelta(days=2), now)

    assert (sums.asked, sums.in_time, sums.too_late, sums.late, sums.open) == (4, 1, 1, 1, 1)
    assert sums.share == "33 %"


def test_a_ticket_out_of_sight_is_in_neither_list_nor_sums(cast: Cast) -> None:
    task = asked(cast)
    Ticket.objects.filter(pk=task.ticket_id).update(region="341204", team="network-3412", lead_team="network-3412")

    said = text_of(Desk(cast.supervisor).get("/collaboration"))

    assert task.ticket.number not in said
    assert "No team has asked another" in said


def test_the_file_holds_the_whole_ledger_and_nothing_personal(cast: Cast) -> None:
    task = asked(cast, "=请回电 19900006666")

    answer = Desk(cast.supervisor).get("/collaboration?as=xlsx")

    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    rows = list(book.active.values)
    assert list(book["By month and team"].values)[1][2:] == (1, 0, 0, 0, 1)
    assert rows[1][0] == task.ticket.number
    assert rows[1][3] == "=请回电 ***"
    assert all(isinstance(moment, datetime) for moment in rows[1][4:6])  # to be sorted by, not only read


def test_the_ledger_costs_the_same_however_long_it_is(cast: Cast) -> None:
    asked(cast)
    desk = Desk(cast.supervisor)
    desk.get("/collaboration")
    with CaptureQueriesContext(connection) as few:
        desk.get("/collaboration")
    for place in range(4):
        asked(cast, phone=f"1990000{place:04}")
    with CaptureQueriesContext(connection) as many:
        desk.get("/collaboration")

    assert len(few) == len(many)
    assert len(many) <= 18
