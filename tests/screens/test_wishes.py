"""When and how customers want to be told, as the desk writes it down and shows it, masked like a number."""

from __future__ import annotations

import pytest
from django.utils import timezone

from shouwen.customers.mailboxes import email_of, mailbox_of, wish_for_letters, written_to
from shouwen.customers.models import Wish
from shouwen.desk.calling import WishForm, wish_form
from shouwen.handbook.authority import SYSTEM
from shouwen.notices.models import MessageOrder
from shouwen.surveys.models import Callback
from shouwen.tickets.models import Ticket
from shouwen.vault.models import AccessLog
from tests.cast import Cast
from tests.screens.desk import Desk, taken_in, text_of
from tests.screens.test_asking import told

pytestmark = [pytest.mark.django_db, pytest.mark.clause("T4.3", "T6.2")]
ADDRESS, SHOWN = "zhang.wei@example.cn", "z***@example.cn"


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    taken = taken_in(cast)
    wish_for_letters(taken.customer_id, True, address=ADDRESS, by=SYSTEM, at=timezone.now())
    return taken


def token_of(ticket: Ticket) -> str:
    kept = mailbox_of(ticket.customer_id)
    assert kept
    return kept.token


def test_an_address_is_shown_in_full_to_who_says_why_and_the_log_says_so(cast: Cast, ticket: Ticket) -> None:
    desk, url = Desk(cast.agent), f"/tickets/{ticket.number}/values/{token_of(ticket)}"

    assert f'data-reveal="{url}"' in desk.get(f"/tickets/{ticket.number}/messages").content.decode()
    assert desk.post(url, {"reason": " "}).status_code == 409
    assert not AccessLog.objects.filter(what="revealed").exists()
    assert desk.post(url, {"reason": "退信，核对邮箱"}).content.decode() == ADDRESS

    [access] = AccessLog.objects.filter(what="revealed")
    assert (access.item and access.item.kind, access.about, access.by) == ("email", ticket.number, str(cast.agent.pk))
    log = text_of(Desk(cast.administrator).get("/access-log"))
    assert "退信，核对邮箱" in log
    assert ADDRESS not in log


def test_another_customers_address_is_not_opened_from_a_ticket(cast: Cast, ticket: Ticket) -> None:
    other = taken_in(cast, phone="19900007777")

    answer = Desk(cast.agent).post(f"/tickets/{other.number}/values/{token_of(ticket)}", {"reason": "看看"})

    assert answer.status_code == 404
    assert not AccessLog.objects.filter(what="revealed").exists()


def test_an_address_that_was_replaced_is_no_longer_opened(cast: Cast, ticket: Ticket) -> None:
    before = token_of(ticket)
    wish_for_letters(ticket.customer_id, True, address="new@example.cn", by=SYSTEM, at=timezone.now())

    assert Desk(cast.agent).post(f"/tickets/{ticket.number}/values/{before}", {"reason": "x"}).status_code == 404


def test_who_may_not_see_personal_data_learns_that_an_address_is_kept_and_no_more(ticket: Ticket) -> None:
    form = wish_form(ticket, personal=False)

    assert form.kept
    assert (form.address, form.reveal_url) == (None, "")
    seen = wish_form(ticket, personal=True).address
    assert seen
    assert seen.shown == SHOWN


def test_the_form_of_who_may_not_see_personal_data_has_no_mask(
    cast: Cast, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Because the first letter and the host of an address name a person to whoever knows the firm."""
    monkeypatch.setattr("shouwen.desk.pages.door.DeskPage.sees_personal", False)

    page = Desk(cast.agent).get(f"/tickets/{ticket.number}/messages")

    assert "An address is kept." in text_of(page)
    assert SHOWN not in page.content.decode()


def test_the_timeline_and_the_outbox_say_by_which_way_a_message_went(cast: Cast, ticket: Ticket) -> None:
    MessageOrder.objects.filter(template="acknowledgement").update(channel="email", state="delivered")

    timeline = text_of(Desk(cast.agent).open(ticket))
    assert "E-mail" in timeline
    assert "Text message" not in timeline
    assert f"e-mail · {SHOWN}" in text_of(Desk(cast.supervisor).get("/outbox"))

    MessageOrder.objects.update(channel="sms")
    assert "Text message" in text_of(Desk(cast.agent).open(ticket))


def test_the_page_of_a_customer_says_how_they_want_to_be_told_and_takes_another_wish(
    cast: Cast, ticket: Ticket
) -> None:
    url, desk = f"/customers/{ticket.customer_id}", Desk(cast.agent)
    assert f"told by e-mail: {SHOWN}" in text_of(desk.get(url))
    assert f"told by e-mail: {SHOWN}" in text_of(desk.get(url, headers={"HX-Request": "true"}))

    answer = desk.post(f"{url}/wish", {"begins": "12:00", "ends": "14:00"}, follow=True)

    said = text_of(answer)
    assert "Written down when and how they want to be told" in said
    assert "do not disturb 12:00–14:00" in said
    assert "told by text message" in said
    assert written_to([str(ticket.customer_id)]) == set()


def test_who_does_not_speak_with_customers_reads_the_wish_and_does_not_change_it(cast: Cast, ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(handler=cast.handler)
    url, desk = f"/customers/{ticket.customer_id}", Desk(cast.handler)

    page = desk.get(url)

    assert f"told by e-mail: {SHOWN}" in text_of(page)
    assert f"{url}/wish" not in page.content.decode()
    assert desk.post(f"{url}/wish", {}).status_code == 404
    assert email_of(str(ticket.customer_id)) == ADDRESS


def test_the_wish_of_a_customer_out_of_sight_is_not_there(cast: Cast, ticket: Ticket) -> None:
    assert Desk(cast.other_agent).post(f"/customers/{ticket.customer_id}/wish", {}).status_code == 404
    assert mailbox_of(ticket.customer_id)


def test_what_was_typed_comes_back_with_the_error_at_its_field_wherever_the_form_stands(cast: Cast) -> None:
    """Because an agent has the customer on the phone, and asks them a second time for nothing else."""
    ticket = told(cast)
    pages = (
        f"/tickets/{ticket.number}/messages",
        f"/callbacks/{Callback.objects.get().pk}/wish",
        f"/customers/{ticket.customer_id}/wish",
    )
    for url in pages:
        answer = Desk(cast.agent).post(url, {"email": "zhang.wei@", "by_email": "on", "begins": "12:00"})

        body = answer.content.decode()
        assert answer.status_code == 422, url
        assert 'value="zhang.wei@"' in body
        assert 'value="12:00"' in body
        assert 'id="id_email_error"' in body
        assert 'id="id_ends_error"' in body
    assert not Wish.objects.exists()


def test_a_new_address_and_giving_up_the_old_one_contradict_each_other(cast: Cast, ticket: Ticket) -> None:
    """Because the address that was just typed would be thrown away."""
    said = {"email": "new@example.cn", "by_email": "on", "forget_email": "on"}

    form = WishForm(ticket, said, personal=True)

    assert list(form.errors) == ["email"]
