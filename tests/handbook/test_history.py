"""The history is the truth: a ticket is what its history tells."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwen.handbook.history import FINISHED, Happening, Stage, Standing, TicketState, What, fold, in_round, replay
from shouwen.handbook.leaf import as_json
from shouwen.handbook.lifecycle import OPEN, PATHS, STANDINGS, Change, Move, decide, moves_from

RECEIVED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TYPES = {"full": "complaint", "without_approval": "fault", "at_contact": "enquiry"}  # who takes which path


def row(seq: int, what: What, **facts: object) -> Happening:
    return Happening(seq, what, RECEIVED_AT + timedelta(minutes=seq), facts)


def accepted(ticket_type: str) -> Happening:
    return row(1, What.ACCEPTED, ticket_type=ticket_type, stage="received", standing="running", has_informant=True)


def test_a_fact_named_after_a_field_sets_it_and_others_do_not():
    state = fold(TicketState(), {"category": "network.coverage", "text": "no signal", "by_phone": True})

    assert state == TicketState(category="network.coverage")


def test_stage_and_standing_come_back_from_text_as_what_they_are():
    state = fold(TicketState(), {"stage": "told", "standing": "waiting"})

    assert state.stage is Stage.TOLD
    assert state.standing is Standing.WAITING


@pytest.mark.parametrize("facts", [{"stage": "nowhere"}, {"standing": "asleep"}])
def test_a_history_that_names_an_unknown_stage_is_not_read_as_another(facts):
    with pytest.raises(ValueError, match="is not a valid"):
        fold(TicketState(), facts)


def test_an_empty_history_tells_of_an_empty_ticket():
    assert replay([]) == TicketState()


@pytest.mark.clause("M6.3")
def test_a_history_is_replayed_in_the_order_it_was_recorded():
    late = replace(row(3, What.TRANSFERRED, team="north"), happened_at=RECEIVED_AT)

    assert replay([row(1, What.ACCEPTED), row(2, What.DISPATCHED, team="south"), late]).team == "north"


@pytest.mark.parametrize("stage", Stage)
def test_a_ticket_is_either_open_or_finished(stage):
    assert TicketState(stage=stage).finished == (stage in FINISHED) == (stage not in OPEN)


@pytest.mark.clause("S4.1")
def test_a_round_is_what_happened_since_the_last_acceptance_or_reopening():
    first = [row(1, What.ACCEPTED), row(2, What.CUSTOMER_TOLD)]
    second = [row(3, What.REOPENED), row(4, What.NOTED)]

    assert in_round(first) == first
    assert in_round([*first, *second]) == second
    assert in_round([row(1, What.CARRIED_OVER)]) == [row(1, What.CARRIED_OVER)]
    assert in_round([]) == []


def carried_out(state: TicketState, history: list[Happening], path: str, move: Move, minutes: int) -> Change:
    at = history[-1].happened_at + timedelta(minutes=minutes)
    return decide(state, move, at=at, now=at, facts={"reason": "because"}, history=history, path=path)


@st.composite
def walks(draw: st.DrawFn) -> tuple[str, TicketState, list[Happening]]:
    """A path, and a ticket that has been moved about on it by any moves the handbook allowed."""
    path = draw(st.sampled_from(sorted(PATHS)))
    history = [accepted(TYPES[path])]
    state = replay(history)
    for _ in range(draw(st.integers(0, 30))):
        change = carried_out(
            state, history, path, draw(st.sampled_from(moves_from(state, path))), draw(st.integers(0, 90))
        )
        history.append(Happening(len(history) + 1, change.what, change.happened_at, change.facts))
        state = change.state
    return path, state, history


@pytest.mark.clause("M6.3")
@given(walks())
def test_a_replay_of_what_was_recorded_gives_the_same_ticket(walk):
    _, state, history = walk

    assert replay(history) == state
    stored = [replace(happening, facts=as_json(happening.facts)) for happening in history]
    assert replay(stored) == state


@pytest.mark.clause("S1.1c", "S4.1")
@given(walks())
def test_transfers_and_rounds_are_as_many_as_the_history_tells(walk):
    _, state, history = walk

    assert state.transfers == sum(happening.what is What.TRANSFERRED for happening in history)
    assert state.round == 1 + sum(happening.what is What.REOPENED for happening in history)


@pytest.mark.clause("X2")
@given(walks())
def test_a_finished_ticket_waits_for_nobody(walk):
    _, state, _ = walk

    assert not (state.finished and state.standing is not Standing.RUNNING)


@pytest.mark.clause("H2.4", "H5.3.2")
@given(walks())
def test_no_stage_is_a_trap_the_archive_can_be_reached_without_the_customer_giving_up(walk):
    path, state, history = walk
    seen, reached = {state.stage}, [state]
    while reached and Stage.ARCHIVED not in seen:
        here = reached.pop()
        for move in set(moves_from(here, path)) - set(STANDINGS) - {Move.WITHDRAW, Move.CANCEL, Move.REJECT}:
            then = carried_out(here, history, path, move, 0).state
            if then.stage not in seen:
                seen.add(then.stage)
                reached.append(then)

    assert Stage.ARCHIVED in seen


@pytest.mark.clause("U3.2")
@given(walks())
def test_once_it_is_no_enquiry_it_never_is_again(walk):
    _, _, history = walk
    types = [replay(history[:upto]).ticket_type for upto in range(1, len(history) + 1)]

    assert "enquiry" not in types[len([t for t in types if t == "enquiry"]) :]
