"""A year of holidays typed from its notice: doubted, compared, published; and who hears that a calendar ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils.timezone import now
from django.utils.translation import override

from shouwen.editions.actions import install_shipped_pack, publish_calendar, publish_holidays
from shouwen.editions.holidays import (
    BrokenNotice,
    ConfirmationNeeded,
    Notice,
    YearsMissing,
    compared,
    read_notice,
)
from shouwen.editions.models import CalendarVersion, HolidayYear
from shouwen.editions.queries import calendars_now, holiday_rows
from shouwen.editions.working_days import table
from shouwen.handbook.calendars import Horizon, horizon, horizons_near
from shouwen.handbook.working_time import WorkingCalendar
from shouwen.notices.models import MessageOrder
from shouwen.notices.queries import message_text
from shouwen.service_levels.horizons import warn_of_horizons
from shouwen.service_levels.models import Clock
from shouwen.service_levels.settling import settle
from tests.cast import MONDAY, Cast, on, take_in
from tests.departments.test_handling import everything_wrong_with

pytestmark = pytest.mark.clause("X3")
# Invented for the tests: what the real notice for 2027 says stands in no test.
OFF = ["01-01", "02-05", "02-08", "02-09", "02-10", "02-11", "04-05", "05-03", "06-09", "10-01", "10-04", "10-05"]
MAKE_UP = ["01-03", "02-20"]
LINES = [*(f"2027-{day},休,春节" for day in OFF), *(f"2027-{day},班,春节" for day in MAKE_UP)]


def notice(*lines: str, known: Any = None) -> Notice:
    return read_notice("\n".join(["日期,类型,名称", *lines]).encode(), "cn", known or table("cn"))


def problems_of(data: bytes) -> list[str]:
    with pytest.raises(BrokenNotice) as broken, override("en"):
        read_notice(data, "cn", table("cn"))
    return [str(problem) for problem in broken.value.problems]


# Reading


def test_a_notice_is_read_as_an_editor_or_a_chinese_spreadsheet_saves_it() -> None:
    typed = "日期,类型,名称\r\n2027/2/5,休,春节\r\n2027年2月20日,上班,春节\r\n"

    read = [read_notice(typed.encode(coding), "cn", table("cn")).rows for coding in ("utf-8-sig", "gb18030")]
    english = b"date,kind,name\n2027-02-05,off,Spring Festival\n2027-02-20,on,Spring Festival\n"
    rows = read_notice(english, "cn", table("cn")).rows

    assert read == [rows, rows], "a holiday known by one name is known by the other"
    assert [(row["date"], row["kind"], row["year"]) for row in rows] == [
        ("2027-02-05", "off", "2027"),
        ("2027-02-20", "on", "2027"),
    ]


def test_everything_wrong_is_said_with_its_line() -> None:
    data = b"date,kind\n2027-02-05,off\n2027-02-05,on\n2025-01-01,off\n2027-02-30,off\n2027-03-01,free\n"

    assert problems_of(data) == [
        "notice.csv:3: 2027-02-05 is given twice",
        "notice.csv:4: 2025-01-01 is not of 2027, the year of the notice",
        "notice.csv:5: “2027-02-30” is not a date: write 2027-02-06",
        "notice.csv:6: “free” is neither off nor on",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "notice.csv:1: the first line names the columns: date,kind,name; “date” is missing"),
        (b"date,kind,name\n", "notice.csv: it has no days in it"),
        (b"date,kind\n" + b"2027-01-01,off\n" * 10_000, "notice.csv: the file is too long"),
        (b"\x80\xff\xff", "notice.csv: it cannot be read as UTF-8 text"),
    ],
)
def test_what_is_no_notice_is_refused(data: bytes, said: str) -> None:
    assert problems_of(data) == [said]


def test_the_last_days_of_december_may_stand_in_the_next_year_s_notice() -> None:
    rows = notice("2026-12-31,休,元旦", "2027-01-01,休,元旦").rows

    assert {row["year"] for row in rows} == {"2027"}, "a New Year holiday may begin before the new year"


def test_a_make_up_day_on_a_weekday_and_a_notice_half_typed_are_doubted() -> None:
    with override("en"):
        comparison = compared(notice("2027-01-01,休,元旦", "2027-02-22,班,春节"), table("cn"))

    assert [doubt.sentence for doubt in comparison.doubts] == [
        "2027-02-22 is a make-up day on a weekday",
        "1 weekdays off, where the year before had 19: is anything missing?",
    ]
    assert comparison.asks


def test_a_year_that_is_known_is_compared_day_by_day_in_what_it_changes() -> None:
    rows = [f"{row['date']},{row['kind']}" for row in table("cn") if row["year"] == "2026"]
    rows.remove("2026-02-14,on")

    comparison = compared(notice(*rows, "2026-02-13,off", "2026-02-15,off"), table("cn"))

    assert [(one.day, one.works) for one in comparison.differences] == [
        (date(2026, 2, 13), False),
        (date(2026, 2, 14), False),
    ], "a Sunday off is nothing new"
    assert comparison.known
    assert comparison.asks


def test_no_year_is_left_out() -> None:
    with pytest.raises(YearsMissing, match="2027"):
        compared(notice("2028-01-03,休,元旦"), table("cn"))


# Publishing


def test_the_next_year_extends_the_table_and_settles_what_was_provisional(cast: Cast) -> None:
    december = datetime(2026, 12, 28, 2, tzinfo=UTC)
    ticket = take_in(cast, received_at=december, now=december)
    before = Clock.objects.get(ticket=ticket, rule="handling-general")

    versions = publish_holidays(notice(*LINES), "administrator", at=now())
    while settle(now()):
        pass

    after = Clock.objects.get(ticket=ticket, rule="handling-general")
    assert [version.id for version in versions] == ["office@2"], "the field crew and the hotline keep no holidays"
    assert (before.provisional, after.provisional) == (True, False)
    assert after.due_at == on("2027-01-06 17:30"), "29, 30, 31, then Sunday the 3rd worked for Friday the 1st"
    assert calendars_now()["office"].published_until == date(2027, 12, 31)
    assert everything_wrong_with(ticket) == []


def test_what_changes_a_published_year_is_confirmed_first_and_the_same_again_changes_nothing(cast: Cast) -> None:
    publish_holidays(notice(*LINES), "administrator", at=now())
    corrected = notice(*LINES, "2027-10-06,休,国庆节")

    with pytest.raises(ConfirmationNeeded):
        publish_holidays(corrected, "administrator", at=now())
    [version] = publish_holidays(corrected, "administrator", at=now(), confirmed=True)

    assert (version.id, version.published_by) == ("office@3", "notice:administrator")
    assert version.content["exceptions"]["2027-10-06"] == []
    assert publish_holidays(corrected, "administrator", at=now()) == []
    assert list(HolidayYear.objects.values_list("id", flat=True)) == ["cn-2027@2", "cn-2027@1"]
    assert holiday_rows("cn")[-1]["date"] == "2027-10-06"


def test_a_team_s_own_days_outlive_a_notice(cast: Cast) -> None:
    content = CalendarVersion.objects.get(id="office@1").content
    own = {"2027-02-05": ["09:00-12:00"], "2026-11-14": []}
    publish_calendar("office", content | {"exceptions": content["exceptions"] | own}, "test", at=now())

    [version] = publish_holidays(notice(*LINES), "administrator", at=now())

    assert version.content["exceptions"].items() >= own.items()
    assert version.content["exceptions"]["2027-02-08"] == []


def test_a_desk_that_published_a_notice_still_follows_its_pack(cast: Cast) -> None:
    publish_holidays(notice(*LINES), "administrator", at=now())

    install_shipped_pack(at=now())

    assert CalendarVersion.objects.filter(name="office").count() == 2, "the pack's calendar has the notice's year in it"


# The horizon


def calendar(until: date) -> WorkingCalendar:
    office = calendars_now()["office"]
    assert isinstance(office, WorkingCalendar)
    return WorkingCalendar(office.name, office.zone, office.weekly, until)


@pytest.mark.parametrize(
    ("at", "left", "ends_soon"),
    [
        ("2026-10-31 23:59", 61, False),
        ("2026-11-01 00:00", 60, True),
        ("2026-12-31 23:59", 0, True),
        ("2027-01-01 00:00", -1, True),
    ],
)
def test_sixty_days_before_it_ends_a_calendar_says_so_by_its_own_clocks(
    cast: Cast, at: str, left: int, ends_soon: bool
) -> None:
    seen = horizon(calendar(date(2026, 12, 31)), on(at))

    assert seen == Horizon("office", date(2026, 12, 31), left)
    assert seen.ends_soon is ends_soon


def test_a_calendar_without_holidays_never_ends(cast: Cast) -> None:
    assert [one.calendar for one in horizons_near(calendars_now().values(), on("2026-12-01 09:00"))] == ["office"]


def test_who_looks_after_calendars_is_told_once_at_each_step(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    for at in ("2026-10-20 09:00", "2026-11-20 09:00", "2026-11-21 09:00", "2026-12-05 09:00"):
        warn_of_horizons(on(at))

    told = MessageOrder.objects.filter(template="calendar_ends").order_by("ordered_at", "id")
    people = {f"person:{cast.administrator.pk}", f"person:{cast.supervisor.pk}"}
    assert {order.recipient for order in told} == people
    assert sorted(order.params["days"] for order in told) == [26, 26, 41, 41]
    assert "2026-12-31（还有 41 天）" in message_text(told[0], "zh-hans")
    assert "“Back office hours”" in message_text(told[0], "en")
    assert len(caplog.records) == 3


def test_nobody_is_told_of_a_calendar_that_has_its_next_year(cast: Cast) -> None:
    publish_holidays(notice(*LINES), "administrator", at=MONDAY)

    warn_of_horizons(on("2026-12-30 09:00") + timedelta(hours=1))

    assert not MessageOrder.objects.filter(template="calendar_ends").exists()
