"""Instants and spans as people read them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from shouwen.screens.templatetags import times
from tests.cast import on

SUNDAY = on("2026-11-22 14:05")
WORKING_DAY = timedelta(hours=8)


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "2026-11-22 周日 14:05"), ("en", "2026-11-22 Sun 14:05")])
def test_a_moment_is_told_in_the_carriers_zone_with_its_weekday(language: str, said: str) -> None:
    with translation.override(language):
        assert times.moment(SUNDAY) == said


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-11-22 23:59", "14:05"),
        ("2026-11-23 00:00", "11-22 Sun 14:05"),
        ("2027-01-01 00:00", "2026-11-22 14:05"),
    ],
)
def test_a_short_moment_says_no_more_than_tells_it_apart(now: str, said: str) -> None:
    with translation.override("en"):
        assert times.short_moment(SUNDAY, on(now)) == said


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(days=2, hours=23), "2 days ago"),
        (timedelta(hours=-1), "2026-11-22 Sun 14:05"),
    ],
)
def test_the_past_is_told_in_its_largest_unit_and_the_future_as_a_moment(gone: timedelta, said: str) -> None:
    with translation.override("en"):
        assert times.ago(SUNDAY, SUNDAY + gone) == said


@pytest.mark.parametrize(
    ("span", "working_day", "zh", "en"),
    [
        (timedelta(hours=11), WORKING_DAY, "1 工作日 3 小时", "1 working day 3 h"),
        (timedelta(hours=11), None, "11 小时", "11 h"),
        (timedelta(hours=16), WORKING_DAY, "2 工作日", "2 working days"),
        (timedelta(days=1, minutes=5), None, "1 天 5 分", "1 day 5 min"),
        (timedelta(days=99, hours=4), None, "99 天 4 小时", "99 days 4 h"),
        (timedelta(days=1203, hours=4), None, "1203 天", "1203 days"),
        (timedelta(minutes=-40), None, "40 分", "40 min"),
        (timedelta(seconds=59), None, "不足 1 分", "under 1 min"),
    ],
)
def test_a_span_is_told_in_two_units_and_working_time_in_working_days(
    span: timedelta, working_day: timedelta | None, zh: str, en: str
) -> None:
    with translation.override("zh-hans"):
        assert times.spelled(span, working_day) == zh
    with translation.override("en"):
        assert times.spelled(span, working_day) == en


def test_what_has_not_happened_is_told_as_nothing() -> None:
    assert [filter_(None) for filter_ in (times.day, times.moment, times.time_of_day, times.ago)] == ["", "", "", ""]
