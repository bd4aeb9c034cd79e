"""Who gets in where: role by page by whose ticket it is."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from io import StringIO
from logging.config import DictConfigurator

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.test import Client

from shouwen.desk import header
from shouwen.handbook.authority import Actor, Sight
from shouwen.handbook.moves import Move
from shouwen.people.actions import make_person
from shouwen.people.models import Person, Team
from shouwen.tickets.models import TicketEvent
from shouwen.vault.models import AccessLog
from tests.cast import Cast
from tests.screens.desk import HTMX, Desk, address, brought_to, offered, taken_in
from tests.screens.test_list_export import lines, taken

pytestmark = [pytest.mark.django_db, pytest.mark.clause("H7.3.1", "H5.2")]

# The other roles of the shipped rules, and where their holders are: beside the cast.
FURTHER: dict[str, dict[str, object]] = {
    "field_engineer": {"teams": "network-3401"},
    "network_engineer": {"teams": "network-3401"},
    "account_manager": {"regions": ["3401"]},
    "quality_inspector": {"regions": ["3401"]},
    "analyst": {"regions": ["0"]},
    "auditor": {"regions": ["0"]},
    "executive": {"regions": ["0"]},
}
ENGINEERS = {"field_engineer", "network_engineer"}
HANDLERS = {"handler", "other_handler"} | ENGINEERS
LOOKERS_ON = {"analyst", "auditor", "executive"}  # of every region
WORKERS = {"agent", "other_agent", *HANDLERS, "supervisor", "manager", *FURTHER}
EVERYBODY = WORKERS | {"administrator"}
# Who writes down what is known of customers: adds to tickets and sees whom they are of, or looks after the desk.
KNOWERS = EVERYBODY - LOOKERS_ON - {"network_engineer", "manager", "quality_inspector"}
OVERSEERS = {"supervisor", "manager"}
WATCHERS = WORKERS - {"quality_inspector"}  # of what is due


def person(cast: Cast, who: str) -> Person:
    """One of the cast, or the holder of a further role."""
    if who not in FURTHER:
        return getattr(cast, who)
    place = FURTHER[who]
    teams = Team.objects.filter(code=place.get("teams"))
    return make_person(who, display_name=who, roles=[who], teams=teams, regions=place.get("regions", ()))


# Page, and who may open it.
PAGES: list[tuple[str, set[str]]] = [
    ("/queues/my_first_ownership", {"agent", "other_agent", "supervisor"}),
    ("/queues/to_call_back", {"agent", "other_agent", "supervisor"}),
    ("/queues/my_work", {*HANDLERS, "supervisor"}),
    ("/queues/team_undispatched", {*HANDLERS, "supervisor"}),
    ("/queues/to_approve", {"supervisor", "manager"}),
    ("/queues/to_archive", {"supervisor", "quality_inspector", "auditor"}),
    ("/queues/due_soon", WATCHERS - {"auditor"}),
    ("/queues/overdue", WATCHERS),
    ("/queues/nonsense", set()),
    ("/queues/all", WORKERS),
    ("/queues/all/filters", WORKERS),
    ("/queues/to_archive/filters", {"supervisor", "quality_inspector", "auditor"}),
    ("/queues/all/export", WORKERS),
    ("/wall/open/export", OVERSEERS),
    ("/wall/nonsense/export", set()),
    ("/wall/teams/network-3401/export", OVERSEERS),
    ("/wall/teams/network-3412/export", {"manager"}),
    ("/wall/regions/3401/export", OVERSEERS),
    ("/search/export", WORKERS),
    ("/callbacks/export", {"agent", "other_agent", "supervisor"}),
    ("/outbox/export", {"supervisor", "administrator"}),
    ("/approvals?as=xlsx", OVERSEERS),
    ("/tasks?as=csv", WORKERS),
    ("/events?as=xlsx", WORKERS),
    ("/trainings?as=xlsx", EVERYBODY),
    ("/reviews?as=csv", {"supervisor", "manager"}),
    ("/satisfaction?as=xlsx", {"supervisor", "manager"}),
    ("/administration/teams?as=csv", {"administrator"}),
    ("/views", WORKERS),
    ("/views?as=xlsx", WORKERS),
    ("/notices?as=csv", EVERYBODY),
    ("/rules?as=xlsx", EVERYBODY),
    ("/rules/appendices/duties?as=csv", EVERYBODY),
    ("/calendars?as=xlsx", EVERYBODY),
    ("/macros?as=xlsx", {"supervisor"}),
    ("/wall?as=xlsx", OVERSEERS),
    ("/load/export", OVERSEERS),
    ("/load/export?team=network-3412", {"manager"}),
    ("/bulk", WORKERS),
    ("/bulk/note", WORKERS),
    ("/self-help", OVERSEERS),
    ("/views/new/all", WORKERS),
    ("/tasks", WORKERS),
    ("/events", WORKERS),
    ("/tabs", EVERYBODY),
    ("/presence", WORKERS),
    ("/search?q=", WORKERS),
    ("/search/help", WORKERS),
    ("/notices", EVERYBODY),
    ("/notices?ticket=00000000-0000-0000-0000-000000000000", EVERYBODY),
    ("/outbox", {"supervisor", "administrator"}),
    ("/callbacks", {"agent", "other_agent", "supervisor"}),
    ("/reviews", {"supervisor", "manager"}),
    ("/reviews?decided=1", {"supervisor", "manager"}),
    ("/trainings", EVERYBODY),
    ("/satisfaction", {"supervisor", "manager"}),
    ("/rules", EVERYBODY),
    ("/rules/appendices/duties", EVERYBODY),
    ("/wall", OVERSEERS),
    ("/wall/numbers", OVERSEERS),
    ("/wall/overdue", OVERSEERS),
    ("/wall/nonsense", set()),
    ("/wall/teams/network-3401", OVERSEERS),
    ("/wall/teams/network-3412", {"manager"}),
    ("/wall/regions/3401", OVERSEERS),
    ("/access-log", {"administrator", "auditor"}),
    ("/access-log?as=xlsx", {"administrator", "auditor"}),
    ("/macros", {"supervisor"}),
    ("/macros/new", {"supervisor"}),
    ("/load", OVERSEERS),
    ("/load?team=network-3412", {"manager"}),
    ("/approvals", OVERSEERS),
    ("/overdue", OVERSEERS),
    ("/collaboration", OVERSEERS),
    ("/collaboration?as=xlsx", OVERSEERS),
    ("/overdue?as=xlsx", OVERSEERS),
    ("/accounts/2fa/", EVERYBODY),
    ("/administration", {"administrator"}),
    ("/administration/keys", {"administrator"}),
    ("/administration/people", {"administrator"}),
    ("/administration/people?as=xlsx", {"administrator"}),
    ("/customers/known", KNOWERS),
    ("/customers/known/template", KNOWERS),
    ("/administration/people/new", {"administrator"}),
    ("/administration/people/import", {"administrator"}),
    ("/administration/people/template", {"administrator"}),
    ("/administration/teams", {"administrator"}),
    ("/administration/teams/new", {"administrator"}),
    ("/administration/teams/network-3401", {"administrator"}),
    ("/administration/coverage", {"administrator"}),
    ("/administration/coverage?as=xlsx", {"administrator"}),
    ("/administration/keys?as=xlsx", {"administrator"}),
    ("/administration/changes", {"administrator", "auditor"}),
    ("/administration/first-steps", {"administrator"}),
    ("/administration/moving-in", {"administrator", "supervisor"}),
    ("/administration/moving-in/template", {"administrator", "supervisor"}),
    ("/duty/network-3401", {"administrator", "supervisor", "manager", "handler", *ENGINEERS}),
    ("/duty/network-3401?as=xlsx", {"administrator", "supervisor", "manager", "handler", *ENGINEERS}),
    ("/duty/nowhere", set()),
    ("/duty/network-3401/handover", {"supervisor", "manager", "handler", *ENGINEERS}),
    ("/duty/network-3412/handover", {"manager"}),
    ("/handovers", WORKERS),
    ("/handovers?as=csv", WORKERS),
    ("/administration/changes?as=csv", {"administrator", "auditor"}),
]

# Where a ticket is, and who of the cast may see it there. The manager answers for every region.
ALL = {"agent", "manager", *LOOKERS_ON}  # the agent owns it, the others answer for every region
SIGHTS: list[tuple[str, dict[str, object], Move | None, set[str]]] = [
    ("here, at the desk", {}, None, ALL | {"supervisor"}),
    ("here, with the network team", {}, Move.DISPATCH, ALL | {"supervisor", "handler", *ENGINEERS}),
    ("elsewhere, at the desk", {"region": "341204"}, None, ALL | {"other_agent"}),
    ("nowhere known, at the desk", {"region": ""}, None, ALL | {"other_agent", "supervisor"}),
    ("of a group customer", {"customer_level": "enterprise"}, None, ALL | {"supervisor", "account_manager"}),
    ("finished here", {}, Move.CLOSE, ALL | {"supervisor", "handler", *ENGINEERS, "quality_inspector"}),
]


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_a_page_is_open_to_its_roles(cast: Cast, who: str) -> None:
    desk = Desk(person(cast, who))

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
    desk = Desk(person(cast, who))
    seen = desk.open(ticket).status_code == 200
    assert seen == (who in may_see)
    if seen:
        return

    hidden = {403, 404}
    assert desk.get(f"{address(ticket)}/clocks/classify/1").status_code in hidden
    assert desk.get(f"{address(ticket)}/panes/customer").status_code in hidden
    assert desk.get(f"{address(ticket)}/panes/customer", headers=HTMX).status_code in hidden
    assert desk.get(f"{address(ticket)}/history", headers=HTMX).status_code in hidden
    assert desk.get(f"{address(ticket)}/clocks").status_code in hidden
    assert desk.get(f"{address(ticket)}/terms/severity").status_code in hidden
    assert desk.post(f"{address(ticket)}/terms/severity", {"reason": "好奇"}).status_code in hidden
    assert desk.get(f"{address(ticket)}/priority").status_code in hidden
    assert desk.post(f"{address(ticket)}/colleagues", {"q": ""}).status_code in hidden
    assert desk.get(f"{address(ticket)}/ledger").status_code in hidden
    assert desk.get(f"{address(ticket)}/ledger?as=xlsx").status_code in hidden
    assert desk.get(f"{address(ticket)}/messages/export").status_code in hidden
    assert desk.get(f"{address(ticket)}/export").status_code in hidden
    taken_away = desk.post(f"{address(ticket)}/messages/export", {"reason": "好奇", "kind": "csv"})
    assert taken_away.status_code in hidden
    assert desk.get(f"{address(ticket)}/statement").status_code in hidden
    assert desk.post(f"{address(ticket)}/statement", {"reason": "好奇", "language": "en"}).status_code in hidden
    assert desk.get(f"{address(ticket)}/macros").status_code in hidden
    assert desk.post(f"{address(ticket)}/macros", {"macro": "0"}).status_code in hidden
    assert desk.get(f"{address(ticket)}/slip").status_code in hidden
    assert desk.get(f"/events/{ticket.number}").status_code in hidden
    assert desk.get(f"/events/{ticket.number}/export").status_code in hidden
    assert desk.get(f"/customers/{ticket.customer_id}").status_code in hidden
    assert desk.get(f"{address(ticket)}/attachments").status_code in hidden
    assert desk.post(f"{address(ticket)}/attachments", {"form": "1"}).status_code in hidden
    assert desk.post(f"{address(ticket)}/slip").status_code in hidden
    token = ticket.customer.phone_token
    assert desk.post(f"{address(ticket)}/values/{token}", {"reason": "好奇"}).status_code in hidden
    for move in (Move.DISPATCH, Move.PROPOSE, Move.REJECT):
        assert desk.ask(ticket, move).status_code in hidden
    assert desk.make(ticket, Move.NOTE, text="看看").status_code in hidden
    found = desk.get("/search", {"q": ticket.number})
    assert found.status_code in {200, 403}
    assert address(ticket) not in found.content.decode()
    for typed in (ticket.number, ticket.number[:8], "19900001234", "信号很弱"):
        looked_up = desk.post("/lookup/tickets", {"q": typed})
        assert looked_up.status_code in {200, 403}
        assert ticket.number not in looked_up.content.decode()
    assert TicketEvent.objects.filter(ticket_id=ticket.pk).count() == events
    assert not AccessLog.objects.exists()


# What a role that sees a ticket may do with it: nothing, or nothing with personal data.
READ_ONLY = ("quality_inspector", "analyst", "auditor", "executive")
NOTHING_PERSONAL = ("network_engineer", "analyst", "auditor", "executive")


@pytest.mark.parametrize("who", READ_ONLY)
def test_who_only_reads_is_offered_no_move_and_makes_none(cast: Cast, who: str) -> None:
    ticket = brought_to(cast, Move.CLOSE)
    desk = Desk(person(cast, who))
    events = TicketEvent.objects.filter(ticket_id=ticket.pk).count()

    assert offered(desk.open(ticket)) == set()
    for move in (Move.NOTE, Move.ARCHIVE, Move.REOPEN):
        assert desk.make(ticket, move, text="看看", reason="看看").status_code in {403, 404, 409}
    assert TicketEvent.objects.filter(ticket_id=ticket.pk).count() == events


@pytest.mark.clause("H7.3.1")
@pytest.mark.parametrize("who", NOTHING_PERSONAL)
def test_who_needs_no_personal_data_is_shown_none_not_even_masked(cast: Cast, who: str) -> None:
    """Because statistics and audits need what happened, not to whom."""
    ticket = brought_to(cast, Move.DISPATCH, text="请回电 19900001234，家里没信号")
    desk = Desk(person(cast, who))

    page = desk.open(ticket).content.decode()

    assert "199****1234" not in page
    assert "data-reveal=" not in page.partition('id="ticket"')[2].partition("</main>")[0]
    listed = desk.get("/search?q=没信号").content.decode()
    assert ticket.number in listed
    assert "199****1234" not in listed
    assert "199****1234" in Desk(cast.agent).get("/search?q=没信号").content.decode()
    assert "199****1234" not in desk.get(f"{address(ticket)}/messages").content.decode()
    assert "199****1234" in Desk(cast.agent).get(f"{address(ticket)}/messages").content.decode()
    token = ticket.customer.phone_token
    assert desk.post(f"{address(ticket)}/values/{token}", {"reason": "好奇"}).status_code == 403
    assert desk.post(f"{address(ticket)}/statement", {"reason": "好奇", "language": "en"}).status_code == 403
    assert not AccessLog.objects.exists()
    assert "of=" not in (desk.post("/search", {"q": "19900001234"})["Location"])


def test_an_engineer_of_the_network_decides_on_a_return_without_seeing_whose_it_is(cast: Cast) -> None:
    ticket = brought_to(cast, Move.PROPOSE)
    Desk(cast.supervisor).make(ticket, Move.RETURN, reason="请先回电 19900001234 核实")

    shown = {}
    for who in ("network_engineer", "handler"):
        body = Desk(person(cast, who)).ask(ticket, Move.PROPOSE).content.decode()
        shown[who] = body.partition("The last proposal was returned:")[2].partition("</p>")[0]

    assert "核实" in shown["network_engineer"]
    assert "****" not in shown["network_engineer"]
    assert "****" in shown["handler"]


def test_the_outbox_tells_an_administrator_no_numbers_not_even_masked(cast: Cast) -> None:
    ticket = taken_in(cast)
    for who, seen in (("administrator", False), ("supervisor", True)):
        desk = Desk(getattr(cast, who))
        listed = desk.get("/outbox").content.decode()
        assert ticket.number in listed
        assert ("199****1234" in listed) is seen
        file = "\n".join(lines(taken(desk, "/outbox")))
        assert ticket.number in file
        assert ("199****1234" in file) is seen


def test_a_list_of_the_wall_names_nobody_to_overseers_whose_rules_show_them_nobody(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = taken_in(cast)
    listed = Desk(cast.supervisor).get("/wall/open").content.decode()
    assert ticket.number in listed
    assert "199****1234" in listed
    before = header.actor_of

    def without(request: HttpRequest) -> Actor:
        actor = before(request)
        return replace(actor, stated_sights=actor.sights - {Sight.PERSONAL})

    monkeypatch.setattr("shouwen.desk.pages.door.actor_of", without)
    listed = Desk(cast.supervisor).get("/wall/open").content.decode()

    assert ticket.number in listed
    assert "199****1234" not in listed


def test_several_roles_see_what_each_of_them_sees(cast: Cast) -> None:
    both = make_person("both", display_name="两岗", roles=["account_manager", "agent"], regions=["3401"])

    assert Desk(both).open(taken_in(cast, first_owner=None)).status_code == 200


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
        ("field_engineer", "/queues/my_work"),
        ("network_engineer", "/queues/my_work"),
        ("account_manager", "/queues/due_soon"),
        ("quality_inspector", "/queues/to_archive"),
        ("analyst", "/queues/overdue"),
        ("auditor", "/queues/overdue"),
        ("executive", "/queues/overdue"),
    ],
)
def test_everybody_begins_at_the_first_queue_of_their_role(cast: Cast, who: str, first: str) -> None:
    answer = Desk(person(cast, who)).get("/")

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


@contextmanager
def logged() -> Iterator[StringIO]:
    """What the desk's log says meanwhile, by the very settings it has."""
    said, ours = StringIO(), DictConfigurator(deepcopy(settings.LOGGING))
    for kind, configure in (("formatters", ours.configure_formatter), ("filters", ours.configure_filter)):
        for name, wanted in ours.config[kind].items():
            ours.config[kind][name] = configure(wanted)
    handler = ours.configure_handler({**ours.config["handlers"]["stderr"], "stream": said})
    logging.getLogger().addHandler(handler)
    try:
        yield said
    finally:
        logging.getLogger().removeHandler(handler)


def test_a_refused_page_is_one_line_in_the_log_because_a_way_there_would_hide_the_faults(cast: Cast) -> None:
    with logged() as said:
        assert Desk(cast.agent).get("/administration/people").status_code == 403

    [line] = said.getvalue().splitlines()
    assert line.endswith("Forbidden (Permission denied): /administration/people")


@pytest.mark.parametrize("path", ["/portal/surveys/", "/accounts/password/link/"])
def test_no_link_that_opens_something_stands_in_the_log(cast: Cast, path: str) -> None:
    """Because Django logs the way to every answer of 4xx, and a log is read by more people than the link was for."""
    with logged() as said:
        assert Client().post(f"{path}Kq7-live_Token/nowhere").status_code == 404

    assert f"Not Found: {path}…/nowhere" in said.getvalue()
    assert "Kq7" not in said.getvalue()
