"""Invented complaints to take in, each different from the others and the same in every run."""

from __future__ import annotations

import random
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shouwen.handling.actions import Draft

_PLACES = ["某路 {n} 号", "某小区 {n} 栋", "某大道 {n} 号写字楼", "某镇某村 {n} 组"]
_OPENINGS = ["您好，", "我要反映一个问题：", "之前打过两次热线都没解决，", "用户来电反映，", ""]
_ENDINGS = [
    "希望尽快安排人员上门处理并回复。",
    "请核实后给个说法，并退还多收的费用。",
    "如果再不解决就要求销户。",
    "家里老人独自在家，急需联系，请尽快恢复。",
    "请回电 {phone} 联系李先生。",
]
# Category, what is said, the answers to its questions.
_SUBJECTS: list[tuple[str, str, dict[str, str]]] = [
    (
        "network.broadband.drops",
        "家里的宽带从上周开始每天晚上八点到十一点频繁掉线，重启光猫以后能好十几分钟，然后又断，视频会议和孩子上网课都受影响。",
        {"service_address": "{place}", "when_it_happens": "periodic", "lights": "光信号红灯闪烁"},
    ),
    (
        "network.coverage.weak",
        "室内手机信号只有一格，打电话断断续续，对方听不清，搬到窗户边稍好一些，同楼层的邻居也有同样的情况，已经持续半个多月。",
        {
            "place": "{place}",
            "signal_bars": "one",
            "network_kind": "lte",
            "affected_service": "voice",
            "when_it_happens": "always",
        },
    ),
    (
        "tariff.abnormal_fee.overage",
        "上个月账单突然多出一百多元的流量费，套餐内的流量并没有用完，也没有收到超出提醒的短信，要求提供详细清单并核实扣费依据。",
        {"billing_period": "2026-10", "item_disputed": "套餐外流量费", "disputed_amount": "{n}"},
    ),
]


def complaint(n: int) -> dict[str, Any]:
    """The n-th complaint, in plain words: category, text, answers, and who complains."""
    chance = random.Random(n)
    category, said, details = chance.choice(_SUBJECTS)
    phone = f"199{n % 100_000_000:08}"
    blanks = {"n": 1 + n % 800, "phone": phone}
    blanks["place"] = chance.choice(_PLACES).format_map(blanks)
    text = chance.choice(_OPENINGS) + said + chance.choice(_ENDINGS)
    return {
        "category": category,
        "text": text.format_map(blanks),
        "details": {name: answer.format_map(blanks) for name, answer in details.items()},
        "phone": phone,
        "name": f"测试客户{n % 97}",
        "region": chance.choice(("340104", "340111", "341202", "341204")),
    }


def draft(n: int, at: datetime) -> Draft:
    """The n-th complaint as `handling.accept` takes it."""
    from shouwen.handling.actions import Draft

    return Draft(key=("bench", str(n)), received_at=at, channel="system", source="api", **complaint(n))


def body(n: int) -> dict[str, Any]:
    """The n-th complaint as the API takes it."""
    said = complaint(n)
    return {
        "description": said["text"],
        "category": said["category"],
        "details": said["details"],
        "complainant": {"name": said["name"], "phone": said["phone"]},
        "region": said["region"],
    }
