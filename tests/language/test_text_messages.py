"""How many messages a text is."""

from __future__ import annotations

import pytest

from shouwen.language.text_messages import Length, length_of


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", Length(0, 1)),
        ("a" * 160, Length(160, 1)),
        ("a" * 161, Length(161, 2)),
        ("a" * 306, Length(306, 2)),
        ("a" * 307, Length(307, 3)),
        ("{" * 81, Length(162, 2)),
        ("好" * 70, Length(70, 1)),
        ("好" * 71, Length(71, 2)),
        ("好" * 134, Length(134, 2)),
        ("好" * 135, Length(135, 3)),
        ("“" + "a" * 70, Length(71, 2)),
        ("😀" * 35, Length(70, 1)),
    ],
)
def test_a_text_is_as_many_messages_as_the_network_bills(text: str, length: Length) -> None:
    """Because a carrier pays for each part, and Chinese has 70 places where Latin letters have 160."""
    assert length_of(text) == length
