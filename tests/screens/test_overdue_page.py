"""The overdue report on the screen: what is listed, what may be recorded from it, what may be taken away."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shouwen.escalations.followers import FOLLOWERS
from shouwen.escalations.models import OverdueReport
from shouwen.handbook.moves import Move
from shouwen.service_levels.sweep import sweep
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.news import News
from tests.cast import Cast, take_in, walk
from tests.screens.desk import HTMX, Desk, address, offered, text_of
from tests.screens.test_wall import all_listed

pytestmark = [pytest.mark.django_db, pytest.mark.clause("S3.3", "S3.4")]


def told(ticket: Ticket) -> None:
    """The followers hear of what ran out on this ticket: within a test nothing is committed, so they read no news."""
    rows = TicketEvent.objects.filter(ticket=ticket, what="clock_breached")
    news = [
        News(str(ticket.pk), row.seq, row.what, row.happened_at, row.recorded_at, row.actor, row.facts) for row in rows
    ]
    for follower in FOLLOWERS:
        follower.take(news, timezone.now())


def run_out(cast: Cast, **changes: object) -> Ticket:
    """A ticket on which limits have run out."""
    received_at = timezone.now() - timedelta(days=5)
    ticket = walk(cast, take_in(cast, received_at=received_at, **changes), until=Move.DISPATCH)
    while sweep(timezone.now()):
        pass
    told(ticket)
    ticket.refresh_from_db()
    return ticket


def report(ticket: Ticket, rule: str = "overdue-complaint") -> OverdueReport:
    return OverdueReport.objects.get(ticket=ticket, rule=rule)


def talk(cast: Cast, **changes: str) -> dict[str, str]:
    """What was said, what will be done, and who sees to it by when."""
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    plain = {"overdue_cause": "routing_gap", "said": "派错了班组", "measure": "改派单规则"}
    return plain | {"measure_owner": str(cast.handler.pk), "measure_due": day} | changes


def test_what_ran_out_waits_for_its_talk_and_then_no_more(cast: Cast) -> None:
    ticket = run_out(cast)
    desk = Desk(cast.supervisor)
    overrun = report(ticket).name
    assert f"overdue-talk?overrun={overrun}" in desk.get("/overdue").content.decode()

    made = desk.make(ticket, Move.TALK_OVERDUE, overrun=overrun, **talk(cast))

    assert made.status_code == 200
    assert f"overrun={overrun}" not in desk.get("/overdue").content.decode()
    said = text_of(desk.get("/overdue?state=all&cause=routing_gap"))
    assert "派错了班组" in said
    assert "A hole in the routing rules" in said
    assert "改派单规则" in text_of(desk.get("/overdue?state=open"))


@pytest.mark.parametrize("missing", ["measure", "measure_owner", "measure_due"])
def test_a_talk_without_a_measure_its_owner_and_its_date_is_no_talk(cast: Cast, missing: str) -> None:
    """Because the report asks for cause and measure (S3.3), and what nobody sees to by no date is not done."""
    ticket = run_out(cast)
    desk = Desk(cast.supervisor)

    refused = desk.make(ticket, Move.TALK_OVERDUE, overrun=report(ticket).name, **talk(cast, **{missing: ""}))

    assert refused.status_code == 422
    assert f"overrun={report(ticket).name}" in desk.get("/overdue").content.decode()


def test_a_measure_with_a_date_is_late_after_it_and_done_when_somebody_says_so(cast: Cast) -> None:
    ticket = run_out(cast)
    desk = Desk(cast.supervisor)
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    desk.make(ticket, Move.TALK_OVERDUE, overrun=report(ticket).name, **talk(cast, measure_due=tomorrow))
    assert "改派单规则" not in text_of(desk.get("/overdue?state=late"))
    OverdueReport.objects.filter(pk=report(ticket).pk).update(measure_due_on="2026-01-01")
    assert "past its date" in text_of(desk.get("/overdue?state=late"))

    facts = {"talk": report(ticket).talk_seq, "measure_done": "true", "text": "规则已改"}
    assert desk.make(ticket, Move.FOLLOW_MEASURE, **facts).status_code == 200

    assert "改派单规则" not in text_of(desk.get("/overdue?state=open"))
    assert report(ticket).measure == OverdueReport.DONE


def test_a_measure_due_yesterday_is_refused_at_its_field(cast: Cast) -> None:
    ticket = run_out(cast)

    answer = Desk(cast.supervisor).make(
        ticket, Move.TALK_OVERDUE, overrun=report(ticket).name, **talk(cast, measure_due="2026-01-01")
    )

    assert answer.status_code == 422
    assert "派错了班组" in answer.content.decode()


def test_a_talk_is_corrected_from_what_it_said(cast: Cast) -> None:
    ticket = run_out(cast)
    desk = Desk(cast.supervisor)
    desk.make(ticket, Move.TALK_OVERDUE, overrun=report(ticket).name, **talk(cast))

    asked = desk.ask(ticket, Move.TALK_OVERDUE, overrun=report(ticket).name)

    assert "派错了班组" in asked.content.decode()


def test_a_talk_of_before_that_named_nobody_is_read_as_it_is(cast: Cast) -> None:
    """Because owner and date were not asked for once, and what was written down then stays readable."""
    ticket = run_out(cast)
    desk = Desk(cast.supervisor)
    desk.make(ticket, Move.TALK_OVERDUE, overrun=report(ticket).name, **talk(cast))
    OverdueReport.objects.filter(pk=report(ticket).pk).update(measure_owner=None, measure_due_on=None)

    assert "改派单规则" in text_of(desk.get("/overdue?state=open"))
    assert desk.get("/overdue?state=open&as=csv").status_code == 200


def test_from_the_list_one_comes_back_to_the_list(cast: Cast) -> None:
    ticket = run_out(cast)
    desk = Desk(cast.supervisor)
    facts = {"seen": ticket.last_seq, "overrun": report(ticket).name, **talk(cast)}

    answer = desk.post(
        address(ticket, Move.TALK_OVERDUE), facts, headers={**HTMX, "HX-Current-URL": "http://testserver/overdue"}
    )

    assert answer["HX-Refresh"] == "true"


def test_the_talk_is_offered_on_the_ticket_only_where_something_ran_out(cast: Cast) -> None:
    assert Move.TALK_OVERDUE in offered(Desk(cast.supervisor).open(run_out(cast)))
    assert Move.TALK_OVERDUE not in offered(Desk(cast.handler).open(Ticket.objects.get()))


def test_the_file_holds_what_the_filters_leave_and_no_formula(cast: Cast) -> None:
    ticket = run_out(cast)
    desk = Desk(cast.supervisor)
    desk.make(ticket, Move.TALK_OVERDUE, overrun=report(ticket).name, **talk(cast, said="=1+1 请联系 19900006666"))

    answer = desk.get("/overdue?state=talked&as=xlsx")

    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    rows = list(sheet.values)
    assert [row[0] for row in rows[1:]] == [ticket.number]
    assert "=1+1 请联系 ***" in rows[1]
    assert sheet.cell(2, 9).data_type == "s"
    due, over = rows[1][3], rows[1][4]
    assert isinstance(due, datetime)  # to be sorted and counted with, not only read
    assert isinstance(over, int)


def test_the_months_lead_to_their_overruns(cast: Cast) -> None:
    ticket = run_out(cast)
    body = Desk(cast.supervisor).get("/overdue").content.decode()

    [month] = set(re.findall(r"state=all&amp;month=(\d{4}-\d\d)", body))

    listed = Desk(cast.supervisor).get(f"/overdue?state=all&month={month}").content.decode()
    assert ticket.number in listed


def test_the_list_costs_the_same_however_long_it_is(cast: Cast) -> None:
    run_out(cast)
    desk = Desk(cast.supervisor)
    desk.get("/overdue")
    with CaptureQueriesContext(connection) as few:
        desk.get("/overdue?state=all")
    for place in range(4):
        run_out(cast, phone=f"1990000{place:04}")
    with CaptureQueriesContext(connection) as many:
        desk.get("/overdue?state=all")

    assert len(few) == len(many)
    assert len(many) <= 20


def test_a_ticket_has_one_row_with_all_its_limits_that_ran_out(cast: Cast) -> None:
    """Because five rows of one ticket look like five tickets, and push the others off the page."""
    ticket, other = run_out(cast), run_out(cast, phone="19900005678")
    limits = OverdueReport.objects.filter(ticket=ticket)
    assert limits.count() > 1
    desk = Desk(cast.supervisor)

    body = desk.get("/overdue?state=all").content.decode()

    assert re.findall(r'data-row[^>]*href="/tickets/([^"]+)"', body) == [other.number, ticket.number]
    row = next(part for part in body.split("<tr ") if f'/tickets/{ticket.number}"' in part)
    assert row.count("<li>") == limits.count()
    for one in limits:
        assert f"overrun={one.name}" in row


def test_a_row_keeps_to_the_limits_the_filters_leave(cast: Cast) -> None:
    ticket = run_out(cast)
    desk = Desk(cast.supervisor)
    body = desk.get("/overdue?state=all&rule=overdue-complaint").content.decode()

    shown = body.partition('id="list"')[2].partition("</tbody>")[0]
    assert re.findall(r'href="[^"]+overrun=([\w-]+)@', shown) == ["overdue-complaint"]
    assert ticket.number in shown


def test_pages_of_the_report_hold_each_ticket_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shouwen.desk.paging.ROWS", 2)
    tickets = {run_out(cast, phone=f"1990000{place:04}").number for place in range(5)}

    found = all_listed(Desk(cast.supervisor), "/overdue?state=all")

    assert len(found) == 5
    assert set(found) == tickets


def test_an_overrun_out_of_sight_is_not_listed(cast: Cast) -> None:
    ticket = run_out(cast)
    Ticket.objects.filter(pk=ticket.pk).update(region="341204", team="billing", lead_team="billing")

    assert ticket.number not in Desk(cast.supervisor).get("/overdue?state=all").content.decode()
