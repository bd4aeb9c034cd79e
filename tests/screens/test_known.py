"""What is known of customers comes in from a table: looked at, confirmed, written once; errors come back."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from shouwen.customers import facts
from shouwen.customers.actions import erase_customer
from shouwen.customers.facts import facts_of
from shouwen.customers.models import CustomerFact
from shouwen.vault.models import VaultItem
from shouwen.vault.queries import kept_under
from tests.cast import Cast
from tests.screens.desk import HTMX, Desk, taken_in, text_of
from tests.screens.workbooks import sheets

pytestmark = [pytest.mark.django_db, pytest.mark.clause("S2.1a")]

KNOWN = "/customers/known"
PHONE, OTHER = "19900001234", "19900005678"
HEADINGS = ["联系电话", "业务", "光猫", "路由器", "账单", "关怀", "来源", "截至日期"]
GOOD = [PHONE, "129 元套餐", "HG8245", "AX3", "", "", "营账系统", "2026-03-01"]


def table(*rows: list[Any], headings: list[str] = HEADINGS) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in (headings, *rows):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def send(desk: Desk, file: bytes, act: str = "look", **more: str) -> HttpResponse:
    given = {"file": SimpleUploadedFile("客户.xlsx", file), "act": act, **more}
    return desk.post(KNOWN, given, headers=HTMX if act != "report" else {})


def take_in(desk: Desk, file: bytes, **more: str) -> str:
    """Looks at a table and takes it in; what the page said."""
    looked = send(desk, file, **more).content.decode()
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', looked)[1]
    return text_of(send(desk, file, "take_in", seen=seen, **more))


def known(customer: Any) -> set[tuple[str, str, str]]:
    return {(one.kind, one.text, one.source) for one in facts_of(customer)}


def test_a_table_is_looked_at_before_anything_is_written_and_written_once(cast: Cast) -> None:
    ticket = taken_in(cast)
    desk, file = Desk(cast.agent), table(GOOD)

    looked = text_of(send(desk, file))
    assert "would be written down 1" in looked
    assert "Write 3 facts down" in looked
    assert "199****1234" in looked
    assert PHONE not in looked
    assert not CustomerFact.objects.exists()

    assert "written down 1" in take_in(desk, file)
    assert known(ticket.customer_id) == {
        ("service", "129 元套餐", "营账系统"),
        ("device", "HG8245", "营账系统"),
        ("device", "AX3", "营账系统"),
    }
    assert set(CustomerFact.objects.values_list("recorded_by", "as_of")) == {
        (f"person:{cast.agent.pk}", date(2026, 3, 1))
    }
    again = text_of(send(desk, file))
    assert "there already 1" in again
    assert "There is nothing new to take in." in again


def test_what_was_known_is_known_again_as_of_a_later_day_and_not_twice(cast: Cast) -> None:
    """Because the same table comes every month, and a page with the same package twelve times tells nothing."""
    ticket = taken_in(cast)
    desk = Desk(cast.agent)
    take_in(desk, table(GOOD))

    said = take_in(desk, table([*GOOD[:7], "2026-04-01"]))

    assert "known before, now as of a later day 1" in said
    assert {fact.as_of for fact in facts_of(ticket.customer_id)} == {date(2026, 4, 1)}
    assert CustomerFact.objects.filter(ended_at=None).count() == 3
    assert CustomerFact.objects.exclude(ended_at=None).count() == 3
    assert "there already 1" in text_of(send(desk, table(GOOD)))


def test_a_row_that_stands_there_twice_is_written_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    taken_in(cast)
    desk, file = Desk(cast.agent), table(GOOD, GOOD, GOOD)

    for size in (500, 1):
        monkeypatch.setattr("shouwen.intake.known.BATCH", size)
        looked = text_of(send(desk, file))
        assert "would be written down 1" in looked
        assert "there already 2" in looked
    assert "Write 3 facts down" in looked
    take_in(desk, file)

    assert CustomerFact.objects.count() == 3


WRONG = [
    (["12", *GOOD[1:]], "A “联系电话”: This is no phone number"),
    (["", *GOOD[1:]], "A “联系电话”: Nothing says whose this is."),
    ([*GOOD[:7], "昨天"], "H “截至日期”: “昨天” is not a time"),
    ([*GOOD[:7], ""], "H “截至日期”: Say as of which day"),
    ([*GOOD[:6], "", GOOD[7]], "G “来源”: Say where this is known from."),
    ([*GOOD[:7], "2999-01-01"], "H “截至日期”: Nothing is known as of a day to come."),
    ([PHONE, "长" * 301, *GOOD[2:]], "B “业务”: Say it in at most 300 characters."),
    ([*GOOD[:5], "要客气", *GOOD[6:]], "F “关怀”: Choose how this customer is to be treated."),
    ([PHONE, "", "", "", "", "", "营账系统", "2026-03-01"], "It says nothing of them"),
]


@pytest.mark.parametrize(("row", "says"), WRONG, ids=[says[:24] for _row, says in WRONG])
def test_what_is_wrong_is_told_by_row_and_column_with_what_to_do(cast: Cast, row: list[str], says: str) -> None:
    taken_in(cast)

    said = text_of(send(Desk(cast.agent), table(GOOD, row)))

    assert "refused 1" in said
    assert "row 3" in said
    assert says in said
    assert "would be written down 1" in said


def test_all_that_is_wrong_with_a_row_is_told_at_once(cast: Cast) -> None:
    said = text_of(send(Desk(cast.agent), table(["12", "套餐", "", "", "", "要客气", "", "昨天"])))

    for place in ("A “联系电话”", "F “关怀”", "G “来源”", "H “截至日期”"):
        assert place in said


@pytest.mark.clause("T1.3b")
def test_nothing_is_kept_of_who_has_never_complained(cast: Cast) -> None:
    """Because only what is needed is kept, and a list of all subscribers is not."""
    desk = Desk(cast.administrator)

    said = text_of(send(desk, table(GOOD)))

    assert "no customer here 1" in said
    assert "nothing is kept of anybody else" in said
    assert "There is nothing new to take in." in said


@pytest.mark.clause("H7.3.1")
def test_of_whom_one_sees_no_ticket_one_writes_nothing_but_an_administrator_may(cast: Cast) -> None:
    elsewhere = taken_in(cast, region="341204", phone=OTHER)
    row = [OTHER, *GOOD[1:]]

    assert "no customer here 1" in text_of(send(Desk(cast.other_handler), table(row)))
    take_in(Desk(cast.administrator), table(row))

    assert len(known(elsewhere.customer_id)) == 3


@pytest.mark.clause("T1.3")
def test_numbers_and_names_are_masked_and_the_words_sealed_under_their_customer(cast: Cast) -> None:
    ticket = taken_in(cast)

    take_in(
        Desk(cast.agent),
        table([PHONE, "副卡 13912345678", "", "", "", "老年客户", "王小明 13912345678", "2026-03-01"]),
    )

    assert {text for _kind, text, _source in known(ticket.customer_id)} >= {"副卡 139****5678"}
    assert "13912345678" not in str(known(ticket.customer_id))
    assert VaultItem.objects.filter(subject_id=ticket.customer_id).count() >= 2
    now = timezone.now()
    erase_customer(ticket.customer_id, not_before=now - timedelta(days=1), by="person:x", reason="请求", at=now)
    assert "no customer here" in text_of(send(Desk(cast.administrator), table(GOOD)))


def test_what_stays_out_comes_back_to_be_mended_and_sent_again(cast: Cast) -> None:
    ticket = taken_in(cast)
    desk = Desk(cast.agent)

    answer = send(desk, table(GOOD, [*GOOD[:7], "昨天"]), "report")
    rows = next(iter(sheets(answer).values()))

    assert list(rows[0]) == ["row", "reason", *HEADINGS]
    assert rows[1][0] == "3"
    assert "昨天" in rows[1][1]
    mended = table([*rows[1][:-1], "2026-03-02"], headings=list(rows[0]))
    assert "is not recognised" not in text_of(send(desk, mended))
    take_in(desk, mended)
    assert len(known(ticket.customer_id)) == 3


def test_another_file_than_the_one_looked_at_is_not_written(cast: Cast) -> None:
    taken_in(cast)

    said = text_of(send(Desk(cast.agent), table(GOOD), "take_in", seen="0" * 64))

    assert "This is another file" in said
    assert not CustomerFact.objects.exists()


def test_one_source_and_one_day_may_hold_for_the_whole_table(cast: Cast) -> None:
    ticket = taken_in(cast)
    file = table([float(PHONE), "129 元套餐"], headings=["手机号", "套餐"])

    take_in(Desk(cast.agent), file, source="CRM", as_of="2026-03-01")

    assert known(ticket.customer_id) == {("service", "129 元套餐", "CRM")}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_template_filled_in_with_its_own_words_is_understood(cast: Cast, language: str) -> None:
    taken_in(cast, phone="19900000000")
    desk = Desk(cast.agent, language=language)
    book = load_workbook(io.BytesIO(b"".join(desk.get(f"{KNOWN}/template").streaming_content)))
    sheet, example = book.worksheets[0], book.worksheets[1]
    assert all(cell.comment for cell in sheet[1])
    cares = [row[1] for row in book.worksheets[2].iter_rows(min_row=2, values_only=True)]
    for care in cares:
        [row] = [list(row) for row in example.iter_rows(min_row=2, values_only=True)]
        row[[cell.value for cell in sheet[1]].index({"zh-hans": "服务提示", "en": "care"}[language])] = care
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)

    take_in(desk, file.getvalue())

    assert CustomerFact.objects.filter(kind="care").count() == len(cares) == 6
    assert CustomerFact.objects.filter(kind="service").count() == 1


REFUSED = [
    ("a.xlsx", b"PK\x03\x04nothing", "cannot be read as a workbook"),
    ("a.csv", "天气,温度\n晴,20\n".encode(), "No column says whose it is"),
    ("a.csv", "电话,温度\n19900001234,20\n".encode(), "No column says what is known"),
]


@pytest.mark.parametrize(("name", "content", "says"), REFUSED, ids=["broken", "other", "empty"])
def test_a_file_that_cannot_be_read_says_what_to_do(cast: Cast, name: str, content: bytes, says: str) -> None:
    answer = Desk(cast.administrator).post(KNOWN, {"file": SimpleUploadedFile(name, content), "act": "look"})

    assert answer.status_code == 422
    assert says in text_of(answer)


def test_what_lies_sealed_is_opened_once_however_many_batches_a_table_has(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Because a customer of many services stands in every batch, and opening them again took the most of the time."""
    taken_in(cast)
    monkeypatch.setattr("shouwen.intake.known.BATCH", 2)
    asked: list[set[str]] = []
    monkeypatch.setattr(facts, "kept_under", lambda tokens: asked.append(set(tokens)) or kept_under(tokens))

    take_in(Desk(cast.agent), table(*([PHONE, f"套餐 {n}", *GOOD[2:]] for n in range(8))))

    assert CustomerFact.objects.count() == 10
    assert len(asked[-1]) == 2
    assert sum(map(len, asked)) == len(set().union(*asked))


def test_many_rows_cost_no_more_questions_than_few(cast: Cast) -> None:
    for number in range(8):
        taken_in(cast, phone=f"1990000567{number}")
    desk = Desk(cast.agent)

    def asked(rows: int) -> int:
        file = table(*([f"1990000567{n}", f"套餐 {rows}", *GOOD[2:]] for n in range(rows)))
        seen = re.search(r'name="seen" value="([0-9a-f]{64})"', send(desk, file).content.decode())[1]
        with CaptureQueriesContext(connection) as captured:
            send(desk, file, "take_in", seen=seen)
        return len(captured)

    asked(1)  # from now on something is known
    assert asked(8) == asked(2)
    assert CustomerFact.objects.filter(kind="service").count() == 11
