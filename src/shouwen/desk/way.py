"""The way on from where a ticket stands: each stage it can come to next, by which move, who makes it, what it needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from shouwen.desk.asks import ASKS, NOUNS
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.handbook.evidence import missing, recorded_items
from shouwen.handbook.gates import NEEDS_A_REASON, check_both_told
from shouwen.handbook.history import Happening, Stage, TicketState
from shouwen.handbook.lifecycle import PATHS, moves_from
from shouwen.handbook.moves import Move
from shouwen.handbook.refusals import FeedbackMissing
from shouwen.screens.templatetags.spoken import fact_name

AFTER_EVIDENCE = frozenset({Move.PROPOSE, Move.CARRY_OUT})  # from an investigation


@dataclass(frozen=True, slots=True)
class NextStage:
    """A stage the ticket can come to by one move."""

    stage: Stage
    move: Move
    noun: str
    roles: str
    needs: tuple[str, ...]
    offered: bool  # the reader may make the move


def stages_ahead(
    state: TicketState, history: Sequence[Happening], rules: Edition, offered: Sequence[Move]
) -> list[NextStage]:
    """Every stage one move away, what the reader may do first."""
    path = PATHS[rules.path(state.ticket_type)]
    possible = [move for move in moves_from(state, rules.path(state.ticket_type)) if (state.stage, move) in path]
    found = [
        NextStage(
            path[state.stage, move],
            move,
            NOUNS[move],
            _(", ").join(here(role.words) for role in rules.roles.values() if move in role.moves),
            tuple(_needs(move, state, history, rules)),
            move in offered,
        )
        for move in possible
    ]
    return sorted(found, key=lambda one: not one.offered)


def _needs(move: Move, state: TicketState, history: Sequence[Happening], rules: Edition) -> Iterator[str]:
    """What has to be stated or done before the move is made."""
    looked_into = state.stage is Stage.INVESTIGATING and move in AFTER_EVIDENCE
    if looked_into and (lacking := _lacking(state, history, rules)):
        yield _("evidence still missing: %(items)s") % {"items": _(", ").join(lacking)}
    if move in rules.needs.two_feedbacks and (told := _not_told(state, history)):
        yield told
    names = {ask.name: str(ask.label) for ask in ASKS[move]}
    for fact in dict.fromkeys((*rules.needs.facts.get(move, ()), *(ask.name for ask in ASKS[move] if ask.must))):
        yield names.get(fact) or fact_name(fact)
    if move in NEEDS_A_REASON:
        yield _("Reason")


def _lacking(state: TicketState, history: Sequence[Happening], rules: Edition) -> list[str]:
    return [here(item.words) for item in missing(rules.checklist(state.category), recorded_items(history))]


def _not_told(state: TicketState, history: Sequence[Happening]) -> str:
    try:
        check_both_told(state, history)
    except FeedbackMissing:
        return _("the customer, and whoever reported it, have been told")
    return ""
