"""Every move once, as a filled-in form on a ticket of its own that has come as far as the move needs.

The form remembers what its sender had seen, so that the very same form can be sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from shouwen.customers.queries import phone_of
from shouwen.editions.queries import edition
from shouwen.handbook.lifecycle import Move
from shouwen.service_levels.models import Clock
from shouwen.service_levels.sweep import LOOKED
from shouwen.tickets.actions import ADVANCES, EVENTS, event_row, write
from shouwen.tickets.models import Task, Ticket, TicketEvent
from tests.cast import WHOLE_WAY, Cast, Step, make, record_evidence, take_in, walk

HOUR = timedelta(hours=1)
Facts = dict[str, Any]


@dataclass(frozen=True)
class Paper:
    """A move somebody is about to make on a ticket, as JSON can carry it."""

    name: str
    number: str
    move: str
    who: str  # somebody's user name, or "customer"
    facts: Facts
    at: str
    seen: int

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True)
class Way:
    """How a ticket comes to where one move can be made on it."""

    move: Move
    who: str
    facts: Facts | Callable[[Cast, Ticket], Facts] = field(default_factory=dict)
    after: Move | None = None  # the last move of the whole way that was made before
    then: tuple[Step, ...] = ()  # and what beside the way
    draft: Facts = field(default_factory=dict)
    name: str = ""


def papers(cast: Cast) -> list[Paper]:
    """Make the tickets, and fill in a form for every move there is."""
    phones = count(19_900_100_000)
    return [_paper(cast, way, str(next(phones))) for way in (*_whole_way(), *BESIDE)]


def _whole_way() -> Iterator[Way]:
    before = None
    for move, who, facts in WHOLE_WAY:
        yield Way(move, who, facts, after=before)
        before = move


def _paper(cast: Cast, way: Way, phone: str) -> Paper:
    ticket = take_in(cast, **({"phone": phone} | way.draft))
    if way.after:
        ticket = walk(cast, ticket, until=way.after)
    at = ticket.received_at + HOUR * ticket.last_seq
    for step in way.then:
        at += HOUR
        ticket = make(cast, ticket, step, at)
    if way.move is Move.PROPOSE:
        record_evidence(cast, ticket, at)
        ticket.refresh_from_db()
    facts = way.facts(cast, ticket) if callable(way.facts) else way.facts
    at = (at + HOUR).isoformat()
    return Paper(way.name or str(way.move), ticket.number, str(way.move), way.who, facts, at, ticket.last_seq)


def _rule_to_extend(cast: Cast, ticket: Ticket) -> Facts:
    rules = edition(ticket.edition)
    running = Clock.objects.filter(ticket=ticket, state="running").order_by("-due_at", "rule")
    rule = next(clock.rule for clock in running if rules.rule(clock.rule).can_pause)
    return {"rule": rule, "until": "2026-04-20T09:00:00+08:00", "evidence": "录音 3", "reason": "待厂家到场"}


def _item_to_find(cast: Cast, ticket: Ticket) -> Facts:
    checklist = edition(ticket.edition).checklist(ticket.category)
    return {"item": checklist.items[0].code, "finding": "已核实，联系电话 19900007788"}


def _task_to_answer(cast: Cast, ticket: Ticket) -> Facts:
    return {"task": Task.objects.get(ticket=ticket).task, "text": "账单无误"}


def _promise_to_keep(cast: Cast, ticket: Ticket) -> Facts:
    made = TicketEvent.objects.get(ticket=ticket, what="promise_made")
    return {"promise": made.facts["promise"], "text": "已回电"}


def _overrun_to_talk_about(cast: Cast, ticket: Ticket) -> Facts:
    """A clock of it runs out, as the sweep would write it down."""
    clock = Clock.objects.filter(ticket=ticket, rule="classify").get()
    seq, at = ticket.last_seq + 1, clock.looks[0]
    facts = {"rule": clock.rule, "clock": clock.start_seq, "step": 0, "due_at": at.isoformat(), "told": []}
    breach = event_row(str(ticket.pk), seq, "clock_breached", at, "system", "sweep", facts)
    looked = {"ticket_id": str(ticket.pk), "rule": clock.rule, "start_seq": clock.start_seq, "taken": 1}
    write([(EVENTS, [breach]), (ADVANCES, [{"ticket_id": str(ticket.pk), "last_seq": seq}]), (LOOKED, [looked])])
    ticket.refresh_from_db()
    overrun = f"{clock.rule}@{clock.start_seq}"
    return {"overrun": overrun, "overdue_cause": "too_few_people", "said": "当天只有两人", "measure": "增派一人"}


def _measure_to_follow(cast: Cast, ticket: Ticket) -> Facts:
    talk = (Move.TALK_OVERDUE, "supervisor", _overrun_to_talk_about(cast, ticket))
    make(cast, ticket, talk, ticket.received_at + HOUR)
    ticket.refresh_from_db()
    return {"talk": str(ticket.last_seq), "measure_done": True, "text": "已增派"}


def _an_earlier_one(cast: Cast, ticket: Ticket) -> Facts:
    """Of the same customer, about the same matter, and received before."""
    phone = phone_of(str(ticket.customer_id)) or ""
    earlier = take_in(cast, phone=phone, received_at=ticket.received_at - HOUR)
    return {"into": earlier.number, "reason": "同一事项"}


def _merged_by_mistake(cast: Cast, ticket: Ticket) -> Facts:
    make(cast, ticket, (Move.MERGE, "agent", _an_earlier_one(cast, ticket)), ticket.received_at + HOUR)
    ticket.refresh_from_db()
    return {"reason": "并错了"}


def _somebody(who: str, as_what: str, **facts: Any) -> Callable[[Cast, Ticket], Facts]:
    return lambda cast, ticket: {as_what: str(getattr(cast, who).pk), **facts}


LATER = "2026-03-20T09:00:00+08:00"
WAIT: Step = (Move.WAIT, "agent", {"pause": "waiting_for_customer", "reason": "请客户提供测速截图", "until": LATER})


def _the_event(cast: Cast, ticket: Ticket) -> Facts:
    """A ticket of another customer, about the fault itself."""
    return {"parent": take_in(cast, phone="19900400001").number}


def _linked(cast: Cast, ticket: Ticket) -> Facts:
    make(cast, ticket, (Move.LINK, "agent", _the_event(cast, ticket)), ticket.received_at + HOUR)
    ticket.refresh_from_db()
    return {"reason": "另一处故障"}


FILE: Step = (
    Move.ATTACH,
    "agent",
    {"attachment": "01900000-0000-7000-8000-000000000001", "media": "pdf", "size": 90, "digest": "a" * 64},
)
PROMISE: Step = (Move.PROMISE, "agent", {"due_at": LATER, "text": "到时回电"})
ASKED: Step = (Move.ASSIGN_TASK, "handler", {"to_team": "billing", "asked": "核对账单", "due_at": LATER})
BAD = {"score": 4, "result": 4, "handling": 3, "efficiency": 3, "words": "还是断线", "again": True}
ENQUIRY = {"ticket_type": "enquiry"}
INFORMANT = {"informant_name": "某营业员", "informant_phone": "19900007777"}

BESIDE = (
    Way(Move.VALIDATE, "agent", {"identity": "service_password", "consistent": True}),
    Way(Move.DECIDE_TEST, "handler", {"urban": True, "text": "须现场测试"}, after=Move.INVESTIGATE),
    Way(Move.CONFIRM_VISIT, "handler", {"text": "约定明日上午上门"}, after=Move.INVESTIGATE),
    Way(Move.ARRIVE, "handler", {"text": "已到现场"}, after=Move.INVESTIGATE),
    Way(Move.DECLARE_MAJOR, "supervisor", {"level": "two", "text": "涉及多户"}),
    Way(Move.REPORT, "agent", {"reported_to": "audit", "text": "涉嫌违规"}),
    Way(Move.RECLASSIFY, "agent", {"category": "network.coverage.weak", "severity": "serious", "reason": "无法使用"}),
    Way(Move.PROMOTE, "agent", {"reason": "客户要求按投诉处理"}, draft=ENQUIRY),
    Way(Move.ANSWER_AT_CONTACT, "agent", {"text": "已说明"}, draft=ENQUIRY),
    Way(Move.DECLINE, "handler", {"reason": "不属本班组"}, after=Move.DISPATCH),
    Way(Move.TRANSFER, "supervisor", {"team": "billing", "reason": "属账务问题"}, after=Move.INVESTIGATE),
    Way(Move.ASSIGN, "supervisor", _somebody("handler", "handler"), after=Move.DISPATCH),
    Way(Move.HAND_OVER, "agent", _somebody("other_agent", "first_owner", reason="调班")),
    Way(Move.RECORD_EVIDENCE, "handler", _item_to_find, after=Move.INVESTIGATE),
    Way(WAIT[0], WAIT[1], WAIT[2], after=Move.ASSESS),
    Way(
        Move.HOLD,
        "handler",
        {"pause": "agreed_appointment", "reason": "约定上门", "until": LATER},
        after=Move.INVESTIGATE,
    ),
    Way(Move.RESUME, "agent", {"text": "截图已收到"}, after=Move.ASSESS, then=(WAIT,)),
    Way(Move.RETURN, "supervisor", {"reason": "方案不完整"}, after=Move.PROPOSE),
    Way(
        Move.TELL_INFORMANT,
        "agent",
        {"via": "phone", "proof": "通话录音编号 2", "text": "已优化"},
        after=Move.CARRY_OUT,
        draft=INFORMANT,
    ),
    Way(Move.RATE, "agent", BAD, after=Move.SEND_SURVEY),
    Way(Move.RATE, "customer", BAD, after=Move.SEND_SURVEY, name="rate, as the customer"),
    Way(Move.REOPEN, "agent", {"reason": "客户表示仍然断线"}, after=Move.CLOSE),
    Way(Move.REOPEN, "customer", {"reason": "仍然断线"}, after=Move.CLOSE, name="reopen, as the customer"),
    Way(Move.REJECT, "supervisor", {"ground": "no_facts", "reason": "无具体事实", "evidence": "录音 5"}),
    Way(Move.CANCEL, "agent", {"reason": "重复登记"}),
    Way(Move.WITHDRAW, "agent", {"reason": "客户撤诉", "evidence": "录音 6"}, after=Move.DISPATCH),
    Way(Move.MARK, "agent", {"mark": "mistaken", "evidence": "录音 7", "reason": "误投诉"}),
    Way(PROMISE[0], PROMISE[1], PROMISE[2]),
    Way(Move.KEEP_PROMISE, "agent", _promise_to_keep, then=(PROMISE,)),
    Way(Move.AGREE_EXTENSION, "agent", _rule_to_extend),
    Way(Move.MERGE, "agent", _an_earlier_one),
    Way(Move.UNMERGE, "agent", _merged_by_mistake),
    Way(Move.SPLIT, "agent", {"other_category": "tariff.abnormal_fee.overage", "text": "另外多扣了 20 元"}),
    Way(Move.LINK, "agent", _the_event),
    Way(Move.UNLINK, "agent", _linked),
    Way(Move.BROADCAST, "supervisor", {"text": "光缆已修复"}),
    Way(FILE[0], FILE[1], FILE[2]),
    Way(Move.DETACH, "agent", {"attachment": FILE[2]["attachment"], "reason": "传错了"}, then=(FILE,)),
    Way(Move.TALK_OVERDUE, "supervisor", _overrun_to_talk_about),
    Way(Move.FOLLOW_MEASURE, "supervisor", _measure_to_follow),
    Way(Move.NOTE, "agent", {"text": "客户改约 19900009999"}),
    Way(Move.ADD, "agent", {"text": "客户来电补充"}),
    Way(Move.ADD, "customer", {"text": "补充：晚上更严重"}, name="add, as the customer"),
    Way(ASKED[0], ASKED[1], ASKED[2], after=Move.INVESTIGATE),
    Way(Move.ANSWER_TASK, "other_handler", _task_to_answer, after=Move.INVESTIGATE, then=(ASKED,)),
)


def as_data(paper: Paper) -> dict[str, Any]:
    return asdict(paper)
