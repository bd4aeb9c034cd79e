"""Terms put right where they stand, colleagues mentioned in notes, moves taken back at once, who else is writing."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shouwen.desk.mentions import mentions_in, who_sees
from shouwen.desk.presence import be_present
from shouwen.editions.queries import current_edition
from shouwen.handbook.authority import seeing
from shouwen.handbook.moves import Move
from shouwen.notices.models import MessageOrder
from shouwen.people.models import Leave, Person
from shouwen.people.queries import EVERYWHERE, actor_for
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.queries import visible_to
from tests.cast import Cast
from tests.screens.desk import HTMX, Desk, address, ahead, brought_to, taken_in, text_of

pytestmark = pytest.mark.django_db


def put_right(desk: Desk, ticket: Ticket, name: str, value: str, reason: str = "客户补充", seen: int | None = None):
    last = Ticket.objects.get(pk=ticket.pk).last_seq if seen is None else seen
    sent = {name: value, "reason": reason, "seen": last}
    return desk.post(f"{address(ticket)}/terms/{name}", sent, headers=HTMX)


@pytest.mark.clause("H7.2.2")
def test_one_term_is_put_right_with_a_reason_and_the_rest_stays(cast: Cast) -> None:
    ticket = brought_to(cast, Move.DISPATCH)
    desk = Desk(cast.supervisor)
    assert f'hx-get="{address(ticket)}/terms/severity"' in desk.open(ticket, pane="facts").content.decode()
    form = desk.get(f"{address(ticket)}/terms/severity", headers=HTMX).content.decode()
    assert set(re.findall(r'name="([a-z_]+)"', form)) == {"csrfmiddlewaretoken", "seen", "severity", "reason"}

    page = put_right(desk, ticket, "severity", "serious")

    assert page.status_code == 200
    after = Ticket.objects.get(pk=ticket.pk)
    assert (after.severity, after.category, after.reach) == ("serious", ticket.category, ticket.reach)
    event = TicketEvent.objects.get(ticket_id=ticket.pk, what="reclassified")
    assert event.facts["reason"] == "客户补充"
    assert after.priority == event.facts["priority"]  # which the system sets, as everywhere


def test_a_term_is_not_changed_without_a_reason_or_over_somebody_elses_head(cast: Cast) -> None:
    ticket = brought_to(cast, Move.DISPATCH)
    desk, seen = Desk(cast.supervisor), Ticket.objects.get(pk=ticket.pk).last_seq

    refused = put_right(desk, ticket, "reach", "many", reason="")
    Desk(cast.agent).make(ticket, Move.RESPOND, via="phone", text="已联系", expected_at=ahead(24))
    late = put_right(desk, ticket, "severity", "serious", seen=seen)

    assert refused.status_code == 422
    assert "refusal" in refused.content.decode()
    assert late.status_code == 409
    assert "Somebody changed the ticket meanwhile" in text_of(late)
    assert not TicketEvent.objects.filter(ticket_id=ticket.pk, what="reclassified").exists()
    assert desk.get(f"{address(ticket)}/terms/stage", headers=HTMX).status_code == 404


def test_what_the_priority_would_be_is_said_before_anything_is_saved(cast: Cast) -> None:
    ticket = brought_to(cast, Move.DISPATCH)
    desk = Desk(cast.supervisor)

    same = text_of(desk.get(f"{address(ticket)}/priority", {"severity": ticket.severity}))
    other = text_of(desk.get(f"{address(ticket)}/priority", {"severity": "serious", "reach": "many"}))

    assert "The priority stays" in same
    assert "The priority stays" in text_of(desk.get(f"{address(ticket)}/priority", {"severity": "nonsense"}))
    assert "The priority becomes" in other
    assert Ticket.objects.get(pk=ticket.pk).priority == ticket.priority


def test_who_is_mentioned_in_a_note_hears_of_it(cast: Cast) -> None:
    ticket = brought_to(cast, Move.DISPATCH)

    page = Desk(cast.agent).make(ticket, Move.NOTE, text="@处理甲，请先看告警；@坐席甲 记一下")

    event = TicketEvent.objects.get(ticket_id=ticket.pk, what="noted")
    assert event.facts["mentioned"] == [f"person:{cast.handler.pk}"]  # the writer needs no notice
    [order] = MessageOrder.objects.filter(template="mentioned")
    assert order.recipient == f"person:{cast.handler.pk}"
    assert "Mentioned处理甲" in text_of(page)
    notices = Desk(cast.handler).get("/notices").content.decode()
    assert "A colleague mentioned you" in notices
    assert ticket.number in notices


@pytest.mark.clause("H7.3.1")
def test_who_may_not_see_the_ticket_is_not_called_to_it(cast: Cast) -> None:
    ticket = brought_to(cast, Move.DISPATCH)

    page = Desk(cast.agent).make(ticket, Move.NOTE, text="@处理乙 帮忙看看")

    assert page.status_code == 422
    assert "处理乙 may not see this ticket" in text_of(page)
    assert not MessageOrder.objects.filter(template="mentioned").exists()


def test_the_longest_name_is_meant_and_an_address_is_no_mention(cast: Cast) -> None:
    ticket, by, at = brought_to(cast, Move.DISPATCH), actor_for(cast.supervisor), timezone.now()
    Person.objects.filter(pk=cast.other_agent.pk).update(display_name="处理")

    assert mentions_in("@处理甲看一下", ticket, by=by, at=at).seeing == (f"person:{cast.handler.pk}",)
    assert mentions_in("邮箱 someone@example.com", ticket, by=by, at=at) == mentions_in("", ticket, by=by, at=at)


def test_a_namesake_who_may_not_see_the_ticket_is_no_hindrance(cast: Cast) -> None:
    """Because a province has many a 王伟, and one of them is meant."""
    ticket, by, at = brought_to(cast, Move.DISPATCH), actor_for(cast.agent), timezone.now()
    Person.objects.filter(pk=cast.handler.pk).update(display_name="王伟", staff_no="1001")
    Person.objects.filter(pk=cast.supervisor.pk).update(display_name="王伟", staff_no="100")
    Person.objects.filter(pk=cast.other_handler.pk).update(display_name="王伟", staff_no="2002")

    both = mentions_in("@王伟 看一下", ticket, by=by, at=at)
    one = mentions_in("@王伟#1001 看一下", ticket, by=by, at=at)
    blind = mentions_in("@王伟#2002 看一下", ticket, by=by, at=at)

    assert set(both.seeing) == {f"person:{cast.handler.pk}", f"person:{cast.supervisor.pk}"}
    assert both.blind == ()
    assert one.seeing == (f"person:{cast.handler.pk}",)
    assert (blind.seeing, blind.blind) == ((), ("王伟",))
    found = Desk(cast.agent).post(f"{address(ticket)}/colleagues", {"q": "王伟"}).json()["found"]
    assert {row["mention"] for row in found} == {"王伟#1001", "王伟#100", "王伟#2002"}


def test_the_picker_shows_who_may_not_see_it_and_asks_as_often_however_many_there_are(cast: Cast) -> None:
    ticket = brought_to(cast, Move.DISPATCH)
    desk = Desk(cast.agent)
    desk.post(f"{address(ticket)}/colleagues", {"q": "处"})
    with CaptureQueriesContext(connection) as few:
        found = desk.post(f"{address(ticket)}/colleagues", {"q": "处"}).json()["found"]
    assert {one["name"]: one["may_see"] for one in found} == {"处理甲": True, "处理乙": False}
    Person.objects.bulk_create(
        [Person(username=f"h{n}", display_name=f"处理{n}", roles=["handler"], regions=["3401"]) for n in range(5)]
    )
    with CaptureQueriesContext(connection) as many:
        assert len(desk.post(f"{address(ticket)}/colleagues", {"q": "处"}).json()["found"]) == 7

    assert len(many) == len(few) <= 9


@pytest.mark.clause("H7.3.1")
@pytest.mark.parametrize("typed", ["处", "cl"])
def test_the_one_who_may_see_it_is_offered_however_many_of_that_name_may_not_because_nobody_else_can_be_called(
    cast: Cast, typed: str
) -> None:
    ticket = brought_to(cast, Move.DISPATCH)
    Person.objects.bulk_create(
        [Person(username=f"h{n}", display_name=f"处理{n}", roles=["handler"], regions=["3401"]) for n in range(60)]
    )
    Person.objects.filter(pk=cast.handler.pk).update(display_name="处理")

    found = Desk(cast.agent).post(f"{address(ticket)}/colleagues", {"q": typed}).json()["found"]

    assert (found[0]["name"], found[0]["may_see"], len(found)) == ("处理", True, 8)
    assert not any(one["may_see"] for one in found[1:])


@pytest.mark.clause("H7.3.1")
@pytest.mark.parametrize(
    ("until", "changes", "because"),
    [
        (None, {}, "its first owner has it"),
        (Move.DISPATCH, {}, "the team that has it sees it"),
        (Move.DISPATCH, {"region": ""}, "without a region it is everybody's who answers for one"),
        (Move.DISPATCH, {"region": "340104"}, "a district lies in its city"),
        (Move.DISPATCH, {"region": "110105", "customer_level": "enterprise"}, "a level is seen where one answers for"),
        (Move.DISPATCH, {"is_open": False}, "what is finished goes to the archive"),
        (Move.DISPATCH, {"team": None, "lead_team": None, "handler": None}, "nobody's hands, a region's eyes"),
    ],
)
def test_a_picker_knows_of_nobody_more_than_the_door_does(
    cast: Cast, until: Move | None, changes: dict, because: str
) -> None:
    ticket, at = brought_to(cast, until), timezone.now()
    Ticket.objects.filter(pk=ticket.pk).update(**changes)
    ticket.refresh_from_db()
    roles = current_edition(at).roles
    places = ([], ["3401"], ["34", "11"], [EVERYWHERE])
    Person.objects.bulk_create(
        Person(username=f"{role}-{n}", display_name="某", roles=[role, other], regions=regions)
        for n, regions in enumerate(places)
        for role, other in pairwise([*roles, "no_such_role"])
    )
    Leave.objects.create(
        person=cast.agent, cover=Person.objects.get(username="auditor-0"), from_at=at, until_at=at + timedelta(days=1)
    )
    people = list(Person.objects.prefetch_related("teams"))

    seen = {one.pk for one in people if visible_to(seeing(actor_for(one, at), roles)).filter(pk=ticket.pk).exists()}

    assert who_sees(ticket, people, at) == seen, because
    assert 0 < len(seen) < len(people)


@pytest.mark.clause("X2")
def test_a_wait_begun_by_mistake_is_taken_back_at_once(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    desk = Desk(cast.handler)
    page = desk.make(ticket, Move.WAIT, pause="waiting_for_customer", reason="请补充", until=ahead(24)).content.decode()
    offered = page.partition("data-counts-down")[2]
    assert f'hx-post="{address(ticket, Move.RESUME)}"' in offered
    given = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', offered))

    desk.post(address(ticket, Move.RESUME), given, headers=HTMX)

    assert Ticket.objects.get(pk=ticket.pk).standing == "running"
    assert "data-counts-down" not in desk.make(ticket, Move.NOTE, text="看过").content.decode()


@pytest.mark.clause("T1.3")
def test_who_answers_first_is_offered_the_ticket_and_never_given_it(cast: Cast) -> None:
    """The first owner stays, and nobody becomes the handler without saying so."""
    ticket = brought_to(cast, Move.DISPATCH)
    Desk(cast.supervisor).make(ticket, Move.TRANSFER, team="billing", reason="转班组")
    Ticket.objects.filter(pk=ticket.pk).update(handler=None, team="network-3401")
    owner = Ticket.objects.get(pk=ticket.pk).first_owner_id

    page = Desk(cast.handler).make(ticket, Move.RESPOND, via="phone", text="已联系", expected_at=ahead(24))

    assert "Take it yourself" in text_of(page)
    after = Ticket.objects.get(pk=ticket.pk)
    assert (after.handler_id, after.first_owner_id) == (None, owner)


def test_a_dialog_says_who_else_is_writing(cast: Cast) -> None:
    ticket = taken_in(cast)
    be_present(actor_for(cast.supervisor), [ticket.pk], at=timezone.now(), typing=True)

    dialog = text_of(Desk(cast.agent).ask(ticket, Move.NOTE))

    assert "主管甲" in dialog
    assert "whoever saves second sees what the first has done" in dialog
    assert "主管甲" not in text_of(Desk(cast.supervisor).ask(ticket, Move.NOTE)).partition("Note")[2]
