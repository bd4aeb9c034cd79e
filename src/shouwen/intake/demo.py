"""A carrier to try things on: invented, and plainly so. Its complaints go through the same doors as real ones."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import now as current_time

from shouwen.editions.queries import current_edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.lifecycle import Move
from shouwen.handling.actions import Draft, accept, move_ticket
from shouwen.handling.owners import forget_loads
from shouwen.people.actions import make_person
from shouwen.people.models import Person, Team
from shouwen.people.queries import actor_for

HERE, ELSEWHERE = "3401", "3412"
TEAMS = {
    "service": ("客户服务中心", "Customer service", ""),
    "billing": ("账务组", "Billing", ""),
    "business": ("业务支撑组", "Products and contracts", ""),
    "network-3401": ("网络优化一班", "Network optimisation 1", "3401"),
    "network-3412": ("网络优化二班", "Network optimisation 2", "3412"),
    "installation-3401": ("装维一班", "Installation 1", "3401"),
    "installation-3412": ("装维二班", "Installation 2", "3412"),
    "enterprise": ("集团客户组", "Enterprise customers", ""),
    "rights": ("合规与信息安全组", "Compliance", ""),
}
# Name, what they are called, roles, teams, regions, skills.
PEOPLE: list[tuple[str, str, list[str], list[str], list[str], list[str]]] = [
    ("demo-agent", "演示坐席一", ["agent"], ["service"], [HERE], []),
    ("demo-agent-2", "演示坐席二", ["agent"], ["service"], [ELSEWHERE], []),
    (
        "demo-handler",
        "演示处理员一",
        ["handler"],
        ["network-3401", "installation-3401", "billing", "business", "service", "enterprise", "rights"],
        [HERE],
        ["radio", "fibre", "billing"],
    ),
    (
        "demo-handler-2",
        "演示处理员二",
        ["handler"],
        ["network-3412", "installation-3412"],
        [ELSEWHERE],
        ["radio", "fibre"],
    ),
    ("demo-supervisor", "演示主管", ["supervisor"], [], [HERE, ELSEWHERE], []),
    ("demo-manager", "演示部门负责人", ["manager"], [], ["0"], []),
    ("demo-administrator", "演示管理员", ["administrator"], [], [], []),
]

Facts = dict[str, Any]
Script = Callable[["_Story"], None]


def build_demo(now: datetime | None = None) -> list[tuple[str, str, str]]:
    """Make the demo carrier once: its people as (role, name, password). Nothing if anybody works here already."""
    if Person.objects.exists():
        return []
    now = now or current_time()
    accounts = list(_hire())
    forget_loads()
    for number, (subject, script) in enumerate(_complaints()):
        story = _Story.begin(number, subject, now)
        script(story)
    return accounts


def _hire() -> Iterator[tuple[str, str, str]]:
    for code, (name, name_en, region) in TEAMS.items():
        Team.objects.create(code=code, name=name, name_en=name_en, region=region)
    for username, display_name, roles, teams, regions, skills in PEOPLE:
        password = secrets.token_urlsafe(12)
        make_person(
            username,
            display_name=display_name,
            roles=roles,
            teams=Team.objects.filter(code__in=teams),
            regions=regions,
            skills=skills,
            password=password,
        )
        yield roles[0], username, password
    Team.objects.filter(region=ELSEWHERE).update(lead=Person.objects.get(username="demo-handler-2"))
    Team.objects.exclude(region=ELSEWHERE).update(lead=Person.objects.get(username="demo-handler"))


@dataclass(frozen=True)
class _Subject:
    """What one demo complaint is about."""

    category: str
    text: str
    hours_ago: float
    details: dict[str, str] = field(default_factory=dict)
    ticket_type: str = "complaint"
    severity: str = ""
    reach: str = "single"
    level: str = "ordinary"
    channel: str = "hotline"
    region: str = HERE
    informant: bool = False


class _Story:
    """One complaint on its way: each move a while after the one before."""

    def __init__(self, number: str, category: str, at: datetime, now: datetime, region: str) -> None:
        self.number, self.category, self.at, self.now = number, category, at, now
        self.suffix = "" if region == HERE else "-2"

    @classmethod
    def begin(cls, place: int, subject: _Subject, now: datetime) -> _Story:
        received_at = now - timedelta(hours=subject.hours_ago)
        suffix = "" if subject.region == HERE else "-2"
        agent = Person.objects.get(username=f"demo-agent{suffix}")
        taken_by_agent = subject.channel in {"hotline", "store", "letter"}
        draft = Draft(
            key=("demo", str(place)),
            text=subject.text,
            category=subject.category,
            received_at=received_at,
            channel=subject.channel,
            ticket_type=subject.ticket_type,
            phone=f"199000000{place:02}",
            name=f"演示客户{place + 1}",
            region=subject.region,
            severity=subject.severity,
            reach=subject.reach,
            customer_level=subject.level,
            details=subject.details,
            informed=True,
            informant_name="演示营业员" if subject.informant else "",
            informant_phone="19900000999" if subject.informant else "",
            by=actor_for(agent) if taken_by_agent else Actor("customer", roles=frozenset({"customer"})),
            first_owner=str(agent.pk) if taken_by_agent else None,
            source="form" if taken_by_agent else "portal",
        )
        [answer] = accept([draft], now=now)
        return cls(answer.number, subject.category, received_at, now, subject.region)

    def make(self, move: Move, who: str, *, after: float, **facts: Any) -> None:
        """A move `after` so many minutes more; never later than now."""
        self.at = min(self.at + timedelta(minutes=after), self.now)
        number = "" if who in {"supervisor", "manager"} else self.suffix
        actor = actor_for(Person.objects.get(username=f"demo-{who}{number}"))
        move_ticket(self.number, move, by=actor, happened_at=self.at, now=self.at, facts=facts)

    def later(self, hours: float) -> str:
        """A time ahead of now, as a fact."""
        return (self.now + timedelta(hours=hours)).isoformat()

    def evidence(self) -> None:
        checklist = current_edition().checklist(self.category)
        for item in checklist.items if checklist else ():
            self.make(Move.RECORD_EVIDENCE, "handler", after=5, item=item.code, finding=f"演示：{item.words.zh}已核实")


def _assessed(story: _Story) -> None:
    story.make(Move.ASSESS, "agent", after=8, category=story.category, severity="ordinary", reach="single")


def _dispatched(story: _Story) -> None:
    _assessed(story)
    story.make(Move.DISPATCH, "agent", after=10)


def _responded(story: _Story) -> None:
    _dispatched(story)
    story.make(Move.RESPOND, "agent", after=20, via="phone", text="已联系客户说明进度", expected_at=story.later(20))


def _investigating(story: _Story) -> None:
    _responded(story)
    story.make(Move.INVESTIGATE, "handler", after=30)


def _promised(story: _Story) -> None:
    _investigating(story)
    story.make(Move.PROMISE, "handler", after=10, due_at=story.later(2), text="承诺两小时内回电")


def _helped(story: _Story) -> None:
    _investigating(story)
    asked = {"to_team": "billing", "asked": "请核对近三个月账单", "due_at": story.later(4)}
    story.make(Move.ASSIGN_TASK, "handler", after=10, **asked)


def _waiting(story: _Story) -> None:
    _investigating(story)
    reason = "请客户补充测速截图"
    story.make(Move.WAIT, "handler", after=15, pause="waiting_for_customer", reason=reason, until=story.later(24))


def _held(story: _Story) -> None:
    _investigating(story)
    reason = "客户约定周末上门"
    story.make(Move.HOLD, "handler", after=15, pause="agreed_appointment", reason=reason, until=story.later(48))


def _proposed(story: _Story) -> None:
    _investigating(story)
    story.evidence()
    story.make(Move.PROPOSE, "handler", after=30, text="演示方案：处理并致歉", cause="technical", compensation="50")


def _carried_out(story: _Story) -> None:
    _proposed(story)
    story.make(Move.APPROVE, "supervisor", after=40)
    story.make(Move.CARRY_OUT, "handler", after=60, work="演示：已按方案处理并复测")


def _told(story: _Story) -> None:
    _carried_out(story)
    story.make(Move.TELL_CUSTOMER, "agent", after=20, via="phone", proof="演示录音 0001", text="已告知处理结果")


def _archived(story: _Story) -> None:
    _told(story)
    story.make(Move.FOLLOW_UP, "agent", after=60, via="phone", outcome="客户认可", satisfied=True)
    story.make(Move.CLOSE, "agent", after=5, outcome="已解决")
    story.make(Move.ARCHIVE, "supervisor", after=60)


def _reopened(story: _Story) -> None:
    _told(story)
    story.make(Move.REOPEN, "agent", after=120, reason="客户反映问题再次出现")


def _transferred(story: _Story) -> None:
    _dispatched(story)
    story.make(Move.TRANSFER, "supervisor", after=30, team="service", reason="非本班组职责")


def _withdrawn(story: _Story) -> None:
    _assessed(story)
    story.make(Move.WITHDRAW, "agent", after=30, reason="客户自行恢复", evidence="演示录音 0002")


def _received(story: _Story) -> None:
    """Only just in."""


def _complaints() -> Iterator[tuple[_Subject, Script]]:
    coverage = {
        "place": "演示市演示区演示路 1 号",
        "signal_bars": "one",
        "network_kind": "nr",
        "affected_service": "web",
        "when_it_happens": "always",
    }
    line = {
        "service_address": "演示市演示区演示路 2 号 3 单元 401",
        "when_it_happens": "periodic",
        "lights": "光信号灯红色常亮",
    }
    fee = {"billing_period": "上月", "item_disputed": "演示增值包", "disputed_amount": "30"}
    plan = {"contract_item": "演示套餐", "plan_now": "演示套餐 99 元"}
    served = {"where_served": "演示营业厅", "when_served": "昨天上午"}
    weak, slow = "network.coverage.weak", "network.broadband.slow"
    yield _Subject(weak, "小区里手机信号只有一格，通话经常断。", 0.1, coverage), _received
    yield _Subject(slow, "晚上测速不到签约带宽的三分之一。", 0.3, line, channel="web"), _received
    yield _Subject("tariff.abnormal_fee.not_ordered", "账单里多了一项没有订购的业务。", 0.8, fee), _received
    yield _Subject("service.attitude.store", "营业员不愿解释资费，态度冷淡。", 1.2, served, channel="app"), _received
    yield (
        _Subject("rights.advertising.exaggerated", "宣传的速率与实际不符。", 0.4, {"promotion": "演示活动"}),
        _assessed,
    )
    yield _Subject("contract.term.penalty", "提前解约要收高额违约金，办理时没有说明。", 2.5, plan), _assessed
    yield (
        _Subject("network.broadband.outage", "家里宽带断网，光猫亮红灯。", 1.5, line, ticket_type="fault"),
        _dispatched,
    )
    yield _Subject(weak, "地下车库完全没有信号。", 5, coverage, severity="serious"), _dispatched
    yield _Subject("tariff.changed.without_consent", "没有同意就被换了套餐。", 3, plan | fee), _responded
    yield _Subject(slow, "视频会议一直卡顿，影响工作。", 6, line, level="vip"), _responded
    yield _Subject("network.coverage.none", "整栋楼都没有信号。", 8, coverage, reach="area"), _investigating
    yield _Subject("tariff.abnormal_fee.overage", "流量明明没有用完却扣了超出费。", 26, fee), _investigating
    yield _Subject(weak, "办公室信号弱，打电话要到窗边。", 4, coverage, informant=True), _promised
    yield _Subject("tariff.refund.not_paid", "说好的退费一直没有到账。", 30, fee), _helped
    yield _Subject(slow, "换了新路由器网速还是慢。", 28, line), _waiting
    yield _Subject("network.broadband.drops", "每天晚上掉线好几次。", 50, line, ticket_type="fault"), _held
    yield (
        _Subject("tariff.opaque.not_told", "办卡时没有告诉我有最低消费。", 31, fee | {"promotion": "演示活动"}),
        _proposed,
    )
    yield _Subject(weak, "新小区入住后一直没有信号。", 75, coverage), _proposed
    yield _Subject("service.on_site.late", "约好上午上门，等到晚上也没有人来。", 52, served | line), _carried_out
    yield _Subject(slow, "升级千兆以后速度没有变化。", 98, line), _told
    yield _Subject(weak, "高铁站附近打不通电话。", 76, coverage, informant=True), _told
    yield _Subject("tariff.abnormal_fee.charged_twice", "同一个月的月租扣了两次。", 120, fee), _archived
    yield _Subject("network.voice.noise", "通话有杂音，听不清对方。", 170, coverage), _archived
    yield _Subject("contract.plan_change.downgrade", "不让降档套餐。", 240, plan), _archived
    yield _Subject(slow, "投诉过一次，过了两天又变慢。", 100, line), _reopened
    yield _Subject("process.too_long.repeated_visits", "同一件事跑了三趟营业厅。", 24, channel="letter"), _transferred
    yield _Subject("other.suggestion", "建议公交站增加基站。", 48, channel="letter"), _withdrawn
    yield _Subject(weak, "村里只有一家的信号，但通话断续。", 9, coverage, region=ELSEWHERE), _investigating
    yield _Subject("network.broadband.outage", "整条街断网。", 2, line, region=ELSEWHERE, reach="area"), _dispatched
    yield (
        _Subject("content.value_added.cannot_cancel", "会员退订不了。", 0.6, fee, region=ELSEWHERE, channel="web"),
        _received,
    )
