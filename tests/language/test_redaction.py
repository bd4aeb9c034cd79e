"""Identifiers leave free text before it enters the history, and come back only with a reason."""

import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwen.handbook.numbers import UNMISTAKABLE, make_number
from shouwen.language.identifiers import id_card_checks, luhn_checks
from shouwen.language.redaction import TOKEN, find_identifiers, mask_tokens, redact, restore, tokens_in

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class Vault:
    """Hands out tokens as the real one does, and remembers what they stand for."""

    def __init__(self):
        self.values = {}

    def __call__(self, found):
        n = len(self.values)
        token = "".join(UNMISTAKABLE[n // 30**place % 30] for place in range(8))
        self.values[token] = found.value
        return token


def shown(text, known=()):
    """The redacted text with just the kinds: 我叫⟦name⟧."""
    return re.sub(r"⟦(\w+):\w{8}⟧", r"⟦\1⟧", redact(text, Vault(), known=known))


@pytest.mark.parametrize("number", ["07700 900123", "07700900123", "020 7946 0123", "0161 496 0000", "(0161) 496 0000"])
def test_a_number_as_it_is_written_in_britain_is_found(number):
    assert shown(f"Please ring {number} after five.") == "Please ring ⟦phone⟧ after five."


@pytest.mark.parametrize("text", ["paid 0.1234 567890 units", "order 01234567890", "on 01-02-2026", "batch 0123 456"])
def test_other_numbers_that_begin_with_a_nought_stay(text):
    assert shown(text) == text


def id_card_with_check(seventeen):
    weighed = sum(int(digit) * weight for digit, weight in zip(seventeen, ID_WEIGHTS, strict=True))
    return seventeen + "10X98765432"[weighed % 11]


def card_with_check(digits):
    return next(digits + last for last in "0123456789" if luhn_checks(digits + last))


NINE_DIGITS = st.text("0123456789", min_size=9, max_size=9)
MOBILES = st.builds(lambda second, rest: f"1{second}{rest}", st.sampled_from("3456789"), NINE_DIGITS)
ID_CARDS = st.builds(
    lambda region, born, order: id_card_with_check(f"{region}{born:%Y%m%d}{order:03}"),
    st.sampled_from(["110105", "340104", "440305", "650102"]),
    st.dates(min_value=date(1920, 1, 1), max_value=date(2026, 1, 1)),
    st.integers(0, 999),
)
BANK_CARDS = st.builds(
    lambda issuer, rest: card_with_check(issuer + rest), st.sampled_from(["621700", "622848", "436742"]), NINE_DIGITS
)
LANDLINES = st.builds(
    lambda area, first, rest: f"{area}-{first}{rest[:7]}",
    st.sampled_from(["010", "0551", "021"]),
    st.sampled_from("2345678"),
    NINE_DIGITS,
)
EMAILS = st.from_regex(r"[a-z][a-z0-9]{2,10}@[a-z]{3,8}\.(com|cn)", fullmatch=True)
TICKETS = st.builds(make_number, st.just("AH"), st.binary(min_size=8, max_size=8))
PROSE = st.text(st.sampled_from("我的宽带断网了请尽快处理，。！？ 手机信号不好abc\n（）"), max_size=12)
ANY_TEXT = st.text() | st.lists(
    st.sampled_from(
        [
            "我叫张三",
            "13800138000",
            " ",
            "⟦phone:23456789⟧",
            "⟦",
            "⟧",
            "phone:",
            "身份证11010519491231002X",
            "，",
            "王女士",
            "ａ",
            "İ",
        ]
    )
).map("".join)


# Laws.


@pytest.mark.clause("T1.3b")
@given(ANY_TEXT)
def test_restoring_what_was_redacted_gives_the_text_back(text):
    vault = Vault()

    assert restore(redact(text, vault), vault.values) == text


@pytest.mark.clause("T1.3b")
@given(st.lists(st.tuples(PROSE, MOBILES | ID_CARDS | BANK_CARDS | LANDLINES | EMAILS), min_size=1, max_size=4), PROSE)
def test_no_identifier_stays_readable_whatever_stands_around_it(parts, end):
    text = "，".join(prose + " " + value for prose, value in parts) + "，" + end
    left = TOKEN.sub("", redact(text, Vault()))

    for _, value in parts:
        assert value not in left
        assert not re.search("[0-9]{4}", left)


@pytest.mark.clause("T1.3b")
@given(
    PROSE, MOBILES, st.sampled_from([(3, 7), (3, 6), (4, 7), (5,), (7,), (3,)]), st.sampled_from(" -·.\u3000—"), PROSE
)
def test_a_mobile_number_is_found_in_any_grouping(before, mobile, cuts, gap, after):
    written = gap.join(mobile[a:b] for a, b in zip((0, *cuts), (*cuts, 11), strict=True))
    full_width = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in written)

    for typed in (written, full_width, f"+86 {written}", f"0086{written}"):
        found = find_identifiers(f"{before}，{typed}，{after}")
        assert [(one.kind, one.value) for one in found if one.kind != "name"] == [("phone", typed)]


@given(TICKETS, PROSE)
def test_a_ticket_number_is_nobodys_identifier(number, prose):
    for typed in (number, number.replace("-", ""), number.lower()):
        assert typed in redact(f"工单{typed}，{prose}", Vault())


@given(ANY_TEXT)
def test_what_is_found_is_in_order_apart_and_named_by_its_own_characters(text):
    found = find_identifiers(text)

    assert all(text[one.start : one.end] == one.value for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


# Examples.


@pytest.mark.clause("T1.3b")
@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        # mobile numbers
        ("我的手机13800138000没信号", "我的手机⟦phone⟧没信号"),
        ("回电１３８－００１３－８０００", "回电⟦phone⟧"),
        ("(+86)138 0013 8000", "⟦phone⟧"),
        ("1 3 8 0 0 1 3 8 0 0 0", "⟦phone⟧"),
        ("一三八零零一三八零零零是我的号", "⟦phone⟧是我的号"),
        ("13800138000/13900139000，13700137000", "⟦phone⟧/⟦phone⟧，⟦phone⟧"),
        ("8613800138000", "⟦phone⟧"),
        ("tel:13800138000", "tel:⟦phone⟧"),
        # landlines
        ("0551-62812345转8001", "⟦phone⟧"),
        ("电话(010)6281-2345", "电话⟦phone⟧"),
        ("座机62812345没声音", "座机⟦phone⟧没声音"),
        ("+86 551 62812345", "⟦phone⟧"),
        # foreign numbers
        ("call me at (202) 555-0143", "call me at ⟦phone⟧"),
        ("my phone is 2025550143.", "my phone is ⟦phone⟧."),
        ("+44 20 7946 0958", "⟦phone⟧"),
        # identity cards and other papers
        ("身份证11010519491231002X办理", "身份证⟦id_card⟧办理"),
        ("110105 19491231 002X", "⟦id_card⟧"),
        ("写错一位也是人：110105194912310021", "写错一位也是人：⟦id_card⟧"),
        ("护照号E12345678", "护照号⟦id_card⟧"),
        # bank cards
        ("6222020200000000006扣款", "⟦bank_card⟧扣款"),
        ("6222 0202 0000 0000 006", "⟦bank_card⟧"),
        ("银行卡号：6217001234567890123", "银行卡号：⟦bank_card⟧"),
        # accounts
        ("宽带账号：ah0551883321 断网", "宽带账号：⟦account⟧ 断网"),
        ("宽带号0551883321断网", "宽带号⟦account⟧断网"),
        ("客户编号 8798212345", "客户编号 ⟦account⟧"),
        ("Account number 8798212345 was charged", "Account number ⟦account⟧ was charged"),
        ("IMEI 863456789012345", "IMEI ⟦account⟧"),
        ("加我微信号：abc_xyz", "加我微信号：⟦account⟧"),
        ("QQ12345678", "QQ⟦account⟧"),
        # others
        ("写信到Some.One+x@example.com。", "写信到⟦email⟧。"),
        ("车牌皖A12345和皖AD12345", "车牌⟦plate⟧和⟦plate⟧"),
        ("公网IP地址36.112.4.7不通", "公网IP地址⟦ip⟧不通"),
    ],
)
def test_numbers_that_identify_somebody_are_taken_out(text, redacted):
    assert shown(text) == redacted


@pytest.mark.clause("T1.3b")
@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("我叫张三，家里断网", "我叫⟦name⟧，家里断网"),
        ("我是李明我家宽带坏了", "我是⟦name⟧我家宽带坏了"),
        ("用户王小明反映没信号", "用户⟦name⟧反映没信号"),
        ("机主欧阳修来电", "机主⟦name⟧来电"),
        ("户主姓名：赵六", "户主姓名：⟦name⟧"),
        ("户名王家伟的宽带", "户名⟦name⟧的宽带"),
        ("联系人：买买提·艾力", "联系人：⟦name⟧"),
        ("张先生和李女士都来过", "⟦name⟧和⟦name⟧都来过"),
        ("向李女士道歉，关于王小明先生的工单", "向⟦name⟧道歉，关于⟦name⟧的工单"),
        ("感谢彭敏老师，装机师傅李师傅没来", "感谢⟦name⟧，装机师傅⟦name⟧没来"),
        ("司马女士", "⟦name⟧"),
        ("张三13800138000，李四 13900139000", "⟦name⟧⟦phone⟧，⟦name⟧ ⟦phone⟧"),
        ("李梅（女，13800138000）", "⟦name⟧（女，⟦phone⟧）"),
        ("请打13800138000（张三）", "请打⟦phone⟧（⟦name⟧）"),
        ("王芳 联系电话：13800138000", "⟦name⟧ 联系电话：⟦phone⟧"),
        ("My name is John Smith and I pay too much", "My name is ⟦name⟧ and I pay too much"),
        ("my name is john smith.", "my name is ⟦name⟧."),
        ("Ask Mr. Brown, name: Mary Ann Jones", "Ask Mr. ⟦name⟧, name: ⟦name⟧"),
    ],
)
def test_names_that_are_announced_titled_or_beside_a_number_are_taken_out(text, redacted):
    assert shown(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "月租199元，500M宽带只有20M，流量20480MB，扣了12345.67元",
        "2026-03-02 10:30办理，2026年3月2日生效，20260302到期，10:30-11:30上门",
        "套餐5G畅享128元，王卡，大王卡，全家享199",
        "订单号20260302123456789012，流水号：6222020200000000006",
        "请拨10086、12315、12381或400-810-8888",
        "账号100元都扣了，账号2019年3月被盗，账户20190228被停",
        "长江西路基站和黄山路88号营业厅，3栋5户都断网，合肥市蜀山区没信号，机房12号柜，会议室",
        "登录192.168.1.1，版本4.1.0.2，DNS 114.114.114.114",
        "机主本人要求，联系人电话，户名不对，用户于昨天致电，用户于2026年3月",
        "我是高级用户，我是黄山的，我是万达广场商户，机主关机，联系人方便",
        "项目经理没来，客户经理没来，班主任，保安大爷，先生您好，小姐姐，宽带师傅",
        "关于关机的问题，向书记反映，情况先生不知道",
        "我的号码是138****8000",
        "0.13800138000",
        "my name is not on the bill and my name is misspelled",
        "I pay $75.99 a month for 300Mbps since 2015-12-06, ticket 250635",
        "",
        "⟦",
    ],
)
def test_amounts_dates_speeds_plans_and_ordinary_words_stay(text):
    assert redact(text, Vault()) == text


@pytest.mark.clause("T1.3b")
@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("长江西路 88 号天鹅湖花园 12 栋 1203 室断网", "长江西路 ⟦address⟧断网"),
        ("住幸福路12号3栋2单元502室", "住幸福路⟦address⟧"),
        ("天鹅湖花园１２幢１２０３室", "天鹅湖花园⟦address⟧"),
    ],
)
def test_a_door_with_building_and_room_is_taken_out_and_the_road_stays_because_cells_are_named_after_roads(
    text, redacted
):
    assert shown(text) == redacted


@pytest.mark.clause("T1.3b")
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("我家在安徽省合肥市长江西路88号，断网", "我家在⟦address⟧，断网"),
        ("我家长江西路 ８８ 号断网", "我家⟦address⟧断网"),
        ("长江西路断网", "长江西路断网"),
        ("西路88号断网", "西路88号断网"),
    ],
)
def test_a_known_address_or_its_end_is_found_whatever_blanks_and_widths_it_is_written_with(text, left):
    redacted = redact(text, Vault(), addresses=["安徽省合肥市长江西路88号", "合肥市"])

    assert re.sub(r"⟦(\w+):\w{8}⟧", r"⟦\1⟧", redacted) == left


@pytest.mark.clause("T1.3b")
def test_a_district_given_as_an_address_hides_only_itself_and_not_what_ends_like_it():
    redacted = redact("住蜀山区天鹅湖花园；天鹅湖花园断网", Vault(), addresses=["合肥市蜀山区天鹅湖花园"])

    assert redacted == "住蜀山区天鹅湖花园；天鹅湖花园断网"


@pytest.mark.clause("T1.3b")
def test_what_the_ticket_knows_is_found_without_any_announcement():
    known = ["王芳", "GD-778", "Jo Ann", "", "A"]

    assert shown("王芳说 gd-778 坏了，Jo Ann too, Joanna not", known) == (
        "⟦name⟧说 ⟦account⟧ 坏了，⟦name⟧ too, Joanna not"
    )


@pytest.mark.clause("T1.3b")
def test_a_token_somebody_typed_cannot_reveal_another_persons_value():
    vault = Vault()
    redacted = redact("请看⟦phone:ZZZZZZZZ⟧", vault)

    assert "ZZZZZZZZ" not in redacted
    assert restore(redacted, vault.values | {"ZZZZZZZZ": "13900139000"}) == "请看⟦phone:ZZZZZZZZ⟧"


def test_a_tickets_own_tokens_stay_when_its_text_is_written_again():
    vault = Vault()
    once = redact("我叫张三，13800138000", vault)
    again = redact(f"{once}，改为13900139000", vault, keep=frozenset(vault.values))

    assert again.startswith(once)
    assert restore(again, vault.values) == "我叫张三，13800138000，改为13900139000"


@pytest.mark.clause("T1.3b")
def test_screens_show_masks_and_stars_for_what_was_erased():
    text = "⟦name:23456789⟧，⟦phone:2345678A⟧，⟦phone:2345678B⟧"

    assert (
        mask_tokens(text, {"23456789": "张*", "2345678A": "138****8000", "2345678B": None}) == "张*，138****8000，***"
    )
    assert mask_tokens(text, {}, erased="已删除") == "已删除，已删除，已删除"


def test_tokens_are_listed_once_in_their_order():
    assert tokens_in("⟦phone:2345678A⟧ ⟦name:23456789⟧ ⟦phone:2345678A⟧") == [
        ("phone", "2345678A"),
        ("name", "23456789"),
    ]


def test_a_token_without_a_value_stays_when_text_is_restored():
    assert restore("⟦phone:2345678A⟧", {"2345678A": None}) == "⟦phone:2345678A⟧"


@pytest.mark.parametrize(
    ("number", "right"), [("11010519491231002X", True), ("11010519491231002x", True), ("110105194912310021", False)]
)
def test_the_check_character_of_an_identity_number(number, right):
    assert id_card_checks(number) is right


@pytest.mark.parametrize(
    ("number", "right"), [("4111111111111111", True), ("4111111111111112", False), ("6222020200000000006", True)]
)
def test_the_check_digit_of_a_card(number, right):
    assert luhn_checks(number) is right
