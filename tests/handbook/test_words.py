"""Where a rule comes from, as its reader finds it."""

from __future__ import annotations

import pytest

from shouwen.handbook.words import Source, Words

HANDBOOK = Words("客户投诉处理服务手册", "Complaints handbook")


@pytest.mark.parametrize(
    ("place", "english"),
    [
        ("手册 7.2(4)", "7.2(4)"),
        ("手册 5.1(1)、5.4.3", "5.1(1), 5.4.3"),
        ("手册 7.2(1)；作业流程 三(二)", "7.2(1)"),
        ("作业流程 五(一)", "5(1)"),
        ("培训 四·处理进展透明沟通", "4"),
        ("95511 规范 第一条(一)1(4)", "1(1)1(4)"),
        ("运行维护部规范 一·3、二·3", "1·3, 2·3"),
        ("第十条(四)", "10(4)"),
        ("通则·暂停", ""),
        ("charter 5", "charter 5"),
        ("C4", "C4"),
    ],
)
def test_an_english_reader_is_given_the_number_and_no_chinese(place: str, english: str) -> None:
    """Because the document is named beside it in their language, and its headings are not to be found in English."""
    source = Source(HANDBOOK, place, Words("", ""))

    assert source.place_in("en") == english
    assert source.place_in("zh-hans") == place
    assert source.cited_in("en") == " · ".join(filter(None, ("Complaints handbook", english)))
