"""One form for text that is kept, compared and searched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwen.language.normalising import half_width, normalise, tidy


@pytest.mark.parametrize(
    ("text", "half"),
    [
        ("１３８ＡＢｃ！", "138ABc!"),
        ("０５５１—６２８１", "0551-6281"),
        ("全\u3000角", "全 角"),
        ("繁體、，。", "繁體、,。"),
        ("①②", "①②"),
    ],
)
def test_full_width_characters_become_half_width(text, half):
    assert half_width(text) == half


@given(st.text())
def test_half_width_text_keeps_every_character_at_its_place(text):
    assert len(half_width(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  宽带  断网\n了 ", "宽带 断网 了"),
        ("ＷｉＦｉ慢", "wifi慢"),
        ("①10元", "①10元"),  # not 110元
        ("10㎡ x²", "10㎡ x²"),
        ("ﬁbre ﾃﾚﾋﾞ", "fibre テレビ"),
        ("網路很慢", "網路很慢"),
        ("零\u200b宽", "零宽"),
    ],
)
def test_text_to_compare_has_one_width_one_case_and_single_spaces(text, normal):
    assert normalise(text) == normal


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("第一行\r\n第二行\r", "第一行\n第二行"),
        ("a\x00b\x1f\ud800c", "abc"),
        ("行尾空格  \n\n\n\n下一段", "行尾空格\n\n下一段"),
        ("Ａ保持原样，e\u0301", "Ａ保持原样，é"),
    ],
)
def test_text_to_keep_loses_only_what_no_reader_sees(text, kept):
    assert tidy(text) == kept


@given(st.text(st.characters()))
def test_tidy_text_can_be_stored_and_is_tidy(text):
    kept = tidy(text)

    assert "\x00" not in kept
    kept.encode()
    assert tidy(kept) == kept
