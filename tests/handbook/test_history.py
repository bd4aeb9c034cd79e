"""The history is the truth: a ticket is what its history tells."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwen.handbook.history import FINISHED, Happening, Stage, Standing, TicketState, What, fold, in_round, replay
from shouwen.handbook.lifecycle import FACTS, OPEN, PATHS, Move, Needs, decide, moves_from
from shouwen.handbook.refusals import FeedbackMissing

RECEIVED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
Story = list[Happening]
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


def made(path: str, history: Story, move: Move, *, minutes: int = 0, needs: Needs | None = None) -> Story:
    """The history after one more move, some minutes later. Raises a Refusal."""
    at = history[-1].happened_at + timedelta(minutes=minutes)
    facts = {"reason": "because"}
    change = decide(replay(history), move, at=at, now=at, facts=facts, history=history, path=path, needs=needs)
    after = [*history, Happening(len(history) + 1, change.what, at, change.facts)]
    assert replay(after) == change.state
    return after


@st.composite
def walks(draw: st.DrawFn) -> tuple[str, Story]:
    """A path, and the history of a ticket moved about on it by any moves the handbook allowed.

    Some tickets were moved in from another system, wherever they stood there.
    """
    path = draw(st.sampled_from(sorted(PATHS)))
    history = [accepted(TYPES[path])]
    moved_in = draw(st.none() | st.sampled_from(OPEN))
    if moved_in:
        history.append(row(2, What.CARRIED_OVER, stage=moved_in, standing=draw(st.sampled_from(Standing))))
    for _ in range(draw(st.integers(0, 30))):
        move = draw(st.sampled_from(moves_from(replay(history), path)))
        history = made(path, history, move, minutes=draw(st.integers(0, 90)))
    return path, history


@pytest.mark.clause("M6.3")
@settings(deadline=None)
@given(walks())
def test_a_replay_of_what_the_database_keeps_gives_the_same_ticket(walk):
    _, history = walk
    kept = [replace(happening, facts=json.loads(json.dumps(happening.facts))) for happening in history]

    assert replay(kept) == replay(history)


@pytest.mark.clause("S1.1c", "S4.1")
@settings(deadline=None)
@given(walks())
def test_transfers_and_rounds_are_as_many_as_the_history_tells(walk):
    _, history = walk
    state = replay(history)

    assert state.transfers == sum(happening.what is What.TRANSFERRED for happening in history)
    assert state.round == 1 + sum(happening.what is What.REOPENED for happening in history)


@pytest.mark.clause("X2")
@settings(deadline=None)
@given(walks())
def test_a_finished_ticket_waits_for_nobody(walk):
    _, history = walk
    state = replay(history)

    assert not (state.finished and state.standing is not Standing.RUNNING)


@pytest.mark.clause("U3.2")
@settings(deadline=None)
@given(walks())
def test_once_it_is_no_enquiry_it_never_is_again(walk):
    _, history = walk
    types = [replay(history[:upto]).ticket_type for upto in range(1, len(history) + 1)]

    assert "enquiry" not in types[types.count("enquiry") :]


@pytest.mark.clause("H2.4", "H5.3.2", "U2.5")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("stage", OPEN)
@pytest.mark.parametrize("standing", Standing)
def test_no_stage_is_a_trap_with_both_told_and_nobody_giving_up_the_archive_is_reached(path, stage, standing):
    moved_in = row(2, What.CARRIED_OVER, stage=stage, standing=standing)
    seen, ahead = set(), [[accepted(TYPES[path]), moved_in]]
    while ahead and replay(ahead[-1]).stage is not Stage.ARCHIVED:
        here = ahead.pop()
        told = frozenset(happening.what for happening in in_round(here)) & {What.CUSTOMER_TOLD, What.INFORMANT_TOLD}
        place = (replay(here).stage, replay(here).standing, told)
        if place not in seen:
            seen.add(place)
            ahead += next_histories(path, here)

    assert ahead


# Nobody gives up and nothing starts over; and what leaves the ticket as it is leads nowhere.
AWAY = {Move.WITHDRAW, Move.CANCEL, Move.REJECT, Move.REOPEN, Move.MERGE, *FACTS} - {Move.TELL_INFORMANT}


def next_histories(path: str, history: Story) -> Iterator[Story]:
    """Every way on that the handbook allows, with both gates of the two feedbacks up."""
    needs = Needs(two_feedbacks=frozenset({Move.FOLLOW_UP, Move.CLOSE}))
    for move in set(moves_from(replay(history), path)) - AWAY:
        with suppress(FeedbackMissing):
            yield made(path, history, move, needs=needs)
