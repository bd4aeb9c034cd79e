"""The form of telling.yaml: what customers hear, when, how they are asked, and what follows."""

from __future__ import annotations

from datetime import time
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from shouwen.editions.schema_clocks import _share
from shouwen.editions.schema_words import (
    AppliesIn,
    CitedIn,
    Form,
    Id,
    SpanIn,
    WordsIn,
    read_time_of_day,
    read_what,
    read_zone,
)
from shouwen.handbook.history import What


class QuietIn(CitedIn):
    begins: Annotated[time, BeforeValidator(read_time_of_day)] = Field(alias="from")
    ends: Annotated[time, BeforeValidator(read_time_of_day)] = Field(alias="until")
    zone: Annotated[str, AfterValidator(read_zone)]


class ProgressStepIn(Form):
    at: Annotated[What, BeforeValidator(read_what)]
    template: str
    otherwise: str
    next: list[Annotated[What, BeforeValidator(read_what)]]
    when: AppliesIn = AppliesIn()


class ProgressIn(CitedIn):
    steps: list[ProgressStepIn]


class DelayIn(Form):
    rules: Annotated[list[Id], Field(min_length=1)]
    share: Annotated[Fraction, BeforeValidator(_share)] = Field(alias="from")
    template: str


class DelaysIn(CitedIn):
    of: list[DelayIn]


class CopyIn(Form):
    to: str
    template: str
    when: AppliesIn = AppliesIn()


class CopiesIn(CitedIn):
    to: list[CopyIn]


class ScriptIn(WordsIn):
    id: Id
    when: AppliesIn = AppliesIn()
    lines: Annotated[list[WordsIn], Field(min_length=1)]


class CallsIn(CitedIn):
    whom: Annotated[list[AppliesIn], Field(min_length=1)] = Field(alias="for")
    within: SpanIn
    attempts: Annotated[int, Field(ge=1, le=20)]
    apart: SpanIn
    via: Annotated[list[str], Field(min_length=1)]
    scripts: Annotated[list[ScriptIn], Field(min_length=1)]


Marks = Annotated[int, Field(ge=0, le=100)]


class MarkingIn(CitedIn):
    marks: dict[Annotated[str, Field(pattern=r"^[0-9]{1,2}$")], Marks]
    weights: dict[Literal["overall", "result", "handling", "efficiency"], Annotated[int, Field(ge=1)]]
    below: Marks


class ReviewingIn(CitedIn):
    within: SpanIn


class CoachingIn(CitedIn):
    in_a_row: Annotated[int, Field(ge=2, le=20)]
    whose: Literal["first_owner", "handler"]
    within: SpanIn


class TellingFile(Form):
    quiet: QuietIn | None = None
    progress: ProgressIn | None = None
    delays: DelaysIn | None = None
    copies: CopiesIn | None = None
    calls: CallsIn | None = None
    marking: MarkingIn | None = None
    reviewing: ReviewingIn | None = None
    coaching: CoachingIn | None = None
