"""Clocks, as docs/handbook/examples/clocks.md tells them, and the mistakes of others that must not be ours."""

from datetime import timedelta
from typing import Any

import pytest

from shouwen.handbook.clock import ClockState, Holder, ServiceClock, clocks, ledger
from shouwen.handbook.escalation import look_times
from shouwen.handbook.facts import InstantWithoutZone
from shouwen.handbook.history import Happening, What
from shouwen.handbook.targets import CalendarNeeded, Conditions, Kind
from shouwen.handbook.working_time import NaturalTime
from tests.examples import code, codes, examples
from tests.handbook.times import ALL_CALENDARS, CALENDARS, SHANGHAI, on, only_clock, rule, story

PAGE = "examples/clocks.md"
HOUR = timedelta(hours=1)
WAITING = {"pause": "customer", "standing": "waiting"}
HELD = {"pause": "appointment", "standing": "held"}
RUNNING = {"standing": "running"}

RULES = [
    rule(
        code(row["rule"]),
        code(row["duration"]),
        calendar=code(row["calendar"]),
        kind=Kind(code(row["kind"])),
        start=[What(what) for what in codes(row["start"])],
        stop=[What(what) for what in codes(row["stop"])],
        pauses=codes(row["pauses"]),
        applies=Conditions(priority=frozenset(codes(row["priority"]))),
        for_promises=code(row["rule"]) in ("promise", "expected", "pause"),
    )
    for row in examples(PAGE, "rules")
]


def told(cell: str) -> list[Happening]:
    """The history a cell tells, one event in each pair of backticks."""
    history = []
    for seq, event in enumerate(codes(cell), start=1):
        day, time, what, *facts = event.split(" ")
        stated: dict[str, Any] = {"priority": "general"} if seq == 1 else {}
        for name, _, value in (fact.partition("=") for fact in facts):
            rule_id, dot, entry = name.partition(".")
            if dot:
                stated["clocks"] = {rule_id: {entry: int(value) if value.isdigit() else value}}
            else:
                stated[name] = True if value == "yes" else value
        history.append(Happening(seq, What(what), on(f"{day} {time}"), stated))
    return history


def as_cell(clock: ServiceClock | None, asked: str) -> tuple[str, str, str]:
    """State, due time and what was spent, as the table writes them."""
    if clock is None:
        return "none", "", ""
    due = f"{clock.due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if clock.due_at else ""
    hours, minutes = divmod(clock.used(on(asked)) // timedelta(minutes=1), 60)
    return clock.state, due, f"{hours}:{minutes:02}"


@pytest.mark.clause("X2", "X3")
@pytest.mark.parametrize("row", [pytest.param(row, id=row["because"]) for row in examples(PAGE, "stories")])
def test_a_clock_stands_as_its_history_tells(row):
    by_id = {clock.id: clock for clock in clocks(told(row["history"]), RULES, ALL_CALENDARS)}

    stands = as_cell(by_id.get(code(row["clock"])), code(row["asked"]))

    assert stands == (code(row["state"]), code(row["due"]), code(row["used"])), row["because"]


@pytest.mark.clause("X3")
@pytest.mark.parametrize("row", examples("examples/working-time.md", "horizon"), ids=lambda row: row["because"])
def test_a_due_time_past_what_is_published_is_provisional(row):
    target = rule("any", code(row["duration"]), calendar=code(row["calendar"]))

    clock = only_clock(target, story((code(row["received"]), What.ACCEPTED)))

    assert clock.due_at == on(code(row["due"]))
    assert clock.provisional == (code(row["provisional"]) == "yes"), row["because"]


@pytest.mark.clause("X3")
def test_a_provisional_due_time_settles_itself_when_the_year_is_published():
    handling = rule("handling", "7wd")
    december = story(("2026-12-30 10:00", What.ACCEPTED))
    published = CALENDARS["office"].assumed()

    [before] = clocks(december, [handling], ALL_CALENDARS)
    [after] = clocks(december, [handling], {"office": published})

    assert (before.provisional, after.provisional) == (True, False)
    assert before.due_at == after.due_at


@pytest.mark.clause("X2")
def test_a_ticket_on_hold_from_february_to_august_reports_the_hour_it_was_worked_on():
    history = story(
        ("2026-02-02 09:00", What.ACCEPTED),
        ("2026-02-02 10:00", What.HELD, HELD),
        ("2026-08-03 09:00", What.RESUMED, RUNNING),
        ("2026-08-03 10:00", What.HELD, HELD),
    )

    clock = only_clock(rule("handling", "8wh"), history)

    assert clock.used(on("2026-12-01 09:00")) == 2 * HOUR
    assert (clock.state, clock.due_at) == (ClockState.PAUSED, None)


@pytest.mark.clause("X2")
def test_changing_the_target_in_the_middle_of_a_hold_keeps_the_hold():
    general = rule("general", "16wh", applies=Conditions(priority=frozenset({"general"})))
    urgent = rule("urgent", "8wh", applies=Conditions(priority=frozenset({"emergency"})))
    history = story(
        ("2026-03-02 08:30", What.ACCEPTED, {"priority": "general"}),
        ("2026-03-02 09:30", What.HELD, HELD),
        ("2026-03-03 09:30", What.RECLASSIFIED, {"priority": "emergency"}),
        ("2026-03-04 09:30", What.RESUMED, RUNNING),
    )

    [clock] = clocks(history, [general, urgent], ALL_CALENDARS)

    assert (clock.rule.id, clock.start_seq) == ("urgent", 1)
    assert clock.due_at == on("2026-03-05 09:30")


@pytest.mark.clause("X2")
def test_resolving_straight_from_waiting_does_not_count_the_wait():
    history = story(
        ("2026-03-02 08:30", What.ACCEPTED),
        ("2026-03-02 09:30", What.WAITING_STARTED, WAITING),
        ("2026-03-20 09:30", What.CUSTOMER_TOLD, {"stage": "told", **RUNNING}),
    )

    clock = only_clock(rule("handling", "8wh"), history)

    assert (clock.state, clock.used(on("2026-04-01 09:00"))) == (ClockState.MET, HOUR)
    assert not clock.breached(on("2026-04-01 09:00"))


@pytest.mark.clause("X2")
def test_a_move_straight_from_waiting_ends_the_wait():
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED),
        ("2026-03-02 10:00", What.WAITING_STARTED, WAITING),
        ("2026-03-03 10:00", What.INVESTIGATION_STARTED, {"stage": "investigating", **RUNNING}),
    )

    shown = ledger(only_clock(rule("handling", "8wh"), history), on("2026-03-03 11:00"))

    assert [(row.counted, row.why) for row in shown] == [
        (True, "running"),
        (False, "paused:customer"),
        (True, "running"),
    ]


@pytest.mark.clause("H5.1.2")
def test_a_make_up_saturday_is_worked_and_a_swapped_friday_is_not():
    before_saturday = story(("2026-10-09 16:30", What.ACCEPTED))
    before_friday = story(("2026-01-01 12:00", What.ACCEPTED))

    assert only_clock(rule("days", "1wd"), before_saturday).due_at == on("2026-10-10 17:30")
    assert only_clock(rule("hours", "2wh"), before_saturday).due_at == on("2026-10-10 09:30")
    assert only_clock(rule("days", "1wd"), before_friday).due_at == on("2026-01-04 17:30")
    assert only_clock(rule("hours", "2wh"), before_friday).due_at == on("2026-01-04 10:30")


@pytest.mark.clause("X2")
def test_an_answered_clock_is_not_overridden_by_another_one():
    response = rule("response", "24h", stop=[What.RESPONDED])
    update = rule("update", "72h", start=[What.RESPONDED], stop=[What.CUSTOMER_TOLD])
    history = story(("2026-03-02 09:00", What.ACCEPTED), ("2026-03-02 10:00", What.RESPONDED))

    first, second = clocks(history, [response, update], ALL_CALENDARS)

    assert (first.state, first.due_at) == (ClockState.MET, on("2026-03-03 09:00"))
    assert (second.state, second.due_at) == (ClockState.RUNNING, on("2026-03-05 10:00"))


def test_a_ticket_for_which_no_rule_is_made_has_no_clock():
    appeal = rule("appeal", "10d", applies=Conditions(ticket_type=frozenset({"appeal"})))

    assert clocks(story(("2026-03-02 09:00", What.ACCEPTED)), [appeal], ALL_CALENDARS) == []
    assert clocks([], [rule("any", "10d")], ALL_CALENDARS) == []


@pytest.mark.parametrize(
    ("asked", "overrun"), [("2026-03-03 08:59:59", False), ("2026-03-03 09:00:00", True), ("2026-03-03 09:00:01", True)]
)
def test_a_running_clock_is_breached_from_its_due_time_on(asked, overrun):
    clock = only_clock(rule("response", "24h"), story(("2026-03-02 09:00", What.ACCEPTED)))

    assert clock.breached(on(asked)) is overrun


def test_a_clock_that_ran_out_before_its_pause_stays_breached_and_due():
    history = story(("2026-03-02 09:00", What.ACCEPTED), ("2026-03-03 10:00", What.WAITING_STARTED, WAITING))

    clock = only_clock(rule("response", "24h"), history)

    assert (clock.state, clock.due_at) == (ClockState.PAUSED, on("2026-03-03 09:00"))
    assert clock.breached(on("2026-03-05 09:00"))
    assert look_times(clock) == (on("2026-03-03 03:00"), on("2026-03-03 09:00"))


def test_a_clock_paused_at_its_due_time_was_not_in_time():
    history = story(("2026-03-02 09:00", What.ACCEPTED), ("2026-03-03 09:00", What.WAITING_STARTED, WAITING))

    clock = only_clock(rule("response", "24h"), history)

    assert clock.due_at == on("2026-03-03 09:00")
    assert look_times(clock)[-1] == clock.due_at


@pytest.mark.parametrize(("stopped", "late"), [("2026-03-03 09:00", False), ("2026-03-03 09:01", True)])
def test_a_clock_that_stopped_late_stays_breached(stopped, late):
    history = story(("2026-03-02 09:00", What.ACCEPTED), (stopped, What.CUSTOMER_TOLD))

    clock = only_clock(rule("response", "24h"), history)

    assert clock.breached(on("2026-03-09 09:00")) is late
    assert not clock.breached(on("2026-03-03 08:59"))


@pytest.mark.clause("S4.1")
def test_the_clock_of_a_new_round_is_linked_to_the_one_before():
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED),
        ("2026-03-02 12:00", What.CUSTOMER_TOLD, {"stage": "told"}),
        ("2026-03-04 09:00", What.REOPENED, {"stage": "assessed", "round": 2}),
        ("2026-03-05 09:00", What.REOPENED, {"stage": "assessed", "round": 3}),
    )

    made = clocks(history, [rule("general", "72h")], ALL_CALENDARS)

    assert [(clock.id, clock.previous, clock.state) for clock in made] == [
        ("general@1", None, ClockState.MET),
        ("general@3", 1, ClockState.VOID),
        ("general@4", 3, ClockState.RUNNING),
    ]


@pytest.mark.clause("T4.5")
def test_a_promise_given_anew_replaces_the_one_of_the_same_name():
    promised = rule("promise", "1h", start=[What.PROMISE_MADE], stop=[], for_promises=True)
    history = story(
        ("2026-03-02 09:00", What.PROMISE_MADE, {"promise": "a", "due_at": "2026-03-02T11:00+08:00"}),
        ("2026-03-02 10:00", What.PROMISE_MADE, {"promise": "a", "due_at": "2026-03-02T15:00+08:00"}),
        ("2026-03-02 16:00", What.PROMISE_KEPT, {"promise": "a"}),
    )

    made = clocks(history, [promised], ALL_CALENDARS)

    assert [(clock.state, clock.previous) for clock in made] == [(ClockState.VOID, None), (ClockState.MISSED, 1)]
    assert made[1].budget == 5 * HOUR


@pytest.mark.clause("H7.2.3")
def test_each_task_of_a_collaborating_team_has_its_own_clock():
    task = rule("task", "1h", start=[What.TASK_ASSIGNED], stop=[What.TASK_ANSWERED], for_promises=True)
    history = story(
        ("2026-03-02 09:00", What.TASK_ASSIGNED, {"task": "billing", "due_at": "2026-03-02T11:00+08:00"}),
        ("2026-03-02 09:00", What.TASK_ASSIGNED, {"task": "network", "due_at": "2026-03-02T12:00+08:00"}),
        ("2026-03-02 09:30", What.TASK_ASSIGNED, {"task": "without a time"}),
        ("2026-03-02 10:00", What.TASK_ANSWERED, {"task": "network"}),
    )

    running, answered = clocks(history, [task], ALL_CALENDARS)

    assert (running.state, answered.state) == (ClockState.RUNNING, ClockState.MET)


@pytest.mark.clause("T4.5")
def test_a_promise_without_a_zone_is_refused():
    promised = rule("promise", "1h", start=[What.PROMISE_MADE], for_promises=True)
    history = story(("2026-03-02 09:00", What.PROMISE_MADE, {"promise": "a", "due_at": "2026-03-02T11:00"}))

    with pytest.raises(InstantWithoutZone):
        clocks(history, [promised], ALL_CALENDARS)


@pytest.mark.clause("U7.1")
def test_an_extension_is_shown_as_what_it_is():
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED),
        ("2026-03-02 10:00", What.EXTENSION_AGREED, {"rule": "general", "until": "2026-03-07T20:00+08:00"}),
    )

    clock = only_clock(rule("general", "16wh"), history)

    assert (clock.extended, clock.provisional, clock.due_at) == (True, False, on("2026-03-07 20:00"))
    assert [row.counted for row in clock.intervals] == [True]
    assert clock.left(on("2026-03-06 17:30")) == timedelta(0)
    assert not clock.breached(on("2026-03-07 19:59"))


@pytest.mark.clause("S3.4", "X2")
def test_the_ledger_shows_every_interval_why_and_in_whose_hands():
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED, {"first_owner": "u1"}),
        ("2026-03-02 10:00", What.DISPATCHED, {"team": "network"}),
        ("2026-03-02 11:00", What.ASSIGNED, {"handler": "u2"}),
        ("2026-03-02 15:00", What.WAITING_STARTED, WAITING),
        ("2026-03-03 09:00", What.TRANSFERRED, {"team": "billing", "handler": None, "stage": "dispatched"}),
        ("2026-03-03 10:00", What.RESUMED, RUNNING),
    )

    clock = only_clock(rule("handling", "49wh"), history)
    shown = ledger(clock, on("2026-03-03 12:30"))

    assert [(row.counted, row.why, row.worked, *row.by) for row in shown] == [
        (True, "running", HOUR, None, None),
        (True, "running", HOUR, "network", None),
        (True, "running", 2 * HOUR, "network", "u2"),
        (False, "paused:customer", timedelta(0), "network", "u2"),
        (False, "paused:customer", timedelta(0), "billing", None),
        (True, "running", 2 * HOUR, "billing", None),
    ]
    assert {row.calendar_version for row in shown} == {"office@1"}
    assert shown[-1].end == on("2026-03-03 12:30")
    assert sum((row.worked for row in shown), timedelta(0)) == clock.used(on("2026-03-03 12:30"))
    assert clock.party(on("2026-03-03 09:30")) == Holder("billing", None)
    assert ledger(clock, on("2026-03-02 10:30")) == [
        shown[0],
        shown[1]._replace(end=on("2026-03-02 10:30"), worked=HOUR / 2),
    ]


@pytest.mark.clause("X3")
def test_the_ledger_shows_the_day_of_receipt_as_not_counted():
    """Because the convention says so, and a hearing would ask for those minutes."""
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED, {"team": "desk"}),
        ("2026-03-02 11:00", What.WAITING_STARTED, WAITING),
        ("2026-03-02 12:00", What.RESUMED, RUNNING),
    )

    clock = only_clock(rule("handling", "7wd"), history)

    assert [(row.counted, row.why, row.worked) for row in ledger(clock, on("2026-03-03 10:00"))] == [
        (False, "receipt_day", timedelta(0)),
        (False, "paused:customer", timedelta(0)),
        (False, "receipt_day", timedelta(0)),
        (True, "running", 1.5 * HOUR),
    ]
    assert clock.budget == 7 * 7 * HOUR
    assert clock.due_from(on("2026-03-02 11:30")) == clock.due_at == on("2026-03-11 17:30")


@pytest.mark.clause("X2")
def test_a_pause_that_does_not_stop_a_clock_is_shown_as_counted():
    law = rule("law", "15d", kind=Kind.STATUTORY)
    history = story(("2026-03-02 09:00", What.ACCEPTED), ("2026-03-02 10:00", What.WAITING_STARTED, WAITING))

    shown = ledger(only_clock(law, history), on("2026-03-02 12:00"))

    assert [(row.counted, row.why) for row in shown] == [(True, "running"), (True, "running:customer")]


def test_what_was_spent_elsewhere_is_one_line_of_the_ledger():
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED),
        ("2026-03-04 09:00", What.CARRIED_OVER, {"stage": "received", "clocks": {"general": {"spent_minutes": 300}}}),
    )

    clock = only_clock(rule("general", "8wh"), history)

    assert [(row.why, row.worked) for row in ledger(clock, on("2026-03-04 10:00"))] == [
        ("carried_over", 5 * HOUR),
        ("running", HOUR),
    ]
    assert look_times(clock)[0] == on("2026-03-04 10:00")


@pytest.mark.parametrize(("spent", "due"), [(480, "2026-03-04 09:00"), (600, "2026-03-04 09:00")])
def test_a_clock_moved_in_with_nothing_left_is_due_at_once(spent, due):
    carried = {"stage": "received", "clocks": {"general": {"spent_minutes": spent}}}
    history = story(("2026-03-02 09:00", What.ACCEPTED), ("2026-03-04 09:00", What.CARRIED_OVER, carried))

    clock = only_clock(rule("general", "8wh"), history)

    assert clock.due_at == on(due)
    assert clock.breached(on(due))


@pytest.mark.parametrize("due", ["2026-02-27 12:00", "2026-03-03 12:00"])
def test_a_clock_moved_in_overdue_keeps_the_due_time_it_had(due):
    carried = {"stage": "received", "clocks": {"general": {"due_at": on(due).isoformat()}}}
    history = story(("2026-03-02 09:00", What.ACCEPTED), ("2026-03-04 09:00", What.CARRIED_OVER, carried))

    clock = only_clock(rule("general", "8wh"), history)

    assert clock.due_at == on(due)
    assert clock.used(on(due)) == clock.budget
    assert clock.breached(on("2026-03-04 09:00"))


@pytest.mark.parametrize(
    ("entry", "due"),
    [
        ({"due_at": "2026-03-03T12:00+08:00"}, on("2026-03-03 12:00")),
        ({"due_at": "2026-03-09T12:00+08:00"}, None),
        ({"spent_minutes": 60}, None),
    ],
)
def test_a_clock_moved_in_while_paused_has_a_due_time_only_if_it_has_passed(entry, due):
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED),
        ("2026-03-02 10:00", What.HELD, HELD),
        ("2026-03-04 09:00", What.CARRIED_OVER, {"stage": "received", "clocks": {"general": entry}}),
    )

    clock = only_clock(rule("general", "8wh"), history)

    assert (clock.state, clock.due_at) == (ClockState.PAUSED, due)


def test_a_ticket_moved_in_while_waiting_goes_on_waiting():
    carried = {"stage": "received", "clocks": {"general": {"spent_minutes": 60}}, **WAITING}
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED),
        ("2026-03-04 09:00", What.CARRIED_OVER, carried),
        ("2026-03-05 09:00", What.RESUMED, RUNNING),
    )

    assert only_clock(rule("general", "8wh"), history[:2]).state is ClockState.PAUSED
    assert only_clock(rule("general", "8wh"), history).due_at == on("2026-03-06 09:00")


def test_a_clock_started_while_the_ticket_waits_begins_with_the_wait():
    proposal = rule("proposal", "8wh", start=[What.DISPATCHED])
    history = story(
        ("2026-03-02 09:00", What.ACCEPTED),
        ("2026-03-02 10:00", What.WAITING_STARTED, WAITING),
        ("2026-03-02 11:00", What.DISPATCHED, {"team": "network"}),
        ("2026-03-03 08:30", What.RESUMED, RUNNING),
    )

    assert only_clock(proposal, history[:3]).due_at is None
    assert only_clock(proposal, history).due_at == on("2026-03-04 09:30")


@pytest.mark.clause("M6.3")
def test_monday_s_letter_typed_on_wednesday_pauses_from_monday():
    history = story(
        ("2026-03-02 08:30", What.ACCEPTED),
        ("2026-03-04 10:00", What.RESUMED, RUNNING),
        ("2026-03-02 10:00", What.WAITING_STARTED, WAITING),
    )

    assert only_clock(rule("general", "8wh"), history).used(on("2026-03-04 10:30")) == 2 * HOUR


def test_working_days_in_a_calendar_without_days_are_refused():
    with pytest.raises(CalendarNeeded):
        clocks(story(("2026-03-02 09:00", What.ACCEPTED)), [rule("any", "7wd")], {"office": NaturalTime()})
