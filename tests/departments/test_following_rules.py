"""An edition that open tickets follow: what runs counts by the new rules, what had ended stays as it was judged."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shouwen.editions.actions import publish
from shouwen.editions.models import EditionVersion
from shouwen.editions.pack import SHIPPED, read_pack, texts_of
from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.service_levels.explaining import ledger_of
from shouwen.service_levels.models import Clock
from shouwen.service_levels.settling import follow_rules
from shouwen.service_levels.sweep import sweep
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of
from tests.cast import MONDAY, Cast, make, take_in, walk
from tests.departments.test_handling import everything_wrong_with

HOUR = timedelta(hours=1)
RETURN = (Move.RETURN, "handler", {"reason": "复测仍不达标"})


def new_rules(*, followed: bool) -> None:
    """Edition 2, in force from Tuesday: an hour for the first response, five working days for the whole handling."""
    texts = texts_of(SHIPPED)
    if followed:
        texts["edition.yaml"] = texts["edition.yaml"].replace("recalculates_open: false", "recalculates_open: true")
    texts["clocks.yaml"] = (
        texts["clocks.yaml"]
        .replace("duration: 2h\n    start: [accepted, reopened]", "duration: 1h\n    start: [accepted, reopened]")
        .replace("duration: 7wd\n    calendar: office\n    start: [accepted, reopened]\n    stop: [carried_out",
                 "duration: 5wd\n    calendar: office\n    start: [accepted, reopened]\n    stop: [carried_out")
    )  # fmt: skip
    at = MONDAY + 24 * HOUR
    publish(read_pack(texts), "person:reviewer", at=at, effective_at=at, origin=EditionVersion.DESK)


def clock(ticket: Ticket, rule: str) -> Clock:
    return Clock.objects.get(ticket=ticket, rule=rule)


@pytest.fixture
def answered(cast: Cast) -> Ticket:
    """Answered after an hour and a half: in time under the rules of Monday."""
    return walk(cast, take_in(cast), until=Move.RESPOND, hours=0.5)


@pytest.mark.clause("X3")
def test_what_runs_is_counted_anew_and_what_had_ended_stays_as_it_was_judged(cast: Cast, answered: Ticket) -> None:
    new_rules(followed=True)

    assert follow_rules(MONDAY + 25 * HOUR) == 1

    answered.refresh_from_db()
    assert answered.edition == "cn-telecom-2025@2"
    first, whole = clock(answered, "first-response"), clock(answered, "handling-general")
    assert (first.state, first.due_at) == ("met", MONDAY + 2 * HOUR)  # an hour and a half was no breach of two
    assert (whole.state, whole.due_at) == ("running", MONDAY + 7 * 24 * HOUR + 8.5 * HOUR)  # the fifth working day
    [changed] = [row for row in history_of(answered.pk) if row.what is What.RULES_CHANGED]
    assert changed.facts == {"edition": "cn-telecom-2025@2", "former": "cn-telecom-2025@1"}
    assert everything_wrong_with(answered) == []


@pytest.mark.clause("X3")
def test_the_ledger_tells_of_both_editions(cast: Cast, answered: Ticket) -> None:
    new_rules(followed=True)
    follow_rules(MONDAY + 25 * HOUR)
    answered.refresh_from_db()

    told = {one.clock.rule.id: str(one.clock.rule.duration) for one in ledger_of(answered, MONDAY + 26 * HOUR).clocks}

    assert (told["first-response"], told["handling-general"]) == ("2h", "5wd")


@pytest.mark.clause("U2.5", "X3")
def test_what_is_undone_after_the_change_goes_on_under_the_new_rules(cast: Cast) -> None:
    ticket = walk(cast, take_in(cast), until=Move.CARRY_OUT, hours=0.5)
    new_rules(followed=True)
    follow_rules(MONDAY + 25 * HOUR)
    ended = clock(ticket, "handling-general")

    ticket = make(cast, Ticket.objects.get(pk=ticket.pk), RETURN, MONDAY + 26 * HOUR)

    assert (ended.state, ended.due_at) == ("met", MONDAY + 9 * 24 * HOUR + 8.5 * HOUR)
    assert clock(ticket, "handling-general").due_at == MONDAY + 7 * 24 * HOUR + 8.5 * HOUR
    assert everything_wrong_with(ticket) == []


@pytest.mark.clause("X3")
def test_a_breach_under_the_new_rules_is_told_once_and_one_already_told_stays_in_the_history(cast: Cast) -> None:
    ticket = take_in(cast)
    sweep(MONDAY + 2 * HOUR)  # two hours without an answer
    new_rules(followed=True)
    follow_rules(MONDAY + 25 * HOUR)
    for hours in (25, 26):
        while sweep(MONDAY + hours * HOUR):
            pass

    breaches = [row.facts["rule"] for row in history_of(ticket.pk) if row.what is What.CLOCK_BREACHED]
    assert breaches.count("first-response") == 1
    assert everything_wrong_with(ticket) == []


def test_closed_tickets_never_follow(cast: Cast) -> None:
    ticket = walk(cast, take_in(cast), until=Move.CLOSE, hours=0.5)
    new_rules(followed=True)

    assert follow_rules(MONDAY + 25 * HOUR) == 0
    ticket.refresh_from_db()
    assert ticket.edition == "cn-telecom-2025@1"


def test_tickets_keep_their_rules_under_an_edition_that_does_not_ask_to_be_followed(
    cast: Cast, answered: Ticket
) -> None:
    new_rules(followed=False)

    assert follow_rules(MONDAY + 25 * HOUR) == 0
    assert clock(answered, "handling-general").due_at == MONDAY + 9 * 24 * HOUR + 8.5 * HOUR


def test_nobody_follows_an_edition_before_it_takes_effect(cast: Cast, answered: Ticket) -> None:
    new_rules(followed=True)

    assert follow_rules(MONDAY + 23 * HOUR) == 0
