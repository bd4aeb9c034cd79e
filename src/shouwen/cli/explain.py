"""`shouwen explain NUMBER`: the ledger of every clock of a ticket: which minutes counted, why, and who spent them."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from shouwen.cli.due import moment
from shouwen.cli.sentences import CannotRun, _, terminal_language
from shouwen.handbook.refusals import Refusal

if TYPE_CHECKING:
    from rich.console import Console

    from shouwen.service_levels.explaining import Explanation, TicketLedger
    from shouwen.service_levels.ledgers import ClockLedger


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", help=_("the ticket's number"))
    parser.add_argument("--at", metavar="ISO8601", help=_("explain as of this moment (with its zone); now by default"))
    parser.add_argument("--json", action="store_true", help=_("as data"))
    parser.add_argument("--pdf", metavar=_("FILE"), type=Path, help=_("as the one-page statement for a regulator"))
    parser.add_argument("--language", choices=["zh", "en"], default="zh", help=_("the language of the statement"))


def run(args: argparse.Namespace) -> int:
    """Print the ledger; 0 when the ticket exists."""
    from django.utils.translation import override

    from shouwen.handbook.authority import SYSTEM
    from shouwen.service_levels.explaining import as_data, ledger_of
    from shouwen.tickets.queries import NoSuchTicket, ticket_for

    at = _moment(args.at)
    try:
        ledger = ledger_of(ticket_for(SYSTEM, args.number), at)
    except NoSuchTicket:
        raise CannotRun(_("There is no ticket {number}.").format(number=args.number)) from None
    if at < ledger.ticket.received_at:
        received = ledger.ticket.received_at.isoformat(timespec="minutes")
        raise CannotRun(_("It was received at {received}; before that no clock ran.").format(received=received))
    if args.pdf:
        _write_statement(ledger, args.pdf, args.language)
        return 0
    if args.json:
        json.dump(as_data(ledger), sys.stdout, ensure_ascii=False, indent=2)
        print()
        return 0
    with override("en" if terminal_language() == "en" else "zh-hans"):
        _print(ledger)
    return 0


def _write_statement(ledger: TicketLedger, file: Path, language: str) -> None:
    """The statement as a file; that it was made is written down."""
    from shouwen.service_levels.statement_pdf import statement_pdf
    from shouwen.vault.actions import record_handing_out

    ticket = ledger.ticket
    page = statement_pdf(ledger, language={"zh": "zh-hans", "en": "en"}[language])
    try:
        file.write_bytes(page)
    except OSError as error:
        raise CannotRun(_("{file} cannot be written: {reason}.").format(file=file, reason=error.strerror)) from None
    reason = f"shouwen explain --pdf {file.name}"
    record_handing_out(ticket.number, subject_id=ticket.customer_id, by="system", reason=reason, at=ledger.at)


def _print(ledger: TicketLedger) -> None:
    from rich.console import Console

    from shouwen.screens.templatetags.spoken import stage_name
    from shouwen.screens.templatetags.times import moment as spelled
    from shouwen.service_levels.ledgers import in_words, reader_of

    ticket, reader = ledger.ticket, reader_of(ledger)
    console = Console(width=None if sys.stdout.isatty() else 160)
    head = f"{stage_name(ticket.stage)}  {ticket.edition}  {spelled(ledger.at)}"
    console.print(f"[bold]{ticket.number}[/bold]  {head}", highlight=False)
    for explanation in ledger.clocks:
        _print_clock(console, explanation, in_words(explanation, reader))
    if not ledger.clocks:
        console.print(_("No clock: this ticket was taken in as history, or no rule applies to it."))
    proof = ledger.proof
    sound = _("each as it was written down") if proof.sound else _("NOT as it was written down: see shouwen verify")
    console.print(_("{events} events, {sound}").format(events=proof.events, sound=sound), highlight=False)
    console.print(f"SHA-256 {proof.digest}", highlight=False)


def _print_clock(console: Console, explanation: Explanation, said: ClockLedger) -> None:
    from rich.table import Table

    from shouwen.screens.templatetags.times import moment as spelled

    clock = explanation.clock
    flags = [flag for flag, on in ((_("provisional"), clock.provisional), (_("extended"), clock.extended)) if on]
    head = ", ".join([said.standing, *flags])
    table = Table(
        title=f"{said.name} ({said.kind}) — {head}",
        title_justify="left",
        caption=f"{said.source} ({said.clause}): {said.says}",
        caption_justify="left",
    )
    for heading in (_("from"), _("to"), _("counted"), _("why"), _("time"), _("held by"), _("calendar")):
        table.add_column(heading)
    for entry in (shift for row in said.entries for shift in row.shifts or (row,)):
        table.add_row(
            spelled(entry.start),
            spelled(entry.end) if entry.end else "…",
            _("yes") if entry.counted else _("no"),
            entry.why,
            entry.worked,
            entry.by,
            entry.calendar_version or "-",
        )
    console.print(table)
    due = spelled(clock.due_at) if clock.due_at else "-"
    spent = _("{given} ({calendar}); due {due}; used {used} of {budget}").format(
        given=said.given, calendar=said.calendar, due=due, used=said.used, budget=said.budget
    )
    console.print(f"  {spent}", highlight=False)
    for piece in said.bar.segments:
        by = f" ({piece.by})" if piece.by else ""
        console.print(f"    {piece.whose}: {piece.spent}{by}", highlight=False)
    for reason, span in said.bar.rest:
        idle = _("not counted – {reason}: {span}").format(reason=reason, span=span)
        console.print(f"    {idle}", highlight=False)
    console.print()


def _moment(text: str | None) -> datetime:
    try:
        return moment(text).astimezone(UTC) if text else datetime.now(UTC)
    except Refusal as refusal:
        raise CannotRun(_(refusal.says).format_map(refusal.facts)) from None
