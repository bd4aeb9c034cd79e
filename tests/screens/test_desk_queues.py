"""The queues: what is in each, in which order, at what cost."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shouwen.desk.queues import QUEUES, queues_of
from shouwen.desk.rows import ReadTicket, for_rows, read_tickets
from shouwen.editions.queries import current_edition
from shouwen.handbook.moves import Move
from shouwen.handling.actions import accept
from shouwen.people.actions import make_person
from shouwen.screens.templatetags.times import short_moments
from shouwen.tickets.models import NEVER, Ticket
from tests.cast import Cast, draft
from tests.screens.desk import Desk, ahead, brought_to, taken_in, text_of

pytestmark = pytest.mark.django_db


def listed(desk: Desk, page: str) -> list[str]:
    """The ticket numbers on a page of a list, in their order."""
    return re.findall(r'data-row[^>]*href="/tickets/([^"]+)"', desk.get(page).content.decode())


def counted(desk: Desk, name: str) -> str:
    """The badge of a queue."""
    found = re.search(rf">{name}<span class=\"count[^>]*>([0-9+]+)<", desk.get("/tabs").content.decode())
    assert found, name
    return found[1]


def many(cast: Cast, how_many: int, **changes: object) -> list[str]:
    """Complaints taken in together, a minute apart; their numbers."""
    now = timezone.now()
    drafts = [
        draft(
            received_at=now - timedelta(minutes=10 + n),
            phone=f"199000{n:05}",
            by=cast.actor("agent"),
            first_owner=str(cast.agent.pk),
            **changes,
        )
        for n in range(how_many)
    ]
    return [answer.number for answer in accept(drafts, now=now)]


@pytest.mark.clause("T1.3")
def test_first_ownership_stays_with_whoever_took_it_in(cast: Cast) -> None:
    mine = brought_to(cast, Move.INVESTIGATE)
    taken_in(cast, first_owner=str(cast.other_agent.pk), phone="19900005678")

    assert listed(Desk(cast.agent), "/queues/my_first_ownership") == [mine.number]


def test_my_work_is_what_is_in_my_hands(cast: Cast) -> None:
    mine = brought_to(cast, Move.INVESTIGATE)
    taken_in(cast, phone="19900005678")

    assert listed(Desk(cast.handler), "/queues/my_work") == [mine.number]


@pytest.mark.clause("S3.3")
@pytest.mark.clause("S3.3")
def test_to_dispatch_or_take_up_is_what_no_team_has_or_nobody_in_one(cast: Cast) -> None:
    at_the_desk = taken_in(cast)
    with_the_team = brought_to(cast, Move.DISPATCH, phone="19900005678")
    Ticket.objects.filter(pk=with_the_team.pk).update(handler=None)
    brought_to(cast, Move.INVESTIGATE, phone="19900008765")
    elsewhere = brought_to(cast, Move.DISPATCH, phone="19900004321", region="3412")
    Ticket.objects.filter(pk=elsewhere.pk).update(handler=None)

    seen = set(listed(Desk(cast.supervisor), "/queues/team_undispatched"))
    assert seen == {at_the_desk.number, with_the_team.number}
    assert with_the_team.number in listed(Desk(cast.handler), "/queues/team_undispatched")


def test_due_soon_and_overdue_part_at_this_moment(cast: Cast) -> None:
    late = taken_in(cast)
    soon = taken_in(cast, phone="19900005678")
    far = taken_in(cast, phone="19900008765")
    now = timezone.now()
    for ticket, due_at in ((late, -1), (soon, 3), (far, 5)):
        Ticket.objects.filter(pk=ticket.pk).update(lead_due_at=now + timedelta(hours=due_at))
    desk = Desk(cast.agent)

    assert listed(desk, "/queues/overdue") == [late.number]
    assert listed(desk, "/queues/due_soon") == [soon.number]
    assert (counted(desk, "Overdue"), counted(desk, "Due soon")) == ("1", "1")
    Ticket.objects.filter(pk=soon.pk).update(lead_due_at=now)
    assert (counted(desk, "Overdue"), counted(desk, "Due soon")) == ("2", "0")


@pytest.mark.clause("M3.3", "S4.2")
def test_approvals_callbacks_and_the_archive_have_queues_of_their_own(cast: Cast) -> None:
    proposed = brought_to(cast, Move.PROPOSE)
    told = brought_to(cast, Move.TELL_CUSTOMER, phone="19900005678")
    closed = brought_to(cast, Move.CLOSE, phone="19900008765")
    taken_in(cast, phone="19900004321", is_history=True, carried=None)

    assert listed(Desk(cast.supervisor), "/queues/to_approve") == [proposed.number]
    assert listed(Desk(cast.manager), "/queues/to_approve") == [proposed.number]
    assert listed(Desk(cast.agent), "/queues/to_call_back") == [told.number]
    assert listed(Desk(cast.supervisor), "/queues/to_call_back") == [told.number]
    assert listed(Desk(cast.supervisor), "/queues/to_archive") == [closed.number]


@pytest.mark.clause("S3.1")
def test_a_task_of_a_finished_ticket_waits_for_nobody(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    Desk(cast.handler).make(ticket, Move.ASSIGN_TASK, to_team="billing", asked="核对三个月账单", due_at=ahead(4))
    withdrawn = {"reason": "客户撤诉", "evidence": "录音 3"}

    assert Desk(cast.agent).make(ticket, Move.WITHDRAW, **withdrawn).status_code == 200

    assert "核对三个月账单" not in text_of(Desk(cast.other_handler).get("/tasks"))


@pytest.mark.clause("S3.1")
def test_a_teams_tasks_wait_for_its_members_and_nobody_else(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    Desk(cast.handler).make(ticket, Move.ASSIGN_TASK, to_team="billing", asked="核对三个月账单", due_at=ahead(4))

    assert "核对三个月账单" in text_of(Desk(cast.other_handler).get("/tasks"))
    assert "核对三个月账单" not in text_of(Desk(cast.handler).get("/tasks"))
    assert counted(Desk(cast.other_handler), "Team tasks") == "1"


def test_the_nearest_due_time_comes_first(cast: Cast) -> None:
    numbers = many(cast, 3)
    now = timezone.now()
    for place, number in enumerate(numbers):
        Ticket.objects.filter(number=number).update(lead_due_at=now + timedelta(hours=30 - place))

    assert listed(Desk(cast.agent), "/queues/my_first_ownership") == numbers[::-1]


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "{} 到期"), ("en", "due {}")])
def test_a_row_says_when_it_falls_due_so_that_the_order_shows(cast: Cast, language: str, said: str) -> None:
    """Because what is left is counted in the hours of each clock's own calendar, and alone it looks unsorted."""
    now = timezone.now()
    for place, number in enumerate(many(cast, 3)):
        due_at = now.replace(year=now.year + 1, month=3, day=28 - place, hour=4, minute=5)
        Ticket.objects.filter(number=number).update(lead_due_at=due_at)

    page = text_of(Desk(cast.agent, language=language).get("/queues/my_first_ownership"))

    year = now.year + 1
    assert re.findall(said.format(r"(\d[\d: -]+\d)") + " ·", page) == [f"{year}-03-{day} 12:05" for day in (26, 27, 28)]


def test_a_due_time_of_this_year_has_no_more_than_tells_it_apart(cast: Cast) -> None:
    """Because it stands beside a clock, in a row that is to grow no taller."""
    at = datetime(2026, 11, 28, 1, tzinfo=UTC)
    said = short_moments(at, weekday=False)

    assert said(at + timedelta(hours=8)) == "17:00"
    assert said(at + timedelta(days=2)) == "11-30 09:00"
    assert said(at + timedelta(days=60)) == "2027-01-27 09:00"


def test_a_ticket_that_falls_due_at_no_time_says_none(cast: Cast) -> None:
    ticket = taken_in(cast)
    Ticket.objects.filter(pk=ticket.pk).update(lead_due_at=NEVER)

    assert "queue-due" not in Desk(cast.agent).get("/queues/my_first_ownership").content.decode()


def test_a_long_queue_is_paged_by_place_there_and_back(cast: Cast) -> None:
    many(cast, 120)
    desk, first = Desk(cast.agent), "/queues/my_first_ownership"
    seen, address = [], first
    pages = []
    while address:
        pages.append(listed(desk, address))
        seen += pages[-1]
        found = re.search(r'rel="next" href="([^"]+)"', desk.get(address).content.decode())
        address = first + found[1].replace("&amp;", "&") if found else ""

    assert [len(page) for page in pages] == [50, 50, 20]
    assert len(set(seen)) == 120
    due = dict(Ticket.objects.values_list("number", "lead_due_at"))
    assert [due[number] for number in seen] == sorted(due.values())
    second = desk.get(
        first + re.search(r'rel="next" href="([^"]+)"', desk.get(first).content.decode())[1].replace("&amp;", "&")
    )
    back = re.search(r'rel="prev" href="([^"]+)"', second.content.decode())[1].replace("&amp;", "&")
    assert listed(desk, first + back) == pages[0]


@pytest.mark.parametrize("place", ["nonsense", "2026-03-02T09:00:00~0", "~", "2026-03-02~x", "9999-99-99~1"])
def test_a_place_that_makes_no_sense_is_the_beginning(cast: Cast, place: str) -> None:
    ticket = taken_in(cast)

    assert listed(Desk(cast.agent), f"/queues/my_first_ownership?after={place}") == [ticket.number]


def test_badges_stop_at_99(cast: Cast) -> None:
    many(cast, 101)

    assert counted(Desk(cast.agent), "I own first") == "99+"


def test_a_queue_costs_the_same_however_long_it_is(cast: Cast) -> None:
    """Because a list that asks once a row is slow exactly when it matters."""
    desk = Desk(cast.agent)
    many(cast, 1)
    desk.get("/queues/my_first_ownership")
    with CaptureQueriesContext(
        connection,
    ) as one:
        desk.get("/queues/my_first_ownership")
    many(cast, 60)
    with CaptureQueriesContext(connection) as sixty:
        desk.get("/queues/my_first_ownership")

    assert len(sixty) == len(one)
    assert len(sixty) <= 11


def test_all_the_counts_are_one_question(cast: Cast) -> None:
    many(cast, 3)
    with CaptureQueriesContext(connection) as asked:
        Desk(cast.supervisor).get("/tabs")

    assert sum("count(*)" in query["sql"] for query in asked) == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ticket_type=fault", {"fault"}),
        ("category=tariff", {"bill"}),
        ("category=network", {"fault", "weak"}),
        ("priority=important", {"weak"}),
        ("region=3401", {"fault", "bill", "weak"}),
        ("region=3402", {"fault", "bill", "weak"}),  # not theirs, so not among the choices
        ("category=network&ticket_type=fault", {"fault"}),
        ("category=nonsense", {"fault", "bill", "weak"}),
    ],
)
def test_a_queue_is_narrowed_by_filters_that_make_sense(cast: Cast, query: str, expected: set[str]) -> None:
    tickets = {
        "fault": taken_in(cast, ticket_type="fault", category="network.broadband.outage"),
        "bill": taken_in(cast, category="tariff.abnormal_fee.overage", phone="19900005678"),
        "weak": taken_in(cast, severity="serious", phone="19900008765"),
    }

    numbers = set(listed(Desk(cast.agent), f"/queues/my_first_ownership?{query}"))

    assert numbers == {tickets[name].number for name in expected}


@pytest.mark.clause("T1.3b")
def test_a_row_shows_enough_to_recognise_and_too_little_to_use(cast: Cast) -> None:
    ticket = taken_in(cast, phone="19900001234", name="张三丰")
    page = Desk(cast.agent, language="zh-hans").get("/queues/my_first_ownership").content.decode()

    assert ticket.number in page
    assert "199****1234" in page
    assert "张**" in page
    assert "19900001234" not in page
    assert "张三丰" not in page
    assert "信号弱" in page
    assert "网络质量" in page
    assert "坐席甲" in page


def test_an_empty_queue_teaches(cast: Cast) -> None:
    desk = Desk(cast.supervisor)

    for queue in queues_of(cast.actor("supervisor"), current_edition()):
        page = unescape(text_of(desk.get(f"/queues/{queue.code}")))
        assert str(queue.empty) in page
        assert len(str(queue.teaches)) > len(str(queue.empty))
        assert str(queue.teaches) in page


def test_every_queue_the_shipped_rules_name_is_known_to_the_desk(cast: Cast) -> None:
    named = {code for role in current_edition().roles.values() for code in role.queues}

    assert named <= set(QUEUES)


def test_a_person_of_two_roles_has_the_queues_of_both_once(cast: Cast) -> None:
    both = make_person("both", display_name="双岗", roles=["agent", "supervisor"], regions=["3401"])
    desk = Desk(both)

    names = re.findall(r'href="/queues/([a-z_]+)"', desk.get("/tabs").content.decode())

    assert len(names) == len(set(names))
    assert {"my_first_ownership", "to_approve"} <= set(names)


def test_a_ticket_whose_clocks_are_stale_is_counted_anew(cast: Cast) -> None:
    """Because the row of a clock is a projection, trusted only while it was derived from the whole history."""
    ticket = taken_in(cast)
    desk = Desk(cast.agent)
    before = desk.get("/queues/my_first_ownership").content.decode()
    Ticket.objects.filter(pk=ticket.pk).update(replayed_seq=0)
    ticket.clocks.update(state="met")

    assert "no clock is running" not in before
    assert "no clock is running" not in desk.get("/queues/my_first_ownership").content.decode()


def test_what_is_read_in_one_breath_is_what_the_orm_reads(cast: Cast) -> None:
    """Because the question is written out, and a column that is renamed must not be forgotten in it."""
    ticket = brought_to(cast, Move.INVESTIGATE)
    [model], [read] = for_rows(Ticket.objects.all()), read_tickets([ticket.pk])

    assert read._asdict() == {name: getattr(model, name) for name in ReadTicket._fields}
