"""Wording with blanks: offered where somebody is told something, filled from the ticket, refused while unfilled."""

from __future__ import annotations

import re
from html import unescape

import pytest

from shouwen.handbook.moves import Move
from shouwen.tickets.models import TicketEvent
from tests.cast import Cast
from tests.screens.desk import Desk, ahead, brought_to, taken_in, text_of

pytestmark = pytest.mark.django_db
PHRASE = re.compile(r'data-phrase="([^"]+)" title="[^"]+">([^<]+)<')


def phrases(page: str) -> dict[str, str]:
    return {name: unescape(text) for text, name in PHRASE.findall(page)}


@pytest.mark.clause("T1.3", "T4.1")
def test_wording_is_filled_from_the_ticket_and_what_it_does_not_know_stays_blank(cast: Cast) -> None:
    ticket = taken_in(cast)
    offered = phrases(Desk(cast.agent, language="zh-hans").ask(ticket, Move.RESPOND).content.decode())

    assert list(offered)[:3] == ["致歉", "确认诉求", "承诺时限"]
    assert "【事由】" not in offered["致歉"]
    assert "【诉求】" in offered["确认诉求"]
    assert "【答复时间】" in offered["承诺时限"]
    assert phrases(Desk(cast.agent).ask(ticket, Move.RESPOND).content.decode())["Apology"].startswith("We are sorry")
    assert not phrases(Desk(cast.agent).ask(ticket, Move.DISPATCH).content.decode())


@pytest.mark.clause("T4.1")
@pytest.mark.parametrize("move", [Move.RESPOND, Move.NOTE, Move.PROMISE])
@pytest.mark.parametrize("blank", ["【诉求】", "【what they want】", "{demand}", "【】"])
def test_a_text_with_a_blank_is_refused_whoever_sends_it(cast: Cast, move: Move, blank: str) -> None:
    """Because a customer who is told “we will answer by {due_at}” has been told nothing."""
    ticket = taken_in(cast)
    facts = {"via": "phone", "text": f"您希望{blank}", "expected_at": ahead(24), "due_at": ahead(24)}

    answer = Desk(cast.agent).make(ticket, move, **facts)

    assert answer.status_code == 422
    assert f"Fill in what is still blank: {blank}" in text_of(answer)
    assert f"您希望{blank}" in answer.content.decode()  # nothing typed is lost
    assert TicketEvent.objects.filter(ticket_id=ticket.pk).count() == 1


def test_a_signature_in_brackets_is_no_blank(cast: Cast) -> None:
    ticket = taken_in(cast)

    assert Desk(cast.agent).make(ticket, Move.NOTE, text="【某通信公司】短信已发").status_code == 200


@pytest.mark.clause("S4.1")
def test_the_result_is_worded_with_what_was_found_and_done(cast: Cast) -> None:
    ticket = brought_to(cast, Move.APPROVE)

    said = phrases(Desk(cast.handler).ask(ticket, Move.NOTE).content.decode())["Result of the complaint"]

    assert "【" not in said
