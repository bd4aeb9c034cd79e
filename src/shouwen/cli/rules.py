"""`shouwen rules`: every clock of a pack and what is measured beside them, each with where it comes from."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from shouwen.cli.packs import add_pack, refused, speaking, write
from shouwen.cli.sentences import _, terminal_language
from shouwen.handbook.targets import written


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
        write([*map(as_data, edition.rules), *map(indicator_as_data, edition.indicators)])
    else:
        _print(edition)
    return 0


def as_data(rule: Any) -> dict[str, Any]:
    """A rule as plain data; every list is in a fixed order."""
    return {
        "id": rule.id,
        "clause": rule.clause,
        "source": _source(rule),
        "name": _both(rule.name),
        "kind": rule.kind,
        "duration": None if rule.for_promises else str(rule.duration),
        "for_promises": rule.for_promises,
        "calendar": rule.calendar,
        "convention": rule.convention,
        "start": sorted(rule.start),
        "stop": sorted(rule.stop),
        "stated": {
            what: {name: sorted(values) for name, values in asked.items()}
            for what, asked in sorted(rule.stated.items())
        },
        "ahead": written(rule.ahead) if rule.ahead else None,
        "wall": written(rule.wall) if rule.wall else None,
        "pauses": sorted(rule.pauses),
        "applies": {name: sorted(values) for name, values in rule.applies.stated().items()},
        "answerable": rule.answerable,
        "consequences": [
            {
                "at": f"{float(step.share * 100):g}%" if step.share is not None else f"+{written(step.after)}",
                "tells": list(step.tells),
                "escalates": step.escalates,
                "around_the_clock": step.around_the_clock or rule.around_the_clock,
            }
            for step in rule.ladder
        ],
    }


def indicator_as_data(indicator: Any) -> dict[str, Any]:
    """What is measured without being a ticket's clock: of the kind “indicator”, and nothing starts or stops it."""
    goal = {"at_most": indicator.at_most, "at_least": indicator.at_least}
    return {
        "id": indicator.id,
        "clause": indicator.clause,
        "source": _source(indicator),
        "name": _both(indicator.name),
        "kind": "indicator",
        "measures": _both(indicator.measures),
        "unit": indicator.unit,
        "goal": {name: float(mark) for name, mark in goal.items() if mark is not None},
        "over": indicator.over,
        "from": {"events": list(indicator.events)} if indicator.events else {"system": _both(indicator.system)},
        "duration": None,
        "calendar": None,
        "start": [],
        "stop": [],
        "pauses": [],
        "consequences": [],
    }


def _source(cited: Any) -> dict[str, Any]:
    source = cited.source
    return {"document": _both(source.document), "place": source.place, "says": _both(source.says)}


def _both(words: Any) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


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
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(table)
    if edition.indicators:
        console.print(_measured(edition, language))


def _measured(edition: Any, language: str) -> Any:
    from rich.table import Table

    from shouwen.editions.appendix_limits import goal_of, period_of

    table = Table(title=_("measured and reported"), title_justify="left")
    for heading in (_("indicator"), _("name"), _("measured"), _("goal"), _("over"), _("source")):
        table.add_column(heading, overflow="fold")
    for one in edition.indicators:
        name, measures = one.name.spoken(language), one.measures.spoken(language)
        table.add_row(one.id, name, measures, goal_of(one), period_of(one), f"{one.source.place} ({one.clause})")
    return table
