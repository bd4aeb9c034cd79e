from __future__ import annotations

import pytest

from shouwen.editions.actions import install_shipped_pack
from tests.cast import MONDAY, Cast, hire


@pytest.fixture
def cast(db: None) -> Cast:
    """The test carrier under the shipped edition."""
    install_shipped_pack(at=MONDAY)
    return hire()
