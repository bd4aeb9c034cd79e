"""The load board: who has what, and putting a ticket into other hands with nobody's rights exceeded."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from shouwen.desk.board import board_of
from shouwen.editions.queries import current_edition
from shouwen.handbook.history import What
from shouwen.handbook.moves import Move
from shouwen.notices.models import MessageOrder
from shouwen.people.actions import make_person
from shouwen.people.leaves import take_leave
from shouwen.people.models import Leave, Person, Team
from shouwen.people.queries import actor_for
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of
from tests.cast import Cast
from tests.screens.desk import Desk, brought_to, text_of
from tests.screens.test_wall import all_listed

pytestmark = [pytest.mark.django_db, pytest.mark.clause("S3.1", "S3.3")]

WHY = "在手过多"


@pytest.fixture
def colleague(cast: Cast) -> Person:
    """Another handler of the network team, without its skills."""
    return make_person(
        "colleague", display_name="处理丙", roles=["handler"], teams=[Team.objects.get(pk="network-3401")]
    )


def put(desk: Desk, ticket: Ticket, to: Person | None, *, team: str = "network-3401", **more: object) -> HttpResponse:
    """A ticket dropped on somebody's column."""
    ticket.refresh_from_db()
    sent = {"number": ticket.number, "to": str(to.pk) if to else "", "team": team, "seen": ticket.last_seq}
    return desk.post("/load/moves", {**sent, "reason": WHY, **more})


def columns(cast: Cast, team: str = "network-3401") -> dict[str, list[str]]:
    at = timezone.now()
    board = board_of(Team.objects.get(pk=team), actor_for(cast.supervisor), current_edition(at), at)
    return {column.name: [card.ticket.number for card in column.cards] for column in board}


def test_everybodys_tickets_stand_under_them_by_what_is_due(cast: Cast, colleague: Person) -> None:
    one, two = brought_to(cast, Move.INVESTIGATE), brought_to(cast, Move.INVESTIGATE, phone="19900005678")
    waiting = brought_to(cast, Move.DISPATCH, phone="19900008765")
    Ticket.objects.filter(pk=waiting.pk).update(handler=None)
    Ticket.objects.filter(pk=two.pk).update(lead_due_at=timezone.now() - timedelta(days=3))

    nobody, idle, busy = columns(cast).items()
    assert nobody[1] == [waiting.number]
    assert idle == ("处理丙", [])
    assert busy == ("处理甲", [two.number, one.number])


def test_within_its_team_a_ticket_is_assigned_with_the_reason(cast: Cast, colleague: Person) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)

    answer = put(Desk(cast.supervisor), ticket, colleague)

    ticket.refresh_from_db()
    row = history_of(ticket.pk)[-1]
    assert (answer.status_code, answer.json()["seen"]) == (200, ticket.last_seq)
    assert (ticket.handler_id, row.what, row.facts["reason"]) == (colleague.pk, What.ASSIGNED, WHY)
    assert ticket.transfers == 0


def test_into_another_team_it_is_transferred_and_that_is_counted(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)

    assert put(Desk(cast.supervisor), ticket, cast.other_handler, team="billing").status_code == 200

    ticket.refresh_from_db()
    assert (ticket.team_id, ticket.handler_id, ticket.transfers) == ("billing", cast.other_handler.pk, 1)


def test_back_to_the_team_nobody_has_it_and_the_team_is_told(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)

    assert put(Desk(cast.supervisor), ticket, None).status_code == 200

    ticket.refresh_from_db()
    assert (ticket.handler_id, ticket.team_id) == (None, "network-3401")
    assert MessageOrder.objects.filter(ticket_id=ticket.pk, recipient="team:network-3401").exists()


def test_trying_records_nothing_and_tells_nobody(cast: Cast, colleague: Person) -> None:
    """Because for ten seconds a slip of the hand is nobody's business."""
    ticket = brought_to(cast, Move.INVESTIGATE)
    before, orders = history_of(ticket.pk), MessageOrder.objects.count()

    answer = put(Desk(cast.supervisor), ticket, colleague, trying="yes")

    assert answer.status_code == 200
    ticket.refresh_from_db()
    assert (ticket.handler_id, history_of(ticket.pk)) == (cast.handler.pk, before)
    assert MessageOrder.objects.count() == orders


def test_it_warns_of_missing_skills_and_of_absence_and_goes_on(cast: Cast, colleague: Person) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    Person.objects.filter(pk=colleague.pk).update(away_until=timezone.now() + timedelta(days=2))

    answer = put(Desk(cast.supervisor), ticket, colleague, trying="yes")

    away, skills = answer.json()["warnings"]
    assert "处理丙 is away until" in away
    assert "Radio testing" in skills
    assert put(Desk(cast.supervisor), ticket, cast.handler, trying="yes").json()["warnings"] == []


@pytest.mark.clause("T1.3")
@pytest.mark.parametrize(
    ("begins", "ends", "said", "because"),
    [
        (-1, 2, "is away until", "a leave under way is an absence, whoever entered it"),
        (0.01, 2, "goes on leave before this is due", "what is due then would be due to nobody"),
        (6, 9, "", "a leave that begins after the ticket is due does it no harm"),
        (-3, -1, "", "who is back is back"),
    ],
)
def test_it_knows_of_leave_and_who_covers(
    cast: Cast, colleague: Person, begins: float, ends: float, said: str, because: str
) -> None:
    ticket, now = brought_to(cast, Move.INVESTIGATE), timezone.now()
    assert ticket.lead_due_at < now + timedelta(days=6)
    Ticket.objects.filter(pk=ticket.pk).update(lead_due_at=max(ticket.lead_due_at, now + timedelta(days=1)))
    Leave.objects.create(
        person=colleague,
        cover=cast.handler,
        from_at=now + timedelta(days=begins),
        until_at=now + timedelta(days=ends),
    )

    warnings = " ".join(put(Desk(cast.supervisor), ticket, colleague, trying="yes").json()["warnings"])

    assert ("处理甲 covers." in warnings) == bool(said), because
    assert said in warnings


@pytest.mark.clause("T1.3")
def test_a_column_says_when_its_leave_begins_and_who_covers(cast: Cast, colleague: Person) -> None:
    now = timezone.now()
    take_leave(
        colleague,
        from_at=now + timedelta(days=2),
        until_at=now + timedelta(days=4),
        cover=cast.handler,
        by=cast.supervisor,
        at=now,
    )

    page = Desk(cast.supervisor).get("/load?team=network-3401").content.decode()

    [column] = re.findall(rf'<section class="([^"]*)" data-column="{colleague.pk}".*?</header>', page, re.S)
    assert "is-away" not in column, "a planned leave is not an absence"
    assert re.search(r"leave .+ to .+cover: 处理甲", strip_tags(page))


def test_a_refusal_says_why_with_its_source(cast: Cast) -> None:
    ticket = brought_to(cast, Move.PROPOSE)

    answer = put(Desk(cast.supervisor), ticket, cast.other_handler, team="billing")

    assert answer.status_code == 409
    assert "awaiting approval" in answer.json()["says"]
    assert answer.json()["source"]


def test_without_a_reason_nothing_moves(cast: Cast, colleague: Person) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)

    answer = put(Desk(cast.supervisor), ticket, colleague, reason="  ")

    assert answer.status_code == 409
    assert "Say why first" in answer.json()["says"]


def test_what_somebody_else_changed_meanwhile_is_not_moved_blindly(cast: Cast, colleague: Person) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)

    answer = put(Desk(cast.supervisor), ticket, colleague, seen=1)

    assert answer.status_code == 409
    assert "Somebody has changed it" in answer.json()["says"]


def test_only_people_and_teams_one_answers_for_can_be_given_work(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    desk = Desk(cast.supervisor)

    assert put(desk, ticket, cast.other_handler).status_code == 404  # not of that team
    assert put(desk, ticket, None, team="network-3412").status_code == 404
    somebody = {"number": ticket.number, "team": "network-3401", "to": "nonsense", "reason": WHY}
    assert desk.post("/load/moves", somebody).status_code == 404
    assert desk.get("/load?team=network-3412").status_code == 404
    assert Desk(cast.manager).get("/load?team=network-3412").status_code == 200


def test_a_ticket_out_of_sight_is_neither_shown_nor_moved(cast: Cast, colleague: Person) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE, region="341204")
    Ticket.objects.filter(pk=ticket.pk).update(team="network-3412", lead_team="network-3412")

    assert ticket.number not in Desk(cast.supervisor).get("/load?team=network-3401").content.decode()
    answer = put(Desk(cast.supervisor), ticket, colleague)

    assert answer.status_code == 409
    assert "no longer in your sight" in answer.json()["says"]


def test_whoever_is_away_is_marked_in_words(cast: Cast) -> None:
    Person.objects.filter(pk=cast.handler.pk).update(away_until=timezone.now() + timedelta(days=2))

    assert "away until" in text_of(Desk(cast.supervisor).get("/load?team=network-3401"))


def opened_on(desk: Desk, page: str = "/load") -> str:
    """The team whose board is shown."""
    return re.search(r'data-team="([^"]+)"', desk.get(page).content.decode())[1]


@pytest.mark.parametrize(
    ("who", "team"), [("supervisor", "network-3401"), ("manager", "network-3401"), ("member", "billing")]
)
def test_the_board_opens_on_ones_own_team_or_the_nearest(cast: Cast, who: str, team: str) -> None:
    """Because the alphabet's first is hardly ever whose load somebody wants to see."""
    person = cast.supervisor if who == "member" else getattr(cast, who)
    person.teams.set(Team.objects.filter(pk="billing") if who == "member" else [])

    assert opened_on(Desk(person)) == team


def test_who_has_no_team_of_their_own_finds_the_board_they_looked_at_last(cast: Cast) -> None:
    supervisor, manager = Desk(cast.supervisor), Desk(cast.manager)

    assert opened_on(supervisor, "/load?team=service") == "service"
    assert opened_on(supervisor) == "service"
    assert opened_on(manager) == "network-3401", "what one looks at is nobody else's"


def test_a_team_one_no_longer_answers_for_is_not_opened_again(cast: Cast) -> None:
    desk = Desk(cast.manager)
    opened_on(desk, "/load?team=network-3412")
    cast.manager.regions = ["3401"]
    cast.manager.save()

    assert opened_on(desk) == "network-3401"


def test_the_board_costs_the_same_however_much_there_is(cast: Cast, colleague: Person) -> None:
    brought_to(cast, Move.INVESTIGATE)
    desk = Desk(cast.supervisor)
    desk.get("/load?team=network-3401")
    with CaptureQueriesContext(connection) as few:
        desk.get("/load?team=network-3401")
    for place in range(14):
        brought_to(cast, Move.INVESTIGATE, phone=f"1990000{place:04}")
    with CaptureQueriesContext(connection) as many:
        shown = desk.get("/load?team=network-3401")

    assert len(few) == len(many)
    assert len(many) <= 18
    assert "3 more" in text_of(shown)


def test_what_nobody_has_taken_up_leads_to_exactly_that(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Because the number led to everything the team has, and stopped at a hundred without a word."""
    monkeypatch.setattr("shouwen.desk.board.CARDS", 1)
    brought_to(cast, Move.INVESTIGATE)
    waiting = [brought_to(cast, Move.DISPATCH, phone=f"1990000{place:04}") for place in range(3)]
    Ticket.objects.filter(pk__in=[one.pk for one in waiting]).update(handler=None)
    desk, unclaimed = Desk(cast.supervisor), "/wall/teams/network-3401?unclaimed"

    board = desk.get("/load?team=network-3401")
    assert f'href="{unclaimed}">2 more<' in board.content.decode()
    assert set(all_listed(desk, unclaimed)) == {one.number for one in waiting}

    monkeypatch.setattr("shouwen.desk.board.MOST", 3)
    assert f'href="{unclaimed}">All 3<' in desk.get("/load?team=network-3401").content.decode()


def test_what_a_column_has_no_room_for_is_that_person_s_list_of_that_team(cast: Cast) -> None:
    """Because who looks at one team's board must not land among the tickets of all of them."""
    here = brought_to(cast, Move.INVESTIGATE)
    elsewhere = brought_to(cast, Move.INVESTIGATE, phone="19900005678")
    Ticket.objects.filter(pk=elsewhere.pk).update(team="billing")
    desk = Desk(cast.supervisor)
    listed = f"/wall/people/{cast.handler.pk}?team=network-3401"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shouwen.desk.board.CARDS", 0)
        assert f'href="{listed}"' in desk.get("/load?team=network-3401").content.decode()
    page = desk.get(listed).content.decode()

    assert here.number in page
    assert elsewhere.number not in page
    assert "处理甲" in page
