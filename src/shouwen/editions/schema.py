"""The form of a pack's files, checked by pydantic at the edge; what it reads is turned into plain values in `pack`."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from shouwen.handbook.authority import RulesRight, Sight
from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.lives import RUNGS
from shouwen.handbook.refusals import Refusal
from shouwen.handbook.targets import FOR_WORKING_DAYS, Convention, Duration, Kind, as_code


def _duration(text: Any) -> Duration:
    try:
        return Duration.parse(str(text))
    except Refusal as refusal:
        raise ValueError(_(refusal.says).format_map(refusal.facts)) from None


def _share(text: Any) -> Fraction:
    if not re.fullmatch(r"[1-9][0-9]?%", str(text)):
        raise ValueError(_("“{text}” is not a share between 1% and 99%").format(text=text))
    return Fraction(int(str(text)[:-1]), 100)


def _after(text: Any) -> timedelta:
    if str(text) == "0":
        return timedelta(0)
    span = _duration(text).span
    if span is None:
        raise ValueError(_("“{text}” after the due time is natural time: 30min, 4h or 1d").format(text=text))
    return span


def _span(text: Any) -> timedelta:
    span = _duration(text).span
    if span is None or _duration(text).is_working:
        raise ValueError(_("“{text}” must be natural time: 30min, 4h or 3d").format(text=text))
    return span


def _time_of_day(text: Any) -> time:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", str(text)):
        raise ValueError(_('“{text}” is not a time of day such as "21:00"').format(text=text))
    return time.fromisoformat(str(text))


def _period(text: str) -> str:
    return text if text in PERIODS else str(_duration(text))


def _zone(text: str) -> str:
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


def _days(value: Any) -> Any:
    if isinstance(value, str) or (isinstance(value, list) and all(isinstance(day, str) for day in value)):
        return value
    raise ValueError(_("“days” is a table of holidays by its name, mon-fri, all, or weekdays such as [mon, wed]"))


def _money(value: Any) -> Any:
    return str(value) if isinstance(value, float) else value


PERIODS = ("each", "day", "month", "quarter", "year")  # or a cohort, such as 30d
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=20)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60)]
CategoryCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=80)]
Clause = Annotated[str, Field(pattern=r"^[A-Z]+[0-9]+(\.[0-9]+)*[a-z]?$", max_length=12)]
DurationIn = Annotated[Duration, BeforeValidator(_duration)]
SpanIn = Annotated[timedelta, BeforeValidator(_span)]
DayIn = Annotated[date, BeforeValidator(_day)]
Text = Annotated[str, Field(min_length=1)]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class WordsIn(Form):
    zh: Text
    en: Text


class TermIn(WordsIn):
    note: WordsIn | None = None


class TicketTypeIn(TermIn):
    path: str


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


class StepIn(Form):
    share: Annotated[Fraction, BeforeValidator(_share)] | None = None
    after: Annotated[timedelta, BeforeValidator(_after)] | None = None
    tells: list[str]
    escalates: bool = False
    around_the_clock: bool = False


def _events(written: Any) -> Any:
    """An event is written by its name, or with the facts it must state: `marked: {mark: [emergency]}`."""
    if not isinstance(written, list):
        return written
    return [_event(one) for one in written]


def _event(written: Any) -> Any:
    if isinstance(written, dict) and len(written) == 1:
        what, stated = next(iter(written.items()))
        return {"what": what, "stated": stated}
    return {"what": written}


def _what(name: Any) -> Any:
    if name not in set(What) - RUNGS:  # a clock's own rungs move no clock
        raise ValueError(_("unknown event “{name}”").format(name=name))
    return What(name)


class EventIn(Form):
    what: Annotated[What, BeforeValidator(_what)]
    stated: dict[Name, Annotated[list[Annotated[str, BeforeValidator(as_code)]], Field(min_length=1)]] = {}


class RuleIn(Form):
    id: Id
    clause: Clause
    source: SourceIn
    name: WordsIn
    kind: Kind
    duration: DurationIn | None = None  # only a promise brings its own due time
    calendar: str = "natural"
    start: Annotated[list[EventIn], BeforeValidator(_events)]
    stop: Annotated[list[EventIn], BeforeValidator(_events), Field(min_length=1)]
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
    zone: Annotated[str, AfterValidator(_zone)]
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
    up_to: Annotated[Decimal, BeforeValidator(_money), Field(ge=0)] | None
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


Unit = Literal["s", "min", "h", "%", "score"]
Number = Annotated[Decimal, BeforeValidator(_money), Field(ge=0)]


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


class CitedIn(Form):
    clause: Clause
    source: SourceIn


class QuietIn(CitedIn):
    begins: Annotated[time, BeforeValidator(_time_of_day)] = Field(alias="from")
    ends: Annotated[time, BeforeValidator(_time_of_day)] = Field(alias="until")
    zone: Annotated[str, AfterValidator(_zone)]


class ProgressStepIn(Form):
    at: Annotated[What, BeforeValidator(_what)]
    template: str
    otherwise: str
    next: list[Annotated[What, BeforeValidator(_what)]]
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


FILES: dict[str, type[Form]] = {
    "edition.yaml": EditionFile,
    "categories.yaml": CategoriesFile,
    "priorities.yaml": PrioritiesFile,
    "clocks.yaml": ClocksFile,
    "calendars.yaml": CalendarsFile,
    "routing.yaml": RoutingFile,
    "evidence.yaml": EvidenceFile,
    "authority.yaml": AuthorityFile,
    "templates.yaml": TemplatesFile,
    "retention.yaml": RetentionFile,
    "roles.yaml": RolesFile,
    "scoring.yaml": ScoringFile,
    "indicators.yaml": IndicatorsFile,
    "guides.yaml": GuidesFile,
    "telling.yaml": TellingFile,
}
# What editions of before have not got.
MAY_BE_MISSING = {
    "scoring.yaml": ScoringFile(dimensions={}, checks=[]),
    "indicators.yaml": IndicatorsFile(indicators=[]),
    "guides.yaml": GuidesFile(guides=[]),
    "telling.yaml": TellingFile(),
}
