"""What identifies people is kept in the vault for every complaint, and stands in no event."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shouwen.customers.actions import erase_customer
from shouwen.customers.models import Customer
from shouwen.handbook.lifecycle import Move
from shouwen.handling.actions import accept, move_ticket
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.vault.models import VaultItem
from shouwen.vault.queries import values_of
from tests.cast import MONDAY, Cast, draft, take_in

pytestmark = pytest.mark.django_db


def contact_of(ticket: Ticket) -> dict[str, str | None]:
    """The name, number and account kept with a complaint, in full."""
    kept = TicketEvent.objects.get(ticket=ticket, seq=1).facts["contact"]
    return {kind: values_of([token])[token] for kind, token in kept.items()}


def note(cast: Cast, ticket: Ticket, text: str) -> str:
    """What a history keeps of a note."""
    said: dict[str, Any] = {"text": text}
    move_ticket(ticket.number, Move.NOTE, by=cast.actor("agent"), happened_at=MONDAY, now=MONDAY, facts=said)
    return str(TicketEvent.objects.filter(ticket=ticket).latest("seq").facts["text"])


def erase(ticket: Ticket) -> None:
    erase_customer(ticket.customer_id, not_before=MONDAY, by="p1", reason="用户要求", at=MONDAY)


@pytest.mark.clause("T1.3", "T6.2")
def test_a_caller_who_comes_back_is_asked_for_nothing_twice_because_every_complaint_keeps_what_it_stated(
    cast: Cast,
) -> None:
    take_in(cast, name="", account="")
    second = take_in(cast, name="王小明", account="KD20261122")
    third = take_in(cast, name="李大为", account="KD9")

    assert contact_of(second) == {"name": "王小明", "phone": "19900001234", "account": "KD20261122"}
    assert contact_of(third) == {"name": "李大为", "phone": "19900001234", "account": "KD9"}
    customer = Customer.objects.get()
    assert values_of([customer.name_token])[customer.name_token] == "王小明"


@pytest.mark.clause("T1.3b")
def test_an_address_given_in_its_field_stands_in_no_words_taken_in_with_it_or_written_later(cast: Cast) -> None:
    place = "合肥市蜀山区长江西路 88 号天鹅湖花园东门"
    ticket = take_in(
        cast, text="长江西路８８号天鹅湖花园东门断网", title="天鹅湖花园东门断网", details={"place": place}
    )

    told = note(cast, ticket, "已到长江西路88号天鹅湖花园东门")

    for text in (ticket.description, told):
        assert "88号天鹅湖" not in text.replace("８", "8")
        assert "⟦address:" in text


def test_what_a_complaint_stated_is_recognised_in_whatever_is_written_to_it_later(cast: Cast) -> None:
    take_in(cast)
    ticket = take_in(cast, name="欧阳静", account="kuandai-77", text="欧阳静的 kuandai-77 断线")
    kept = VaultItem.objects.count()

    told = note(cast, ticket, "已联系欧阳静，账号 kuandai-77 恢复")

    assert "欧阳静" not in ticket.description + told
    assert "kuandai-77" not in ticket.description + told
    assert VaultItem.objects.count() == kept  # under the tokens they have already


def test_two_drafts_of_one_caller_in_one_batch_name_the_customer_once(cast: Cast) -> None:
    take_in(cast, name="")

    accept([draft(name="王小明"), draft(name="李大为"), draft(key=("test", "x"), name="")], now=MONDAY)

    customer = Customer.objects.get()
    assert values_of([customer.name_token])[customer.name_token] in ("王小明", "李大为")


@pytest.mark.clause("T6.2")
def test_what_quotes_the_tickets_own_text_may_repeat_its_tokens(cast: Cast) -> None:
    ticket = take_in(cast, text="请拨 13800138000")

    assert note(cast, ticket, ticket.description) == ticket.description


@pytest.mark.clause("T6.2")
def test_a_note_about_somebody_who_was_erased_names_nobody_and_keeps_nothing(cast: Cast) -> None:
    ticket = take_in(cast)
    erase(ticket)
    kept = VaultItem.objects.count()

    told = note(cast, ticket, "家属来电，改打 13812345678")

    assert told == "家属来电，改打 ⟦phone:00000000⟧"
    assert VaultItem.objects.count() == kept


@pytest.mark.clause("T6.2")
def test_whoever_was_erased_and_complains_again_is_somebody_nobody_has_met(cast: Cast) -> None:
    before = take_in(cast)
    erase(before)
    erase(before)  # safe to repeat
    assert Customer.objects.get(pk=before.customer_id).identity_index is None

    after = take_in(cast, received_at=MONDAY + timedelta(hours=1))

    assert after.customer_id != before.customer_id
    assert contact_of(after)["phone"] == "19900001234"


@pytest.mark.clause("T6.2")
def test_the_number_a_complaint_has_elsewhere_carries_no_person(cast: Cast) -> None:
    ticket = take_in(cast, origin="张三 13812345678")
    plain = take_in(cast, origin="GD20260302-0001")

    told = TicketEvent.objects.get(ticket=ticket, seq=1).facts["origin"]
    assert "张三" not in told
    assert "13812345678" not in told
    assert TicketEvent.objects.get(ticket=plain, seq=1).facts["origin"] == "GD20260302-0001"
