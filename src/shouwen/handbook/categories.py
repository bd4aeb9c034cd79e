"""What complaints are about: a tree of three levels at intake, and a fourth once verified (U3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from shouwen.handbook.refusals import CategoryUnknown, TooDeep
from shouwen.handbook.words import Words

INTAKE_LEVEL = 3


@dataclass(frozen=True, slots=True)
class Category:
    """One branch of the tree: "network.coverage.weak". What a parent asks for, its children ask for too.

    `required` names the intake fields that must be answered, `optional` those a caller may not be able to answer,
    `evidence` the checklist, `severity` and `complexity` what is assumed until somebody has assessed the ticket.
    """

    code: str
    words: Words
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    evidence: str | None = None
    duty_to_inform: bool = False
    severity: str = ""
    complexity: str = ""

    @property
    def level(self) -> int:
        return level(self.code)

    @property
    def asked(self) -> tuple[str, ...]:
        """The fields in the order in which they are asked."""
        return (*self.required, *self.optional)

    @property
    def parent(self) -> str:
        return self.code.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class CategoryTree:
    """All categories of an edition, by code, in the order of the pack."""

    nodes: Mapping[str, Category]

    def find(self, code: str) -> Category:
        """Raises CategoryUnknown."""
        try:
            return self.nodes[code]
        except KeyError:
            raise CategoryUnknown(category=code or "-") from None

    def children(self, code: str = "") -> tuple[Category, ...]:
        """The branches right below `code`; without one, the first level."""
        return tuple(node for node in self.nodes.values() if node.parent == code)

    def level(self, code: str) -> int:
        return level(code)

    def path(self, code: str) -> tuple[Category, ...]:
        """From the first level down to `code`."""
        return tuple(self.find(step) for step in accumulate(code.split("."), "{}.{}".format))

    def at_intake(self) -> tuple[Category, ...]:
        """What may be chosen before verification."""
        return tuple(node for node in self.nodes.values() if node.level <= INTAKE_LEVEL)


def level(code: str) -> int:
    """How deep a code lies: "network" is 1."""
    return code.count(".") + 1 if code else 0


def check_intake_level(code: str) -> None:
    """Raises TooDeep for a fourth level that nobody can have verified yet."""
    if level(code) > INTAKE_LEVEL:
        raise TooDeep(category=code)
