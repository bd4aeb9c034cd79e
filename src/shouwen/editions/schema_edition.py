"""The forms of edition.yaml, categories.yaml and priorities.yaml: the vocabulary, what is asked, what comes first."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import BeforeValidator, Field

from shouwen.editions.schema_words import AppliesIn, Clause, Code, Form, Name, SourceIn, SpanIn, TermIn, Text, WordsIn
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.targets import FOR_WORKING_DAYS, Convention


class TicketTypeIn(TermIn):
    path: str


class PuttingOffIn(Form):
    at_most: Annotated[int, Field(ge=0)]
    applies: AppliesIn = AppliesIn()
    clause: Clause
    source: SourceIn


class PauseIn(WordsIn):
    move: Literal[Move.WAIT, Move.HOLD]
    putting_off: PuttingOffIn | None = None


class NeedsIn(Form):
    facts: dict[Move, list[Text]] = {}
    two_feedbacks: list[Move] = []
    late_recording: SpanIn = timedelta(days=3)
    customer_reopens_within: SpanIn = timedelta(days=30)


def _working_days(name: Any) -> Any:
    if name not in FOR_WORKING_DAYS:
        known = ", ".join(FOR_WORKING_DAYS)
        raise ValueError(_('unknown convention "{name}"; known: {known}').format(name=name, known=known))
    return Convention(name)


class ConventionsIn(Form):
    working_days: Annotated[Convention, BeforeValidator(_working_days)] = Convention.RECEIPT_DAY_NOT_COUNTED


YUAN = WordsIn(zh="元", en="yuan")  # what editions count in that were published before they could say


class AppealIn(Form):
    brings: list[WordsIn] = []
    limits: list[WordsIn] = []


class EditionFile(Form):
    pack: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40)]
    title: WordsIn
    recalculates_open: bool
    conventions: ConventionsIn = ConventionsIn()
    currency: WordsIn = YUAN
    appeal_body: WordsIn | None = None
    appeal: AppealIn = AppealIn()
    documents: dict[str, WordsIn]
    ticket_types: dict[Code, TicketTypeIn]
    needs: NeedsIn
    pauses: dict[Code, PauseIn]
    severities: dict[Code, TermIn]
    reaches: dict[Code, TermIn]
    complexities: dict[Code, TermIn]
    customer_levels: dict[Code, TermIn]
    channels: dict[Code, TermIn]
    causes: dict[Code, TermIn]
    marks: dict[Code, TermIn]
    grounds: dict[Code, TermIn]
    identity_checks: dict[Code, TermIn] = {}
    overdue_causes: dict[Code, TermIn] = {}
    major_levels: dict[Code, TermIn] = {}
    opinion_levels: dict[Code, TermIn] = {}
    bodies: dict[Code, TermIn] = {}
    feedback_channels: dict[Code, TermIn]
    scores: dict[Annotated[str, Field(pattern=r"^[0-9]{1,2}$")], TermIn]


class FieldIn(WordsIn):
    purpose: WordsIn
    kind: Literal["text", "long_text", "choice", "yes_no", "date", "place", "phone", "money", "number"] = "text"
    choices: dict[Code, TermIn] = {}
    personal: bool = False


class CategoryIn(WordsIn):
    required: list[str] = []
    optional: list[str] = []
    evidence: str | None = None
    duty_to_inform: bool | None = None
    severity: str | None = None
    complexity: str | None = None
    children: dict[Code, CategoryIn] = {}


class CategoriesFile(Form):
    fields: dict[Name, FieldIn]
    categories: dict[Code, CategoryIn]


class PriorityIn(WordsIn):
    hours: Annotated[int, Field(gt=0)]
    clause: Clause
    around_the_clock: bool = False


class PriorityWhen(Form):
    severity: list[str] = []
    reach: list[str] = []
    customer_level: list[str] = []
    category: list[str] = []


class PriorityRowIn(Form):
    when: PriorityWhen = PriorityWhen()
    priority: str
    because: WordsIn
    clause: Clause


class PrioritiesFile(Form):
    priorities: dict[Code, PriorityIn]
    table: Annotated[list[PriorityRowIn], Field(min_length=1)]
