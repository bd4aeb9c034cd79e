"""Durations, conditions, and rules that contradict themselves."""

from datetime import timedelta
from fractions import Fraction

import pytest

from shouwen.handbook.history import TicketState
from shouwen.handbook.targets import (
    CalendarNeeded,
    CalendarNotNeeded,
    Conditions,
    Duration,
    DurationUnreadable,
    Kind,
    LadderOutOfOrder,
    StartMissing,
    Step,
    StepUnclear,
    TargetRule,
    Unit,
)
from tests.handbook.times import NOTHING, Source, rule

TICKET = TicketState(
    ticket_type="complaint",
    category="network.coverage.weak",
    priority="general",
    complexity="complex",
    customer_level="vip",
    channel="phone",
)
ZERO = timedelta(0)


@pytest.mark.clause("X3")
@pytest.mark.parametrize(
    ("text", "amount", "unit", "span"),
    [
        ("7wd", 7, Unit.WORKING_DAYS, None),
        ("15d", 15, Unit.NATURAL_DAYS, timedelta(days=15)),
        ("72h", 72, Unit.HOURS, timedelta(hours=72)),
        ("30min", 30, Unit.MINUTES, timedelta(minutes=30)),
        ("8wh", 8, Unit.WORKING_HOURS, timedelta(hours=8)),
        ("30wmin", 30, Unit.WORKING_MINUTES, timedelta(minutes=30)),
    ],
)
def test_a_duration_is_read_and_written_the_same_way(text, amount, unit, span):
    duration = Duration.parse(text)

    assert (duration.amount, duration.unit, duration.span, str(duration)) == (amount, unit, span, text)


@pytest.mark.parametrize("text", ["", "7", "wd", "0wd", "-1d", "1.5h", "7 weeks", "7WD", "100000d", "7wdd"])
def test_a_duration_that_cannot_be_read_is_refused(text):
    with pytest.raises(DurationUnreadable) as refused:
        Duration.parse(text)

    assert refused.value.facts == {"text": text}


@pytest.mark.parametrize(
    ("conditions", "fit"),
    [
        ({}, True),
        ({"category": {"network"}}, True),
        ({"category": {"network.coverage"}}, True),
        ({"category": {"network.coverage.weak"}}, True),
        ({"category": {"network.coverage.weak.indoor"}}, False),
        ({"category": {"net"}}, False),
        ({"category": {"tariff", "network"}}, True),
        ({"ticket_type": {"fault"}}, False),
        ({"ticket_type": {"fault", "complaint"}, "priority": {"general"}}, True),
        ({"ticket_type": {"complaint"}, "priority": {"emergency"}}, False),
        ({"complexity": {"general"}}, False),
        ({"customer_level": {"vip"}, "channel": {"phone"}}, True),
        ({"customer_level": {"ordinary"}}, False),
        ({"channel": {"web"}}, False),
    ],
)
def test_a_rule_is_for_tickets_that_fit_every_condition(conditions, fit):
    wanted = Conditions(**{name: frozenset(values) for name, values in conditions.items()})

    assert wanted.fit(TICKET) is fit


@pytest.mark.parametrize(
    "step",
    [
        {},
        {"share": Fraction(1, 2), "after": ZERO},
        {"share": Fraction(0)},
        {"share": Fraction(1)},
        {"after": timedelta(minutes=-1)},
    ],
)
def test_a_step_is_a_share_or_a_time_after_and_not_both(step):
    with pytest.raises(StepUnclear):
        Step(**step)


@pytest.mark.parametrize(
    "ladder",
    [
        (Step(after=ZERO), Step(share=Fraction(3, 4))),
        (Step(share=Fraction(3, 4)), Step(share=Fraction(1, 2))),
        (Step(after=timedelta(hours=4)), Step(after=ZERO)),
    ],
)
def test_a_ladder_goes_upwards(ladder):
    with pytest.raises(LadderOutOfOrder):
        rule("any", "7wd", ladder=ladder)


def contradictory(duration: str, calendar: str, start: frozenset[str] = frozenset({"accepted"})) -> TargetRule:
    length = Duration.parse(duration)
    return TargetRule("any", "X3", Source(NOTHING, "", NOTHING), NOTHING, Kind.LIMIT, length, calendar, start)


def test_working_time_needs_a_working_calendar():
    with pytest.raises(CalendarNeeded) as refused:
        contradictory("7wd", "natural")

    assert refused.value.facts == {"rule": "any", "duration": "7wd"}


def test_natural_time_has_no_working_calendar():
    with pytest.raises(CalendarNotNeeded):
        contradictory("72h", "office")


def test_a_rule_that_nothing_starts_is_refused():
    with pytest.raises(StartMissing):
        contradictory("72h", "natural", frozenset())


@pytest.mark.clause("X2")
@pytest.mark.parametrize(("kind", "can_pause"), [(Kind.TARGET, True), (Kind.LIMIT, True), (Kind.STATUTORY, False)])
def test_nothing_pauses_what_the_law_sets(kind, can_pause):
    assert rule("any", "15d", kind=kind).can_pause is can_pause
