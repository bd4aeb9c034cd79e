"""The approvals page: everything a decision needs at a glance, several at once, and nobody's rights exceeded."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from shouwen.handbook.history import Stage, What
from shouwen.handbook.moves import Move
from shouwen.handling.actions import move_ticket
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of
from tests.cast import Cast
from tests.screens.desk import Desk, brought_to, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.clause("M3.3", "T3.3")]


def proposed(cast: Cast, **changes: object) -> Ticket:
    ticket = brought_to(cast, Move.PROPOSE, **changes)
    ticket.refresh_from_db()
    return ticket


def asking_for(cast: Cast, amount: str, **changes: object) -> Ticket:
    """A proposal with compensation."""
    ticket = proposed(cast, **changes)
    now = history_of(ticket.pk)[-1].happened_at
    act = {"happened_at": now, "now": now}
    move_ticket(ticket.number, Move.RETURN, by=cast.actor("supervisor"), facts={"reason": "补充金额"}, **act)
    facts = {"text": "退还多收费用", "cause": "process", "compensation": amount, "evidence": "账单 3"}
    return move_ticket(ticket.number, Move.PROPOSE, by=cast.actor("handler"), facts=facts, **act)


def choice(ticket: Ticket, seen: int | None = None) -> str:
    return f"{ticket.number}@{ticket.last_seq if seen is None else seen}"


def decide(desk: Desk, decision: str, *tickets: Ticket, words: str = "", seen: int | None = None) -> HttpResponse:
    chosen = [choice(ticket, seen) for ticket in tickets]
    return desk.post("/approvals", {"decision": decision, "chosen": chosen, "words": words})


def stages(*tickets: Ticket) -> list[str]:
    return [Ticket.objects.get(pk=ticket.pk).stage for ticket in tickets]


def test_a_proposal_shows_what_it_is_decided_on(cast: Cast) -> None:
    asking_for(cast, "200.00")

    said = text_of(Desk(cast.supervisor).get("/approvals"))

    for part in ("200.00 yuan", "退还多收费用", "Process", "账单 3", "items recorded", "处理甲"):
        assert part in said


def test_several_are_approved_at_once_with_one_remark(cast: Cast) -> None:
    one, two = proposed(cast), proposed(cast, phone="19900005678")

    answer = decide(Desk(cast.supervisor), "approve", one, two, words="同意")

    assert answer.status_code == 302
    assert stages(one, two) == [Stage.APPROVED, Stage.APPROVED]
    assert history_of(one.pk)[-1].facts["text"] == "同意"


def test_one_is_approved_by_its_own_button_whatever_is_ticked(cast: Cast) -> None:
    one, two = proposed(cast), proposed(cast, phone="19900005678")

    Desk(cast.supervisor).post("/approvals", {"approve_one": choice(one), "chosen": [choice(two)]})

    assert stages(one, two) == [Stage.APPROVED, Stage.PROPOSED]


def test_what_is_refused_holds_up_no_other_and_stays_ticked(cast: Cast) -> None:
    """Because who ticked twenty would not know which of them had gone through."""
    within, beyond = proposed(cast), asking_for(cast, "501.00", phone="19900005678")

    answer = decide(Desk(cast.supervisor), "approve", within, beyond, words="同意")

    assert answer.status_code == 409
    assert stages(within, beyond) == [Stage.APPROVED, Stage.PROPOSED]
    said = text_of(answer)
    assert "needs the approval of: Manager" in said
    body = answer.content.decode()
    assert 'value="同意"' in body
    assert re.search(rf'value="{choice(beyond)}"[^>]* checked', body)


def test_beyond_the_amount_of_the_role_there_is_no_button_but_the_reason(cast: Cast) -> None:
    asking_for(cast, "501.00")

    assert "approve_one" not in Desk(cast.supervisor).get("/approvals").content.decode()
    assert "Manager" in text_of(Desk(cast.supervisor).get("/approvals"))
    assert "approve_one" in Desk(cast.manager).get("/approvals").content.decode()


def test_nobody_approves_a_proposal_of_their_own(cast: Cast) -> None:
    ticket = proposed(cast)
    now = history_of(ticket.pk)[-1].happened_at
    act = {"by": cast.actor("supervisor"), "happened_at": now, "now": now}
    move_ticket(ticket.number, Move.RETURN, facts={"reason": "改由我提"}, **act)
    ticket = move_ticket(ticket.number, Move.PROPOSE, facts={"text": "调整", "cause": "technical"}, **act)

    assert "approve_one" not in Desk(cast.supervisor).get("/approvals").content.decode()
    answer = decide(Desk(cast.supervisor), "approve", ticket)

    assert answer.status_code == 409
    assert stages(ticket) == [Stage.PROPOSED]
    assert "Nobody approves a proposal of their own" in text_of(answer)


def test_returning_needs_a_reason_and_loses_no_tick_without_one(cast: Cast) -> None:
    ticket = proposed(cast)

    answer = decide(Desk(cast.supervisor), "return", ticket)

    assert answer.status_code == 422
    assert stages(ticket) == [Stage.PROPOSED]
    assert re.search(rf'value="{choice(ticket)}"[^>]* checked', answer.content.decode())
    assert decide(Desk(cast.supervisor), "return", ticket, words="缺账单").status_code == 302
    assert history_of(ticket.pk)[-1].facts["reason"] == "缺账单"


def test_what_has_changed_since_is_not_decided_blindly(cast: Cast) -> None:
    ticket = proposed(cast)

    answer = decide(Desk(cast.supervisor), "approve", ticket, words="同意", seen=1)

    assert answer.status_code == 409
    assert stages(ticket) == [Stage.PROPOSED]
    assert "Somebody has changed it since you looked" in text_of(answer)
    assert 'value="同意"' in answer.content.decode()


def test_sent_twice_it_is_approved_once(cast: Cast) -> None:
    ticket = proposed(cast)
    desk = Desk(cast.supervisor)
    decide(desk, "approve", ticket)

    assert decide(desk, "approve", ticket).status_code == 409

    assert [row.what for row in history_of(ticket.pk)].count(What.APPROVED) == 1


def test_what_is_out_of_sight_is_neither_shown_nor_decided(cast: Cast) -> None:
    ticket = proposed(cast, region="341204")
    Ticket.objects.filter(pk=ticket.pk).update(team="network-3412", lead_team="network-3412")
    desk = Desk(cast.supervisor)

    assert ticket.number not in desk.get("/approvals").content.decode()
    answer = decide(desk, "approve", ticket)

    assert stages(ticket) == [Stage.PROPOSED]
    assert "no longer in your sight" in text_of(answer)


@pytest.mark.parametrize("asked", [{}, {"decision": "approve"}, {"decision": "eat", "chosen": ["x@1"]}])
def test_a_form_that_asks_for_nothing_says_what_to_do(cast: Cast, asked: dict[str, object]) -> None:
    proposed(cast)

    answer = Desk(cast.supervisor).post("/approvals", asked)

    assert answer.status_code == 422
    assert "Tick the proposals" in text_of(answer)


def test_a_number_nobody_has_is_answered_like_one_out_of_sight(cast: Cast) -> None:
    answer = Desk(cast.supervisor).post("/approvals", {"decision": "approve", "chosen": ["nonsense"]})

    assert answer.status_code == 409
    assert "no longer in your sight" in text_of(answer)


def test_the_list_costs_the_same_however_long_it_is(cast: Cast) -> None:
    proposed(cast)
    desk = Desk(cast.supervisor)
    desk.get("/approvals")
    with CaptureQueriesContext(connection) as few:
        desk.get("/approvals")
    for place in range(4):
        proposed(cast, phone=f"1990000{place:04}")
    with CaptureQueriesContext(connection) as many:
        desk.get("/approvals")

    assert len(few) == len(many)
    assert len(many) <= 18
