from __future__ import annotations

import pytest

from shouwen.editions.actions import install_shipped_pack
from shouwen.handling.owners import forget_loads
from tests.cast import MONDAY, Cast, hire
from tests.kept import once


@pytest.fixture
def cast(db: None) -> Cast:
    """The test carrier under the shipped edition."""
    forget_loads()
    return once("the carrier", the_carrier)


def the_carrier() -> Cast:
    install_shipped_pack(at=MONDAY)
    return hire()
