"""Spreadsheets as people save them, and the moments in them."""

from __future__ import annotations

import codecs
import gzip
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from shouwen.intake.mappings import ColumnMapping, MappingRefused, read_mapping, template, told_by_names
from shouwen.intake.moments import NotAMoment, moment_in
from shouwen.intake.sheets import SheetRefused, opened
from shouwen.screens.tables import no_formula
from tests.cast import SHANGHAI, on

TEXT = "编号,内容\n1,信号弱\n2,断网\n"


def rows_of(path: Path, encoding: str = "") -> list[tuple[int, dict[str, str], str]]:
    with opened(path, encoding) as sheet:
        return [(row.number, dict(row.cells), row.problem) for row in sheet]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_is_found_out(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes(TEXT.encode(encoding))

    assert [cells for _, cells, _ in rows_of(path)] == [
        {"编号": "1", "内容": "信号弱"},
        {"编号": "2", "内容": "断网"},
    ]


def test_one_late_character_tells_the_encoding_of_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes(("id,text\n" + f"1,{'ok' * 500}\n" * 1_500).encode() + "2,断网\n".encode("gb18030"))

    with opened(path) as sheet:
        *_, last = sheet

    assert (sheet.encoding, last.cells["text"]) == ("gb18030", "断网")


def test_bytes_that_are_no_characters_mark_their_row_only(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes("id,text\n1,好\n".encode() + b"2,\xff\xfe\n" + "3,好\n".encode())

    problems = [bool(problem) for _, _, problem in rows_of(path, "utf-8")]

    assert problems == [False, True, False]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(f"id{delimiter}text\n1{delimiter}好\n", encoding="utf-8")

    assert rows_of(path) == [(2, {"id": "1", "text": "好"}, "")]


def test_a_cell_may_have_lines_and_quotes_in_it(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text('id,text\n1,"第一行\n第二行，他说""不行"""\n\n2,好\n', encoding="utf-8")

    assert [cells["text"] for _, cells, _ in rows_of(path)] == ['第一行\n第二行，他说"不行"', "好"]


def test_a_row_that_does_not_fit_its_heading_is_marked_and_a_short_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text("id,text\n1,好,多余\n2\n", encoding="utf-8")

    (_, long, problem), (_, short, none) = rows_of(path)

    assert (long, bool(problem)) == ({"id": "1", "text": "好", "": "多余"}, True)
    assert (short, none) == ({"id": "2"}, "")


def test_two_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text("备注,备注\n甲,乙\n", encoding="utf-8")

    assert rows_of(path) == [(2, {"备注": "甲", "备注 (2)": "乙"}, "")]


def test_lines_of_json_are_read_too_with_values_inside_values(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    lines = [
        '{"id": 1, "who": {"tel": "199"}, "ok": true, "tags": ["a", "b"]}',
        "not json",
        "[1]",
        '{"id": 2, "x": null}',
    ]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))

    rows = rows_of(path)

    assert rows[0] == (1, {"id": "1", "who.tel": "199", "ok": "true", "tags": "a, b"}, "")
    assert [bool(problem) for *_, problem in rows] == [False, True, True, False]
    assert rows[3] == (4, {"id": "2", "x": ""}, "")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("empty.jsonl", b"\n\n"),
        ("sheet.xlsx", b"PK"),
        ("sheet", b"a,b"),
        ("broken.csv.gz", b"no gzip"),
        ("cut.csv.gz", gzip.compress(b"a,b\n1,2\n" * 9000)[:-20]),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_in_one_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(SheetRefused) as refused:
        rows_of(path)

    assert str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SheetRefused):
        rows_of(tmp_path / "none.csv")


def test_an_encoding_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes(codecs.BOM_UTF8 + TEXT.encode())

    with pytest.raises(SheetRefused, match="klingon"):
        rows_of(path, "klingon")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-03-02 09:05", "2026-03-02 09:05"),
        ("2026-03-02 09:05:07", "2026-03-02 09:05:07"),
        ("2026/3/2 9:05", "2026-03-02 09:05"),
        ("2026.3.2", "2026-03-02 00:00"),
        ("2026年3月2日", "2026-03-02 00:00"),
        ("2026年3月2日 9时5分", "2026-03-02 09:05"),
        ("2026年3月2日9点05分7秒", "2026-03-02 09:05:07"),
        ("2026-03-02 3:53:50 PM", "2026-03-02 15:53:50"),
        ("  2026-03-02   09:05 ", "2026-03-02 09:05"),
        ("20260302090507", "2026-03-02 09:05:07"),
        ("2026-03-02T01:05:00Z", "2026-03-02 09:05"),
        ("2026-03-02T02:05:00+01:00", "2026-03-02 09:05"),
    ],
)
def test_a_moment_is_read_however_it_is_punctuated(text: str, meant: str) -> None:
    assert moment_in(text, (), SHANGHAI) == on(meant)


def test_who_has_no_mapping_file_is_told_how_a_time_is_written_and_not_sent_to_one() -> None:
    with pytest.raises(NotAMoment, match="例如 2026-03-02 14:05、2026/3/2 14:05 或 2026年3月2日 14:05"):
        moment_in("昨天", (), SHANGHAI)
    for shown in ("2026-03-02 14:05", "2026/3/2 14:05", "2026年3月2日 14:05"):
        assert moment_in(shown, (), SHANGHAI) == on("2026-03-02 14:05"), "what the sentence names is read"
    with pytest.raises(NotAMoment, match="映射文件"):
        moment_in("昨天", ("%d/%m/%Y",), SHANGHAI)


@pytest.mark.parametrize("text", ["", "3/4/2026", "03-04-26", "2026-13-01", "昨天", "45231.5", "2026-03-02 25:00"])
def test_what_could_mean_two_days_or_none_is_not_guessed(text: str) -> None:
    with pytest.raises(NotAMoment):
        moment_in(text, (), SHANGHAI)


@pytest.mark.parametrize(
    ("text", "format_", "meant"),
    [
        ("3/4/2026 09:05", "%d/%m/%Y %H:%M", "2026-04-03 09:05"),
        ("46083.5", "excel", "2026-03-02 12:00"),
        ("1772413500", "epoch", "2026-03-02 09:05"),
    ],
)
def test_another_way_of_writing_is_named_in_the_mapping(text: str, format_: str, meant: str) -> None:
    assert moment_in(text, ("%Y", format_), SHANGHAI) == on(meant)


def test_a_time_is_on_the_clocks_of_its_zone_in_summer_and_winter() -> None:
    new_york = ZoneInfo("America/New_York")

    assert moment_in("2015-07-01 12:00", (), new_york) == datetime(2015, 7, 1, 16, tzinfo=UTC)
    assert moment_in("2015-12-01 12:00", (), new_york) == datetime(2015, 12, 1, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("heading", "meant"),
    [
        ("编号 受理时间 内容 班组 foo", {"key": "编号", "received_at": "受理时间", "text": "内容", "team": "班组"}),
        ("Ticket_ID Created-At PHONE", {"key": "Ticket_ID", "received_at": "Created-At", "phone": "PHONE"}),
        ("投诉单号 客户电话", {"key": "投诉单号", "phone": "客户电话"}),
        ("投诉编号 客户号码", {"key": "投诉编号", "phone": "客户号码"}),
        ("单号 联系方式", {"key": "单号", "phone": "联系方式"}),
        ("*联系电话（必填）", {"phone": "*联系电话（必填）"}),
        ("foo bar", {}),
    ],
)
def test_columns_are_told_by_their_names(heading: str, meant: dict[str, str]) -> None:
    assert told_by_names(heading.split()).columns == {field: [column] for field, column in meant.items()}


def test_a_column_of_days_and_one_of_times_belong_together() -> None:
    assert told_by_names(["time", "date"]).columns["received_at"] == ["date", "time"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_template_is_a_mapping_that_means_what_the_names_say(tmp_path: Path, language: str) -> None:
    heading = ["编号", "受理日期", "时间", "投诉内容", 'odd: "name" # here', "yes"]
    told, path = told_by_names(heading), tmp_path / "map.yaml"

    path.write_text(template(told, heading, language), encoding="utf-8")

    assert read_mapping(path).columns == told.columns


def test_a_template_without_a_file_is_a_mapping_that_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(template(ColumnMapping(), (), "en"), encoding="utf-8")

    assert read_mapping(path) == ColumnMapping()


def test_codes_that_look_like_numbers_or_truths_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("values: {region: {合肥: 3401, yes: no}}\nalways: {region: 0340}\n", encoding="utf-8")

    mapping = read_mapping(path)

    assert (mapping.values["region"], mapping.always) == ({"合肥": "3401", "yes": "no"}, {"region": "0340"})


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("colums: {text: a}", "colums"),
        ("columns: [a]", "columns"),
        ("name: 'a b'", "name"),
        ("clocks: {classify: {}}", "clocks.classify"),
        ("columns: {text: a", "map.yaml"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_where(tmp_path: Path, content: str, names: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(MappingRefused, match=names):
        read_mapping(path)


@pytest.mark.parametrize("text", ["0001-01-01 00:00:00", "1900-01-00", "1899-12-30", "0"])
@pytest.mark.parametrize("formats", [(), ("excel",)])
def test_a_date_left_at_its_nought_is_no_moment(text: str, formats: tuple[str, ...]) -> None:
    with pytest.raises(NotAMoment):
        moment_in(text, formats, SHANGHAI)


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "+8613812345678", "-1", "@SUM(A1)"])
def test_what_a_spreadsheet_would_take_for_a_formula_is_quoted_and_comes_back_as_it_was(
    tmp_path: Path, cell: str
) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(f"编号,内容\n1,{no_formula(cell)}\n")

    assert no_formula(cell) == f"'{cell}"
    assert [cells["内容"] for _, cells, _ in rows_of(path)] == [cell]


@pytest.mark.parametrize("cell", ["宽带掉线", "'已加引号", "1=1", ""])
def test_every_other_cell_stays_as_it_is(cell: str) -> None:
    assert no_formula(cell) == cell
