"""A row of a spreadsheet as a draft: what its columns mean, in the words of the rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from shouwen.editions.edition import Edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import FINISHED, Stage, Standing
from shouwen.handbook.moves import Move
from shouwen.handling.actions import CarriedOver, Draft
from shouwen.intake.headings import FIELDS
from shouwen.intake.mappings import DETAILS, ColumnMapping, HalfSpent, zone_of
from shouwen.intake.moments import NotAMoment, moment_in
from shouwen.intake.naming import names_in, people_by_name, teams_by_name
from shouwen.intake.sheets import Row

USUAL_CHANNEL = "system"
LONGEST_KEY = 200
PAUSED_BY = {Standing.WAITING: Move.WAIT, Standing.HELD: Move.HOLD}
WITH_A_TEAM = frozenset(Stage) - FINISHED - {Stage.RECEIVED, Stage.ASSESSED}
_HOURS = re.compile(r"(\d+)[:：](\d{1,2})")
_MADE_A_NUMBER = re.compile(r"(\d{7,})\.0+")  # a telephone number that a spreadsheet took for an amount


class RowRefused(ValueError):
    """A row cannot be taken in; the message says why, naming the column."""


class Drafting:
    """Makes drafts of rows. The names of people, teams and codes are read once."""

    def __init__(self, mapping: ColumnMapping, rules: Edition, *, as_history: bool, by: Actor, now: datetime) -> None:
        """Raises MappingRefused for a zone that does not exist."""
        self._mapping, self._rules, self._as_history, self._by, self._now = mapping, rules, as_history, by, now
        self._zone = zone_of(mapping)
        people = people_by_name()
        self._names = {**names_in(rules), "owner": people, "handler": people, "team": teams_by_name()}
        self._stated = [name for name in FIELDS if name in mapping.columns or name in mapping.always]
        self._nothing = dict.fromkeys(FIELDS, "")
        self.scope = f"import:{mapping.name}"

    def draft(self, row: Row) -> Draft:
        """What a row says. Raises RowRefused."""
        if row.problem:
            raise RowRefused(row.problem)
        said = self._nothing | {name: self._said(name, row) for name in self._stated}
        stage = self._stage(said["stage"], row)
        return Draft(
            key=(self.scope, self._key(said["key"], row)),
            text=said["text"] or said["title"],
            title=said["title"],
            category=self._known("category", said["category"], self._rules.categories.nodes),
            received_at=self._moment("received_at", said["received_at"]),
            channel=said["channel"] or USUAL_CHANNEL,
            ticket_type=said["ticket_type"] or "complaint",
            phone=_MADE_A_NUMBER.sub(r"\1", said["phone"]),
            name=said["name"],
            account=_MADE_A_NUMBER.sub(r"\1", said["account"]),
            informant_name=said["informant_name"],
            informant_phone=_MADE_A_NUMBER.sub(r"\1", said["informant_phone"]),
            region=said["region"],
            severity=said["severity"],
            reach=said["reach"] or "single",
            complexity=said["complexity"],
            customer_level=said["customer_level"],
            details=self._details(row),
            requested=said["requested"],
            by=self._by,
            source="import",
            first_owner=self._known("owner", said["owner"], self._ids("owner")) or None,
            origin=said["key"],
            carried=self._carried(said, stage, row),
            is_history=stage in FINISHED,
            acknowledge=False,  # whoever complained weeks ago has had an answer
        )

    def _said(self, field: str, row: Row) -> str:
        """A field of a row, its value in the words of the rules where it is a known one."""
        return self._translated(field, self._raw(field, row)) or self._mapping.always.get(field, "")

    def _raw(self, field: str, row: Row) -> str:
        columns = self._mapping.columns.get(field, ())
        parts = [row.cells.get(column, "").strip() for column in columns]
        return ("\n" if field == "text" else " ").join(filter(None, parts))

    def _translated(self, field: str, raw: str) -> str:
        values = self._mapping.values.get(field, {})
        if raw in values:
            return values[raw]
        known = self._names.get(field, {}).get(raw.casefold())
        return known or values.get("*", raw)

    def _key(self, number: str, row: Row) -> str:
        """The number it has where it comes from; without one, everything the row says."""
        if len(number) > LONGEST_KEY:
            raise self._refusal("key", _("At most {count} characters, please.").format(count=LONGEST_KEY))
        return number or sha256(repr(sorted(row.cells.items())).encode()).hexdigest()[:40]

    def _stage(self, said: str, row: Row) -> Stage:
        if not said:
            return Stage.ARCHIVED if self._as_history else Stage.RECEIVED
        stage = Stage(self._known("stage", said, set(Stage)))
        if self._as_history and stage not in FINISHED:
            reason = _("“{stage}” is not finished, and history is: import it with --as open.")
            raise self._refusal("stage", reason.format(stage=self._raw("stage", row) or said))
        return stage

    def _carried(self, said: Mapping[str, str], stage: Stage, row: Row) -> CarriedOver | None:
        """Where the case stood; nothing for one that only came in."""
        standing = Standing(self._known("standing", said["standing"], set(Standing)) or Standing.RUNNING)
        team = self._known("team", said["team"], self._ids("team"))
        clocks = {} if stage in FINISHED else self._clocks(row)
        if stage in WITH_A_TEAM and not team:
            raise self._refusal("team", _("A case that has been dispatched has a team."))
        if stage is Stage.RECEIVED and standing is Standing.RUNNING and not clocks and not said["transfers"]:
            return None
        return CarriedOver(
            stage=stage,
            standing=standing,
            pause=self._pause(standing, said["pause"]),
            team=team or None,
            handler=self._known("handler", said["handler"], self._ids("handler")) or None,
            transfers=self._count("transfers", said["transfers"]),
            clocks=clocks,
        )

    def _pause(self, standing: Standing, said: str) -> str:
        """The reason for which its clocks stand still: the usual one of its kind, unless the row names one."""
        if standing is Standing.RUNNING:
            return ""
        usual = (pause.code for pause in self._rules.pauses.values() if pause.move is PAUSED_BY[standing])
        return self._known("pause", said, self._rules.pauses) or next(usual, "")

    def _clocks(self, row: Row) -> dict[str, dict[str, Any]]:
        spent = {rule: self._half_spent(half, row) for rule, half in self._mapping.clocks.items()}
        return {rule: entry for rule, entry in spent.items() if entry}

    def _half_spent(self, half: HalfSpent, row: Row) -> dict[str, Any]:
        columns = half.due_at or [half.spent_minutes]
        text = " ".join(filter(None, (row.cells.get(column, "").strip() for column in columns)))
        if not text:
            return {}
        heading = " + ".join(columns)
        if half.due_at:
            return {"due_at": self._moment(heading, text).isoformat()}
        return {"spent_minutes": _minutes(heading, text)}

    def _details(self, row: Row) -> dict[str, str]:
        """The answers to the questions of the category; a choice by its code or its words."""
        details = {}
        for field in self._mapping.columns:
            if field.startswith(DETAILS) and (answer := self._said(field, row)):
                asked = self._rules.fields[field.removeprefix(DETAILS)]
                words = {word.casefold(): one.code for one in asked.choices for word in (one.words.zh, one.words.en)}
                details[asked.code] = words.get(answer.casefold(), answer)
        return details

    def _moment(self, field: str, text: str) -> datetime:
        if not text:
            raise self._refusal(field, _("There is no time here."))
        try:
            return moment_in(text, self._mapping.times, self._zone)
        except NotAMoment as wrong:
            raise self._refusal(field, str(wrong)) from None

    def _count(self, field: str, text: str) -> int:
        if text and not (text.isdecimal() and len(text) <= 3):
            raise self._refusal(field, _("“{text}” is not a number.").format(text=text[:40]))
        return int(text or 0)

    def _known(self, field: str, code: str, known: Any) -> str:
        """The code, if there is such a one; nothing stays nothing."""
        if code and code not in known:
            raise self._refusal(field, _("“{code}” is not known here.").format(code=code[:40]))
        return code

    def _ids(self, field: str) -> frozenset[str]:
        return frozenset(self._names[field].values())

    def _refusal(self, field: str, sentence: str) -> RowRefused:
        return RowRefused(f"{self._mapping.heading_of(field)}: {sentence}")


def _minutes(heading: str, text: str) -> float:
    """Minutes as a number, or hours and minutes."""
    hours = _HOURS.fullmatch(text)
    if hours:
        return int(hours[1]) * 60 + int(hours[2])
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1
    if not 0 <= minutes < 10_000_000:
        says = _("“{text}” is not a number of minutes.").format(text=text[:40])
        raise RowRefused(f"{heading}: {says}")
    return minutes
