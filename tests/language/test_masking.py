"""Masks show enough to recognise, and too little to use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwen.language.masking import HIDDEN, mask

KINDS = ["phone", "name", "id_card", "bank_card", "email", "address", "text", "ip", "plate", "account", "unheard_of"]


@pytest.mark.clause("T6.2")
@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        ("phone", "13800138000", "138****8000"),
        ("phone", "+86 138-0013-8000", "138****8000"),
        ("phone", "１３８００１３８０００", "138****8000"),
        ("phone", "0551-62812345", "0551-****45"),
        ("phone", "010-62812345", "010-****45"),
        ("phone", "62812345", "****45"),
        ("phone", "+1 202 555 0143", "+120****43"),
        ("name", "张三", "张*"),
        ("name", "张三丰", "张**"),
        ("name", "欧阳修", "欧阳*"),
        ("name", "张先生", "张**"),
        ("name", "John Smith", "J*** S***"),
        ("name", "Jo", "J**"),
        ("id_card", "11010519491231002X", "1101************2X"),
        ("id_card", "110105 19491231 002X", "1101************2X"),
        ("id_card", "E12345678", "E****8"),
        ("bank_card", "6222 0202 0000 0000 008", "**** **** **** 0008"),
        ("bank_card", "12345", HIDDEN),
        ("email", "someone@example.com", "s***@example.com"),
        ("email", "a@example.com", "***@example.com"),
        ("email", "no address", HIDDEN),
        ("address", "安徽省合肥市蜀山区幸福路12号3栋502室", "安徽省合肥市蜀山区****"),
        ("address", "北京市朝阳区建国路1号", "北京市朝阳区****"),
        ("address", "幸福路12号", "幸福****"),
        ("address", "88号天鹅湖小区12栋1203室", "****"),
        ("ip", "36.112.4.7", "36.112.*.*"),
        ("plate", "皖A12345", "皖****5"),
        ("account", "ah0551883321", "ah****21"),
        ("account", "1234", HIDDEN),
        ("text", "任何文字", HIDDEN),
        ("unheard_of", "任何文字", HIDDEN),
    ],
)
def test_each_kind_has_its_mask(kind, value, masked):
    assert mask(kind, value) == masked


@pytest.mark.clause("T6.2")
@given(st.sampled_from(KINDS), st.text(max_size=40))
def test_a_mask_is_never_the_value_and_never_empty(kind, value):
    masked = mask(kind, value)

    assert "*" in masked
    assert masked != value or "*" in value


@pytest.mark.clause("T6.2")
@given(st.sampled_from(["phone", "id_card", "bank_card", "account"]), st.text("0123456789", min_size=5, max_size=20))
def test_a_masked_number_keeps_at_least_a_third_of_its_digits_to_itself(kind, value):
    shown = sum(character.isdigit() for character in mask(kind, value))

    assert shown <= len(value) * 2 // 3
