"""Who spent the time of a clock, and what did not count: a split that always adds up."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwen.handbook.clock import ledger
from shouwen.handbook.history import Happening, What
from shouwen.handbook.ledgers import (
    OFF_DUTY,
    Extension,
    Idle,
    Part,
    Standstill,
    extensions,
    idle,
    parties,
    split,
    standstills,
    stretches,
)
from shouwen.handbook.targets import Kind
from tests.handbook.test_clock_laws import MINUTE, MOMENTS, START, paused_history
from tests.handbook.times import on, only_clock, rule, story

HOUR, DAY, ZERO = timedelta(hours=1), timedelta(days=1), timedelta(0)
LATER = on("2026-04-01 00:00")
WAITING = {"standing": "waiting", "pause": "customer"}
laws = settings(deadline=None, max_examples=60)

RULES = st.sampled_from(
    [
        rule("days", "7wd"),
        rule("minutes", "90wmin"),
        rule("natural", "72h"),
        rule("hotline", "30wh", calendar="hotline"),
        rule("law", "15d", kind=Kind.STATUTORY),
    ]
)
TEAMS = ("network", "billing", "desk")


@pytest.mark.clause("S3.4")
def test_each_party_is_answerable_for_the_working_time_in_its_hands():
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED, {"team": "desk", "handler": "a"}),
        ("2026-03-02 11:00", What.DISPATCHED, {"team": "network", "handler": None}),
        ("2026-03-02 12:00", What.ASSIGNED, {"handler": "b"}),
        ("2026-03-03 11:00", What.TRANSFERRED, {"team": "desk", "handler": "a"}),
        ("2026-03-03 12:00", What.CUSTOMER_TOLD),
    )

    clock = only_clock(rule("handling", "49wh"), history)

    assert split(ledger(clock, LATER)) == [
        Part("desk", "", 3 * HOUR, (("a", 3 * HOUR),)),
        Part("network", "", 7 * HOUR, ((None, HOUR), ("b", 6 * HOUR))),
    ]


@pytest.mark.clause("X2", "S3.4")
def test_waiting_for_the_customer_is_nobodys_even_where_the_law_goes_on_counting():
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED, {"team": "desk"}),
        ("2026-03-02 10:00", What.WAITING_STARTED, WAITING),
        ("2026-03-04 10:00", What.RESUMED, {"standing": "running"}),
        ("2026-03-04 11:00", What.CUSTOMER_TOLD),
    )

    law = only_clock(rule("law", "15d", kind=Kind.STATUTORY), history)
    own = only_clock(rule("own", "24h"), history)

    assert split(ledger(law, LATER)) == [
        Part("desk", "", 2 * HOUR, ((None, 2 * HOUR),)),
        Part(None, "customer", 2 * DAY),
    ]
    assert idle(law, ledger(law, LATER)) == []
    assert split(ledger(own, LATER)) == [Part("desk", "", 2 * HOUR, ((None, 2 * HOUR),))]
    assert idle(own, ledger(own, LATER)) == [Idle("paused:customer", 2 * DAY)]


@pytest.mark.clause("X2", "S3.4", "U2.2")
@pytest.mark.parametrize("reason", ["appointment", "force_majeure"])
def test_a_limit_that_goes_on_over_a_hold_is_the_time_of_whoever_has_the_ticket(reason):
    """Because a team that has agreed a visit for Wednesday is not cleared of the answer it owed within two hours."""
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED, {"team": "network"}),
        ("2026-03-02 10:00", What.HELD, {"standing": "held", "pause": reason}),
        ("2026-03-04 10:00", What.WAITING_STARTED, WAITING),
        ("2026-03-04 11:00", What.RESUMED, {"standing": "running"}),
        ("2026-03-04 12:00", What.CUSTOMER_TOLD),
    )
    answer, law = rule("answer", "2h", pauses=[]), rule("law", "15d", kind=Kind.STATUTORY)

    by_limit, by_law = (split(ledger(only_clock(one, history), LATER)) for one in (answer, law))

    team = 2 * HOUR + 2 * DAY
    assert by_limit == [Part("network", "", team, ((None, team),)), Part(None, "customer", HOUR)]
    assert by_law == [
        Part("network", "", 2 * HOUR, ((None, 2 * HOUR),)),
        Part(None, reason, 2 * DAY),
        Part(None, "customer", HOUR),
    ]


@pytest.mark.clause("H7.2.3", "S3.4")
def test_the_time_of_a_task_is_that_of_the_team_asked():
    """Because who leads the ticket is not to blame for another department's silence."""
    asked = {"task": "t1", "to_team": "billing", "due_at": "2026-03-02T17:00:00+08:00"}
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED, {"team": "desk"}),
        ("2026-03-02 10:00", What.TASK_ASSIGNED, asked),
        ("2026-03-02 11:00", What.TRANSFERRED, {"team": "network"}),
        ("2026-03-02 13:00", What.TASK_ANSWERED, {"task": "t1"}),
    )
    task = replace(rule("task", "1h"), for_promises=True, start=frozenset({What.TASK_ASSIGNED}))

    clock = only_clock(task, history)

    assert split(ledger(clock, LATER)) == [Part("billing", "", 3 * HOUR, ((None, 3 * HOUR),))]


def test_what_was_spent_before_a_ticket_was_moved_in_is_nobodys_here():
    moved_in = {"stage": "investigating", "team": "network", "clocks": {"handling": {"spent_minutes": 120}}}
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED),
        ("2026-03-04 09:00", What.CARRIED_OVER, moved_in),
        ("2026-03-04 10:00", What.CUSTOMER_TOLD),
    )

    clock = only_clock(rule("handling", "7wd"), history)

    assert split(ledger(clock, LATER)) == [
        Part(None, "carried_over", 2 * HOUR),
        Part("network", "", HOUR, ((None, HOUR),)),
    ]


@pytest.mark.clause("X2", "S3.4")
@laws
@given(RULES, MOMENTS, MOMENTS, st.integers(1, 60 * 24 * 150))
def test_the_parts_add_up_to_the_time_spent_and_with_the_rest_to_all_there_was(target, moments, between, asked):
    handed_on = [
        Happening(100 + n, What.TRANSFERRED, START + minute * MINUTE, {"team": TEAMS[n % 3]})
        for n, minute in enumerate(between)
    ]
    clock, at = only_clock(target, [*paused_history(moments), *handed_on]), START + asked * MINUTE
    rows = ledger(clock, at)
    parts = split(rows)

    assert sum((part.spent for part in parts), ZERO) == clock.used(at)
    assert all(part.because or part.spent == sum((span for _who, span in part.by), ZERO) for part in parts)
    off = sum((rest.elapsed for rest in idle(clock, rows)), ZERO)
    assert off + clock.used(at) == rows[-1].end - clock.started_at


@pytest.mark.clause("S3.4")
@laws
@given(RULES, MOMENTS, st.integers(1, 60 * 24 * 150))
def test_a_clock_that_never_stood_still_splits_all_its_time_among_the_parties(target, between, asked):
    handed_on = [
        Happening(100 + n, What.TRANSFERRED, START + minute * MINUTE, {"team": TEAMS[n % 3]})
        for n, minute in enumerate(between)
    ]
    clock, at = only_clock(target, [*paused_history([]), *handed_on]), START + asked * MINUTE
    parts = split(ledger(clock, at))

    assert not any(part.because for part in parts)
    assert sum((part.spent for part in parts), ZERO) == clock.used(at)


@laws
@given(RULES, MOMENTS, st.integers(1, 60 * 24 * 150))
def test_told_shift_by_shift_a_ledger_says_the_same(target, moments, asked):
    clock, at = only_clock(target, paused_history(moments)), START + asked * MINUTE
    told, rows = list(stretches(clock, at)), ledger(clock, at)

    edges = [edge for row in told for edge in (row.start, row.end)]
    assert edges[1:-1:2] == edges[2::2]
    assert split(told) == split(rows)
    off_duty = sum((row.end - row.start for row in told if row.why == OFF_DUTY), ZERO)
    assert off_duty == sum((rest.elapsed for rest in idle(clock, rows) if rest.why == OFF_DUTY), ZERO)


def test_the_parties_of_a_ticket_stand_in_the_order_in_which_they_had_it():
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED),
        ("2026-03-02 10:00", What.DISPATCHED, {"team": "network"}),
        ("2026-03-02 11:00", What.TASK_ASSIGNED, {"task": "t1", "to_team": "billing"}),
        ("2026-03-02 12:00", What.TRANSFERRED, {"team": "desk"}),
        ("2026-03-02 13:00", What.TRANSFERRED, {"team": "network"}),
    )

    assert parties(history) == [None, "network", "billing", "desk"]


def test_every_standstill_has_its_reason_and_the_time_it_was_to_last():
    until = "2026-03-05T09:00:00+08:00"
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED),
        ("2026-03-02 10:00", What.WAITING_STARTED, WAITING | {"until": until}),
        ("2026-03-03 10:00", What.HELD, {"standing": "held", "pause": "force_majeure"}),
        ("2026-03-04 10:00", What.RESUMED, {"standing": "running"}),
        ("2026-03-04 11:00", What.HELD, {"standing": "held", "pause": "appointment"}),
    )

    assert standstills(history) == [
        Standstill("customer", on("2026-03-02 10:00"), on("2026-03-03 10:00"), on("2026-03-05 09:00")),
        Standstill("force_majeure", on("2026-03-03 10:00"), on("2026-03-04 10:00"), None),
        Standstill("appointment", on("2026-03-04 11:00"), None, None),
    ]


@pytest.mark.clause("U7.1")
def test_an_agreed_extension_is_told_with_its_rule_and_its_time():
    agreed = {"rule": "handling", "until": "2026-03-20T17:30:00+08:00"}
    history = story(("2026-03-02 09:00", What.ACCEPTED), ("2026-03-03 09:00", What.EXTENSION_AGREED, agreed))

    assert extensions(history) == [Extension("handling", on("2026-03-03 09:00"), on("2026-03-20 17:30"))]
