"""What the tests of the public pages share."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from shouwen.notices.codes import opened_code
from shouwen.notices.models import MessageOrder
from shouwen.tickets.models import Ticket

PHONE = "19900001234"
FORM = re.compile(r'name="form" value="([0-9a-f]{32})"')

COMPLAINT = {
    "category": "network.coverage.weak",
    "asked_place": "某市某区某路 1 号 3 栋",
    "asked_signal_bars": "one",
    "asked_network_kind": "nr",
    "asked_affected_service": "web",
    "asked_when_it_happens": "always",
    "text": "家里信号很弱，经常断线，已经一周了。",
    "requested": "请尽快改善。",
    "region": "3401",
    "phone": PHONE,
    "name": "某客户",
    "website": "",
}


def form_name(page: Any) -> str:
    """The name of the form on a page."""
    found = FORM.search(page.content.decode())
    assert found, "there is no form on this page"
    return found[1]


def fill_in(client: Client, **changes: str) -> dict[str, str]:
    """A filled-in complaint, ready to be sent."""
    return COMPLAINT | {"form": form_name(client.get("/portal/submit"))} | changes


def complain(client: Client, **changes: str) -> Ticket:
    """Make a complaint and return its ticket."""
    answer = client.post("/portal/submit", fill_in(client, **changes))
    assert answer.status_code == 302, answer.content.decode()
    return Ticket.objects.latest("recorded_at")


def ask_for_code(client: Client, number: str, phone: str = PHONE) -> Any:
    return client.post("/portal/track", {"number": number, "phone": phone})


def texted_code() -> str:
    """The code of the latest text message."""
    order = MessageOrder.objects.filter(template="phone_code").latest("ordered_at")
    return opened_code(order) or ""


def enter(client: Client, ticket: Ticket, phone: str = PHONE) -> Client:
    """Open the door to a ticket with a code, as its customer does."""
    ask_for_code(client, ticket.number, phone)
    answer = client.post("/portal/track/code", {"code": texted_code()})
    assert answer.status_code == 302, answer.content.decode()
    return client
