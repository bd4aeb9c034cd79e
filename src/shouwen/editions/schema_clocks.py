"""The forms of clocks.yaml, calendars.yaml and routing.yaml: by when, in whose working time, in whose hands."""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator, Field

from shouwen.editions.schema_words import (
    AppliesIn,
    Clause,
    Code,
    DayIn,
    DurationIn,
    EventIn,
    Form,
    Id,
    SourceIn,
    SpanIn,
    TermIn,
    WordsIn,
    read_duration,
    read_events,
    read_zone,
)
from shouwen.handbook.targets import Kind


def _share(text: Any) -> Fraction:
    if not re.fullmatch(r"[1-9][0-9]?%", str(text)):
        raise ValueError(_("“{text}” is not a share between 1% and 99%").format(text=text))
    return Fraction(int(str(text)[:-1]), 100)


def _after(text: Any) -> timedelta:
    if str(text) == "0":
        return timedelta(0)
    span = read_duration(text).span
    if span is None:
        raise ValueError(_("“{text}” after the due time is natural time: 30min, 4h or 1d").format(text=text))
    return span


def _days(value: Any) -> Any:
    if isinstance(value, str) or (isinstance(value, list) and all(isinstance(day, str) for day in value)):
        return value
    raise ValueError(_("“days” is a table of holidays by its name, mon-fri, all, or weekdays such as [mon, wed]"))


class StepIn(Form):
    share: Annotated[Fraction, BeforeValidator(_share)] | None = None
    after: Annotated[timedelta, BeforeValidator(_after)] | None = None
    tells: list[str]
    escalates: bool = False
    around_the_clock: bool = False


class RuleIn(Form):
    id: Id
    clause: Clause
    source: SourceIn
    name: WordsIn
    kind: Kind
    duration: DurationIn | None = None  # only a promise brings its own due time
    calendar: str = "natural"
    start: Annotated[list[EventIn], BeforeValidator(read_events)]
    stop: Annotated[list[EventIn], BeforeValidator(read_events), Field(min_length=1)]
    pauses: list[str] = []
    applies: AppliesIn = AppliesIn()
    answerable: str
    ladder: str
    for_promises: bool = False
    ahead: SpanIn = timedelta(0)
    wall: SpanIn | None = None
    around_the_clock: bool = False


class ClocksFile(Form):
    ladders: dict[Code, list[StepIn]]
    clocks: list[RuleIn]


class CalendarIn(Form):
    zone: Annotated[str, AfterValidator(read_zone)]
    days: Annotated[str | list[str], BeforeValidator(_days)]
    shifts: Annotated[list[str], Field(min_length=1)]
    off: list[DayIn] = []
    on: list[DayIn] = []
    words: WordsIn | None = None


class CalendarsFile(Form):
    calendars: dict[Code, CalendarIn]


class TeamIn(TermIn):
    calendar: str | None = None  # its duty hours; else those of the file


class RouteIn(Form):
    id: Id
    team: str
    when: AppliesIn = AppliesIn()
    skills: list[str] = []
    words: WordsIn
    clause: Clause | None = None  # else the file's
    source: SourceIn | None = None


class RoutingFile(Form):
    clause: Clause
    source: SourceIn
    duty_hours: str = "natural"  # what was published before it could say so told everybody at any hour
    teams: dict[Code, TeamIn]
    skills: dict[Code, TermIn]
    regions: dict[Annotated[str, Field(pattern=r"^[0-9]{2,12}$")], TermIn]
    routes: Annotated[list[RouteIn], Field(min_length=1)]
