"""What people type instead of Chinese words when they are in a hurry."""

import pytest

from shouwen.language.pinyin import initials


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("工单", "gd"),
        ("派单", "pd"),
        ("我的首问", "wdsw"),
        ("网络班组 3401", "wlbz3401"),
        ("王小明", "wxm"),
        ("啊座", "az"),
        ("IT 支撑", "itzc"),
        ("囧，", ""),
        ("", ""),
    ],
)
def test_a_word_is_typed_by_its_initials(text, typed):
    assert initials(text) == typed
