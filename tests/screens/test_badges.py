"""Badges say where a ticket and its clocks stand, in words and with an icon, never by colour alone."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import translation

from shouwen.handbook.history import Stage, Standing, What
from shouwen.handbook.lifecycle import Move
from shouwen.screens.templatetags import badges, parts, spoken
from tests.cast import on

START = on("2026-03-02 09:00")
TARGET = timedelta(hours=24)
SECOND = timedelta(seconds=1)


def clock(**known: Any) -> SimpleNamespace:
    """A clock as its row has it."""
    row = {"state": "running", "kind": "limit", "started_at": START, "due_at": START + TARGET, "stopped_at": None}
    return SimpleNamespace(**{**row, "provisional": False, "extended": False, **known})


def shown(source: str, **context: Any) -> str:
    with translation.override(context.pop("language", "en")):
        return Template("{% load badges parts spoken %}" + source).render(Context(context))


def badge(one: SimpleNamespace, *, after: timedelta, language: str = "en") -> str:
    source = "{% clock_badge clock now=now %}"
    return shown(source, clock=one, now=START + after, language=language)


@pytest.mark.clause("S3.3b")
@pytest.mark.parametrize(
    ("spent", "tone"),
    [
        (TARGET / 2 - SECOND, "calm"),
        (TARGET / 2, "heed"),
        (TARGET * 3 / 4 - SECOND, "heed"),
        (TARGET * 3 / 4, "press"),
        (TARGET - SECOND, "press"),
        (TARGET, "late"),
        (TARGET + SECOND, "late"),
    ],
)
def test_the_tone_of_a_running_clock_follows_the_share_of_its_time_that_is_spent(spent: timedelta, tone: str) -> None:
    html = badge(clock(), after=spent)

    assert f'class="clock clock-{tone}"' in html
    assert f"#{badges.ICONS[tone]}" in html


@pytest.mark.parametrize(
    ("one", "after", "zh", "en"),
    [
        (clock(), timedelta(hours=21), "剩 3 小时", "3 h left"),
        (clock(), timedelta(hours=24, minutes=40), "超时 40 分", "40 min over"),
        (clock(left=timedelta(0)), timedelta(hours=26), "超时 不足 1 分", "under 1 min over"),
        (clock(state="paused", due_at=None, left=timedelta(hours=2)), TARGET, "已暂停，剩 2 小时", "paused, 2 h left"),
        (clock(state="paused", due_at=None), TARGET, "已暂停", "paused"),
        (clock(state="met", stopped_at=START), TARGET * 2, "按时，提前 1 天", "kept, 1 day early"),
        (clock(state="missed", stopped_at=START + 2 * TARGET), 9 * TARGET, "超时 1 天", "1 day over"),
        (clock(state="void"), TARGET, "不再计时", "no longer counts"),
    ],
)
def test_a_badge_says_in_words_what_is_left(one: SimpleNamespace, after: timedelta, zh: str, en: str) -> None:
    assert f'<span class="clock-text">{en}</span>' in badge(one, after=after)
    assert f'<span class="clock-text">{zh}</span>' in badge(one, after=after, language="zh-hans")


@pytest.mark.clause("X2")
def test_only_a_running_clock_goes_on_counting_on_the_page() -> None:
    assert "data-clock" in badge(clock(), after=SECOND)
    assert "data-clock" not in badge(clock(state="paused", due_at=None, left=TARGET), after=SECOND)


def test_a_clock_of_working_time_counts_on_only_while_its_team_works() -> None:
    opens, closes = START, START + timedelta(hours=3)
    html = badge(clock(left=timedelta(hours=4), working_day=timedelta(hours=8), counts=(opens, closes)), after=SECOND)

    assert f'data-from="{int(opens.timestamp())}" data-until="{int(closes.timestamp())}"' in html
    assert 'data-day="28800"' in html


@pytest.mark.clause("X2")
def test_a_card_fetches_why_it_is_due_when_it_is_opened_and_says_what_is_provisional() -> None:
    html = shown("{% clock_badge clock why_url='/why' now=now %}", clock=clock(provisional=True), now=START)

    assert "<details" in html
    assert 'hx-get="/why"' in html
    assert "provisional" in html


def steps(html: str) -> list[tuple[str, str]]:
    return re.findall(r'class="step step-(\w+)".*?class="step-name">([^<]+)<', html, re.DOTALL)


def bar(stage: Stage, *visited: Stage, standing: Standing = Standing.RUNNING, language: str = "en") -> str:
    state = SimpleNamespace(stage=stage, standing=standing)
    return shown("{% stage_bar state visited=visited %}", state=state, visited=visited, language=language)


@pytest.mark.clause("H2.4")
def test_the_stage_bar_shows_the_six_steps_with_the_present_one_open() -> None:
    html = bar(Stage.INVESTIGATING, standing=Standing.WAITING, language="zh-hans")

    names = [
        ("done", "受理"),
        ("now", "核实"),
        ("ahead", "处理"),
        ("ahead", "反馈"),
        ("ahead", "回访"),
        ("ahead", "归档"),
    ]
    assert steps(html) == names
    assert "核实中" in html
    assert "等待客户" in html
    assert html.count('aria-current="step"') == 1


def test_steps_that_a_short_way_skips_are_not_shown_as_done() -> None:
    states = [state for state, _ in steps(bar(Stage.TOLD, Stage.RECEIVED, Stage.TOLD))]

    assert states == ["done", "skipped", "skipped", "now", "ahead", "ahead"]


def test_a_ticket_that_left_the_way_shows_where() -> None:
    html = bar(Stage.WITHDRAWN, Stage.RECEIVED, Stage.ASSESSED, Stage.DISPATCHED, Stage.INVESTIGATING, Stage.WITHDRAWN)

    assert [state for state, _ in steps(html)] == ["done", "left", "ahead", "ahead", "ahead", "ahead"]
    assert "withdrawn" in html


def test_an_archived_ticket_has_all_its_steps_done() -> None:
    assert {state for state, _ in steps(bar(Stage.ARCHIVED))} == {"done"}


@pytest.mark.parametrize(
    ("names", "codes"),
    [(spoken.STAGES, Stage), (spoken.STANDINGS, Standing), (spoken.MOVES, Move), (spoken.HAPPENINGS, What)],
)
def test_every_code_of_the_handbook_is_spoken_in_chinese(names: dict[Any, Any], codes: Any) -> None:
    assert set(names) == set(codes)
    with translation.override("zh-hans"):
        assert [str(name) for name in names.values() if str(name).isascii()] == []


def test_everything_that_can_happen_has_a_mark_of_its_own() -> None:
    assert set(parts.HAPPENING_ICONS) == set(What)


def test_every_icon_that_a_table_chooses_is_in_the_sprite() -> None:
    chosen = {*badges.ICONS.values(), *parts.HAPPENING_ICONS.values(), "eye", "inbox", "point"}
    listed = Path("frontend/icons.txt").read_text(encoding="utf-8").splitlines()

    assert chosen - {line.partition("#")[0].strip() for line in listed} == set()
