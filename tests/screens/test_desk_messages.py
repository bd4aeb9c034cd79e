"""Notices to staff, messages to customers, keys for other systems."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shouwen.customers.access import make_code
from shouwen.handbook.moves import Move
from shouwen.notices.actions import order_messages, order_row
from shouwen.notices.codes import sealed_code
from shouwen.notices.models import MessageOrder
from shouwen.people.models import ApiKey
from shouwen.people.queries import key_hash
from shouwen.tickets.models import Ticket
from shouwen.vault.queries import subject_keys
from tests.cast import Cast
from tests.screens.desk import Desk, address, brought_to, taken_in, text_of

pytestmark = pytest.mark.django_db


def dispatched(cast: Cast) -> Ticket:
    """A ticket dispatched at the desk, so that its handler hears of it."""
    ticket = brought_to(cast, Move.ASSESS)
    Desk(cast.agent).make(ticket, Move.DISPATCH, team="network-3401", handler=str(cast.handler.pk))
    return ticket


@pytest.mark.clause("S3.3b")
def test_a_handler_hears_of_work_dispatched_to_them_and_marks_it_read(cast: Cast) -> None:
    ticket = dispatched(cast)
    desk = Desk(cast.handler)
    assert '>Notices<span class="count count-press">1<' in desk.get("/tabs").content.decode()
    page = desk.get("/notices").content.decode()
    assert f"Ticket {ticket.number} has been dispatched to you" in page
    [notice] = MessageOrder.objects.filter(recipient=f"person:{cast.handler.pk}")
    assert f'href="/notices/{notice.pk}"' in page

    assert desk.post(f"/notices/{notice.pk}/reading").status_code == 302

    assert '>Notices<span class="count">0<' in desk.get("/tabs").content.decode()
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_a_notice_that_is_opened_is_read_and_leads_to_its_ticket(cast: Cast) -> None:
    ticket = dispatched(cast)
    [notice] = MessageOrder.objects.filter(recipient=f"person:{cast.handler.pk}")

    assert Desk(cast.handler).get(f"/notices/{notice.pk}")["Location"] == address(ticket)
    assert Desk(cast.other_handler).get(f"/notices/{notice.pk}").status_code == 404

    notice.refresh_from_db()
    assert notice.read_at is not None


def test_nobody_marks_the_notices_of_others(cast: Cast) -> None:
    dispatched(cast)
    [notice] = MessageOrder.objects.filter(recipient=f"person:{cast.handler.pk}")

    Desk(cast.other_handler).post(f"/notices/{notice.pk}/reading")
    Desk(cast.other_handler).post("/notices/reading")

    notice.refresh_from_db()
    assert notice.read_at is None


def test_what_is_said_to_a_team_is_said_to_its_members(cast: Cast) -> None:
    ticket = taken_in(cast)
    notice = order_row(
        cause="test/team",
        recipient="team:billing",
        channel="desk",
        template="work_dispatched",
        edition=ticket.edition,
        params={"number": ticket.number},
    )
    order_messages([notice])

    assert ticket.number in text_of(Desk(cast.other_handler).get("/notices"))
    assert ticket.number not in text_of(Desk(cast.handler).get("/notices"))


def test_all_are_read_at_once(cast: Cast) -> None:
    for _ in range(3):
        dispatched(cast)
    desk = Desk(cast.handler)

    desk.post("/notices/reading")

    assert not MessageOrder.objects.filter(recipient=f"person:{cast.handler.pk}", read_at=None).exists()


@pytest.mark.clause("S1.1b")
@pytest.mark.parametrize(
    ("language", "text", "state"),
    [("en", "has been received as", "waiting to be sent"), ("zh-hans", "您的投诉已受理", "待发送")],
)
def test_the_outbox_shows_each_message_and_what_became_of_it(cast: Cast, language: str, text: str, state: str) -> None:
    ticket = taken_in(cast)

    page = text_of(Desk(cast.supervisor, language=language).get("/outbox"))

    assert text in page
    assert state in page
    assert ticket.number in page


def test_the_outbox_is_narrowed_to_what_became_of_the_messages(cast: Cast) -> None:
    sent, waiting = taken_in(cast), taken_in(cast, phone="19900005678")
    MessageOrder.objects.filter(ticket_id=sent.pk).update(state=MessageOrder.NO_GATEWAY)
    desk = Desk(cast.supervisor)

    assert sent.number in text_of(desk.get("/outbox?state=no_gateway"))
    assert waiting.number not in text_of(desk.get("/outbox?state=no_gateway"))
    assert waiting.number in text_of(desk.get("/outbox?state=nonsense"))


@pytest.mark.parametrize(
    ("state", "goes_again"),
    [("no_gateway", True), ("failed", True), ("unknown", True), ("ordered", False), ("delivered", False)],
)
def test_a_message_that_got_stuck_is_sent_again_by_who_has_looked_into_it(
    cast: Cast, state: str, goes_again: bool
) -> None:
    taken_in(cast)
    order = MessageOrder.objects.get(template="acknowledgement")
    MessageOrder.objects.update(state=state, tries=3)
    desk = Desk(cast.supervisor)

    offered = f"/outbox/{order.pk}/sending" in desk.get("/outbox").content.decode()
    desk.post(f"/outbox/{order.pk}/sending")

    order.refresh_from_db()
    assert offered is goes_again
    assert (order.state, order.tries) == (("ordered", 0) if goes_again else (state, 3))


@pytest.mark.parametrize(("who", "status"), [("agent", 403), ("supervisor", 404), ("administrator", 302)])
def test_only_who_sees_a_message_may_send_it_again(cast: Cast, who: str, status: int) -> None:
    taken_in(cast, region="340300")
    order = MessageOrder.objects.get(template="acknowledgement")

    assert Desk(getattr(cast, who)).post(f"/outbox/{order.pk}/sending").status_code == status


def test_a_code_that_has_expired_is_not_sent_again(cast: Cast) -> None:
    taken_in(cast)
    expired = (timezone.now() - timedelta(minutes=1)).isoformat()
    MessageOrder.objects.update(state="failed", params={"expires_at": expired})
    order = MessageOrder.objects.get()

    Desk(cast.supervisor).post(f"/outbox/{order.pk}/sending")

    order.refresh_from_db()
    assert order.state == "failed"


@pytest.mark.parametrize("demo", [True, False])
def test_a_one_time_code_is_readable_only_in_a_demo(cast: Cast, settings: Any, demo: bool) -> None:
    settings.DEMO = demo
    ticket = taken_in(cast)
    code = make_code(ticket.pk, at=timezone.now())
    cause = f"test/{code.id}"
    subject = subject_keys([ticket.customer_id])[ticket.customer_id]
    order = order_row(
        cause=cause,
        ticket_id=str(ticket.pk),
        recipient=f"customer:{ticket.customer_id}",
        channel="sms",
        template="phone_code",
        edition=ticket.edition,
        params={"minutes": 10},
        secret=sealed_code(subject, cause, code.digits),
    )
    order_messages([order])

    page = Desk(cast.supervisor).get("/outbox").content.decode()

    assert (code.digits in page) is demo


def test_the_lists_cost_the_same_however_long_they_are(cast: Cast) -> None:
    desk = Desk(cast.supervisor)
    taken_in(cast)
    desk.get("/outbox")
    with CaptureQueriesContext(connection) as one:
        desk.get("/outbox")
    for n in range(5):
        taken_in(cast, phone=f"1990000567{n}")
    with CaptureQueriesContext(connection) as six:
        desk.get("/outbox")

    assert len(six) == len(one)


@pytest.mark.clause("H7.3.1")
def test_a_key_is_made_shown_once_and_revoked(cast: Cast) -> None:
    desk = Desk(cast.administrator)
    fields = {"name": "门户网站", "scopes": ["tickets:create"], "regions": "3401，3412", "expires_on": ""}

    made = desk.post("/administration/keys", fields)

    secret = re.search(r'class="slip-code">([^<]+)<', made.content.decode())[1]
    [key] = ApiKey.objects.filter(revoked_at=None)
    assert bytes(key.key_hash) == key_hash(secret)
    assert (key.name, key.scopes, key.regions, key.created_by) == (
        "门户网站",
        ["tickets:create"],
        ["3401", "3412"],
        cast.administrator,
    )
    assert made["Cache-Control"] == "no-store"
    assert secret not in desk.get("/administration/keys").content.decode()

    desk.post(f"/administration/keys/{key.pk}/revocation")

    assert not ApiKey.objects.filter(revoked_at=None).exists()
    assert "revoked" in text_of(desk.get("/administration/keys"))


def test_a_page_loaded_again_makes_no_second_key(cast: Cast) -> None:
    desk = Desk(cast.administrator)
    form = re.search(r'name="form" value="(\w+)"', desk.get("/administration/keys").content.decode())[1]
    fields = {"name": "网厅", "scopes": ["tickets:create"], "regions": "0", "form": form}
    desk.post("/administration/keys", fields)

    again = desk.post("/administration/keys", fields, follow=True)

    assert ApiKey.objects.filter(name="网厅").count() == 1
    assert "Its secret is not shown again" in text_of(again)


def test_keys_in_force_come_before_all_that_were_revoked(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Because the list ends somewhere, and a key that works must not be what is left out."""
    monkeypatch.setattr("shouwen.desk.pages.administration.KEYS_AT_MOST", 3)
    desk, start = Desk(cast.administrator), timezone.now()
    for n, name in enumerate(["甲", "乙", "丙", "丁"]):
        fields = {"name": f"系统{name}", "scopes": ["tickets:read"], "regions": "0", "expires_on": ""}
        desk.post("/administration/keys", fields)
        revoked = None if name in "甲丁" else start + timedelta(minutes=n)
        ApiKey.objects.filter(name=f"系统{name}").update(revoked_at=revoked)

    page = desk.get("/administration/keys").content.decode()

    assert list(dict.fromkeys(re.findall("系统[甲乙丙丁]", page))) == ["系统丁", "系统甲", "系统丙"]


def test_a_key_ends_with_its_day(cast: Cast) -> None:
    day = timezone.localdate() + timedelta(days=30)
    fields = {"name": "短期系统", "scopes": ["tickets:read"], "regions": "0", "expires_on": day.isoformat()}

    Desk(cast.administrator).post("/administration/keys", fields)

    [key] = ApiKey.objects.all()
    assert timezone.localtime(key.expires_at).date() == day + timedelta(days=1)
    assert timezone.localtime(key.expires_at).hour == 0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": ""}, "field-wrong"),
        ({"scopes": []}, "field-wrong"),
        ({"regions": "安徽, 火星"}, "“火星” is no region"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(cast: Cast, wrong: dict[str, object], says: str) -> None:
    fields = {"name": "门户网站", "scopes": ["tickets:create"], "regions": "0", **wrong}

    answer = Desk(cast.administrator).post("/administration/keys", fields)

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_an_administrator_finds_the_way_to_people_teams_and_keys(cast: Cast) -> None:
    desk = Desk(cast.administrator)
    page = desk.get("/administration").content.decode()
    links = set(re.findall(r'class="tile" href="([^"]+)"', page))

    assert {"/administration/people", "/administration/teams", "/administration/keys", "/outbox"} <= links
    assert {desk.get(link, follow=True).status_code for link in links} == {200}


@pytest.mark.parametrize("written", ["合肥，3412", "合肥市, 阜阳", "Hefei, Fuyang", "3401, 3412"])
def test_the_regions_of_a_key_are_written_by_name_or_by_code(cast: Cast, written: str) -> None:
    """Because nobody knows the codes by heart, and the form of a team takes names too."""
    fields = {"name": "门户网站", "scopes": ["tickets:create"], "regions": written}

    Desk(cast.administrator).post("/administration/keys", fields)

    assert ApiKey.objects.get(revoked_at=None, name="门户网站").regions == ["3401", "3412"]


def test_the_bar_to_send_again_waits_hidden_until_a_message_can_go_again(cast: Cast) -> None:
    """Because a list keeps itself up to date: the bar is there for whatever gets stuck while somebody looks."""
    taken_in(cast)
    desk = Desk(cast.administrator)
    bar = re.compile(r'<div class="card-header" data-bar( hidden)?>')

    assert bar.search(desk.get("/outbox").content.decode())[1]
    MessageOrder.objects.update(state=MessageOrder.NO_GATEWAY)
    assert not bar.search(desk.get("/outbox").content.decode())[1]
