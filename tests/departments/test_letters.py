"""电子邮件：a customer who wishes so is written to instead of being texted, but for what proves the phone."""

from __future__ import annotations

from datetime import UTC, datetime, time
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shouwen.customers.actions import erase_customer, wish_for_peace
from shouwen.customers.mailboxes import (
    NoMailbox,
    email_of,
    forget_mailbox,
    mailbox_of,
    mailboxes_of,
    wish_for_letters,
    written_to,
)
from shouwen.customers.models import Customer, Mailbox
from shouwen.customers.queries import in_reach, phone_of, wishes_of
from shouwen.handbook.authority import SYSTEM
from shouwen.notices.actions import order_messages, order_row
from shouwen.notices.codes import sealed_code
from shouwen.notices.delivery import deliver, send_again
from shouwen.notices.gateways import Message, Smtp, Undeliverable
from shouwen.notices.models import MessageOrder
from shouwen.notices.ways import ways_of
from shouwen.tickets.models import Ticket
from shouwen.vault.models import VaultItem
from shouwen.vault.queries import subject_keys
from shouwen.vault.refusals import SubjectErased
from tests.cast import on, take_in
from tests.departments.test_notices import Deduplicating, Outside, Post, outside, post
from tests.departments.test_peace import ticket

__all__ = ["outside", "post", "ticket"]
NOON, NIGHT, MORNING = on("2026-03-02 12:00"), on("2026-03-02 22:00"), on("2026-03-03 08:00")
ADDRESS = "zhang.wei@example.cn"
pytestmark = pytest.mark.clause("T4.3")


@pytest.fixture
def both(settings, post: Post, outside: type[Outside]) -> Post:
    """Ways out for text messages and for e-mail; the post office is real."""
    texts = settings.SHOUWEN_GATEWAYS["sms"]
    settings.SHOUWEN_GATEWAYS = {"sms": texts, "email": "shouwen.notices.gateways.Smtp"}
    return post


def wish(ticket: Ticket, wanted: bool = True, address: str = ADDRESS) -> None:
    wish_for_letters(ticket.customer_id, wanted, address=address, by=SYSTEM, at=NOON)


def order(ticket: Ticket, template: str = "result_told", secret: bytes | None = None, **params: str) -> MessageOrder:
    cause = f"{ticket.pk}/{template}"
    row = order_row(
        cause=cause,
        ticket_id=str(ticket.pk),
        recipient=f"customer:{ticket.customer_id}",
        channel="sms",
        template=template,
        edition=ticket.edition,
        params={"number": ticket.number, **params},
        secret=secret,
    )
    order_messages([row])
    return MessageOrder.objects.get(cause=cause)


def send(at: datetime = NOON) -> int:
    return deliver(at, phone_of=phone_of, email_of=email_of, written_to=written_to, wishes_of=wishes_of)


def letters(post: Post) -> list[EmailMessage]:
    return [message_from_bytes(one, policy=policy.default) for one in post.letters]  # type: ignore[misc]


def way(template: str = "result_told") -> tuple[str, str]:
    one = MessageOrder.objects.get(template=template)
    return one.channel, one.state


def test_progress_goes_by_e_mail_to_whoever_wishes_so(ticket, both, outside):
    wish(ticket)
    order(ticket)

    send()

    [letter] = letters(both)
    assert (letter["To"], letter["Subject"]) == (ADDRESS, f"您的投诉 {ticket.number} 已有处理结果")
    assert ticket.number in letter.get_content()
    assert outside.sent == []
    assert way() == ("email", "delivered")


def test_an_address_alone_changes_nothing(ticket, both, outside):
    wish(ticket, wanted=False)
    order(ticket)

    send()

    assert (len(outside.sent), both.letters) == (1, [])


@pytest.mark.clause("S2.1a")
def test_a_code_goes_to_the_phone_whatever_is_wished(ticket, both, outside):
    """Because it proves who holds the phone, and nothing about a mailbox."""
    wish(ticket)
    order(ticket, "phone_code", code="271828", minutes="10")

    send()

    assert [message.to for message in outside.sent] == ["19900001234"]
    assert both.letters == []


def test_without_a_gateway_for_e_mail_the_text_message_is_sent_as_before(ticket, outside):
    """Because whoever is told nowhere is worse off than whoever is told by the other way."""
    wish(ticket)
    order(ticket)

    send()

    assert (len(outside.sent), way()) == (1, ("sms", "delivered"))


def test_with_e_mail_alone_those_who_wish_it_are_told_all_the_same(ticket, post):
    wish(ticket)
    order(ticket)
    order(ticket, "phone_code", code="271828", minutes="10")

    send()

    assert len(post.letters) == 1
    assert (way(), way("phone_code")) == (("email", "delivered"), ("sms", "no_gateway"))


def test_a_wish_that_is_taken_back_holds_for_what_waits_already(ticket, both, outside):
    both.refuses["RCPT"] = b"451 busy"
    wish(ticket)
    order(ticket)
    send()
    assert way() == ("email", "ordered")

    wish(ticket, wanted=False, address="")
    send(on("2026-03-02 12:02"))

    assert (len(outside.sent), way()) == (1, ("sms", "delivered"))


def test_what_a_wrong_address_refused_goes_by_text_once_the_address_is_gone(ticket, both, outside):
    both.refuses["RCPT"] = b"550 no such person"
    wish(ticket)
    refused = order(ticket)
    send()
    assert way() == ("email", "failed")

    forget_mailbox(ticket.customer_id, by=SYSTEM, at=NOON)
    send_again(refused.pk)
    send()

    assert (len(outside.sent), way()) == (1, ("sms", "delivered"))


def test_hours_of_peace_hold_for_e_mail_too(ticket, both):
    wish(ticket)
    wish_for_peace(ticket.customer_id, (time(12), time(14)), by=SYSTEM, at=NOON)
    order(ticket)

    send(on("2026-03-02 13:00"))
    assert both.letters == []

    send(on("2026-03-02 14:00"))
    assert len(both.letters) == 1


def test_of_the_steps_that_waited_one_is_told_even_if_the_wish_changed_between_them(ticket, both, outside):
    """Because by which way the older was to go says nothing of what is news."""
    wish(ticket)
    both.refuses["RCPT"] = b"451 busy"
    order(ticket, "progress_dispatched", expected_at=on("2026-03-04 18:00").isoformat())
    send(on("2026-03-02 20:59"))
    assert way("progress_dispatched") == ("email", "ordered")
    order(ticket, "progress_verifying", expected_at=on("2026-03-04 18:00").isoformat())
    send(NIGHT)
    both.refuses.clear()

    send(MORNING)

    assert (len(both.letters), outside.sent) == (1, [])
    assert (way("progress_dispatched")[1], way("progress_verifying")) == ("overtaken", ("email", "delivered"))


class Killed(Smtp):
    """A post office before which the deliverer dies, once the letter is in the box."""

    def send(self, message: Message) -> None:
        super().send(message)
        raise SystemExit


def test_a_deliverer_killed_over_a_letter_leaves_it_to_people_though_texts_repeat_safely(ticket, both, settings):
    """Because the claim says by which way it went, and a mail server cannot be asked whether it has arrived."""
    settings.SHOUWEN_GATEWAYS = {
        "sms": "tests.departments.test_notices.Deduplicating",
        "email": f"{__name__}.Killed",
    }
    wish(ticket)
    order(ticket)
    with pytest.raises(SystemExit):
        send()
    MessageOrder.objects.update(try_at=NOON)

    send()

    assert way() == ("email", "unknown")
    assert len(both.letters) == 1


@pytest.mark.clause("S4.2b")
def test_the_link_to_the_survey_works_by_e_mail_and_asks_for_no_reply(ticket, both):
    """Because a digit sent back by e-mail reaches nobody, and a subject is read by whoever passes the screen."""
    wish(ticket)
    cause, link = f"{ticket.pk}/survey_link", "https://desk.example/s/abc"
    subject = subject_keys([ticket.customer_id])[ticket.customer_id]
    order(ticket, "survey_link", sealed_code(subject, cause, link))

    send()

    [letter] = letters(both)
    assert link in letter.get_content()
    assert "回复" not in letter.get_content()
    assert letter["Subject"] == f"请评价投诉 {ticket.number} 的处理"
    assert way("survey_link") == ("email", "delivered")


@pytest.mark.clause("T6.2")
@pytest.mark.parametrize(
    ("template", "params"),
    [("acknowledgement", {}), ("extension_confirmed", {"until": "2026-03-09T10:00:00+00:00"})],
)
def test_a_subject_names_the_ticket_and_nothing_else(ticket, both, template, params):
    wish(ticket)
    order(ticket, template, **params)

    send()

    assert letters(both)[0]["Subject"] == f"关于您反映的问题（工单 {ticket.number}）"


def test_one_question_decides_the_way_of_a_batch(cast, ticket, both):
    tickets = [take_in(cast, phone=f"199000013{number:02}") for number in range(5)]
    for one in tickets[:2]:
        wish(one)
    orders = [order(one) for one in tickets]

    with CaptureQueriesContext(connection) as asked:
        ways = ways_of(orders, {"sms", "email"}, written_to)

    assert [ways[one.pk] for one in orders] == ["email", "email", "sms", "sms", "sms"]
    assert len(asked) == 1


@pytest.mark.clause("T1.3b")
def test_an_address_is_kept_under_the_customers_own_key_and_goes_with_it(ticket):
    wish(ticket)
    kept = VaultItem.objects.get(kind="email")
    assert kept.subject_id == ticket.customer_id
    assert ADDRESS.encode() not in bytes(kept.ciphertext)
    assert email_of(str(ticket.customer_id)) == ADDRESS

    erase_customer(ticket.customer_id, not_before=NOON, by="system", reason="三年已满", at=NOON)

    assert email_of(str(ticket.customer_id)) is None
    assert not Mailbox.objects.exists()
    with pytest.raises(SubjectErased):
        wish(ticket)


def test_a_change_ends_what_was_and_both_say_who_had_it_written(ticket):
    """Because an address changed in secret would lead a customer's messages to somebody else."""
    wish(ticket)
    wish(ticket)
    wish(ticket, address="new@example.cn")
    wish(ticket, wanted=False, address="")
    forget_mailbox(ticket.customer_id, by=SYSTEM, at=NOON)

    rows = list(mailboxes_of([ticket.customer_id]))
    assert [(row.is_wanted, row.recorded_by, row.ended_by) for row in rows] == [
        (False, "system", "system"),
        (True, "system", "system"),
        (True, "system", "system"),
    ]
    assert len({row.token for row in rows}) == 2
    assert mailbox_of(ticket.customer_id) is None


def test_nobody_is_written_to_without_an_address(ticket):
    with pytest.raises(NoMailbox):
        wish(ticket, address="")
    wish(ticket, wanted=False, address="")
    assert not Mailbox.objects.exists()


def test_who_left_no_number_is_told_by_e_mail(ticket):
    Customer.objects.filter(pk=ticket.customer_id).update(phone_token="")
    assert in_reach([ticket.customer_id]) == set()

    wish(ticket)

    assert in_reach([ticket.customer_id]) == {ticket.customer_id}


def test_a_mail_server_out_of_reach_gets_the_letter_later(ticket, both):
    wish(ticket)
    order(ticket)
    both.refuses["MAIL"] = b"421 later"
    send()
    both.refuses.clear()

    send(on("2026-03-02 12:02"))

    assert (len(both.letters), way()) == (1, ("email", "delivered"))
    assert MessageOrder.objects.get().tries == 2


def test_a_domain_in_chinese_letters_reaches_the_server_as_it_knows_it(ticket, both):
    wish(ticket, address="li@例子.中国")
    order(ticket)

    send()

    [letter] = letters(both)
    assert letter["To"] == "li@xn--fsqu00a.xn--fiqs8s"
    assert way() == ("email", "delivered")


@pytest.mark.parametrize("address", ["李@example.cn", f"li@{'例' * 80}.中国"])
def test_an_address_no_server_can_be_told_is_undeliverable(both, address):
    with pytest.raises(Undeliverable):
        Smtp().send(Message(UUID(int=7), address, "您好"))


def test_what_may_have_arrived_by_text_message_does_not_go_again_by_e_mail(ticket, both, settings):
    """Because the gateway for text messages knows it again, and the mail server would not."""
    settings.SHOUWEN_GATEWAYS |= {"sms": f"{Deduplicating.__module__}.Deduplicating"}
    interrupted = order(ticket)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    MessageOrder.objects.filter(pk=interrupted.pk).update(state="sending", tries=1, try_at=long_ago)
    wish(ticket)

    send()

    assert letters(both) == []
    assert way() == ("sms", "delivered")
