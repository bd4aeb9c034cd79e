"""How a customer without an account gets at a ticket: phone codes and slips, and everything that must not work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import QuerySet
from uuid_utils.compat import uuid7

from shouwen.customers import access
from shouwen.customers.access import check_code, check_slip, make_code, make_slip
from shouwen.customers.models import AccessCode
from shouwen.handbook.authority import Actor
from tests.cast import MONDAY

TICKET, OTHER = UUID(int=1), UUID(int=2)
AGENT = Actor("person", "0190", "坐席甲")
SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.django_db


def wrong(digits: str) -> str:
    return f"{(int(digits) + 1) % 10**6:06}"


@pytest.mark.clause("S2.1a")
def test_the_right_code_opens_its_ticket():
    code = make_code(TICKET, at=MONDAY)

    assert check_code(code.id, f" {code.digits} ", at=MONDAY + timedelta(minutes=9)) == TICKET


@pytest.mark.clause("S2.1a")
@pytest.mark.parametrize(("after", "opened"), [(-SECOND, TICKET), (timedelta(0), None), (SECOND, None)])
def test_a_code_lives_ten_minutes(after: timedelta, opened: UUID | None):
    code = make_code(TICKET, at=MONDAY)

    assert check_code(code.id, code.digits, at=MONDAY + timedelta(minutes=10) + after) == opened


def test_a_code_opens_once_because_somebody_may_have_looked_over_a_shoulder():
    code = make_code(TICKET, at=MONDAY)
    check_code(code.id, code.digits, at=MONDAY)

    assert check_code(code.id, code.digits, at=MONDAY + SECOND) is None


def test_a_button_pressed_twice_opens_once_and_the_slower_press_is_told_no(monkeypatch: pytest.MonkeyPatch):
    code = make_code(TICKET, at=MONDAY)
    count_try = QuerySet.update

    def count_try_while_the_twin_opens(rows: QuerySet, **values: object) -> int:
        done = count_try(rows, **values)
        count_try(AccessCode.objects.all(), used_at=MONDAY)
        return done

    monkeypatch.setattr(QuerySet, "update", count_try_while_the_twin_opens)

    assert check_code(code.id, code.digits, at=MONDAY) is None


def test_after_five_wrong_tries_the_right_code_is_worth_nothing():
    code = make_code(TICKET, at=MONDAY)
    for _ in range(5):
        assert check_code(code.id, wrong(code.digits), at=MONDAY) is None

    assert check_code(code.id, code.digits, at=MONDAY) is None


def test_four_wrong_tries_leave_one():
    code = make_code(TICKET, at=MONDAY)
    for _ in range(4):
        check_code(code.id, wrong(code.digits), at=MONDAY)

    assert check_code(code.id, code.digits, at=MONDAY) == TICKET


@pytest.mark.parametrize("said", ["", "12345", "1234567", "abcdef", "' or 1=1 --", "0" * 10_000])
def test_what_is_no_code_opens_nothing(said: str):
    code = make_code(TICKET, at=MONDAY)

    assert check_code(code.id, said, at=MONDAY) is None


def test_a_code_is_checked_under_the_request_that_ordered_it_so_nobody_else_uses_up_its_tries():
    mine, theirs = make_code(TICKET, at=MONDAY), make_code(TICKET, at=MONDAY)
    for _ in range(9):
        check_code(theirs.id, wrong(theirs.digits), at=MONDAY)

    assert check_code(mine.id, mine.digits, at=MONDAY) == TICKET


def test_a_request_that_made_no_code_answers_like_one_whose_code_is_wrong():
    assert check_code(uuid7(), "123456", at=MONDAY) is None


def test_a_code_opens_its_own_ticket_and_no_other():
    one, two = make_code(TICKET, at=MONDAY), make_code(OTHER, at=MONDAY)

    assert check_code(two.id, two.digits, at=MONDAY) == OTHER
    assert check_code(one.id, one.digits, at=MONDAY) == TICKET


def test_a_code_may_be_typed_with_the_wide_digits_of_a_chinese_keyboard():
    code = make_code(TICKET, at=MONDAY)
    wide = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in code.digits)

    assert check_code(code.id, f"{wide[:3]} {wide[3:]}", at=MONDAY) == TICKET


@pytest.mark.django_db(transaction=True)
def test_trying_from_many_sides_at_once_gains_no_sixth_try():
    code = make_code(TICKET, at=MONDAY)

    def attempt(_: int) -> UUID | None:
        try:
            return check_code(code.id, wrong(code.digits), at=MONDAY)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attempt, range(24)))

    assert AccessCode.objects.get().tries == 5


def made(times: int, at: datetime) -> list[bool]:
    return [make_code(TICKET, at=at) is not None for _ in range(times)]


def test_a_phone_gets_three_codes_an_hour_however_often_somebody_asks():
    assert made(4, MONDAY) == [True, True, True, False]
    assert made(1, MONDAY + timedelta(minutes=59)) == [False]
    assert made(1, MONDAY + timedelta(hours=1)) == [True]
    assert make_code(OTHER, at=MONDAY) is not None


def test_a_phone_gets_ten_codes_a_day():
    at = MONDAY
    for _ in range(4):
        made(3, at)
        at += timedelta(hours=1)

    assert AccessCode.objects.count() == 10
    assert made(1, MONDAY + timedelta(days=1)) == [True]


@pytest.mark.clause("T1.3b")
def test_neither_codes_nor_slips_can_be_read_from_the_database():
    code, slip = make_code(TICKET, at=MONDAY), make_slip(TICKET, by=AGENT, at=MONDAY)

    rows = str(list(AccessCode.objects.values()))

    assert code.digits not in rows
    assert slip not in rows
    assert slip.replace("-", "") not in rows


def test_a_slip_opens_its_ticket_once_however_it_was_typed():
    slip = make_slip(TICKET, by=AGENT, at=MONDAY)

    assert check_slip(TICKET, f"  {slip.lower().replace('-', ' ')}", at=MONDAY)
    assert not check_slip(TICKET, slip, at=MONDAY)


@pytest.mark.parametrize(("after", "opens"), [(-SECOND, True), (timedelta(0), False)])
def test_a_slip_lives_a_week(after: timedelta, opens: bool):
    slip = make_slip(TICKET, by=AGENT, at=MONDAY)

    assert check_slip(TICKET, slip, at=MONDAY + timedelta(days=7) + after) is opens


def test_a_slip_never_opens_another_ticket_and_trying_does_not_use_it_up():
    slip = make_slip(TICKET, by=AGENT, at=MONDAY)

    assert not check_slip(OTHER, slip, at=MONDAY)
    assert check_slip(TICKET, slip, at=MONDAY)


def test_a_phone_code_is_no_slip():
    code = make_code(TICKET, at=MONDAY)

    assert not check_slip(TICKET, code.digits, at=MONDAY)


@pytest.mark.clause("T6.2")
def test_who_handed_out_a_slip_stays_written_down():
    make_slip(TICKET, by=AGENT, at=MONDAY)

    row = AccessCode.objects.get()

    assert (row.made_by, row.made_at, row.kind) == ("person:0190", MONDAY, "slip")


def test_codes_are_drawn_from_all_six_digit_numbers():
    drawn = {access.make_code(UUID(int=n), at=MONDAY).digits for n in range(50)}

    assert all(len(digits) == 6 and digits.isascii() and digits.isdigit() for digits in drawn)
    assert len(drawn) > 45
