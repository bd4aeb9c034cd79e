"""Assignment, as docs/handbook/deciding.md works it out."""

import pytest

from shouwen.editions.pack import SHIPPED, open_pack
from shouwen.handbook.assignment import (
    NO_ROUTE,
    NOBODY,
    PersonOnDuty,
    TeamOnDuty,
    assign,
    person_for,
    team_for,
)
from shouwen.handbook.history import TicketState
from tests.examples import code, codes, examples

PAGE = "deciding.md"
EDITION = open_pack(SHIPPED).edition(1)
TEAMS = [TeamOnDuty(code(row["team"]), code(row["region"]), int(row["open"])) for row in examples(PAGE, "teams")]
PEOPLE = [
    PersonOnDuty(
        code(row["person"]), code(row["team"]), frozenset(codes(row["skills"])), int(row["open"]), bool(row["away"])
    )
    for row in examples(PAGE, "people")
]
ROWS = examples(PAGE, "assignments")


def ticket(**state: str) -> TicketState:
    return TicketState(**{"category": "network.coverage.weak", "region": "340104", **state})


@pytest.mark.clause("S3.1")
@pytest.mark.parametrize("row", ROWS, ids=[row["because"].partition(" · ")[0] for row in ROWS])
def test_work_goes_by_business_level_place_skill_and_load(row):
    state = ticket(category=code(row["category"]), customer_level=code(row["level"]), region=code(row["region"]))

    answer = assign(state, EDITION.routes, TEAMS, PEOPLE)

    assert (answer.team, answer.handler or "") == (code(row["team"]), code(row["person"]))


@pytest.mark.clause("S3.1")
def test_an_assignment_explains_itself_in_both_languages():
    places = {code: term.words for code, term in EDITION.regions.items()}
    answer = assign(ticket(), EDITION.routes, TEAMS, PEOPLE, places)

    assert answer.route == "mobile-radio"
    assert [words.en for words in answer.why] == [
        "coverage goes to network optimisation, to somebody who can test radio",
        "Hefei belongs to its local team",
        "fewest tickets in hand: 2",
    ]
    assert [words.zh for words in answer.why][1:] == ["合肥市归属地班组", "在手工单最少：2 件"]


@pytest.mark.clause("S3.1")
def test_with_no_team_on_duty_the_supervisor_dispatches():
    answer = assign(ticket(), EDITION.routes, [], PEOPLE)

    assert (answer.team, answer.handler, answer.why) == (None, None, (NO_ROUTE,))


@pytest.mark.clause("S3.1")
def test_with_nobody_skilled_on_duty_the_team_still_gets_it_and_its_lead_assigns():
    away = [person for person in PEOPLE if person.id in {"n3", "n4"}]

    answer = assign(ticket(), EDITION.routes, TEAMS, away)

    assert (answer.team, answer.handler) == ("network-3401", None)
    assert answer.why[-1] == NOBODY


def test_a_team_does_the_work_its_code_begins_with_and_no_other():
    assert TeamOnDuty("billing").does("billing")
    assert TeamOnDuty("billing-34").does("billing")
    assert not TeamOnDuty("billings").does("billing")


def test_among_teams_of_one_place_the_one_with_less_in_hand_comes_first_then_the_code():
    teams = [TeamOnDuty("network-b", "34", 2), TeamOnDuty("network-c", "34", 1), TeamOnDuty("network-a", "34", 1)]

    chosen = team_for("network", "3401", teams)

    assert chosen is not None
    assert chosen.code == "network-a"


def test_the_order_in_which_people_are_listed_does_not_matter():
    assert person_for("billing", frozenset(), PEOPLE) == person_for("billing", frozenset(), PEOPLE[::-1])


@pytest.mark.clause("S3.1")
def test_every_category_finds_a_team_where_every_work_is_on_duty():
    everybody = [TeamOnDuty(work) for work in EDITION.teams]

    for category in EDITION.categories.nodes:
        assert assign(ticket(category=category), EDITION.routes, everybody, []).team, category
