"""`shouwen verify`: whether anybody changed a recorded event, or a row that its history does not explain (M6.3)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from shouwen.cli.sentences import CannotRun, _

SHOWN = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", nargs="?", help=_("only this ticket; all of them by default"))
    parser.add_argument("--json", action="store_true", help=_("as data"))


def run(args: argparse.Namespace) -> int:
    """0 when everything is sound, 1 when something was tampered with: every such row is named."""
    tickets, events, flaws = 0, 0, []
    for batch in _batches(args.number):
        tickets += len(batch)
        events += sum(len(rows) for _ticket, rows in batch)
        flaws.extend(flaws_in(batch))
    if not args.number:
        from shouwen.tickets.proof import orphans

        flaws.extend(orphans())
    report = {"sound": not flaws, "tickets": tickets, "events": events, "flaws": [_as_data(flaw) for flaw in flaws]}
    if args.number:
        report["digest"] = _digest(batch)
    if args.json:
        json.dump(report, sys.stdout, ensure_ascii=False, indent=2)
        print()
    else:
        _print(report)
    return 0 if report["sound"] else 1


def _batches(number: str | None) -> Iterator[list[Any]]:
    from shouwen.handbook.authority import SYSTEM
    from shouwen.tickets.models import TicketEvent
    from shouwen.tickets.proof import in_batches
    from shouwen.tickets.queries import NoSuchTicket, ticket_for

    if not number:
        yield from in_batches()
        return
    try:
        ticket = ticket_for(SYSTEM, number)
    except NoSuchTicket:
        raise CannotRun(_("There is no ticket {number}.").format(number=number)) from None
    yield [(ticket, list(TicketEvent.objects.filter(ticket=ticket).order_by("seq")))]


def _digest(batch: list[Any]) -> str:
    """The one value of a ticket's history, as its statement of times carries it."""
    from shouwen.tickets.proof import proof_of

    [(ticket, events)] = batch
    return proof_of(ticket, events).digest


def flaws_in(batch: list[Any]) -> Iterator[Any]:
    from shouwen.editions.queries import calendars_now, edition
    from shouwen.service_levels.models import Clock
    from shouwen.service_levels.proof import unexplained_clocks
    from shouwen.tickets.models import Task
    from shouwen.tickets.proof import Flaw, flaws_of, rows_by_ticket, unexplained_tasks
    from shouwen.tickets.queries import happening

    ids = [ticket.pk for ticket, _events in batch]
    clocks, tasks = rows_by_ticket(Clock, ids), rows_by_ticket(Task, ids)
    calendars = calendars_now()
    for ticket, events in batch:
        found = list(flaws_of(ticket, events))
        yield from found
        if found:  # what a broken history explains says nothing about the rest
            continue
        try:
            history = [happening(event) for event in events]
            yield from unexplained_clocks(ticket, history, clocks[ticket.pk], edition(ticket.edition), calendars)
            yield from unexplained_tasks(ticket, history, tasks[ticket.pk])
        except (LookupError, ValueError) as error:  # an edition that is gone, a word nobody knows
            yield Flaw(ticket.number, f"ticket {ticket.pk}", f"It cannot be replayed: {error}")


def _as_data(flaw: Any) -> dict[str, str]:
    return {"number": flaw.number, "row": flaw.row, "says": flaw.says}


def _print(report: dict[str, Any]) -> None:
    counted = _("{tickets} tickets, {events} events").format(tickets=report["tickets"], events=report["events"])
    if report["sound"]:
        print(_("Sound: {counted}.").format(counted=counted))
        if "digest" in report:
            print(f"SHA-256 {report['digest']}")
        return
    print(_("NOT SOUND: {count} flaws in {counted}.").format(count=len(report["flaws"]), counted=counted))
    for flaw in report["flaws"][:SHOWN]:
        print(f"  {flaw['number'] or '-'}  {flaw['row']}  {flaw['says']}")
    if len(report["flaws"]) > SHOWN:
        print(_("  … and {count} more; --json lists all.").format(count=len(report["flaws"]) - SHOWN))
