"""Who may do what, and how much they may grant (手册 5.2; M3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from shouwen.handbook.lifecycle import Move
from shouwen.handbook.refusals import ApprovalBeyondAuthority, OwnProposal, RoleNotAllowed
from shouwen.handbook.words import Source, Words


class Sight(StrEnum):
    """What a role lets its holders see."""

    TEAMS = "teams"  # beside their own tickets, those of their teams, and those their teams help with
    REGIONS = "regions"  # those of the regions they answer for
    FINISHED = "finished"  # of these regions, those that are finished
    CUSTOMER_LEVELS = "customer_levels"  # of these regions, those of customers of certain levels
    PERSONAL = "personal_data"  # what is masked in full, to who says why
    ACCESS_LOG = "access_log"  # who saw personal data, and why


SIGHTS_OF_TICKETS = frozenset({Sight.TEAMS, Sight.REGIONS, Sight.FINISHED, Sight.CUSTOMER_LEVELS})
_OF_A_REGION = frozenset({Sight.TEAMS, Sight.REGIONS, Sight.PERSONAL})

# What roles see under rules that do not say.
USUAL_SIGHTS: Mapping[str, frozenset[Sight]] = {
    "agent": _OF_A_REGION,
    "handler": frozenset({Sight.TEAMS, Sight.PERSONAL}),
    "supervisor": _OF_A_REGION,
    "manager": _OF_A_REGION,
    "administrator": frozenset({Sight.ACCESS_LOG}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever does something: a person, the customer, a connected system, or the desk itself."""

    kind: str  # person, system, customer, integration
    id: str = ""
    name: str = ""
    roles: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    stated_sights: frozenset[Sight] | None = None  # by the rules in force; None where nobody has asked them
    customer_levels: frozenset[str] = frozenset()
    stands_in_for: frozenset[str] = frozenset()  # ids of colleagues on leave whom they cover just now

    @property
    def sights(self) -> frozenset[Sight]:
        """What the actor may see."""
        if self.stated_sights is not None:
            return self.stated_sights
        return frozenset().union(*(USUAL_SIGHTS.get(role, frozenset()) for role in self.roles))

    @property
    def ref(self) -> str:
        """How a history names the actor: "person:0190…", or "system" for the desk itself."""
        return f"{self.kind}:{self.id}" if self.id else self.kind


SYSTEM = Actor("system")


class RulesRight(StrEnum):
    """What may be done with the rules themselves."""

    DRAFT = "draft"
    APPROVE = "approve"  # and publish


@dataclass(frozen=True, slots=True)
class Role:
    """What the holders of a role may do, and the queues they find on their desk."""

    code: str
    words: Words
    moves: frozenset[Move] = frozenset()
    queues: tuple[str, ...] = ()
    duties: Words | None = None
    rules: frozenset[RulesRight] = frozenset()
    sees: frozenset[Sight] = frozenset()
    customer_levels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ApprovalLimit:
    """How much compensation, in the edition's currency, a role may approve. Without `up_to` there is no limit."""

    role: str
    up_to: Decimal | None
    source: Source

    def covers(self, amount: Decimal) -> bool:
        return self.up_to is None or amount <= self.up_to


def seeing(actor: Actor, roles: Mapping[str, Role]) -> Actor:
    """The actor with what these rules let their roles see."""
    held = [roles[code] for code in actor.roles if code in roles]
    return replace(
        actor,
        stated_sights=frozenset().union(*(role.sees for role in held)),
        customer_levels=frozenset().union(*(role.customer_levels for role in held)),
    )


def may(roles: Mapping[str, Role], actor: Actor, move: Move) -> bool:
    """True if one of the actor's roles allows the move. The desk itself does only what a rule makes it do."""
    return actor.kind == "system" or any(move in roles[role].moves for role in actor.roles if role in roles)


def check_may(roles: Mapping[str, Role], actor: Actor, move: Move) -> None:
    """Raises RoleNotAllowed, naming whom to ask."""
    if not may(roles, actor, move):
        raise RoleNotAllowed(move=move, roles=_listed(role.code for role in roles.values() if move in role.moves))


def check_approval(limits: Sequence[ApprovalLimit], actor: Actor, amount: Decimal, proposer: str) -> None:
    """Raises OwnProposal, or ApprovalBeyondAuthority naming the roles that could. `proposer` is an `Actor.ref`."""
    if actor.ref == proposer:
        raise OwnProposal()
    able = [limit.role for limit in limits if limit.covers(amount)]
    if not actor.roles.intersection(able):
        raise ApprovalBeyondAuthority(amount=amount, roles=_listed(able))


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(codes) or "-"
