"""Tables that show nobody's customers go away by one press; those that do ask what for, by whatever way one comes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from shouwen.handbook.moves import Move
from shouwen.people.models import Handover
from shouwen.tickets.models import Ticket
from shouwen.vault.models import AccessLog
from tests.cast import Cast
from tests.screens.desk import Desk, address, ahead, brought_to, taken_in
from tests.screens.test_asking import told
from tests.screens.test_list_export import lines, taken
from tests.screens.test_macros import NOTE, made
from tests.screens.test_notices import tell
from tests.screens.test_views import keep
from tests.screens.workbooks import sheets

pytestmark = [pytest.mark.django_db, pytest.mark.clause("M3.3")]

FORMULA = "=HYPERLINK(1)"
# Page, who takes it away, its tables in order, and a word that its first table has.
TABLES = [
    ("/macros", "supervisor", ["Macros"], FORMULA),
    ("/views", "supervisor", ["Views"], FORMULA),
    ("/notices", "handler", ["Notices"], "AH-"),
    ("/rules", "administrator", ["Editions", "Drafts"], "in force"),
    ("/rules/appendices/duties", "agent", ["Duties"], ""),
    ("/rules/appendices/time-limits", "agent", ["Time limits", "Service indicators"], ""),
    ("/calendars", "agent", None, "off"),
    ("/wall", "supervisor", ["In hand, by person", "In hand, by team", "Open, by region"], "处理甲"),
    ("{ticket}/ledger", "agent", ["Clocks", "Stretches of time", "Shift by shift"], ""),
]


def lively(cast: Cast) -> Ticket:
    """A desk with something in every table; the ticket some are about."""
    ticket = brought_to(cast, Move.INVESTIGATE)
    tell(cast, ticket, 2)
    made(cast, NOTE, name=FORMULA)
    keep(Desk(cast.supervisor), FORMULA)
    return ticket


@pytest.mark.parametrize(("page", "who", "names", "word"), TABLES, ids=[row[0] for row in TABLES])
def test_a_table_goes_away_as_a_workbook_and_as_csv(
    cast: Cast, page: str, who: str, names: list[str] | None, word: str
) -> None:
    page = page.format(ticket=address(lively(cast)))
    desk = Desk(getattr(cast, who))

    body = desk.get(page).content.decode()
    book = sheets(desk.get(page, {"as": "xlsx"}))

    assert "?as=xlsx" in body
    assert names is None or list(book)[: len(names)] == names
    first = next(iter(book.values()))
    assert len(first) > 1, "an empty table would show nothing"
    assert word in str(first)
    for number in range(1, len(names or [""]) + 1):
        answer = desk.get(page, {"as": "csv", "table": number})
        rows = lines(answer)
        heads = list(book.values())[number - 1][0]
        assert rows[0].split(",")[0] == heads[0]
        assert f"table={number}" in body or len(names or [""]) == 1
    assert not any(row.startswith(("=", '"=')) for row in lines(desk.get(page, {"as": "csv"})))


def test_a_table_there_is_not_is_the_first(cast: Cast) -> None:
    desk = Desk(cast.supervisor)

    for odd in ("0", "99", "-1", "二", "٣", ""):
        assert lines(desk.get("/wall", {"as": "csv", "table": odd}))[0].startswith("Person")


def test_the_drafts_go_to_who_has_a_hand_in_them_alone(cast: Cast) -> None:
    assert "Drafts" in sheets(Desk(cast.administrator).get("/rules?as=xlsx"))
    assert "Drafts" not in sheets(Desk(cast.agent).get("/rules?as=xlsx"))
    assert "Draft" not in lines(Desk(cast.agent).get("/rules?as=csv&table=2"))[0]


@pytest.mark.clause("S3.3")
def test_the_file_of_the_wall_holds_whom_the_wall_has_no_room_for(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shouwen.desk.pages.wall.PEOPLE_SHOWN", 0)
    brought_to(cast, Move.INVESTIGATE)

    rows = sheets(Desk(cast.supervisor).get("/wall?as=xlsx"))["In hand, by person"]

    assert next(row for row in rows if row[0] == str(cast.handler))[1] == 1


def test_a_month_of_a_calendar_is_a_row_a_day(cast: Cast) -> None:
    rows = next(iter(sheets(Desk(cast.agent).get("/calendars?month=2026-02&as=xlsx")).values()))

    assert len(rows) == 1 + 28
    assert f"{rows[1][0]:%Y-%m-%d}" == "2026-02-01"


def test_the_notices_of_one_ticket_go_away_alone(cast: Cast) -> None:
    one, other = brought_to(cast, Move.INVESTIGATE), brought_to(cast, Move.INVESTIGATE, phone="19900005678")
    tell(cast, one), tell(cast, other)

    file = "\n".join(lines(Desk(cast.handler).get(f"/notices?ticket={one.pk}&as=csv")))

    assert one.number in file
    assert other.number not in file


def test_a_longer_table_costs_no_more_questions(cast: Cast) -> None:
    ticket = lively(cast)

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            for page in ("/macros", "/views", "/wall"):
                assert lines(Desk(cast.supervisor).get(page, {"as": "csv"}))
            assert lines(Desk(cast.handler).get("/notices?as=csv"))
        return len(captured)

    few = asked()
    tell(cast, ticket, 4)
    for n in range(4):
        made(cast, NOTE, name=f"宏{n}"), keep(Desk(cast.supervisor), f"视图{n}")

    assert asked() <= few


# With customers in them


@pytest.mark.clause("T1.3b")
def test_the_messages_of_a_ticket_the_board_and_a_handover_ask_what_for(cast: Cast) -> None:
    told(cast)
    messaged = Ticket.objects.get()
    held = brought_to(cast, Move.INVESTIGATE, phone="19900005678")
    elsewhere = taken_in(cast, region="341204", phone="19900005679")
    handler, supervisor = Desk(cast.handler), Desk(cast.supervisor)
    handler.make(held, Move.PROMISE, due_at=ahead(3), text="回电")
    handler.post("/duty/network-3401/handover", {f"note-{held.number}": FORMULA, "notes": "钥匙在值班室"})
    list_of_shift = f"/handovers/{Handover.objects.get().pk}"
    expected = {
        f"{address(messaged)}/messages": "199****1234",
        "/load?team=network-3401": held.number,
        list_of_shift: f"'{FORMULA}",
    }

    for page, word in expected.items():
        path, _mark, query = page.partition("?")
        shown = supervisor.get(page).content.decode()
        assert f"{path}/export" in shown, page
        led = supervisor.get(page, {**dict([query.split("=")] if query else []), "as": "xlsx"})
        assert led["Location"] == f"{path}/export?{query}".removesuffix("?")
        assert supervisor.post(f"{path}/export?{query}", {"reason": " ", "kind": "csv"}).status_code == 409
        file = "\n".join(lines(taken(supervisor, path, query=query)))
        assert word in file, page
        assert "19900001234" not in file
        assert elsewhere.number not in file
        assert AccessLog.objects.get(about=page).reason == "周会材料，服务部"
    assert "钥匙在值班室" in "\n".join(lines(taken(supervisor, list_of_shift)))
    assert Desk(cast.other_handler).get(f"{list_of_shift}/export").status_code == 404
    assert Desk(cast.other_handler).get(f"{address(held)}/messages/export").status_code == 404


def test_a_list_with_customers_in_it_leads_from_its_address_to_the_question(cast: Cast) -> None:
    desk = Desk(cast.supervisor)

    assert desk.get("/queues/all?as=xlsx&order=oldest")["Location"] == "/queues/all/export?order=oldest"
    assert desk.get("/wall/open?as=csv")["Location"] == "/wall/open/export"
    assert Desk(cast.administrator).get("/queues/all?as=xlsx").status_code == 403


def about(answer: HttpResponse) -> dict[str, Any]:
    """What a workbook says of itself."""
    return {row[0]: row[1] for row in sheets(answer)["About this file"][1:]}


def test_a_file_says_from_where_it_comes_who_took_it_and_by_which_filters(cast: Cast) -> None:
    desk, page = Desk(cast.administrator), "/administration/people?role=handler&as=xlsx"

    said = about(desk.get(page))
    assert said["Page"] == "/administration/people?role=handler"
    assert "Handler" in said["Filters"]
    assert said["Rows: People"] == len(sheets(desk.get(page))["People"]) - 1
    assert said["Taken away by"].startswith(cast.administrator.display_name)
    assert "Asia/Shanghai" in said["Taken away at"]
    assert said["Rules in force then"]


def test_a_list_with_customers_in_it_says_what_it_was_taken_for_as_well(cast: Cast) -> None:
    taken_in(cast)

    said = about(taken(Desk(cast.supervisor), "/queues/all", query="ticket_type=complaint", kind="xlsx"))

    assert said["What it is for"] == AccessLog.objects.get().reason
    assert said["Page"] == AccessLog.objects.get().about == "/queues/all?ticket_type=complaint"
    assert said["Filters"] == "Complaint"


def test_a_file_of_a_page_with_several_tables_counts_each(cast: Cast) -> None:
    said = about(Desk(cast.supervisor).get("/wall?as=xlsx"))

    assert {"Rows: In hand, by person", "Rows: In hand, by team", "Rows: Open, by region"} <= set(said)


def test_the_list_of_a_shift_says_who_handed_it_over_and_who_took_it(cast: Cast) -> None:
    brought_to(cast, Move.INVESTIGATE)
    supervisor = Desk(cast.supervisor)
    supervisor.post("/duty/network-3401/handover", {"notes": "钥匙在值班室"})
    shift = Handover.objects.get()
    Desk(cast.handler).post(f"/handovers/{shift.pk}/confirmation", {"remark": "已清点"})

    rows = sheets(taken(supervisor, f"/handovers/{shift.pk}", kind="xlsx"))
    first = next(iter(rows.values()))

    heads = first[0]
    for row in first[1:]:
        said = dict(zip(heads, row, strict=True))
        assert said["By whom"] == str(cast.supervisor)
        assert said["By whom it was taken"] == str(cast.handler)
        assert said["Remark"] == "已清点"
        assert said["Handed over"] <= said["Taken over"]
    assert len(first) == 3
