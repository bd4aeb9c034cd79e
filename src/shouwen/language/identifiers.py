"""The numbers that identify people, as a table of rules over half-width text in lower case.

A rule's pattern says where, its check what else must be true. Rules stand in the order in which they are believed. What
may not stand before a number is asked after its first character, so that the search can leap from candidate to
candidate: three times faster than asking first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from ipaddress import ip_address
from typing import NamedTuple

from phonenumbers import (
    NumberParseException,
    is_possible_number,
    is_valid_number,
    is_valid_number_for_region,
    parse,
)

from shouwen.handbook.numbers import normalise_number


class Rule(NamedTuple):
    """What is found by a pattern: all of it, or its group `value` if it has one."""

    kind: str
    pattern: re.Pattern[str]
    check: Callable[[str], object] = bool


_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_NOT_DIGITS = re.compile("[^0-9]+")
_SEPARATORS = re.compile("[^0-9a-z]+", re.IGNORECASE)
_PROVINCES = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
_DATE = re.compile("(?:19|20)[0-9]{2}[-./]?(?:0?[1-9]|1[0-2])[-./]?(?:0?[1-9]|[12][0-9]|3[01])")
_CARD_ISSUERS = re.compile("62|4|5[1-5]|35[2-8]|3[47]|6011|65|60|68|9558|222[1-9]|22[3-9]|2[3-6]|27[01]|2720")


def id_card_checks(number: str) -> bool:
    """True when the last character of an 18-character identity number is what the others make it."""
    weighed = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return number[17:].upper() == _ID_CHECKS[weighed % 11]


def luhn_checks(digits: str) -> bool:
    """True when the last digit of a card number is what the others make it."""
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def _is_id_card(found: str) -> bool:
    """A region, a real date of birth; written in groups it must check too. A slip of one digit still names somebody."""
    number = _SEPARATORS.sub("", found)
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return _PROVINCES.match(number) is not None and (number == found or id_card_checks(number))


def _is_bank_card(found: str) -> bool:
    digits = _NOT_DIGITS.sub("", found)
    in_groups = all(len(group) >= 3 for group in _SEPARATORS.split(found)[:-1])
    return in_groups and _CARD_ISSUERS.match(digits) is not None and luhn_checks(digits)


def _is_announced_card(found: str) -> bool:
    return 12 <= len(_NOT_DIGITS.sub("", found)) <= 20


def _is_account(found: str) -> bool:
    return sum(map(str.isdigit, found)) >= 4 and _is_no_date(found) and normalise_number(found) is None


def _is_no_date(found: str) -> bool:
    return _DATE.fullmatch(found) is None


def _is_foreign_phone(found: str) -> bool:
    try:
        return is_possible_number(parse(found))
    except NumberParseException:
        return False


def _is_american_phone(found: str) -> bool:
    try:
        number = parse(found, "US")
    except NumberParseException:
        return False
    return is_valid_number_for_region(number, "US") or is_valid_number_for_region(number, "CA")


def _is_british_phone(found: str) -> bool:
    """A mobile's number is one by its length; a landline's only if its area has such numbers."""
    try:
        number = parse(found, "GB")
    except NumberParseException:
        return False
    return is_possible_number(number) if found.startswith("07") else is_valid_number(number)


def _is_public_address(found: str) -> bool:
    try:
        return ip_address(found).is_global
    except ValueError:
        return False


_S = "[ .·\u200b-\u200d\ufeff-]{0,3}"  # what people put between the groups of a number
_S1 = "[ .·\u200b-\u200d\ufeff-]{1,3}"
_LINK = "(?:号码?|码)?[ :#=是为]{0,4}"
_UNITS = "元|块|角|m|g|k|兆|年|月|日|号楼|栋|室|分|秒|%|次|个|天|小时"
_AREA = "(?:10|2[0-57-9]|[3-9][0-9]{2})"
_MOBILE_REST = "|".join(
    (
        f"[0-9]{_S}[0-9]{{4}}{_S}[0-9]{{4}}",
        f"[0-9]{{2}}{_S1}[0-9]{{3}}{_S1}[0-9]{{4}}",
        f"[0-9]{{2}}{_S1}[0-9]{{4}}{_S1}[0-9]{{3}}",
        f"[0-9]{_S1}[0-9]{{3}}{_S1}[0-9]{{5}}",
        f"[0-9]{{3}}{_S1}[0-9]{{6}}",
    )
)
_MOBILE = f"(?:[3-9](?:{_MOBILE_REST})|{_S1}[3-9](?:{_S1}[0-9]){{9}})(?![0-9])"
_SPOKEN = "零〇一幺二三四五六七八九"
_PLATES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_ACCOUNT_CUE = (
    "宽带账号|宽带帐号|宽带号码|宽带编号|宽带号|账号|帐号|账户|帐户|户号|客户编号|客户号|客户id|用户编号|用户号|用户id|会员号|会员编号|"
    "合同编号|合同号|设备编号|设备号|业务号码?|服务号码|固话号|缴费号|qq号?|微信号?|iccid|imei|imsi|meid|串号|序列号|"
    "account|acct|subscriber|customer|user ?id|user ?name"
)


def _rule(kind: str, pattern: str, check: Callable[[str], object] = bool) -> Rule:
    return Rule(kind, re.compile(pattern), check)


WITHOUT_DIGITS = (
    _rule("email", r"[a-z0-9](?<![a-z0-9._%+-].)[a-z0-9._%+-]{0,63}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,24}"),
    _rule("account", "(?:微信|微信号|qq|qq号)[ :是为]{1,3}(?P<value>[a-z][a-z0-9_-]{5,19})(?![a-z0-9_-])"),
    _rule("phone", f"[一幺][三四五六七八九](?<![{_SPOKEN}]..)[{_SPOKEN}]{{9}}(?![{_SPOKEN}])"),
)
WITH_DIGITS = (
    _rule(
        "id_card",
        f"[1-9](?<![0-9].)[0-9]{{5}}{_S}(?:18|19|20)[0-9]{{2}}{_S}[01][0-9]{_S}[0-3][0-9]{_S}[0-9]{{3}}[ -]?[0-9x]"
        "(?![0-9a-z])",
        _is_id_card,
    ),
    _rule("phone", rf"[+(08](?<![0-9].)(?:(?<=8)6|(?<=\()\+?86|(?<=[+0])0?86)\)?{_S}1{_MOBILE}"),
    _rule("phone", rf"1(?<![0-9].)(?<![0-9]\..){_MOBILE}"),
    _rule(
        "phone",
        rf"[+(0](?<![0-9].)(?:0?86{_S}\(?0?|0)?{_AREA}\)?{_S}[2-8][0-9]{{2,3}}[ -]?[0-9]{{4}}"
        rf"(?:{_S}(?:转|分机|ext\.?|x){_S}[0-9]{{1,6}})?(?![0-9])",
    ),
    _rule("plate", f"[{_PLATES}][a-hj-np-z][ ·.•-]?(?=[a-z]*[0-9][a-z]*[0-9])[a-hj-np-z0-9]{{5,6}}(?![a-z0-9])"),
    _rule(
        "bank_card",
        "[2-69](?<![0-9.].)(?<!单号.)(?<!单号:.)(?<!单号是.)(?<!流水号.)(?<!流水号:.)[0-9](?:[ -]?[0-9]){13,17}"
        "(?![0-9])",
        _is_bank_card,
    ),
    _rule("phone", r"\+(?<![0-9].)[1-9][0-9 ().-]{6,18}[0-9](?![0-9])", _is_foreign_phone),
    _rule(
        "phone",
        r"[1-9+(](?<![0-9a-z.+-].)(?:(?:(?<=\+)1|(?<=1))[ .-]?\(?)?(?:[2-9][0-9]{2}|(?<=[2-9])[0-9]{2})"
        r"(?:\)[ .-]?|[ .-])[2-9][0-9]{2}[ .-]?[0-9]{4}(?![0-9])",
        _is_american_phone,
    ),
    _rule(
        "phone",
        r"[(0](?<![0-9.].)(?:(?<=\()0)?(?:7[1-9][0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{3}"
        r"|[123][0-9]{1,4}\)?[ -][0-9]{3,6}(?:[ -][0-9]{3,4})?)(?![0-9-])",
        _is_british_phone,
    ),
    _rule(
        "account",
        f"(?:{_ACCOUNT_CUE})(?:[. ]*(?:number|num|no|id)\\b)?{_LINK}(?P<value>[a-z0-9][a-z0-9@._-]{{3,40}}[a-z0-9])"
        f"(?![a-z0-9@_]|[.-][a-z0-9]| *(?:{_UNITS}))",
        _is_account,
    ),
    _rule(
        "phone",
        "(?:phone|call|cell|mobile|tel|number|contact|reach|text me|me at|me on)[a-z ]{0,15}[ .:#]{1,3}"
        "(?P<value>1?[2-9][0-9]{2}[2-9][0-9]{6})(?![0-9])",
        _is_american_phone,
    ),
    _rule(
        "phone",
        f"(?:电话|座机|固话|联系方式|号码|tel){_LINK}(?P<value>[2-8][0-9]{{2,3}}[ -]?[0-9]{{4}})"
        f"(?![0-9-]| *(?:{_UNITS}))",
        _is_no_date,
    ),
    _rule(
        "bank_card",
        f"(?:银行卡|储蓄卡|信用卡|借记卡|卡号|card number)(?:卡号)?{_LINK}(?P<value>[0-9][0-9 -]{{10,24}}[0-9])"
        "(?![0-9])",
        _is_announced_card,
    ),
    _rule(
        "id_card",
        "(?:身份证|护照|通行证|军官证|居住证|证件|执照|passport)(?:件?号码?|编号| number| no)?[ .:#=是为]{0,4}"
        "(?P<value>[a-z]{0,3}[0-9]{6,18}[0-9x]?)(?![0-9a-z])",
        _is_no_date,
    ),
    _rule(
        "ip",
        r"ip(?:v4)?(?:地址| address)?[ :是为]{0,4}(?P<value>[0-9]{1,3}(?:\.[0-9]{1,3}){3})(?![0-9.])",
        _is_public_address,
    ),
)

_TICKET = re.compile("[a-z](?<![0-9a-z-].)[a-z0-9]{1,3}(?:-?[2-9a-z]{5}){2}-?[2-9a-z](?![0-9a-z-])")
_ENOUGH_DIGITS = re.compile("[0-9](?:[^0-9]{0,3}[0-9]){3}")
_WORTH_A_LOOK = re.compile("[0-9@一幺]|微信|qq")


def numbers_in(low: str, free: Callable[[int, int], bool]) -> Iterator[tuple[str, int, int]]:
    """Every (kind, start, end) a rule finds where the text is still `free`, the surest rule first."""
    rules = WITHOUT_DIGITS if _WORTH_A_LOOK.search(low) else ()
    if _ENOUGH_DIGITS.search(low):
        rules += WITH_DIGITS
    for kind, pattern, check in rules:
        for found in pattern.finditer(low):
            group = "value" if pattern.groups else 0
            if free(*found.span(group)) and check(found[group]):
                yield kind, *found.span(group)


def ticket_numbers_in(low: str) -> Iterator[tuple[int, int]]:
    """Where our own ticket numbers stand: they identify no person."""
    return (found.span() for found in _TICKET.finditer(low) if normalise_number(found[0]))
