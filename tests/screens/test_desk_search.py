"""One box finds a number, a phone, a name and words."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shouwen.desk import among, finding
from shouwen.handbook.moves import Move
from shouwen.people.actions import make_person
from shouwen.tickets.models import Ticket
from shouwen.vault import queries
from shouwen.vault.patience import TookTooLong
from tests.cast import Cast
from tests.screens.desk import HTMX, Desk, address, brought_to, taken_in, text_of
from tests.screens.test_desk_queues import many

pytestmark = pytest.mark.django_db
PHONE = "19900001234"


def listed(page: str) -> list[str]:
    """The numbers in a list of what was found, in its order."""
    return re.findall(r'class="found-title" href="/tickets/([^"]+)"', page)


def sent(desk: Desk, typed: str, **filters: object) -> list[str]:
    """The tickets listed for what somebody typed into the box and sent off."""
    answer = desk.post("/search", {"q": typed, **filters})
    return listed(desk.get(answer["Location"]).content.decode())


def typed(desk: Desk, words: str, **filters: object) -> list[str]:
    """The tickets listed while somebody types."""
    answer = desk.post("/search", {"q": words, "typing": "1", **filters}, headers=HTMX)
    return listed(answer.content.decode())


def page_of(desk: Desk, words: str) -> str:
    return desk.get(f"/search?q={words}").content.decode()


def test_a_number_leads_to_its_ticket_however_it_is_typed(cast: Cast) -> None:
    ticket = taken_in(cast)

    for way in (ticket.number, ticket.number.lower().replace("-", " ")):
        assert Desk(cast.agent).post("/search", {"q": way})["Location"] == address(ticket)


def test_the_beginning_of_a_number_finds_it_while_it_is_typed(cast: Cast) -> None:
    ticket = taken_in(cast)
    taken_in(cast, text=f"客户说上次的编号是 {ticket.number[:4]}", phone="19900005678")
    bare = ticket.number.replace("-", "")

    for way in (ticket.number[:6], bare[:6].lower(), bare[2:7].lower(), ticket.number[3:11], ticket.number):
        assert typed(Desk(cast.agent), way)[:1] == [ticket.number]


def test_a_ticket_that_was_moved_in_is_found_by_the_number_its_caller_knows(cast: Cast) -> None:
    """Because nobody tells callers that their complaint has another number since the branch moved."""
    moved, _other = taken_in(cast, origin="TS-2025/00817"), taken_in(cast, phone="19900005678", origin="TS-2025/00818")

    for way in (sent, typed):
        assert way(Desk(cast.agent), "TS-2025/00817") == [moved.number]
    assert sent(Desk(cast.other_agent), "TS-2025/00817") == []  # it is in a region they do not answer for


def test_a_number_with_one_slip_says_what_it_may_have_been_meant_for(cast: Cast) -> None:
    ticket = taken_in(cast)
    desk = Desk(cast.agent)
    swapped = ticket.number[:3] + ticket.number[4] + ticket.number[3] + ticket.number[5:]
    other = "2" if ticket.number[-1] != "2" else "3"

    for slip in {swapped, ticket.number[:-1] + other} - {ticket.number}:
        assert ticket.number in sent(desk, slip)
        assert "one slip away" in page_of(desk, slip)


@pytest.mark.clause("T6.2")
@pytest.mark.parametrize("way", [PHONE, "199 0000 1234", "+86 199-0000-1234"])
def test_a_phone_finds_the_tickets_of_whoever_has_it(cast: Cast, way: str) -> None:
    ticket = taken_in(cast, phone=PHONE)
    taken_in(cast, phone="19900005678")

    assert sent(Desk(cast.agent), way) == [ticket.number]


def test_a_phone_nobody_has_finds_nothing(cast: Cast) -> None:
    taken_in(cast, phone=PHONE)

    assert sent(Desk(cast.agent), "19900005678") == []


@pytest.mark.parametrize(
    ("given", "words"),
    [({"name": "欧阳小红"}, "欧阳小红"), ({"account": "HF 2020-77"}, "hf2020-77"), ({"name": "Ann Lee"}, "ann lee")],
)
def test_whatever_is_kept_of_a_customer_finds_their_tickets_when_it_is_typed_whole(
    cast: Cast, given: dict[str, str], words: str
) -> None:
    ticket = taken_in(cast, **given)
    taken_in(cast, phone="19900005678", name="某客户")

    assert typed(Desk(cast.agent), words) == [ticket.number]


def test_a_phone_beside_words_finds_what_this_customer_said(cast: Cast) -> None:
    drops = taken_in(cast, phone=PHONE, text="宽带掉线")
    taken_in(cast, phone=PHONE, text="话费多扣")
    taken_in(cast, phone="19900005678", text="宽带掉线")

    assert typed(Desk(cast.agent), f"{PHONE} 宽带") == [drops.number]


def test_the_surest_come_first_and_the_newest_among_equals(cast: Cast) -> None:
    """Because whoever types a name means that customer first, and who only says it after."""
    text = taken_in(cast, text="营业厅的李小明态度差，李小明还说不归他管", phone="19900000001", title="态度")
    title = taken_in(cast, text="很不满意", phone="19900000002", title="李小明 态度")
    newer = taken_in(cast, text="又是李小明", phone="19900000003", title="投诉")
    own = taken_in(cast, text="宽带断了", phone="19900000004", name="李小明")

    assert typed(Desk(cast.agent), "李小明") == [own.number, title.number, newer.number, text.number]


@pytest.mark.clause("T1.3b")
@pytest.mark.parametrize("words", [PHONE, "欧阳小红", f"{PHONE} 宽带", "199000"])
def test_what_belongs_to_somebody_stands_in_no_address_and_no_page(cast: Cast, words: str) -> None:
    taken_in(cast, phone=PHONE, name="欧阳小红", text="宽带断了")
    desk = Desk(cast.agent)

    location = desk.post("/search", {"q": words})["Location"]
    typing = desk.post("/search", {"q": words, "typing": "1"}, headers=HTMX)

    assert not set(parse_qs(urlsplit(location).query)) - {"s"}
    for said in (location, typing["HX-Replace-Url"], typing.content.decode(), desk.get(location).content.decode()):
        assert words not in said
    assert "data-keep-search" not in typing.content.decode()


@pytest.mark.clause("T1.3b")
def test_a_phone_somebody_wrote_into_an_address_is_led_to_one_without_it(cast: Cast) -> None:
    ticket = taken_in(cast, phone=PHONE)
    desk = Desk(cast.agent)

    answer = desk.get("/search", {"q": PHONE})

    assert PHONE not in answer["Location"]
    assert listed(desk.get(answer["Location"]).content.decode()) == [ticket.number]


def test_the_address_of_a_search_says_nothing_to_anybody_else(cast: Cast) -> None:
    taken_in(cast, phone=PHONE)
    location = Desk(cast.agent).post("/search", {"q": PHONE})["Location"]

    assert "What are you looking for?" in text_of(Desk(cast.supervisor).get(location))
    for broken in ("x", location.partition("=")[2][:-3], "%E5%AE%BD"):
        assert Desk(cast.agent).get(f"/search?s={broken}").status_code == 200


@pytest.mark.parametrize("callers", ["nobody", "x", "00000000-0000-0000-0000-000000000000"])
def test_an_address_that_names_no_customer_finds_nothing(cast: Cast, callers: str) -> None:
    taken_in(cast)

    assert "Nothing found" in text_of(Desk(cast.agent).get(f"/search?of={callers}"))


def test_a_caller_s_tickets_are_found_only_by_who_may_see_them(cast: Cast) -> None:
    ticket = taken_in(cast, phone=PHONE)

    page = Desk(cast.other_agent).get(f"/search?of={ticket.customer_id}").content.decode()

    assert listed(page) == []
    assert sent(Desk(cast.other_agent), PHONE) == []
    assert typed(Desk(cast.other_agent), ticket.number) == []
    assert typed(Desk(cast.other_agent), ticket.number[:7]) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [("光猫红灯", True), ("红灯 宽带", True), ("红灯 话费", False), ("光", True), ("ONU", True), ("；，", False)],
)
def test_words_find_the_complaints_that_have_all_of_them(cast: Cast, words: str, found: bool) -> None:
    ticket = taken_in(cast, text="家里宽带断了，光猫红灯一直闪，ONU 重启无效")
    taken_in(cast, text="营业厅排队太久", phone="19900005678", category="service.attitude.store")

    assert sent(Desk(cast.agent), words) == ([ticket.number] if found else [])


def test_the_words_that_were_found_are_marked_and_everything_else_is_plain_text(cast: Cast) -> None:
    taken_in(cast, text=f"<b>您好</b>，{'一直等待，' * 12}光猫 &lt;红灯&gt; 闪，请回电 {PHONE}", phone="19900005678")

    page = page_of(Desk(cast.agent), "红灯")

    assert "<mark>红灯</mark>" in page
    assert "&lt;b&gt;您好" in page
    assert "<b>您好" not in page
    assert "⟦" not in page


def test_filters_take_several_values_and_leave_out_the_rest(cast: Cast) -> None:
    weak = taken_in(cast, text="信号不好")
    fault = taken_in(cast, text="信号不好", ticket_type="fault", phone="19900000002")
    elsewhere = taken_in(cast, text="信号不好", region="340204", phone="19900000003")
    taken_in(cast, text="信号不好", ticket_type="enquiry", phone="19900000004")
    desk = Desk(cast.manager)

    assert set(typed(desk, "信号", ticket_type=["complaint", "fault"])) == {
        weak.number,
        fault.number,
        elsewhere.number,
    }
    assert set(typed(desk, "信号", region=["3401"], ticket_type=["complaint"])) == {weak.number}
    assert typed(desk, "信号", ticket_type="nonsense", days="x", person="x").__len__() == 4
    assert set(typed(desk, "", ticket_type="fault")) == {fault.number}


def test_open_finished_mine_and_lately_are_filters_too(cast: Cast) -> None:
    closed = brought_to(cast, Move.CLOSE, text="信号不好")
    mine = taken_in(cast, text="信号不好", phone="19900000002")
    desk = Desk(cast.agent)

    assert typed(desk, "信号", state="finished") == [closed.number]
    assert typed(desk, "信号", state="open") == [mine.number]
    assert typed(desk, "信号", days="1") == []
    assert len(typed(desk, "信号", days="7")) == 2
    assert set(typed(desk, "信号", whose="mine")) == {closed.number, mine.number}
    assert typed(desk, "信号", person=str(cast.handler.pk)) == [closed.number]


def test_a_filter_that_is_set_can_be_taken_off_by_itself(cast: Cast) -> None:
    taken_in(cast, text="信号不好")
    page = Desk(cast.agent).get("/search?q=信号&state=finished&ticket_type=fault").content.decode()
    chips = re.findall(r'class="chip" href="([^"]+)"', page)

    kept = [set(parse_qs(urlsplit(unescape(chip)).query)) for chip in chips]

    assert kept == [{"s", "state"}, {"s", "ticket_type"}]


def test_twenty_a_page_on_and_back_and_beyond_what_is_looked_at_at_once(cast: Cast) -> None:
    numbers = many(cast, 55, text="基站信号不好")
    desk = Desk(cast.agent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finding.window_of, "__kwdefaults__", {"until": None, "most": 30})
        pages, at = [], "/search?q=基站信号"
        while at:
            page = desk.get(at).content.decode()
            pages.append(listed(page))
            further = re.search(r'rel="next" href="([^"]+)"', page)
            at = unescape(further[1]) if further else ""
        earlier = re.search(r'rel="prev" href="([^"]+)"', desk.get(_second(desk)).content.decode())
        assert earlier
        back = listed(desk.get(unescape(earlier[1])).content.decode())

    assert [number for page in pages for number in page] == numbers
    assert max(map(len, pages)) == 20
    assert back == numbers[:20]


def _second(desk: Desk) -> str:
    further = re.search(r'rel="next" href="([^"]+)"', page_of(desk, "基站信号"))
    assert further
    return unescape(further[1])


def test_words_too_rare_for_the_newest_tickets_are_found_by_their_index(cast: Cast) -> None:
    old = taken_in(cast, text="卫星电话打不通")
    many(cast, 3, text="基站信号不好")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(among, "WALKED", 2)
        assert typed(Desk(cast.agent), "卫星电话") == [old.number]


@pytest.mark.parametrize("words", ["基站", "19900000001", "AH-7K3", "欧阳小红 基站 5678"])
def test_a_search_costs_no_more_however_much_it_finds(cast: Cast, words: str) -> None:
    desk = Desk(cast.agent)
    many(cast, 1, text="基站信号不好")
    typed(desk, words)
    with CaptureQueriesContext(connection) as one:
        typed(desk, words)
    many(cast, 60, text="基站信号不好")
    with CaptureQueriesContext(connection) as sixty:
        typed(desk, words)

    assert len(sixty) <= len(one) + 3  # the rows, and whose they are, where nothing was found before
    assert len(sixty) <= 18


def test_nothing_found_says_what_to_do(cast: Cast) -> None:
    assert "use fewer words" in text_of(Desk(cast.agent).get("/search?q=没有这样的话"))
    assert "Type a ticket number" in text_of(Desk(cast.agent).get("/search"))
    assert "one customer" not in text_of(Desk(cast.agent).get("/search"))


def test_what_can_be_typed_is_explained_beside_the_box(cast: Cast) -> None:
    desk = Desk(cast.agent)

    assert "/search/help" in desk.get("/search").content.decode()
    assert "without being read" in text_of(desk.get("/search/help"))
    assert desk.get("/search/help", headers=HTMX).content.decode().lstrip().startswith("<dialog")
    assert "横线" in text_of(Desk(cast.agent, language="zh-hans").get("/search/help"))


@pytest.mark.parametrize(("who", "has_it"), [("agent", True), ("handler", True), ("administrator", False)])
def test_only_who_sees_tickets_is_offered_to_look_for_them(cast: Cast, who: str, has_it: bool) -> None:
    assert ('id="quick"' in Desk(getattr(cast, who)).get("/notices").content.decode()) is has_it


@pytest.mark.clause("T1.3b")
def test_who_sees_nothing_personal_finds_nobody_by_what_is_theirs(cast: Cast) -> None:
    """Because whoever finds a ticket by a number has learnt whose it is."""
    ticket = taken_in(cast, phone=PHONE, name="欧阳小红", text="宽带断了")
    analyst = Desk(make_person("analyst", display_name="分析员", roles=["analyst"], regions=["0"]))

    assert typed(analyst, PHONE) == typed(analyst, "欧阳小红") == []
    assert typed(analyst, "宽带") == [ticket.number]
    assert "199****1234" not in page_of(analyst, "宽带")
    assert "199****1234" in page_of(Desk(cast.agent), "宽带")


@pytest.mark.clause("T6.2")
@pytest.mark.parametrize("way", ["1234", "尾号1234", "****1234", "199****1234", "宽带 1234", "尾号１２３４"])
def test_the_end_of_a_phone_finds_whoever_has_one_like_it(cast: Cast, way: str) -> None:
    ticket = taken_in(cast, phone=PHONE, text="宽带断了")
    taken_in(cast, phone="19912345678", text="宽带断了")

    answer = Desk(cast.agent).post("/search", {"q": way, "typing": "1"}, headers=HTMX)

    assert listed(answer.content.decode()) == [ticket.number]
    assert "data-keep-search" not in answer.content.decode()


@pytest.mark.parametrize("way", ["滨湖小区12栋", "小区 12 栋", "滨湖小", "滨湖小区 宽带"])
def test_a_part_of_an_address_finds_who_lives_there(cast: Cast, way: str) -> None:
    given = {"category": "network.broadband.drops", "text": "宽带断了"}
    ticket = taken_in(cast, details={"service_address": "合肥市滨湖小区 12 栋 301"}, **given)
    taken_in(cast, details={"service_address": "合肥市湖滨路 3 号"}, phone="19900005678", **given)

    assert typed(Desk(cast.agent), way) == [ticket.number]


def test_what_too_many_share_tells_nobody_from_the_rest(cast: Cast) -> None:
    for n in range(3):
        taken_in(cast, phone=f"199{n}0000234", text="宽带断了")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries.subjects_by_part, "__kwdefaults__", {"most": 2})
        assert typed(Desk(cast.agent), "0234") == []


def test_what_was_written_in_the_course_of_the_work_finds_the_ticket(cast: Cast) -> None:
    ticket = taken_in(cast, text="宽带断了")
    taken_in(cast, text="宽带断了", phone="19900005678")
    desk = Desk(cast.agent)
    desk.make(ticket, Move.NOTE, text=f"已联系 {PHONE}，分光器老化待更换")

    answer = desk.post("/search", {"q": "分光器", "typing": "1"}, headers=HTMX).content.decode()

    assert listed(answer) == [ticket.number]
    assert "<mark>分光器</mark>老化" in answer
    assert "In the history:" in answer
    assert PHONE not in answer


def test_what_is_too_common_to_fetch_at_once_is_found_by_looking_further_back(cast: Cast) -> None:
    """Because an answer while somebody types must not wait for a million tickets."""
    old = taken_in(cast, text="卫星电话打不通")
    many(cast, 3, text="基站信号不好")
    desk = Desk(cast.agent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(among, "WALKED", 2)
        patch.setattr(among.Among, "_indexed", _takes_too_long)
        answer = desk.post("/search", {"q": "卫星电话", "typing": "1"}, headers=HTMX).content.decode()
        further = re.search(r'class="btn btn-primary" href="([^"]+)"', answer)
        assert listed(answer) == []
        assert "Not among the newest tickets" in answer
        assert further
        second = desk.get(unescape(further[1])).content.decode()

    assert listed(second) == [old.number]


def _takes_too_long(*_: object) -> None:
    raise TookTooLong


def test_the_patience_with_an_index_leaves_nothing_behind(cast: Cast) -> None:
    taken_in(cast, text="卫星电话打不通")
    typed(Desk(cast.agent), "没有这样的")

    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_a_merged_ticket_is_still_found_by_its_number_and_its_words(cast: Cast) -> None:
    lead, merged = taken_in(cast, text="宽带断了"), taken_in(cast, text="宽带又断了")
    Desk(cast.supervisor).make(merged, Move.MERGE, into=lead.number, reason="同一事")
    assert Ticket.objects.get(pk=merged.pk).stage == "merged"

    assert typed(Desk(cast.agent), merged.number) == [merged.number]
    assert set(typed(Desk(cast.agent), "宽带")) == {lead.number, merged.number}


BROADBAND = {"category": "network.broadband.drops", "details": {"service_address": "滨湖小区 12 栋"}}


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "宽带"), ("zh-hans", "家庭宽带"), ("en", "broadband")])
def test_the_name_of_a_category_finds_its_tickets_and_offers_it_as_a_filter(
    cast: Cast, language: str, words: str
) -> None:
    """Because a kind of complaint is what its readers look for, whatever its callers said."""
    of_it = taken_in(cast, text="光猫红灯，一直连不上", **BROADBAND)
    other = taken_in(cast, text="话费多扣", phone="19900005678")
    desk = Desk(cast.agent, language=language)

    answer = desk.post("/search", {"q": words, "typing": "1"}, headers=HTMX).content.decode()

    assert listed(answer) == [of_it.number]
    offered = re.findall(r'class="chip chip-add" href="([^"]+)"', answer)
    assert of_it.number in [number for url in offered for number in listed(desk.get(unescape(url)).content.decode())]
    assert ("类别：" if language == "zh-hans" else "Category: ") in answer
    assert other.number not in answer


def test_a_category_comes_after_numbers_and_titles_and_before_what_only_a_text_says(cast: Cast) -> None:
    text = taken_in(cast, text="投诉营业员推销家庭宽带，态度很差", title="态度", phone="19900000001")
    of_it = taken_in(cast, text="光猫红灯", phone="19900000002", **BROADBAND)
    title = taken_in(cast, text="不满意", title="家庭宽带退订", phone="19900000003")
    desk = Desk(cast.agent, language="zh-hans")

    assert typed(desk, "家庭宽带") == [title.number, of_it.number, text.number]
    assert typed(desk, of_it.number) == [of_it.number]


def test_a_category_is_gone_on_with_from_where_the_newest_end(cast: Cast) -> None:
    old = taken_in(cast, text="光猫红灯", **BROADBAND)
    many(cast, 3, text="基站信号不好")
    desk = Desk(cast.agent, language="zh-hans")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(among, "WALKED", 2)
        page = page_of(desk, "家庭宽带")
        assert listed(page) == []
        further = re.search(r'href="([^"]*until=[^"]*)"', page)
        assert listed(desk.get(unescape(further[1])).content.decode()) == [old.number]


def test_words_that_many_categories_share_are_no_category(cast: Cast) -> None:
    taken_in(cast, text="光猫红灯", **BROADBAND)

    assert typed(Desk(cast.agent, language="zh-hans"), "不") == []


def test_looking_for_a_category_costs_the_same_however_much_there_is(cast: Cast) -> None:
    desk = Desk(cast.agent, language="zh-hans")
    taken_in(cast, text="光猫红灯", **BROADBAND)
    typed(desk, "家庭宽带")
    with CaptureQueriesContext(connection) as one:
        typed(desk, "家庭宽带")
    for n in range(5):
        taken_in(cast, text="光猫红灯", phone=f"1990000111{n}", **BROADBAND)
    with CaptureQueriesContext(connection) as six:
        typed(desk, "家庭宽带")

    assert len(six) == len(one)
    assert len(six) <= 21


@pytest.mark.parametrize("unseen", ["\x00", "\x1f", "\x7f"], ids=["nul", "separator", "delete"])
def test_a_character_that_shows_nothing_is_looked_past_wherever_somebody_types(cast: Cast, unseen: str) -> None:
    """Because the database keeps none of them: it refuses the question."""
    ticket = taken_in(cast, text="光猫红灯")
    desk, words = Desk(cast.supervisor), f"光猫{unseen}红灯"

    assert typed(desk, words) == sent(desk, words) == [ticket.number]
    answer = desk.post("/palette", {"q": words}, headers=HTMX)
    assert "光猫红灯" in answer.content.decode()
    assert desk.post("/palette", {"q": f"sup{unseen}"}, headers=HTMX).status_code == 200
    assert desk.post("/lookup/people", {"q": f"sup{unseen}"}).json()["found"]
    assert desk.post("/lookup/tickets", {"q": f"{ticket.number}{unseen}"}).json()["found"]


def test_an_address_with_a_nul_in_it_is_a_search_like_any_other(cast: Cast) -> None:
    assert "ab" in page_of(Desk(cast.supervisor), "ab%00cd")
