"""The appendices of the handbook are written from the edition, in both languages (手册 8.2–8.4)."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from fractions import Fraction

import pytest
from django.utils.translation import override

from shouwen.editions.appendices import TITLES, appendix, standing_alone
from shouwen.editions.diagram import MIDDLE, diagram
from shouwen.editions.pack import SHIPPED, open_pack, read_pack, texts_of
from shouwen.editions.reading import BrokenPack
from shouwen.handbook.history import Stage
from shouwen.handbook.lifecycle import PATHS, STEPS

EDITION = open_pack(SHIPPED).edition(1)
HAN = re.compile(r"[\u4e00-\u9fff]")
SOURCE_PLACES = re.compile(r"<small>[^<]*</small>")


@pytest.mark.clause("H8")
@pytest.mark.parametrize("name", TITLES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_appendix_is_written_in_either_language(name, language):
    page = standing_alone(EDITION, name, language)

    assert f'<html lang="{language}">' in page
    assert bool(HAN.search(SOURCE_PLACES.sub("", page))) == (language == "zh-hans")


@pytest.mark.clause("H8", "X3")
def test_the_table_of_time_limits_has_every_rule_and_every_indicator_with_its_source():
    page = standing_alone(EDITION, "time-limits", "zh-hans")

    for one in (*EDITION.rules, *EDITION.indicators):
        assert f'<tr id="{one.id}">' in page
        assert one.source.place in page


@pytest.mark.clause("H8")
@pytest.mark.parametrize("path", PATHS)
def test_the_diagram_shows_every_stage_and_every_move_of_its_path(path):
    with override("en"):
        picture = diagram(path)

    assert len(picture.boxes) == len({Stage.RECEIVED, *PATHS[path].values()})
    said = {line.name for line in picture.lines} | {note for box in picture.boxes for note in box.notes}
    assert len({*PATHS[path]}) >= len(picture.lines)
    for name in ("Assess", "Return for rework", "Reject", "Withdraw for the customer", "Reopen → assessed"):
        assert name in said


@pytest.mark.clause("H8")
@pytest.mark.parametrize("path", PATHS)
def test_what_leaves_the_way_stands_beside_it_and_no_line_runs_through_it(path):
    """Because a stage that was added later stood on the way, and its lines ran across the boxes of the others."""
    picture = diagram(path)
    on_no_step = [box for box in picture.boxes if box.x > MIDDLE]

    assert len(on_no_step) == len(set(PATHS[path].values()) - {stage for stages in STEPS.values() for stage in stages})
    furthest = max(line.x for line in picture.lines)
    assert all(box.x > furthest for box in on_no_step)


@pytest.mark.clause("H8")
def test_the_picture_is_well_formed_needs_no_style_and_has_a_name():
    page = standing_alone(EDITION, "process", "en")
    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)

    assert len(pictures) == len(set(EDITION.paths.values()))
    for picture in pictures:
        drawn = ET.fromstring(picture)  # noqa: S314 -- our own
        assert drawn.get("role") == "img"
        assert " style=" not in picture


@pytest.mark.clause("H3.2.1", "S5.1")
def test_a_case_is_scored_by_what_is_asked_of_its_type():
    card = EDITION.scorecard

    assert [one.code for one in card.dimensions] == ["wording", "process", "result"]
    assert sum(card.points(one.code) for one in card.dimensions) == 100
    assert card.score("complaint", []) == 100
    assert card.score("fault", ["signed-confirmation"]) == 100 * (1 - Fraction(6, 92))  # 8 are asked of others only
    assert card.score("complaint", ["signed-confirmation"]) == 100  # nobody signs for a complaint


@pytest.mark.clause("S1.1a", "H6.1", "H7.2.4", "H3.1.3", "T6.3", "H7.2.6", "U3.5")
def test_what_is_no_tickets_clock_is_a_measured_indicator():
    with override("en"):
        shown = {one.id: one for one in appendix(EDITION, "time-limits")["indicators"]}

    assert shown["store-greeting"].goal == shown["hotline-answer"].goal == "at most 30 s"
    assert shown["hotline-greeting"].goal == "at most 3 s"
    assert (shown["satisfaction-30d"].goal, shown["satisfaction-30d"].period) == (
        "at least 85%",
        "what was handled in the same 30 days",
    )
    assert shown["common-questions-covered"].goal == "at least 80%"
    assert shown["first-contact-resolution"].goal == "reported, without a mark"


@pytest.mark.clause("X3")
@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("scoring.yaml", "points: 5", "points: 6", "the points of all checks make 101 instead of 100"),
        ("scoring.yaml", "dimension: result", "dimension: rsult", 'unknown dimension "rsult"'),
        ("scoring.yaml", "[fault]", "[falt]", 'unknown ticket type "falt"'),
        ("indicators.yaml", "unit: s", "unit: seconds", "unknown unit “seconds”"),
        ("indicators.yaml", "goal: {at_most: 30}", "goal: {at_most: 30, at_least: 3}", "not both"),
        ("indicators.yaml", "from: {system:", "from: {events: [rated], system:", "one of the two"),
        ("indicators.yaml", "over: 30d", "over: sometimes", "“sometimes” is not a duration"),
        ("indicators.yaml", "clause: U3.5", "clause: Z3.5", 'clause "Z3.5" is of no document'),
    ],
)
def test_what_is_wrong_with_them_is_pointed_at(file, old, new, says):
    texts = texts_of(SHIPPED)
    assert old in texts[file]

    with override("en"), pytest.raises(BrokenPack) as error:
        read_pack({**texts, file: texts[file].replace(old, new, 1)})

    assert any(re.match(rf"{file}:\d+", str(problem)) and says in str(problem) for problem in error.value.problems)


def test_an_edition_of_before_has_neither():
    texts = {file: text for file, text in texts_of(SHIPPED).items() if file not in ("scoring.yaml", "indicators.yaml")}
    edition = read_pack(texts).edition(1)

    assert (edition.indicators, edition.scorecard.checks) == ((), ())
    assert "has no scoring rules" in standing_alone(edition, "scoring", "en")


@pytest.mark.clause("U5.1", "U3.4", "S3.1a")
def test_the_table_says_what_an_event_must_state_how_long_ahead_and_how_far_consent_goes():
    with override("en"):
        limits = {limit.id: limit for limit in appendix(EDITION, "time-limits")["limits"]}

    assert limits["report-to-audit"].stops == "Reported upward (Internal audit)"
    assert limits["field-test-arrival"].starts == "Field test decided (in the urban area)"
    assert limits["group-repair-wide"].given == "4 h; with the customer's consent 1 day at most"
    assert limits["visit-confirmed"].given.startswith("1 h ahead")
