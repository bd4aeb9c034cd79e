"""The lifecycle, as docs/handbook/lifecycle.md tells it."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from shouwen.handbook.gates import NEEDS_A_REASON, check_pause_start
from shouwen.handbook.history import STATE_FIELDS, Happening, Stage, Standing, TicketState, What
from shouwen.handbook.lifecycle import (
    PATHS,
    STANDINGS,
    Change,
    Move,
    Needs,
    decide,
    moves_from,
    step_of,
    tmf_state,
)
from shouwen.handbook.moves import RECORDED_AS
from shouwen.handbook.refusals import (
    BreachStands,
    EnquiryOnly,
    FactRequired,
    FeedbackMissing,
    HappenedOutOfBounds,
    MoveNotAllowed,
    NotChangedThisWay,
    PauseNotListed,
    ReasonRequired,
    RecordedTooLate,
    Refusal,
)
from shouwen.handbook.targets import Kind
from tests.examples import code, codes, examples
from tests.handbook.times import rule

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = NINE + timedelta(hours=3)
WHY = {"reason": "as the customer asked"}
REFUSED = {"H5.2": MoveNotAllowed, "M6.3": (HappenedOutOfBounds, RecordedTooLate), "U3.2": EnquiryOnly}
PAGE = "lifecycle.md"
STAGE_MOVES = {
    (path, Stage(stage), Move(code(row["move"]))): Stage(code(row["to"]))
    for row in examples(PAGE, "stage moves")
    for stage in codes(row["from"])
    for path in codes(row["path"]) or PATHS
}
FACT_STAGES = {Move(code(row["move"])): set(codes(row["stages"])) for row in examples(PAGE, "facts")}
MAY_CHANGE = {Move(move): set(codes(row["fields"])) for row in examples(PAGE, "fields") for move in codes(row["moves"])}


def accepted(state: TicketState) -> list[Happening]:
    """The first row of the history of a ticket that was taken in as it is now."""
    return [Happening(1, What.ACCEPTED, NINE, {"stage": state.stage, "standing": state.standing})]


def ask(state, move, *, history=None, at=NOW, now=NOW, path="full", needs=None, **facts) -> Change:
    history = accepted(state) if history is None else history
    return decide(state, move, at=at, now=now, facts={**WHY, **facts}, history=history, path=path, needs=needs)


def go_on(state, history, move, *, at=NOW, path="full", **facts):
    """The ticket and its history after one more move."""
    change = ask(state, move, history=history, at=at, path=path, **facts)
    return change.state, [*history, Happening(len(history) + 1, change.what, at, change.facts)]


def ready_for(move: Move) -> TicketState:
    """A ticket that this move is possible for, on the path that allows most."""
    standing = Standing.WAITING if move is Move.RESUME else Standing.RUNNING
    ticket_type = "enquiry" if move is Move.PROMOTE else "complaint"
    states = [TicketState(stage=stage, standing=standing, ticket_type=ticket_type) for stage in Stage]
    return next(state for state in states if move in moves_from(state, "at_contact"))


def test_every_move_is_recorded_as_something_of_its_own():
    assert set(RECORDED_AS) == set(Move)
    assert len(set(RECORDED_AS.values())) == len(Move)


@pytest.mark.clause("H2.4", "H5.2")
@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("path", PATHS)
def test_a_stage_allows_the_moves_of_the_examples_and_no_other(path, stage):
    state = TicketState(stage=stage, ticket_type="enquiry")
    for move in set(Move) - set(STANDINGS) - {Move.UNMERGE}:  # where that leads to, the history knows
        expected = stage if stage in FACT_STAGES.get(move, ()) else STAGE_MOVES.get((path, stage, move))
        if expected is None:
            with pytest.raises(MoveNotAllowed) as refused:
                ask(state, move, path=path)
            assert refused.value.facts == {"stage": stage, "move": move}
        else:
            assert ask(state, move, path=path).state.stage == expected


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("standing", Standing)
def test_what_a_screen_offers_is_what_the_handbook_allows(path, stage, standing):
    state = TicketState(stage=stage, standing=standing)
    for move in Move:
        if move in moves_from(state, path):
            ask(state, move, path=path)
        else:
            with pytest.raises(MoveNotAllowed):
                ask(state, move, path=path)


@pytest.mark.parametrize("row", examples(PAGE, "stages"), ids=lambda row: code(row["stage"]))
def test_the_step_on_the_screen_and_the_status_outside_follow_from_stage_and_standing(row):
    stage = Stage(code(row["stage"]))

    assert step_of(stage) == (code(row["step"]) or None)
    for standing in Standing:
        assert tmf_state(TicketState(stage=stage, standing=standing)) == code(row[standing])


def test_the_examples_of_stages_leave_none_out():
    assert [code(row["stage"]) for row in examples(PAGE, "stages")] == list(Stage)


@pytest.mark.clause("X2")
@pytest.mark.parametrize("row", examples(PAGE, "standing"), ids=lambda row: " ".join(map(code, row.values())))
def test_a_wait_keeps_the_stage_and_going_on_resumes(row):
    state = TicketState(stage=Stage(code(row["stage"])), standing=Standing(code(row["standing"])))
    if row["then"] in REFUSED:
        with pytest.raises(REFUSED[row["then"]]):
            ask(state, Move(code(row["move"])))
    else:
        after = ask(state, Move(code(row["move"]))).state
        assert (after.stage, after.standing) == (code(row["then"]), code(row["stands"]))


@pytest.mark.clause("H5.3.1", "S1.1c")
@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_move_that_needs_a_reason_is_refused_without_one(reason):
    needing = {Move(move) for row in examples(PAGE, "reasons") for move in codes(row["moves"])}
    assert needing == NEEDS_A_REASON

    for move in Move:
        state = ready_for(move)
        if move in needing:
            with pytest.raises(ReasonRequired):
                ask(state, move, path="at_contact", reason=reason)
        else:
            assert ask(state, move, path="at_contact", reason=reason).what == RECORDED_AS[move]


@pytest.mark.clause("S1.1c")
def test_transfers_are_counted_and_a_decline_is_not_one():
    state, history = TicketState(stage=Stage.DISPATCHED), accepted(TicketState())
    for move in (Move.TRANSFER, Move.INVESTIGATE, Move.TRANSFER, Move.DECLINE, Move.DISPATCH):
        state, history = go_on(state, history, move)

    assert state.transfers == 2


@pytest.mark.clause("S4.1")
def test_reopening_starts_a_new_round_and_says_so():
    closed = TicketState(stage=Stage.CLOSED, round=1, transfers=3)
    change = ask(closed, Move.REOPEN)

    assert (change.state.stage, change.state.round) == (Stage.ASSESSED, 2)
    assert change.facts["round"] == 2
    assert change.state.transfers == 3


@pytest.mark.clause("U2.5")
@pytest.mark.parametrize("row", examples(PAGE, "two feedbacks"), ids=lambda row: " ".join(row.values()))
def test_both_loops_close_before_the_gate_opens(row):
    moved_in = "moved in" in row["from"]
    stage, gate = Stage(code(row["from"])), Move(code(row["gate"]))
    state = TicketState(stage=stage, has_informant=row["informant"].endswith("yes"))
    history = accepted(TicketState())
    if moved_in:
        history = [*history, Happening(2, What.CARRIED_OVER, NINE, {"stage": str(stage)})]
    for move in codes(row["before"]):
        state, history = go_on(state, history, Move(move))

    needs = Needs(two_feedbacks=frozenset({gate}))
    if row["missing"]:
        with pytest.raises(FeedbackMissing) as refused:
            ask(state, gate, history=history, needs=needs)
        assert refused.value.facts["who"] == code(row["missing"])
    else:
        assert ask(state, gate, history=history, needs=needs).what == RECORDED_AS[gate]


@pytest.mark.clause("U2.5")
def test_with_nobody_told_the_gate_names_both():
    state = TicketState(stage=Stage.INVESTIGATING, has_informant=True)

    with pytest.raises(FeedbackMissing) as refused:
        ask(state, Move.NOTE, needs=Needs(two_feedbacks=frozenset({Move.NOTE})))

    assert refused.value.facts["who"] == "customer, informant"


@pytest.mark.clause("U2.5", "U3.2")
def test_an_answer_at_contact_tells_the_customer():
    state, history = go_on(TicketState(), accepted(TicketState()), Move.ANSWER_AT_CONTACT, path="at_contact")
    needs = Needs(two_feedbacks=frozenset({Move.CLOSE}))

    assert ask(state, Move.CLOSE, history=history, path="at_contact", needs=needs).state.stage is Stage.CLOSED


@pytest.mark.clause("U3.2")
@pytest.mark.parametrize("row", examples(PAGE, "ticket types"), ids=lambda row: " ".join(map(code, row.values())))
def test_an_enquiry_becomes_a_complaint_and_nothing_becomes_an_enquiry(row):
    state = TicketState(ticket_type=code(row["type"]), stage=Stage.ASSESSED)
    stated = {"ticket_type": code(row["stated"])} if row["stated"] else {}
    if row["then"] in REFUSED:
        with pytest.raises(Refusal) as refused:
            ask(state, Move(code(row["move"])), **stated)
        assert refused.value.clause == row["then"]
    else:
        assert ask(state, Move(code(row["move"])), **stated).state.ticket_type == code(row["then"])


@pytest.mark.clause("U3.2")
def test_a_promotion_is_written_down_as_one():
    change = ask(TicketState(ticket_type="enquiry"), Move.PROMOTE)

    assert (change.what, change.facts["ticket_type"]) == (What.PROMOTED, "complaint")


def today(clock: str) -> datetime:
    """A time of day; past midnight the hours count on."""
    hours, minutes = clock.split(":")
    return NINE.replace(hour=0) + timedelta(hours=int(hours), minutes=int(minutes))


@pytest.mark.clause("M6.3", "X2")
@pytest.mark.parametrize(
    "row", examples(PAGE, "times"), ids=lambda row: " ".join((row["before"], row["move"], row["happened"]))
)
def test_what_happened_lies_where_the_clocks_can_count_it(row):
    state, history = TicketState(), []
    for step in codes(row["before"]):
        clock, move = step.split()
        if move == "accept":
            history = [Happening(1, What.ACCEPTED, today(clock), {"stage": "received", "standing": "running"})]
        else:
            state, history = go_on(state, history, Move(move), at=today(clock))

    happened, now, move = today(row["happened"]), today(row["now"]), Move(code(row["move"]))
    told = {"history": history, "at": happened, "now": now, "needs": Needs(late_recording=timedelta(days=3))}
    if row["then"] in REFUSED:
        with pytest.raises(REFUSED[row["then"]]):
            ask(state, move, **told)
    else:
        assert ask(state, move, **told).happened_at == today(code(row["because"]) or row["happened"])


OVERDUE = {"rule": "handling", "due_at": (NINE + timedelta(hours=24)).isoformat()}


@pytest.mark.clause("X2")
@pytest.mark.parametrize(
    ("overdue", "hours", "refused"),
    [(OVERDUE, 23, True), (OVERDUE, 24, False), (OVERDUE | {"rule": "law"}, 23, False), (None, 23, False)],
    ids=["before the overrun", "at the overrun", "overrun of a clock it would not stop", "nothing overrun"],
)
def test_no_pause_starts_before_a_recorded_overrun_of_a_clock_it_would_stop(overdue, hours, refused):
    rules = [rule("handling", "24h", pauses=["appointment"]), rule("law", "24h", kind=Kind.STATUTORY)]
    history = accepted(TicketState())
    if overdue:
        history.append(Happening(2, What.CLOCK_BREACHED, NINE + timedelta(hours=30), overdue))

    with pytest.raises(BreachStands) if refused else nullcontext():
        check_pause_start("appointment", NINE + timedelta(hours=hours), rules, history)


@pytest.mark.clause("H5.2", "T1.3")
@pytest.mark.parametrize("move", Move)
def test_a_move_changes_the_fields_listed_for_it_and_no_other(move):
    state = ready_for(move)
    for name in STATE_FIELDS:
        if name in MAY_CHANGE.get(move, ()):
            stated = getattr(state, name) if name == "ticket_type" else "restated"
            assert getattr(ask(state, move, path="at_contact", **{name: stated}).state, name) == stated
        else:
            with pytest.raises(NotChangedThisWay) as refused:
                ask(state, move, path="at_contact", **{name: "restated"})
            assert refused.value.facts == {"field": name, "move": move}


def test_a_fact_of_another_name_is_kept_for_its_reader():
    change = ask(TicketState(), Move.NOTE, text="rang twice", to_team="repair")

    assert change.facts == {**WHY, "text": "rang twice", "to_team": "repair"}
    assert change.state == TicketState()


@pytest.mark.clause("H5.3.1")
@pytest.mark.parametrize("stated", [{}, {"finding": None}, {"finding": ""}, {"finding": []}, {"finding": {}}])
def test_what_the_edition_asks_of_a_move_must_be_stated(stated):
    state, needs = TicketState(stage=Stage.INVESTIGATING), Needs(facts={Move.PROPOSE: ("finding",)})

    with pytest.raises(FactRequired) as refused:
        ask(state, Move.PROPOSE, needs=needs, **stated)
    assert refused.value.facts == {"fact": "finding", "move": "propose"}
    assert ask(state, Move.PROPOSE, needs=needs, finding=0).state.stage is Stage.PROPOSED


@pytest.mark.clause("X2")
def test_clocks_stop_only_for_a_listed_reason():
    state, needs = TicketState(stage=Stage.DISPATCHED), Needs(pauses={Move.HOLD: frozenset({"appointment"})})

    assert ask(state, Move.HOLD, needs=needs, pause="appointment").state.standing is Standing.HELD
    for stated in ({}, {"pause": "lunch"}):
        with pytest.raises(PauseNotListed):
            ask(state, Move.HOLD, needs=needs, **stated)
