"""Names of people: after words that announce one, before a title, and beside a number. All over half-width text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shouwen.language.surnames import COMPOUND_SURNAMES, NO_NAMES, NOT_AT_THE_END, NOT_IN_NAMES, SURNAMES, words

_HAN = "\u4e00-\u9fff"
_NAME = f"(?:{'|'.join(sorted(COMPOUND_SURNAMES))}|[{''.join(sorted(SURNAMES))}])[{_HAN}]{{1,2}}"

# After the first words a name is all but certain; after the others it must also end where a name would.
_SURE = (
    "我叫|名叫|我的名字是|我的名字叫|姓名|机主|户主|户名|联系人|收件人|签收人|申请人|报装人|经办人|投诉人|客户名|用户名|"
    "戶名|聯繫人|聯絡人|機主"
)
_UNSURE = "我是|本人|用户|客户|称呼|租户"
_LINK = "(?:名称|名字)?[ \n]*[:是叫为]?[ \n]*"
_ANNOUNCED = re.compile(f"(?:{_SURE}|{_UNSURE}){_LINK}(?P<name>{_NAME})")
_IS_SURE = re.compile(_SURE)
_WITH_DOT = re.compile(f"(?:{_SURE}|我是){_LINK}(?P<name>[{_HAN}]{{1,8}}(?:[·•・][{_HAN}]{{1,8}})+)")
_ENDS = re.compile(f"[^{_HAN}]|$|的|我|电话|手机|号码|联系|身份|本人|反映|来电|致电|投诉|女|先生|小姐|男|住|家")

_TITLED = re.compile(
    "先生|女士|小姐|太太|师傅|经理|副经理|主任|副主任|老师|阿姨|大爷|大妈|工程师|书记|副书记|局长|科长|副科长|站长|副站长|"
    "队长|副队长|组长|班长|店长|律师|医生"
)
_WORDS_BEFORE = words(
    "关于 对于 由于 至于 等于 鉴于 位于 主任 担任 责任 信任 感谢 谢谢 多谢 致谢 答谢 尽管 不管 主管 保管 监管 城管 "
    "网管 相关 有关 机关 对方 我方 官方 双方 地方 警方 甲方 乙方 提高 保安 公安 治安 账单 订单 工单 名单 现金 押金 "
    "奖金 基金 资金 线路 电路 道路 外包 承包 明白 多钱 块钱"
)
_PREPOSITIONS = frozenset("向于任")

_GAP = "[ \n]*[(:,、/|-]?[ \n]*"
_LABEL = (
    "(?:(?:联系|手机|移动|家庭|固定|座机)*(?:电话|手机|号码|座机|身份证|证件|账号|帐号|宽带|银行卡|卡号|邮箱)"
    "(?:号码|号|件)?[是为]?)?"
)
_BEFORE_NUMBER = re.compile(
    f"(?:^|[^{_HAN}]|联系|机主|户主|姓名|装维|维护|施工|值班|经理|师傅|[找叫是])(?P<name>{_NAME})"
    f"[ \n]*(?:的|本人|[(,、 ]*[男女])?{_GAP}{_LABEL}{_GAP}$"
)
_AFTER_NUMBER = re.compile(
    f"{_GAP}(?:机主|户主|户名|姓名|联系人)?[是为叫:]?(?P<name>{_NAME})(?=$|[^{_HAN}]|先生|女士|小姐|收|本人)"
)
_REACH = 24

_NOT_A_NAME = (
    "not|no|on|in|the|a|an|listed|under|being|spelled|misspelled|wrong|correct|incorrect|associated|attached|and|is|was|now|still|"
    "never|only|also|but|to|of|my|your|it|that|this|with|for|at|by|or|so|as|if|i|we|please|used|required|unknown|missing|changed|"
    "have|has|had|am|are|will|would|can|from|live|lives|call|calling|i'm|i've|i'll|you|they|he|she|because|when|since"
)
_WORD = rf"(?!(?:{_NOT_A_NAME})\b)[a-z][a-z'’-]+"
_MY_NAME = re.compile(
    rf"my (?:full |first |last )?name(?:'s|’s| is)[ :]+(?P<name>{_WORD}(?: +{_WORD}){{0,2}})", re.IGNORECASE
)
_PROPER = r"[A-Z][A-Za-z'’-]*[a-z]"
_TITLED_ENGLISH = re.compile(
    rf"\b(?:Mrs?|Ms|Dr|[Nn]ame ?:|[Aa]ccount [Hh]older(?: is|:)|[Ss]ubscriber(?: is|:))\.? +"
    rf"(?P<name>{_PROPER}(?: +(?:[A-Z]\.|{_PROPER})){{0,2}})"
)


def announced_names(text: str) -> Iterator[tuple[int, int]]:
    """Where names stand that the words before them announce, or a title behind them."""
    for found in _WITH_DOT.finditer(text):
        yield found.span("name")
    for found in _ANNOUNCED.finditer(text):
        strict = _IS_SURE.match(text, found.start()) is None
        end = _name_end(text, *found.span("name"), strict=strict)
        if end:
            yield found.start("name"), end
    yield from _titled_names(text)


def english_names(text: str) -> Iterator[tuple[int, int]]:
    """Where English names stand that a phrase or a title announces."""
    for pattern in (_MY_NAME, _TITLED_ENGLISH):
        for found in pattern.finditer(text):
            yield found.span("name")


def names_beside(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where names stand just before or just after the number at `start:end`."""
    window = max(0, start - _REACH)
    before = _BEFORE_NUMBER.search(text[window:start])
    if before and _is_whole(before.string, *before.span("name")):
        yield window + before.start("name"), window + before.end("name")
    after = _AFTER_NUMBER.match(text, end, min(end + _REACH, len(text)))
    if after and _is_whole(text, *after.span("name")):
        yield after.span("name")


def _is_whole(text: str, start: int, end: int) -> bool:
    return _name_end(text, start, end, strict=False) == end


def _name_end(text: str, start: int, end: int, *, strict: bool) -> int | None:
    """Where the name that begins at `start` ends, or None when it is no name after all."""
    if text[start : start + 2] in NO_NAMES:
        return None
    given = start + (2 if text[start : start + 2] in COMPOUND_SURNAMES else 1)
    end = next((at for at in range(given, end) if text[at] in (NOT_AT_THE_END if at > given else NOT_IN_NAMES)), end)
    ended = next((shorter for shorter in range(end, given, -1) if _ENDS.match(text, shorter)), None)
    if strict or end == given:
        return ended
    return ended or end


def _titled_names(text: str) -> Iterator[tuple[int, int]]:
    """张先生, 王小明女士, 欧阳老师: the surname or the whole name, with its title."""
    for title in _TITLED.finditer(text):
        start = _titled_start(text, title.start())
        if start is not None:
            yield start, title.end()


def _titled_start(text: str, at: int) -> int | None:
    if text[max(0, at - 2) : at] in COMPOUND_SURNAMES:
        return at - 2
    whole = next((at - length for length in (3, 2) if at >= length and _whole_name(text, at - length, at)), None)
    if whole is not None:
        return whole
    two = text[max(0, at - 2) : at]
    if two[-1:] not in SURNAMES or two[-1] == "向" or two in _WORDS_BEFORE or two in NO_NAMES:
        return None
    return at - 1


def _whole_name(text: str, start: int, end: int) -> bool:
    """True for a surname with a given name, when nothing speaks against it."""
    if text[start] not in SURNAMES or text[start] in _PREPOSITIONS or text[start : start + 2] in NO_NAMES:
        return False
    word_before = text[max(0, start - 1) : start + 1]
    if word_before in _WORDS_BEFORE or word_before in NO_NAMES:
        return False
    return all("\u4e00" <= c <= "\u9fff" and c not in NOT_IN_NAMES for c in text[start + 1 : end])
