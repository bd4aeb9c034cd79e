"""Ticket numbers: read aloud, typed by thumb, written on a slip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwen.handbook.numbers import (
    UNMISTAKABLE,
    make_number,
    normalise_number,
    numbers_beginning,
    numbers_near,
    valid,
)

CELLS = st.from_regex(r"[A-Z][A-Z0-9]{1,3}", fullmatch=True)
DRAWS = st.binary(min_size=8, max_size=16)
NUMBERS = st.builds(make_number, CELLS, DRAWS)
ANY_CHARACTER = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.clause("S1.1b")
@given(NUMBERS)
def test_every_number_drawn_is_valid_and_canonical(number):
    assert valid(number)
    assert normalise_number(number) == number


@pytest.mark.clause("S1.1b")
def test_a_number_looks_like_the_one_on_the_slip():
    cell, first, second, check = make_number("AH", bytes(range(8))).split("-")

    assert cell == "AH"
    assert (len(first), len(second), len(check)) == (5, 5, 1)
    assert set(first + second + check) <= set(UNMISTAKABLE)
    assert not set(UNMISTAKABLE) & set("0O1ILU")


@given(NUMBERS, st.data())
def test_one_wrong_character_is_always_caught(number, data):
    at = data.draw(st.sampled_from([i for i, character in enumerate(number) if character != "-"]))
    for wrong in set(ANY_CHARACTER) - {number[at]}:
        mistaken = number[:at] + wrong + number[at + 1 :]
        assert not valid(mistaken)
        assert normalise_number(mistaken) is None


@given(NUMBERS)
def test_two_neighbours_that_changed_places_are_always_caught(number):
    characters = number.replace("-", "")
    for i in range(len(characters) - 1):
        swapped = characters[:i] + characters[i + 1] + characters[i] + characters[i + 2 :]
        if swapped != characters:
            assert normalise_number(swapped) is None


@pytest.mark.clause("S1.1b")
@given(NUMBERS)
def test_a_number_is_understood_however_it_is_typed(number):
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in number)

    for typed in (
        number.lower(),
        number.replace("-", ""),
        number.replace("-", " "),
        number.replace("-", "—"),
        f"  {number}\n",
        full_width,
        full_width.lower().replace("\uff0d", "\u3000"),
    ):
        assert normalise_number(typed) == number


@pytest.mark.parametrize(
    "typed", ["", "AH", "13800138000", "AH-7K3MP-9QXTD", "工单", "AH-7K3MP-9QXTD-4X", "7K3MP9QXTD4"]
)
def test_what_is_no_number_is_none(typed):
    assert normalise_number(typed) is None
    assert not valid(typed)


def test_valid_wants_the_canonical_form():
    number = make_number("AH", b"\x07" * 8)

    assert valid(number)
    assert not valid(number.lower())
    assert not valid(number.replace("-", ""))
    assert not valid(number + "\n")


def test_the_same_bytes_draw_the_same_number_and_other_bytes_another():
    assert make_number("AH", b"\x01" * 8) == make_number("AH", b"\x01" * 8)
    assert len({make_number("AH", n.to_bytes(8, "big") * 2) for n in range(0, 2_000_000, 1_000)}) == 2_000


@pytest.mark.parametrize("cell", ["", "A", "ah", "安徽", "ANHUI", "1A", "A-H"])
def test_a_cell_code_that_could_not_be_read_back_is_refused(cell):
    with pytest.raises(ValueError, match="cell code"):
        make_number(cell, bytes(8))


def test_too_little_randomness_is_refused():
    with pytest.raises(ValueError, match="random bytes"):
        make_number("AH", bytes(7))


@given(NUMBERS, st.data())
def test_a_number_lies_between_the_ends_of_whatever_it_begins_with(number, data):
    cell, compact = number.split("-")[0], number.replace("-", "")
    length = data.draw(st.integers(len(cell) + 1, len(compact)))
    for typed in (compact[:length].lower(), number[: length + 1]):
        ends = numbers_beginning(typed, cell)
        assert ends is not None
        assert ends[0] <= number <= ends[1]


@pytest.mark.parametrize("typed", ["", "AH", "ah-", "AH-0", "宽带", "AH-7K3MP-9QXTD-44", "7O3"])
def test_what_begins_no_number_leads_nowhere(typed):
    assert numbers_beginning(typed, "AH") is None


@given(NUMBERS, st.data())
def test_a_number_with_one_slip_is_among_those_it_may_have_been_meant_for(number, data):
    cell = number.split("-")[0]
    at = data.draw(st.sampled_from([i for i, sign in enumerate(number) if sign != "-" and i > len(cell)]))
    wrong = data.draw(st.sampled_from(sorted(set(ANY_CHARACTER) - {number[at]})))

    assert number in numbers_near(number[:at] + wrong + number[at + 1 :], cell)


@given(NUMBERS)
def test_neighbours_that_changed_places_are_found_again_and_a_right_number_is_not_corrected(number):
    cell, body = number.split("-")[0], "".join(number.split("-")[1:])
    for i in range(len(body) - 1):
        swapped = body[:i] + body[i + 1] + body[i] + body[i + 2 :]
        assert swapped == body or number in numbers_near(swapped, cell)
    assert numbers_near(number, cell) == []
    assert numbers_near("宽带掉线一二三四五六七", cell) == []
