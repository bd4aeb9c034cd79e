"""Every table can be taken away: lists with customers in them for a reason that is kept, the others by one press."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shouwen.handbook.moves import Move
from shouwen.people.leaves import take_leave
from shouwen.people.models import Person
from shouwen.surveys.models import Callback, Review
from shouwen.surveys.queries import Rating
from shouwen.tickets.models import Ticket
from shouwen.vault.models import AccessLog
from tests.cast import Cast
from tests.screens.desk import HTMX, Desk, ahead, brought_to, taken_in, text_of
from tests.screens.test_asking import rated, told
from tests.screens.test_desk_events import link
from tests.screens.test_desk_queues import counted, many
from tests.screens.test_list_export import lines, taken
from tests.screens.workbooks import sheets

pytestmark = [pytest.mark.django_db, pytest.mark.clause("T6.2")]

PHONE, MASKED = "19900001234", "199****1234"


def rows(desk: Desk, address: str) -> list[str]:
    """The rows of a list with customers in it, taken away for a reason."""
    path, _mark, query = address.partition("?")
    return lines(taken(desk, path, query=query))


def plain(answer: HttpResponse) -> str:
    """A table that is taken away by one press, as it reads."""
    assert answer["Content-Type"].startswith("text/csv"), answer.status_code
    return "\n".join(lines(answer))


@pytest.mark.clause("S3.3", "T1.3b")
def test_every_list_behind_the_wall_is_taken_away_whole_masked_and_written_down(cast: Cast) -> None:
    """Because what a number of the wall counts is argued about with others, who have no desk to look at."""
    here = taken_in(cast, name="张三丰")
    held = brought_to(cast, Move.INVESTIGATE, phone="19900005678")
    elsewhere = taken_in(cast, region="341204", phone="19900005679")
    desk = Desk(cast.supervisor)
    lists = {
        "/wall/open": {here.number, held.number},
        "/wall/regions/3401": {here.number, held.number},
        "/wall/teams/network-3401": {held.number},
        f"/wall/people/{cast.handler.pk}": {held.number},
    }

    for page, expected in lists.items():
        file = rows(desk, page)
        assert {row.partition(",")[0] for row in file[1:]} == expected, page
        assert f"{page}/export" in desk.get(page).content.decode()
        assert AccessLog.objects.get(about=page).reason == "周会材料，服务部"
        assert not any(PHONE in row or "张三丰" in row or elsewhere.number in row for row in file)
    assert any(MASKED in row for row in rows(desk, "/wall/open"))


@pytest.mark.clause("S3.3")
def test_the_file_of_a_narrowed_list_of_the_wall_is_narrowed_too(cast: Cast) -> None:
    late, early = brought_to(cast, Move.INVESTIGATE), brought_to(cast, Move.INVESTIGATE, phone="19900005678")
    for ticket, hours in ((late, -1), (early, 1)):
        Ticket.objects.filter(pk=ticket.pk).update(lead_due_at=timezone.now() + timedelta(hours=hours))
    page = "/wall/teams/network-3401?overdue"

    file = "\n".join(rows(Desk(cast.supervisor), page))

    assert late.number in file
    assert early.number not in file


@pytest.mark.clause("H7.3.1")
@pytest.mark.parametrize(
    "page", ["/wall/open", "/wall/teams/network-3401", "/wall/regions/3401", "/search", "/callbacks", "/outbox"]
)
def test_whoever_may_not_open_a_list_takes_none_away(cast: Cast, page: str) -> None:
    outsiders: dict[str, list[Person]] = {
        "/wall": [cast.agent, cast.handler, cast.administrator],
        "/search": [cast.administrator],
        "/callbacks": [cast.handler, cast.administrator, cast.manager],
        "/outbox": [cast.agent, cast.manager],
    }
    for person in next(people for start, people in outsiders.items() if page.startswith(start)):
        assert Desk(person).get(f"{page}/export").status_code == 403
        assert Desk(person).post(f"{page}/export", {"reason": "x", "kind": "csv"}).status_code == 403
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize("page", ["/wall/open", "/search", "/callbacks", "/outbox"])
def test_what_it_is_for_is_asked_first(cast: Cast, page: str) -> None:
    desk = Desk(cast.supervisor)

    assert "What it is for" in text_of(desk.get(f"{page}/export"))
    assert "<dialog" in desk.get(f"{page}/export", headers=HTMX).content.decode()
    assert desk.post(f"{page}/export", {"reason": " ", "kind": "csv"}).status_code == 409
    assert desk.post(f"{page}/export", {"reason": "x", "kind": "exe"}).status_code == 404
    assert not AccessLog.objects.exists()


def test_to_be_asked_what_it_is_for_no_ticket_is_looked_for(cast: Cast) -> None:
    taken_in(cast)
    desk = Desk(cast.supervisor)
    with CaptureQueriesContext(connection) as asked:
        desk.get("/wall/open/export", headers=HTMX)
    with CaptureQueriesContext(connection) as taken_along:
        assert len(rows(desk, "/wall/open")) == 2

    assert not any('FROM "ticket"' in query["sql"] for query in asked)
    assert any('FROM "ticket"' in query["sql"] for query in taken_along)


@pytest.mark.clause("T1.3b")
def test_what_a_search_found_is_taken_away_and_the_log_names_nobody(cast: Cast) -> None:
    """Because the log is read by others, and a phone number that was looked for is somebody's."""
    own = taken_in(cast)
    other = taken_in(cast, phone="19900005678", text="账单有误")
    desk = Desk(cast.agent)
    address = desk.post("/search", {"q": PHONE})["Location"]
    assert "/search/export?s=" in desk.get(address).content.decode()

    file = "\n".join(rows(desk, address))

    assert own.number in file
    assert other.number not in file
    logged = AccessLog.objects.get().about
    assert logged.startswith("/search")
    assert PHONE not in logged
    assert MASKED in logged
    by_words = "\n".join(rows(desk, "/search?q=账单有误"))
    assert other.number in by_words
    assert own.number not in by_words


def test_a_search_for_nothing_is_an_empty_file(cast: Cast) -> None:
    taken_in(cast)

    assert len(rows(Desk(cast.agent), "/search")) == 1


def test_a_search_is_taken_away_beyond_its_first_window_each_ticket_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shouwen.desk.pages.exports.A_WINDOW", 3)
    numbers = many(cast, 8)

    file = rows(Desk(cast.agent), f"/search?q={taken_in(cast).title[:4]}")

    found = [row.partition(",")[0] for row in file[1:]]
    assert set(numbers) <= set(found)
    assert len(found) == len(set(found))


def test_the_outbox_leaves_without_the_codes_its_messages_carry(cast: Cast) -> None:
    ticket = taken_in(cast)

    file = "\n".join(rows(Desk(cast.supervisor), "/outbox?state=ordered"))

    assert ticket.number in file
    assert MASKED in file
    assert PHONE not in file
    assert AccessLog.objects.get().about == "/outbox?state=ordered"


def test_the_tickets_of_an_event_are_taken_away_by_who_sees_it(cast: Cast) -> None:
    event, child, other = (taken_in(cast, phone=f"1990000123{n}") for n in range(3))
    link(cast, child, event)
    page = f"/events/{event.number}"

    file = "\n".join(rows(Desk(cast.agent), page))

    assert child.number in file
    assert other.number not in file
    assert Desk(cast.other_handler).get(f"{page}/export").status_code == 404


@pytest.mark.clause("M3.3")
def test_proposals_team_tasks_and_events_go_away_by_one_press(cast: Cast) -> None:
    proposed = brought_to(cast, Move.PROPOSE)
    event, child = taken_in(cast, phone="19900005678"), taken_in(cast, phone="19900005679")
    link(cast, child, event)
    helped = brought_to(cast, Move.INVESTIGATE, phone="19900005670")
    Desk(cast.handler).make(helped, Move.ASSIGN_TASK, to_team="billing", asked="=核对账单", due_at=ahead(4))

    assert proposed.number in plain(Desk(cast.supervisor).get("/approvals?as=csv"))
    assert event.number in plain(Desk(cast.agent).get("/events?as=csv"))
    tasks = plain(Desk(cast.other_handler).get("/tasks?as=csv"))
    assert helped.number in tasks
    assert "'=核对账单" in tasks
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize("page", ["/approvals", "/events", "/tasks", "/trainings", "/reviews", "/satisfaction"])
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_table_offers_both_kinds_of_file_and_has_them(cast: Cast, page: str, kind: str) -> None:
    event, child = taken_in(cast, phone="19900005678"), taken_in(cast, phone="19900005679")
    link(cast, child, event)
    helped = brought_to(cast, Move.INVESTIGATE, phone="19900005670")
    Desk(cast.handler).make(helped, Move.ASSIGN_TASK, to_team="billing", asked="核对账单", due_at=ahead(4))
    brought_to(cast, Move.PROPOSE)
    rated(cast, Rating(overall=4), phone="19900005671")
    desk = Desk(cast.other_handler if page == "/tasks" else cast.supervisor)
    if page == "/trainings":
        desk.post(f"/reviews/{Review.objects.get().pk}", {"decision": "coach", "reason": "话术"})

    answer = desk.get(page, {"as": kind})

    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    assert kind != "csv" or len(lines(answer)) > 1, "an empty table would show nothing"
    assert f"as={kind}" in desk.get(page).content.decode()


@pytest.mark.parametrize("page", ["/wall/open", "/callbacks?whose=all&when=later", "/outbox", "/approvals?as=csv"])
def test_a_longer_list_costs_no_more_questions(cast: Cast, page: str) -> None:
    def asked() -> int:
        desk, (path, _mark, query) = Desk(cast.supervisor), page.partition("?")
        with CaptureQueriesContext(connection) as captured:
            answer = desk.get(page) if "as=" in query else taken(desk, path, query=query)
            assert lines(answer)
        return len(captured)

    told(cast), brought_to(cast, Move.PROPOSE, phone="19900005670")
    few = asked()
    for n in range(4):
        told(cast, phone=f"1990000567{n}"), brought_to(cast, Move.PROPOSE, phone=f"1990000568{n}")

    assert asked() <= few


# Calls: the badge and the list


@pytest.mark.clause("S4.2b")
@pytest.mark.parametrize("who", ["agent", "supervisor", "both"])
def test_the_list_of_calls_opens_on_what_its_badge_counted(cast: Cast, who: str) -> None:
    """Because a badge that says 3 above a list of 7 is asked about every morning."""
    now = timezone.now()
    for n in range(4):
        told(cast, phone=f"1990000567{n}")
    own, others, later, someone = Callback.objects.order_by("made_at")
    Callback.objects.update(agent=cast.other_agent, next_at=now - timedelta(minutes=1))
    Callback.objects.filter(pk__in=[own.pk, later.pk]).update(agent=cast.agent)
    Callback.objects.filter(pk=later.pk).update(next_at=now + timedelta(hours=3))
    if who == "both":
        Person.objects.filter(pk=cast.agent.pk).update(roles=["agent", "supervisor"])
    desk = Desk(Person.objects.get(pk=cast.supervisor.pk if who == "supervisor" else cast.agent.pk))
    expected = {own.pk, others.pk, someone.pk} if who == "supervisor" else {own.pk}

    listed = shown_calls(desk, "/callbacks")

    assert listed == expected
    assert counted(desk, "Calls to make") == str(len(listed))
    assert shown_calls(desk, "/callbacks?whose=mine&when=later") == (
        set() if who == "supervisor" else {own.pk, later.pk}
    )
    assert shown_calls(desk, "/callbacks?whose=all") == {own.pk, others.pk, someone.pk}
    assert shown_calls(desk, "/callbacks?whose=all&when=later") == {own.pk, others.pk, later.pk, someone.pk}


def shown_calls(desk: Desk, page: str) -> set[object]:
    body = desk.get(page).content.decode()
    return {one.pk for one in Callback.objects.all() if f'href="/callbacks/{one.pk}"' in body}


@pytest.mark.clause("S4.2b")
def test_an_empty_list_of_calls_leads_to_the_others(cast: Cast) -> None:
    told(cast)
    Callback.objects.update(agent=cast.other_agent)

    page = Desk(cast.agent).get("/callbacks").content.decode()

    assert "You have nobody to call now" in page
    assert 'href="?whose=all&amp;when=later"' in page


# One customer, one ticket


@pytest.mark.clause("S2.1a", "T1.3b")
def test_a_customer_is_taken_away_whole_masked_and_written_down_under_them(cast: Cast) -> None:
    """Because whoever asks for what is kept of them is answered from a file, and the file is part of what is kept."""
    done, other = taken_in(cast, name="张三丰"), taken_in(cast, phone="19900005678")
    desk, page = Desk(cast.agent), f"/customers/{done.customer_id}"
    fact = {"kind": "device", "text": "光猫 13912345678", "source": "CRM", "as_of": "2026-03-01"}
    assert desk.post(page, fact).status_code == 302
    desk.post(page, fact | {"kind": "care", "text": "", "care": "elder"})

    assert desk.get(f"{page}?as=xlsx")["Location"] == f"{page}/export"
    assert "What it is for" in text_of(desk.get(f"{page}/export"))
    book = sheets(taken(desk, page, kind="xlsx"))

    assert list(book)[:3] == ["What is known", "Complaints", "Promised"]
    said = str(book)
    assert done.number in str(book["Complaints"])
    assert other.number not in said
    assert "139****5678" in str(book["What is known"])
    assert "elderly" in str(book["What is known"])
    assert not any(word in said for word in ("13912345678", PHONE, "张三丰"))
    logged = AccessLog.objects.get(what="handed_out")
    assert (logged.about, logged.subject_id) == (page, done.customer_id)
    table = desk.post(f"{page}/export?table=2", {"reason": "x", "kind": "csv"})
    assert done.number in "\n".join(lines(table))
    assert Desk(cast.other_handler).get(f"{page}/export").status_code == 404
    assert Desk(cast.administrator).get(f"{page}/export").status_code == 403


@pytest.mark.clause("M3.3")
def test_the_panes_of_a_ticket_are_taken_away_under_its_customer(cast: Cast) -> None:
    held = brought_to(cast, Move.INVESTIGATE)
    also = taken_in(cast)
    Desk(cast.handler).make(held, Move.ASSIGN_TASK, to_team="billing", asked="=核对账单", due_at=ahead(4))
    desk, page = Desk(cast.handler), f"/tickets/{held.number}"

    assert f"{page}/export" in desk.get(page).content.decode()
    book = sheets(taken(Desk(cast.supervisor), page, kind="xlsx"))

    assert list(book)[:4] == ["Clocks", "Evidence", "Other teams asked", "Linked"]
    assert "=核对账单" in str(book["Other teams asked"])
    assert also.number in str(book["Linked"])
    assert len(book["Clocks"]) > 1
    logged = AccessLog.objects.get(what="handed_out")
    assert (logged.about, logged.subject_id) == (held.number, held.customer_id)
    assert Desk(cast.other_handler).get(f"/tickets/{also.number}/export").status_code == 404
    dialog = desk.get(f"{page}/export", headers=HTMX).content.decode()
    assert f'formaction="{page}/export?table=3"' in dialog


@pytest.mark.clause("H5.2")
def test_who_is_away_and_who_stands_in_goes_away_with_the_people(cast: Cast) -> None:
    now = timezone.now()
    take_leave(
        cast.handler,
        from_at=now - timedelta(hours=1),
        until_at=now + timedelta(days=2),
        cover=cast.other_handler,
        reason="年休假",
        by=cast.administrator,
        at=now,
    )
    desk = Desk(cast.administrator)

    rows = sheets(desk.get("/administration/people?as=xlsx"))["Leave and covers"]

    assert [row[0] for row in rows[1:]] == [str(cast.handler)]
    assert str(cast.other_handler) in rows[1]
    assert len(sheets(desk.get("/administration/people?role=agent&as=xlsx"))["Leave and covers"]) == 1
    assert "年休假" in plain(desk.get("/administration/people?as=csv&table=2"))
