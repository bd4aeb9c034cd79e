"""A form writes into a file of rules without touching anything beside it."""

from __future__ import annotations

from difflib import ndiff
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwen.editions.pack import PACKS, texts_of
from shouwen.editions.reading import BrokenPack, read_sheet
from shouwen.editions.rewriting import ABSENT, rewritten

FILE = """\
# what it is
templates:
  # the first
  one:
    name: {zh: 一, en: "One: it"}
    zh: 您好 {number}  # said first
    en: "Good day, {number}"

  # the second
  two: {zh: 二, en: two}
lines:
  - {zh: 甲, en: a}
  # between
  - {zh: 乙, en: b}
empty:
"""


def lines(before: str, after: str) -> list[str]:
    return [line for line in ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


@pytest.mark.clause("H5.2")
@pytest.mark.parametrize(
    ("place", "value", "changed"),
    [
        (
            ("templates", "one", "zh"),
            "再见",
            ["-     zh: 您好 {number}  # said first", '+     zh: "再见"  # said first'],
        ),
        (("templates", "two", "en"), "zwei", ["-   two: {zh: 二, en: two}", "+   two: {zh: 二, en: zwei}"]),
        (
            ("templates", "two", "at_once"),
            True,
            ["-   two: {zh: 二, en: two}", "+   two: {zh: 二, en: two, at_once: true}"],
        ),
        (("templates", "one", "at_once"), True, ["+     at_once: true"]),
        (("templates", "three"), {"zh": "三", "en": "3"}, ['+   three: {zh: "三", en: "3"}']),
        (("templates", "two"), ABSENT, ["-   two: {zh: 二, en: two}"]),
        (("templates", "two", "zh"), ABSENT, ["-   two: {zh: 二, en: two}", "+   two: {en: two}"]),
        (("lines",), [{"zh": "乙", "en": "b"}], ["-   - {zh: 甲, en: a}"]),
        (("lines", 2), {"zh": "丙", "en": "c"}, ['+   - {zh: "丙", en: c}']),
        (("lines", 0, "zh"), "甲：子", ["-   - {zh: 甲, en: a}", '+   - {zh: "甲：子", en: a}']),
        (("empty", "x"), 1, ["- empty:", "+ empty: {x: 1}"]),
    ],
)
def test_only_what_is_other_is_other(place: tuple[str | int, ...], value: Any, changed: list[str]) -> None:
    assert lines(FILE, rewritten("f", FILE, place, value)) == changed


def test_what_stands_above_a_thing_stays_when_it_goes() -> None:
    """Because a comment may be about what follows, and losing it loses what somebody wrote."""
    assert "# the first" in rewritten("f", FILE, ("templates", "one"), ABSENT)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])) | st.text("{}:#'\"\\ -\n\x85\u2028[],&*!|>%@`"))
def test_whatever_is_typed_is_kept_as_it_was_typed(typed: str) -> None:
    made = rewritten("f", FILE, ("templates", "one", "zh"), typed)
    assert read_sheet("f", made).data["templates"]["one"]["zh"] == typed


@pytest.mark.parametrize("pack", ["cn-telecom-2025", "uk-ofcom"])
def test_entries_of_the_shipped_packs_are_changed_added_and_taken_out(pack: str) -> None:
    texts = texts_of(PACKS / pack)
    for file, name in (("templates.yaml", "templates"), ("routing.yaml", "skills"), ("routing.yaml", "regions")):
        text = texts[file]
        for code, entry in list(read_sheet(file, text).data[name].items())[::5]:
            changed = rewritten(file, text, (name, code), {**entry, "zh": "改"})
            assert read_sheet(file, changed).data[name][code]["zh"] == "改"
            again = rewritten(file, rewritten(file, text, (name, code), ABSENT), (name, code), entry)
            assert read_sheet(file, again).data[name][code] == entry


def test_a_file_that_is_written_too_cleverly_is_left_alone() -> None:
    text = "- - a\n  - b\n"
    with pytest.raises(BrokenPack):
        rewritten("f", text, (0, 0), ABSENT)


UNFIT = {
    "a list where names are expected": ("- a\n- b\n", ("templates", "one"), "x"),
    "a text and nothing else": ("nothing\n", ("templates", "one"), "x"),
    "nothing at all": ("", ("one",), "x"),
    "a number where names are expected": ("one: {0x10: a, 2: b}\n", ("one", 16), "x"),
    "a value another name stands for": ("one: &it {a: 1, b: 2}\ntwo:\n  <<: *it\n  c: 3\n", ("two", "a"), ABSENT),
    "a value another name stands for, changed": ("one: &it {a: 1}\ntwo:\n  <<: *it\n  c: 3\n", ("two", "a"), 2),
    "a list taken for names": ("one: [a, b]\n", ("one", "x"), "y"),
}


@pytest.mark.parametrize(("text", "place", "value"), UNFIT.values(), ids=list(UNFIT))
def test_a_file_that_is_not_what_a_form_expects_is_refused_and_never_an_error(
    text: str, place: tuple[str | int, ...], value: Any
) -> None:
    """Because a draft may have any text in it, and its forms still open."""
    with pytest.raises(BrokenPack):
        rewritten("f", text, place, value)
