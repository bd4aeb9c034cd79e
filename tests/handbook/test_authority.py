"""Who may do what, and how much they may grant."""

from decimal import Decimal

import pytest

from shouwen.editions.pack import SHIPPED, open_pack
from shouwen.handbook.authority import SYSTEM, Actor, check_approval, check_may, may
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.refusals import ApprovalBeyondAuthority, OwnProposal, Refusal, RoleNotAllowed
from tests.examples import code, examples

EDITION = open_pack(SHIPPED).edition(1)
ROWS = examples("deciding.md", "approvals")


def person(*roles: str) -> Actor:
    return Actor("person", "p1", "某人", frozenset(roles))


def test_an_actor_is_named_in_a_history_by_kind_and_id():
    assert person().ref == "person:p1"
    assert Actor("customer", "c1").ref == "customer:c1"
    assert SYSTEM.ref == "system"


@pytest.mark.clause("H5.2")
@pytest.mark.parametrize(
    ("role", "move", "allowed"),
    [
        ("agent", Move.ASSESS, True),
        ("agent", Move.PROPOSE, False),
        ("agent", Move.APPROVE, False),
        ("agent", Move.REJECT, False),
        ("handler", Move.PROPOSE, True),
        ("handler", Move.APPROVE, False),
        ("handler", Move.RETURN, True),
        ("handler", Move.CLOSE, False),
        ("supervisor", Move.APPROVE, True),
        ("supervisor", Move.REJECT, True),
        ("manager", Move.APPROVE, True),
        ("manager", Move.PROPOSE, False),
        ("administrator", Move.APPROVE, False),
        ("administrator", Move.ARCHIVE, False),
        ("customer", Move.REOPEN, True),
        ("customer", Move.NOTE, False),
        ("integration", Move.ADD, True),
        ("integration", Move.CLOSE, False),
    ],
)
def test_nobody_acts_beyond_their_role(role, move, allowed):
    assert may(EDITION.roles, person(role), move) is allowed


@pytest.mark.clause("H5.2")
def test_several_roles_allow_what_any_of_them_allows():
    both = person("handler", "agent")

    assert may(EDITION.roles, both, Move.PROPOSE)
    assert may(EDITION.roles, both, Move.CLOSE)


@pytest.mark.clause("H5.2")
def test_a_role_the_edition_does_not_know_allows_nothing():
    assert not any(may(EDITION.roles, person("chief"), move) for move in Move)


@pytest.mark.clause("H5.2")
def test_a_refusal_says_whom_to_ask():
    with pytest.raises(RoleNotAllowed) as refusal:
        check_may(EDITION.roles, person("agent"), Move.APPROVE)

    assert refusal.value.facts == {"move": "approve", "roles": "supervisor, manager"}


def test_the_desk_itself_may_make_every_move_a_rule_makes_it_make():
    assert all(may(EDITION.roles, SYSTEM, move) for move in Move)


@pytest.mark.clause("H5.2")
def test_every_move_is_somebodys():
    assert {move for role in EDITION.roles.values() for move in role.moves} == set(Move)


@pytest.mark.clause("M3.3", "T3.3")
@pytest.mark.parametrize("row", ROWS, ids=[row["because"].partition(" · ")[0] for row in ROWS])
def test_the_amount_decides_who_may_approve(row):
    actor = person(code(row["role"]))
    proposer = actor.ref if row["own"] else "person:p2"

    try:
        check_approval(EDITION.approval_limits, actor, Decimal(row["amount"]), proposer)
        outcome = "approved"
    except Refusal as refusal:
        outcome = refusal.clause
    assert outcome == code(row["outcome"])


@pytest.mark.clause("M3.3")
def test_a_refused_approval_says_who_could_give_it():
    with pytest.raises(ApprovalBeyondAuthority) as refusal:
        check_approval(EDITION.approval_limits, person("supervisor"), Decimal("500.01"), "person:p2")

    assert refusal.value.facts == {"amount": "500.01", "roles": "manager"}


@pytest.mark.clause("M3.3")
def test_nobody_approves_their_own_proposal_however_high_they_stand():
    manager = person("manager")

    with pytest.raises(OwnProposal):
        check_approval(EDITION.approval_limits, manager, Decimal(0), manager.ref)
