"""The page of a ticket: what it shows, to whom, at what cost, and why a clock is due when it is."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shouwen.customers.access import check_slip
from shouwen.customers.actions import erase_customer
from shouwen.customers.models import AccessCode
from shouwen.desk.telling import FACTS, Teller
from shouwen.editions.queries import edition
from shouwen.handbook.facts import in_words
from shouwen.handbook.history import STATE_FIELDS, Happening, What
from shouwen.handbook.moves import Move
from shouwen.people.names import names_in
from shouwen.service_levels.models import Clock
from shouwen.service_levels.sweep import sweep
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.queries import history_of
from shouwen.vault.models import AccessLog
from tests.cast import Cast, record_evidence, walk
from tests.screens.desk import HTMX, Desk, address, ahead, brought_to, taken_in, text_of

pytestmark = pytest.mark.django_db
CODE = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")  # customer_told: a code that slipped through


def value_address(ticket: Ticket, token: str) -> str:
    return f"{address(ticket)}/values/{token}"


@pytest.mark.clause("H5.3.1")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_whole_history_reads_like_a_story_without_a_code_in_it(cast: Cast, language: str) -> None:
    ticket = walk(cast, taken_in(cast, received_at=timezone.now() - timedelta(days=400)), until=Move.ARCHIVE, hours=0.1)
    page = Desk(cast.supervisor, language=language).open(ticket)
    history = page.content.decode().partition('id="history"')[2]
    said = re.sub(r"<[^>]+>", " ", history)

    assert not CODE.search(said)
    assert "{" not in said
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", said)  # nobody is an id
    assert ("已反馈客户" if language == "zh-hans" else "Customer told") in said
    assert "通话录音编号 20260305-11" in said
    assert "处理甲" in said


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_happening_can_be_told(cast: Cast, language: str) -> None:
    """Because a row nobody can read is no proof of anything."""
    from django.utils.translation import override

    ticket = taken_in(cast)
    now = timezone.now().isoformat()
    facts = {
        "team": "billing",
        "handler": str(cast.handler.pk),
        "via": "phone",
        "cause": "technical",
        "pause": "force_majeure",
        "mark": "mistaken",
        "ground": "no_facts",
        "item": "cell_data",
        "rule": edition(ticket.edition).rules[0].id,
        "due_at": now,
        "until": now,
        "expected_at": now,
        "told": [f"person:{cast.agent.pk}", "team:billing"],
        "result": 1,
        "satisfied": False,
        "compensation": "20.00",
        "why": [{"zh": "就近", "en": "nearest"}],
        "reason": "说明",
    }
    rows = [Happening(n, what, timezone.now(), facts, "system") for n, what in enumerate(What, start=2)]
    with override(language):
        told = Teller(edition(ticket.edition), names_in(rows)).tell(rows)

    assert len(told) == len(What)
    for row in told:
        words = " ".join(f"{label} {value}" for label, value in row.lines)
        assert not CODE.search(words), words
        assert ("Satisfied no" if language == "en" else "是否满意 否") in words


def test_facts_that_can_be_told_are_no_inventions() -> None:
    stated = STATE_FIELDS | {ask.name for asks in _asks().values() for ask in asks}
    by_the_desk = {"priority_why", "why", "told", "origin", "informed", "handed_over"} | {
        "broadcast",
        "child",
        "concludes",
        "corrects",
        "called",
        "calls",
        "digest",
        "former",
        "former_event",
        "held",
        "media",
        "macro",
        "mentioned",
        "merged",
        "nps",
        "size",
        "solved",
        "split_from",
        "split_off",
    }

    assert set(FACTS) <= stated | by_the_desk


@pytest.mark.clause("T6.2")
def test_every_answer_typed_into_a_move_is_cleaned_and_every_choice_is_left_alone() -> None:
    asks = [ask for asks in _asks().values() for ask in asks]

    assert {ask.name for ask in asks if ask.kind in ("words", "line")} == {
        ask.name for ask in asks if in_words(ask.name)
    }
    assert not any(in_words(name) for name in STATE_FIELDS - {"title", "description"})


def _asks() -> dict:
    from shouwen.desk.asks import ASKS

    return ASKS


@pytest.mark.clause("M6.3")
def test_a_row_that_was_altered_is_shown_as_what_it_is(cast: Cast) -> None:
    ticket = brought_to(cast, Move.ASSESS)
    desk = Desk(cast.agent)
    assert "not what was written down" not in text_of(desk.open(ticket))
    event = TicketEvent.objects.filter(ticket_id=ticket.pk).order_by("seq")[0]
    TicketEvent.objects.filter(ticket_id=ticket.pk, seq=event.seq).update(facts={**event.facts, "channel": "app"})

    assert text_of(desk.open(ticket)).count("This row is not what was written down.") == 1


def test_what_was_entered_later_says_when_it_was(cast: Cast) -> None:
    ticket = taken_in(cast)
    earlier = timezone.localtime(timezone.now() - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")

    page = Desk(cast.agent).make(ticket, Move.NOTE, text="上午的通话", happened_at=earlier)

    assert "entered later" in text_of(page).partition("上午的通话")[2]


@pytest.mark.clause("T1.3b", "T6.2")
def test_personal_data_is_masked_and_shown_to_whoever_says_why(cast: Cast) -> None:
    ticket = taken_in(cast, phone="19900001234", name="张三丰", text="请回电 13800138000，我是张三丰")
    desk = Desk(cast.agent)
    page = desk.open(ticket, pane="customer").content.decode()
    assert not any(plain in page for plain in ("19900001234", "张三丰", "13800138000"))
    assert "199****1234" in page
    assert "138****8000" in page  # in the text too

    token = ticket.customer.phone_token
    assert desk.post(value_address(ticket, token), {"reason": "  "}).status_code == 409
    assert not AccessLog.objects.exists()
    answer = desk.post(value_address(ticket, token), {"reason": "回访"})

    assert answer.content.decode() == "19900001234"
    assert answer["Cache-Control"] == "no-store"
    [log] = AccessLog.objects.all()
    assert (log.by, log.reason, log.about) == (str(cast.agent.pk), "回访", ticket.number)


@pytest.mark.clause("T6.2")
def test_a_value_of_another_customer_is_not_reached_through_ones_own_ticket(cast: Cast) -> None:
    mine = taken_in(cast)
    other = taken_in(cast, phone="19900005678", region="341204")

    answer = Desk(cast.agent).post(value_address(mine, other.customer.phone_token), {"reason": "好奇"})

    assert answer.status_code == 404
    assert not AccessLog.objects.exists()


@pytest.mark.clause("T6.2")
def test_a_token_written_into_an_answer_opens_nobody_elses_value(cast: Cast) -> None:
    mine = brought_to(cast, Move.INVESTIGATE)
    token = taken_in(cast, phone="19900005678", region="341204").customer.phone_token
    record_evidence(cast, mine, timezone.now())
    desk = Desk(cast.handler)
    desk.make(
        mine, Move.PROPOSE, text="调整参数", cause="technical", responsible=f"装维张三 13812345678 ⟦phone:{token}⟧"
    )

    told = TicketEvent.objects.get(ticket_id=mine.pk, what="proposed").facts["responsible"]
    assert "13812345678" not in told
    assert "张三" not in told
    assert token not in told
    assert "138****5678" in text_of(desk.open(mine))
    assert desk.post(value_address(mine, token), {"reason": "好奇"}).status_code == 404


@pytest.mark.clause("T6.2")
def test_a_token_that_stands_in_the_history_opens_only_what_was_kept_for_this_customer(cast: Cast) -> None:
    mine = brought_to(cast, Move.INVESTIGATE)
    token = taken_in(cast, phone="19900005678", region="341204").customer.phone_token
    first = TicketEvent.objects.filter(ticket_id=mine.pk, seq=1)
    first.update(facts=first.get().facts | {"responsible": f"⟦phone:{token}⟧", "channel": f"⟦phone:{token}⟧"})
    desk = Desk(cast.handler)

    assert "199****5678" not in text_of(desk.open(mine))
    assert desk.post(value_address(mine, token), {"reason": "好奇"}).status_code == 404


@pytest.mark.clause("T1.3", "T6.2")
def test_the_name_account_and_number_of_this_complaint_are_at_hand(cast: Cast) -> None:
    taken_in(cast, name="")
    ticket = taken_in(cast, name="欧阳静", account="KD20261122")
    desk = Desk(cast.agent)
    page = text_of(desk.open(ticket, pane="customer"))

    assert "欧阳*" in page
    assert "KD20261122" not in page
    account = TicketEvent.objects.get(ticket_id=ticket.pk, seq=1).facts["contact"]["account"]
    assert desk.post(value_address(ticket, account), {"reason": "核对"}).content.decode() == "KD20261122"


@pytest.mark.clause("H2.1.1b")
def test_the_customers_other_open_tickets_are_in_view(cast: Cast) -> None:
    first = taken_in(cast, title="第一件")
    second = taken_in(cast, title="第二件")
    closed = taken_in(cast, title="已撤的一件")
    Desk(cast.agent).make(closed, Move.CANCEL, reason="重复登记")
    elsewhere = taken_in(cast, title="外地的一件", region="341204", first_owner=str(cast.other_agent.pk))
    page = text_of(Desk(cast.agent).open(first, pane="linked"))

    assert "第二件" in page
    assert second.number in page
    assert "已撤的一件" not in page
    assert elsewhere.number not in page


@pytest.mark.clause("T2")
def test_the_checklist_shows_what_is_done_and_what_is_missing(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    desk = Desk(cast.handler)
    before = desk.open(ticket, pane="work").content.decode()
    assert f"{address(ticket)}/evidence?item=cell_data" in before

    desk.make(ticket, Move.RECORD_EVIDENCE, item="cell_data", finding="两条告警")

    after = desk.open(ticket, pane="work").content.decode()
    assert f"{address(ticket)}/evidence?item=cell_data" not in after
    assert f"{address(ticket)}/evidence?item=site_test" in after


@pytest.mark.clause("X2", "X3")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_clock_says_why_it_is_due_when_it_is(cast: Cast, language: str) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    desk = Desk(cast.handler, language=language)
    facts = {"pause": "waiting_for_customer", "reason": "请补充", "until": ahead(24)}
    desk.make(ticket, Move.WAIT, **facts)
    desk.make(ticket, Move.RESUME, text="已补充")
    rules = {rule.id: rule for rule in edition(ticket.edition).rules}
    clock = next(row for row in Clock.objects.filter(ticket_id=ticket.pk, state="running") if rules[row.rule].pauses)

    page = desk.get(f"{address(ticket)}/clocks/{clock.rule}/{clock.start_seq}")

    said = text_of(page)
    source = rules[clock.rule].source
    assert page.status_code == 200
    assert source.place_in(language) in said
    assert source.says.spoken(language) in said
    assert ("等待客户补充" if language == "zh-hans" else "Waiting for the customer") in said
    assert 'class="not-counted"' in page.content.decode()
    assert not CODE.search(said)


def test_every_clock_on_the_page_can_be_asked_why(cast: Cast) -> None:
    ticket = brought_to(cast, Move.TELL_CUSTOMER)
    desk = Desk(cast.agent)

    page = desk.open(ticket).content.decode() + desk.get(f"{address(ticket)}/clocks", headers=HTMX).content.decode()

    addresses = set(re.findall(r'hx-get="([^"]+/clocks/[^"]+)"', page))

    assert len(addresses) == Clock.objects.filter(ticket_id=ticket.pk).count() > 3
    assert {desk.get(one).status_code for one in addresses} == {200}
    assert desk.get(f"{address(ticket)}/clocks/no-such-rule/1").status_code == 404


@pytest.mark.clause("X2", "S3.4")
def test_who_spent_the_time_is_drawn_and_said_on_the_clocks_that_lead(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)

    leading = Desk(cast.handler).open(ticket).content.decode().partition('id="clocks"')[2].partition("more-clocks")[0]

    bars = re.findall(r'class="time-bar"[^>]* role="img" aria-label="([^"]+)"', leading)
    assert len(bars) == leading.count("clock-card clock-")
    assert all(": " in bar for bar in bars)
    assert leading.count('class="clock-clause"') == len(bars)  # what the rule says, on hover and focus
    assert " style=" not in leading


@pytest.mark.clause("X2")
def test_the_ledger_asks_no_more_of_the_database_for_a_long_ticket(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    desk = Desk(cast.handler)
    desk.get(f"{address(ticket)}/ledger")
    with CaptureQueriesContext(connection) as short:
        desk.get(f"{address(ticket)}/ledger")
    for n in range(4):
        desk.make(ticket, Move.PROMISE, due_at=ahead(2 + n), text="回电")
    with CaptureQueriesContext(connection) as long:
        page = desk.get(f"{address(ticket)}/ledger")

    assert len(long) == len(short) <= 13
    assert text_of(page).count("promised") >= 4


@pytest.mark.clause("H7.3.1", "M6.3")
def test_a_statement_of_times_is_made_for_somebody_and_that_is_written_down(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    desk, place = Desk(cast.supervisor), f"{address(ticket)}/statement"
    assert f'href="{place}"' in desk.open(ticket).content.decode()
    assert "For whom" in text_of(desk.get(place))
    refused = desk.post(place, {"reason": " ", "language": "en"})
    assert (refused.status_code, AccessLog.objects.count()) == (409, 0)
    assert desk.post(place, {"reason": "监管", "language": "tlh"}).status_code == 404

    answer = desk.post(place, {"reason": "省通信管理局 2026-118", "language": "en"})

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{ticket.number}-')
    assert answer["Cache-Control"] == "no-store"
    assert answer.content.startswith(b"%PDF-")
    [log] = AccessLog.objects.all()
    assert (log.what, log.about, log.by) == ("handed_out", ticket.number, str(cast.supervisor.pk))
    assert (log.reason, log.subject_id) == ("省通信管理局 2026-118", ticket.customer_id)


@pytest.mark.clause("X1")
def test_the_laws_clock_is_always_among_those_that_lead(cast: Cast) -> None:
    ticket = taken_in(cast)

    leading = Desk(cast.agent).open(ticket).content.decode().partition('id="clocks"')[2].partition("more-clocks")[0]

    assert "by law" in leading


@pytest.mark.clause("S3.3b")
def test_warnings_of_the_clocks_stand_together_and_do_not_bury_the_story(cast: Cast) -> None:
    ticket = taken_in(cast)
    while sweep(timezone.now()):
        pass
    warned = [row for row in history_of(ticket.pk) if row.what in (What.CLOCK_WARNED, What.CLOCK_BREACHED)]
    assert len(warned) > 1

    page = Desk(cast.agent).open(ticket).content.decode()

    assert "history-group" in page
    assert f"{len([row for row in history_of(ticket.pk) if row.seq > 1])} warnings of the clocks" in page


@pytest.mark.clause("M3.3")
def test_whom_the_next_step_waits_for_is_said_to_who_cannot_take_it(cast: Cast) -> None:
    ticket = brought_to(cast, Move.PROPOSE)

    assert "Next: Approve. It is done by: Supervisor, Manager." in text_of(Desk(cast.handler).open(ticket))
    assert "It is done by" not in text_of(Desk(cast.supervisor).open(ticket))


def test_a_page_costs_the_same_however_long_its_history_is(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    desk = Desk(cast.agent)
    desk.open(ticket)
    with CaptureQueriesContext(connection) as short:
        desk.open(ticket)
    for n in range(5):
        desk.make(ticket, Move.NOTE, text=f"第 {n} 次联系 1380013800{n}")
        desk.make(ticket, Move.PROMISE, due_at=ahead(2 + n), text="回电")
        taken_in(cast)
    with CaptureQueriesContext(connection) as long:
        desk.open(ticket)

    assert len(long) == len(short)
    assert len(long) <= 17


@pytest.mark.clause("S1.1b")
def test_a_slip_is_shown_once_and_opens_the_ticket_once(cast: Cast) -> None:
    ticket = taken_in(cast)
    desk = Desk(cast.agent)
    asked = desk.get(f"{address(ticket)}/slip")
    assert AccessCode.objects.count() == 0
    assert "slip-code" not in asked.content.decode()

    made = desk.post(f"{address(ticket)}/slip")

    code = re.search(r'class="slip-code">([^<]+)<', made.content.decode())[1]
    assert made["Cache-Control"] == "no-store"
    assert check_slip(ticket.pk, code, at=timezone.now())
    assert not check_slip(ticket.pk, code, at=timezone.now())
    assert Desk(cast.handler).post(f"{address(brought_to(cast, Move.DISPATCH))}/slip").status_code == 403


def test_an_erased_customer_leaves_a_page_that_can_still_be_read(cast: Cast) -> None:
    ticket = taken_in(cast, text="电话 13800138000 打不通")
    now = timezone.now()
    erase_customer(ticket.customer_id, not_before=now - timedelta(days=1), by="test", reason="客户要求", at=now)
    desk = Desk(cast.agent)
    page = desk.open(ticket, pane="customer")

    assert page.status_code == 200
    assert "erased" in text_of(page)
    assert desk.post(value_address(ticket, ticket.customer.phone_token), {"reason": "回访"}).content == b"erased"
    assert "13812345678" not in text_of(desk.make(ticket, Move.NOTE, text="家属 13812345678 来电"))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_is_in_the_readers_language(cast: Cast, language: str) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    desk = Desk(cast.handler, language=language)
    page = desk.open(ticket)
    said = text_of(page) + "".join(text_of(desk.open(ticket, pane=pane)) for pane in ("customer", "work", "facts"))

    assert page.headers["Content-Language"] == language
    if language == "zh-hans":
        assert all(word in said for word in ("客户反映", "时限", "经过", "提交方案", "首问责任人"))
    else:
        assert not re.search(r"[\u4e00-\u9fff]", _without_data(said))


def _without_data(said: str) -> str:
    """What the page says, without names and what people typed, which stay in the language they were given in."""
    typed = [
        "家里信号很弱，经常断线，已经一周了。",
        "坐席甲",
        "处理甲",
        "班组 network-3401",
        "简体中文",
        "中",
        "甲",
        "处",  # the surname in the mark beside a name
        "坐",
        "首问",
    ]
    for text in [*typed, "某**", "网络优化"]:
        said = said.replace(text, "")
    return said
