"""A pack that cannot become an edition says where, what and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml
from django.utils.translation import override

from shouwen.editions.pack import SHIPPED, open_pack, read_pack, texts_of
from shouwen.editions.reading import BrokenPack, read_sheet

TEXTS = texts_of(SHIPPED)
CASES = yaml.safe_load((Path(__file__).parent / "broken_packs.yaml").read_text("utf-8"))


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with override("en"):
        yield


def line_of(file: str, text: str) -> int:
    """The line of the shipped file on which `text` first stands."""
    return TEXTS[file][: TEXTS[file].index(text)].count("\n") + 1


def broken(texts: dict[str, str]) -> list[str]:
    with pytest.raises(BrokenPack) as error:
        read_pack(texts)
    return [str(problem) for problem in error.value.problems]


def with_change(file: str, old: str, new: str) -> dict[str, str]:
    assert old in TEXTS[file], old
    return {**TEXTS, file: TEXTS[file].replace(old, new, 1)}


@pytest.mark.clause("X3")
@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_whatever_is_wrong_is_pointed_at(case):
    problems = broken(with_change(case["file"], case["old"], case["new"]))

    where = re.compile(rf"{re.escape(case['file'])}:\d+ ?")
    assert any(where.match(said) and case["says"] in said for said in problems), problems


@pytest.mark.clause("X3")
def test_an_unknown_calendar_is_named_with_file_line_and_rule():
    above, _, below = TEXTS["clocks.yaml"].partition("calendar: office")
    texts = {**TEXTS, "clocks.yaml": f"{above}calendar: offce{below}"}

    assert broken(texts) == [
        f'clocks.yaml:{above.count(chr(10)) + 1} rule regulator-acceptance: unknown calendar "offce"'
    ]


@pytest.mark.clause("X3")
def test_a_rule_without_a_source_is_refused():
    start = TEXTS["clocks.yaml"].index("    source:\n")
    end = TEXTS["clocks.yaml"].index("    name:", start)
    texts = {**TEXTS, "clocks.yaml": TEXTS["clocks.yaml"][:start] + TEXTS["clocks.yaml"][end:]}

    assert broken(texts) == [
        f"clocks.yaml:{line_of('clocks.yaml', '- id: classify')} rule classify: “source” is missing"
    ]


def test_every_problem_is_reported_not_only_the_first():
    texts = with_change("clocks.yaml", "ladder: undispatched", "ladder: nowhere")
    texts["clocks.yaml"] = texts["clocks.yaml"].replace("answerable: first_owner", "answerable: boss", 1)
    texts["routing.yaml"] = texts["routing.yaml"].replace("team: billing", "team: biling", 1)

    assert len(broken(texts)) == 3


def test_a_missing_file_and_a_misnamed_one_are_refused():
    texts = {("clock.yaml" if file == "clocks.yaml" else file): text for file, text in TEXTS.items()}

    assert broken(texts) == ["clock.yaml: a pack has no file of this name", "clocks.yaml: this file is missing"]


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BrokenPack, match="there is no such folder"):
        open_pack(tmp_path / "nowhere")


def test_a_file_that_is_not_text_is_refused(tmp_path):
    (tmp_path / "clocks.yaml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(BrokenPack, match=r"clocks\.yaml: it cannot be read as UTF-8 text"):
        open_pack(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1\nb: 2", "bad.yaml:2: this is not YAML"),
        ("", "bad.yaml:1: the file is empty"),
        ("a: 1\na: 2", "bad.yaml:2: “a” is given twice"),
        ("a: &x 1\nb: *x", "bad.yaml:1: write it out: packs have no aliases"),
        (
            "a: !!python/object/apply:os.system [ls]",
            "bad.yaml:1: “tag:yaml.org,2002:python/object/apply:os.system” means nothing",
        ),
        ("a: 2026-02-30", "bad.yaml:1: “2026-02-30” cannot be read"),
        ("[" * 100_000, "bad.yaml:1: it is nested too deeply"),
        ("x" * 500_000, "bad.yaml: the file is too long"),
    ],
)
def test_yaml_that_cannot_be_trusted_is_refused_with_its_line(text, said):
    sheet = read_sheet("bad.yaml", text)

    assert any(str(problem).startswith(said) for problem in sheet.problems), sheet.problems


def test_the_keys_on_and_off_of_a_calendar_are_words():
    sheet = read_sheet("calendars.yaml", 'office:\n  off: ["2025-11-14"]\n  on: [2025-11-15]\n')

    assert sheet.data == {"office": {"off": ["2025-11-14"], "on": [date(2025, 11, 15)]}}
    assert sheet.line(("office", "on", 0)) == 3


def test_a_chinese_reader_is_told_in_chinese():
    with override("zh-hans"):
        said = broken(with_change("clocks.yaml", "calendar: office", "calendar: offce"))

    assert re.search(r"clocks\.yaml:\d+ 时限规则 regulator-acceptance: 没有这个日历：「offce」", said[0])
