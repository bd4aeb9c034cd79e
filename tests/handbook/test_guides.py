"""Self-help before a fault is reported: a tree walked by what was answered."""

from __future__ import annotations

import pytest

from shouwen.handbook.guides import Choice, Guide, GuideStep, flaws, walk
from shouwen.handbook.words import Source, Words

pytestmark = pytest.mark.clause("S2.1b")


def said(text: str) -> Words:
    return Words(text, text)


LIGHTS = GuideStep(
    "lights",
    said("看灯"),
    (
        Choice("red", said("红灯"), "restart", category="broadband.outage", fills={"lights": said("红灯")}),
        Choice("fine", said("正常"), "solved"),
    ),
)
RESTART = GuideStep(
    "restart",
    said("重启"),
    (
        Choice("works", said("好了"), "solved"),
        Choice("broken", said("不行"), "unsolved", fills={"lights": said("还红")}),
    ),
)
CITED = ("S2.1b", Source(said(""), "", said("")))
STEPS = {"lights": LIGHTS, "restart": RESTART}
GUIDE = Guide("broadband", said("宽带"), said(""), *CITED, ("broadband",), "failed", {}, "lights", STEPS)


def test_it_begins_with_the_first_question():
    assert walk(GUIDE, []).step is LIGHTS


def test_each_answer_leads_to_the_next_question():
    assert walk(GUIDE, ["red"]).step is RESTART


@pytest.mark.parametrize(("answers", "end"), [(["red", "works"], "solved"), (["red", "broken"], "unsolved")])
def test_it_ends_put_right_or_not(answers: list[str], end: str):
    ended = walk(GUIDE, answers)

    assert (ended.end, ended.step) == (end, None)


@pytest.mark.parametrize("answers", [["nonsense"], ["", "red"], ["works"]])
def test_an_answer_nobody_offered_is_as_not_given(answers: list[str]):
    assert walk(GUIDE, answers).step is LIGHTS


def test_what_follows_the_end_is_not_heard():
    assert walk(GUIDE, ["fine", "red"]).said == ("fine",)


def test_the_complaint_knows_what_was_seen_last():
    ended = walk(GUIDE, ["red", "broken"])

    assert (ended.category, dict(ended.fills)) == ("broadband.outage", {"lights": said("还红")})


@pytest.mark.parametrize(
    ("category", "fits"), [("broadband", True), ("broadband.outage", True), ("broadband_tv", False), ("mobile", False)]
)
def test_it_is_for_its_categories_and_all_below_them(category: str, fits: bool):
    assert GUIDE.fits(category) is fits


def test_a_circle_and_a_step_nobody_comes_to_are_found():
    assert sorted(flaws("a", {"a": ["b", "solved"], "b": ["a"], "c": ["solved"]})) == [
        ("b", "circle"),
        ("c", "unreachable"),
    ]
