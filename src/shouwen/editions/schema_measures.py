"""The forms of indicators.yaml and scoring.yaml: what is measured and inspected beside the clocks."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from shouwen.editions.schema_words import Clause, Code, Form, Id, SourceIn, WordsIn, read_duration, read_money
from shouwen.handbook.history import What


def _period(text: str) -> str:
    return text if text in PERIODS else str(read_duration(text))


PERIODS = ("each", "day", "month", "quarter", "year")  # or a cohort, such as 30d

Unit = Literal["s", "min", "h", "%", "score"]
Number = Annotated[Decimal, BeforeValidator(read_money), Field(ge=0)]


class GoalIn(Form):
    at_most: Number | None = None
    at_least: Number | None = None


class MeasuredFromIn(Form):
    events: list[What] = []
    system: WordsIn | None = None


class IndicatorIn(Form):
    id: Id
    clause: Clause
    source: SourceIn
    name: WordsIn
    measures: WordsIn
    unit: Unit
    goal: GoalIn = GoalIn()
    over: Annotated[str, AfterValidator(_period)]
    origin: MeasuredFromIn = Field(alias="from")


class IndicatorsFile(Form):
    indicators: list[IndicatorIn]


class DimensionIn(WordsIn):
    looks_at: WordsIn
    clause: Clause
    source: SourceIn


class CheckIn(WordsIn):
    id: Id
    dimension: str
    points: Annotated[int, Field(gt=0)]
    clause: Clause
    source: SourceIn
    ticket_types: list[str] = []


class ScoringFile(Form):
    dimensions: dict[Code, DimensionIn]
    checks: list[CheckIn]
