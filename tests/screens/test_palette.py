"""Ctrl+K: tickets, what may be done, pages and colleagues, in one box and by the keyboard alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shouwen.desk.asks import NOUNS
from shouwen.desk.knowing import lines_of
from shouwen.desk.models import SavedView
from shouwen.desk.offers import legal_moves
from shouwen.editions.queries import current_edition, edition
from shouwen.handbook.moves import Move
from shouwen.tickets.queries import history_of, state_of
from tests.cast import Cast
from tests.screens.desk import HTMX, Desk, address, taken_in, text_of
from tests.screens.test_desk_queues import many

pytestmark = pytest.mark.django_db


def asked(desk: Desk, words: str = "", behind: str = "/notices", **given: object) -> HttpResponse:
    """What the palette answers on a page."""
    headers = HTMX | {"HX-Current-URL": f"http://testserver{behind}"}
    return desk.post("/palette", {"q": words, **given}, headers=headers)


def lines(answer: HttpResponse, group: str) -> list[tuple[str, str]]:
    """The lines of a group: where each leads, and what it is called."""
    page = answer.content.decode()
    part = re.search(rf'aria-labelledby="palette-{group}">(.*?)\n</div>', page, re.S)
    found = re.findall(r'href="([^"]+)".*?palette-name">([^<]+)<', part[1], re.S) if part else []
    return [(url.replace("&amp;", "&"), name) for url, name in found]


def test_a_ticket_is_found_by_whatever_somebody_has_of_it(cast: Cast) -> None:
    ticket = taken_in(cast, text="光猫红灯", phone="19900001234")

    for words in (ticket.number, ticket.number[:7], "19900001234", "红灯"):
        assert lines(asked(Desk(cast.agent), words), "tickets") == [(address(ticket), "光猫红灯")]


def test_before_anything_is_typed_there_are_the_tickets_opened_lately(cast: Cast) -> None:
    first, second = taken_in(cast, text="光猫红灯"), taken_in(cast, text="话费多扣", phone="19900005678")
    elsewhere = taken_in(cast, region="341204", phone="19900009999")
    desk = Desk(cast.supervisor)

    answer = asked(desk, recent=[second.number, elsewhere.number, "nonsense", first.number])

    assert [url for url, _ in lines(answer, "tickets")] == [address(second), address(first)]


def test_on_a_ticket_it_offers_what_may_be_done_there_and_nothing_else(cast: Cast) -> None:
    ticket = taken_in(cast)
    state, history, rules = state_of(ticket), history_of(ticket.pk), edition(ticket.edition)
    legal = {address(ticket, move) for move in legal_moves(state, history, rules, cast.actor("agent"))}

    answer = asked(Desk(cast.agent), "note", behind=address(ticket))

    assert lines(answer, "moves") == [(address(ticket, Move.NOTE), "Add a note")]
    assert f'hx-get="{address(ticket, Move.NOTE)}"' in answer.content.decode()
    assert {url for url, _ in lines(asked(Desk(cast.agent), behind=address(ticket)), "moves")} <= legal
    assert lines(asked(Desk(cast.agent), NOUNS[Move.APPROVE], behind=address(ticket)), "moves") == []
    assert lines(asked(Desk(cast.other_agent), "note", behind=address(ticket)), "moves") == []
    assert lines(asked(Desk(cast.agent), "note", behind="/notices"), "moves") == []


@pytest.mark.parametrize("words", ["备注", "bz"])
def test_chinese_words_are_found_by_their_initials_too(cast: Cast, words: str) -> None:
    ticket = taken_in(cast)
    desk = Desk(cast.agent, language="zh-hans")

    assert address(ticket, Move.NOTE) in [url for url, _ in lines(asked(desk, words, behind=address(ticket)), "moves")]


def test_pages_are_those_of_the_person(cast: Cast) -> None:
    agent, administrator = asked(Desk(cast.agent), "over"), asked(Desk(cast.administrator), "admin")

    assert ("/queues/overdue", "Overdue") in lines(agent, "places")
    assert ("/administration", "Administration") in lines(administrator, "places")
    assert lines(asked(Desk(cast.agent), "administration"), "places") == []
    assert lines(asked(Desk(cast.administrator), "overdue"), "places") == []


LINKED = re.compile(r'<a [^>]*?href="(/[^"?#]*)[^"]*"')
EVERYBODY = ["agent", "handler", "supervisor", "manager", "administrator"]


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_page_the_bar_and_the_menus_offer_is_found_and_opens(cast: Cast, who: str) -> None:
    """Because whoever knows Ctrl+K expects of it whatever the menus have."""
    desk = Desk(getattr(cast, who))
    page = desk.get("/notices").content.decode()
    offered = set(LINKED.findall(page.partition('<header class="bar"')[2].partition("</header>")[0]))
    if who == "administrator":
        tiles = desk.get("/administration").content.decode().partition('<div class="tiles">')[2]
        offered |= set(LINKED.findall(tiles.partition("</div>")[0]))

    found = {url.partition("?")[0] for url, _name in lines(asked(desk), "places")}

    assert offered - {"/"} <= found
    assert {url for url in found if desk.get(url, follow=True).status_code != 200} == set()


@pytest.mark.parametrize(
    ("who", "words", "leads"),
    [
        ("agent", "值班", "/duty"),
        ("agent", "zbb", "/duty"),
        ("agent", "duty", "/duty"),
        ("agent", "交接班", "/handovers"),
        ("agent", "jjb", "/handovers"),
        ("agent", "视图", "/views"),
        ("handler", "events", "/events"),
        ("handler", "sj", "/events"),
        ("supervisor", "导入", "/administration/moving-in"),
        ("supervisor", "import", "/administration/moving-in"),
        ("supervisor", "导出", "/queues/all/export"),
        ("supervisor", "在手看板", "/load"),
        ("supervisor", "load board", "/load"),
        ("administrator", "access log", "/access-log"),
        ("administrator", "outbox", "/outbox"),
        ("administrator", "jkmy", "/administration/keys"),
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_page_is_found_by_chinese_english_and_initials(
    cast: Cast, who: str, words: str, leads: str, language: str
) -> None:
    desk = Desk(getattr(cast, who), language=language)

    assert leads in [url for url, _name in lines(asked(desk, words), "places")]


def test_leaving_the_demo_is_found_where_there_is_one(cast: Cast, settings: Any) -> None:
    desk = Desk(cast.administrator)
    for demo in (True, False):
        settings.DEMO = demo
        there = "/administration/first-steps/leaving" in [url for url, _ in lines(asked(desk, "退出演示"), "places")]
        assert there is demo


def test_a_colleague_leads_to_the_open_tickets_in_their_hands(cast: Cast) -> None:
    mine = taken_in(cast)
    desk = Desk(cast.supervisor)

    [(url, name)] = lines(asked(desk, "坐席甲"), "people")

    assert name == "坐席甲"
    assert mine.number in desk.get(url).content.decode()


@pytest.mark.clause("S3.3")
@pytest.mark.parametrize("words", ["派单", "pd"])
def test_what_the_rules_say_is_found_and_leads_to_its_line(cast: Cast, words: str) -> None:
    """Because whoever is asked "how long do we have for that?" has the customer on the line."""
    desk = Desk(cast.agent, language="zh-hans")
    rules = current_edition(timezone.now())
    dispatched = [rule for rule in rules.rules if "派单" in rule.name.spoken("zh-hans")]

    found = lines(asked(desk, words), "knowledge")

    assert dispatched
    for rule in dispatched:
        assert (f"/rules/appendices/time-limits#{rule.id}", rule.name.spoken("zh-hans")) in found
        assert f'id="{rule.id}"' in desk.get("/rules/appendices/time-limits").content.decode()


@pytest.mark.clause("S2.1b")
def test_guides_and_appendices_are_found_as_well(cast: Cast) -> None:
    desk = Desk(cast.agent)

    for words, leads in (("Time limits", "/rules/appendices/time-limits"), ("broadband", "/portal/guides/")):
        [url, *_] = [url for url, _ in lines(asked(desk, words), "knowledge") if url.startswith(leads)]
        assert desk.get(url.partition("#")[0]).status_code == 200


@pytest.mark.clause("S3.3")
def test_what_the_rules_say_is_found_by_words_of_its_text_too_and_they_are_marked(cast: Cast) -> None:
    """Because who asks "what stops that clock?" knows the word, not what the limit is called."""
    desk = Desk(cast.agent, language="zh-hans")
    words = "同意"

    answer = asked(desk, words)

    found = lines(answer, "knowledge")
    assert [name for _url, name in found if words in name] == []
    assert found
    assert f"<mark>{words}</mark>" in answer.content.decode()
    for url, _name in found:
        page, _hash, place = url.partition("#")
        content = desk.get(page).content.decode()
        assert not place or f'id="{place}"' in content


def test_what_the_rules_say_is_written_once_for_an_edition(cast: Cast) -> None:
    """Because somebody asks at every key."""
    assert lines_of(current_edition(timezone.now())) is lines_of(current_edition(timezone.now()))


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "光猫"), ("en", "modem")])
def test_a_guide_is_found_by_what_its_steps_say(cast: Cast, language: str, words: str) -> None:
    found = lines(asked(Desk(cast.agent, language=language), words), "knowledge")

    assert any(url.startswith("/portal/guides/") for url, _name in found)


def test_a_category_is_offered_with_its_tickets(cast: Cast) -> None:
    of_it = taken_in(
        cast, text="光猫红灯", category="network.broadband.drops", details={"service_address": "滨湖 1 号"}
    )
    desk = Desk(cast.agent, language="zh-hans")

    answer = asked(desk, "家庭宽带")

    assert [url for url, _name in lines(answer, "categories")] == ["/search?category=network.broadband"]
    assert address(of_it) in [url for url, _name in lines(answer, "tickets")]
    assert lines(asked(Desk(cast.administrator), "家庭宽带"), "categories") == []


def test_words_may_always_be_looked_for_in_full_by_who_sees_tickets(cast: Cast) -> None:
    assert "Look through all tickets" in text_of(asked(Desk(cast.agent), "没有这样的"))
    assert "Look through all tickets" not in text_of(asked(Desk(cast.administrator), "没有这样的"))
    assert "Nothing goes by these words" in text_of(asked(Desk(cast.administrator), "没有这样的"))


@pytest.mark.clause("T1.3b")
def test_what_was_typed_is_kept_nowhere_and_not_said_again(cast: Cast) -> None:
    taken_in(cast, phone="19900001234")

    answer = asked(Desk(cast.agent), "19900001234")

    assert answer["Cache-Control"] == "no-store"
    assert "19900001234" not in answer.content.decode()


def test_the_palette_costs_no_more_however_much_there_is(cast: Cast) -> None:
    ticket, *_ = many(cast, 40, text="基站信号不好")
    desk = Desk(cast.agent)
    asked(desk, "基站", behind=f"/tickets/{ticket}")

    with CaptureQueriesContext(connection) as asked_for:
        assert len(lines(asked(desk, "基站", behind=f"/tickets/{ticket}"), "tickets")) == 8

    assert len(asked_for) <= 16


def test_whoever_is_not_signed_in_has_none(client: object) -> None:
    assert client.post("/palette").status_code == 302  # type: ignore[attr-defined]
    assert 'id="palette"' not in client.get("/accounts/login/").content.decode()  # type: ignore[attr-defined]


def test_a_saved_view_is_a_place_too(cast: Cast) -> None:
    SavedView.objects.create(
        owner=cast.agent,
        name="移动故障",
        queue="my_first_ownership",
        query="ticket_type=fault",
        created_at=timezone.now(),
    )

    [(url, name)] = lines(asked(Desk(cast.agent), "ydgz"), "views")

    assert name == "移动故障"
    assert url.startswith("/queues/my_first_ownership?ticket_type=fault")
    assert lines(asked(Desk(cast.other_agent), "ydgz"), "views") == []


def test_the_box_on_top_of_a_page_finds_the_same_lines_under_ids_of_its_own(cast: Cast) -> None:
    """Because both may stand in one page, and an id names one thing."""
    taken_in(cast, text="光猫红灯")
    desk = Desk(cast.agent)

    below, over = (
        desk.post("/palette", {"q": "红灯"}, headers=HTMX | {"HX-Target": f"{place}-found"}).content.decode()
        for place in ("quick", "palette")
    )

    assert below == re.sub('(id|by|form)="palette-', r'\1="quick-', over)
    assert 'id="quick-tickets-1"' in below
    assert 'form="quick-form"' in below


@pytest.mark.parametrize(("role", "has_it"), [("agent", True), ("supervisor", True), ("administrator", False)])
def test_who_may_not_search_has_no_box_on_top(cast: Cast, role: str, has_it: bool) -> None:
    page = Desk(getattr(cast, role)).get("/notices").content.decode()

    assert ('id="quick"' in page) is has_it
