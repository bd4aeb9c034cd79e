"""What the forms of a pack's files are made of: codes, spans, times, words in both languages, sources, conditions."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shouwen.handbook.history import What
from shouwen.handbook.lives import RUNGS
from shouwen.handbook.refusals import Refusal
from shouwen.handbook.targets import Duration, as_code


def read_duration(text: Any) -> Duration:
    """7wd, 24h, 30min."""
    try:
        return Duration.parse(str(text))
    except Refusal as refusal:
        raise ValueError(_(refusal.says).format_map(refusal.facts)) from None


def read_span(text: Any) -> timedelta:
    """Natural time."""
    span = read_duration(text).span
    if span is None or read_duration(text).is_working:
        raise ValueError(_("“{text}” must be natural time: 30min, 4h or 3d").format(text=text))
    return span


def read_time_of_day(text: Any) -> time:
    """Such as 21:00."""
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", str(text)):
        raise ValueError(_('“{text}” is not a time of day such as "21:00"').format(text=text))
    return time.fromisoformat(str(text))


def read_zone(text: str) -> str:
    """A time zone the machine knows."""
    try:
        return ZoneInfo(text).key
    except (OSError, ValueError, KeyError):
        raise ValueError(_("“{text}” is not a time zone, such as Asia/Shanghai").format(text=text)) from None


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(_("“{text}” is not a date: write 2027-02-06").format(text=value)) from None


def read_money(value: Any) -> Any:
    """An amount YAML took for a float, as it was written."""
    return str(value) if isinstance(value, float) else value


Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=20)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60)]
CategoryCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=80)]
Clause = Annotated[str, Field(pattern=r"^[A-Z]+[0-9]+(\.[0-9]+)*[a-z]?$", max_length=12)]
DurationIn = Annotated[Duration, BeforeValidator(read_duration)]
SpanIn = Annotated[timedelta, BeforeValidator(read_span)]
DayIn = Annotated[date, BeforeValidator(_day)]
Text = Annotated[str, Field(min_length=1)]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class WordsIn(Form):
    zh: Text
    en: Text


class TermIn(WordsIn):
    note: WordsIn | None = None


class SourceIn(Form):
    document: str | None = None  # else the letter of the clause
    place: Text
    says: WordsIn


class AppliesIn(Form):
    ticket_type: list[str] = []
    category: list[CategoryCode] = []
    priority: list[str] = []
    complexity: list[str] = []
    customer_level: list[str] = []
    channel: list[str] = []
    mark: list[str] = []


def read_events(written: Any) -> Any:
    """An event is written by its name, or with the facts it must state: `marked: {mark: [emergency]}`."""
    if not isinstance(written, list):
        return written
    return [read_event(one) for one in written]


def read_event(written: Any) -> Any:
    """One event by its name, or with the facts it must state."""
    if isinstance(written, dict) and len(written) == 1:
        what, stated = next(iter(written.items()))
        return {"what": what, "stated": stated}
    return {"what": written}


def read_what(name: Any) -> Any:
    """An event that may move a clock."""
    if name not in set(What) - RUNGS:  # a clock's own rungs move no clock
        raise ValueError(_("unknown event “{name}”").format(name=name))
    return What(name)


class EventIn(Form):
    what: Annotated[What, BeforeValidator(read_what)]
    stated: dict[Name, Annotated[list[Annotated[str, BeforeValidator(as_code)]], Field(min_length=1)]] = {}


class CitedIn(Form):
    clause: Clause
    source: SourceIn
