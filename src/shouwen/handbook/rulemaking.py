"""How rules are changed: a draft is written, reviewed by somebody else, and published (手册 5.2; M3.3).

The way of a draft is a table, as the way of a ticket is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from shouwen.handbook.authority import Actor, Role, RulesRight
from shouwen.handbook.refusals import Refusal, gettext_noop


class DraftState(StrEnum):
    """How far a draft has come."""

    WRITING = "writing"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class DraftAct(StrEnum):
    """What people do with a draft."""

    CHANGE = "change"
    SEND = "send"
    APPROVE = "approve"
    RETURN = "return"
    PUBLISH = "publish"
    DISCARD = "discard"
    RESTORE = "restore"


OPEN = (DraftState.WRITING, DraftState.IN_REVIEW, DraftState.APPROVED)

# A changed draft has not been reviewed, whatever was said of it before.
ACTS: Mapping[tuple[DraftState, DraftAct], DraftState] = {
    **{(state, DraftAct.CHANGE): DraftState.WRITING for state in OPEN},
    (DraftState.WRITING, DraftAct.SEND): DraftState.IN_REVIEW,
    (DraftState.IN_REVIEW, DraftAct.APPROVE): DraftState.APPROVED,
    (DraftState.IN_REVIEW, DraftAct.RETURN): DraftState.WRITING,
    (DraftState.APPROVED, DraftAct.RETURN): DraftState.WRITING,
    (DraftState.APPROVED, DraftAct.PUBLISH): DraftState.PUBLISHED,
    **{(state, DraftAct.DISCARD): DraftState.DISCARDED for state in OPEN},
    (DraftState.DISCARDED, DraftAct.RESTORE): DraftState.WRITING,
}
RIGHTS: Mapping[DraftAct, RulesRight] = {
    DraftAct.CHANGE: RulesRight.DRAFT,
    DraftAct.SEND: RulesRight.DRAFT,
    DraftAct.DISCARD: RulesRight.DRAFT,
    DraftAct.RESTORE: RulesRight.DRAFT,
    DraftAct.APPROVE: RulesRight.APPROVE,
    DraftAct.RETURN: RulesRight.APPROVE,
    DraftAct.PUBLISH: RulesRight.APPROVE,
}


class MayNotDraftRules(Refusal):
    clause = "H5.2"
    says = gettext_noop("Your role may not change the rules. Ask: {roles}.")


class MayNotApproveRules(Refusal):
    clause = "H5.2"
    says = gettext_noop("Your role may not approve rules. Ask: {roles}.")


class DraftElsewhere(Refusal):
    clause = "H5.2"
    says = gettext_noop("Somebody else has been at this draft: that is not possible any more.")


class OwnDraft(Refusal):
    clause = "H5.2"
    says = gettext_noop("Whoever has written at a draft does not approve it.")


def acts_from(state: DraftState) -> list[DraftAct]:
    """What can be done with a draft in this state, in the order of `DraftAct`."""
    return [act for act in DraftAct if (state, act) in ACTS]


def holds_right(roles: Mapping[str, Role], actor: Actor, right: RulesRight) -> bool:
    """True if one of the actor's roles has the right."""
    return any(right in roles[role].rules for role in actor.roles if role in roles)


def check_right(roles: Mapping[str, Role], actor: Actor, right: RulesRight) -> None:
    """Raises MayNotDraftRules or MayNotApproveRules, naming whom to ask."""
    if not holds_right(roles, actor, right):
        refusal = MayNotApproveRules if right is RulesRight.APPROVE else MayNotDraftRules
        raise refusal(roles=", ".join(role.code for role in roles.values() if right in role.rules) or "-")


def decide(
    state: DraftState,
    act: DraftAct,
    *,
    by: Actor,
    roles: Mapping[str, Role],
    writers: Collection[str] = (),
    alone: bool = False,
) -> DraftState:
    """The state this act leads to. Raises a `Refusal`.

    `writers` are the `Actor.ref` of everybody who has written at the draft; `alone`, that a carrier of one person lets
    them approve it themselves.
    """
    check_right(roles, by, RIGHTS[act])
    if (state, act) not in ACTS:
        raise DraftElsewhere()
    if act is DraftAct.APPROVE and by.ref in writers and not alone:
        raise OwnDraft()
    return ACTS[state, act]
