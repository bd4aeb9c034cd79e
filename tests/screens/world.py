"""A whole carrier to look at: the demo's people and stories, and as many complaints beside them as are asked for.

Everything in it is invented. Some of it is as long as it gets: addresses of whole lines, names of forty characters.
"""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from shouwen.desk.handovers import lines_of
from shouwen.desk.models import Macro, SavedView
from shouwen.editions.actions import install_shipped_pack
from shouwen.editions.drafting import begin_draft
from shouwen.editions.models import EditionVersion
from shouwen.editions.pack import SHIPPED, texts_of
from shouwen.handbook.authority import Actor
from shouwen.handbook.lifecycle import Move
from shouwen.handling.actions import CarriedOver, Draft, accept, move_ticket
from shouwen.handling.attaching import Upload, attach_file
from shouwen.intake.demo import build_demo
from shouwen.people.duty import Entry, enter_shifts
from shouwen.people.handovers import hand_over_shift
from shouwen.people.models import Leave, Person, Team
from shouwen.people.queries import actor_for
from shouwen.surveys.actions import send_survey, take_rating
from shouwen.surveys.queries import Rating
from shouwen.tickets.models import Ticket
from tests.files import PDF, photo
from tests.following import turn

PHONE = "19900001234"  # of the customer whose complaint is followed on the public pages
BATCH = 500
TURNS = 3  # of the worker: what one loop writes another reads
LONG_NAME = "欧阳某某（代演示市演示区演示街道演示社区居民委员会第三网格全体住户联名反映）先生"[:40]
LONG_PLACE = (
    "演示省演示市演示高新技术产业开发区演示大道与科技二路交叉口东北角演示国际花园小区北苑（三期）"
    "十七号楼二单元二千八百零六室（靠近电梯井一侧的北卧室）"
)
SAID = (
    "家里的宽带从上周开始每天晚上八点到十一点频繁掉线，重启光猫以后能好十几分钟，然后又断，视频会议和孩子上网课都受影响。",
    "室内手机信号只有一格，打电话断断续续，对方听不清，搬到窗户边稍好一些，同楼层的邻居也有同样的情况。",
    "上个月账单突然多出一百多元的流量费，套餐内的流量并没有用完，也没有收到超出提醒的短信，要求核实扣费依据。",
)
STAGES = ("assessed", "dispatched", "dispatched", "investigating", "investigating", "told", "followed_up")


@dataclass
class World:
    """Who works there, and the tickets that have a page for everything."""

    people: dict[str, Person]  # by role
    at: datetime
    tickets: list[str] = field(default_factory=list)  # numbers, one for every stage a story came to
    event: str = ""  # the ticket many others come of
    told: str = ""  # the complaint that is followed on the public pages
    survey: str = ""  # the token of its survey

    def person(self, role: str) -> Person:
        return self.people[role]


def build_world(at: datetime, *, complaints: int = 0) -> World:
    """The demo carrier at this moment, with what only comes of working there for a while."""
    install_shipped_pack(at=at - timedelta(days=60))
    build_demo(at)
    world = World({person.roles[0]: person for person in Person.objects.order_by("-username")}, at)
    world.tickets = list(Ticket.objects.order_by("-recorded_at").values_list("number", flat=True))
    _fill(complaints, at)
    _tell_somebody(world)
    _let_them_work(world)
    for add in (_files, _event, _views, _macro, _draft, _leave, _duty):
        add(world)
    return world


def _fill(complaints: int, at: datetime) -> None:
    for first in range(0, complaints, BATCH):
        drafts = [_draft_of(n, at) for n in range(first, min(first + BATCH, complaints))]
        accept(drafts, now=at)


def _draft_of(n: int, at: datetime) -> Draft:
    """The n-th complaint: the same in every run."""
    chance = random.Random(n)
    stage = chance.choice(STAGES)
    region = chance.choice(("340104", "340111", "341202", "341204"))
    team = None if stage == "assessed" else f"network-{region[:4]}"
    return Draft(
        key=("world", str(n)),
        text=f"{chance.choice(SAID)}地址：{LONG_PLACE if n % 7 == 0 else f'演示路 {n % 300} 号'}。",
        category=chance.choice(("network.broadband.drops", "network.coverage.weak", "tariff.abnormal_fee.overage")),
        received_at=at - timedelta(hours=chance.uniform(1, 24 * 12)),
        channel=chance.choice(("hotline", "web", "app", "store", "letter")),
        phone=f"199{n % 100_000_000:08}",
        name=LONG_NAME if n % 11 == 0 else f"演示客户{n % 97}",
        region=region,
        severity=chance.choice(("minor", "ordinary", "serious")),
        customer_level="vip" if n % 23 == 0 else "ordinary",
        carried=CarriedOver(stage, team=team),
    )


def _tell_somebody(world: World) -> None:
    """A complaint whose customer has been told, comes back to it and is asked how satisfied they are."""
    agent = actor_for(world.person("agent"))
    [answer] = accept([_told_draft(world, "told", phone=PHONE)], now=world.at)
    world.told = answer.number
    link = send_survey(UUID(answer.ticket_id), by=agent, at=world.at)  # handed over: nothing leaves this house
    world.survey = link.rpartition("/")[2]


def _let_them_work(world: World) -> None:
    """A customer who is not content, and what the worker makes of it: a call back, a review, notices."""
    [answer] = accept([_told_draft(world, "disappointed", phone="19900001235")], now=world.at)
    ticket = Ticket.objects.get(number=answer.number)
    customer = Actor("customer", str(ticket.customer_id), "", frozenset({"customer"}))
    rating = Rating(result=3, handling=2, efficiency=3, words="问题依旧，每晚照样掉线，工程师只打过一次电话。")
    take_rating(ticket.pk, rating, by=customer, at=world.at, source="portal")
    for _ in range(TURNS):
        turn(world.at)


def _told_draft(world: World, key: str, *, phone: str) -> Draft:
    return Draft(
        key=("world", key),
        text=f"{SAID[0]}地址：{LONG_PLACE}。",
        category="network.broadband.drops",
        received_at=world.at - timedelta(days=2),
        channel="web",
        phone=phone,
        name=LONG_NAME,
        region="340104",
        severity="serious",
        carried=CarriedOver("told", team="network-3401"),
    )


def _files(world: World) -> None:
    ticket = Ticket.objects.get(number=world.tickets[0])
    agent = actor_for(world.person("supervisor"))
    for name, data in (("光猫指示灯照片（客户于上门当日拍摄，含北卧室与弱电箱）.jpg", photo()), ("账单.pdf", PDF)):
        attach_file(ticket, Upload(io.BytesIO(data), len(data), name), by=agent, at=world.at, form=name)


def _event(world: World) -> None:
    supervisor = actor_for(world.person("supervisor"))
    here = Ticket.objects.filter(stage="dispatched", region__startswith="3401", parent="").order_by("number")
    world.event, *children = here.values_list("number", flat=True)[:4]
    for number in children:
        facts = {"parent": world.event}
        move_ticket(number, Move.LINK, by=supervisor, happened_at=world.at, now=world.at, facts=facts)


def _views(world: World) -> None:
    for person in Person.objects.all():
        SavedView.objects.create(
            owner=person,
            name="我盯的：合肥城区、VIP、网络质量、临近超时的宽带和信号投诉",
            queue="overdue",
            query="",
            created_at=world.at,
        )


def _macro(world: World) -> None:
    Macro.objects.create(
        name="致歉并承诺 2 小时内回电（网络类、非工作时间）",
        owner=world.person("supervisor"),
        shared=Macro.EVERYBODY,
        steps=[],
        changed_at=world.at,
    )


def _draft(world: World) -> None:
    manager = actor_for(world.person("manager"))
    base = EditionVersion.objects.order_by("-effective_at").first()
    begin_draft(
        "提高宽带修复要求（2027 年起）", texts_of(SHIPPED), base=base.id if base else "", by=manager, at=world.at
    )


def _leave(world: World) -> None:
    Leave.objects.create(
        person=world.person("handler"),
        from_at=world.at + timedelta(days=3),
        until_at=world.at + timedelta(days=8),
    )


def _duty(world: World) -> None:
    """A week of a roster, and the list one shift left to the next."""
    team, by = Team.objects.get(pk="network-3401"), world.person("supervisor")
    morning = world.at.replace(hour=0, minute=30, second=0, microsecond=0)
    entries = [
        Entry(
            world.person("network_engineer"),
            morning + timedelta(days=day),
            morning + timedelta(days=day, hours=9),
            "早班",
        )
        for day in range(1, 6)
    ]
    enter_shifts(team, entries, by=by, at=world.at)
    lines = [line.kept() for line in lines_of(team, actor_for(by), world.at)]
    notes = "三号楼二单元的光缆已报修，预计明早八点前恢复；请继续盯 2 小时内到期的投诉，领导督办件须电话确认。"
    hand_over_shift(team, lines, notes=notes, by=by, at=world.at)
