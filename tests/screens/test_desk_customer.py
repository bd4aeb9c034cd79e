"""A customer as a whole: what is known, what came before and what of it, for who may see one of their tickets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shouwen.customers.actions import erase_customer
from shouwen.customers.models import CustomerFact
from shouwen.handbook.lifecycle import Move
from shouwen.handling.actions import move_ticket
from shouwen.people.actions import UNDO_WITHIN, make_person
from shouwen.tickets.models import Ticket
from shouwen.vault.models import VaultItem
from tests.cast import Cast
from tests.screens.desk import HTMX, Desk, ahead, brought_to, taken_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.clause("S2.1a", "H2.1.1b")]


def page(ticket: Ticket) -> str:
    return f"/customers/{ticket.customer_id}"


def write(desk: Desk, ticket: Ticket, **what: Any) -> HttpResponse:
    given = {"kind": "service", "text": "5G 畅享 129 元套餐", "source": "营账系统", "as_of": "2026-03-01", "care": ""}
    return desk.post(page(ticket), {**given, **what}, follow=True)


def test_it_shows_what_is_open_and_what_came_of_what_is_not(cast: Cast) -> None:
    closed = brought_to(cast, Move.CLOSE)
    ticket = taken_in(cast, text="还是断线")
    desk = Desk(cast.agent)

    shown = text_of(desk.get(page(ticket)))

    assert ticket.number in shown
    assert closed.number in shown
    assert "Outcome: 已解决" in shown
    assert "199****1234" in shown
    assert "19900001234" not in shown
    assert "某客户" not in shown


def test_what_came_more_than_once_is_counted(cast: Cast) -> None:
    taken_in(cast)
    ticket = taken_in(cast)

    assert "2 times within 90 days" in text_of(Desk(cast.agent).get(page(ticket)))


@pytest.mark.clause("T4.5")
def test_promises_kept_and_broken_stand_there(cast: Cast) -> None:
    ticket = taken_in(cast, received_at=timezone.now() - timedelta(days=3))
    desk = Desk(cast.agent)
    desk.make(ticket, Move.PROMISE, due_at=ahead(2), text="两小时内回电")
    now = timezone.now()
    facts = {"due_at": (now + timedelta(seconds=1)).isoformat(), "text": "今天上门"}
    move_ticket(ticket.number, Move.PROMISE, by=cast.actor("agent"), happened_at=now, now=now, facts=facts)

    shown = text_of(desk.get(page(ticket)))

    assert "两小时内回电" in shown
    assert "open" in shown


def test_satisfaction_is_told_in_words(cast: Cast) -> None:
    ticket = brought_to(cast, Move.FOLLOW_UP)
    now = timezone.now()
    move_ticket(
        ticket.number,
        Move.RATE,
        by=cast.actor("agent"),
        happened_at=now,
        now=now,
        facts={"result": 1, "handling": 2, "efficiency": 4, "words": "太慢了", "score": 4},
    )

    assert "太慢了" in text_of(Desk(cast.agent).get(page(ticket)))


def test_what_is_written_down_has_its_source_and_its_day(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)

    answer = write(desk, ticket)

    assert "5G 畅享 129 元套餐" in text_of(answer)
    assert "营账系统 · 2026-03-01 · 坐席甲" in text_of(answer)


@pytest.mark.clause("T1.3b")
def test_numbers_in_it_are_masked_and_the_rest_is_sealed(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)

    write(desk, ticket, text="副卡 13812345678，光猫 HG8145")

    shown = text_of(desk.get(page(ticket)))
    assert "138****5678" in shown
    assert "13812345678" not in shown
    stored = str(CustomerFact.objects.values()) + str([bytes(item.ciphertext) for item in VaultItem.objects.all()])
    assert "光猫" not in stored


def test_a_fact_ended_by_mistake_is_had_back_by_who_ended_it(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)
    write(desk, ticket)
    fact = CustomerFact.objects.get()
    at = f"{page(ticket)}/facts/{fact.pk}"

    gone = desk.post(f"{at}/ending", follow=True)
    assert "5G 畅享" not in text_of(gone)
    assert f'action="{at}/restoration"' in gone.content.decode()
    assert "too late to undo" in text_of(Desk(cast.supervisor).post(f"{at}/restoration", follow=True))

    assert "5G 畅享 129 元套餐" in text_of(desk.post(f"{at}/restoration", follow=True))

    desk.post(f"{at}/ending")
    CustomerFact.objects.update(ended_at=timezone.now() - UNDO_WITHIN)
    assert "data-counts-down" not in desk.get(f"{page(ticket)}?ended={fact.pk}").content.decode()
    assert "too late to undo" in text_of(desk.post(f"{at}/restoration", follow=True))
    assert CustomerFact.objects.get().ended_at is not None


def test_how_to_treat_somebody_is_chosen_and_leads_the_page(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)

    shown = text_of(write(desk, ticket, kind="care", care="elder", text=""))

    assert "elderly: speak slowly, no links" in shown
    assert shown.index("elderly: speak") < shown.index("Open now")


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ({"text": ""}, "Say what is known."),
        ({"kind": "care", "care": ""}, "Choose how this customer is to be treated."),
        ({"as_of": "2099-01-01"}, "Nothing is known as of a day to come."),
    ],
)
def test_what_is_not_written_down_is_told_why_and_nothing_typed_is_lost(
    cast: Cast, what: dict[str, str], says: str
) -> None:
    ticket = taken_in(cast)

    answer = write(Desk(cast.agent), ticket, source="客户本人", **what)

    assert answer.status_code == 409
    assert says in text_of(answer)
    assert "客户本人" in answer.content.decode()
    assert not CustomerFact.objects.exists()


def test_what_is_no_longer_so_is_taken_off_and_stays_written_down(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)
    write(desk, ticket)
    fact = CustomerFact.objects.get()

    desk.post(f"{page(ticket)}/facts/{fact.pk}/ending")

    assert "129 元套餐" not in text_of(desk.get(page(ticket)))
    fact.refresh_from_db()
    assert fact.ended_by == cast.actor("agent").ref
    assert desk.post(f"{page(ticket)}/facts/{fact.pk}/ending").status_code == 404


@pytest.mark.clause("T6.2")
def test_what_was_known_of_somebody_goes_with_them(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)
    write(desk, ticket)
    now = timezone.now()

    erase_customer(ticket.customer_id, not_before=now, by="1", reason="客户要求", at=now)

    assert "129 元套餐" not in text_of(desk.get(page(ticket)))
    assert write(desk, ticket).status_code == 409


def test_a_ticket_leads_there_and_shows_the_gist_beside_it(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)
    write(desk, ticket, kind="care", care="do_not_disturb", text="")

    beside = desk.get(f"/tickets/{ticket.number}", {"pane": "customer"}).content.decode()
    gist = text_of(desk.get(page(ticket), headers=HTMX))

    assert f'hx-get="{page(ticket)}"' in beside
    assert "do not disturb" in gist
    assert "Everything about this customer" in gist


def test_tickets_out_of_sight_are_not_told_of(cast: Cast) -> None:
    ticket = taken_in(cast)
    elsewhere = taken_in(cast, region="341204", first_owner=str(cast.other_agent.pk), text="另一处的投诉")

    shown = text_of(Desk(cast.supervisor).get(page(ticket)))

    assert elsewhere.number not in shown
    assert "另一处" not in shown


@pytest.mark.parametrize("who", ["other_agent", "handler", "other_handler", "administrator"])
def test_a_customer_none_of_whose_tickets_one_may_see_is_not_there(cast: Cast, who: str) -> None:
    ticket = taken_in(cast)
    desk = Desk(getattr(cast, who))

    assert desk.get(page(ticket)).status_code in {403, 404}
    assert desk.get(f"{page(ticket)}?after=x").status_code in {403, 404}
    assert write(desk, ticket).status_code in {403, 404}
    assert not CustomerFact.objects.exists()


def test_nobody_who_may_not_see_personal_data_gets_in(cast: Cast) -> None:
    ticket = taken_in(cast)
    desk = Desk(make_person("analyst", display_name="分析", roles=["analyst"], regions=["0"]))

    assert desk.get(page(ticket)).status_code == 403
    assert page(ticket) not in desk.get(f"/tickets/{ticket.number}", {"pane": "customer"}).content.decode()


def test_whoever_looks_on_may_not_write(cast: Cast) -> None:
    ticket = brought_to(cast, Move.CLOSE)
    desk = Desk(make_person("inspector", display_name="质检", roles=["quality_inspector"], regions=["3401"]))

    assert desk.get(page(ticket)).status_code == 200
    assert write(desk, ticket).status_code == 404


def test_a_customer_nobody_knows_is_not_there(cast: Cast) -> None:
    assert Desk(cast.agent).get(f"/customers/{uuid4()}").status_code == 404
    assert Desk(cast.agent).get(f"/customers/{uuid4()}?after=x").status_code == 404


def test_the_page_asks_no_more_for_many_complaints_than_for_one(cast: Cast) -> None:
    ticket, desk = brought_to(cast, Move.CLOSE), Desk(cast.agent)
    taken_in(cast)
    write(desk, ticket)
    desk.get(page(ticket))

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(page(ticket)).status_code == 200
        return len(queries)

    one = asked()
    for _ in range(4):
        brought_to(cast, Move.CLOSE)
        taken_in(cast)
        write(desk, ticket)
    assert asked() <= one
