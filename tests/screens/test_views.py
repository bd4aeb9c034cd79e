"""Lists narrowed by several answers at once, kept under a name, found by those they are shared with."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shouwen.desk.models import SavedView
from shouwen.desk.views import MOST_VIEWS
from shouwen.handbook.moves import Move
from shouwen.tickets.models import NEVER, Ticket
from tests.cast import Cast
from tests.screens.desk import Desk, brought_to, taken_in, text_of
from tests.screens.test_desk_queues import listed, many

pytestmark = [pytest.mark.django_db, pytest.mark.clause("S3.3")]

OWN = "/queues/my_first_ownership"


def keep(
    desk: Desk, name: str = "急件", query: str = "priority=important", shared: str = "private", queue: str = "all"
) -> SavedView:
    """Keep a list as a view; the view."""
    answer = desk.post(f"/views/new/{queue}?{query}", {"name": name, "shared": shared})
    assert answer.status_code == 302, answer.content.decode()
    return SavedView.objects.get(name=name)


def in_bar(desk: Desk) -> list[str]:
    """The names of the views in the bar."""
    bar = desk.get("/tabs").content.decode()
    return re.findall(r'class="is-view"><a[^>]*><svg.*?</svg><span[^>]*>([^<]+)</span>', bar)


def count_of(desk: Desk, name: str) -> str:
    found = re.search(rf"{name}(?:</span>)?<span class=\"count[^>]*>([0-9+]+)<", desk.get("/tabs").content.decode())
    assert found, name
    return found[1]


def test_several_answers_to_one_question_are_or_and_several_questions_are_and(cast: Cast) -> None:
    fault = taken_in(cast, ticket_type="fault", category="network.broadband.outage")
    bill = taken_in(cast, category="tariff.abnormal_fee.overage", phone="19900005678")
    weak = taken_in(cast, phone="19900008765")
    desk = Desk(cast.agent)

    both = listed(desk, f"{OWN}?ticket_type=fault&ticket_type=complaint")
    one = listed(desk, f"{OWN}?ticket_type=fault&ticket_type=complaint&category=network")

    assert set(both) == {fault.number, bill.number, weak.number}
    assert set(one) == {fault.number, weak.number}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("due=overdue", {"late"}),
        ("due=in_30_minutes", {"soon"}),
        ("due=in_4_hours", {"soon", "later"}),
        ("due=overdue&due=in_30_minutes", {"late", "soon"}),
        ("due=no_clock", {"never"}),
    ],
)
def test_what_will_breach_is_found_by_when_it_is_due(cast: Cast, query: str, found: set[str]) -> None:
    due = {"late": -1, "soon": 29, "later": 31, "never": None}
    numbers, now = {}, timezone.now()
    for n, (name, minutes) in enumerate(due.items()):
        ticket = taken_in(cast, phone=f"1990000{n:04}")
        numbers[name] = ticket.number
        due_at = NEVER if minutes is None else now + timedelta(minutes=minutes)
        Ticket.objects.filter(pk=ticket.pk).update(lead_due_at=due_at)

    assert set(listed(Desk(cast.agent), f"{OWN}?{query}")) == {numbers[name] for name in found}


def test_hands_teams_standing_channel_mark_round_and_day_narrow_a_list(cast: Cast) -> None:
    desk = taken_in(cast)
    Ticket.objects.filter(pk=desk.pk).update(handler=None)
    at_work = brought_to(cast, Move.INVESTIGATE, phone="19900005678")
    Ticket.objects.filter(pk=at_work.pk).update(standing="held", mark="emergency", round=2, channel="app")
    today = timezone.localtime(timezone.now()).date()
    yesterday = (today - timedelta(days=1)).isoformat()
    reader, handler = Desk(cast.agent), cast.handler.pk

    assert listed(reader, f"{OWN}?handler={handler}") == [at_work.number]
    assert listed(reader, f"{OWN}?handler=none") == [desk.number]
    assert set(listed(reader, f"{OWN}?handler=none&handler={handler}")) == {desk.number, at_work.number}
    assert listed(reader, f"{OWN}?team=network-3401") == [at_work.number]
    assert listed(reader, f"{OWN}?team=none") == [desk.number]
    assert listed(reader, f"{OWN}?standing=held") == [at_work.number]
    assert listed(reader, f"{OWN}?channel=app&mark=emergency&round=again") == [at_work.number]
    assert len(listed(reader, f"{OWN}?received_from={yesterday}&received_to={yesterday}")) == 2
    assert listed(reader, f"{OWN}?received_to={(today - timedelta(days=2)).isoformat()}") == []
    assert listed(Desk(cast.handler), "/queues/all?handler=me") == [at_work.number]


@pytest.mark.parametrize(
    "query",
    ["due=never", "handler=x", "received_from=yesterday", "received_to=9999-12-31", "order=x", "stage=archived"],
)
def test_what_makes_no_sense_narrows_nothing(cast: Cast, query: str) -> None:
    ticket = taken_in(cast)

    assert listed(Desk(cast.agent), f"{OWN}?{query}") == [ticket.number]


def test_each_answer_is_a_chip_and_the_chip_is_the_address_without_it(cast: Cast) -> None:
    page = Desk(cast.agent).get(f"{OWN}?ticket_type=fault&ticket_type=complaint&order=received").content.decode()

    chips = re.findall(r'class="chip" href="([^"]+)">([^<]+)<', page)
    assert [label for _, label in chips] == ["Type: Complaint", "Type: Fault"]
    assert chips[0][0].replace("&amp;", "&") == f"{OWN}?ticket_type=fault&order=received"


def test_a_list_is_ordered_by_receipt_and_by_change(cast: Cast) -> None:
    numbers, now = many(cast, 3), timezone.now()
    for place, number in enumerate(numbers):
        Ticket.objects.filter(number=number).update(changed_at=now - timedelta(hours=(place * 2) % 3))
    desk = Desk(cast.agent)

    assert listed(desk, f"{OWN}?order=received") == numbers
    assert listed(desk, f"{OWN}?order=oldest") == numbers[::-1]
    changed = listed(desk, f"{OWN}?order=changed")
    assert changed == [numbers[0], numbers[2], numbers[1]]
    assert listed(desk, f"{OWN}?order=untouched") == changed[::-1]


def test_a_list_too_long_for_its_order_says_so_and_leads_with_what_is_due(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Because no index knows when a ticket was changed last: it would be written with every event."""
    monkeypatch.setattr("shouwen.desk.listing.SORTED_AT_MOST", 2)
    many(cast, 3)
    desk = Desk(cast.agent)

    page = desk.get(f"{OWN}?order=untouched")

    assert "too long to be put in that order" in text_of(page)
    assert listed(desk, f"{OWN}?order=untouched") == listed(desk, OWN)


def test_a_list_is_kept_under_a_name_and_stands_in_the_bar_with_its_count(cast: Cast) -> None:
    taken_in(cast, ticket_type="fault", category="network.broadband.outage")
    taken_in(cast, phone="19900005678")
    desk = Desk(cast.agent)

    view = keep(desk, "故障", "ticket_type=fault&order=received")

    assert in_bar(desk) == ["故障"]
    assert count_of(desk, "故障") == "1"
    page = desk.get(f"/queues/all?{view.query}&view={view.pk}")
    assert "<h1>故障</h1>" in page.content.decode()
    assert view.query == "ticket_type=fault&order=received"


def test_more_than_a_view_keeps_is_refused_with_what_to_do(cast: Cast) -> None:
    chosen = "&".join(f"{question}={uuid4()}" for question in ("handler", "owner") for _ in range(40))

    answer = Desk(cast.agent).post(f"/views/new/all?{chosen}", {"name": "全部", "shared": "private"})

    assert answer.status_code == 422
    assert "Leave some of the filters out" in text_of(answer)


@pytest.mark.parametrize("address", ["/access-log?until=9999-12-31", "/access-log?since=0001-01-01"])
def test_a_day_beyond_all_calendars_is_none(cast: Cast, address: str) -> None:
    assert Desk(cast.administrator).get(address).status_code == 200


def test_the_count_of_a_view_stops_at_99(cast: Cast) -> None:
    many(cast, 101)
    desk = Desk(cast.agent)
    keep(desk, "全部投诉", "ticket_type=complaint")

    assert count_of(desk, "全部投诉") == "99+"


def test_a_count_of_which_not_all_was_looked_at_says_at_least(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shouwen.desk.counting.WALKED", 3)
    many(cast, 4)
    desk = Desk(cast.agent)
    keep(desk, "全部投诉", "ticket_type=complaint")

    assert count_of(desk, "全部投诉") == "3+"


@pytest.mark.parametrize(
    ("shared", "found_by"),
    [
        ("private", set()),
        ("team:network-3401", {"handler"}),
        ("role:agent", {"agent", "other_agent"}),
        ("public", {"agent", "other_agent", "handler", "manager"}),
    ],
)
def test_a_view_is_found_by_those_it_is_shared_with(cast: Cast, shared: str, found_by: set[str]) -> None:
    cast.supervisor.teams.set(["network-3401"])
    keep(Desk(cast.supervisor), "主管的视图", "ticket_type=fault", shared)

    others = {"agent", "other_agent", "handler", "manager"}
    assert {who for who in others if "主管的视图" in in_bar(Desk(getattr(cast, who)))} == found_by


def test_an_agent_shares_with_a_team_and_not_with_everybody(cast: Cast) -> None:
    """Because a bar full of strangers' views is no bar."""
    desk = Desk(cast.agent)

    assert desk.post("/views/new/all?ticket_type=fault", {"name": "x", "shared": "public"}).status_code == 422
    assert keep(desk, "班组的", shared="team:service").shared_with == "service"
    assert desk.post("/views/new/all", {"name": "y", "shared": "team:network-3401"}).status_code == 422


@pytest.mark.clause("H7.3.1")
def test_a_shared_view_shows_each_reader_only_what_they_may_see(cast: Cast) -> None:
    here, elsewhere = taken_in(cast), taken_in(cast, region="341204", phone="19900005678")
    keep(Desk(cast.manager), "全省投诉", "ticket_type=complaint", "public")

    seen = listed(Desk(cast.supervisor), "/queues/all?ticket_type=complaint")

    assert seen == [here.number]
    assert count_of(Desk(cast.supervisor), "全省投诉") == "1"
    assert elsewhere.number in listed(Desk(cast.manager), "/queues/all?ticket_type=complaint")


def test_only_its_maker_renames_or_deletes_a_view(cast: Cast) -> None:
    view = keep(Desk(cast.supervisor), "公开的", shared="public")
    stranger, maker = Desk(cast.agent), Desk(cast.supervisor)

    assert stranger.post(f"/views/{view.pk}", {"name": "别的", "shared": "private"}).status_code == 404
    assert stranger.post(f"/views/{view.pk}/deletion").status_code == 404
    assert stranger.post(f"/views/{view.pk}/list", {"query": ""}).status_code == 404
    assert maker.post(f"/views/{view.pk}", {"name": "新名", "shared": "private"}).status_code == 302
    view.refresh_from_db()
    assert (view.name, view.shared) == ("新名", "private")


def test_a_view_takes_over_what_its_list_was_changed_to(cast: Cast) -> None:
    desk = Desk(cast.agent)
    view = keep(desk)
    changed = desk.get(f"/queues/all?priority=important&ticket_type=fault&view={view.pk}")
    assert "Keep in this view" in text_of(changed)

    desk.post(f"/views/{view.pk}/list", {"query": "ticket_type=fault&priority=important&before=x"})

    view.refresh_from_db()
    assert view.query == "ticket_type=fault&priority=important"


def test_a_deletion_can_be_taken_back_for_a_moment(cast: Cast) -> None:
    desk = Desk(cast.agent)
    view = keep(desk)
    page = desk.post(f"/views/{view.pk}/deletion", follow=True)
    assert "“急件” is deleted." in text_of(page)
    assert in_bar(desk) == []

    desk.post(f"/views/{view.pk}/restoration")
    assert in_bar(desk) == ["急件"]

    desk.post(f"/views/{view.pk}/deletion")
    SavedView.objects.update(deleted_at=timezone.now() - timedelta(minutes=3))
    desk.post(f"/views/{view.pk}/restoration")
    assert in_bar(desk) == []


def test_everybody_puts_views_into_an_order_of_their_own(cast: Cast) -> None:
    one, two = keep(Desk(cast.supervisor), "甲", shared="public"), keep(Desk(cast.supervisor), "乙", shared="public")
    desk = Desk(cast.agent)

    desk.post(f"/views/{two.pk}/place", {"where": "up"})
    assert in_bar(desk) == ["乙", "甲"]
    assert in_bar(Desk(cast.supervisor)) == ["甲", "乙"]

    desk.post(f"/views/{one.pk}/place", {"where": "away"})
    assert in_bar(desk) == ["乙"]
    desk.post(f"/views/{one.pk}/place", {"where": "bar"})
    assert in_bar(desk) == ["乙", "甲"]


def test_a_view_of_a_queue_one_no_longer_has_is_not_shown(cast: Cast) -> None:
    desk = Desk(cast.supervisor)
    keep(desk, "待审批急件", queue="to_approve")
    cast.supervisor.roles = ["agent"]
    cast.supervisor.save()

    assert in_bar(desk) == []


def test_nobody_keeps_views_without_end(cast: Cast) -> None:
    kept = {"queue": "all", "owner": cast.agent, "created_at": timezone.now()}
    SavedView.objects.bulk_create(SavedView(name=f"视图 {n}", **kept) for n in range(MOST_VIEWS))

    answer = Desk(cast.agent).post("/views/new/all", {"name": "再来一个", "shared": "private"})

    assert answer.status_code == 422
    assert "Delete one you no longer need" in text_of(answer)


def test_the_bar_costs_the_same_with_one_view_and_with_eight(cast: Cast) -> None:
    desk = Desk(cast.supervisor)
    keep(desk, "一")
    with CaptureQueriesContext(connection) as one:
        desk.get("/tabs")
    for n in range(8):
        keep(desk, f"视图 {n}", f"priority=important&handler={cast.handler.pk}&region=3401")
    with CaptureQueriesContext(connection) as many_views:
        desk.get("/tabs")

    assert len(many_views) == len(one)


def test_the_form_of_the_filters_shows_what_is_ticked(cast: Cast) -> None:
    page = Desk(cast.agent).get(f"{OWN}/filters?ticket_type=fault&received_from=2026-03-01").content.decode()

    assert re.search(r'name="ticket_type" value="fault" checked', page)
    assert re.search(r'name="received_from" value="2026-03-01"', page)
    assert "坐席甲" in page


def test_an_unchanged_list_answers_304_and_reads_no_rows(cast: Cast) -> None:
    """Because every desk asks three times a minute, all day."""
    ticket = taken_in(cast)
    desk, asks = Desk(cast.agent), {"HX-Request": "true", "HX-Target": "list"}
    first = desk.get(OWN, headers=asks)

    with CaptureQueriesContext(connection) as asked:
        same = desk.get(OWN, headers={**asks, "If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert len(asked) <= 6
    assert not any("vault_item" in query["sql"] or "clock" in query["sql"] for query in asked)

    desk.make(ticket, Move.NOTE, text="客户来电催办")
    changed = desk.get(OWN, headers={**asks, "If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed.content.decode().lstrip().startswith('<div id="list"')


def test_unchanged_badges_answer_304(cast: Cast) -> None:
    taken_in(cast)
    desk = Desk(cast.agent)
    first = desk.get("/tabs")

    assert desk.get("/tabs", headers={"If-None-Match": first["ETag"]}).status_code == 304
    taken_in(cast, phone="19900005678")
    assert desk.get("/tabs", headers={"If-None-Match": first["ETag"]}).status_code == 200
