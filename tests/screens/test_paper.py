"""The record of a case on paper: everything the handbook lists, masked unless somebody says for what."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shouwen.handbook.lifecycle import Move
from shouwen.people.actions import make_person
from shouwen.vault.models import AccessLog
from tests.cast import Cast, walked
from tests.files import sent
from tests.screens.desk import Desk, address, brought_to, taken_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.clause("H5.3.1", "H5.3.3")]


def test_it_says_everything_the_handbook_lists(cast: Cast, settings) -> None:
    settings.SHOUWEN_CARRIER = "安徽某电信运营商"
    ticket = walked(cast, Move.ARCHIVE)

    page = text_of(Desk(cast.supervisor).get(f"{address(ticket)}/paper"))

    for said in (
        "Archive file of a complaint",
        "安徽某电信运营商",
        ticket.number,
        "199****1234",  # contact
        "家里信号很弱",  # content
        "坐席甲",  # who took it in
        "处理甲",  # who handled it
        "调整邻区参数",  # solution
        "参数已调整并复测",  # result
        "Phone",  # manner
        "已优化",  # what the customer was told
        "已恢复",  # what they said
        "已解决",  # outcome
        "kept in time",
        "Handler",
        "Head of department",
        "Seal",
        "Date",
    ):
        assert said in page, said


def test_what_is_not_over_is_a_record_and_no_archive_file(cast: Cast) -> None:
    page = text_of(Desk(cast.agent).get(f"{address(taken_in(cast))}/paper"))

    assert "Record of a complaint" in page
    assert "Archive file" not in page
    assert "Not settled yet." in page


@pytest.mark.clause("T6.2")
def test_in_full_it_takes_a_reason_and_is_written_down(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)
    masked = desk.get(f"{address(ticket)}/paper")
    assert "19900001234" not in masked.content.decode()
    assert desk.post(f"{address(ticket)}/paper", {"reason": " "}).status_code == 409
    assert not AccessLog.objects.exists()

    full = desk.post(f"{address(ticket)}/paper", {"reason": "纸质归档"})

    assert "19900001234" in text_of(full)
    assert "某客户" in text_of(full)
    assert "contains personal data" in text_of(full)
    assert full["Cache-Control"] == "no-store"
    assert {(row.what, row.reason, row.about) for row in AccessLog.objects.all()} == {
        ("revealed", "纸质归档", ticket.number)
    }


def test_whoever_may_not_see_personal_data_prints_without_it(cast: Cast) -> None:
    ticket = taken_in(cast)
    desk = Desk(make_person("analyst", display_name="分析", roles=["analyst"], regions=["0"]))

    page = desk.post(f"{address(ticket)}/paper", {"reason": "好奇"})

    assert "199****1234" not in text_of(page)
    assert "Show in full" not in text_of(page)
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize("who", ["other_agent", "handler", "administrator"])
def test_a_ticket_out_of_sight_is_not_printed(cast: Cast, who: str) -> None:
    ticket, desk = taken_in(cast), Desk(getattr(cast, who))

    assert desk.get(f"{address(ticket)}/paper").status_code in {403, 404}
    assert desk.post(f"{address(ticket)}/paper", {"reason": "x"}).status_code in {403, 404}


def test_a_name_of_a_file_is_personal_and_stands_there_only_in_full(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)
    desk.post(f"{address(ticket)}/attachments", {"form": "1", "file": sent(name="王小明账单.pdf")})

    assert "王小明账单" not in text_of(desk.get(f"{address(ticket)}/paper"))
    assert "王小明账单.pdf" in text_of(desk.post(f"{address(ticket)}/paper", {"reason": "归档"}))


def test_a_long_history_is_printed_with_no_more_questions(cast: Cast) -> None:
    ticket, desk = brought_to(cast, Move.CLOSE), Desk(cast.agent)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.get(f"{address(ticket)}/paper")
        return len(queries)

    asked()
    short = asked()
    for n in range(5):
        desk.make(ticket, Move.NOTE, text=f"第 {n} 次联系")
    assert asked() <= short


def test_the_tickets_page_leads_there(cast: Cast) -> None:
    ticket = taken_in(cast)

    assert f'href="{address(ticket)}/paper"' in Desk(cast.agent).open(ticket).content.decode()
