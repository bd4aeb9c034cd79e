"""The page of an event: tickets gathered by number, told at once; what each of them says of it."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.handling.actions import move_ticket
from shouwen.people.actions import make_person
from shouwen.people.queries import actor_for
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of
from tests.cast import Cast
from tests.screens.desk import Desk, offered, taken_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.clause("T4.3")]


def calls(cast: Cast, count: int) -> list[Ticket]:
    return [taken_in(cast, phone=f"1990000{n:04}") for n in range(count)]


def link(cast: Cast, child: Ticket, event: Ticket) -> None:
    now = timezone.now()
    facts = {"parent": event.number}
    move_ticket(child.number, Move.LINK, by=cast.actor("agent"), happened_at=now, now=now, facts=facts)


def page_of(desk: Desk, event: Ticket, **query: str) -> str:
    return text_of(desk.get(f"/events/{event.number}", query))


def test_numbers_are_pasted_as_they_come_and_each_is_answered_for(cast: Cast) -> None:
    event, one, two = calls(cast, 3)
    desk = Desk(cast.agent)
    typed = f" {one.number.lower()}，{two.number}\nAH-NONSENSE; {event.number}"

    answer = desk.post(f"/events/{event.number}/tickets", {"numbers": typed}, follow=True)

    page = text_of(answer)
    assert "2 tickets linked." in page
    assert f"{event.number}: A ticket is not linked to itself." in page
    assert "Not found, or not yours to see: AH-NONSENSE" in page
    assert one.number in page
    assert "received 2" in page


def test_numbers_that_were_not_linked_stay_in_the_box(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shouwen.handling.events.MOST_AT_ONCE", 2)
    event, one, two, three = calls(cast, 4)
    typed = "\n".join((one.number, "AH-NONSENSE", two.number, three.number))

    answer = Desk(cast.agent).post(f"/events/{event.number}/tickets", {"numbers": typed})

    box = re.search(r'<textarea[^>]*name="numbers"[^>]*>([^<]*)<', answer.content.decode())[1]
    assert box.split() == ["AH-NONSENSE", two.number, three.number]
    assert "1 ticket linked." in text_of(answer)
    assert "the others stand in the box" in text_of(answer)


def test_a_ticket_says_which_event_it_comes_of_and_the_event_how_many_come_of_it(cast: Cast) -> None:
    event, child = calls(cast, 2)
    desk = Desk(cast.agent)
    link(cast, child, event)

    assert f"Comes of the event {event.number}" in text_of(desk.open(child))
    assert "1 ticket comes of this one." in text_of(desk.open(event))
    assert f'href="/events/{event.number}"' in desk.open(child).content.decode()


def test_the_form_offers_the_events_that_are_going_on_while_a_number_is_typed(cast: Cast) -> None:
    event, child, other = calls(cast, 3)
    link(cast, child, event)
    desk = Desk(cast.agent)

    form = desk.ask(other, Move.LINK).content.decode()

    assert f'<option value="{event.number}">' in form
    assert desk.make(other, Move.LINK, parent=event.number.lower()).status_code == 200
    assert Ticket.objects.get(pk=other.pk).parent == event.number


def test_what_is_linked_is_offered_to_be_unlinked_and_the_other_way_round(cast: Cast) -> None:
    event, child = calls(cast, 2)
    desk = Desk(cast.agent)
    assert Move.LINK in offered(desk.open(child))
    link(cast, child, event)

    assert Move.UNLINK in offered(desk.open(child))
    assert Move.LINK not in offered(desk.open(child))
    assert desk.make(child, Move.UNLINK, reason="另一处故障").status_code == 200
    assert Ticket.objects.get(pk=event.pk).children == 0


def test_a_supervisor_tells_all_and_a_button_pressed_twice_tells_once(cast: Cast) -> None:
    event, child = calls(cast, 2)
    link(cast, child, event)
    desk = Desk(cast.supervisor)
    told = {"text": "光缆被挖断，18 时前修复", "form": "same"}

    for _ in range(2):
        answer = desk.post(f"/events/{event.number}/news", told, follow=True)

    assert "It is on its way to the customers" in text_of(answer)
    assert "光缆被挖断" in page_of(desk, event)
    assert [row.what for row in history_of(event.pk)].count(What.BROADCAST) == 1


def test_what_is_to_be_told_is_kept_until_it_has_been_told(cast: Cast) -> None:
    """Each news has its own draft: the page that follows shows the form again and must not bring back the last."""
    event, child = taken_in(cast), taken_in(cast, phone="19900005678")
    link(cast, child, event)
    desk, page = Desk(cast.supervisor), f"/events/{event.number}"

    assert f'data-draft="event-news-{event.number}-0"' in desk.get(page).content.decode()
    desk.post(f"{page}/news", {"text": "正在抢修", "form": "1"})

    assert f'data-draft="event-news-{event.number}-1"' in desk.get(page).content.decode()


def test_nothing_is_told_without_words_and_the_form_comes_back(cast: Cast) -> None:
    event, child = calls(cast, 2)
    link(cast, child, event)

    answer = Desk(cast.supervisor).post(f"/events/{event.number}/news", {"text": " ", "form": "1"})

    assert answer.status_code == 409
    assert 'name="text"' in answer.content.decode()


def test_an_agent_is_not_offered_to_tell_all_and_may_not(cast: Cast) -> None:
    event, child = calls(cast, 2)
    link(cast, child, event)
    desk = Desk(cast.agent)

    assert "Tell all" not in page_of(desk, event)
    assert desk.post(f"/events/{event.number}/news", {"text": "x", "form": "1"}).status_code == 409


def test_tickets_of_other_regions_are_counted_and_not_shown(cast: Cast) -> None:
    event = taken_in(cast)
    elsewhere = taken_in(cast, region="341204", phone="19900007777", first_owner=str(cast.other_agent.pk))
    now = timezone.now()
    facts = {"parent": event.number}
    everywhere = actor_for(make_person("everywhere", display_name="全省坐席", roles=["agent"], regions=["0"]))
    move_ticket(elsewhere.number, Move.LINK, by=everywhere, happened_at=now, now=now, facts=facts)

    page = page_of(Desk(cast.supervisor), event)

    assert "received 1" in page
    assert elsewhere.number not in page


def test_events_going_on_are_listed(cast: Cast) -> None:
    desk = Desk(cast.agent)
    assert "No event is going on" in text_of(desk.get("/events"))
    event, child = calls(cast, 2)
    link(cast, child, event)

    page = text_of(desk.get("/events"))

    assert event.number in page
    assert child.number not in page


def test_the_page_asks_no_more_for_many_tickets_than_for_one(cast: Cast) -> None:
    event, *children = calls(cast, 6)
    link(cast, children[0], event)
    desk = Desk(cast.supervisor)
    page_of(desk, event)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page_of(desk, event)
        return len(queries)

    one = asked()
    for child in children[1:]:
        link(cast, child, event)
    assert asked() <= one


@pytest.mark.parametrize("who", ["handler", "other_agent", "administrator"])
def test_an_event_out_of_sight_is_not_there(cast: Cast, who: str) -> None:
    event, child = calls(cast, 2)
    link(cast, child, event)
    desk = Desk(getattr(cast, who))

    assert desk.get(f"/events/{event.number}").status_code in {403, 404}
    assert desk.post(f"/events/{event.number}/tickets", {"numbers": child.number}).status_code in {403, 404}
    assert desk.post(f"/events/{event.number}/news", {"text": "x", "form": "1"}).status_code in {403, 404}
