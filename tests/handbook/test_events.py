"""Events that many tickets come of, as docs/handbook/lifecycle.md tells it."""

from __future__ import annotations

import re

import pytest

from shouwen.handbook import events
from shouwen.handbook.events import NotLinked, check_link, check_unlink
from shouwen.handbook.history import Stage, TicketState
from tests.examples import codes, examples

pytestmark = pytest.mark.clause("T4.3")


def state(cell: str) -> TicketState:
    number, stage = codes(cell)[:2]
    parent = re.search(r"of `(\w+)`", cell)
    children = re.search(r"with `(\d+)`", cell)
    return TicketState(
        number=number,
        stage=Stage(stage),
        parent=parent[1] if parent else "",
        children=int(children[1]) if children else 0,
    )


@pytest.mark.parametrize("row", examples("lifecycle.md", "linking"), ids=lambda row: row["child"] + row["event"])
def test_a_ticket_is_linked_to_an_event_that_is_one(row: dict[str, str]) -> None:
    if row["then"].endswith("yes"):
        check_link(state(row["child"]), state(row["event"]))
    else:
        with pytest.raises(getattr(events, row["then"])):
            check_link(state(row["child"]), state(row["event"]))


def test_only_what_is_linked_is_unlinked() -> None:
    check_unlink(TicketState(number="A", parent="E"))
    with pytest.raises(NotLinked):
        check_unlink(TicketState(number="A"))
