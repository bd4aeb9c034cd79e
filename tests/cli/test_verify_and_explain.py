"""`shouwen verify` and `shouwen explain` tell the truth (M6.3, X2)."""

from __future__ import annotations

import argparse
import json
from datetime import timedelta

import pytest
from django.db import connection

from shouwen.cli import explain, verify
from shouwen.cli.sentences import CannotRun
from shouwen.handbook.lifecycle import Move
from shouwen.service_levels.explaining import ledger_of
from shouwen.tickets.models import Ticket
from shouwen.vault.models import AccessLog
from tests.cast import MONDAY, Cast, take_in, walked


def verified(capsys: pytest.CaptureFixture[str], number: str | None = None) -> tuple[int, dict]:
    code = verify.run(argparse.Namespace(number=number, json=True))
    return code, json.loads(capsys.readouterr().out)


def edit(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        assert cursor.rowcount >= 1


@pytest.mark.clause("M6.3")
def test_an_untouched_database_is_sound(cast: Cast, capsys) -> None:
    walked(cast, Move.ARCHIVE)
    take_in(cast)

    code, report = verified(capsys)

    assert (code, report["sound"], report["tickets"], report["flaws"]) == (0, True, 2, [])


TAMPERINGS = [
    ("UPDATE ticket_event SET facts = facts || '{\"work\": \"-\"}' WHERE ticket_id = %s AND what = 'carried_out'", "/"),
    ("UPDATE ticket_event SET happened_at = happened_at - interval '1 hour' WHERE ticket_id = %s AND seq = 2", "/2"),
    ("UPDATE ticket_event SET recorded_at = recorded_at - interval '1 s' WHERE ticket_id = %s AND seq = 3", "/3"),
    ("UPDATE ticket_event SET actor = 'system' WHERE ticket_id = %s AND seq = 2", "/2"),
    ("UPDATE ticket_event SET leaf = sha256('x') WHERE ticket_id = %s AND seq = 2", "/2"),
    ("DELETE FROM ticket_event WHERE ticket_id = %s AND seq = 4", "/4"),
    ("UPDATE ticket SET stage = 'told' WHERE id = %s", "ticket "),
    ("UPDATE ticket SET first_owner = handler WHERE id = %s", "ticket "),
    ("UPDATE ticket SET received_at = received_at + interval '1 day' WHERE id = %s", "ticket "),
    ("UPDATE clock SET due_at = due_at + interval '1 day' WHERE ticket_id = %s", "clock "),
    ("UPDATE clock SET state = 'met' WHERE ticket_id = %s AND state = 'running'", "clock "),
    ("DELETE FROM clock WHERE ticket_id = %s", "clock "),
    ("UPDATE ticket_event SET what = 'nonsense' WHERE ticket_id = %s AND seq = 2", "/2"),
    ("UPDATE ticket SET stage = 'nonsense' WHERE id = %s", "ticket "),
    ("UPDATE ticket SET edition = 'nonsense@1' WHERE id = %s", "ticket "),
    ("UPDATE clock SET rule = 'nonsense' WHERE ticket_id = %s AND rule = 'classify'", "clock "),
]


@pytest.mark.clause("M6.3", "H7.3.1")
@pytest.mark.parametrize(("statement", "names"), TAMPERINGS, ids=[row[0][:60] for row in TAMPERINGS])
def test_whoever_changes_a_row_behind_the_desk_is_found(cast: Cast, capsys, statement: str, names: str) -> None:
    ticket = walked(cast, Move.CARRY_OUT)
    edit(statement, ticket.pk)

    code, report = verified(capsys)

    assert code == 1
    assert any(names in flaw["row"] for flaw in report["flaws"])
    assert {flaw["number"] for flaw in report["flaws"]} == {ticket.number}


def test_an_event_without_its_ticket_is_named(cast: Cast, capsys) -> None:
    ticket = take_in(cast)
    edit("DELETE FROM clock WHERE ticket_id = %s", ticket.pk)
    edit("DELETE FROM ticket WHERE id = %s", ticket.pk)

    code, report = verified(capsys)

    assert code == 1
    assert report["flaws"][0]["row"].startswith(f"ticket_event {ticket.pk}/")


@pytest.mark.clause("X2", "X3")
def test_the_ledger_says_which_minutes_counted_and_under_which_rule(cast: Cast, capsys) -> None:
    ticket = walked(cast, Move.RESPOND)
    at = MONDAY + timedelta(hours=6)

    explain.run(argparse.Namespace(number=ticket.number.lower(), at=at.isoformat(), json=True, pdf=None))

    document = json.loads(capsys.readouterr().out)
    assert document["number"] == ticket.number
    assert document["clocks"]
    for clock in document["clocks"]:
        assert clock["source"]["place"]
        assert clock["source"]["says"]
        if clock["state"] == "running":
            assert clock["used_minutes"] == pytest.approx(sum(row["minutes"] for row in clock["ledger"]), abs=0.05)
            assert clock["left_minutes"] == pytest.approx(clock["budget_minutes"] - clock["used_minutes"], abs=0.05)
        assert clock["used_minutes"] == pytest.approx(sum(part["minutes"] for part in clock["split"]), abs=0.05)
    responded = next(clock for clock in document["clocks"] if clock["clause"] == "H5.1.1")
    assert responded["state"] == "met"


def test_the_ledger_on_a_terminal_names_the_document_and_its_place(cast: Cast, capsys) -> None:
    ticket = take_in(cast)

    explain.run(argparse.Namespace(number=ticket.number, at=None, json=False, pdf=None))

    said = capsys.readouterr().out
    assert "· 5.1" in said
    assert f"SHA-256 {ledger_of(ticket, MONDAY).proof.digest}" in said


@pytest.mark.clause("M6.3")
def test_the_statement_of_times_carries_what_verify_says(cast: Cast, capsys, tmp_path) -> None:
    ticket, file = take_in(cast), tmp_path / "statement.pdf"
    asked = {"number": ticket.number, "at": None, "json": False, "pdf": file, "language": "en"}

    explain.run(argparse.Namespace(**asked))

    assert file.read_bytes().startswith(b"%PDF-")
    assert verified(capsys, ticket.number)[1]["digest"] == ledger_of(ticket, MONDAY).proof.digest
    [handed_out] = AccessLog.objects.all()
    assert (handed_out.what, handed_out.about, handed_out.by) == ("handed_out", ticket.number, "system")
    assert handed_out.subject_id == ticket.customer_id
    with pytest.raises(CannotRun, match=r"statement\.pdf"):
        explain.run(argparse.Namespace(**asked | {"pdf": tmp_path / "no" / "statement.pdf"}))


@pytest.mark.parametrize("at", ["yesterday", "2026-03-02T09:00:00"])
def test_a_moment_without_a_zone_is_no_moment(cast: Cast, at: str) -> None:
    ticket = take_in(cast)

    with pytest.raises(CannotRun):
        explain.run(argparse.Namespace(number=ticket.number, at=at, json=True, pdf=None))


def test_a_number_nobody_has_is_said_plainly(cast: Cast) -> None:
    assert not Ticket.objects.exists()
    with pytest.raises(CannotRun):
        explain.run(argparse.Namespace(number="AH-22222-22222-2", at=None, json=True, pdf=None))


def test_before_a_ticket_was_received_there_is_nothing_to_explain(cast: Cast) -> None:
    ticket = take_in(cast)
    at = (ticket.received_at - timedelta(minutes=1)).isoformat()

    with pytest.raises(CannotRun, match="2026-03-02T01:00"):
        explain.run(argparse.Namespace(number=ticket.number, at=at, json=True, pdf=None))
