"""How each address is opened to be looked at: with which examples, by whom. What is not a page says why it is none."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.test import Client
from django.urls import reverse

from shouwen.customers.models import Customer
from shouwen.desk.models import Macro, SavedView
from shouwen.desk.panes import PANES
from shouwen.editions.models import CalendarVersion, EditionDraft, EditionVersion
from shouwen.editions.queries import current_edition
from shouwen.handbook.attachments import present
from shouwen.handbook.lifecycle import Move, moves_from
from shouwen.notices.models import MessageOrder
from shouwen.people.actions import make_password_link
from shouwen.people.models import ApiKey, Handover, Leave, Person, Team
from shouwen.service_levels.models import Clock
from shouwen.surveys.models import Callback, Improvement, Review, Training
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of, state_of
from tests.screens.addresses import Address
from tests.screens.portal import ask_for_code, complain, enter
from tests.screens.test_second_factor import PASSWORD, SET_UP, set_up, signed_in
from tests.screens.world import PHONE, World

Examples = Callable[[World, Person | None], Iterable[object]]
FEW = 16  # tickets that are tried before an address counts as one that nobody may open
SEVERAL = {"desk:queue": 12, "desk:ticket": 8, "desk:pane": 8, "desk:appendix": 8, "desk:wall_list": 12}  # pictures


def of_rows(model: type, name: str = "pk", **which: object) -> Examples:
    return lambda _world, _person: model.objects.filter(**which).values_list(name, flat=True)[:5]  # type: ignore[attr-defined]


def _queues(world: World, person: Person | None) -> Iterable[object]:
    return [code for role in person.roles for code in current_edition(world.at).roles[role].queues] if person else []


def _files(world: World, _person: Person | None) -> Iterable[object]:
    return [one.id for one in present(history_of(Ticket.objects.get(number=world.tickets[0]).pk))]


def _notices(_world: World, person: Person | None) -> Iterable[object]:
    return MessageOrder.objects.filter(recipient=f"person:{person.pk}" if person else "").values_list("pk", flat=True)[
        :3
    ]


def _sections(_world: World, _person: Person | None) -> Iterable[object]:
    return ("process", "time-limits", "scoring", "duties")


def _panes(_world: World, _person: Person | None) -> Iterable[object]:
    return PANES


# By parameter, or by address and parameter where that says more.
EXAMPLES: dict[str, Examples] = {
    "number": lambda world, _person: world.tickets[:FEW],
    "portal:ticket.number": lambda world, _person: [world.told],
    "portal:files.number": lambda world, _person: [world.told],
    "portal:telling.number": lambda world, _person: [world.told],
    "desk:term.name": lambda _world, _person: ["category", "severity", "priority", "reach", "customer_level"],
    "customer": of_rows(Customer),
    "desk:event.number": lambda world, _person: [world.event],
    "desk:event_export.number": lambda world, _person: [world.event],
    "portal:survey.token": lambda world, _person: [world.survey],
    "guide": lambda _world, _person: ["broadband"],
    "code": _queues,
    "desk:pane.code": _panes,
    "desk:team.code": of_rows(Team),
    "desk:roster.code": of_rows(Team),
    "desk:new_handover.code": of_rows(Team),
    "handover": of_rows(Handover),
    "view": of_rows(SavedView),
    "notice": _notices,
    "callback": of_rows(Callback),
    "review": of_rows(Review),
    "training": of_rows(Training),
    "improvement": of_rows(Improvement),
    "order": of_rows(MessageOrder),
    "person": of_rows(Person),
    "team": of_rows(Team),
    "region": lambda _world, _person: ["3401"],
    "desk:calendar.name": of_rows(CalendarVersion, "name"),
    "desk:appendix.name": _sections,
    "edition_id": of_rows(EditionVersion),
    "draft": of_rows(EditionDraft),
    "desk:draft_template.code": lambda _world, _person: ["acknowledgement"],
    "script": lambda _world, _person: ["fault"],
    "desk:draft_file.file": lambda _world, _person: ["clocks.yaml"],
    "leave": of_rows(Leave),
    "key": of_rows(ApiKey),
    "macro": of_rows(Macro),
    "file": _files,
    "rule": of_rows(Clock, "rule"),
    "start_seq": lambda _world, _person: [1],
    "role": lambda world, _person: list(world.people),
}
READ_BY_MACHINES, THEIR_MANUAL = "api-", "api-v1:openapi-view"
# Addresses that show nothing of their own when they are opened, by why.
SHOW_NOTHING = {
    "a choice is sent there": ("set_language", "demo_sign_in", "portal:care"),
    "a form of another page is sent there": (
        "portal:leave",
        "portal:slip",
        "portal:additions",
        "portal:rating",
        "portal:reopening",
        "portal:telling_code",
        "intake_found",
        "desk:people_takeover",
        "desk:password_link",
        "desk:attachment_removal",
        "desk:attachment_restoration",
        "desk:event_tickets",
        "desk:event_news",
        "desk:customer_fact_ending",
        "desk:customer_fact_restoration",
        "desk:customer_wish",
        "desk:handover_confirmation",
        "desk:callback_mine",
        "desk:callback_wish",
    ),
    "it leads on": ("desk:home", "desk:notice", "password_link", "account_set_password"),
}


@dataclass(frozen=True, slots=True)
class Opening:
    """An address as somebody opens it."""

    address: Address
    role: str
    path: str
    kind: str  # a page, a part that a page brings in, or a file


def pictured(address: Address) -> bool:
    """True for what has something to show to people."""
    if address.name.startswith(READ_BY_MACHINES):
        return address.name == THEIR_MANUAL
    return address.opens and not any(address.name in names for names in SHOW_NOTHING.values())


def visitors(world: World) -> dict[str, Client]:
    """A browser's session for everybody: the roles, somebody nobody knows, a customer, somebody new to the desk."""
    found = {"visitor": Client(), "customer": _customer(world), "newcomer": _newcomer(world)} | _with_codes()
    for role, person in world.people.items():
        found[role] = Client()
        found[role].force_login(person)
    return found


def _customer(world: World) -> Client:
    """Has just complained, has opened an earlier complaint, and is being sent a code for another look at it."""
    client = Client()
    complain(client)
    enter(client, Ticket.objects.get(number=world.told), PHONE)
    ask_for_code(client, world.told, PHONE)
    return client


def _with_codes() -> dict[str, Client]:
    """Signed in with a one-time code beside the password, half in, and about to set one up."""
    secured, _ = signed_in(Person.objects.get(username="demo-agent-2"))
    set_up(secured)
    half_in = Client()
    half_in.post(reverse("account_login"), {"login": "demo-agent-2", "password": PASSWORD})
    setting_up, _ = signed_in(Person.objects.get(username="demo-handler-2"))
    setting_up.post(setting_up.get(SET_UP)["Location"], {"password": PASSWORD, "next": SET_UP})
    return {"secured": secured, "half-in": half_in, "setting-up": setting_up}


def _newcomer(world: World) -> Client:
    """Has opened the link with which to choose a password."""
    client = Client()
    secret = make_password_link(world.person("agent"), by=world.person("administrator"), at=world.at)
    client.get(reverse("password_link", args=[secret]))
    return client


def tries(address: Address, world: World, role: str) -> Iterator[str]:
    """The address with every example there is for it."""
    lists = [list(_examples(address.name, name)(world, world.people.get(role))) for name in address.parameters]
    if address.parameters == ("number",) and (move := address.name.removeprefix("desk:")) in set(Move):
        lists = [_where_legal(Move(move), world)]
    for values in itertools.product(*lists):
        yield address.filled(**dict(zip(address.parameters, values, strict=True)))


def openings(address: Address, world: World, role: str, client: Client) -> Iterator[Opening]:
    """What this role sees there: as many examples as are worth a picture."""
    wanted = SEVERAL.get(address.name, 1)
    for path in tries(address, world, role):
        kind = kind_of(client, path)
        if kind == SHUT or not wanted:
            return
        if kind in SEEN:
            wanted -= 1
            yield Opening(address, role, path, kind)


def _where_legal(move: Move, world: World) -> list[str]:
    """Tickets whose handbook allows this move now, before those on which it is refused."""
    tickets = Ticket.objects.in_bulk(world.tickets, field_name="number")
    paths = current_edition(world.at).paths
    legal = [number for number, one in tickets.items() if move in moves_from(state_of(one), paths[one.ticket_type])]
    return [*legal, *world.tickets][:FEW]


PAGE, PART, FILE, ELSEWHERE, SHUT, NONE = "page", "part", "file", "elsewhere", "shut", "none"
SEEN = (PAGE, PART, FILE)
WITHIN = {"HX-Request": "true"}  # as a page asks for one of its parts


def kind_of(client: Client, path: str) -> str:
    """What an address answers with; what leads elsewhere may still be a part of a page."""
    answer = client.get(path)
    if answer.status_code in (301, 302):
        answer = client.get(path, headers=WITHIN)
        return PART if answer.status_code == 200 and answer.content else ELSEWHERE
    if answer.status_code in (401, 403, 405):
        return SHUT
    if answer.status_code not in (200, 409, 422):
        return NONE
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return FILE
    return PAGE if b"<html" in answer.content else PART


def _examples(address: str, parameter: str) -> Examples:
    return EXAMPLES.get(f"{address}.{parameter}") or EXAMPLES.get(parameter) or (lambda _world, _person: [])
