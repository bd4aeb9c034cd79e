"""The ledger of a ticket: told in four places, and the same everywhere."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils.translation import override

from shouwen.cli import explain
from shouwen.handbook.moves import Move
from shouwen.handling.actions import move_ticket
from shouwen.intake.ledgers import LedgerOut
from shouwen.screens.templatetags.times import exactly
from shouwen.service_levels.explaining import as_data, ledger_of
from shouwen.service_levels.ledgers import in_words, reader_of
from shouwen.service_levels.statement import statement_of
from shouwen.service_levels.statement_pdf import drawn, statement_pdf
from shouwen.tickets.models import Ticket, TicketEvent
from tests.cast import MONDAY, Cast, take_in, walk, walked
from tests.kept import once
from tests.screens.desk import Desk, text_of

LANGUAGES = ["zh-hans", "en"]
LONG_AFTER = MONDAY + timedelta(days=60)
A4 = b"[ 0 0 595.28 841.89 ]"


def paused(cast: Cast, ticket: Ticket, at: datetime, hours: float) -> None:
    """The ticket waits for its customer from a moment on, for some hours."""
    end = at + timedelta(hours=hours)
    waits = {"pause": "waiting_for_customer", "reason": "请补充", "until": end.isoformat()}
    for move, moment, facts in ((Move.WAIT, at, waits), (Move.RESUME, end, {})):
        move_ticket(ticket.number, move, by=cast.actor("handler"), happened_at=moment, now=moment, facts=facts)


def worked_and_waited(cast: Cast) -> Ticket:
    """A complaint that waited a day for its customer and went on."""

    def made() -> Ticket:
        ticket = walk(cast, take_in(cast), until=Move.INVESTIGATE)
        paused(cast, ticket, MONDAY + timedelta(hours=6), 24)
        return ticket

    return once("worked and waited", made)


@pytest.mark.clause("X2", "S3.4")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_is_the_same_on_the_page_the_terminal_the_api_and_the_statement(
    cast: Cast, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    """Because two figures for one clock are worse than none. What is done is told alike for ever."""
    ticket = walked(cast, Move.ARCHIVE)
    ledger = ledger_of(ticket, LONG_AFTER)
    asked = {"number": ticket.number, "at": LONG_AFTER.isoformat(), "json": True, "pdf": None}

    explain.run(argparse.Namespace(**asked))

    data = as_data(ledger)
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(data))
    told = LedgerOut.model_validate(data).model_dump()
    assert [one["used_minutes"] for one in told["clocks"]] == [one["used_minutes"] for one in data["clocks"]]

    page = text_of(Desk(cast.supervisor, language=language).get(f"/tickets/{ticket.number}/ledger"))
    statement = statement_of(ledger, language)
    with override(language):
        words = [in_words(one, reader_of(ledger)) for one in ledger.clocks]
        for one, said, clock in zip(ledger.clocks, words, data["clocks"], strict=True):
            spent = [piece.spent for piece in said.bar.segments if piece.tone != "left"]
            day = timedelta(hours=7) if clock["calendar"] == "office" else None
            assert spent == [exactly(timedelta(minutes=part["minutes"]), day) for part in clock["split"]]
            assert said.used == exactly(one.used, day)
            assert said.standing in page
            assert all(piece.spent in page for piece in said.bar.segments)
    by_name = {said.name: said for said in words}
    assert statement.clocks
    for stated in statement.clocks:
        assert stated.standing == by_name[stated.name].standing
        assert stated.bar == by_name[stated.name].bar
    assert data["proof"]["digest"] in page
    assert any(data["proof"]["digest"] in line for line in statement.proof)


@pytest.mark.clause("S3.4")
def test_a_team_has_the_same_number_on_every_clock_of_a_ticket(cast: Cast) -> None:
    """Because two colours for one team make a manager blame the wrong one."""
    ledger = ledger_of(worked_and_waited(cast), MONDAY + timedelta(days=4))

    bars = [in_words(one, reader_of(ledger)).bar for one in ledger.clocks]

    marks = {(piece.whose, piece.mark, piece.tone) for bar in bars for piece in bar.segments if piece.mark.isdigit()}
    assert {mark for _whose, mark, _tone in marks} == {"1", "2"}
    assert len(marks) == 2


@pytest.mark.clause("S3.4")
def test_the_desk_the_team_and_nobody_share_the_time_the_law_counts(cast: Cast) -> None:
    ticket = worked_and_waited(cast)

    data = as_data(ledger_of(ticket, MONDAY + timedelta(days=4)))

    law = next(clock for clock in data["clocks"] if clock["kind"] == "statutory")
    assert [(part["team"], part["because"], part["minutes"]) for part in law["split"]] == [
        (None, "", 120.0),
        ("network-3401", "", 4200.0),
        (None, "waiting_for_customer", 1440.0),
    ]
    own = next(clock for clock in data["clocks"] if clock["rule"] == "handling-general")
    assert {"why": "paused:waiting_for_customer", "minutes": 1440.0} in own["not_counted"]
    assert own["calendar_versions"] == ["office@1"]
    [stood] = data["standstills"]
    assert stood["end"] == stood["until"]


def test_a_statement_is_one_page_however_long_the_ticket_was(cast: Cast) -> None:
    ticket = worked_and_waited(cast)
    for n in range(12):
        paused(cast, ticket, MONDAY + timedelta(days=3 + n), 5)
    ledger = ledger_of(ticket, LONG_AFTER)

    for language in LANGUAGES:
        statement, page = statement_of(ledger, language), statement_pdf(ledger, language=language)

        assert page.startswith(b"%PDF-")
        assert re.findall(rb"/Count (\d+)", page) == [b"1"]
        assert page.count(A4) == 1
        assert len(statement.happened) == 6  # the last five, and how many came before them
        assert str(12 + 1 - 5) in statement.happened[0]
        assert f"/tickets/{ticket.number}/ledger" in statement.left_out(3)
        assert all(clock.name in statement.brief(3) for clock in statement.clocks[3:])
        assert str(statement.not_shown + 6) in replace(statement, clocks=statement.clocks[:1] * 31).left_out(1)


@pytest.mark.clause("U7.1")
def test_a_statement_tells_what_was_agreed_in_the_zone_its_rules_count_in(cast: Cast) -> None:
    ticket = worked_and_waited(cast)
    at = MONDAY + timedelta(days=2)
    agreed = {"rule": "handling-general", "until": "2026-03-20T17:30:00+08:00", "reason": "等基站整改"}
    move_ticket(ticket.number, Move.AGREE_EXTENSION, by=cast.actor("agent"), happened_at=at, now=at, facts=agreed)
    ledger = ledger_of(ticket, MONDAY + timedelta(days=4))
    london = {name: replace(spec, zone="Europe/London") for name, spec in ledger.rules.calendars.items()}

    here = statement_of(ledger, "en")
    there = statement_of(replace(ledger, rules=replace(ledger.rules, calendars=london)), "en")

    assert here.happened[-1] == (
        "Extension of “Whole handling (general)” until 2026-03-20 Fri 17:30, agreed on 2026-03-04 Wed 09:00"
    )
    extended = next(clock for clock in here.clocks if clock.name == "Whole handling (general)")
    assert "due 2026-03-20 Fri 17:30" in extended.times
    assert "extended by agreement" in extended.times
    assert there.made.endswith("times in Europe/London")
    assert "until 2026-03-20 Fri 09:30" in there.happened[-1]


@pytest.mark.clause("X1")
def test_what_binds_most_stands_first_on_the_statement(cast: Cast) -> None:
    statement = statement_of(ledger_of(worked_and_waited(cast), MONDAY + timedelta(days=4)), "en")

    kinds = [clock.kind for clock in statement.clocks]
    assert kinds[0] == "by law"
    assert kinds == sorted(kinds, key=["by law", "limit", "promised", "target", "task"].index)
    limits = [clock.late for clock in statement.clocks if clock.kind == "limit"]
    assert limits == sorted(limits, reverse=True)


@pytest.mark.clause("T6.2")
def test_a_statement_names_no_customer_and_nobody_who_works_here(cast: Cast) -> None:
    ticket = take_in(
        cast, phone="19900001234", name="欧阳静", text="请回电 13800138000，我是欧阳静", title="欧阳静的投诉"
    )
    walk(cast, ticket, until=Move.TELL_CUSTOMER)

    said = "".join(repr(statement_of(ledger_of(ticket, LONG_AFTER), language)) for language in LANGUAGES)

    people = [str(getattr(cast, who)) for who in ("agent", "handler", "supervisor")]
    private = ["19900001234", "1234", "欧阳", "13800138000", "邻区", *people]
    shown = re.sub(r"by='[^']*'", "", said)  # the shares of people are for the desk; the page does not draw them
    assert not [one for one in private if one in shown]


@pytest.mark.clause("M6.3")
def test_a_move_made_while_a_ledger_is_read_is_no_tampering(cast: Cast) -> None:
    before = worked_and_waited(cast)
    paused(cast, before, MONDAY + timedelta(days=3), 1)

    assert ledger_of(before, LONG_AFTER).proof.sound  # the ticket row is older than its history
    TicketEvent.objects.filter(ticket_id=before.pk, seq=before.last_seq).delete()
    assert not ledger_of(before, LONG_AFTER).proof.sound


@pytest.mark.clause("M6.3")
def test_a_history_that_was_altered_is_not_vouched_for(cast: Cast) -> None:
    ticket = worked_and_waited(cast)
    first = TicketEvent.objects.filter(ticket_id=ticket.pk, seq=1)
    first.update(facts=first.get().facts | {"channel": "app"})

    ledger = ledger_of(ticket, LONG_AFTER)

    assert as_data(ledger)["proof"]["sound"] is False
    assert "NOT all of them" in statement_of(ledger, "en").proof[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_taken_in_as_history_says_why_it_has_no_clock(cast: Cast, language: str) -> None:
    ticket = take_in(cast, is_history=True)
    ledger = ledger_of(ticket, LONG_AFTER)

    statement = statement_of(ledger, language)

    assert as_data(ledger)["clocks"] == []
    assert ("as history" if language == "en" else "历史记录") in statement.none
    assert drawn(statement).startswith(b"%PDF-")
    page = text_of(Desk(cast.supervisor, language=language).get(f"/tickets/{ticket.number}/ledger"))
    assert ("No clock ran on this ticket" if language == "en" else "该工单没有计时") in page
