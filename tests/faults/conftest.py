from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.world import Desk, World


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    made = World()
    try:
        made.build()
        yield made
    finally:
        made.end()


@pytest.fixture
def desk(world: World) -> Iterator[Desk]:
    """A copy of the carrier for one test, with every process and every lock of it."""
    with world.copy() as copy:
        yield copy
