"""Two tickets become one, and one becomes two: both histories say so, and no time limit is lost (H2.1.1b, U3.1)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from shouwen.editions.actions import install_shipped_pack
from shouwen.handbook.history import Stage, What
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.merging import GoesOnElsewhere, LeadDone, LeadOfAnother, LeadYounger, MergedTooLongAgo, NoSuchLead
from shouwen.handbook.refusals import CategoryUnknown, FactRequired, MoveNotAllowed
from shouwen.handling.actions import move_ticket
from shouwen.notices.models import MessageOrder
from shouwen.service_levels.models import Clock
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of
from shouwen.vault.actions import erase_subject
from shouwen.vault.refusals import SubjectErased
from tests.cast import MONDAY, Cast, hire, take_in, walk
from tests.departments.test_handling import everything_wrong_with

LATER = MONDAY + timedelta(hours=5)


def merge(cast: Cast, ticket: Ticket, into: Ticket, *, at=LATER, who: str = "agent") -> Ticket:
    facts = {"into": into.number, "reason": "同一事项"}
    return move_ticket(ticket.number, Move.MERGE, by=cast.actor(who), happened_at=at, now=at, facts=facts)


def unmerge(cast: Cast, ticket: Ticket, *, at) -> Ticket:
    facts = {"reason": "并错了"}
    return move_ticket(ticket.number, Move.UNMERGE, by=cast.actor("agent"), happened_at=at, now=at, facts=facts)


def clocks_of(ticket: Ticket) -> dict[str, tuple]:
    rows = Clock.objects.filter(ticket=ticket)
    return {row.rule: (row.state, row.started_at, row.due_at, row.looks, row.look_at) for row in rows}


@pytest.fixture
def older(cast: Cast) -> Ticket:
    return walk(cast, take_in(cast), until=Move.INVESTIGATE)


@pytest.fixture
def younger(cast: Cast) -> Ticket:
    return take_in(cast, received_at=MONDAY + timedelta(hours=4), text="信号还是很弱。", severity="critical")


@pytest.mark.clause("H2.1.1b", "T4.3")
def test_the_younger_goes_on_in_the_older_and_both_histories_say_so(cast: Cast, older: Ticket, younger: Ticket) -> None:
    merged = merge(cast, younger, older)

    assert (merged.stage, merged.is_open) == (Stage.MERGED, False)
    assert history_of(younger.pk)[-1].facts["into"] == older.number
    absorbed = history_of(older.pk)[-1]
    assert (absorbed.what, absorbed.facts["merged"]) == (What.ABSORBED, younger.number)
    live = Clock.objects.filter(ticket=younger, state="running")
    assert [clock.rule for clock in live] == ["archive-without-handling"]
    for ticket in (older, younger):
        assert everything_wrong_with(ticket) == []
    told = MessageOrder.objects.get(ticket_id=younger.pk, template="ticket_merged")
    assert (told.params["number"], told.params["into"]) == (younger.number, older.number)
    noticed = MessageOrder.objects.get(ticket_id=older.pk, template="matter_absorbed")
    assert noticed.recipient == f"person:{cast.handler.pk}"


@pytest.mark.clause("H7.2.2")
def test_the_older_takes_over_the_stricter_priority_with_its_clock_from_its_own_receipt(
    cast: Cast, older: Ticket, younger: Ticket
) -> None:
    before, strict = older.priority, younger.priority
    assert before != strict

    merge(cast, younger, older)

    older.refresh_from_db()
    assert older.priority == strict
    assert Clock.objects.get(ticket=older, rule=f"priority-{strict}").started_at == older.received_at
    assert not Clock.objects.filter(ticket=older, rule=f"priority-{before}").exists()


@pytest.mark.clause("H2.1.1b")
def test_a_merging_taken_back_leaves_both_as_if_it_had_never_been(cast: Cast, older: Ticket, younger: Ticket) -> None:
    move_ticket(
        younger.number,
        Move.WAIT,
        by=cast.actor("agent"),
        happened_at=LATER,
        now=LATER,
        facts={"pause": "waiting_for_customer", "reason": "请补充", "until": "2026-03-03T09:00:00+08:00"},
    )
    before = {ticket.pk: clocks_of(ticket) for ticket in (older, younger)}
    priority = older.priority
    merge(cast, younger, older, at=LATER + timedelta(minutes=1))

    back = unmerge(cast, younger, at=LATER + timedelta(hours=24))

    assert (back.stage, back.standing, back.is_open) == ("received", "waiting", True)
    older.refresh_from_db()
    assert older.priority == priority
    for ticket in (older, younger):
        assert clocks_of(ticket) == before[ticket.pk]
        assert everything_wrong_with(ticket) == []
    released = history_of(older.pk)[-1]
    assert (released.what, released.facts["merged"]) == (What.RELEASED, younger.number)
    assert MessageOrder.objects.filter(ticket_id=younger.pk, template="ticket_unmerged").exists()


def test_after_a_day_it_stays_merged(cast: Cast, older: Ticket, younger: Ticket) -> None:
    merge(cast, younger, older)

    with pytest.raises(MergedTooLongAgo):
        unmerge(cast, younger, at=LATER + timedelta(hours=24, seconds=1))


def test_what_may_not_lead_is_refused_and_nothing_is_written(cast: Cast, older: Ticket, younger: Ticket) -> None:
    stranger = take_in(cast, phone="19900009999")
    far_away = take_in(cast, by=cast.actor("other_agent"), first_owner=str(cast.other_agent.pk), region="341204")
    for ticket, into, refusal in (
        (older, younger, LeadYounger),
        (younger, stranger, LeadOfAnother),
        (younger, far_away, NoSuchLead),
    ):
        with pytest.raises(refusal):
            merge(cast, ticket, into)
    with pytest.raises(NoSuchLead):
        move_ticket(
            younger.number, Move.MERGE, by=cast.actor("agent"), happened_at=LATER, now=LATER, facts={"reason": "无"}
        )

    assert {len(history_of(ticket.pk)) for ticket in (younger, stranger)} == {1}


def test_a_merged_ticket_is_worked_no_more_and_may_be_archived(cast: Cast, older: Ticket, younger: Ticket) -> None:
    merge(cast, younger, older)
    with pytest.raises(MoveNotAllowed):
        move_ticket(younger.number, Move.ADD, by=cast.actor("agent"), happened_at=LATER, now=LATER, facts={})

    archived = move_ticket(younger.number, Move.ARCHIVE, by=cast.actor("supervisor"), happened_at=LATER, now=LATER)

    assert archived.stage == "archived"
    again = {"happened_at": LATER, "now": LATER, "facts": {"reason": "仍然很弱"}}
    with pytest.raises(GoesOnElsewhere):
        move_ticket(younger.number, Move.REOPEN, by=cast.actor("agent"), **again)


def split(cast: Cast, ticket: Ticket, **changes: str) -> Ticket:
    facts = {"other_category": "tariff.abnormal_fee.overage", "text": "另外，上月多扣了 20 元。", **changes}
    move_ticket(ticket.number, Move.SPLIT, by=cast.actor("agent"), happened_at=LATER, now=LATER, facts=facts)
    return Ticket.objects.get(number=history_of(ticket.pk)[-1].facts["split_off"])


@pytest.mark.clause("U3.1")
def test_another_matter_becomes_a_ticket_of_its_own_received_when_its_origin_was(cast: Cast, older: Ticket) -> None:
    new = split(cast, older)

    assert new.received_at == older.received_at
    assert (new.customer_id, new.first_owner_id, new.region) == (older.customer_id, older.first_owner_id, older.region)
    assert (new.category, new.stage, new.description) == (
        "tariff.abnormal_fee.overage",
        "received",
        "另外，上月多扣了 20 元。",
    )
    accepted, origin = history_of(new.pk)[0], history_of(older.pk)[-1]
    assert (accepted.facts["split_from"], origin.facts["split_off"]) == (older.number, new.number)
    assert accepted.facts["contact"].keys() == {"phone", "name"}
    older.refresh_from_db()
    assert (older.category, older.stage) == ("network.coverage.weak", "investigating")
    assert MessageOrder.objects.filter(ticket_id=new.pk, template="acknowledgement").exists()
    for ticket in (older, new):
        assert everything_wrong_with(ticket) == []


@pytest.mark.clause("X1", "U3.1")
def test_the_clocks_of_what_was_split_off_run_from_the_receipt_of_the_whole(cast: Cast, older: Ticket) -> None:
    new = split(cast, older)

    statutory = Clock.objects.get(ticket=new, rule="statutory-answer")
    assert statutory.due_at == older.received_at + timedelta(days=15)
    assert {clock.started_at for clock in Clock.objects.filter(ticket=new)} == {older.received_at}


def test_a_customer_without_a_number_keeps_what_is_split_off(cast: Cast) -> None:
    nameless = take_in(cast, phone="", name="", channel="letter")

    assert split(cast, nameless).customer_id == nameless.customer_id


def test_a_split_needs_a_category_there_is_and_words(cast: Cast, older: Ticket) -> None:
    with pytest.raises(CategoryUnknown):
        split(cast, older, other_category="no.such")
    with pytest.raises(FactRequired):
        split(cast, older, text="")

    assert Ticket.objects.count() == 1


@pytest.mark.clause("T6.2")
def test_nothing_is_split_off_in_the_name_of_somebody_who_has_been_erased(cast: Cast, older: Ticket) -> None:
    erase_subject(older.customer_id, not_before=MONDAY, by="person:test", reason="客户申请", at=LATER)

    with pytest.raises(SubjectErased):
        split(cast, older)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_merge_the_same_two_tickets_into_each_other_at_once_one_is_refused() -> None:
    """Neither waits for the other for good, and no matter ends up in a ticket that went elsewhere."""
    install_shipped_pack(at=MONDAY)
    cast = hire()
    one, other = take_in(cast), take_in(cast)
    by, both = cast.actor("agent"), Barrier(2)

    def run(pair: tuple[Ticket, Ticket]) -> str:
        try:
            both.wait()
            facts = {"into": pair[1].number, "reason": "同一事项"}
            move_ticket(pair[0].number, Move.MERGE, by=by, happened_at=LATER, now=LATER, facts=facts)
            return "done"
        except (LeadDone, MoveNotAllowed) as refused:
            return type(refused).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(run, [(one, other), (other, one)]))

    assert answers.count("done") == 1
    assert sorted(Ticket.objects.values_list("stage", flat=True)) == ["merged", "received"]
