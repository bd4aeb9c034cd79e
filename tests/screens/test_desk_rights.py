"""Who gets in where: role by page by whose ticket it is."""

from __future__ import annotations

import pytest
from django.test import Client

from shouwen.handbook.moves import Move
from shouwen.tickets.models import TicketEvent
from shouwen.vault.models import AccessLog
from tests.cast import Cast
from tests.screens.desk import Desk, address, brought_to, taken_in

pytestmark = [pytest.mark.django_db, pytest.mark.clause("H7.3.1", "H5.2")]

WORKERS = {"agent", "other_agent", "handler", "other_handler", "supervisor", "manager"}
EVERYBODY = WORKERS | {"administrator"}
OVERSEERS = {"supervisor", "manager"}

# Page, and who may open it.
PAGES: list[tuple[str, set[str]]] = [
    ("/queues/my_first_ownership", {"agent", "other_agent", "supervisor"}),
    ("/queues/to_call_back", {"agent", "other_agent", "supervisor"}),
    ("/queues/my_work", {"handler", "other_handler", "supervisor"}),
    ("/queues/team_undispatched", {"handler", "other_handler", "supervisor"}),
    ("/queues/to_approve", {"supervisor", "manager"}),
    ("/queues/to_archive", {"supervisor"}),
    ("/queues/due_soon", WORKERS),
    ("/queues/overdue", WORKERS),
    ("/queues/nonsense", set()),
    ("/tasks", WORKERS),
    ("/tabs", EVERYBODY),
    ("/presence", WORKERS),
    ("/search?q=", WORKERS),
    ("/notices", EVERYBODY),
    ("/outbox", {"supervisor", "administrator"}),
    ("/rules", EVERYBODY),
    ("/rules/appendices/duties", EVERYBODY),
    ("/wall", OVERSEERS),
    ("/wall/numbers", OVERSEERS),
    ("/wall/overdue", OVERSEERS),
    ("/wall/nonsense", set()),
    ("/wall/teams/network-3401", OVERSEERS),
    ("/wall/teams/network-3412", {"manager"}),
    ("/wall/regions/3401", OVERSEERS),
    ("/administration", {"administrator"}),
    ("/administration/keys", {"administrator"}),
]

# Where a ticket is, and who of the cast may see it there. The manager answers for every region.
SIGHTS: list[tuple[str, dict[str, object], Move | None, set[str]]] = [
    ("here, at the desk", {}, None, {"agent", "supervisor", "manager"}),
    ("here, with the network team", {}, Move.DISPATCH, {"agent", "handler", "supervisor", "manager"}),
    ("elsewhere, at the desk", {"region": "341204"}, None, {"agent", "other_agent", "manager"}),
    ("nowhere known, at the desk", {"region": ""}, None, {"agent", "other_agent", "supervisor", "manager"}),
]


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_a_page_is_open_to_its_roles(cast: Cast, who: str) -> None:
    desk = Desk(getattr(cast, who))

    statuses = {page: desk.get(page).status_code for page, _ in PAGES}

    assert {page for page, status in statuses.items() if status == 200} == {page for page, may in PAGES if who in may}
    assert set(statuses.values()) <= {200, 403, 404}


@pytest.mark.parametrize(("where", "changes", "until", "may_see"), SIGHTS, ids=[row[0] for row in SIGHTS])
@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_a_ticket_out_of_sight_is_not_there_at_any_of_its_addresses(
    cast: Cast, who: str, where: str, changes: dict[str, object], until: Move | None, may_see: set[str]
) -> None:
    """Because a number somebody else's ticket has must tell a stranger nothing, not even that it exists."""
    ticket = brought_to(cast, until, **changes)
    events = TicketEvent.objects.filter(ticket_id=ticket.pk).count()
    desk = Desk(getattr(cast, who))
    seen = desk.open(ticket).status_code == 200
    assert seen == (who in may_see)
    if seen:
        return

    hidden = {403, 404}
    assert desk.get(f"{address(ticket)}/clocks/classify/1").status_code in hidden
    assert desk.get(f"{address(ticket)}/ledger").status_code in hidden
    assert desk.get(f"{address(ticket)}/statement").status_code in hidden
    assert desk.post(f"{address(ticket)}/statement", {"reason": "好奇", "language": "en"}).status_code in hidden
    assert desk.get(f"{address(ticket)}/slip").status_code in hidden
    assert desk.post(f"{address(ticket)}/slip").status_code in hidden
    token = ticket.customer.phone_token
    assert desk.post(f"{address(ticket)}/values/{token}", {"reason": "好奇"}).status_code in hidden
    for move in (Move.DISPATCH, Move.PROPOSE, Move.REJECT):
        assert desk.ask(ticket, move).status_code in hidden
    assert desk.make(ticket, Move.NOTE, text="看看").status_code in hidden
    found = desk.get("/search", {"q": ticket.number})
    assert found.status_code in {200, 403}
    assert address(ticket) not in found.content.decode()
    assert TicketEvent.objects.filter(ticket_id=ticket.pk).count() == events
    assert not AccessLog.objects.exists()


def test_whoever_is_not_signed_in_is_sent_to_sign_in(cast: Cast) -> None:
    ticket = taken_in(cast)
    for page in [*(page for page, _ in PAGES), "/", address(ticket), address(ticket, Move.NOTE)]:
        answer = Client().get(page)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("who", "first"),
    [
        ("agent", "/queues/my_first_ownership"),
        ("handler", "/queues/my_work"),
        ("supervisor", "/queues/team_undispatched"),
        ("manager", "/queues/to_approve"),
        ("administrator", "/administration"),
    ],
)
def test_everybody_begins_at_the_first_queue_of_their_role(cast: Cast, who: str, first: str) -> None:
    answer = Desk(getattr(cast, who)).get("/")

    assert answer["Location"] == first


def test_an_administrator_is_shown_no_complaint(cast: Cast) -> None:
    ticket = taken_in(cast, text="只有我家没有信号")
    desk = Desk(cast.administrator)

    pages = ["/administration", "/administration/keys", "/outbox", "/notices", "/tabs"]
    assert not any("只有我家" in desk.get(page).content.decode() for page in pages)
    outbox = desk.get("/outbox").content.decode()
    assert ticket.number in outbox  # the acknowledgement names it,
    assert f"/tickets/{ticket.number}" not in outbox  # but leads nowhere


def test_a_supervisors_outbox_stops_at_their_regions(cast: Cast) -> None:
    here, elsewhere = taken_in(cast), taken_in(cast, region="341204", phone="19900005678")

    outbox = Desk(cast.supervisor).get("/outbox").content.decode()

    assert here.number in outbox
    assert elsewhere.number not in outbox
