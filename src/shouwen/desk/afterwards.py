"""What is offered right after a move, for ten seconds: to take it back, or to do what naturally follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from shouwen.desk.asking import Asking
from shouwen.desk.asks import NOUNS
from shouwen.desk.offers import legal_moves
from shouwen.handbook.history import Happening, TicketState
from shouwen.handbook.moves import Move

# What may be taken back, and by which move: the history keeps both, the clocks count as if nothing had been.
TAKEN_BACK_BY = {Move.WAIT: Move.RESUME, Move.HOLD: Move.RESUME, Move.MERGE: Move.UNMERGE}
MAY_BE_FOLLOWED = frozenset({*TAKEN_BACK_BY, Move.RESPOND})
SECONDS = 10


@dataclass(frozen=True, slots=True)
class Afterwards:
    """One button beside the word that it is done."""

    noun: str
    label: str
    key: str
    seen: int
    facts: Mapping[str, str] = field(default_factory=dict)
    seconds: int = SECONDS


@dataclass(frozen=True, slots=True)
class Undo:
    """What was just taken away on a page of its own, and where it can be had back."""

    url: str
    says: str
    seconds: int = SECONDS


def afterwards(made: Asking, state: TicketState, history: Sequence[Happening]) -> Afterwards | None:
    """What to offer after the move `made`, now that the ticket is in this state; None for nothing."""
    legal = legal_moves(state, history, made.rules, made.actor)
    back = TAKEN_BACK_BY.get(made.move)
    seen = history[-1].seq
    if back in legal:
        said = _("taken back at once")
        return Afterwards(NOUNS[back], _("Undo"), "z", seen, {"text": said, "reason": said})
    if made.move is Move.RESPOND and state.handler is None and Move.ASSIGN in legal:
        return Afterwards(NOUNS[Move.ASSIGN], _("Take it yourself"), "y", seen)
    return None
