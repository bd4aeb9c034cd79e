"""Two tickets for one matter, and one ticket with two, as docs/handbook/lifecycle.md tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shouwen.handbook import merging
from shouwen.handbook.clock import ClockState, ServiceClock, clocks
from shouwen.handbook.history import Happening, Stage, Standing, TicketState, What, before_merging, replay
from shouwen.handbook.lifecycle import Move, decide
from shouwen.handbook.merging import (
    MAY_LEAD,
    MergedTooLongAgo,
    MergeRefused,
    Side,
    absorbing,
    check_limits,
    check_merge,
    check_unmerge,
    limits_lost,
    merged_here,
)
from shouwen.handbook.targets import Conditions, Kind, Step
from tests.examples import codes, examples
from tests.handbook.times import ALL_CALENDARS, on, rule, story

DAY = datetime(2026, 3, 2, tzinfo=UTC)
HOURS = {"emergency": 24, "general": 72}
WAITING = {"pause": "customer", "standing": "waiting", "until": "2026-03-05T10:00+08:00"}
MERGED = {"stage": "merged", "into": "AH-1", "reason": "同一事项"}
LIMIT = rule("handling", "8h")
EXTENDED = {"rule": "handling", "until": "2026-03-03T12:00+08:00"}


def clock_of(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def side(cell: str, number: str, customer: str = "A") -> Side:
    """One cell of the examples: a type, an hour and where it matters a stage."""
    ticket_type, *stage = codes(cell)
    hour = next(word for word in cell.split() if ":" in word)
    state = TicketState(number=number, ticket_type=ticket_type, customer=customer)
    return Side(state if not stage else replay_at(state, stage[0]), DAY + clock_of(hour))


def replay_at(state: TicketState, stage: str) -> TicketState:
    return TicketState(number=state.number, ticket_type=state.ticket_type, customer=state.customer, stage=Stage(stage))


@pytest.mark.clause("H2.1.1b", "X1")
@pytest.mark.parametrize(
    "row", examples("lifecycle.md", "merging"), ids=lambda row: " into ".join(list(row.values())[:2])
)
def test_the_older_of_two_tickets_for_one_matter_leads_and_nothing_owed_is_lost(row):
    merged = side(row["merged"], "AH-2", "B" if "another customer" in row["merged"] else "A")
    promised = [Happening(2, What.PROMISE_MADE, DAY, {"promise": "a", "due_at": "2026-03-03T10:00+08:00"})]
    history = promised if "promise" in row["merged"] else []
    leading = side(row["leading"], "AH-1")

    lost = limits_lost(clocks_of(merged), clocks_of(leading), DAY + timedelta(hours=12))

    if row["then"].endswith("yes"):
        check_merge(merged, leading, history)
        assert lost == []
    else:
        with pytest.raises(MergeRefused) as refused:
            check_merge(merged, leading, history)
        assert type(refused.value) is getattr(merging, row["then"]), row["because"]
        assert lost == (["handling"] if type(refused.value) is merging.LeadYounger else [])


def clocks_of(one: Side) -> list[ServiceClock]:
    """The clocks of a ticket that was received, and told its result where that is its stage."""
    what = [What.ACCEPTED] if one.state.stage in MAY_LEAD else [What.ACCEPTED, What.CUSTOMER_TOLD]
    return clocks([Happening(seq, each, one.received_at) for seq, each in enumerate(what, 1)], [LIMIT], ALL_CALENDARS)


ON_SITE = rule("on-site", "24h", start=[What.DISPATCHED], applies=Conditions(category=frozenset({"broadband"})))
MEASURED = rule("measured", "1h", ladder=(Step(after=timedelta(0)),))
GOAL = rule("goal", "1h", kind=Kind.TARGET)
NAMED = rule("named", "1h", start=[What.RESPONDED], stop=[What.RESPONDED, What.CUSTOMER_TOLD], for_promises=True)
DISPATCHED = ("2026-03-02 10:00", What.DISPATCHED)
HELD = ("2026-03-02 11:00", What.HELD, {"standing": "held", "pause": "appointment", "until": "2026-03-05T10:00+08:00"})


def named(at: str, hour: int) -> tuple:
    return (at, What.RESPONDED, {"expected_at": f"2026-03-02T{hour}:00+08:00"})


@pytest.mark.clause("H2.1.1b", "X2")
@pytest.mark.parametrize(
    ("target", "of_the_merged", "of_the_leading", "lost"),
    [
        (LIMIT, [], [], False),
        (ON_SITE, [DISPATCHED], [DISPATCHED], True),  # nobody goes to see the matter of the older one
        (ON_SITE, [], [DISPATCHED], False),
        (LIMIT, [], [HELD], True),  # what ran would stand still
        (LIMIT, [HELD], [HELD], False),
        (LIMIT, [HELD], [], False),
        (replace(LIMIT, kind=Kind.STATUTORY), [HELD], [HELD], False),  # nothing pauses the law's
        (LIMIT, [], [("2026-03-02 11:00", What.CUSTOMER_TOLD)], False),  # done already
        (LIMIT, [], [("2026-03-02 11:00", What.WITHDRAWN)], True),
        (LIMIT, [], [("2026-03-02 11:00", What.EXTENSION_AGREED, EXTENDED)], True),
        (MEASURED, [], [("2026-03-02 11:00", What.WITHDRAWN)], False),
        (GOAL, [], [("2026-03-02 11:00", What.WITHDRAWN)], False),
        (NAMED, [named("2026-03-02 11:00", 15)], [named("2026-03-02 11:00", 15)], False),
        (NAMED, [named("2026-03-02 11:00", 15)], [named("2026-03-02 11:00", 16)], True),
        (NAMED, [named("2026-03-02 11:00", 15)], [named("2026-03-02 10:00", 12), named("2026-03-02 11:00", 16)], True),
    ],
)
def test_a_limit_that_the_leading_ticket_would_not_keep_is_named(target, of_the_merged, of_the_leading, lost):
    """Both received on Monday, at 09:30 and 09:00; the older is about coverage, the younger about broadband."""
    younger = story(("2026-03-02 09:30", What.ACCEPTED, {"category": "broadband"}), *of_the_merged)
    older = story(("2026-03-02 09:00", What.ACCEPTED, {"category": "coverage"}), *of_the_leading)

    both = [clocks(history, [target], ALL_CALENDARS) for history in (younger, older)]

    assert limits_lost(*both, on("2026-03-02 12:00")) == ([target.id] if lost else [])


def test_a_limit_is_not_kept_by_looser_rules():
    """Because the two may have been received under different editions."""
    history = story(("2026-03-02 09:00", What.ACCEPTED))
    strict, longer, goal = (
        clocks(history, [each], ALL_CALENDARS)
        for each in (LIMIT, rule("handling", "9h"), replace(LIMIT, kind=Kind.TARGET))
    )

    assert [limits_lost(strict, there, DAY) for there in (longer, goal, [])] == [["handling"]] * 3
    with pytest.raises(merging.LimitsLost) as refused:
        check_limits("AH-1", strict, longer, DAY)
    assert refused.value.facts == {"into": "AH-1", "limits": "handling"}


def test_a_ticket_is_not_merged_into_itself():
    one = side("`complaint` 09:00", "AH-1")

    with pytest.raises(merging.MergedIntoItself):
        check_merge(one, one, [])


@pytest.mark.parametrize("row", examples("lifecycle.md", "taking back"), ids=lambda row: " ".join(row.values()))
def test_a_merging_is_taken_back_within_a_day_to_where_the_ticket_was(row):
    stage, standing = codes(row["before"])
    merged_at, now = DAY + timedelta(hours=2), DAY + timedelta(hours=2) + clock_of(row["after"])
    history = [
        Happening(1, What.ACCEPTED, DAY, {"stage": stage, "standing": standing}),
        Happening(2, What.MERGED, merged_at, {**MERGED, "standing": "running"}),
    ]
    if row["then"].endswith("no"):
        with pytest.raises(MergedTooLongAgo):
            check_unmerge(history, now)
        return

    check_unmerge(history, now)
    facts = {"reason": "并错了"}
    after = decide(replay(history), Move.UNMERGE, at=now, now=now, facts=facts, history=history).state

    assert [after.stage, after.standing] == codes(row["then"]) == [stage, standing]


@pytest.mark.parametrize(
    ("of_the_merged", "of_the_leading", "then"),
    [("emergency", "general", "emergency"), ("general", "emergency", None), ("general", "general", None)],
)
def test_the_leading_ticket_takes_over_the_stricter_priority(of_the_merged, of_the_leading, then):
    changed = absorbing(TicketState(priority=of_the_leading), TicketState("AH-2", priority=of_the_merged), HOURS)

    assert (changed["merged"], changed.get("priority")) == ("AH-2", then)


def test_a_priority_of_other_rules_is_compared_with_nothing():
    assert absorbing(TicketState(priority="general"), TicketState(priority="p1"), HOURS) == {"merged": ""}


def test_what_is_given_back_leaves_the_priority_as_if_it_had_never_come():
    taken = Happening(2, What.ABSORBED, DAY, {"merged": "AH-2", "priority": "emergency", "priority_why": {"zh": "急"}})
    accepted = Happening(1, What.ACCEPTED, DAY, {"priority": "general", "priority_why": {"zh": "一般"}})
    judged = Happening(3, What.RECLASSIFIED, DAY, {"priority": "important"})

    assert merging.releasing([accepted, taken], "AH-2")["priority"] == "general"
    assert merging.releasing([accepted, taken], "AH-2")["priority_why"] == {"zh": "一般"}
    assert merging.releasing([accepted, taken, judged], "AH-2") == {"merged": "AH-2"}


@pytest.mark.clause("H2.1.1b", "X2")
def test_a_clock_ends_with_the_merging_and_goes_on_as_if_never_merged_when_that_is_taken_back():
    """Received at 09:00 with 8 hours; waited from 10:00 to 12:00 in any case, so due at 19:00."""
    merged = story(
        ("2026-03-02 09:00", What.ACCEPTED, {}),
        ("2026-03-02 10:00", What.WAITING_STARTED, WAITING),
        ("2026-03-02 11:00", What.MERGED, {**MERGED, "standing": "running"}),
    )
    before = before_merging(merged)
    back = story(
        ("2026-03-02 11:30", What.UNMERGED, {"stage": before.stage, "standing": before.standing}),
        ("2026-03-02 12:00", What.RESUMED, {"standing": "running"}),
    )
    unmerged = [*merged, *(Happening(row.seq + 3, row.what, row.happened_at, row.facts) for row in back)]

    [ended], [going_on] = (clocks(history, [LIMIT], ALL_CALENDARS) for history in (merged, unmerged))

    assert (ended.state, ended.stopped_at) == (ClockState.VOID, on("2026-03-02 11:00"))
    assert before.standing is Standing.WAITING
    assert (going_on.state, going_on.due_at) == (ClockState.RUNNING, on("2026-03-02 19:00"))
    assert [row.why for row in going_on.intervals] == ["running", "paused:customer", "running"]


def test_the_second_merging_counts_where_only_the_first_was_taken_back():
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED, {}),
        ("2026-03-02 10:00", What.MERGED, MERGED),
        ("2026-03-02 11:00", What.UNMERGED, {"stage": "received"}),
        ("2026-03-02 12:00", What.MERGED, MERGED),
    )

    [clock] = clocks(history, [LIMIT], ALL_CALENDARS)

    assert (clock.state, clock.stopped_at) == (ClockState.VOID, on("2026-03-02 12:00"))


@pytest.mark.clause("H2.1.1b")
def test_a_merging_that_was_taken_back_is_none_until_it_is_made_again():
    def row(seq: int, what: What, number: str) -> Happening:
        return Happening(seq, what, DAY, {"merged": number})

    taken = [row(1, What.ABSORBED, "A"), row(2, What.ABSORBED, "B")]
    back = [*taken, row(3, What.RELEASED, "A")]

    assert merged_here(taken) == ["A", "B"]
    assert merged_here(back) == ["B"]
    assert merged_here([*back, row(4, What.ABSORBED, "A")]) == ["B", "A"]
