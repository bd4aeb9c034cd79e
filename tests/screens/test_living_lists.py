"""Lists keep themselves up to date: whoever has one already costs a 304, and what changed comes alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shouwen.escalations.models import OverdueReport
from shouwen.handbook.moves import Move
from shouwen.notices.models import MessageOrder
from shouwen.people.handovers import confirm_handover, hand_over_shift
from shouwen.people.models import Handover, Team
from shouwen.surveys.models import Callback, Review
from shouwen.surveys.queries import Rating
from shouwen.tickets.models import Ticket
from tests.cast import Cast
from tests.screens.desk import Desk, ahead, brought_to
from tests.screens.test_asking import rated, told
from tests.screens.test_desk_events import link
from tests.screens.test_notices import tell
from tests.screens.test_overdue_page import run_out

pytestmark = [pytest.mark.django_db, pytest.mark.clause("S3.3")]

ALONE = {"HX-Request": "true", "HX-Target": "list"}
PAGES = {
    "/overdue": "supervisor",
    "/reviews": "supervisor",
    "/outbox": "administrator",
    "/notices": "handler",
    "/events": "supervisor",
    "/handovers": "supervisor",
    "/tasks": "other_handler",
    "/approvals": "supervisor",
    "/callbacks": "agent",
    "/wall/open": "supervisor",
    "/wall/teams/network-3401": "supervisor",
    "/wall/regions/3401": "supervisor",
}


def with_something_in(cast: Cast) -> tuple[Ticket, Ticket]:
    """A ticket another team helps with, and one that waits for approval; every other list has one of its own."""
    helped = brought_to(cast, Move.INVESTIGATE, phone="19900005670")
    Desk(cast.handler).make(helped, Move.ASSIGN_TASK, to_team="billing", asked="核对账单", due_at=ahead(4))
    proposed = brought_to(cast, Move.PROPOSE)
    told(cast, phone="19900005678")
    rated(cast, Rating(overall=4), phone="19900005679")
    Callback.objects.update(next_at=timezone.now() - timedelta(minutes=1), agent=cast.agent)
    run_out(cast, phone="19900005680")
    tell(cast, helped, 2)
    tell(cast, helped, to=f"customer:{helped.customer_id}", channel="sms")
    link(cast, helped, proposed)
    hand_over_shift(Team.objects.get(pk="network-3401"), [], notes="", by=cast.handler, at=timezone.now())
    return helped, proposed


def again(desk: Desk, page: str, known: HttpResponse) -> HttpResponse:
    return desk.get(page, headers={**ALONE, "If-None-Match": known["ETag"]})


@pytest.mark.parametrize(("page", "who"), PAGES.items())
def test_an_unchanged_list_answers_304_and_draws_nothing(cast: Cast, page: str, who: str) -> None:
    """Because every desk asks three times a minute, all day."""
    with_something_in(cast)
    desk = Desk(getattr(cast, who))
    with CaptureQueriesContext(connection) as drawn:
        first = desk.get(page, headers=ALONE)

    with CaptureQueriesContext(connection) as asked:
        same = again(desk, page, first)

    assert (same.status_code, same.content) == (304, b"")
    assert first["Cache-Control"] == "no-store"
    assert len(asked) <= len(drawn)
    assert not any("vault_item" in query["sql"] for query in asked)


@pytest.mark.parametrize(("page", "who"), PAGES.items())
def test_the_page_names_its_list_as_the_list_alone_does(cast: Cast, page: str, who: str) -> None:
    """Because the first question after the page was opened is a 304 too."""
    with_something_in(cast)
    desk = Desk(getattr(cast, who))

    whole, alone = desk.get(page).content.decode(), desk.get(page, headers=ALONE)

    assert f'data-live="{page}"' in whole
    assert f'data-tag="{alone["ETag"].replace(chr(34), "&quot;")}"' in whole
    assert "<html" not in alone.content.decode()
    assert 'id="list"' in alone.content.decode()


def test_a_list_that_changed_comes_anew(cast: Cast) -> None:
    helped, proposed = with_something_in(cast)
    desks = {page: Desk(getattr(cast, who)) for page, who in PAGES.items()}
    known = {page: desk.get(page, headers=ALONE) for page, desk in desks.items()}

    Desk(cast.supervisor).make(proposed, Move.RETURN, reason="补充依据")
    Desk(cast.other_handler).make(helped, Move.ANSWER_TASK, task=helped.tasks.get().task, text="账单无误")
    Callback.objects.update(attempts=1)
    overrun = OverdueReport.objects.earliest("pk")
    OverdueReport.objects.filter(pk=overrun.pk).update(measure=OverdueReport.OPEN)
    Review.objects.update(due_at=timezone.now())
    MessageOrder.objects.filter(channel="sms").update(state=MessageOrder.FAILED)
    MessageOrder.objects.filter(cause__startswith="test/", channel="desk").update(read_at=timezone.now())
    link(cast, brought_to(cast, Move.ASSESS, phone="19900005681"), proposed)
    confirm_handover(Handover.objects.get().pk, remark="", by=cast.supervisor, at=timezone.now())

    changed = {page for page, desk in desks.items() if again(desk, page, known[page]).status_code == 200}
    assert changed == set(PAGES)


def test_a_notice_read_elsewhere_changes_the_list_though_it_leads_no_row(cast: Cast) -> None:
    with_something_in(cast)
    desk = Desk(cast.handler)
    first = desk.get("/notices", headers=ALONE)
    earlier, _newest = MessageOrder.objects.filter(cause__startswith="test/", channel="desk").order_by("ordered_at")
    MessageOrder.objects.filter(pk=earlier.pk).update(read_at=timezone.now())

    assert again(desk, "/notices", first).status_code == 200


def test_every_row_has_a_name_and_says_when_it_is_another(cast: Cast) -> None:
    """Because only rows that changed are drawn anew, where they stand."""
    with_something_in(cast)
    for page, who in PAGES.items():
        body = Desk(getattr(cast, who)).get(page, headers=ALONE).content.decode()
        names = re.findall(r'data-(?:item|ticket)="([^"]+)"', body)
        assert names, page
        assert len(names) == len(set(names)) == len(re.findall(r' data-seq="', body)), page


def test_a_call_whose_hour_comes_changes_the_list(cast: Cast) -> None:
    with_something_in(cast)
    later = "/callbacks?when=later"
    Callback.objects.update(next_at=timezone.now() + timedelta(hours=1))
    first = Desk(cast.agent).get(later, headers=ALONE)
    Callback.objects.update(next_at=timezone.now() - timedelta(seconds=1))

    assert again(Desk(cast.agent), later, first).status_code == 200


def test_each_language_has_its_own_answer(cast: Cast) -> None:
    with_something_in(cast)
    english = Desk(cast.supervisor).get("/approvals", headers=ALONE)

    assert again(Desk(cast.supervisor, language="zh-hans"), "/approvals", english).status_code == 200
