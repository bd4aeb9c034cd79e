"""Nothing is said while a blank in it is unfilled (T4.1)."""

from __future__ import annotations

import pytest

from shouwen.handbook.blanks import unfilled

NAMES = {"事由", "due_at"}


@pytest.mark.clause("T4.1")
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("我们会在 2026-12-01 09:00 前给您答复。", ()),
        ("我们会在 {due_at} 前给您答复。", ("{due_at}",)),
        ("您反映的【事由】已记录，【事由】", ("【事由】",)),
        ("您反映的【 】", ("【 】",)),
        ("您反映的【事 由】", ("【事 由】",)),  # a space typed inside fills nothing
        ("【某通信公司】您反映的问题已记录", ()),  # a company signs its messages like this
        ("{}", ("{}",)),
        ("if (a) {\n b }", ()),  # what somebody pasted runs over lines
    ],
)
def test_what_is_left_to_fill_in(text: str, left: tuple[str, ...]) -> None:
    assert unfilled(text, NAMES) == left
