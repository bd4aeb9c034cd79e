"""What the public pages ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext

from shouwen.customers.queries import identity_index
from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now, rules_of
from shouwen.handbook.authority import Actor
from shouwen.handbook.clock import ClockState, ServiceClock, clocks
from shouwen.handbook.history import Happening, Stage, Standing, What, in_round
from shouwen.handbook.merging import merged_into
from shouwen.handbook.numbers import normalise_number
from shouwen.handbook.targets import NATURAL, Kind, TargetRule
from shouwen.handbook.words import Words
from shouwen.handbook.working_time import WorkingCalendar
from shouwen.notices.models import MessageOrder
from shouwen.notices.queries import message_text, messages_about
from shouwen.people.models import Person
from shouwen.portal.wording import (
    ANSWER,
    CALL_BACK,
    EXPECTED,
    HAPPENED_AGAIN,
    HAPPENINGS,
    NEXT,
    NEXT_BY,
    NUMBERS,
    PROMISE,
    PROMISES,
    RESULT,
    SAID,
    SENT_BY,
    TOLD,
    UNTIL,
    WHILE_WAITING,
)
from shouwen.surveys.queries import FAIR, answered, worst_score
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of, state_of

NOT_TOLD = ("phone_code",)
ARRIVED = (MessageOrder.DELIVERED, MessageOrder.SENDING, MessageOrder.ORDERED)
MANY = 30


@dataclass(frozen=True, slots=True)
class Promised:
    """A time the customer may count on; `kind` is what it promises, `what` says so in words."""

    kind: str
    what: str
    due_at: datetime | None
    late: bool
    paused: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class Rights:
    """How long the law gives for an answer, and to whom one may turn afterwards; for one complaint, by when and until
    when another round may be asked for."""

    span: timedelta | None
    answer_by: datetime | None
    body: Words | None
    brings: tuple[Words, ...] = ()
    limits: tuple[Words, ...] = ()
    again_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next, and by when."""

    says: str
    by: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message to the customer, as it may be read again."""

    at: datetime
    channel: str
    text: str
    arrived: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history a customer reads."""

    what: str
    says: str
    happened_at: datetime
    text: str = ""
    until: datetime | None = None
    ground: Words | None = None
    number: str = ""  # of the customer's other complaint


def customer_of(ticket: Ticket) -> Actor:
    """The ticket's customer, who has proved to be that."""
    return Actor("customer", str(ticket.customer_id), "", frozenset({"customer"}))


def ticket_of(number: str, phone: str) -> Ticket | None:
    """The ticket with this number, if the customer it belongs to has this phone."""
    index = identity_index(phone=phone) if phone else None
    return (
        Ticket.objects.filter(number=normalise_number(number), customer__identity_index=index).first()
        if index
        else None
    )


def ticket_numbered(number: str) -> Ticket | None:
    """The ticket with this number, however it was typed. Nothing of it may be shown before its customer is known."""
    canonical = normalise_number(number)
    return Ticket.objects.filter(number=canonical).first() if canonical else None


def first_owner_number(ticket: Ticket) -> str:
    """The staff number of whoever sees the complaint through: a number, never a name."""
    found = Person.objects.filter(pk=ticket.first_owner_id).values_list("staff_no", flat=True).first()
    return found or ""


def went_on_as(ticket_id: UUID) -> list[str]:
    """The number of the ticket this one was merged into, and of whichever that one was."""
    numbers, into = list[str](), merged_into(history_of(ticket_id))
    while into and into not in numbers:
        numbers.append(into)
        into = merged_into(history_of(Ticket.objects.only("pk").get(number=into).pk))
    return numbers


def leading_of(ticket: Ticket) -> Ticket:
    """The ticket on which its matter goes on: itself, unless it was merged into another one of the same customer."""
    if ticket.stage not in (Stage.MERGED, Stage.ARCHIVED):
        return ticket
    numbers = went_on_as(ticket.pk)
    its = Ticket.objects.filter(customer=ticket.customer_id, number__in=numbers[-1:])
    return its.select_related("handler", "team", "first_owner").first() or ticket


def since_joined(leading: Sequence[Happening], ticket: Ticket) -> list[Happening]:
    """What happened on the leading ticket since it took over the matter of this one; nothing where it did not."""
    numbers = {ticket.number, *went_on_as(ticket.pk)}
    joined = [row.seq for row in leading if row.what is What.ABSORBED and row.facts.get("merged") in numbers]
    return [row for row in leading if row.seq > joined[-1]] if joined else []


def history_in_sight(leading: Sequence[Happening], of: Ticket, ticket: Ticket) -> Sequence[Happening]:
    """What whoever came with `ticket`'s number may see of the history `leading` of the ticket its matter goes on as:
    all of its own, of another one what happened since they were merged."""
    return leading if of.pk == ticket.pk else since_joined(leading, ticket)


def promised_times(history: Sequence[Happening], rules: Edition, at: datetime) -> list[Promised]:
    """What is promised now: of each kind of promise the strictest. Internal targets are nobody else's business."""
    strictest: dict[str, ServiceClock] = {}
    for clock in clocks(history, rules.rules, calendars_now(), former=rules_of):
        what = promise_of(clock.rule)
        if not what or clock.state not in (ClockState.RUNNING, ClockState.PAUSED):
            continue
        known = strictest.get(what)
        if known is None or _sooner(clock, known):
            strictest[what] = clock
    return [_promised(what, strictest[what], at) for what in PROMISES if what in strictest]


def promise_of(rule: TargetRule) -> str:
    """What the end of a clock means to the customer; nothing where only the desk can see it.

    A limit counts from something the customer knows of (their complaint, its solution, the result) to something they
    notice.
    """
    if rule.for_promises:
        return next((what for made, what in _GIVEN.items() if made in rule.start), "")
    if rule.kind is Kind.TARGET or not rule.start & _KNOWN:
        return ""
    if What.RESPONDED in rule.stop:
        return ANSWER
    if What.FOLLOWED_UP in rule.stop:
        return CALL_BACK
    if What.CARRIED_OUT in rule.stop:
        return RESULT if not rule.stop & {What.PROPOSED, What.CUSTOMER_TOLD} else ""
    return TOLD if What.CUSTOMER_TOLD in rule.stop else ""


# A time named to the customer; what a team was asked for, or until when it stands still, is the desk's own matter.
_GIVEN = {What.PROMISE_MADE: PROMISE, What.RESPONDED: EXPECTED}
_KNOWN = frozenset({What.ACCEPTED, What.REOPENED, What.CARRIED_OUT, What.CUSTOMER_TOLD})


def _sooner(one: ServiceClock, other: ServiceClock) -> bool:
    return one.due_at is not None and (other.due_at is None or one.due_at < other.due_at)


def _promised(what: str, clock: ServiceClock, at: datetime) -> Promised:
    paused = clock.state is ClockState.PAUSED
    return Promised(what, str(PROMISES[what]), clock.due_at, clock.breached(at), paused, clock.provisional)


def rights_under(rules: Edition, received_at: datetime | None = None, *, again_until: datetime | None = None) -> Rights:
    """What the law promises a customer; for one complaint, with the days it means."""
    law = rules.answer_by_law
    span = law.duration.span if law else None
    by = received_at + span if received_at and span else None
    return Rights(span, by, rules.appeal_body, rules.appeal_brings, rules.appeal_limits, again_until)


def next_told(ticket: Ticket, history: Sequence[Happening], promises: Sequence[Promised]) -> Next | None:
    """What comes next, and the nearest time for that step which is still ahead; None where nothing does."""
    state = state_of(ticket)
    if state.standing is Standing.WAITING:
        asked = next((row for row in reversed(history) if row.what is What.WAITING_STARTED), None)
        until = asked.facts.get("until") if asked else None
        return Next(str(WHILE_WAITING), datetime.fromisoformat(str(until)) if until else None)
    if state.stage not in NEXT:
        return None
    its = [p for p in promises if p.kind in NEXT_BY.get(state.stage, ())]
    ahead = [p.due_at for p in its if p.due_at and not p.late and not p.paused]
    return Next(str(NEXT[state.stage]), min(ahead, default=None))


def messages_told(ticket: Ticket, language: str) -> list[Message]:
    """What was sent to the customer about it, newest first; a code is shown nowhere, its message would say nothing."""
    sent = messages_about(ticket.pk).filter(recipient=f"customer:{ticket.customer_id}")
    sent = sent.exclude(template__in=NOT_TOLD)[:MANY]
    return [
        Message(
            row.ordered_at,
            str(SENT_BY.get(row.channel, row.channel)),
            message_text(row, language, hidden=gettext("(the link is in the message you were sent)")),
            row.state in ARRIVED,
        )
        for row in sent
    ]


def history_told(history: Sequence[Happening], rules: Edition) -> list[Line]:
    """The history in a customer's words, newest first."""
    again = _again(history)
    return [_line(row, rules, again=row.seq in again) for row in reversed(history) if _is_told(row)]


def _is_told(row: Happening) -> bool:
    """What the desk files with a ticket is the desk's."""
    return row.what in HAPPENINGS and (row.what is not What.ATTACHED or row.by.startswith("customer"))


def result_told(history: Sequence[Happening]) -> str:
    """What the customer was told of the result, in the present round."""
    told = [row for row in in_round(history) if row.what in (What.CUSTOMER_TOLD, What.ANSWERED_AT_CONTACT)]
    return str(told[-1].facts.get("text", "")) if told else ""


def _again(history: Sequence[Happening]) -> set[int]:
    """Which rows are not the first of their kind in their round."""
    again, done = set[int](), set[What]()
    for row in history:
        done = set() if row.what is What.REOPENED else done
        if row.what in done:
            again.add(row.seq)
        done.add(row.what)
    return again


def _line(row: Happening, rules: Edition, *, again: bool = False) -> Line:
    until = row.facts.get(UNTIL.get(row.what, ""))
    ground = row.facts.get("ground") if row.what is What.REJECTED else None
    return Line(
        row.what,
        str((again and HAPPENED_AGAIN.get(row.what)) or HAPPENINGS[row.what]),
        row.happened_at,
        text=str(row.facts.get(_said(row), "")),
        until=datetime.fromisoformat(str(until)) if until else None,
        ground=rules.label("grounds", str(ground)) if ground else None,
        number=str(row.facts.get(NUMBERS.get(row.what, ""), "")),
    )


def _said(row: Happening) -> str:
    """Why it was taken up again is the customer's own word, if it was theirs."""
    if row.what is What.REOPENED:
        return "reason" if row.by.startswith("customer:") or "rated" in row.facts else ""
    return SAID.get(row.what, "")


def asked_of_customer(ticket: Ticket, history: Sequence[Happening]) -> str:
    """What the customer was asked for, while it is waited for."""
    if ticket.standing != Standing.WAITING:
        return ""
    asked = next((row for row in reversed(history) if row.what is What.WAITING_STARTED), None)
    return str(asked.facts.get("reason") or "") if asked else ""


def to_be_worked_again(history: Sequence[Happening]) -> bool:
    """True from the rating that asked for another round until that round has begun."""
    rated = answered(history)
    return bool(rated and rated.facts.get("again") and worst_score(rated.facts) >= FAIR)


def stages_of_round(history: Sequence[Happening]) -> list[Stage]:
    """The stages the present round has been at, in order."""
    return [Stage(row.facts["stage"]) for row in in_round(history) if "stage" in row.facts]


def opens_again_at(rules: Edition, at: datetime) -> datetime | None:
    """When the offices open again, if they are closed at `at`: those in whose hours most commitments count."""
    counted = Counter(rule.calendar for rule in rules.rules if rule.calendar != NATURAL)
    calendar = calendars_now().get(next(iter(counted.most_common(1)), ("",))[0])
    if not isinstance(calendar, WorkingCalendar):
        return None
    period = next(_periods(calendar, at), None)
    return period if period and period > at else None


def _periods(calendar: WorkingCalendar, at: datetime) -> Iterator[datetime]:
    return (opens for opens, _closes in calendar.assumed().open_periods(at))
