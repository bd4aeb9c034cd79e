"""Working time, as docs/handbook/examples/working-time.md tells it, and the laws it keeps."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwen.handbook.almanac import ShiftUnreadable
from shouwen.handbook.targets import Duration, Unit
from shouwen.handbook.working_time import (
    CalendarEmpty,
    CalendarNotPublished,
    CalendarRowUnreadable,
    NaturalTime,
    Shift,
    ShiftsOverlap,
    WorkingCalendar,
    exceptions_from,
)
from tests.examples import code, examples
from tests.handbook.times import CALENDARS, OFFICE, on

PAGE = "examples/working-time.md"
NATURAL_TIME = NaturalTime()
WORKING = st.sampled_from(list(CALENDARS.values()))
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 9, 1), timezones=st.just(UTC))  # noqa: DTZ001
SPANS = st.timedeltas(timedelta(microseconds=1), timedelta(hours=300))
laws = settings(deadline=None, max_examples=80)


def rows(table: str, start: str):
    return [
        pytest.param(row, id=f"{code(row[start])} + {code(row['duration'])} {code(row['calendar'])}")
        for row in examples(PAGE, table)
    ]


@pytest.mark.clause("H5.1.2")
@pytest.mark.parametrize("row", rows("working days", "received"))
def test_working_days_end_at_the_close_of_the_last_one(row):
    calendar, duration = CALENDARS[code(row["calendar"])], Duration.parse(code(row["duration"]))

    due = calendar.nth_day_close(on(code(row["received"]), calendar.zone), duration.amount)

    assert duration.unit is Unit.WORKING_DAYS
    assert due == on(code(row["due"]), calendar.zone), row["because"]


@pytest.mark.clause("X3")
@pytest.mark.parametrize("row", rows("working time", "start"))
def test_working_time_counts_minutes_at_work_and_nothing_else(row):
    calendar, worked = CALENDARS[code(row["calendar"])], Duration.parse(code(row["duration"])).span
    start, due = on(code(row["start"]), calendar.zone), on(code(row["due"]), calendar.zone)

    assert calendar.add(start, worked) == due, row["because"]
    assert calendar.between(start, due) == worked


@pytest.mark.clause("X1")
@pytest.mark.parametrize("row", rows("natural time", "start"))
def test_natural_time_is_what_elapses(row):
    zone, span = CALENDARS[code(row["calendar"])].zone, Duration.parse(code(row["duration"])).span

    assert NATURAL_TIME.add(on(code(row["start"]), zone), span) == on(code(row["due"]), zone), row["because"]


@pytest.mark.clause("X3")
def test_nothing_is_promised_past_what_has_been_published():
    thirtieth = on("2026-12-30 10:00")

    with pytest.raises(CalendarNotPublished) as refused:
        OFFICE.add(thirtieth, timedelta(hours=14))
    with pytest.raises(CalendarNotPublished):
        OFFICE.nth_day_close(thirtieth, 2)

    assert refused.value.facts == {"calendar": "office", "published_until": "2026-12-31"}
    assert OFFICE.add(thirtieth, timedelta(hours=12, minutes=30)) == on("2026-12-31 17:30")
    assert OFFICE.nth_day_close(thirtieth, 1) == on("2026-12-31 17:30")


def test_a_calendar_is_carried_on_by_its_weekly_pattern_when_asked_to_assume():
    assumed = OFFICE.assumed()

    assert assumed.add(on("2026-12-31 17:00"), timedelta(hours=1)) == on("2027-01-01 09:00")
    assert not assumed.beyond(on("2030-01-01 00:00"))
    assert OFFICE.published_until == date(2026, 12, 31)
    assert [OFFICE.beyond(on(at)) for at in ("2026-12-31 23:59", "2027-01-01 00:00")] == [False, True]


def test_the_last_published_night_may_end_on_the_first_unpublished_morning():
    nights = {day: (Shift.parse("22:00-06:00"),) for day in range(7)}
    ward = WorkingCalendar("ward", ZoneInfo("Europe/London"), nights, date(2026, 12, 31))

    assert ward.add(on("2026-12-31 23:00", ward.zone), timedelta(hours=7)) == on("2027-01-01 06:00", ward.zone)
    with pytest.raises(CalendarNotPublished):
        ward.add(on("2026-12-31 23:00", ward.zone), timedelta(hours=8))


def test_the_open_periods_of_a_day_come_in_utc_and_stop_where_publication_does():
    assert list(islice(OFFICE.open_periods(on("2026-12-30 15:00")), 9)) == [
        (on("2026-12-30 15:00"), on("2026-12-30 17:30")),
        (on("2026-12-31 08:30"), on("2026-12-31 12:00")),
        (on("2026-12-31 14:00"), on("2026-12-31 17:30")),
    ]


def test_shifts_written_out_of_order_are_one_day_all_the_same():
    shifts = (Shift.parse("14:00-17:30"), Shift.parse("08:30-12:00"))
    office = WorkingCalendar("office", OFFICE.zone, dict.fromkeys(range(5), shifts), date.max)

    assert office.add(on("2026-03-02 11:50"), timedelta(minutes=30)) == on("2026-03-02 14:20")


def test_a_make_up_day_whose_shift_runs_into_the_next_counts_no_minute_twice():
    weekly = {0: (Shift.parse("08:00-12:00"),)}
    sunday = {date(2026, 3, 1): (Shift.parse("22:00-09:00"),)}
    field = WorkingCalendar("field", OFFICE.zone, weekly, date.max, sunday)

    assert field.between(on("2026-03-01 20:00"), on("2026-03-02 20:00")) == timedelta(hours=14)


@pytest.mark.parametrize(
    ("weekly", "pair"),
    [
        ({0: ("08:00-12:00", "11:59-13:00")}, ("08:00-12:00", "11:59-13:00")),
        ({0: ("22:00-06:00",), 1: ("05:00-09:00",)}, ("22:00-06:00", "05:00-09:00")),
        ({6: ("22:00-06:00",), 0: ("05:00-09:00",)}, ("22:00-06:00", "05:00-09:00")),
    ],
)
def test_shifts_that_overlap_are_refused(weekly, pair):
    shifts = {day: tuple(Shift.parse(text) for text in texts) for day, texts in weekly.items()}

    with pytest.raises(ShiftsOverlap) as refused:
        WorkingCalendar("crew", OFFICE.zone, shifts, date.max)

    assert (refused.value.facts["one"], refused.value.facts["other"]) == pair


def test_shifts_that_meet_do_not_overlap():
    round_the_clock = dict.fromkeys(range(7), (Shift.parse("00:00-08:00"), Shift.parse("08:00-24:00")))

    crew = WorkingCalendar("crew", OFFICE.zone, round_the_clock, date.max)

    assert crew.between(on("2026-03-01 00:00"), on("2026-03-08 00:00")) == timedelta(days=7)


def test_a_make_up_day_with_overlapping_shifts_is_refused():
    overlapping = {date(2026, 3, 7): (Shift.parse("08:00-12:00"), Shift.parse("11:00-13:00"))}

    with pytest.raises(ShiftsOverlap):
        WorkingCalendar("crew", OFFICE.zone, OFFICE.weekly, date.max, overlapping)


def test_a_calendar_in_which_nobody_ever_works_is_refused():
    with pytest.raises(CalendarEmpty):
        WorkingCalendar("nobody", OFFICE.zone, {0: ()}, date.max)


@pytest.mark.parametrize("text", ["8-12", "08:30", "08:30-24:30", "25:00-26:00", "08:60-09:00", ""])
def test_a_shift_that_cannot_be_read_is_refused(text):
    with pytest.raises(ShiftUnreadable):
        Shift.parse(text)


@pytest.mark.parametrize("row", [{"date": "2026-02-30", "kind": "off"}, {"date": "2026-02-03", "kind": "half"}, {}])
def test_a_row_of_a_holiday_table_that_cannot_be_read_is_refused(row):
    with pytest.raises(CalendarRowUnreadable):
        exceptions_from([row], ())


@laws
@given(WORKING, INSTANTS, SPANS)
def test_adding_and_counting_are_inverse_and_the_due_time_is_the_earliest(calendar, start, worked):
    due = calendar.add(start, worked)

    assert calendar.between(start, due) == worked
    assert calendar.between(start, due - timedelta(microseconds=1)) < worked


@laws
@given(WORKING, INSTANTS, SPANS, SPANS)
def test_time_worked_in_two_parts_is_time_worked_at_once(calendar, start, one, other):
    assert calendar.add(calendar.add(start, one), other) == calendar.add(start, one + other)


@laws
@given(WORKING, INSTANTS, SPANS, SPANS)
def test_a_later_start_is_never_due_earlier(calendar, start, later, worked):
    assert calendar.add(start, worked) <= calendar.add(start + later, worked)


@laws
@given(WORKING, st.lists(INSTANTS, min_size=3, max_size=3).map(sorted))
def test_what_is_worked_adds_up(calendar, instants):
    a, b, c = instants

    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)
    assert calendar.between(c, a) == timedelta(0)


@laws
@given(WORKING, INSTANTS, st.integers(1, 40))
def test_each_working_day_closes_after_the_one_before_and_never_on_the_day_of_receipt(calendar, start, n):
    received = start.astimezone(calendar.zone).date()
    close, following = calendar.nth_day_close(start, n), calendar.nth_day_close(start, n + 1)
    worked = {received + timedelta(days=d) for d in range(1, 90) if calendar.is_working_day(received + timedelta(d))}

    assert start < close < following
    assert calendar.nth_day_close(start, len(worked)) <= on(f"{received + timedelta(days=91)} 00:00", calendar.zone)
    assert calendar.between(start, close) > timedelta(0)
