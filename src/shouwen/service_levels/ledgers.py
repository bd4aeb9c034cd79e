"""A ledger in words: every interval, whether it counted, why, in whose hands; and who spent how much of the time.

The desk, the terminal and the statement for a regulator all say it with these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from shouwen.editions.edition import Edition
from shouwen.handbook.clock import ServiceClock
from shouwen.handbook.history import Happening, What
from shouwen.handbook.ledgers import CARRIED_OVER, OFF_DUTY, Part, parties, shifts_of, working_day
from shouwen.handbook.meter import RECEIPT_DAY, ZERO, Interval
from shouwen.handbook.targets import TargetRule
from shouwen.people.names import Names, names_in
from shouwen.screens.templatetags.badges import KINDS, what_became
from shouwen.screens.templatetags.spoken import spoken
from shouwen.screens.templatetags.times import DAY, exactly
from shouwen.service_levels.explaining import Explanation, TicketLedger

PARTY_TONES = 6  # how many patterns a bar has for parties; with more of them the first comes again


@dataclass(frozen=True, slots=True)
class Reader:
    """What it takes to read the ledgers of one ticket: its rules, the names behind its codes, and its parties.

    A party has the same number and tone on every clock of the ticket: its place among `parties`.
    """

    rules: Edition
    names: Names
    parties: Sequence[str | None]

    @classmethod
    def of(cls, history: Sequence[Happening], rules: Edition, names: Names) -> Self:
        return cls(rules, names, parties(history))

    def place(self, team: str | None) -> int:
        return self.parties.index(team) if team in self.parties else len(self.parties)


@dataclass(frozen=True, slots=True)
class Entry:
    """One interval of the ledger, and shift by shift where it has several."""

    start: datetime
    end: datetime | None
    counted: bool
    why: str
    worked: str
    by: str
    calendar_version: str
    shifts: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the time bar: whose, how much, from where and how wide in per cent of the bar.

    `tone` is "party-1" and so on, "nobodys" or "left"; `mark` the number that stands for it beside its words.
    """

    tone: str
    mark: str
    whose: str
    spent: str
    start: float
    width: float
    by: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """Who spent a clock's time: the parties in the order in which they had it, and what is left.

    `due` is where on the bar the time had run out, in per cent, for a clock that is over; `rest` what did not count.
    """

    segments: tuple[Segment, ...]
    due: float | None
    rest: tuple[tuple[str, str], ...]

    @property
    def over(self) -> float:
        """How much of the bar lies past the due time, in per cent."""
        return 0.0 if self.due is None else 100 - self.due

    @property
    def spoken(self) -> str:
        """The bar for those who cannot see it."""
        return _("; ").join(f"{piece.whose}: {piece.spent}" for piece in self.segments)


@dataclass(frozen=True, slots=True)
class ClockLedger:
    """Why one clock is due when it is."""

    name: str
    given: str
    calendar: str
    calendar_version: str
    source: str
    says: str
    clause: str
    kind: str
    standing: str
    budget: str
    used: str
    bar: Bar
    entries: tuple[Entry, ...]
    due_at: datetime | None
    provisional: bool
    extended: bool
    previous: bool


def reader_of(ledger: TicketLedger) -> Reader:
    """Who reads this ticket's ledgers: two queries for the names, or three."""
    return Reader.of(ledger.history, ledger.rules, names_in(ledger.history))


def in_words(explanation: Explanation, reader: Reader) -> ClockLedger:
    """The ledger of one clock in the reader's language."""
    clock = explanation.clock
    rule = clock.rule
    spec = reader.rules.calendars.get(rule.calendar)
    return ClockLedger(
        name=spoken(rule.name),
        given=given(clock),
        calendar=spoken(spec.words) if spec and spec.words else _("every hour counts"),
        calendar_version=", ".join(explanation.calendar_versions),
        source=source(rule),
        says=spoken(rule.source.says),
        clause=rule.clause,
        kind=str(KINDS[kind_of(rule)]),
        standing=standing(explanation),
        budget=exactly(clock.budget, working_day(clock.calendar)),
        used=exactly(explanation.used, working_day(clock.calendar)),
        bar=bar_of(explanation, reader),
        entries=tuple(_with_shifts(clock, row, reader) for row in explanation.ledger),
        due_at=clock.due_at,
        provisional=clock.provisional,
        extended=clock.extended,
        previous=clock.previous is not None,
    )


def bar_of(explanation: Explanation, reader: Reader) -> Bar:
    """The time bar of one clock: as long as what was given, or as what was spent where that is more."""
    clock, parts = explanation.clock, explanation.parts
    day = working_day(clock.calendar)
    left = clock.budget - explanation.used
    whole = max(clock.budget, explanation.used)
    segments: list[Segment] = []
    at = 0.0
    for part, tone, mark in _toned(parts, reader):
        width = _percent(part.spent, whole)
        whose, spent = _whose(part, reader), exactly(part.spent, day)
        segments.append(Segment(tone, mark, whose, spent, round(at, 2), width, _people(part, reader.names, day)))
        at += 100 * (part.spent / whole) if whole else 0
    if left > ZERO:
        segments.append(Segment("left", "", _("not spent"), exactly(left, day), round(at, 2), _percent(left, whole)))
    rest = tuple((why(one.why, reader.rules), exactly(one.elapsed)) for one in explanation.idle)
    return Bar(tuple(segments), _percent(clock.budget, whole) if left < ZERO else None, rest)


def kind_of(rule: TargetRule) -> str:
    """To whom a time was promised, where an event names it; else how binding the rule is."""
    given = (kind for what, kind in _GIVEN.items() if rule.for_promises and what in rule.start)
    return next(given, str(rule.kind))


_GIVEN = {What.PROMISE_MADE: "promise", What.RESPONDED: "promise", What.TASK_ASSIGNED: "task"}


def standing(explanation: Explanation) -> str:
    """What has become of a clock, to the minute."""
    left = explanation.left
    return what_became(explanation.clock.state, left, exactly(left, working_day(explanation.clock.calendar)))


def source(rule: TargetRule) -> str:
    """The document a rule comes from, and the place in it."""
    return rule.source.cited_in(get_language() or "")


def given(clock: ServiceClock) -> str:
    """How much time the rule gives."""
    rule, day = clock.rule, working_day(clock.calendar)
    if rule.for_promises:
        return _("as asked of the team") if What.TASK_ASSIGNED in rule.start else _("as promised")
    return exactly(rule.duration.span or rule.duration.amount * (day or DAY), day)


def why(code: str, rules: Edition) -> str:
    """The reason of an interval in words."""
    kind, _colon, reason = code.partition(":")
    paused = spoken(rules.label("pauses", reason)) if reason else ""
    if kind == "paused":
        return _("stood still: %(reason)s") % {"reason": paused}
    if kind == OFF_DUTY:
        return _("nobody on duty")
    if kind == RECEIPT_DAY:
        return _("the day of receipt is not counted")
    if kind == CARRIED_OVER:
        return _("spent before it was moved in")
    return _("ran on: %(reason)s does not stop it") % {"reason": paused} if paused else pgettext("ledger", "ran")


def _with_shifts(clock: ServiceClock, row: Interval, reader: Reader) -> Entry:
    shifts = tuple(_entry(clock, one, reader) for one in shifts_of(clock, row))
    return replace(_entry(clock, row, reader), shifts=shifts if len(shifts) > 1 else ())


def _entry(clock: ServiceClock, row: Interval, reader: Reader) -> Entry:
    worked = exactly(row.worked, working_day(clock.calendar)) if row.counted and row.worked else ""
    holder = reader.names.of(f"person:{row.by.handler}") if row.by.handler else ""
    by = " · ".join(filter(None, [_team(row.by.team, reader.names), holder]))
    return Entry(row.start, row.end, row.counted, why(row.why, reader.rules), worked, by, row.calendar_version)


def _toned(parts: list[Part], reader: Reader) -> Iterator[tuple[Part, str, str]]:
    """Each part with its tone and its mark: a number for a party, none for what was nobody's."""
    for part in parts:
        if part.because:
            yield part, "nobodys", "–"
        else:
            place = reader.place(part.team)
            yield part, f"party-{place % PARTY_TONES + 1}", str(place + 1)


def _whose(part: Part, reader: Reader) -> str:
    if part.because == CARRIED_OVER:
        return _("before it was moved in")
    if part.because:
        return _("nobody's: %(reason)s") % {"reason": spoken(reader.rules.label("pauses", part.because))}
    return _team(part.team, reader.names)


def _team(code: str | None, names: Names) -> str:
    return names.team(code) if code else _("at the desk")


def _people(part: Part, names: Names, day: timedelta | None) -> str:
    """The people of a team with their shares, where anybody had it by name."""
    shares = [(names.of(f"person:{handler}") if handler else _("nobody yet"), span) for handler, span in part.by]
    if all(handler is None for handler, _span in part.by):
        return ""
    return _(", ").join(f"{name} {exactly(span, day)}" for name, span in shares)


def _percent(span: timedelta, whole: timedelta) -> float:
    return round(100 * (span / whole), 2) if whole else 0.0
