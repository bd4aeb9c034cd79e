"""The shipped table of holidays and make-up days against what the State Council's notices said."""

from collections import Counter
from datetime import date, timedelta

import pytest

from shouwen.handbook.working_time import published_until
from tests.handbook.times import OFFICE, state_council

pytestmark = pytest.mark.clause("H5.1.2")


def days(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def test_the_table_reaches_from_2004_to_the_end_of_2026():
    rows = state_council()

    assert {int(row["year"]) for row in rows} == set(range(2004, 2027))
    assert published_until(rows) == date(2026, 12, 31)


def test_only_exceptions_to_monday_to_friday_are_listed_each_once():
    rows = [(date.fromisoformat(row["date"]), row["kind"]) for row in state_council()]

    assert all((day.weekday() < 5) == (kind == "off") for day, kind in rows)
    assert rows == sorted(rows)
    assert max(Counter(day for day, _ in rows).values()) == 1


@pytest.mark.parametrize(
    ("holiday", "first", "last", "made_up"),
    [
        ("元旦 2026", "2026-01-01", "2026-01-03", ["2026-01-04"]),
        ("春节 2026", "2026-02-15", "2026-02-23", ["2026-02-14", "2026-02-28"]),
        ("清明节 2026", "2026-04-04", "2026-04-06", []),
        ("劳动节 2026", "2026-05-01", "2026-05-05", ["2026-05-09"]),
        ("端午节 2026", "2026-06-19", "2026-06-21", []),
        ("中秋节 2026", "2026-09-25", "2026-09-27", []),
        ("国庆节 2026", "2026-10-01", "2026-10-07", ["2026-09-20", "2026-10-10"]),
        ("国庆节、中秋节 2025", "2025-10-01", "2025-10-08", ["2025-09-28", "2025-10-11"]),
        ("春节 2025", "2025-01-28", "2025-02-04", ["2025-01-26", "2025-02-08"]),
        ("春节 2020, prolonged in the epidemic", "2020-01-24", "2020-02-02", ["2020-01-19"]),
        ("抗战胜利纪念日 2015", "2015-09-03", "2015-09-05", ["2015-09-06"]),
        ("国庆节 2008", "2008-09-29", "2008-10-05", ["2008-09-27", "2008-09-28"]),
        ("元旦 2006", "2006-01-01", "2006-01-03", ["2005-12-31"]),
        ("劳动节 2005", "2005-05-01", "2005-05-07", ["2005-04-30", "2005-05-08"]),
    ],
)
def test_a_holiday_is_off_its_neighbours_are_not_and_its_make_up_days_are_worked(holiday, first, last, made_up):
    off = days(first, last)

    assert not any(OFFICE.is_working_day(day) for day in off), holiday
    assert all(OFFICE.is_working_day(date.fromisoformat(day)) for day in made_up)
    assert all(date.fromisoformat(day).weekday() >= 5 for day in made_up)


@pytest.mark.parametrize(("year", "working_days"), [(2026, 248), (2025, 248), (2024, 251), (2023, 249), (2020, 249)])
def test_a_year_has_as_many_working_days_as_its_notice_left(year, working_days):
    assert sum(OFFICE.is_working_day(day) for day in days(f"{year}-01-01", f"{year}-12-31")) == working_days


def test_the_weekend_the_epidemic_gave_back_is_not_worked():
    assert not OFFICE.is_working_day(date(2020, 2, 1))
