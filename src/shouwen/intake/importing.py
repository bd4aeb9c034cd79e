"""Moving a spreadsheet in: rows go in by the hundred, in one statement each time, and every row gets its answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from itertools import islice

from django.db import DataError, IntegrityError
from django.utils.translation import gettext as _

from shouwen.editions.edition import Edition
from shouwen.handling.accepting import request_digest
from shouwen.handling.actions import Accepted, Draft, KeyReused, accept
from shouwen.intake.checking import DraftRefused, check
from shouwen.intake.drafting import Drafting, RowRefused
from shouwen.intake.mappings import ColumnMapping
from shouwen.intake.sheets import Row
from shouwen.tickets.models import IntakeKey

BATCH = 500


class Became(StrEnum):
    """What became of a row."""

    TAKEN_IN = "taken_in"
    ALREADY_THERE = "already_there"
    CHANGED = "changed"  # its number stands for a ticket that was told otherwise
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row and what became of it: the ticket's number ("" in a dry run), or the reason."""

    row: Row
    became: Became
    number: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Import:
    """One import: how rows are read, by which rules they are judged, and whether anything is written."""

    drafting: Drafting
    mapping: ColumnMapping
    rules: Edition
    now: datetime
    dry_run: bool = False
    met: dict[bytes, bytes] = field(default_factory=dict)  # in a dry run: the rows before, by hash

    def take(self, rows: Iterable[Row]) -> Iterator[list[Outcome]]:
        """The answers to the rows, batch by batch. What has been answered has been committed."""
        rows = iter(rows)
        while batch := list(islice(rows, BATCH)):
            yield self._take(batch)

    def _take(self, rows: Sequence[Row]) -> list[Outcome]:
        drafts = [self._draft(row) for row in rows]
        fit = [draft for draft in drafts if isinstance(draft, Draft)]
        known = self._known(fit)
        new = [draft for draft in fit if draft.key[1] not in known]
        fresh = iter(self._would_be(new) if self.dry_run else self._accept(new))
        answers = (
            answer
            if isinstance(answer, RowRefused)
            else _again(answer, *known[answer.key[1]])
            if answer.key[1] in known
            else next(fresh)
            for answer in drafts
        )
        return [_outcome(row, answer) for row, answer in zip(rows, answers, strict=True)]

    def _draft(self, row: Row) -> Draft | RowRefused:
        try:
            draft = self.drafting.draft(row)
            check(draft, self.rules, now=self.now, complete=False)
        except RowRefused as refused:
            return refused
        except DraftRefused as refused:
            reasons = [f"{self.mapping.heading_of(name)}: {' '.join(says)}" for name, says in refused.errors.items()]
            return RowRefused("; ".join(reasons))
        return draft

    def _known(self, drafts: Iterable[Draft]) -> dict[str, tuple[str, bytes]]:
        """The tickets these rows' numbers stand for already, and for what: one query."""
        keys = [draft.key[1] for draft in drafts]
        rows = IntakeKey.objects.filter(scope=self.drafting.scope, key__in=keys) if keys else ()
        return {row.key: (row.number, bytes(row.digest)) for row in rows}

    def _accept(self, drafts: Sequence[Draft]) -> list[Answer]:
        answers = _accepted(drafts, self.now)
        reused = [draft for draft, answer in zip(drafts, answers, strict=True) if isinstance(answer, KeyReused)]
        known = self._known(reused)
        return [
            Changed(known[draft.key[1]][0]) if isinstance(answer, KeyReused) else answer
            for draft, answer in zip(drafts, answers, strict=True)
        ]

    def _would_be(self, drafts: Sequence[Draft]) -> list[Answer]:
        """What the answers would be: a number that stands in the file twice counts once."""
        answers: list[Answer] = []
        for draft in drafts:
            name, digest = sha256(draft.key[1].encode()).digest()[:12], request_digest(draft)[:12]
            before = self.met.setdefault(name, b"")
            self.met[name] = before or digest
            same = before in (b"", digest)
            answers.append(Accepted("", "", repeated=bool(before), recorded_at=self.now) if same else Changed(""))
        return answers


@dataclass(frozen=True, slots=True)
class Changed:
    """The row's number stands for a ticket that was told otherwise; a dry run may not know its number."""

    number: str


Answer = Accepted | KeyReused | Changed | RowRefused


def _accepted(drafts: Sequence[Draft], now: datetime) -> list[Answer]:
    """The answers of one statement; where it fails for one row, the others go in without it."""
    if not drafts:
        return []
    try:
        return list(accept(drafts, now=now))
    except (DataError, IntegrityError, ValueError) as error:
        if len(drafts) == 1:
            return [RowRefused(_("It could not be written: {reason}").format(reason=str(error).splitlines()[0]))]
        middle = len(drafts) // 2
        return [*_accepted(drafts[:middle], now), *_accepted(drafts[middle:], now)]


def _again(draft: Draft, number: str, digest: bytes) -> Answer:
    """The answer to a row whose number came in before."""
    if request_digest(draft) != digest:
        return Changed(number)
    return Accepted("", number, repeated=True, recorded_at=draft.received_at)


def _outcome(row: Row, answer: Answer) -> Outcome:
    if isinstance(answer, RowRefused):
        return Outcome(row, Became.REFUSED, reason=str(answer))
    if isinstance(answer, Changed):
        reason = _("Its number came in before and stood for something else: {number}.")
        return Outcome(row, Became.CHANGED, answer.number, reason.format(number=answer.number or "-"))
    return Outcome(row, Became.ALREADY_THERE if answer.repeated else Became.TAKEN_IN, answer.number)
