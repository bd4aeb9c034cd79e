"""`shouwen explain NUMBER`: the ledger of every clock of a ticket: which minutes counted, and why."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shouwen.cli.due import moment
from shouwen.cli.sentences import CannotRun, _
from shouwen.handbook.refusals import Refusal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", help=_("the ticket's number"))
    parser.add_argument("--at", metavar="ISO8601", help=_("explain as of this moment (with its zone); now by default"))
    parser.add_argument("--json", action="store_true", help=_("as data"))


def run(args: argparse.Namespace) -> int:
    """Print the ledger; 0 when the ticket exists."""
    from shouwen.handbook.authority import SYSTEM
    from shouwen.service_levels.explaining import explain_ticket
    from shouwen.tickets.queries import NoSuchTicket, ticket_for

    at = _moment(args.at)
    try:
        ticket = ticket_for(SYSTEM, args.number)
    except NoSuchTicket:
        raise CannotRun(_("There is no ticket {number}.").format(number=args.number)) from None
    explanations = explain_ticket(ticket, at)
    if args.json:
        document = {"number": ticket.number, "edition": ticket.edition, "stage": ticket.stage, "at": at.isoformat()}
        document["clocks"] = [as_data(explanation) for explanation in explanations]
        json.dump(document, sys.stdout, ensure_ascii=False, indent=2)
        print()
    else:
        _print(ticket, explanations, at)
    return 0


def as_data(explanation: Any) -> dict[str, Any]:
    """One clock and its ledger as plain data: instants in ISO 8601 with zone, spans in minutes."""
    clock, rule = explanation.clock, explanation.clock.rule
    return {
        "rule": rule.id,
        "clause": rule.clause,
        "source": {
            "document": rule.source.document.zh,
            "place": rule.source.place,
            "says": rule.source.says.zh,
            "says_en": rule.source.says.en,
        },
        "name": rule.name.zh,
        "name_en": rule.name.en,
        "kind": rule.kind,
        "duration": None if rule.for_promises else str(rule.duration),
        "calendar": rule.calendar,
        "state": clock.state,
        "started_at": clock.started_at.isoformat(),
        "due_at": clock.due_at and clock.due_at.isoformat(),
        "stopped_at": clock.stopped_at and clock.stopped_at.isoformat(),
        "ended_by": clock.ended_by,
        "provisional": clock.provisional,
        "extended": clock.extended,
        "previous": clock.previous,
        "budget_minutes": _minutes(clock.budget),
        "used_minutes": _minutes(explanation.used),
        "left_minutes": _minutes(explanation.left),
        "breached": explanation.breached,
        "ledger": [
            {
                "start": row.start.isoformat(),
                "end": row.end and row.end.isoformat(),
                "counted": row.counted,
                "why": row.why,
                "minutes": None if row.worked is None else _minutes(row.worked),
                "team": row.by.team,
                "handler": row.by.handler,
                "calendar_version": row.calendar_version,
            }
            for row in explanation.ledger
        ],
    }


def _print(ticket: Any, explanations: list[Any], at: datetime) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(f"[bold]{ticket.number}[/bold]  {ticket.stage}  {ticket.edition}  {_local(at)}", highlight=False)
    for explanation in explanations:
        clock, rule = explanation.clock, explanation.clock.rule
        due = _local(clock.due_at) if clock.due_at else "-"
        given = _("as promised") if rule.for_promises else f"{rule.duration} {rule.calendar}"
        flags = [flag for flag, on in ((_("provisional"), clock.provisional), (_("extended"), clock.extended)) if on]
        title = f"{rule.name.zh} · {rule.name.en} — {clock.state}{', ' + ', '.join(flags) if flags else ''}"
        table = Table(
            title=title,
            title_justify="left",
            caption=f"{rule.source.document.zh} {rule.source.place} ({rule.clause}): {rule.source.says.zh}",
            caption_justify="left",
        )
        for heading in (_("from"), _("to"), _("counted"), _("why"), _("minutes"), _("held by"), _("calendar")):
            table.add_column(heading)
        for row in explanation.ledger:
            table.add_row(
                _local(row.start),
                _local(row.end) if row.end else "…",
                _("yes") if row.counted else _("no"),
                row.why,
                "" if row.worked is None else f"{_minutes(row.worked):g}",
                row.by.team or "-",
                row.calendar_version or "-",
            )
        console.print(table)
        console.print(
            f"  {given}; {_('due')} {due}; {_('used')} {_minutes(explanation.used):g} / "
            f"{_minutes(clock.budget):g} min\n",
            highlight=False,
        )
    if not explanations:
        console.print(_("No clock: this ticket was taken in as history, or no rule applies to it."))


def _moment(text: str | None) -> datetime:
    try:
        return moment(text).astimezone(UTC) if text else datetime.now(UTC)
    except Refusal as refusal:
        raise CannotRun(_(refusal.says).format_map(refusal.facts)) from None


def _local(at: datetime) -> str:
    from django.conf import settings

    return f"{at.astimezone(ZoneInfo(settings.TIME_ZONE)):%Y-%m-%d %H:%M:%S}"


def _minutes(span: timedelta) -> float:
    return round(span.total_seconds() / 60, 2)
