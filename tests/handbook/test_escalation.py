"""The ladder of a clock: when each rung is reached, and which rungs the sweep still owes."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest

from shouwen.handbook.escalation import DutyHours, is_urgent, look_after, look_times, steps_due, told_from
from shouwen.handbook.history import What
from shouwen.handbook.targets import Step
from tests.examples import code, examples
from tests.handbook.times import ALL_CALENDARS, OFFICE, WARN_THEN_BREACH, on, only_clock, rule, story

WAITING = {"pause": "customer", "standing": "waiting"}
RUNNING = {"standing": "running"}
ACCEPTED = ("2026-03-02 09:00", What.ACCEPTED)
TARGET = rule("general", "8h")  # due at 17:00, warns at 15:00, escalates at 21:00


def rung(text: str) -> Step:
    if text.startswith("+"):
        return Step(after=timedelta(hours=int(text[1:-1])))
    return Step(share=Fraction(text))


@pytest.mark.clause("S3.3")
@pytest.mark.parametrize("row", examples("examples/clocks.md", "ladder"), ids=lambda row: row["because"])
def test_a_rung_is_reached_when_its_share_is_spent_or_so_long_after_the_due_time(row):
    target = rule("any", code(row["duration"]), ladder=(rung(code(row["rung"])),))

    clock = only_clock(target, story((code(row["accepted"]), What.ACCEPTED)))

    assert look_times(clock) == (on(code(row["at"])),), row["because"]


@pytest.mark.clause("S3.3")
@pytest.mark.parametrize(
    ("at", "taken", "due"),
    [
        ("14:59:59", 0, []),
        ("15:00:00", 0, [0]),
        ("15:00:01", 1, []),
        ("16:59:59", 1, []),
        ("17:00:00", 1, [1]),
        ("23:00:00", 0, [0, 1, 2]),
        ("23:00:00", 2, [2]),
        ("23:00:00", 3, []),
    ],
)
def test_every_rung_that_was_reached_is_due_once_however_late_the_sweep(at, taken, due):
    looks = look_times(only_clock(TARGET, story(ACCEPTED)))

    assert steps_due(TARGET, looks, taken, on(f"2026-03-02 {at}")) == [WARN_THEN_BREACH[n] for n in due]


@pytest.mark.parametrize(("taken", "at"), [(0, "15:00"), (1, "17:00"), (2, "21:00"), (3, None)])
def test_the_next_look_is_at_the_first_rung_not_taken(taken, at):
    clock = only_clock(TARGET, story(ACCEPTED))

    assert look_after(look_times(clock), taken) == (at and on(f"2026-03-02 {at}"))


def test_nobody_looks_at_a_clock_that_has_stopped():
    clock = only_clock(TARGET, story(ACCEPTED, ("2026-03-02 18:00", What.CUSTOMER_TOLD)))

    assert look_times(clock) == ()


def test_a_paused_clock_has_only_the_rungs_reached_before_its_pause():
    early = only_clock(TARGET, story(ACCEPTED, ("2026-03-02 14:00", What.WAITING_STARTED, WAITING)))
    warned = only_clock(TARGET, story(ACCEPTED, ("2026-03-02 16:00", What.WAITING_STARTED, WAITING)))

    assert look_times(early) == ()
    assert look_times(warned) == (on("2026-03-02 15:00"),)


def test_a_pause_held_by_two_parties_began_with_the_first():
    history = story(
        ACCEPTED,
        ("2026-03-02 18:00", What.WAITING_STARTED, WAITING),
        ("2026-03-02 22:00", What.TRANSFERRED, {"team": "billing"}),
    )

    assert look_times(only_clock(TARGET, history)) == (on("2026-03-02 15:00"), on("2026-03-02 17:00"))


def test_after_a_pause_the_rungs_not_yet_reached_come_later_by_its_length():
    history = story(
        ACCEPTED, ("2026-03-02 16:00", What.WAITING_STARTED, WAITING), ("2026-03-03 16:00", What.RESUMED, RUNNING)
    )

    looks = look_times(only_clock(TARGET, history))

    assert looks == (on("2026-03-02 15:00"), on("2026-03-03 17:00"), on("2026-03-03 21:00"))


@pytest.mark.clause("U7.1")
def test_an_extension_moves_the_ladder_with_the_due_time():
    agreed = {"rule": "general", "until": "2026-03-04T09:00+08:00"}
    history = story(ACCEPTED, ("2026-03-02 13:00", What.EXTENSION_AGREED, agreed))

    looks = look_times(only_clock(TARGET, history))

    assert looks == (on("2026-03-03 21:00"), on("2026-03-04 09:00"), on("2026-03-04 13:00"))


def test_a_promise_already_past_is_due_at_once():
    promised = rule("promise", "1h", start=[What.PROMISE_MADE], for_promises=True)
    past = {"promise": "a", "due_at": "2026-03-02T08:00+08:00"}

    clock = only_clock(promised, story(ACCEPTED, ("2026-03-02 10:00", What.PROMISE_MADE, past)))

    assert clock.breached(on("2026-03-02 10:00"))
    assert look_times(clock)[:2] == (on("2026-03-02 08:00"), on("2026-03-02 08:00"))


@pytest.mark.clause("S3.3", "X3")
@pytest.mark.parametrize(
    ("up_at", "told_at", "because"),
    [
        ("2026-03-04 10:00", "2026-03-04 10:00", "on duty"),
        ("2026-03-04 12:30", "2026-03-04 14:00", "between the two shifts of a day"),
        ("2026-03-04 17:30", "2026-03-05 08:30", "the close belongs to the evening"),
        ("2026-03-04 00:00", "2026-03-04 08:30", "nobody is reminded at midnight"),
        ("2026-03-06 23:00", "2026-03-09 08:30", "over a weekend"),
        ("2026-02-13 20:00", "2026-02-14 08:30", "a Saturday that is worked in exchange (调休)"),
        ("2026-02-14 18:00", "2026-02-24 08:30", "over the Spring Festival"),
        ("2026-10-06 09:00", "2026-10-08 08:30", "a Tuesday of the National Day holiday"),
    ],
)
def test_people_are_told_in_their_duty_hours(up_at, told_at, because):
    assert told_from(on(up_at), [OFFICE]) == on(told_at), because


def test_whoever_works_by_two_calendars_is_told_when_either_begins():
    night = on("2026-03-04 23:00")

    assert told_from(night, [OFFICE, ALL_CALENDARS["natural"]]) == night
    assert told_from(on("2027-06-05 12:00"), [OFFICE]) == on("2027-06-07 08:30")  # past the horizon: by the week


@pytest.mark.parametrize(
    ("teams", "roles", "calendars"),
    [
        ((), (), {"office"}),
        (("network-3401",), ("handler",), {"office"}),
        (("service",), ("agent",), {"hotline"}),
        (("installation-3401",), ("handler",), {"field"}),
        (("network", "service"), (), {"office", "hotline"}),
        ((), ("manager",), {"natural"}),
        (("billing",), ("manager",), {"office", "natural"}),
    ],
)
def test_duty_hours_follow_from_the_work_of_one_s_teams_and_from_one_s_roles(teams, roles, calendars):
    duty = DutyHours("office", {"service": "hotline", "installation": "field"}, {"manager": "natural"})

    assert duty.calendars_of(teams, roles) == calendars


def test_a_rung_is_urgent_when_it_or_its_rule_says_so():
    calm, urgent = Step(after=timedelta(0)), Step(after=timedelta(0), around_the_clock=True)

    assert [is_urgent(TARGET, calm), is_urgent(TARGET, urgent)] == [False, True]
    assert is_urgent(replace(TARGET, around_the_clock=True), calm)
