"""A list taken away as a file: all of it and nothing else, masked, without formulas, and written down."""

from __future__ import annotations

import io

import pytest
from django.http import FileResponse
from openpyxl import load_workbook

from shouwen.tickets.models import Ticket
from shouwen.vault.models import AccessLog
from tests.cast import Cast
from tests.screens.desk import Desk, taken_in, text_of
from tests.screens.test_desk_queues import many

pytestmark = [pytest.mark.django_db, pytest.mark.clause("T6.2")]

OWN = "/queues/my_first_ownership"


def taken(desk: Desk, page: str = OWN, kind: str = "csv", query: str = "") -> FileResponse:
    return desk.post(f"{page}/export?{query}", {"reason": "周会材料，服务部", "kind": kind})


def lines(answer: FileResponse) -> list[str]:
    return b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()


@pytest.mark.clause("T1.3b")
def test_a_list_is_taken_away_masked_and_whole(cast: Cast) -> None:
    many(cast, 60)
    ticket = taken_in(cast, name="张三丰")

    rows = lines(taken(Desk(cast.agent, language="zh-hans")))

    assert len(rows) == 62
    own = next(row for row in rows if ticket.number in row)
    assert "199****1234" in own
    assert "张**" in own
    assert not any("19900001234" in row or "张三丰" in row for row in rows)
    assert "网络质量 › 信号覆盖 › 信号弱" in own


def test_the_file_holds_what_the_list_is_narrowed_to_in_its_order(cast: Cast) -> None:
    numbers = many(cast, 3)
    fault = taken_in(cast, ticket_type="fault", category="network.broadband.outage")

    rows = lines(taken(Desk(cast.agent), query="ticket_type=complaint&order=oldest"))

    assert [row.partition(",")[0] for row in rows[1:]] == numbers[::-1]
    assert not any(fault.number in row for row in rows)


@pytest.mark.clause("H7.3.1")
def test_nothing_leaves_that_its_reader_may_not_see(cast: Cast) -> None:
    here = taken_in(cast)
    elsewhere = taken_in(cast, region="341204", phone="19900005678")
    Ticket.objects.filter(pk=elsewhere.pk).update(first_owner=cast.other_agent)

    rows = "\n".join(lines(taken(Desk(cast.supervisor), "/queues/all")))

    assert here.number in rows
    assert elsewhere.number not in rows
    assert Desk(cast.administrator).post("/queues/all/export", {"reason": "x", "kind": "csv"}).status_code == 403
    assert taken(Desk(cast.agent), "/queues/to_approve").status_code == 404


def test_no_cell_is_a_formula(cast: Cast) -> None:
    ticket = taken_in(cast)
    Ticket.objects.filter(pk=ticket.pk).update(title="=HYPERLINK(1)")

    assert "'=HYPERLINK" in "\n".join(lines(taken(Desk(cast.agent))))
    book = b"".join(taken(Desk(cast.agent), kind="xlsx").streaming_content)
    cells = [cell for row in load_workbook(io.BytesIO(book)).active.iter_rows() for cell in row]
    assert any(cell.value == "=HYPERLINK(1)" and cell.data_type == "s" for cell in cells)


def test_who_took_it_away_and_what_for_is_written_down_first(cast: Cast) -> None:
    taken_in(cast)
    taken(Desk(cast.agent), query="ticket_type=complaint")

    row = AccessLog.objects.get()

    assert (row.what, row.by, row.reason) == ("handed_out", str(cast.agent.pk), "周会材料，服务部")
    assert row.about == f"{OWN}?ticket_type=complaint"


def test_without_a_reason_nothing_leaves(cast: Cast) -> None:
    taken_in(cast)

    answer = Desk(cast.agent).post(f"{OWN}/export", {"reason": " ", "kind": "csv"})

    assert answer.status_code == 409
    assert "Take this list away" in text_of(answer)
    assert not AccessLog.objects.exists()


def test_a_file_cut_off_says_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for most in ("shouwen.desk.exporting.MOST_ROWS", "shouwen.desk.pages.exports.HandingOut.most"):
        monkeypatch.setattr(most, 3)
    many(cast, 5)

    rows = lines(taken(Desk(cast.agent)))

    assert sum("AH-" in row for row in rows) == 3
    assert len(rows) > 4
