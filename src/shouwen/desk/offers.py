"""The moves a screen offers: those the lifecycle allows, of the actor's roles, with something to do them on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shouwen.desk.asks import ELSEWHERE, NOUNS
from shouwen.editions.edition import Edition
from shouwen.handbook.authority import Actor, may
from shouwen.handbook.gates import is_satisfied
from shouwen.handbook.history import Happening, Stage, TicketState, What, in_round, open_promises, tasks_of
from shouwen.handbook.lifecycle import moves_from
from shouwen.handbook.merging import may_be_taken_back, merged_into
from shouwen.handbook.moves import RECORDED_AS, Move
from shouwen.handbook.overdue import overruns_of, talks_of

# The way through the lifecycle; the first that is legal leads the page.
FORWARD = (
    Move.ANSWER_AT_CONTACT,
    Move.ASSESS,
    Move.DISPATCH,
    Move.INVESTIGATE,
    Move.PROPOSE,
    Move.CARRY_OUT,
    Move.APPROVE,
    Move.TELL_CUSTOMER,
    Move.FOLLOW_UP,
    Move.CLOSE,
    Move.ARCHIVE,
)
# Beside it on the page; everything else is behind "more".
AT_HAND = (
    Move.RETURN,
    Move.RESPOND,
    Move.ARRIVE,
    Move.RECORD_EVIDENCE,
    Move.TELL_INFORMANT,
    Move.ANSWER_TASK,
    Move.TRANSFER,
    Move.DECLINE,
    Move.SEND_SURVEY,
    Move.NOTE,
)
AT_ONCE = 2  # of those beside each other on a PC, a phone has room for the first
ON_SITE = frozenset({Move.DECIDE_TEST, Move.CONFIRM_VISIT, Move.ARRIVE})
ENDING = frozenset({Move.REJECT, Move.CANCEL, Move.WITHDRAW, Move.MERGE})
ICONS = {
    Move.DISPATCH: "send",
    Move.TRANSFER: "arrows-exchange",
    Move.DECLINE: "arrow-back-up",
    Move.RETURN: "arrow-back-up",
    Move.APPROVE: "rubber-stamp",
    Move.TELL_CUSTOMER: "message",
    Move.RECORD_EVIDENCE: "clipboard-check",
    Move.ARRIVE: "map-pin-check",
    Move.NOTE: "note",
}
KEYS = {
    Move.RESPOND: "r",
    Move.TELL_CUSTOMER: "r",  # there is no response any more once there is a result
    Move.NOTE: "n",
    Move.ASSIGN: "a",
    Move.TRANSFER: "t",
    Move.REPORT: "e",
    Move.CLOSE: "c",
    Move.DISPATCH: "d",
    Move.PROPOSE: "p",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One button: the move, its address and how it looks."""

    move: Move
    noun: str
    primary: bool = False
    ending: bool = False
    icon: str = ""
    key: str = ""
    again: bool = False  # it has been made in this round


@dataclass(frozen=True, slots=True)
class Offers:
    """The buttons of a ticket's page, and whom the next step waits for when it is not for this actor."""

    leading: tuple[Offer, ...]
    more: tuple[Offer, ...]
    ending: tuple[Offer, ...]
    next_move: Move | None
    next_roles: tuple[str, ...]

    @property
    def moves(self) -> list[Move]:
        return [offer.move for offer in (*self.leading, *self.more, *self.ending)]

    @property
    def at_once(self) -> tuple[Offer, ...]:
        """The leading ones that are buttons on every screen."""
        return self.leading[:AT_ONCE]

    @property
    def besides(self) -> tuple[Offer, ...]:
        """The leading ones that are buttons on a PC, and in the menu of a phone."""
        return self.leading[AT_ONCE:]

    def __contains__(self, move: Move) -> bool:
        return move in self.moves


def legal_moves(state: TicketState, history: Sequence[Happening], rules: Edition, actor: Actor) -> list[Move]:
    """What this actor may do with the ticket now."""
    return [move for move in _possible(state, history, rules, actor) if may(rules.roles, actor, move)]


def offers_for(
    state: TicketState,
    history: Sequence[Happening],
    rules: Edition,
    actor: Actor,
    *,
    at: datetime,
    alone: bool = False,
) -> Offers:
    """The legal moves, sorted into buttons. `alone` when the customer has no other open ticket to merge with."""
    legal = legal_moves(state, history, rules, actor)
    moot = _moot(history, at, alone)
    legal = [move for move in legal if move not in moot]
    way = _way(state, history)
    forward = next((move for move in way if move in legal and not merged_into(history)), None)
    leading = [*([forward] if forward else []), *(move for move in (*FORWARD, *AT_HAND) if move in legal)]
    leading = list(dict.fromkeys(leading))
    rest = [move for move in legal if move not in leading]
    allowed = moves_from(state, rules.path(state.ticket_type))
    next_move = next((move for move in way if move in allowed and not merged_into(history)), None)
    return Offers(
        tuple(_offer(move, history, primary=move is forward) for move in leading),
        tuple(_offer(move, history) for move in rest if move not in ENDING),
        tuple(_offer(move, history) for move in rest if move in ENDING),
        next_move if next_move and next_move not in legal else None,
        tuple(role.code for role in rules.roles.values() if next_move in role.moves),
    )


def _moot(history: Sequence[Happening], at: datetime, alone: bool) -> set[Move]:
    """What the lifecycle allows and the handbook would refuse: nothing to merge with, or merged too long ago."""
    return ({Move.MERGE} if alone else set()) | (set() if may_be_taken_back(history, at) else {Move.UNMERGE})


def _way(state: TicketState, history: Sequence[Happening]) -> tuple[Move, ...]:
    """Whoever is not satisfied gets another round before the ticket is closed (S4.1)."""
    dissatisfied = state.stage is Stage.FOLLOWED_UP and not is_satisfied(history)
    return (Move.REOPEN, *FORWARD) if dissatisfied else FORWARD


def _possible(state: TicketState, history: Sequence[Happening], rules: Edition, actor: Actor) -> list[Move]:
    moves = moves_from(state, rules.path(state.ticket_type))
    return [
        move
        for move in moves
        if move not in ELSEWHERE
        and (move not in _WORTHWHILE or _WORTHWHILE[move](state, history, actor))
        and (move not in ON_SITE or _is_awaited(RECORDED_AS[move], state, rules))
    ]


def _is_awaited(what: What, state: TicketState, rules: Edition) -> bool:
    """Whether some clock that this ticket may have starts or stops by it: nobody arrives where nobody is to go."""
    return any(what in rule.start | rule.stop and rule.applies.fit(state) for rule in rules.rules)


def made_before(move: Move, history: Sequence[Happening]) -> bool:
    """True when it has been made in this round."""
    return any(row.what is RECORDED_AS[move] for row in in_round(history))


def _offer(move: Move, history: Sequence[Happening], *, primary: bool = False) -> Offer:
    again = made_before(move, history)
    return Offer(move, NOUNS[move], primary, move in ENDING, ICONS.get(move, ""), KEYS.get(move, ""), again)


def _has_informant(state: TicketState, history: Sequence[Happening], actor: Actor) -> bool:
    return state.has_informant


def _has_open_promise(state: TicketState, history: Sequence[Happening], actor: Actor) -> bool:
    return bool(open_promises(history))


def _has_task(state: TicketState, history: Sequence[Happening], actor: Actor) -> bool:
    return any(task.team in actor.teams and not task.answered_at for task in tasks_of(history))


def _is_not_own(state: TicketState, history: Sequence[Happening], actor: Actor) -> bool:
    """Nobody approves a proposal of their own (M3.3)."""
    proposals = [row for row in in_round(history) if row.what is What.PROPOSED]
    return not proposals or proposals[-1].by != actor.ref


def _is_unrated(state: TicketState, history: Sequence[Happening], actor: Actor) -> bool:
    return _stands_alone(state, history, actor) and not any(row.what is What.RATED for row in in_round(history))


def _has_overrun(state: TicketState, history: Sequence[Happening], actor: Actor) -> bool:
    return bool(overruns_of(history))


def _has_measure(state: TicketState, history: Sequence[Happening], actor: Actor) -> bool:
    return any(talk.stands and talk.has_measure for talk in talks_of(history))


def _stands_alone(state: TicketState, history: Sequence[Happening], actor: Actor) -> bool:
    return not merged_into(history)


def _may_be_closed(state: TicketState, history: Sequence[Happening], actor: Actor) -> bool:
    """Over the head of a customer who is not satisfied only by a supervisor (S4.2c)."""
    return is_satisfied(history) or "supervisor" in actor.roles


_WORTHWHILE: Mapping[Move, Callable[[TicketState, Sequence[Happening], Actor], bool]] = {
    Move.TELL_INFORMANT: _has_informant,
    Move.KEEP_PROMISE: _has_open_promise,
    Move.ANSWER_TASK: _has_task,
    Move.APPROVE: _is_not_own,
    Move.TALK_OVERDUE: _has_overrun,
    Move.FOLLOW_MEASURE: _has_measure,
    Move.RATE: _is_unrated,
    Move.SEND_SURVEY: _is_unrated,
    Move.CLOSE: _may_be_closed,
    Move.REOPEN: _stands_alone,
    Move.LINK: lambda state, history, actor: not state.parent,
    Move.UNLINK: lambda state, history, actor: bool(state.parent),
}
