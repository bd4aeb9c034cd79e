"""Two tickets made one, at the desk and in the customer's own view."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from shouwen.desk.macros import save_macro
from shouwen.desk.models import Macro
from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.people.models import Person
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.queries import history_of
from tests.cast import Cast
from tests.files import photo, sent
from tests.screens.desk import HTMX, Desk, address, brought_to, offered, taken_in, text_of
from tests.screens.portal import enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def earlier(cast: Cast) -> Ticket:
    return taken_in(cast, received_at=timezone.now() - timedelta(days=2))


@pytest.fixture
def later(cast: Cast, earlier: Ticket) -> Ticket:
    return taken_in(cast, text="信号还是很弱。")


def merged(cast: Cast, later: Ticket, earlier: Ticket) -> None:
    answer = Desk(cast.agent).make(later, Move.MERGE, into=earlier.number, reason="同一事项")
    assert answer.status_code == 200, text_of(answer)


@pytest.mark.clause("H2.1.1b")
def test_the_form_offers_the_customer_s_earlier_tickets_of_the_type_and_no_other(
    cast: Cast, earlier: Ticket, later: Ticket
) -> None:
    stranger = taken_in(cast, phone="19900007777", received_at=earlier.received_at)
    fault = taken_in(cast, ticket_type="fault", received_at=earlier.received_at)
    desk = Desk(cast.agent)

    form = desk.ask(later, Move.MERGE).content.decode()

    assert earlier.number in form
    assert stranger.number not in form
    assert fault.number not in form
    assert Move.MERGE not in offered(desk.open(stranger))  # who has one ticket has nothing to merge


@pytest.mark.clause("H2.1.1b")
def test_a_ticket_of_another_category_is_offered_with_that_warning(cast: Cast, earlier: Ticket, later: Ticket) -> None:
    """Because a refund went into a broken line without a word."""
    desk = Desk(cast.agent)
    assert "another category" not in text_of(desk.ask(later, Move.MERGE))

    Ticket.objects.filter(pk=earlier.pk).update(category="billing.refund")

    assert "another category than this one" in text_of(desk.ask(later, Move.MERGE))


@pytest.mark.clause("H2.1.1b")
def test_where_no_ticket_can_lead_the_form_says_why(cast: Cast, later: Ticket) -> None:
    """Because an empty choice teaches nothing: it is the earlier one here, and the later one may be merged into it."""
    earliest = taken_in(cast, received_at=timezone.now() - timedelta(days=9))
    assert "None can be chosen: only an earlier ticket" in text_of(Desk(cast.agent).ask(earliest, Move.MERGE))
    assert "None can be chosen" not in text_of(Desk(cast.agent).ask(later, Move.MERGE))


@pytest.mark.clause("H2.1.1b", "U7.1")
def test_a_merging_that_would_lose_a_limit_is_refused_with_its_name(cast: Cast, earlier: Ticket) -> None:
    written = taken_in(cast, channel="letter")

    answer = Desk(cast.agent).make(written, Move.MERGE, into=earlier.number, reason="同一事项")

    assert "is not under these limits, or has them later: Receipt confirmed. Bring it" in text_of(answer)


@pytest.mark.clause("H2.1.1b")
def test_whoever_looks_for_either_number_finds_where_it_goes_on(cast: Cast, earlier: Ticket, later: Ticket) -> None:
    merged(cast, later, earlier)
    desk = Desk(cast.agent)

    for ticket in (earlier, later):
        assert desk.get("/search", {"q": ticket.number}).url == address(ticket)
    page = desk.open(later)
    assert f'href="{address(earlier)}"' in page.content.decode()
    assert "same matter as another ticket" in text_of(page)
    assert later.number in text_of(desk.open(earlier))
    assert {Move.UNMERGE, Move.NOTE} <= offered(page)


@pytest.mark.clause("H2.1.1b")
def test_the_customer_of_a_merged_ticket_is_led_to_the_one_it_goes_on_as(
    cast: Cast, earlier: Ticket, later: Ticket
) -> None:
    merged(cast, later, earlier)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    enter(client, later)

    page = client.get(f"/portal/tickets/{later.number}")
    onward = client.get(f"/portal/tickets/{earlier.number}")

    assert f'href="/portal/tickets/{earlier.number}"' in page.content.decode()
    assert "goes on there" in text_of(page)
    assert onward.status_code == 200
    assert later.number in text_of(onward)
    assert client.get(f"/portal/tickets/{later.number}").status_code == 200


@pytest.mark.clause("H2.1.1b")
def test_nobody_is_offered_to_take_a_merged_ticket_up_again_once_it_is_archived(
    cast: Cast, earlier: Ticket, later: Ticket
) -> None:
    merged(cast, later, earlier)
    Desk(cast.supervisor).make(later, Move.ARCHIVE)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    enter(client, later)

    assert not offered(Desk(cast.agent).open(later)) & {Move.REOPEN, Move.RATE}
    assert "Not satisfied?" not in text_of(client.get(f"/portal/tickets/{later.number}"))


PAGE = "/portal/tickets/{}"


def came_with_the_old_number(later: Ticket) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    enter(client, later)
    return client


@pytest.mark.clause("H2.1.1b", "T3.1")
def test_what_is_added_under_the_old_number_reaches_the_ticket_that_goes_on(
    cast: Cast, earlier: Ticket, later: Ticket
) -> None:
    """Because whoever knows only the old number and their phone has the same complaint as before."""
    merged(cast, later, earlier)
    client = came_with_the_old_number(later)
    url, before = PAGE.format(later.number), Ticket.objects.get(pk=later.pk).last_seq

    for _ in range(2):  # a button pressed twice adds once
        client.post(f"{url}/additions", {"form": "a" * 32, "text": "补充：晚上更差"})
    client.post(f"{url}/files", {"form": "b" * 32, "file": sent(photo(), "信号.jpg")})

    added = [row for row in history_of(earlier.pk) if row.what in (What.CUSTOMER_ADDED, What.ATTACHED)]
    assert [row.what for row in added] == [What.CUSTOMER_ADDED, What.ATTACHED]
    assert {row.by for row in added} == {f"customer:{later.customer_id}"}
    assert Ticket.objects.get(pk=later.pk).last_seq == before
    page = text_of(client.get(url))
    assert "You added something." in page
    assert "补充：晚上更差" in page
    assert "信号.jpg" in page


@pytest.mark.clause("H2.1.1b", "S4.1", "H7.2.4")
def test_under_the_old_number_a_customer_reads_the_result_rates_it_and_asks_for_another_round(
    cast: Cast, later: Ticket
) -> None:
    leading = brought_to(cast, Move.TELL_CUSTOMER, received_at=timezone.now() - timedelta(days=2))
    merge_by_history(later, leading)
    client, url = came_with_the_old_number(later), PAGE.format(later.number)

    page = client.get(url).content.decode()
    assert all(f'action="{url}/{form}"' in page for form in ("rating", "reopening", "additions"))
    assert "The result" in page
    rating = {"overall": "4", "result": "4", "handling": "2", "efficiency": "3", "words": "问题还在", "form": "c" * 32}
    assert client.post(f"{url}/rating", rating).status_code == 302
    assert client.post(f"{url}/reopening", {"form": "d" * 32, "reason": "还是差"}).status_code == 302

    happened = [row.what for row in history_of(leading.pk)]
    assert {What.RATED, What.REOPENED} <= set(happened)
    assert not {What.RATED, What.REOPENED} & {row.what for row in history_of(later.pk)}


@pytest.mark.clause("H2.1.1b", "X1")
def test_under_the_old_number_the_day_of_the_appeal_is_the_leading_ones(
    cast: Cast, earlier: Ticket, later: Ticket
) -> None:
    merged(cast, later, earlier)
    day = timezone.localtime(earlier.received_at + timedelta(days=15))

    assert f"{day:%Y-%m-%d}" in text_of(came_with_the_old_number(later).get(PAGE.format(later.number)))


@pytest.mark.clause("H2.1.1b")
def test_once_the_merging_is_taken_back_each_number_is_its_own_again(
    cast: Cast, earlier: Ticket, later: Ticket
) -> None:
    merged(cast, later, earlier)
    client, url = came_with_the_old_number(later), PAGE.format(later.number)
    Desk(cast.agent).make(later, Move.UNMERGE, reason="并错了")

    client.post(f"{url}/additions", {"form": "a" * 32, "text": "补充一点"})

    assert [row.what for row in history_of(later.pk)][-1] is What.CUSTOMER_ADDED
    assert What.CUSTOMER_ADDED not in {row.what for row in history_of(earlier.pk)}


@pytest.mark.clause("T1.3b", "H2.1.1b")
def test_a_history_that_names_another_customers_ticket_opens_nothing_of_it(cast: Cast, later: Ticket) -> None:
    """Because merging is within one customer, and a door does not rest on that having been kept elsewhere."""
    stranger = taken_in(cast, phone="19900007777", text="别人的事", received_at=timezone.now() - timedelta(days=2))
    merge_by_history(later, stranger)
    client, url = came_with_the_old_number(later), PAGE.format(later.number)

    assert "别人的事" not in client.get(url).content.decode()
    client.post(f"{url}/additions", {"form": "a" * 32, "text": "补充一点"})
    assert What.CUSTOMER_ADDED not in {row.what for row in history_of(stranger.pk)}
    assert client.get(PAGE.format(stranger.number)).status_code == 302


@pytest.mark.clause("H2.1.1b")
def test_a_merged_ticket_offers_what_may_be_done_there_and_says_where_work_goes_on(
    cast: Cast, earlier: Ticket, later: Ticket
) -> None:
    merged(cast, later, earlier)
    person = Person.objects.get(pk=cast.supervisor.pk)
    steps = {"回复": [{"move": "respond", "facts": {}}], "备注": [{"move": "note", "facts": {"text": "看过"}}]}
    for name, made in steps.items():
        save_macro(Macro(owner=person, shared=Macro.EVERYBODY, name=name, steps=made), by=person, at=timezone.now())
    desk = Desk(cast.agent)

    page = desk.open(later)
    assert "/macros" not in page.content.decode().partition('<div class="panes">')[0]
    assert f"goes on in: {earlier.number}" in text_of(page)
    assert "Next:" not in text_of(page)
    listed = text_of(desk.get(f"{address(later)}/macros", headers=HTMX))
    assert "备注" in listed
    assert "回复" not in listed
    assert earlier.number in listed


@pytest.mark.clause("H2.1.1b")
def test_a_merging_is_offered_to_be_taken_back_for_24_hours_and_no_longer(
    cast: Cast, earlier: Ticket, later: Ticket
) -> None:
    merged(cast, later, earlier)
    assert Move.UNMERGE in offered(Desk(cast.agent).open(later))

    event = TicketEvent.objects.filter(ticket=later, what="merged")
    event.update(happened_at=timezone.now() - timedelta(hours=24, seconds=1))

    page = Desk(cast.agent).open(later)
    assert Move.UNMERGE not in offered(page)
    assert Move.NOTE in offered(page)


@pytest.mark.clause("H2.1.1b")
def test_macros_that_cannot_begin_on_a_ticket_are_counted_and_not_offered(cast: Cast, later: Ticket) -> None:
    person = Person.objects.get(pk=cast.supervisor.pk)
    steps = {"归档": [{"move": "archive", "facts": {}}], "备注": [{"move": "note", "facts": {"text": "看过"}}]}
    for name, made in steps.items():
        save_macro(Macro(owner=person, shared=Macro.EVERYBODY, name=name, steps=made), by=person, at=timezone.now())

    listed = text_of(Desk(cast.supervisor).get(f"{address(later)}/macros", headers=HTMX))

    assert "备注" in listed
    assert "归档" not in listed
    assert "1 more does not fit this ticket as it stands." in listed


def merge_by_history(later: Ticket, leading: Ticket) -> None:
    """Write a merging down as it would stand, past the checks that come before it."""
    _happens(later, What.MERGED, {"into": leading.number, "stage": "merged"})
    _happens(leading, What.ABSORBED, {"merged": later.number})
    Ticket.objects.filter(pk=later.pk).update(stage="merged", is_open=False)


def _happens(ticket: Ticket, what: What, facts: dict[str, str]) -> None:
    last, at = TicketEvent.objects.filter(ticket=ticket).latest("seq"), timezone.now()
    TicketEvent.objects.create(
        ticket_id=ticket.pk,
        seq=last.seq + 1,
        what=what,
        happened_at=at,
        recorded_at=at,
        actor="system",
        source="test",
        facts=facts,
        leaf=last.leaf,
        txid=last.txid,
    )
    Ticket.objects.filter(pk=ticket.pk).update(last_seq=last.seq + 1)


def test_files_sent_to_the_leading_ticket_before_the_merging_are_not_shown_under_the_other_number(
    cast: Cast, earlier: Ticket, later: Ticket
) -> None:
    """Because a slip of one number opens one complaint; what is sent under it since then is its own."""
    before, client = Client(), Client()
    enter(before, earlier)
    before.post(f"/portal/tickets/{earlier.number}/files", {"form": "one", "file": sent(photo(), "合同.jpg")})
    merged(cast, later, earlier)
    enter(client, later)
    files = f"/portal/tickets/{later.number}/files"
    client.post(files, {"form": "two", "file": sent(photo(), "光猫.jpg")})

    for path in (f"/portal/tickets/{later.number}", files):
        page = client.get(path).content.decode()
        assert "光猫.jpg" in page
        assert "合同.jpg" not in page


def test_a_door_opened_for_the_leading_ticket_leads_to_no_other(cast: Cast, earlier: Ticket, later: Ticket) -> None:
    merged(cast, later, earlier)
    client = Client()
    enter(client, earlier)

    assert client.get(f"/portal/tickets/{later.number}").status_code == 302


@pytest.mark.clause("U3.1")
def test_what_was_split_off_and_its_origin_name_each_other(cast: Cast, later: Ticket) -> None:
    desk = Desk(cast.agent)
    facts = {"other_category": "tariff.abnormal_fee.overage", "text": "另外，上月多扣了 20 元。"}

    assert desk.make(later, Move.SPLIT, **facts).status_code == 200

    new = history_of(later.pk)[-1].facts["split_off"]
    assert new in text_of(desk.open(later))
    assert f'href="{address(later)}"' in desk.open(new).content.decode()
