"""Priority, as docs/handbook/deciding.md works it out."""

import pytest

from shouwen.editions.pack import SHIPPED, open_pack
from shouwen.handbook.priority import PriorityRow, Ranking, prioritise
from shouwen.handbook.words import Words
from tests.examples import code, examples

EDITION = open_pack(SHIPPED).edition(1)
ROWS = examples("deciding.md", "priorities")
PLAIN = {"severity": "ordinary", "reach": "single", "customer_level": "ordinary", "category": "tariff"}


@pytest.mark.clause("H7.2.2", "T4.2", "T1.1")
@pytest.mark.parametrize("row", ROWS, ids=[row["because"].partition(" · ")[0] for row in ROWS])
def test_the_system_sets_the_priority_from_content_reach_and_customer(row):
    ranking = EDITION.prioritise(
        severity=code(row["severity"]),
        reach=code(row["reach"]),
        customer_level=code(row["level"]),
        category=code(row["category"]),
    )

    assert ranking.priority == code(row["priority"])
    assert ranking.why.zh
    assert ranking.why.en


@pytest.mark.clause("H7.2.2")
def test_the_four_priorities_have_the_hours_of_the_handbook():
    hours = {code: priority.hours for code, priority in EDITION.priorities.items()}

    assert hours == {"emergency": 24, "important": 48, "general": 72, "ordinary": 120}


@pytest.mark.clause("H7.2.2")
@pytest.mark.parametrize("priority", EDITION.priorities.values(), ids=lambda priority: priority.code)
def test_each_priority_has_a_clock_of_its_hours(priority):
    [rule] = [rule for rule in EDITION.rules if rule.clause == "H7.2.2" and priority.code in rule.applies.priority]

    assert str(rule.duration) == f"{priority.hours}h"


@pytest.mark.clause("T4.2")
def test_wider_reach_never_lowers_a_priority():
    order = list(EDITION.priorities)
    for severity in EDITION.severities:
        for level in EDITION.customer_levels:
            for category in EDITION.categories.nodes:
                ranks = [
                    order.index(
                        EDITION.prioritise(
                            severity=severity, reach=reach, customer_level=level, category=category
                        ).priority
                    )
                    for reach in EDITION.reaches
                ]
                assert ranks == sorted(ranks, reverse=True), (severity, level, category)


@pytest.mark.clause("H7.2.2")
def test_the_first_line_that_fits_decides():
    table = [
        PriorityRow("high", Words("甲", "a"), "H7.2.2", category=frozenset({"tariff"})),
        PriorityRow("low", Words("乙", "b"), "H7.2.2"),
    ]

    assert prioritise(table, **PLAIN) == Ranking("high", Words("甲", "a"))
    assert prioritise(table, **{**PLAIN, "category": "tariff.refund"}).priority == "high"
    assert prioritise(table, **{**PLAIN, "category": "tariffs"}).priority == "low"


def test_a_table_without_a_last_line_is_a_mistake_of_the_program():
    with pytest.raises(LookupError):
        prioritise([], **PLAIN)
