"""Leaving the demo behind: the first steps, and the old spreadsheets moved in at the desk."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from shouwen.intake.sheets import opened
from shouwen.people.actions import make_api_key, make_person
from shouwen.people.models import ApiKey, Change, Team
from shouwen.tickets.models import Ticket
from tests.cast import Cast
from tests.screens.desk import HTMX, Desk, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.clause("H5.2")]

MOVING = "/administration/moving-in"
STEPS = "/administration/first-steps"
HEADINGS = ["编号", "受理时间", "投诉内容", "分类", "联系电话", "状态", "天气"]
GOOD = [
    "T-1",
    "2026-02-01 09:30",
    "家里没信号，请回电 19900001234",
    "network.coverage.weak",
    "19900001234",
    "已归档",
    "晴",
]
BAD = ["T-2", "昨天", "宽带慢", "network.coverage.weak", "", "", ""]


def table(*rows: list[Any]) -> SimpleUploadedFile:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return SimpleUploadedFile("合肥台账.xlsx", file.getvalue())


def send(desk: Desk, act: str, *rows: list[Any], **more: str) -> HttpResponse:
    given = {"file": table(HEADINGS, *rows), "as_": "history", "act": act, **more}
    return desk.post(MOVING, given, headers=HTMX)


def digest_in(page: HttpResponse) -> str:
    return re.search(r'name="seen" value="([0-9a-f]{64})"', page.content.decode())[1]


def test_a_table_is_looked_at_before_anything_is_written(cast: Cast) -> None:
    desk = Desk(cast.administrator)

    shown = send(desk, "look", GOOD, BAD)

    said = text_of(shown)
    assert "would be taken in 1" in said
    assert "refused 1" in said
    assert "1 column is not recognised, so nothing of it is taken in: 天气" in said
    assert said.index("天气") < said.index("Take 1 row in")  # said before it is too late
    assert re.search("受理时间 ?when it was received", said)
    assert "19900001234" not in said  # not even to whoever sent it
    assert not Ticket.objects.exists()


def test_a_reason_names_the_heading_and_not_the_field(cast: Cast) -> None:
    """Whoever keeps the table has never heard of the fields of this program."""
    open_row = [*GOOD[:4], "19900001234", "处理中", ""]

    chinese = text_of(send(Desk(cast.administrator, language="zh-hans"), "look", open_row, as_="open"))

    assert "2班组: 已派单的工单必须有班组" in chinese


def test_what_was_looked_at_is_taken_in_once(cast: Cast) -> None:
    desk = Desk(cast.administrator)
    file = table(HEADINGS, GOOD, BAD).read()

    def send_it(act: str, seen: str = "") -> HttpResponse:
        upload = SimpleUploadedFile("合肥台账.xlsx", file)
        return desk.post(MOVING, {"file": upload, "as_": "history", "act": act, "seen": seen}, headers=HTMX)

    seen = digest_in(send_it("look"))
    taken = send_it("take_in", seen)
    again = send_it("look")

    assert "taken in 1" in text_of(taken)
    assert "would be" not in text_of(taken)
    [ticket] = Ticket.objects.all()
    assert ticket.is_history
    assert "19900001234" not in ticket.description
    assert "there already 1" in text_of(again)
    assert "There is nothing new to take in." in text_of(again)


def test_another_file_than_the_one_looked_at_is_not_taken_in(cast: Cast) -> None:
    desk = Desk(cast.administrator)
    seen = digest_in(send(desk, "look", GOOD))

    answer = send(desk, "take_in", [*GOOD[:2], "另一件事", *GOOD[3:]], seen=seen)

    assert "This is another file" in text_of(answer)
    assert not Ticket.objects.exists()


def test_the_rows_that_stay_out_come_back_with_their_reasons_and_can_be_mended_there(cast: Cast) -> None:
    desk = Desk(cast.supervisor)

    report = desk.post(MOVING, {"file": table(HEADINGS, GOOD, BAD), "as_": "history", "act": "report"})

    sheet = load_workbook(io.BytesIO(b"".join(report.streaming_content))).active
    rows = [[cell.value or "" for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["row", "reason", *HEADINGS]
    assert rows[1][0] == "3"
    assert "昨天" in rows[1][1]
    assert rows[1][2:] == BAD
    mended = send(desk, "look", [BAD[0], "2026-02-03 10:00", *BAD[2:]])
    assert "would be taken in 1" in text_of(mended)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_template_filled_in_with_its_own_words_is_understood(cast: Cast, language: str) -> None:
    desk = Desk(cast.administrator, language=language)
    book = load_workbook(io.BytesIO(b"".join(desk.get(f"{MOVING}/template").streaming_content)))
    sheet, example = book.worksheets[0], book.worksheets[1]
    assert all(cell.comment for cell in sheet[1])
    for row in example.iter_rows(min_row=2, values_only=True):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)

    upload = SimpleUploadedFile("t.xlsx", file.getvalue())
    shown = desk.post(MOVING, {"file": upload, "as_": "open", "act": "look"}, headers=HTMX)

    counted = {"zh-hans": "将会导入 2", "en": "would be taken in 2"}[language]
    assert counted in text_of(shown)
    refused = {"zh-hans": "被拒绝", "en": "refused"}[language]
    assert not re.search(f"{refused} [1-9]", text_of(shown))


REFUSED = [
    (SimpleUploadedFile("a.docx", b"PK\x03\x04nothing"), "no workbook, CSV or JSON lines"),
    (SimpleUploadedFile("a.xlsx", b"PK\x03\x04nothing"), "cannot be read as a workbook"),
    (SimpleUploadedFile("a.csv", "天气,温度\n晴,20\n".encode()), "No column says what happened."),
]


@pytest.mark.parametrize(("file", "says"), REFUSED, ids=["docx", "broken", "other"])
def test_a_file_that_cannot_be_moved_in_says_what_to_do(cast: Cast, file: SimpleUploadedFile, says: str) -> None:
    answer = Desk(cast.administrator).post(MOVING, {"file": file, "as_": "open", "act": "look"})

    assert answer.status_code == 422
    assert says in text_of(answer)
    assert "tmp" not in text_of(answer)


def test_the_command_line_reads_workbooks_too(tmp_path: Any) -> None:
    path = tmp_path / "cases.xlsx"
    path.write_bytes(table(HEADINGS, GOOD).read())

    with opened(path) as sheet:
        rows = list(sheet)

    assert sheet.heading == HEADINGS
    assert [(row.number, row.cells["编号"]) for row in rows] == [(2, "T-1")]


def test_the_guide_ticks_what_it_can_see(cast: Cast, settings: Any) -> None:
    settings.DEMO = False
    desk = Desk(cast.administrator)

    def done() -> set[str]:
        page = desk.get(STEPS).content.decode()
        return set(re.findall(r'<li class="card is-done">.*?id="step-(\w+)"', page, re.DOTALL))

    assert "demo" in done()
    assert "people" not in done()
    make_person("second", display_name="主管乙", roles=["supervisor"], regions=["3401"])
    assert "people" in done()
    make_person("demo-agent", display_name="演示", roles=["agent"])
    assert "demo" not in done()
    assert "teams" not in done()
    for code in ("installation", "business", "enterprise", "rights"):
        Team.objects.create(code=code, name=code)
    make_person("all", display_name="全能", roles=["handler"], skills=["radio", "fibre", "billing"])
    assert "teams" in done()
    assert "left" in text_of(desk.get("/administration"))


def test_what_no_program_sees_is_ticked_by_somebody_and_the_log_keeps_who(cast: Cast) -> None:
    desk = Desk(cast.administrator)

    desk.post(f"{STEPS}/backup", {"done": "1"})
    ticked = text_of(desk.get(STEPS))
    desk.post(f"{STEPS}/backup", {"done": "0"})

    assert "Said to be in place. Ticked by 管理员." in ticked
    assert "Ticked by" not in text_of(desk.get(STEPS))
    rows = Change.objects.filter(kind="setup").order_by("at", "id")
    assert [(row.what, row.by) for row in rows] == [("ticked", cast.administrator), ("unticked", cast.administrator)]
    assert desk.post(f"{STEPS}/demo", {"done": "1"}).status_code == 404


def test_a_key_revoked_by_mistake_works_again_within_seconds_and_not_later(cast: Cast) -> None:
    key, _secret = make_api_key("网站", ["tickets:create"], by=cast.administrator)
    desk = Desk(cast.administrator)

    page = desk.post(f"/administration/keys/{key.pk}/revocation", follow=True)
    assert "The key of 网站 is revoked." in text_of(page)
    desk.post(f"/administration/keys/{key.pk}/restoration")
    listed = b"".join(desk.get("/administration/keys?as=csv").streaming_content).decode()
    assert "网站,take in tickets," in listed
    assert key.prefix not in listed
    assert ApiKey.objects.get(pk=key.pk).revoked_at is None

    desk.post(f"/administration/keys/{key.pk}/revocation")
    ApiKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now() - timedelta(seconds=20))
    late = desk.post(f"/administration/keys/{key.pk}/restoration", follow=True)
    assert "too late to undo" in text_of(late)
    assert ApiKey.objects.get(pk=key.pk).revoked_at
    whats = list(
        Change.objects.filter(kind="key", about=str(key.pk)).order_by("at", "id").values_list("what", flat=True)
    )
    assert whats == ["made", "revoked", "restored", "revoked"]
