"""`shouwen rules`: every clock of a pack, with where it comes from."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from shouwen.cli.packs import add_pack, refused, speaking, write
from shouwen.cli.sentences import _, terminal_language


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_pack(parser)
    parser.add_argument("--json", action="store_true", help=_("as data"))


def run(args: argparse.Namespace) -> int:
    """Print the rules; 2 when the pack is broken."""
    with speaking():
        from shouwen.editions.pack import folder_of, open_pack
        from shouwen.editions.reading import BrokenPack

        try:
            edition = open_pack(folder_of(args.pack)).edition(1)
        except BrokenPack as broken:
            return refused(broken, as_json=args.json)
    if args.json:
        write([as_data(rule) for rule in edition.rules])
    else:
        _print(edition)
    return 0


def as_data(rule: Any) -> dict[str, Any]:
    """A rule as plain data; every list is in a fixed order."""
    return {
        "id": rule.id,
        "clause": rule.clause,
        "source": {
            "document": {"zh": rule.source.document.zh, "en": rule.source.document.en},
            "place": rule.source.place,
            "says": {"zh": rule.source.says.zh, "en": rule.source.says.en},
        },
        "name": {"zh": rule.name.zh, "en": rule.name.en},
        "kind": rule.kind,
        "duration": None if rule.for_promises else str(rule.duration),
        "for_promises": rule.for_promises,
        "calendar": rule.calendar,
        "convention": rule.convention,
        "start": sorted(rule.start),
        "stop": sorted(rule.stop),
        "pauses": sorted(rule.pauses),
        "applies": {
            name: sorted(values)
            for name in ("ticket_type", "category", "priority", "complexity", "customer_level", "channel")
            if (values := getattr(rule.applies, name))
        },
        "answerable": rule.answerable,
        "consequences": [
            {
                "at": f"{float(step.share * 100):g}%" if step.share is not None else f"+{_span(step.after)}",
                "tells": list(step.tells),
                "escalates": step.escalates,
            }
            for step in rule.ladder
        ],
    }


def _span(after: Any) -> str:
    minutes = int(after.total_seconds() // 60)
    for size, unit in ((1440, "d"), (60, "h")):
        if minutes and minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}min" if minutes else "0"


def _print(edition: Any) -> None:
    from rich.console import Console
    from rich.table import Table

    language = "en" if terminal_language() == "en" else "zh-hans"
    table = Table(title=edition.title.spoken(language), title_justify="left")
    for heading in (_("rule"), _("name"), _("kind"), _("time"), _("calendar"), _("starts"), _("stops"), _("source")):
        table.add_column(heading, overflow="fold")
    for rule in edition.rules:
        table.add_row(
            rule.id,
            rule.name.spoken(language),
            rule.kind,
            _("as promised") if rule.for_promises else str(rule.duration),
            rule.calendar,
            " ".join(sorted(rule.start)),
            " ".join(sorted(rule.stop)),
            f"{rule.source.place} ({rule.clause})",
        )
    Console(width=None if sys.stdout.isatty() else 200).print(table)
