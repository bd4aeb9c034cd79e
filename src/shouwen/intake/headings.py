"""What a column of a spreadsheet can mean, and the headings that say so by themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import get_language

from shouwen.handbook.words import Words

# What a column can mean, in the order of the template, with the headings that say so by themselves.
FIELDS: dict[str, tuple[Words, str]] = {
    "key": (
        Words(
            "原系统编号，重复导入时靠它认出同一行", "its number where it comes from: tells the same row when run again"
        ),
        "工单编号 工单号 编号 单号 流水号 投诉编号 投诉单号 投诉工单号 受理单号 受理编号 业务单号 案件编号 序号 "
        "id key number ticket ticket_id ticket_no msg_id external_id case_id case_no complaint_id complaint_no",
    ),
    "text": (
        Words("投诉内容（必需）；写多列则逐段相接", "what happened (needed); several columns are joined"),
        "投诉内容 内容 描述 问题描述 事情经过 诉求内容 留言详情 投诉详情 投诉描述 问题内容 受理内容 反映内容 "
        "故障描述 故障现象 text description content complaint body message",
    ),
    "title": (Words("标题", "a short title"), "标题 主题 留言主题 title subject summary"),
    "requested": (Words("客户诉求", "what the customer asks for"), "诉求 客户诉求 客户要求 requested request demand"),
    "received_at": (
        Words(
            "收到时间（必需）；日期与时间分两列时写两列",
            "when it was received (needed); date and time may be two columns",
        ),
        "受理时间 投诉时间 收到时间 登记时间 创建时间 留言时间 来电时间 建单时间 提交时间 受理日期 投诉日期 日期 时间 "
        "received_at received created_at created date time datetime",
    ),
    "phone": (
        Words("客户电话", "the customer's phone number"),
        "联系电话 电话 手机 手机号 手机号码 客户号码 来电号码 客户电话 客户手机 客户手机号 客户联系电话 "
        "联系方式 联系手机 联系号码 投诉电话 投诉号码 投诉人电话 业务号码 用户号码 用户电话 主叫号码 "
        "phone phone_number mobile mobile_number tel telephone",
    ),
    "name": (
        Words("客户姓名", "the customer's name"),
        "姓名 客户姓名 投诉人 客户名称 投诉人姓名 用户姓名 联系人 机主姓名 name customer customer_name",
    ),
    "account": (Words("客户账号", "the customer's account"), "账号 宽带账号 客户编号 account user user_id customer_id"),
    "informant_name": (
        Words("代报人姓名", "who reports it for the customer"),
        "来单人 报障人 代报人 informant reporter",
    ),
    "informant_phone": (Words("代报人电话", "their number"), "来单人电话 报障人电话 代报人电话 informant_phone"),
    "category": (
        Words("分类：代码或名称", "category: its code or its words"),
        "分类 投诉分类 类别 类型 投诉类型 投诉类别 问题类型 问题分类 category class",
    ),
    "ticket_type": (Words("工单类型", "kind of ticket"), "工单类型 ticket_type kind"),
    "severity": (Words("严重程度", "severity"), "严重程度 severity"),
    "reach": (Words("影响范围", "reach"), "影响范围 影响面 reach"),
    "complexity": (Words("复杂程度", "complexity"), "复杂程度 complexity"),
    "customer_level": (Words("客户级别", "level of the customer"), "客户级别 客户等级 customer_level"),
    "region": (
        Words("地区：行政区划代码或名称", "region: its code or its name"),
        "地区 区域 地市 区县 行政区划 所属地区 所属地市 归属地 城市 region city area",
    ),
    "channel": (Words("来源渠道", "how it came in"), "渠道 受理渠道 来源 投诉渠道 来源渠道 投诉来源 channel source"),
    "owner": (
        Words("首问责任人：用户名、工号或姓名", "first owner: user name, staff number or name"),
        "首问责任人 受理人 owner",
    ),
    "team": (
        Words("现办班组：代码或名称", "the team that has it: its code or its name"),
        "班组 处理班组 责任部门 处理部门 承办部门 承办单位 team",
    ),
    "handler": (
        Words("处理人：用户名、工号或姓名", "handler: user name, staff number or name"),
        "处理人 经办人 承办人 处理人员 handler assignee",
    ),
    "stage": (
        Words("所处环节", "how far it has come"),
        "环节 状态 工单状态 处理状态 当前环节 当前状态 stage status state",
    ),
    "standing": (Words("办理中、待用户或挂起", "running, waiting or held"), "挂起状态 standing"),
    "pause": (Words("待用户或挂起的事由", "why it waits or is held"), "挂起原因 pause"),
    "transfers": (Words("已转派次数", "how often it was transferred"), "转派次数 transfers"),
}


# The same for what is known of customers; several columns may mean one thing, as a modem and a router are devices.
KNOWN_FIELDS: dict[str, tuple[Words, str]] = {
    "phone": FIELDS["phone"],
    "account": (
        Words("客户账号；仅用于没有电话的客户", "the customer's account, for who has no phone number here"),
        FIELDS["account"][1],
    ),
    "service": (
        Words("业务：套餐、宽带、专线", "services: package, broadband, line"),
        "业务 套餐 产品 宽带 业务套餐 套餐名称 产品名称 service package plan product broadband",
    ),
    "device": (
        Words("终端：光猫、路由器、手机", "devices: modem, router, handset"),
        "终端 设备 光猫 路由器 机顶盒 终端型号 设备型号 device router modem terminal",
    ),
    "bill": (
        Words("账单：金额、账期、欠费", "bills: amount, month, what is owed"),
        "账单 账单金额 月账单 费用 欠费 bill invoice arrears",
    ),
    "care": (
        Words("服务提示：如何对待客户", "care: how they are to be treated"),
        "服务提示 关怀 服务关怀 客户关怀 care",
    ),
    "remark": (Words("备注", "remark"), "备注 说明 remark note"),
    "source": (Words("信息来源，例如营账系统", "where it is known from"), "来源 信息来源 数据来源 source known_from"),
    "as_of": (
        Words("截至哪一天（年在前）", "as of which day, year first"),
        "截至 截至日期 数据日期 账期 日期 as_of date",
    ),
}


def plain_heading(name: str) -> str:
    """A heading without what tells none from another."""
    return re.sub(r"[（(](必填|选填|required|optional)[）)]|[\s_\-:：*]", "", name.casefold())


def heading_for(field: str, fields: Mapping[str, tuple[Words, str]] = FIELDS) -> str:
    """A heading, in the language of the reader, that says by itself that it means this field."""
    if field not in fields:
        return field
    known = fields[field][1].split()
    english = [one for one in known if one.isascii()]
    chinese = [one for one in known if not one.isascii()]
    return (english if (get_language() or "").startswith("en") else chinese or english)[0]
