"""The forms of what work goes by: evidence, authority, roles, templates, retention, and guides for customers."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from shouwen.editions.schema_words import (
    CategoryCode,
    Clause,
    Code,
    Form,
    Id,
    Name,
    SourceIn,
    Text,
    WordsIn,
    read_money,
)
from shouwen.handbook.authority import RulesRight, Sight
from shouwen.handbook.lifecycle import Move


class EvidenceItemIn(WordsIn):
    required: bool = True


class ChecklistIn(WordsIn):
    id: Id
    clause: Clause
    source: SourceIn
    items: dict[Name, EvidenceItemIn]


class EvidenceFile(Form):
    checklists: list[ChecklistIn]


class LimitIn(Form):
    role: str
    up_to: Annotated[Decimal, BeforeValidator(read_money), Field(ge=0)] | None
    clause: Clause
    source: SourceIn


class AuthorityFile(Form):
    approvals: list[LimitIn]


class RoleIn(WordsIn):
    duties: WordsIn
    calendar: str | None = None
    moves: list[Move]
    queues: list[Name]
    rules: list[RulesRight] = []
    sees: list[Sight] | None = None
    customer_levels: list[Code] = []


class RolesFile(Form):
    roles: dict[Code, RoleIn]


class TemplateIn(WordsIn):
    name: WordsIn | None = None
    kind: Literal["message", "notice", "reply"]
    channel: Literal["sms", "email", "desk", "any"]
    at_once: bool = False  # even in the hours of peace
    clause: Clause


class TemplatesFile(Form):
    templates: dict[Name, TemplateIn]


class RetentionFile(Form):
    archive_years: Annotated[int, Field(ge=1)]
    clause: Clause
    source: SourceIn


class ChoiceIn(WordsIn):
    goes: Text
    lights: dict[Code, Literal["off", "on", "blinking", "red", "red_blinking"]] = {}
    category: CategoryCode | None = None
    fills: dict[Name, WordsIn] = {}


class GuideStepIn(WordsIn):
    does: list[WordsIn] = []
    care: WordsIn | None = None
    wait_seconds: Annotated[int, Field(ge=0, le=1800)] = 0
    answers: Annotated[dict[Code, ChoiceIn], Field(min_length=1)]


class GuideIn(WordsIn):
    id: Id
    clause: Clause
    source: SourceIn
    about: WordsIn
    categories: Annotated[list[CategoryCode], Field(min_length=1)]
    mark: str
    lights: dict[Code, WordsIn] = {}
    begins: Code
    steps: dict[Code, GuideStepIn]


class GuidesFile(Form):
    guides: list[GuideIn]
