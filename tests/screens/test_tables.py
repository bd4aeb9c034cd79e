"""Tables go out as workbooks and CSV and come back in as they were; nothing in them ever calculates."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from django.http import FileResponse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from shouwen.screens.table_reading import TableRefused, read_table
from shouwen.screens.tables import (
    FORMULA_OPENERS,
    Column,
    Leaf,
    no_formula,
    table_response,
    unquoted,
    workbook_to_fill_in,
)
from shouwen.screens.taking import Taking

AT = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)  # 2026-03-02 01:30 in Shanghai
TAKING = Taking(
    AT, by="主管甲", number="HF-0107", page="/queues/all?mark=vip", narrowed=["重要客户"], edition="2026-01"
)
HEADINGS = ["编号", "说明"]

cells = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=40)
openers = st.builds(str.__add__, st.sampled_from([*FORMULA_OPENERS, "'=", "''+"]), cells)


def content(answer: FileResponse) -> io.BytesIO:
    return io.BytesIO(b"".join(answer.streaming_content))  # type: ignore[arg-type]


def written(rows: Sequence[Sequence[Any]], kind: str = "xlsx", **given: Any) -> io.BytesIO:
    return content(table_response("台账", HEADINGS, rows, TAKING, kind=kind, **given))


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@given(rows=st.lists(st.tuples(cells | openers, cells | openers), max_size=5))
def test_what_went_out_comes_in_as_it_was(kind: str, rows: list[tuple[str, str]]) -> None:
    """Because people export, mend a column and import again: nothing else may have changed."""
    table = read_table(written(rows, kind))

    said = [tuple(text.replace("\r\n", "\n").replace("\r", "\n").strip() for text in row) for row in rows]
    assert [tuple(row[heading] for heading in HEADINGS) for row in table.rows] == [row for row in said if any(row)]


@given(rows=st.lists(st.tuples(openers, openers), min_size=1, max_size=4))
def test_no_formula_survives(rows: list[tuple[str, str]]) -> None:
    """Because a customer may write =HYPERLINK(…) into a complaint, and a supervisor opens it in a spreadsheet."""
    book = load_workbook(written(rows))
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)
    table = csv.reader(io.StringIO(written(rows, "csv").read().decode("utf-8-sig"), newline=""))
    assert not any(cell.startswith(FORMULA_OPENERS) for row in table for cell in row)


@given(cells | openers)
def test_a_quote_is_taken_off_as_it_was_put_on(cell: str) -> None:
    assert unquoted(no_formula(cell)) == cell
    assert not no_formula(cell).startswith(FORMULA_OPENERS)


@pytest.mark.parametrize("opener", ["＝", "＋", "－", "＠", "\n=", "\n＝"])
def test_what_a_chinese_keyboard_writes_opens_no_formula_either(opener: str) -> None:
    cell = f"{opener}HYPERLINK(1)"

    file = written([(cell, "1")], "csv").read().decode("utf-8-sig")

    assert f"'{cell}" in file
    assert unquoted(no_formula(cell)) == cell


def test_moments_are_those_of_the_carriers_wall_and_numbers_count() -> None:
    rows = [[datetime(2026, 3, 1, 16, 5, tzinfo=UTC), date(2026, 3, 2)], [12.5, 10**17], [-3, None]]

    sheet = load_workbook(written(rows)).active

    assert sheet["A2"].value == datetime(2026, 3, 2, 0, 5)  # noqa: DTZ001
    assert sheet["A2"].number_format == "yyyy-mm-dd hh:mm"
    assert sheet["B2"].value == datetime(2026, 3, 2)  # noqa: DTZ001
    assert (sheet["A3"].value, sheet["B3"].value) == (12.5, str(10**17))
    assert (sheet["A4"].value, sheet["B4"].value) == (-3, None)
    assert sheet.freeze_panes == "A2"
    assert [[row[name] for name in HEADINGS] for row in read_table(written(rows)).rows] == [
        ["2026-03-02 00:05", "2026-03-02"],
        ["12.5", str(10**17)],
        ["-3", ""],
    ]
    assert "2026-03-02 00:05,2026-03-02" in written(rows, "csv").read().decode()


@pytest.mark.clause("M3.3")
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_file_is_named_with_its_moment_and_who_took_it_and_kept_by_nobody(kind: str) -> None:
    """Because a CSV has no other room for it."""
    answer = table_response("台账", HEADINGS, [], TAKING, kind=kind)

    name = unquote(answer["Content-Disposition"])
    assert f"台账-2026-03-02-0130-HF-0107.{kind}" in name  # as the clock stands where the carrier is
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.clause("M3.3")
def test_a_workbook_says_of_itself_what_it_is_who_took_it_and_when() -> None:
    book = load_workbook(written([["1", "2"], ["3", "4"]]))

    assert book.sheetnames == ["台账", "关于本文件"]
    said = {row[0]: row[1] for row in book["关于本文件"].iter_rows(values_only=True, min_row=2)}
    assert said == {
        "表格": "台账",
        "页面": "/queues/all?mark=vip",
        "筛选": "重要客户",
        "行数": 2,
        "导出人": "主管甲 (HF-0107)",
        "导出时间": "2026-03-02 周一 01:30 (Asia/Shanghai)",
        "导出时的现行规则": "2026-01",
    }


def test_what_a_workbook_says_of_itself_is_no_table_to_be_read_again() -> None:
    table = read_table(written([]))

    assert (table.sheet, list(table.rows)) == ("台账", [])


@pytest.mark.clause("M3.3")
def test_a_file_says_how_many_rows_it_holds_and_not_how_many_there_would_be() -> None:
    about = load_workbook(written([["1", "2"]] * 5, limit=3))["关于本文件"]

    assert ("行数", 3) in list(about.iter_rows(values_only=True))


def test_what_a_number_is_called_cannot_lead_a_file_elsewhere() -> None:
    assert Taking(AT, number="../a b").named("台账", "csv") == "台账-2026-03-02-0130-ab.csv"


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_table_cut_off_says_so(kind: str) -> None:
    def rows() -> Iterator[list[str]]:
        for number in range(10):
            assert number <= 3, "no more rows are asked for than are written"
            yield [str(number), "一"]

    found = list(read_table(written(rows(), kind, limit=3)).rows)  # type: ignore[arg-type]

    assert [row["编号"] for row in found[:3]] == ["0", "1", "2"]
    assert "3" in found[3]["编号"]
    assert len(found) == 4


def test_who_took_it_away_stands_at_the_foot_of_its_prints() -> None:
    packed = zipfile.ZipFile(written([["1", "2"]]))

    assert "主管甲 2026-03-02 01:30" in packed.read("xl/worksheets/sheet1.xml").decode()


def test_a_workbook_to_fill_in_explains_its_columns_and_offers_its_choices() -> None:
    columns = [Column("渠道", "投诉从哪里来", ("热线", "营业厅")), "内容"]

    book = load_workbook(
        content(workbook_to_fill_in("模板", [Leaf("工单", columns, []), Leaf("说明", HEADINGS, [])], at=AT))
    )

    assert book.sheetnames == ["工单", "说明"]
    assert book["工单"]["A1"].comment.text == "投诉从哪里来"
    assert book["工单"].data_validations.dataValidation[0].formula1 == '"热线,营业厅"'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_the_encodings_people_use(encoding: str) -> None:
    file = io.BytesIO("编号;说明\n1;信号弱\n\n2;“断线”\n".encode(encoding))

    table = read_table(file)

    assert [(row.number, row["说明"]) for row in table.rows] == [(2, "信号弱"), (4, "“断线”")]


def test_a_title_above_the_headings_is_passed_over_and_places_are_named() -> None:
    file = io.BytesIO()
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "人员"
    for row in (["合肥分公司人员表"], [], ["账号", "姓名"], ["wang", "#REF!"]):
        book.active.append(row)
    book.save(file)

    [row] = read_table(file, needs=["姓名"]).rows

    assert row.place("姓名") == "工作表“人员”第 4 行 B 列“姓名”"
    assert "公式没有有效结果" in row.problem


REFUSED = [
    (b"", "文件是空的"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "旧版工作簿"),
    (b"PK\x03\x04 and nothing more", "不能作为工作簿读取"),
    ("编号\n1\n".encode(), "没有列标题行"),
    ("编号,编号\n1,2\n".encode(), "出现了两次"),
    ("编号,说明\n1,2\n".encode(), "缺少列“渠道”"),
]


@pytest.mark.parametrize(("file", "says"), REFUSED)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(file: bytes, says: str) -> None:
    with pytest.raises(TableRefused, match=says):
        read_table(io.BytesIO(file), needs=["渠道"] if "渠道" in says else [])


def test_a_workbook_damaged_further_down_is_refused_as_well() -> None:
    """Because its leaves are unpacked while they are read."""
    book, whole, broken = Workbook(), io.BytesIO(), io.BytesIO()
    for row in (["编号", "说明"], *(["1", "2"] for _ in range(50))):
        book.active.append(row)
    book.save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[: len(content) // 2] if name.endswith("sheet1.xml") else content)

    with pytest.raises(TableRefused, match="不能作为工作簿读取"):
        list(read_table(broken).rows)


def test_more_rows_than_are_taken_are_refused() -> None:
    file = io.BytesIO("编号,说明\n".encode() + b"1,2\n" * 4)

    with pytest.raises(TableRefused, match="超过 3 行"):
        list(read_table(file, limit=3).rows)


def test_cells_beyond_the_headings_are_told() -> None:
    [row] = read_table(io.BytesIO("编号,说明\n1,2,3\n".encode())).rows

    assert row.problem == "第 2 行：单元格多于列标题。"
