"""Calendars at the desk: a month for everybody, the next year's holidays for who looks after them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from shouwen.desk.months import month_of
from shouwen.desk.pages.calendars import first_of
from shouwen.editions.holidays import named_days
from shouwen.editions.models import CalendarVersion
from shouwen.editions.queries import calendars_now
from shouwen.editions.working_days import table
from shouwen.service_levels.horizons import warn_of_horizons
from tests.cast import Cast, on
from tests.departments.test_holidays import LINES
from tests.screens.desk import Desk, text_of

pytestmark = pytest.mark.clause("X3")
TYPED = "\n".join(["date,kind,name", *LINES])


def day_of(page: HttpResponse, day: str) -> str:
    """What the cell of a day says, with its classes."""
    cell = re.search(rf'<td class="([^"]*)"[^>]*>\s*<time datetime="{day}"(.*?)</td>', page.content.decode(), re.DOTALL)
    assert cell, day
    return f"{cell[1]} {' '.join(re.sub('<[^>]+>', ' ', cell[2].partition('>')[2]).split())}"


def send(desk: Desk, text: str, **given: Any) -> HttpResponse:
    return desk.post("/calendars/holidays", {"table": "cn", "text": text, **given})


def test_a_month_names_its_holidays_and_make_up_days(cast: Cast) -> None:
    page = Desk(cast.handler).get("/calendars/office?month=2026-10")

    assert day_of(page, "2026-10-01") == "day day-off day-exception 1 off National Day"
    assert day_of(page, "2026-10-10") == "day day-make-up day-exception 10 on National Day"
    assert day_of(page, "2026-10-08") == "day day-worked 8"
    assert day_of(page, "2026-10-11") == "day day-off 11 off"
    for said in ("office@1", "08:30-12:00 14:00-17:30", "Asia/Shanghai", "2026-12-31", "“cn”"):
        assert said in text_of(page)
    assert "?month=2026-09" in page.content.decode()
    assert "?month=2026-11" in page.content.decode()


def test_past_what_is_published_every_day_says_so(cast: Cast) -> None:
    page = Desk(cast.agent, language="zh-hans").get("/calendars?month=2027-01")

    assert day_of(page, "2027-01-01") == "day day-worked day-guessed 1 ? 尚未公布"
    assert "带问号的日子尚未公布" in text_of(page)
    assert "尚未公布" not in text_of(Desk(cast.agent, language="zh-hans").get("/calendars/hotline?month=2027-01"))


def test_a_month_asks_the_same_few_questions_whatever_it_holds(cast: Cast, django_assert_max_num_queries: Any) -> None:
    desk = Desk(cast.agent)
    desk.get("/calendars/office")
    with django_assert_max_num_queries(12):
        desk.get("/calendars/office?month=2026-10")


def test_there_is_no_page_of_a_calendar_that_is_not_there(cast: Cast) -> None:
    assert Desk(cast.agent).get("/calendars/nowhere").status_code == 404


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("2026-02", date(2026, 2, 1)),
        ("", date(2026, 3, 1)),
        ("2026-13", date(2026, 3, 1)),
        ("0000-01", date(2026, 3, 1)),
        ("1900-01", date(2000, 1, 1)),
        ("9999-12", date(2099, 12, 1)),
    ],
)
def test_any_month_within_a_hundred_years_can_be_asked_for(asked: str, shown: date) -> None:
    assert first_of(asked, date(2026, 3, 2)) == shown


def test_a_month_s_first_and_last_weeks_hold_no_other_month_s_days(cast: Cast) -> None:
    office: Any = calendars_now()["office"]

    month = month_of(office, named_days(table("cn")), date(2026, 2, 1), date(2026, 2, 14))

    assert [day and day.on.day for day in month.weeks[0]] == [None] * 6 + [1]
    assert len(month.weeks) == 5
    assert month.worked == 16, "twenty weekdays, six of them off, two Saturdays worked for them"
    assert [day.on.day for week in month.weeks for day in week if day and day.is_today] == [14]


def test_a_notice_is_looked_at_before_it_is_published(cast: Cast) -> None:
    desk = Desk(cast.administrator)

    looked = send(desk, "", file=SimpleUploadedFile("2027.csv", TYPED.encode("gb18030")), look="")
    assert "14 days change" in text_of(looked)
    assert "2027-02-20 Sat is worked Spring Festival" in text_of(looked)
    assert "Back office hours" in text_of(looked)
    assert LINES[0] in looked.content.decode(), "it can be put right where it stands"
    assert CalendarVersion.objects.filter(name="office").count() == 1

    published = send(desk, TYPED, publish="")
    assert published.headers["Location"] == "/calendars/office?month=2027-01"
    assert CalendarVersion.objects.get(id="office@2").published_by == "notice:administrator"
    assert day_of(desk.get("/calendars/office?month=2027-02"), "2027-02-20").endswith("20 on Spring Festival")


def test_a_published_year_is_changed_by_who_says_that_it_is_right(cast: Cast) -> None:
    desk = Desk(cast.administrator)
    send(desk, TYPED, publish="")
    corrected = f"{TYPED}\n2027-10-06,off,国庆节"

    asked = send(desk, corrected, publish="")
    assert "This year has been published before. 1 day changes." in text_of(asked)
    assert 'name="confirmed"' in asked.content.decode()
    assert CalendarVersion.objects.filter(name="office").count() == 2

    assert send(desk, corrected, publish="", confirmed="on").status_code == 302
    assert CalendarVersion.objects.filter(name="office").count() == 3


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("date,kind\n2027-02-31,off", 422, "Line 2: “2027-02-31” is not a date"),
        ("nothing of the kind", 422, "the first line names the columns"),
        ("", 422, "Choose a file, or type the lines."),
        ("date,kind\n2028-01-03,off", 409, "the notice for 2027 comes before the one for 2028"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(cast: Cast, typed: str, status: int, said: str) -> None:
    answer = send(Desk(cast.administrator), typed, publish="")

    assert answer.status_code == status
    assert said in text_of(answer)
    assert typed.partition("\n")[2] in answer.content.decode()


@pytest.mark.clause("H5.2")
@pytest.mark.parametrize("who", ["agent", "handler", "supervisor", "manager"])
def test_only_an_administrator_publishes(cast: Cast, who: str) -> None:
    desk = Desk(getattr(cast, who))

    assert desk.get("/calendars/holidays").status_code == 403
    assert send(desk, TYPED, publish="").status_code == 403
    assert "/calendars/holidays" not in desk.get("/calendars").content.decode()


def test_the_notice_that_a_calendar_ends_leads_to_it(cast: Cast) -> None:
    warn_of_horizons(on("2026-12-20 09:00"))
    desk = Desk(cast.administrator)

    inbox = desk.get("/notices")
    notice = re.search(r'href="(/notices/[0-9a-f-]+)"', inbox.content.decode())

    assert "is published until 2026-12-31 (11 days left)" in text_of(inbox)
    assert notice
    assert desk.get(notice[1]).headers["Location"] == "/calendars/office"
