"""通知: what was ordered leaves the desk once, or stays readable and says why."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from uuid import UUID

import pytest
from django.db import connection
from django.utils.timezone import now

from shouwen.customers.queries import phone_of
from shouwen.notices import delivery
from shouwen.notices.actions import order_messages, order_row
from shouwen.notices.codes import opened_code, sealed_code
from shouwen.notices.delivery import WAITS, deliver, send_again
from shouwen.notices.gateways import Message, NotNow, OutcomeUnknown, Smtp, Undeliverable
from shouwen.notices.models import MessageOrder
from shouwen.notices.queries import HIDDEN, inbox_of, message_text, messages_about, outbox, text_to_send
from shouwen.people.models import Person
from shouwen.vault.queries import subject_keys
from shouwen.vault.sealing import SealBroken
from tests.cast import MONDAY, Cast, on, take_in

HERE = __name__


class Outside:
    """A gateway whose other side is this list; `mood` is what it raises."""

    sent: list[Message] = []
    mood: Exception | None = None
    repeats_safely = False

    def send(self, message: Message) -> None:
        if Outside.mood:
            raise Outside.mood
        Outside.sent.append(message)


class Deduplicating(Outside):
    """One that knows a message again by its id."""

    repeats_safely = True


@pytest.fixture
def outside(settings) -> type[Outside]:
    settings.SHOUWEN_GATEWAYS = {"sms": f"{HERE}.Outside"}
    Outside.sent, Outside.mood = [], None
    return Outside


@pytest.fixture
def ticket(cast: Cast):
    """A ticket, whose acknowledgement has been ordered by text message."""
    return take_in(cast)


def the_order() -> MessageOrder:
    return MessageOrder.objects.get(template="acknowledgement")


def send(at: datetime = MONDAY, **options) -> int:
    return deliver(at, phone_of=phone_of, stopwatch=lambda: 0.0, **options)


@pytest.mark.clause("S1.1b")
def test_the_number_reaches_the_phone_the_customer_called_from(ticket, outside):
    assert send() == 1

    [message] = outside.sent
    assert message.to == "19900001234"
    assert ticket.number in message.text
    assert (the_order().state, the_order().delivered_at) == ("delivered", MONDAY)


def test_what_was_delivered_is_not_sent_again(ticket, outside):
    send()

    assert send(MONDAY + timedelta(days=1)) == 0
    assert len(outside.sent) == 1


@pytest.mark.clause("H2.1.1")
def test_without_a_gateway_a_message_says_so_and_can_be_read(ticket, settings):
    settings.SHOUWEN_GATEWAYS = {}

    assert send() == 1
    assert send() == 0

    order = the_order()
    assert order.state == "no_gateway"
    assert ticket.number in message_text(order, "zh-hans")
    assert "Your complaint" in message_text(order, "en")


def test_a_message_to_the_desk_is_delivered_by_being_there(cast, outside):
    order_messages(
        [
            order_row(
                cause="x", recipient="team:billing", channel="desk", template="work_dispatched", edition="e", params={}
            )
        ]
    )

    assert send() == 0
    assert MessageOrder.objects.get().state == "delivered"


def test_a_gateway_out_of_reach_gets_the_message_later_and_later_and_then_no_more(ticket, outside):
    outside.mood = NotNow("ConnectionRefusedError")
    at = MONDAY
    for wait in WAITS:
        assert send(at) == 1
        assert send(at + wait - timedelta(seconds=1)) == 0
        at += wait
    assert the_order().state == "ordered"

    assert send(at) == 1
    assert (the_order().state, the_order().error) == ("failed", "ConnectionRefusedError")


def test_a_gateway_that_came_back_gets_the_message(ticket, outside):
    outside.mood = NotNow("TimeoutError")
    send()
    outside.mood = None

    send(MONDAY + WAITS[0])

    assert len(outside.sent) == 1
    assert the_order().state == "delivered"


def test_what_can_never_be_delivered_fails_at_once(ticket, outside):
    outside.mood = Undeliverable("SMTP 550")

    send()

    assert (the_order().state, the_order().error, the_order().tries) == ("failed", "SMTP 550", 1)


def test_a_customer_without_a_phone_cannot_be_texted(cast, outside):
    take_in(cast)
    MessageOrder.objects.update(recipient=f"customer:{UUID(int=5)}")

    send()

    assert (the_order().state, the_order().error) == ("failed", "no address")


def killed_while_sending(ago: timedelta) -> None:
    """What a worker leaves behind that was killed after it had claimed its message."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE message_order SET state='sending', tries=1, try_at=clock_timestamp() - %s", [ago])


def test_a_message_somebody_is_sending_is_nobody_elses(ticket, outside):
    killed_while_sending(timedelta(minutes=9))

    assert send() == 0
    assert outside.sent == []


def test_after_a_worker_was_killed_while_sending_nobody_knows_so_it_is_not_sent_twice(ticket, outside):
    killed_while_sending(timedelta(minutes=11))

    send()

    assert (the_order().state, the_order().error, outside.sent) == ("unknown", "interrupted", [])


def test_after_a_worker_was_killed_while_sending_a_gateway_that_repeats_safely_gets_it_again(ticket, outside, settings):
    settings.SHOUWEN_GATEWAYS = {"sms": f"{HERE}.Deduplicating"}
    killed_while_sending(timedelta(minutes=11))

    send()

    assert the_order().state == "delivered"
    assert [message.id for message in outside.sent] == [the_order().pk]


def test_a_gateway_that_cannot_tell_leaves_it_to_people(ticket, outside):
    outside.mood = OutcomeUnknown("TimeoutError")
    send()
    assert the_order().state == "unknown"
    outside.mood = None
    assert send(MONDAY + timedelta(days=1)) == 0

    assert send_again(the_order().pk)
    send(MONDAY + timedelta(days=1))

    assert the_order().state == "delivered"


@pytest.mark.parametrize(
    "mood", [RuntimeError("?"), OutcomeUnknown("x" * 500), Undeliverable("x" * 500), NotNow("x" * 500)]
)
def test_whatever_a_gateway_comes_up_with_the_next_message_goes_out(cast, ticket, outside, mood):
    outside.mood = mood
    send()
    outside.mood = None
    take_in(cast, phone="19900005678")

    send()

    stuck = MessageOrder.objects.get(ticket_id=ticket.pk)
    assert stuck.state in {"unknown", "failed", "ordered"}
    assert 0 < len(stuck.error) <= 200
    assert len(outside.sent) == 1


@pytest.mark.parametrize("state", ["ordered", "sending", "delivered"])
def test_what_is_on_its_way_is_not_sent_again(ticket, state):
    MessageOrder.objects.update(state=state)

    assert not send_again(the_order().pk)


def test_whoever_was_slower_than_their_claim_does_not_write_over_what_others_found(ticket, outside, monkeypatch):
    def meanwhile(self: Outside, message: Message) -> None:
        MessageOrder.objects.update(state="unknown", error="interrupted")

    monkeypatch.setattr(Outside, "send", meanwhile)

    send()

    assert the_order().state == "unknown"


def test_a_round_deals_with_so_many_messages_and_the_next_with_the_rest(cast, outside):
    for n in range(3):
        take_in(cast, phone=f"1990000000{n}")

    assert [send(batch=2), send(batch=2), send(batch=2)] == [2, 1, 0]
    assert len({message.id for message in outside.sent}) == 3


# One-time codes


@pytest.fixture
def coded(ticket) -> MessageOrder:
    """A message that carries a code for ten minutes."""
    key = subject_keys([ticket.customer_id])[ticket.customer_id]
    order_messages(
        [
            order_row(
                cause="the code",
                ticket_id=str(ticket.pk),
                recipient=f"customer:{ticket.customer_id}",
                channel="sms",
                template="phone_code",
                edition=ticket.edition,
                params={"minutes": 10, "expires_at": (MONDAY + timedelta(minutes=10)).isoformat()},
                secret=sealed_code(key, "the code", "271828"),
            )
        ]
    )
    MessageOrder.objects.exclude(cause="the code").delete()
    return MessageOrder.objects.get()


def test_a_code_goes_out_in_its_message_and_is_forgotten(coded, outside):
    send(MONDAY + timedelta(minutes=9, seconds=59))

    assert "271828" in outside.sent[0].text
    coded.refresh_from_db()
    assert coded.secret is None


def test_a_code_that_has_expired_is_not_sent(coded, outside):
    send(MONDAY + timedelta(minutes=10))

    coded.refresh_from_db()
    assert (coded.state, coded.error, coded.secret, outside.sent) == ("failed", "expired", None, [])


@pytest.mark.clause("T6.2")
@pytest.mark.parametrize(
    ("demo", "outbox", "seen"),
    [(False, False, False), (False, True, False), (True, False, False), (True, True, True)],
)
def test_a_code_is_read_only_in_the_outbox_of_a_demo(coded, settings, demo, outbox, seen):
    """Because the handler of a demo's ticket rated their own work by the link on its page."""
    settings.DEMO = demo

    text = message_text(coded, "en", opened=outbox)

    assert ("271828" in text) is seen
    assert (HIDDEN in text) is not seen


@pytest.mark.parametrize("demo", [False, True])
def test_where_there_is_no_gateway_a_code_is_kept_only_for_a_demo(coded, settings, demo):
    settings.DEMO, settings.SHOUWEN_GATEWAYS = demo, {}

    send()

    coded.refresh_from_db()
    assert (opened_code(coded) == "271828") is demo


def test_a_code_opens_in_its_own_message_only(coded, ticket):
    coded.cause = "another"

    with pytest.raises(SealBroken):
        opened_code(coded)


def test_a_code_stands_in_no_column_as_it_is(coded):
    row = MessageOrder.objects.values().get()

    assert "271828" not in str({name: value for name, value in row.items() if name != "secret"})
    assert b"271828" not in bytes(row["secret"])


def test_a_message_with_an_unfilled_blank_is_never_sent(ticket, outside):
    MessageOrder.objects.update(template="response_given")

    send()

    assert (the_order_of("response_given").state, outside.sent) == ("failed", [])
    with pytest.raises(KeyError):
        text_to_send(the_order_of("response_given"), "en")


def the_order_of(template: str) -> MessageOrder:
    return MessageOrder.objects.get(template=template)


# What messages say, and to whom


def test_times_are_told_in_the_carriers_own_zone_and_rules_by_name(ticket):
    order = the_order()
    order.template = "clock_breached"
    order.params = {"number": ticket.number, "rule": "undispatched", "due_at": on("2026-03-02 09:30").isoformat()}

    assert "2026-03-02 09:30" in message_text(order, "zh-hans")
    assert "「派单」" in message_text(order, "zh-hans")
    assert "“Dispatch”" in message_text(order, "en")


def test_an_inbox_holds_what_was_sent_to_the_person_and_their_teams(cast):
    for recipient in (f"person:{cast.handler.pk}", "team:network-3401", "team:billing", f"person:{cast.agent.pk}"):
        order_messages(
            [
                order_row(
                    cause=recipient, recipient=recipient, channel="desk", template="x", edition="e", params={"n": 1}
                )
            ]
        )

    found = {order.recipient for order in inbox_of(cast.actor("handler"), now())}

    assert found == {f"person:{cast.handler.pk}", "team:network-3401"}


def test_the_outbox_holds_what_leaves_the_desk(ticket, outside):
    send()

    assert [order.pk for order in outbox()] == [the_order().pk]
    assert list(outbox(state="failed")) == []
    assert [order.pk for order in messages_about(ticket.pk)] == [the_order().pk]


# E-mail, to a real SMTP server


class Post(socketserver.ThreadingTCPServer):
    """An SMTP server that keeps letters, and breaks off or refuses where it is told to."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Postman)
        self.letters: list[bytes] = []
        self.refuses: dict[str, bytes] = {}
        self.hangs_up_after = ""


class Postman(socketserver.StreamRequestHandler):
    server: Post

    def handle(self) -> None:
        self.say(b"220 post")
        while line := self.rfile.readline():
            verb = line.split()[0].decode().upper()
            if verb in self.server.refuses:
                self.say(self.server.refuses[verb])
            elif verb == "DATA":
                self.say(b"354 go on")
                self.take_letter()
            else:
                self.say({"QUIT": b"221 bye"}.get(verb, b"250 well"))
            if verb in ("QUIT", self.server.hangs_up_after):
                return

    def take_letter(self) -> None:
        lines = list(iter(self.rfile.readline, b".\r\n"))
        self.server.letters.append(b"".join(lines))
        if self.server.hangs_up_after != "DATA":
            self.say(self.server.refuses.get("LETTER", b"250 taken"))

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


@pytest.fixture
def post(settings) -> Iterator[Post]:
    with Post() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.SHOUWEN_GATEWAYS = {"email": "shouwen.notices.gateways.Smtp"}
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = *server.server_address, 5
        settings.DEFAULT_FROM_EMAIL = "客服 <desk@carrier.example>"
        yield server
        server.shutdown()


LETTER = Message(UUID(int=7), "agent@carrier.example", "工单 AH-1 已派给您。\n请处理。")


def test_a_letter_arrives_with_its_text_and_a_name_that_stays_the_same(post):
    Smtp().send(LETTER)
    Smtp().send(LETTER)

    one, two = (message_from_bytes(letter, policy=policy.default) for letter in post.letters)
    assert one.get_content().strip() == LETTER.text
    assert (one["To"], one["Subject"]) == (LETTER.to, "工单 AH-1 已派给您。")
    assert one["Message-ID"] == two["Message-ID"] == f"<{LETTER.id}@carrier.example>"


@pytest.mark.parametrize(
    ("verb", "said", "raised"),
    [
        ("RCPT", b"550 no such person", Undeliverable),
        ("RCPT", b"450 try later", NotNow),
        ("MAIL", b"421 busy", NotNow),
        ("DATA", b"554 no", Undeliverable),
        ("LETTER", b"451 full", NotNow),
        ("LETTER", b"552 too big", Undeliverable),
    ],
)
def test_what_the_server_says_no_to_is_certainly_not_sent(post, verb, said, raised):
    post.refuses = {verb: said}

    with pytest.raises(raised):
        Smtp().send(LETTER)


def test_a_connection_that_breaks_before_the_letter_is_no_loss(post):
    post.hangs_up_after = "RCPT"
    post.refuses = {"RCPT": b"421 going down"}

    with pytest.raises(NotNow):
        Smtp().send(LETTER)


def test_a_connection_that_breaks_after_the_letter_leaves_the_outcome_unknown(post):
    post.hangs_up_after = "DATA"

    with pytest.raises(OutcomeUnknown):
        Smtp().send(LETTER)
    assert len(post.letters) == 1


def test_where_nobody_listens_a_later_try_may_do_better(post, settings):
    post.shutdown()
    post.server_close()

    with pytest.raises(NotNow):
        Smtp().send(LETTER)


def test_an_order_by_e_mail_reaches_a_member_of_staff(cast, post):
    Person.objects.filter(pk=cast.agent.pk).update(email="agent@carrier.example")
    order_messages(
        [
            order_row(
                cause="mail",
                recipient=f"person:{cast.agent.pk}",
                channel="email",
                template="work_dispatched",
                edition="cn-telecom-2025@1",
                params={"number": "AH-1"},
            )
        ]
    )

    assert deliver(MONDAY, phone_of=phone_of) == 1

    assert "AH-1" in message_from_bytes(post.letters[0], policy=policy.default).get_content()


# Any number of workers


@pytest.mark.django_db(transaction=True)
def test_two_deliverers_share_the_work_and_send_each_message_once(cast, outside):
    for n in range(12):
        take_in(cast, phone=f"199000000{n:02}")
    together = threading.Barrier(2)

    def work() -> None:
        try:
            together.wait()
            while send():
                pass
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(outside.sent) == len({message.id for message in outside.sent}) == 12
    assert set(MessageOrder.objects.values_list("state", flat=True)) == {"delivered"}


def test_a_claim_holds_longer_than_the_slowest_gateway_may_take():
    from shouwen.notices.gateways import PATIENCE

    phrases = 8  # connect, greet, secure, sign in, mail, recipient, data, letter
    assert timedelta(seconds=PATIENCE * phrases) < delivery.CLAIM_HOLDS_FOR


def test_a_cause_longer_than_its_column_orders_once_all_the_same(db: None) -> None:
    """Because a pack may give its rules long names, and a follower that fails goes no further for anybody."""
    cause = f"ticket/warned/{'r' * 60}@{'p' * 60}"
    row = {"recipient": "team:billing", "channel": "desk", "template": "work_dispatched", "edition": "e", "params": {}}

    for _ in range(2):
        order_messages([order_row(cause=cause, **row)])

    assert MessageOrder.objects.count() == 1
